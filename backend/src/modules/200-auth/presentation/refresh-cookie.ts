import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RUNTIME, type Runtime } from '../../../shared/platform/index.js';

const NAME = 'tf_refresh';
/** Refresh tokens are base64url: nothing in them needs quoting or encoding. */
const VALUE = new RegExp(`(?:^|;\\s*)${NAME}=([\\w-]+)`);
const PATH = '/api/v2/auth';
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/;

/** The browser's refresh token: out of reach of scripts, sent to the authentication routes of this site only. */
@Injectable()
export class RefreshCookie {
  constructor(@Inject(RUNTIME) private readonly runtime: Runtime) {}

  /** Whether the client is a browser, which gets its refresh token as a cookie and never in a body. */
  isWanted(request: FastifyRequest): boolean {
    return request.headers['x-client'] === 'browser' || this.read(request) !== null;
  }

  read(request: FastifyRequest): string | null {
    const value = VALUE.exec(request.headers.cookie ?? '')?.[1];
    return value === undefined || value.length > 512 ? null : value;
  }

  set(request: FastifyRequest, reply: FastifyReply, token: string, expires: Date): void {
    this.#send(request, reply, token, expires);
  }

  clear(request: FastifyRequest, reply: FastifyReply): void {
    this.#send(request, reply, '', new Date(0));
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
