import { Injectable } from '@nestjs/common';
import type { MfaReauthRequest, RecoveryCodes } from '@telemetryflow/contracts';
import { recordAct } from '../../../../shared/platform/database/index.js';
import type { RequestContext } from '../../../../shared/platform/index.js';
import { MfaFactors } from '../mfa-factors.js';
import { MfaReauthentication } from '../mfa-reauthentication.js';
import { personOf } from '../person.js';
import { SecondFactor } from '../second-factor.js';

/** Ten new recovery codes in place of the old ones. Failures as the reauthentication's. */
@Injectable()
export class RegenerateRecoveryCodes {
  constructor(
    private readonly factors: MfaFactors,
    private readonly reauthentication: MfaReauthentication,
    private readonly secondFactor: SecondFactor,
  ) {}

  async execute(context: RequestContext, request: MfaReauthRequest): Promise<RecoveryCodes> {
    const { userId } = personOf(context);
    let recoveryCodes: string[] = [];
    await this.reauthentication.with(context, request, async (manager, { factor, recoverySalt }) => {
      const { codes, hashes } = await this.secondFactor.newRecoveryCodes(recoverySalt);
      await this.factors.replaceRecoveryCodes(manager, userId, hashes);
      await recordAct(manager, context, {
        action: 'auth.recovery_codes_regenerated',
        resource: { type: 'user', id: userId },
        organizationId: factor.organizationId,
        details: { userId },
      });
      recoveryCodes = codes;
    });
    return { recoveryCodes };
  }
}
