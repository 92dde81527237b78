// Every contract, once. Codec, doors, docs, lock and tests fold over this table.
import type { z } from 'zod';
import type { ActorName } from './actors.ts';
import { ActorReported } from './actor.ts';
import { RecordEvent, RecordIntent, RecordOutcome, RecordPerson } from './audit.ts';
import * as credential from './credential.ts';
import type { Envelope } from './envelope.ts';
import { InjectionBegun, InjectionEnded } from './injection.ts';
import { FetchCredential, IssueToken, NesReported, PostAudit, RemovePassword, StorePassword } from './nes.ts';
import { Delivery, type Contract } from './schema.ts';
import { AgentReported, TapAccepted, TapCancelled, TapCommitted, TapDropped, TapEnded, TapObserved } from './tap.ts';
import { SettingsReported, TapReceived, TargetRefused, TargetResolved } from './window.ts';

const { CredentialIssued, CredentialRefused, FormAnswered, FormJudged, FormRequested } = credential;
const { PrekeysOffered, PrekeysWanted, ServiceReported } = credential;

const ALL = [
  TapAccepted, TapCommitted, TapCancelled, TapDropped, TapEnded, TapObserved, AgentReported,
  TapReceived, TargetResolved, TargetRefused, SettingsReported,
  CredentialIssued, CredentialRefused, PrekeysOffered, PrekeysWanted,
  FormRequested, FormAnswered, FormJudged, ServiceReported,
  InjectionBegun, InjectionEnded,
  FetchCredential, StorePassword, RemovePassword, IssueToken, PostAudit, NesReported,
  RecordIntent, RecordPerson, RecordOutcome, RecordEvent,
  ActorReported,
] as const;

type AnyContract = (typeof ALL)[number];
export type Kind = AnyContract['kind'];
type ContractOf<K extends Kind> = Extract<AnyContract, { kind: K }>;
export type Body<K extends Kind> = z.output<ContractOf<K>['body']>;
export type Reply<K extends Kind> = ContractOf<K>['reply'] extends null ? undefined : z.output<NonNullable<ContractOf<K>['reply']>>;

/** A received message: what it says, and its envelope. */
export type Message<K extends Kind = Kind> = { [P in K]: { readonly kind: P; readonly body: Body<P>; readonly envelope: Envelope } }[K];

export const CATALOGUE: ReadonlyMap<string, Contract> = new Map(ALL.map((contract) => [contract.kind, contract]));
export const contractOf = (kind: Kind): Contract => CATALOGUE.get(kind) as Contract;

/** May `from` send `kind` to the mailbox of `to`? The permission matrix, in one place. */
export function permitted(kind: string, from: ActorName, to: ActorName): boolean {
  const contract = CATALOGUE.get(kind);
  return contract !== undefined && contract.delivery === Delivery.direct && contract.from.includes(from) && contract.to.includes(to);
}

/** Who may send anything at all to the mailbox of `to`: one door each. */
export function sendersTo(to: ActorName): ActorName[] {
  const senders = [...CATALOGUE.values()].filter((contract) => contract.to.includes(to)).flatMap((contract) => contract.from);
  return [...new Set(senders)].sort();
}
/** Whose mailboxes `from` may write to. */
export function receiversOf(from: ActorName): ActorName[] {
  const receivers = [...CATALOGUE.values()].filter((contract) => contract.from.includes(from)).flatMap((contract) => contract.to);
  return [...new Set(receivers)].filter((to) => sendersTo(to).includes(from)).sort();
}
