import { Body, Controller, Get, Header, HttpCode, Post } from '@nestjs/common';
import {
  MessageResponse,
  MfaCodeRequest,
  MfaReauthRequest,
  MfaSetup,
  MfaSetupRequest,
  MfaStatus,
  RecoveryCodes,
} from '@telemetryflow/contracts';
import { Authenticated, Context, Describe, OpenBefore, type RequestContext } from '../../../shared/platform/index.js';
import { DisableMfa } from '../application/commands/disable-mfa.js';
import { EnableMfa } from '../application/commands/enable-mfa.js';
import { RegenerateRecoveryCodes } from '../application/commands/regenerate-recovery-codes.js';
import { SetUpMfa } from '../application/commands/set-up-mfa.js';
import { OwnMfaStatus } from '../application/queries/mfa-status.js';

const TAG = 'Second factor';

@Controller('api/v2/auth/mfa')
@Authenticated()
export class MfaController {
  constructor(
    private readonly ownStatus: OwnMfaStatus,
    private readonly setUpMfa: SetUpMfa,
    private readonly enableMfa: EnableMfa,
    private readonly disableMfa: DisableMfa,
    private readonly regenerateCodes: RegenerateRecoveryCodes,
  ) {}

  @Get('status')
  @OpenBefore('second-factor')
  @Describe({ summary: 'Whether a second factor is on', tag: TAG, response: MfaStatus })
  status(@Context() context: RequestContext): Promise<MfaStatus> {
    return this.ownStatus.execute(context);
  }

  @Post('setup')
  @OpenBefore('second-factor')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Describe({
    summary: 'Enrol an authenticator app; it is off until a code confirms it',
    tag: TAG,
    body: MfaSetupRequest,
    response: MfaSetup,
  })
  setUp(
    @Context() context: RequestContext,
    @Body({ schema: MfaSetupRequest.optional() }) body: MfaSetupRequest | undefined,
  ): Promise<MfaSetup> {
    return this.setUpMfa.execute(context, body?.password);
  }

  @Post('enable')
  @OpenBefore('second-factor')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Describe({
    summary: 'Confirm the enrolment; the only answer that carries the recovery codes',
    tag: TAG,
    body: MfaCodeRequest,
    response: RecoveryCodes,
  })
  enable(
    @Context() context: RequestContext,
    @Body({ schema: MfaCodeRequest }) { code }: MfaCodeRequest,
  ): Promise<RecoveryCodes> {
    return this.enableMfa.execute(context, code);
  }

  @Post('disable')
  @HttpCode(200)
  @Describe({
    summary: 'Turn the second factor off, with password and code',
    tag: TAG,
    body: MfaReauthRequest,
    response: MessageResponse,
  })
  async disable(
    @Context() context: RequestContext,
    @Body({ schema: MfaReauthRequest }) body: MfaReauthRequest,
  ): Promise<MessageResponse> {
    await this.disableMfa.execute(context, body);
    return { message: 'Your second factor is off' };
  }

  @Post('recovery-codes/regenerate')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Describe({
    summary: 'Ten new recovery codes, with password and code; the old ones are void',
    tag: TAG,
    body: MfaReauthRequest,
    response: RecoveryCodes,
  })
  regenerate(
    @Context() context: RequestContext,
    @Body({ schema: MfaReauthRequest }) body: MfaReauthRequest,
  ): Promise<RecoveryCodes> {
    return this.regenerateCodes.execute(context, body);
  }
}
