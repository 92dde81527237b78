// The HTTPS side of NES: the only file that holds an axios error, and it lets none out.
import { Agent } from 'node:https';
import { getCACertificates } from 'node:tls';
import axios, { type AxiosInstance } from 'axios';
import { NES_ROUTES, type NesRouteName } from '../../contracts/external/nes.ts';
import { failure, isStaleSocket, linkOf, type Failure } from './failure.ts';

export interface ConnectionOptions {
  /** PEM of the only authorities to trust. Default: those of Node and of the operating system. */
  readonly ca: string | undefined;
  readonly socketsMax: number;
}

export interface Sent {
  readonly route: NesRouteName;
  readonly url: string;
  readonly body: unknown;
  /** Null: none. */
  readonly authorization: string | null;
}

/** An answer of any status; which ones are good is for the caller to say. */
export interface Received {
  readonly status: number;
  readonly isJson: boolean;
  readonly body: Buffer;
}

export class Connection {
  readonly #agent: Agent;
  readonly #axios: AxiosInstance;

  /** Opens sockets when they are needed and keeps them. */
  constructor({ ca, socketsMax }: ConnectionOptions) {
    this.#agent = new Agent({
      keepAlive: true,
      scheduling: 'lifo',
      maxSockets: socketsMax,
      maxFreeSockets: socketsMax,
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
      ca: ca ?? [...getCACertificates('default'), ...getCACertificates('system')],
    });
    this.#axios = axios.create({ ...QUIET, httpsAgent: this.#agent });
  }

  /** One request. A connection found closed at its reuse is tried once more: each operation may be repeated. */
  async send({ route, url, body, authorization }: Sent, signal: AbortSignal): Promise<Received | Failure> {
    const request = {
      method: NES_ROUTES[route].method,
      url,
      headers: { ...HEADERS, ...(authorization === null ? {} : { Authorization: authorization }) },
      data: body === undefined ? undefined : JSON.stringify(body),
      signal,
    };
    for (let tries = 1; ; tries += 1) {
      try {
        const { data, headers, status } = await this.#axios.request<Buffer>(request);
        return { status, body: data, isJson: String(headers['content-type'] ?? '').startsWith('application/json') };
      } catch (error) {
        if (tries === 1 && !signal.aborted && isStaleSocket(error)) continue;
        return failure(route, linkOf(error, signal));
      }
    }
  }

  close(): void {
    this.#agent.destroy();
  }
}

const ANSWER_BYTES_MAX = 256 * 1024;
const BODY_BYTES_MAX = 1024 * 1024;
const HEADERS = { 'Accept': 'application/json', 'Accept-Encoding': 'identity', 'Content-Type': 'application/json' };

/** What axios would do by itself, switched off: proxies, redirects, unpacking, parsing, throwing by status. */
const QUIET = {
  adapter: 'http' as const,
  proxy: false as const,
  maxRedirects: 0,
  decompress: false,
  maxContentLength: ANSWER_BYTES_MAX,
  maxBodyLength: BODY_BYTES_MAX,
  responseType: 'arraybuffer' as const,
  transformRequest: [],
  transformResponse: [],
  validateStatus: null,
};
