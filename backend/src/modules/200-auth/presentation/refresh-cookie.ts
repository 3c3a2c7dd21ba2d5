import cookies from '@fastify/cookie';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RUNTIME, type Runtime } from '../../../shared/platform/index.js';

const NAME = 'tf_refresh';
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
    const value = cookies.fastifyCookie.parse(request.headers.cookie ?? '')[NAME];
    return value === undefined || value === '' || value.length > 512 ? null : value;
  }

  set(request: FastifyRequest, reply: FastifyReply, token: string, expires: Date): void {
    void reply.header(
      'set-cookie',
      cookies.fastifyCookie.serialize(NAME, token, { ...this.#attributes(request), expires }),
    );
  }

  clear(request: FastifyRequest, reply: FastifyReply): void {
    void reply.header(
      'set-cookie',
      cookies.fastifyCookie.serialize(NAME, '', { ...this.#attributes(request), expires: new Date(0) }),
    );
  }

  #attributes(request: FastifyRequest) {
    // Browsers drop Secure cookies of plain http, which developers use on their own machine.
    const plainLoopback =
      this.runtime.config.NODE_ENV !== 'production' && request.protocol === 'http' && LOOPBACK.test(request.host);
    return { path: PATH, httpOnly: true, sameSite: 'strict' as const, secure: !plainLoopback };
  }
}
