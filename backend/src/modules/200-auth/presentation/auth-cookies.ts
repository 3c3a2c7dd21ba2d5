import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { configuredOrigins, type OriginPolicy } from '../../../shared/cors/index.js';
import { RUNTIME, type Runtime } from '../../../shared/platform/index.js';
import type { DeviceClaim } from '../application/request-origin.js';

const REFRESH = 'tf_refresh';
const DEVICE = 'tf_device';
const PATH = '/api/v2/auth';
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/;
/** A device that was not used for so long is forgotten. */
const DEVICE_LIFE_MS = 90 * 86_400_000;

/**
 * What a browser keeps of its logins, out of reach of scripts and sent to the authentication routes of this site only: the
 * refresh token, and the token by which its device is known.
 */
@Injectable()
export class AuthCookies {
  readonly #origins: OriginPolicy;

  constructor(@Inject(RUNTIME) private readonly runtime: Runtime) {
    this.#origins = configuredOrigins(runtime.config);
  }

  /** Whether the client is a browser, which gets its tokens as cookies and never in a body. */
  isWanted(request: FastifyRequest): boolean {
    return request.headers['x-client'] === 'browser' || this.refreshToken(request) !== null;
  }

  refreshToken(request: FastifyRequest): string | null {
    return this.#read(request, REFRESH);
  }

  setRefreshToken(request: FastifyRequest, reply: FastifyReply, token: string, expires: Date): void {
    this.#send(request, reply, REFRESH, token, expires);
  }

  clearRefreshToken(request: FastifyRequest, reply: FastifyReply): void {
    this.#send(request, reply, REFRESH, '', new Date(0));
  }

  /** @param given the token of a program, which sends it in the body */
  deviceClaim(request: FastifyRequest, given: string | undefined): DeviceClaim {
    const keepsToken = this.isWanted(request);
    return { token: given ?? this.#read(request, DEVICE), keepsToken };
  }

  setDeviceToken(request: FastifyRequest, reply: FastifyReply, token: string): void {
    this.#send(request, reply, DEVICE, token, new Date(Date.now() + DEVICE_LIFE_MS));
  }

  /**
   * A cookie of the browser that asks. `SameSite` still lets pages of sibling domains ask in a person's name, so a cookie
   * that comes with the origin of a page that may not is none.
   */
  #read(request: FastifyRequest, name: string): string | null {
    if (!this.#isFromOwnPage(request)) return null;
    // Tokens are base64url: nothing in them needs quoting or encoding.
    const value = new RegExp(`(?:^|;\\s*)${name}=([\\w-]+)`).exec(request.headers.cookie ?? '')?.[1];
    return value === undefined || value.length > 512 ? null : value;
  }

  #isFromOwnPage({ headers, host }: FastifyRequest): boolean {
    const { origin } = headers;
    // What a browser itself says of where the page came from, whatever proxies made of the host's name.
    if (origin === undefined || headers['sec-fetch-site'] === 'same-origin') return true;
    if (URL.canParse(origin) && new URL(origin).host === host) return true;
    return !this.#origins.anyOrigin && this.#origins.allows(origin);
  }

  #send(request: FastifyRequest, reply: FastifyReply, name: string, value: string, expires: Date): void {
    // Browsers drop Secure cookies of plain http, which developers use on their own machine.
    const plainLoopback =
      this.runtime.config.NODE_ENV !== 'production' && request.protocol === 'http' && LOOPBACK.test(request.host);
    const attributes = [`Path=${PATH}`, `Expires=${expires.toUTCString()}`, 'HttpOnly', 'SameSite=Strict'];
    if (!plainLoopback) attributes.push('Secure');
    void reply.header('set-cookie', `${name}=${[value, ...attributes].join('; ')}`);
  }
}
