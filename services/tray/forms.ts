// Password forms on their way: the person's answer is held as a secret until the tray's step says what becomes of it.
import { Secret } from '../../contracts/secret.ts';
import type { Show } from '../../platform/port.ts';
import type { ActorContext } from '../../runtime/actor.ts';
import type { EnrolAnswer } from '../../runtime/enrol.ts';
import { publicKeyOf, seal, type SealKeys } from '../../runtime/seal.ts';
import type { TrayCommand, TrayEvent, TrayState } from './state.ts';

type Command<K extends TrayCommand['command']> = Extract<TrayCommand, { command: K }>;

export interface FormsOptions {
  readonly context: Pick<ActorContext, 'bus' | 'log'>;
  readonly show: Pick<Show, 'passwordForm'>;
  readonly keys: SealKeys;
  readonly emit: (event: TrayEvent) => void;
  readonly state: () => TrayState;
}

export class PasswordForms {
  readonly #options: FormsOptions;
  readonly #users = new Map<string, string>();
  readonly #answers = new Map<string, Secret>();
  #machine: EnrolAnswer | undefined;

  constructor(options: FormsOptions) {
    this.#options = options;
  }

  /** Whom answers are sealed for. */
  enrolled(machine: EnrolAnswer): void {
    this.#machine = machine;
  }

  /** The broker asks for the password of `user`. */
  requested(request: string, user: string): void {
    this.#users.set(request, user);
    this.take({ event: 'password.requested', request });
  }

  /** Takes an event of a form, and forgets the names of forms that are over. */
  take(event: TrayEvent): void {
    this.#options.emit(event);
    const { form, waiting } = this.#options.state();
    for (const request of this.#users.keys()) {
      if (form?.request !== request && !waiting.some((one) => one.request === request)) this.#users.delete(request);
    }
  }

  async ask({ request, title, text, status }: Command<'form'>): Promise<void> {
    const { show, context } = this.#options;
    const answer = await show.passwordForm({ title, text, status, user: this.#users.get(request) ?? '' });
    if (answer instanceof Secret) {
      this.discard(request);
      this.#answers.set(request, answer);
      return this.take({ event: 'form.answered', request });
    }
    if ('unanswered' in answer) context.log.warn({ detail: answer.unanswered }, 'form.unanswered');
    this.take({ event: 'cancelled' in answer ? 'form.cancelled' : 'form.unanswered', request });
  }

  async submit(request: string): Promise<void> {
    const password = this.#answers.get(request);
    if (password === undefined || this.#machine === undefined) return;
    const { sealingKey, session } = this.#machine;
    const broker = await publicKeyOf(Buffer.from(sealingKey, 'base64'));
    const answer = await seal(password, this.#options.keys, broker, { purpose: 'password-form', binding: [request, session] });
    this.discard(request);
    await this.#options.context.bus.send('form.answered', { form: request, answer }, { to: 'credential-broker' });
  }

  cancel({ request, because }: Command<'password.cancel'>): void {
    this.discard(request);
    const byPerson = because === 'person' || because === 'attempts';
    const body = { form: request, answer: null, ...(byPerson ? {} : { unanswered: true }) };
    void this.#options.context.bus.send('form.answered', body, { to: 'credential-broker' });
  }

  discard(request: string): void {
    this.#answers.get(request)?.wipe();
    this.#answers.delete(request);
  }

  close(): void {
    for (const request of this.#answers.keys()) this.discard(request);
  }
}
