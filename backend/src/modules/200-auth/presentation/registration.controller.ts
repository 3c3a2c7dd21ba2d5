import { Body, Controller, Delete, Get, Header, HttpCode, Inject, Param, Post, Res } from '@nestjs/common';
import {
  EmailOnlyRequest,
  IdParams,
  Invite,
  InviteList as InviteListView,
  InviteRequest,
  MessageResponse,
  RegisterRequest,
  RegisterResponse,
  SignInOptions,
  TokenOnlyRequest,
  VerificationStatus,
} from '@telemetryflow/contracts';
import type { FastifyReply } from 'fastify';
import {
  Authenticated,
  Context,
  Describe,
  Public,
  type RequestContext,
  RequirePermission,
  RUNTIME,
  type Runtime,
} from '../../../shared/platform/index.js';
import { CreateInvite } from '../application/commands/create-invite.js';
import { Register } from '../application/commands/register.js';
import { ResendVerification } from '../application/commands/resend-verification.js';
import { VerifyEmail } from '../application/commands/verify-email.js';
import { WithdrawInvite } from '../application/commands/withdraw-invite.js';
import { InviteList } from '../application/queries/invite-list.js';
import { OwnVerification } from '../application/queries/own-verification.js';
import type { RequestOrigin } from '../application/request-origin.js';
import { signInOptions } from '../application/sign-in-settings.js';
import { Origin } from './request-origin.js';

const TAG = 'Registration';

@Controller('api/v2/auth')
export class RegistrationController {
  constructor(
    private readonly registration: Register,
    private readonly verification: VerifyEmail,
    private readonly resending: ResendVerification,
    private readonly ownVerification: OwnVerification,
    private readonly createInvite: CreateInvite,
    private readonly withdrawInvite: WithdrawInvite,
    private readonly inviteList: InviteList,
    @Inject(RUNTIME) private readonly runtime: Runtime,
  ) {}

  @Get('options')
  @Public()
  @Describe({ summary: 'What the sign-in pages offer', tag: TAG, response: SignInOptions })
  options(): SignInOptions {
    return signInOptions(this.runtime.config);
  }

  @Post('register')
  @Public()
  @Describe({
    summary: 'Register: with an organization of one’s own, or in the one that invites',
    tag: TAG,
    body: RegisterRequest,
    status: 201,
    response: RegisterResponse,
  })
  async register(
    @Body({ schema: RegisterRequest }) body: RegisterRequest,
    @Origin() origin: RequestOrigin,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RegisterResponse> {
    const registered = await this.registration.execute(origin, body);
    void reply.header('location', `/api/v2/users/${registered.userId}`);
    return registered;
  }

  @Post('verify-email')
  @HttpCode(200)
  @Public()
  @Describe({
    summary: 'Take the token of the mailed link',
    tag: TAG,
    body: TokenOnlyRequest,
    response: MessageResponse,
  })
  async verifyEmail(
    @Body({ schema: TokenOnlyRequest }) { token }: TokenOnlyRequest,
    @Origin() origin: RequestOrigin,
  ): Promise<MessageResponse> {
    await this.verification.execute(origin, token);
    return { message: 'Your address is verified; you can sign in now' };
  }

  @Post('verify-email/resend')
  @HttpCode(200)
  @Public()
  @Describe({
    summary: 'Have the link mailed again; the answer is the same for every address',
    tag: TAG,
    body: EmailOnlyRequest,
    response: MessageResponse,
  })
  async resend(
    @Body({ schema: EmailOnlyRequest }) { email }: EmailOnlyRequest,
    @Origin() origin: RequestOrigin,
  ): Promise<MessageResponse> {
    await this.resending.execute(origin, email);
    return { message: 'If the address waits to be verified, a mail is on its way' };
  }

  @Get('email/verification-status')
  @Authenticated()
  @Describe({ summary: 'Whether the own address is verified', tag: TAG, response: VerificationStatus })
  verificationStatus(@Context() context: RequestContext): Promise<VerificationStatus> {
    return this.ownVerification.execute(context);
  }

  @Post('invites')
  @RequirePermission('users:create')
  @Header('cache-control', 'no-store')
  @Describe({
    summary: 'Invite people; the token is in this answer, or in the mail to the one address it is for',
    tag: TAG,
    body: InviteRequest,
    status: 201,
    response: Invite,
  })
  async invite(
    @Context() context: RequestContext,
    @Body({ schema: InviteRequest }) body: InviteRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Invite> {
    const invite = await this.createInvite.execute(context, body);
    void reply.header('location', `/api/v2/auth/invites/${invite.id}`);
    return invite;
  }

  @Get('invites')
  @RequirePermission('users:create')
  @Describe({ summary: 'Invitations that are still good', tag: TAG, response: InviteListView })
  invites(@Context() context: RequestContext): Promise<InviteListView> {
    return this.inviteList.execute(context);
  }

  @Delete('invites/:id')
  @HttpCode(204)
  @RequirePermission('users:create')
  @Describe({ summary: 'Withdraw an invitation', tag: TAG, params: IdParams, status: 204 })
  withdraw(@Context() context: RequestContext, @Param('id') id: string): Promise<void> {
    return this.withdrawInvite.execute(context, id);
  }
}
