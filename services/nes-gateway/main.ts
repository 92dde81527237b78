// The gateway's shell: the only one that speaks to NES. Answers the broker and the audit, keeps an eye on the policy, and
// says when the way to NES breaks or mends.
import { readFileSync } from 'node:fs';
import type { Body, Message, Reply } from '../../contracts/catalogue.ts';
import type { Reason } from '../../contracts/reasons.ts';
import type { Actor, ActorContext } from '../../runtime/actor.ts';
import { NesClient, type Answer } from './http.ts';
import { basicLogin } from './login.ts';

/** The policy is asked again so often; as long as NES is away, sooner. */
const POLICY_EVERY_MS = 60_000;
const POLICY_RETRY_MS = 2000;

type State = Body<'nes.reported'>['state'];

export async function start(context: ActorContext): Promise<Actor> {
  const { bus, clock, log } = context;
  const client = clientOf(context);
  let state: State = 'unknown';
  let timer: NodeJS.Timeout | undefined;

  const become = (next: State, detail: string | null): void => {
    if (next === state) return;
    state = next;
    log.info({ state, detail }, 'nes.state');
    void bus.send('nes.reported', { state, detail }, { to: 'credential-broker' });
  };
  /** What an answer says of the way to NES: an error of one request is no broken way. */
  const judge = (answer: Answer): Reason | null => {
    if (answer.ok) {
      if (state === 'unreachable') become('reachable', null);
      return null;
    }
    if (answer.reason === 'nes-unreachable') become('unreachable', answer.detail);
    log.info({ reason: answer.reason, link: answer.link, detail: answer.detail }, 'nes.failed');
    return answer.reason;
  };
  const watchPolicy = async (): Promise<void> => {
    const policy = await client?.policy();
    if (policy === undefined) become('unreachable', 'no NES is configured');
    else if (policy.ok) become(policy.lockControl ? 'reachable' : 'feature-disabled', null);
    else become('unreachable', policy.detail);
    timer = setTimeout(() => void watchPolicy(), state === 'unreachable' ? POLICY_RETRY_MS : POLICY_EVERY_MS);
  };

  const fetchCredential = async ({ body, envelope }: Extract<Message, { kind: 'nes.fetch-credential' }>): Promise<Reply<'nes.fetch-credential'>> => {
    const beganUs = clock.nowUs();
    const refused = (reason: Reason) => ({ refused: reason, tookMs: (clock.nowUs() - beganUs) / 1000 });
    if (client === null) return refused('nes-unreachable');
    if (state === 'feature-disabled') return refused('feature-disabled');
    const answer = await client.credentialOf(body.band, within(envelope.deadline - beganUs));
    const reason = judge(answer);
    if (!answer.ok) return refused(reason ?? 'nes-error');
    const { userActive, bandActive, userId, user, domain } = answer.holder;
    if (!userActive || !bandActive) return refused('inactive-user');
    return { refused: null, userId, user, domain, encryptedPassword: answer.encryptedPassword, tookMs: (clock.nowUs() - beganUs) / 1000 };
  };

  const handle = async (message: Message): Promise<unknown> => {
    const { kind, body } = message;
    switch (kind) {
      case 'nes.fetch-credential': return fetchCredential(message);
      case 'nes.store-password': return { refused: client === null ? 'nes-unreachable' : judge(await client.putEncryptedPassword(body.userId, body.encryptedPassword)) };
      case 'nes.remove-password': return { refused: client === null ? 'nes-unreachable' : judge(await client.deleteEncryptedPassword(body.userId)) };
      case 'nes.post-audit': return { refused: client === null ? 'nes-unreachable' : judge(await client.postAudit(body.events)) };
      case 'nes.issue-token': return issueToken(client, judge);
      default: return undefined;
    }
  };

  return {
    handle,
    opened: () => void watchPolicy(),
    lineChanged: (to, _session, up) => {
      if (to === 'credential-broker' && up) void bus.send('nes.reported', { state, detail: null }, { to: 'credential-broker' });
    },
    stop: async () => {
      clearTimeout(timer);
      client?.close();
    },
  };
}

async function issueToken(client: NesClient | null, judge: (answer: Answer) => Reason | null): Promise<Reply<'nes.issue-token'>> {
  if (client === null) return { refused: 'nes-unreachable' };
  const answer = await client.token();
  return answer.ok ? { refused: null, token: answer.token, url: client.url } : { refused: judge(answer) };
}

const within = (us: number): AbortSignal => AbortSignal.timeout(Math.max(1, Math.floor(us / 1000)));

/** Null where the configuration names no NES. */
function clientOf({ config: { nes } }: ActorContext): NesClient | null {
  if (nes.url === null || nes.login === null) return null;
  const { requestMs, tokenMs, auditMs } = nes.timeouts;
  const settings = { url: nes.url, instance: nes.instance, paths: nes.routes, timeoutMs: requestMs, tokenMs, auditMs };
  return new NesClient(nes.caFile === null ? settings : { ...settings, ca: readFileSync(nes.caFile, 'utf8') }, basicLogin(nes.login.passwordFile, nes.login.user));
}
