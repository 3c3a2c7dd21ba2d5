import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import {
  ChangePasswordRequest,
  EmailOnlyRequest,
  MessageResponse,
  PasswordStatus,
  PasswordStrength,
  PasswordStrengthRequest,
  ResetPasswordRequest,
  ResetTokenValidity,
  TokenOnlyRequest,
} from '@telemetryflow/contracts';
import {
  Authenticated,
  Context,
  Describe,
  OpenBefore,
  Public,
  type RequestContext,
} from '../../../shared/platform/index.js';
import { ChangePassword } from '../application/commands/change-password.js';
import { RequestPasswordReset } from '../application/commands/request-password-reset.js';
import { ResetPassword } from '../application/commands/reset-password.js';
import { PasswordAdvice } from '../application/queries/password-advice.js';
import type { RequestOrigin } from '../application/request-origin.js';
import { ResetTokens } from '../application/reset-tokens.js';
import { Origin } from './request-origin.js';

const TAG = 'Authentication';

@Controller('api/v2/auth')
export class PasswordController {
  constructor(
    private readonly changePassword: ChangePassword,
    private readonly requestReset: RequestPasswordReset,
    private readonly resetPassword: ResetPassword,
    private readonly resets: ResetTokens,
    private readonly advice: PasswordAdvice,
  ) {}

  @Post('change-password')
  @HttpCode(200)
  @Authenticated()
  @OpenBefore('new-password', 'second-factor')
  @Describe({ summary: 'Change the own password', tag: TAG, body: ChangePasswordRequest, response: MessageResponse })
  async change(
    @Context() context: RequestContext,
    @Body({ schema: ChangePasswordRequest }) body: ChangePasswordRequest,
  ): Promise<MessageResponse> {
    await this.changePassword.execute(context, body);
    return { message: 'Your password is changed; all your other sessions have ended' };
  }

  @Post('forgot-password')
  @HttpCode(200)
  @Public()
  @Describe({
    summary: 'Ask for a link to choose a new password',
    tag: TAG,
    body: EmailOnlyRequest,
    response: MessageResponse,
  })
  async forgot(
    @Origin() origin: RequestOrigin,
    @Body({ schema: EmailOnlyRequest }) { email }: EmailOnlyRequest,
  ): Promise<MessageResponse> {
    await this.requestReset.execute(origin, email);
    return { message: 'If there is an account with this address, a mail with a link is on its way' };
  }

  @Post('password/validate-token')
  @HttpCode(200)
  @Public()
  @Describe({
    summary: 'Whether a link to choose a password still works',
    tag: TAG,
    body: TokenOnlyRequest,
    response: ResetTokenValidity,
  })
  validate(@Body({ schema: TokenOnlyRequest }) { token }: TokenOnlyRequest): Promise<ResetTokenValidity> {
    return this.resets.validity(token);
  }

  @Post('reset-password')
  @HttpCode(200)
  @Public()
  @Describe({
    summary: 'Choose a new password with the token of a link',
    tag: TAG,
    body: ResetPasswordRequest,
    response: MessageResponse,
  })
  async reset(
    @Origin() origin: RequestOrigin,
    @Body({ schema: ResetPasswordRequest }) body: ResetPasswordRequest,
  ): Promise<MessageResponse> {
    await this.resetPassword.execute(origin, body);
    return { message: 'Your password is changed; sign in with it' };
  }

  @Post('password/strength')
  @HttpCode(200)
  @Public()
  @Describe({
    summary: 'How strong a password would be; it is stored nowhere',
    tag: TAG,
    body: PasswordStrengthRequest,
    response: PasswordStrength,
  })
  strength(
    @Origin() origin: RequestOrigin,
    @Body({ schema: PasswordStrengthRequest }) { password }: PasswordStrengthRequest,
  ): Promise<PasswordStrength> {
    return this.advice.strength(origin, password);
  }

  @Get('password/status')
  @Authenticated()
  @OpenBefore('new-password', 'second-factor')
  @Describe({ summary: 'How old the own password is', tag: TAG, response: PasswordStatus })
  status(@Context() context: RequestContext): Promise<PasswordStatus> {
    return this.advice.status(context);
  }
}
