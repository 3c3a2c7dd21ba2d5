import { Injectable } from '@nestjs/common';
import type { TokenResponse } from '@telemetryflow/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IssuedTokens } from '../application/token-issuer.js';
import { AuthCookies } from './auth-cookies.js';

/** Hands tokens to a browser as cookies, to everyone else in the body. */
@Injectable()
export class TokenAnswers {
  constructor(private readonly cookies: AuthCookies) {}

  of(tokens: IssuedTokens, asCookie: boolean, request: FastifyRequest, reply: FastifyReply): TokenResponse {
    const { accessToken, expiresInSeconds, refreshToken, refreshExpiresAt, deviceToken, user } = tokens;
    void reply.header('cache-control', 'no-store');
    if (asCookie) this.cookies.setRefreshToken(request, reply, refreshToken, refreshExpiresAt);
    if (asCookie && deviceToken !== null) this.cookies.setDeviceToken(request, reply, deviceToken);
    return {
      access_token: accessToken,
      ...(asCookie ? {} : { refresh_token: refreshToken }),
      ...(asCookie || deviceToken === null ? {} : { device_token: deviceToken }),
      token_type: 'Bearer',
      expires_in: expiresInSeconds,
      user,
    };
  }
}
