import { Body, Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { LoginRequest, MeResponse, RefreshRequest, TokenResponse } from '@telemetryflow/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Authenticated, Context, Describe, Public, type RequestContext } from '../../../shared/platform/index.js';
import { LogIn } from '../application/commands/log-in.js';
import { LogOut } from '../application/commands/log-out.js';
import { RefreshSession } from '../application/commands/refresh-session.js';
import { CurrentUser } from '../application/queries/current-user.js';
import type { RequestOrigin } from '../application/request-origin.js';
import type { IssuedTokens } from '../application/token-issuer.js';
import { RefreshCookie } from './refresh-cookie.js';
import { Origin } from './request-origin.js';

const TAG = 'Authentication';

@Controller('api/v2/auth')
export class AuthController {
  constructor(
    private readonly logIn: LogIn,
    private readonly refreshSession: RefreshSession,
    private readonly logOut: LogOut,
    private readonly currentUser: CurrentUser,
    private readonly cookie: RefreshCookie,
  ) {}

  @Post('login')
  @HttpCode(200)
  @Public()
  @Describe({ summary: 'Sign in with e-mail and password', tag: TAG, body: LoginRequest, response: TokenResponse })
  async login(
    @Body({ schema: LoginRequest }) body: LoginRequest,
    @Origin() origin: RequestOrigin,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenResponse> {
    return this.#answer(await this.logIn.execute(origin, body), this.cookie.isWanted(request), request, reply);
  }

  @Post('refresh')
  @HttpCode(200)
  @Public()
  @Describe({ summary: 'Exchange the refresh token', tag: TAG, body: RefreshRequest, response: TokenResponse })
  async refresh(
    @Body({ schema: RefreshRequest.optional() }) body: RefreshRequest | undefined,
    @Origin() origin: RequestOrigin,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenResponse> {
    const given = body?.refresh_token ?? null;
    const tokens = await this.refreshSession.execute(origin, given ?? this.cookie.read(request));
    return this.#answer(tokens, given === null, request, reply);
  }

  @Post('logout')
  @HttpCode(204)
  @Authenticated()
  @Describe({ summary: 'End the session', tag: TAG, body: RefreshRequest, status: 204 })
  async logout(
    @Context() context: RequestContext,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.logOut.execute(context);
    if (this.cookie.isWanted(request)) this.cookie.clear(request, reply);
  }

  @Get('me')
  @Authenticated()
  @Describe({ summary: 'Who is signed in, where, with which permissions', tag: TAG, response: MeResponse })
  me(@Context() context: RequestContext): Promise<MeResponse> {
    return this.currentUser.execute(context);
  }

  #answer(tokens: IssuedTokens, asCookie: boolean, request: FastifyRequest, reply: FastifyReply): TokenResponse {
    const { accessToken, expiresInSeconds, refreshToken, refreshExpiresAt, user } = tokens;
    void reply.header('cache-control', 'no-store');
    if (asCookie) this.cookie.set(request, reply, refreshToken, refreshExpiresAt);
    return {
      access_token: accessToken,
      ...(asCookie ? {} : { refresh_token: refreshToken }),
      token_type: 'Bearer',
      expires_in: expiresInSeconds,
      user,
    };
  }
}
