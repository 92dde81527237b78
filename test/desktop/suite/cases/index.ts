// All cases of the suite, by what they are about.
import type { Case } from '../case.ts';
import { beside, decoys, unseen } from './decoys.ts';
import { frameworks, rendering } from './frameworks.ts';
import { lists, ownLists } from './lists.ts';
import { dialogs, frames, shadows } from './places.ts';
import { constraints, plain } from './plain.ts';
import { changing, signatures } from './signatures.ts';

export const CASES: Readonly<Record<string, readonly Case[]>> = {
  plain, constraints, frameworks, rendering, shadows, frames, dialogs, lists, ownLists, signatures, changing, decoys, unseen, beside,
};
