import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { configuredOrigins, type OriginPolicy } from '../../../shared/cors/index.js';
import { RUNTIME, type Runtime } from '../../../shared/platform/index.js';

const NAME = 'tf_refresh';
/** Refresh tokens are base64url: nothing in them needs quoting or encoding. */
const VALUE = new RegExp(`(?:^|;\\s*)${NAME}=([\\w-]+)`);
const PATH = '/api/v2/auth';
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/;

/** The browser's refresh token: out of reach of scripts, sent to the authentication routes of this site only. */
@Injectable()
export class RefreshCookie {
  readonly #origins: OriginPolicy;

  constructor(@Inject(RUNTIME) private readonly runtime: Runtime) {
    this.#origins = configuredOrigins(runtime.config);
  }

  /** Whether the client is a browser, which gets its refresh token as a cookie and never in a body. */
  isWanted(request: FastifyRequest): boolean {
    return request.headers['x-client'] === 'browser' || this.read(request) !== null;
  }

  /**
   * The refresh token of the browser that asks. `SameSite` still lets pages of sibling domains ask in a person's name, so
   * a cookie that comes with the origin of a page that may not is none.
   */
  read(request: FastifyRequest): string | null {
    if (!this.#isFromOwnPage(request)) return null;
    const value = VALUE.exec(request.headers.cookie ?? '')?.[1];
    return value === undefined || value.length > 512 ? null : value;
  }

  set(request: FastifyRequest, reply: FastifyReply, token: string, expires: Date): void {
    this.#send(request, reply, token, expires);
  }

  clear(request: FastifyRequest, reply: FastifyReply): void {
    this.#send(request, reply, '', new Date(0));
  }

  #isFromOwnPage({ headers, host }: FastifyRequest): boolean {
    const { origin } = headers;
    // What a browser itself says of where the page came from, whatever proxies made of the host's name.
    if (origin === undefined || headers['sec-fetch-site'] === 'same-origin') return true;
    if (URL.canParse(origin) && new URL(origin).host === host) return true;
    return !this.#origins.anyOrigin && this.#origins.allows(origin);
  }

  #send(request: FastifyRequest, reply: FastifyReply, value: string, expires: Date): void {
    // Browsers drop Secure cookies of plain http, which developers use on their own machine.
    const plainLoopback =
      this.runtime.config.NODE_ENV !== 'production' && request.protocol === 'http' && LOOPBACK.test(request.host);
    const attributes = [`Path=${PATH}`, `Expires=${expires.toUTCString()}`, 'HttpOnly', 'SameSite=Strict'];
    if (!plainLoopback) attributes.push('Secure');
    void reply.header('set-cookie', `${NAME}=${[value, ...attributes].join('; ')}`);
  }
}
