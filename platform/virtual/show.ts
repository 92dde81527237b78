// What a person sees of Tapline on the virtual desktop. An unreachable desktop shows nothing and asks nobody.
import { Secret } from '../../contracts/secret.ts';
import type { Show, TrayIcon } from '../port.ts';
import type { Desk } from './desk.ts';

export function showOn(desk: Desk): Show {
  return {
    async icon(icon: TrayIcon) {
      await desk.icon(icon);
    },
    async alert(alert) {
      await desk.alert(alert);
    },
    async messageBox({ title, message }) {
      await desk.messageBox(title, message);
    },
    async passwordForm(form) {
      const answer = await desk.passwordForm(form);
      if (answer === null) return { cancelled: true };
      return answer instanceof Secret ? answer : { unanswered: answer.detail };
    },
    async menu(items, chosen) {
      desk.onChosen(chosen);
      await desk.menu(items);
    },
    // There is no file manager on a virtual desktop.
    async openFolder() {},
    close: () => desk.close(),
  };
}
