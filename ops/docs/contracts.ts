// contracts/README.md: every message, who may send it to whom, every reason, and what is said to others.
import { ACTORS, ACTOR_NAMES, actorsOf, Zone, type ActorName } from '../../contracts/actors.ts';
import { CATALOGUE } from '../../contracts/catalogue.ts';
import { describe } from '../../contracts/describe.ts';
import { Envelope } from '../../contracts/envelope.ts';
import type { Lock } from '../../contracts/lock.ts';
import { Outcome, REASONS } from '../../contracts/reasons.ts';
import { Delivery, type Contract } from '../../contracts/schema.ts';
import { documentExternal } from './external.ts';
import { fieldTable, sentence, table } from './markdown.ts';

const MESSAGES = [...CATALOGUE.values()];
const DIRECT = MESSAGES.filter(({ delivery }) => delivery === Delivery.direct);

/** The text of the file. `lock` names the messages that are retired. */
export function documentContracts(lock: Lock): string {
  const parts = [
    '# Contracts',
    'Written by `npm run docs` from the declarations in this folder; a test fails when it is stale.',
    'What may be said: every message is declared once, checked by its receiver field by field, and refused with the name of the field, never its value. '
      + '`direct` messages go to one mailbox and are acknowledged; a `fact` is published and may be lost. Every text, list and number has a bound; a message has at most 64 KiB.',
    '## Envelope', 'What every message carries beside its body.', fieldTable(describe(Envelope)),
    '## The way of a message', way(),
    '## Who may send what to whom', 'Rows send, columns receive. A mailbox has one door for each sender that stands here; a kind that is not named is refused at that door.', matrix(),
    '## Messages', ...MESSAGES.flatMap(messageSection),
    ...retired(lock),
    '## Ends of a tap', `Outcomes: ${Object.values(Outcome).map((outcome) => `\`${outcome}\``).join(', ')}. Every accepted tap ends once, with one outcome and one of these reasons.`,
    table(['reason', 'meaning'], Object.entries(REASONS).map(([code, meaning]) => [`\`${code}\``, meaning])),
    ...documentExternal(),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** One arrow for each pair of actors that speak. */
function way(): string {
  const zones = [Zone.session, Zone.machine].flatMap((zone) => [
    `  subgraph ${zone}["${zone} zone"]`,
    ...actorsOf(zone).map((actor) => `    ${actor}`),
    '  end',
  ]);
  const arrows = pairs().map(([from, to]) => `  ${from} -->|${kindsOf(from, to).join('<br>')}| ${to}`);
  return ['```mermaid', 'flowchart LR', ...zones, ...arrows, '```'].join('\n');
}

function matrix(): string {
  const receivers = ACTOR_NAMES.filter((to) => pairs().some(([, receiver]) => receiver === to));
  const rows = ACTOR_NAMES.filter((from) => pairs().some(([sender]) => sender === from));
  return table(['', ...receivers], rows.map((from) => [
    `**${from}**`,
    ...receivers.map((to) => kindsOf(from, to).map((kind) => `\`${kind}\``).join('<br>')),
  ]));
}

function pairs(): [ActorName, ActorName][] {
  return ACTOR_NAMES.flatMap((from) => ACTOR_NAMES.filter((to) => kindsOf(from, to).length > 0).map((to): [ActorName, ActorName] => [from, to]));
}

const kindsOf = (from: ActorName, to: ActorName): string[] =>
  DIRECT.filter((contract) => contract.from.includes(from) && contract.to.includes(to)).map(({ kind }) => kind);

function messageSection(contract: Contract): string[] {
  const { kind, v, doc, from, to, delivery, recorded, body, reply, hasSecret } = contract;
  const sender = from.length === ACTOR_NAMES.length ? 'every actor' : from.map(named).join(', ');
  const receiver = to.length === 0 ? 'whoever listens' : to.map(named).join(', ');
  const traits = [delivery, recorded ? 'recorded' : 'not recorded', ...(hasSecret ? ['holds a **secret**'] : [])];
  return [
    `### \`${kind}\` (version ${v})`,
    sentence(doc),
    `${sender} → ${receiver}; ${traits.join(', ')}.`,
    fieldTable(describe(body)),
    ...(reply === null ? [] : ['Reply:', fieldTable(describe(reply))]),
  ];
}

const named = (actor: ActorName): string => `${actor} (${ACTORS[actor].zone})`;

function retired({ messages }: Lock): string[] {
  const names = Object.entries(messages).filter(([, message]) => message.retired === true).map(([kind]) => `\`${kind}\``);
  return names.length === 0 ? [] : ['### Retired', `These names are never used again: ${names.join(', ')}.`];
}
