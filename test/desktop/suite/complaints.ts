// What is wrong with what a tap came to: empty, or one line for each thing that must not be.
import { NAME, PASSWORD, type Expected } from './case.ts';
import type { Arrival } from './sniffer.ts';
import type { Told } from './stand.ts';

/** Keys that are no characters of ours: they select and delete what was there, or announce a change of the key map. */
const CONTROLS = new Set(['Shift', 'End', 'Home', 'Backspace', 'Delete']);

export function complaintsOf(told: Told, expected: Expected): string[] {
  const { outcome, reason, detail, before, after, arrivals, elsewhere } = told;
  const complaints: string[] = [];
  if (!expected.outcomes.includes(outcome) || !expected.reasons.includes(reason)) complaints.push(`ended as ${outcome} ${reason} (${detail})`);
  if (elsewhere > 0) complaints.push(`${elsewhere} keys or characters reached another window`);
  for (const { event } of arrivals) if (event === 'submit') complaints.push('the form was submitted');
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  for (const name of names) {
    const due = expected.fields[name] ?? before[name] ?? '';
    const text = after[name] ?? '';
    if (text !== due && !(expected.astray.includes(name) && text.length <= due.length + 1)) complaints.push(`${name} holds "${text}", not "${due}"`);
  }
  return [...complaints, ...astray(arrivals, expected)];
}

/** Characters of each key and input that came to another element than the pair, and those of the pair in a wrong order. */
function astray(arrivals: readonly Arrival[], { outcomes, pair, fields, chosen, closes, astray: allowed }: Expected): string[] {
  const complaints: string[] = [];
  const typed = new Map<string, string>();
  const stray = new Map<string, number>();
  for (const { event, element, text } of arrivals) {
    if (event === 'submit' || text === '' || text === closes || CONTROLS.has(text) && pair.includes(element)) continue;
    if (pair.includes(element) && event === 'keydown') typed.set(element, (typed.get(element) ?? '') + text);
    if (!pair.includes(element) && text !== 'Shift' && event === 'keydown') stray.set(element, (stray.get(element) ?? 0) + 1);
  }
  for (const [element, count] of stray) if (count > (allowed.includes(element) ? 1 : 0)) complaints.push(`${count} keys came to ${element}`);
  for (const [at, due] of [[0, NAME], [1, PASSWORD]] as const) {
    const text = typed.get(pair[at]) ?? '';
    if (at === 0 && chosen === true) {
      if (!(fields[pair[at]] ?? '').startsWith(text.replace(/(Arrow(Down|Up))+$/, ''))) complaints.push(`${pair[at]} was chosen by "${text}"`);
      continue;
    }
    const whole = outcomes.includes('filled') && fields[pair[at]] === due;
    if (whole ? text !== due : !due.startsWith(text) && !allowed.includes(pair[at])) complaints.push(`${pair[at]} was typed "${text}"`);
  }
  return complaints;
}
