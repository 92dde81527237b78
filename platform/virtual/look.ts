// Looking at the virtual desktop: the model knows its context at any moment, so every call asks it.
import type { Look } from '../port.ts';
import type { Desk } from './desk.ts';

export const lookAt = (desk: Desk): Look => ({
  context: () => desk.context(),
  foreground: () => desk.foreground(),
  windows: () => desk.windows(),
  contextOf: (window) => desk.contextOf(window),
  close: () => desk.close(),
});
