// A value that can be used but not shown: every way of printing or packing it gives `[secret]`.
import { inspect } from 'node:util';

const MASK = '[secret]';

/** Bytes of a password or key. Owned by whoever holds the object; `wipe()` overwrites the bytes. */
export class Secret {
  #bytes: Uint8Array | undefined;

  /** Takes ownership of `bytes`: nobody else may keep or read them. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Length in bytes. Throws `SecretWipedError` after `wipe()`. */
  get byteLength(): number {
    return this.reveal((bytes) => bytes.byteLength);
  }

  /** Lends the bytes to `use`, which must not keep them. Throws `SecretWipedError` after `wipe()`. */
  reveal<R>(use: (bytes: Uint8Array) => R): R {
    if (this.#bytes === undefined) throw new SecretWipedError();
    return use(this.#bytes);
  }

  /** Overwrites the bytes with zeros; may be called again. */
  wipe(): void {
    this.#bytes?.fill(0);
    this.#bytes = undefined;
  }

  get wiped(): boolean {
    return this.#bytes === undefined;
  }

  toJSON(): string {
    return MASK;
  }

  toString(): string {
    return MASK;
  }

  [Symbol.toPrimitive](): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}

export class SecretWipedError extends Error {
  override readonly name = 'SecretWipedError';
  readonly code = 'SECRET_WIPED';

  constructor() {
    super('the secret has been wiped');
  }
}
