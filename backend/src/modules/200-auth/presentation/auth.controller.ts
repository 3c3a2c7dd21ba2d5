import { Body, Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import {
  LoginRequest,
  LoginResponse,
  MeResponse,
  RefreshRequest,
  TokenResponse,
  VerifyMfaRequest,
} from '@telemetryflow/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  Authenticated,
  Context,
  Describe,
  OpenBefore,
  Public,
  type RequestContext,
} from '../../../shared/platform/index.js';
import { LogIn } from '../application/commands/log-in.js';
import { LogOut } from '../application/commands/log-out.js';
import { RefreshSession } from '../application/commands/refresh-session.js';
import { VerifyMfa } from '../application/commands/verify-mfa.js';
import { CurrentUser } from '../application/queries/current-user.js';
import type { RequestOrigin } from '../application/request-origin.js';
import { AuthCookies } from './auth-cookies.js';
import { Origin } from './request-origin.js';
import { TokenAnswers } from './token-answers.js';

const TAG = 'Authentication';

@Controller('api/v2/auth')
export class AuthController {
  constructor(
    private readonly logIn: LogIn,
    private readonly verifyMfa: VerifyMfa,
    private readonly refreshSession: RefreshSession,
    private readonly logOut: LogOut,
    private readonly currentUser: CurrentUser,
    private readonly cookies: AuthCookies,
    private readonly answers: TokenAnswers,
  ) {}

  @Post('login')
  @HttpCode(200)
  @Public()
  @Describe({
    summary: 'Sign in with e-mail and password; answers a challenge where a second factor is on',
    tag: TAG,
    body: LoginRequest,
    response: LoginResponse,
  })
  async login(
    @Body({ schema: LoginRequest }) body: LoginRequest,
    @Origin() origin: RequestOrigin,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LoginResponse> {
    const outcome = await this.logIn.execute(origin, body, this.cookies.deviceClaim(request, body.deviceToken));
    if (!('mfaRequired' in outcome)) return this.answers.of(outcome, this.cookies.isWanted(request), request, reply);
    void reply.header('cache-control', 'no-store');
    return outcome;
  }

  @Post('verify-mfa')
  @HttpCode(200)
  @Public()
  @Describe({
    summary: 'Answer the challenge with a code of the authenticator app, or a recovery code',
    tag: TAG,
    body: VerifyMfaRequest,
    response: TokenResponse,
  })
  async verifySecondFactor(
    @Body({ schema: VerifyMfaRequest }) body: VerifyMfaRequest,
    @Origin() origin: RequestOrigin,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenResponse> {
    const claim = this.cookies.deviceClaim(request, body.deviceToken);
    const tokens = await this.verifyMfa.execute(origin, body, claim);
    return this.answers.of(tokens, this.cookies.isWanted(request), request, reply);
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
    const tokens = await this.refreshSession.execute(origin, given ?? this.cookies.refreshToken(request));
    return this.answers.of(tokens, given === null, request, reply);
  }

  @Post('logout')
  @HttpCode(204)
  @Authenticated()
  @OpenBefore('new-password', 'second-factor')
  @Describe({ summary: 'End the session', tag: TAG, body: RefreshRequest, status: 204 })
  async logout(
    @Context() context: RequestContext,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.logOut.execute(context);
    if (this.cookies.isWanted(request)) this.cookies.clearRefreshToken(request, reply);
  }

  @Get('me')
  @Authenticated()
  @OpenBefore('new-password', 'second-factor')
  @Describe({ summary: 'Who is signed in, where, with which permissions', tag: TAG, response: MeResponse })
  me(@Context() context: RequestContext): Promise<MeResponse> {
    return this.currentUser.execute(context);
  }
}
