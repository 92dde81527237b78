// The password form's other end: asks the tray, opens what the person entered, encrypts it with the band's key, keeps it
// at NES and lets the audit know. A password lives here from the opened box to the encrypted blob.
import type { AuditEventName } from '../../contracts/audit-event.ts';
import type { Body } from '../../contracts/catalogue.ts';
import { Secret } from '../../contracts/secret.ts';
import type { ActorContext } from '../../runtime/actor.ts';
import { newId } from '../../runtime/id.ts';
import { open, publicKeyOf, type SealKeys } from '../../runtime/seal.ts';
import { isBandFailure, type Bands } from './band.ts';
import type { Holder } from './decide.ts';
import { sealPassword } from './vault.ts';

/** Somebody may be at lunch, but not for ever. */
const FORM_LIFE_MS = 600_000;
const FORMS_MAX = 16;
const KEY_WITHIN_MS = 3000;

interface Form {
  readonly form: string;
  readonly session: string;
  readonly band: string;
  readonly holder: Holder;
  readonly why: 'missing' | 'changed';
  readonly openedUs: number;
}

interface FormsOptions {
  readonly context: ActorContext;
  readonly bands: Bands;
  readonly keys: SealKeys;
}

export class Forms {
  readonly #options: FormsOptions;
  readonly #forms = new Map<string, Form>();

  constructor(options: FormsOptions) {
    this.#options = options;
  }

  /** Opens a form for the person, unless one is open already. */
  ask(session: string, band: string, holder: Holder, why: 'missing' | 'changed'): void {
    const { bus, clock } = this.#options.context;
    this.#expire();
    const open = [...this.#forms.values()].some((form) => form.session === session && form.holder.userId === holder.userId);
    if (open || this.#forms.size >= FORMS_MAX) return;
    const form: Form = { form: newId(), session, band, holder, why, openedUs: clock.nowUs() };
    this.#forms.set(form.form, form);
    void bus.send('form.requested', { form: form.form, user: accountOf(holder), why }, { to: 'tray', session });
  }

  async answered(session: string, trayKey: Uint8Array, { form: id, answer, unanswered }: Body<'form.answered'>): Promise<void> {
    this.#expire();
    const form = this.#forms.get(id);
    if (form === undefined || form.session !== session) return answer === null ? undefined : this.#judge(session, id, 'closed');
    if (answer === null) {
      this.#forms.delete(id);
      // Only a person gives up a password: one who is not there has not seen the form.
      if (form.why === 'changed' && unanswered !== true) await this.#remove(form);
      return;
    }
    const password = await open(answer, this.#options.keys, await publicKeyOf(trayKey), { purpose: 'password-form', binding: [id, session] });
    const verdict = password === null || password.byteLength === 0 ? 'wrong' : await this.#keep(form, password);
    password?.wipe();
    if (verdict === 'updated') this.#forms.delete(id);
    await this.#judge(session, id, verdict);
  }

  async #judge(session: string, form: string, verdict: Body<'form.judged'>['verdict']): Promise<void> {
    await this.#options.context.bus.send('form.judged', { form, verdict }, { to: 'tray', session });
  }

  async #keep(form: Form, password: Secret): Promise<'updated' | 'failed'> {
    const { context, bands } = this.#options;
    const key = await bands.keyOf(form.band, { timeoutMs: KEY_WITHIN_MS });
    if (isBandFailure(key)) return 'failed';
    const encryptedPassword = sealPassword(key, form.holder.userId, password);
    key.wipe();
    const stored = await context.bus.send('nes.store-password', { userId: form.holder.userId, encryptedPassword }, { to: 'nes-gateway' });
    if (!stored.ok || stored.reply.refused !== null) return 'failed';
    await this.#record(form, 'EncryptedPasswordUpdated');
    return 'updated';
  }

  /** The stored password is known to be wrong, and the person gave no other one. */
  async #remove(form: Form): Promise<void> {
    const removed = await this.#options.context.bus.send('nes.remove-password', { userId: form.holder.userId }, { to: 'nes-gateway' });
    if (removed.ok && removed.reply.refused === null) await this.#record(form, 'EncryptedPasswordRemoved');
  }

  async #record({ session, band, holder }: Form, event: AuditEventName): Promise<void> {
    const record = { session, event, band, user: accountOf(holder), reason: null };
    await this.#options.context.bus.send('audit.record-event', record, { to: 'audit' });
  }

  #expire(): void {
    const oldest = this.#options.context.clock.nowUs() - FORM_LIFE_MS * 1000;
    for (const form of this.#forms.values()) if (form.openedUs < oldest) this.#forms.delete(form.form);
  }
}

export const accountOf = ({ domain, user }: Holder): string => `${domain}\\${user}`;
