import { Injectable } from '@nestjs/common';
import type { MfaReauthRequest } from '@telemetryflow/contracts';
import { recordAct } from '../../../../shared/platform/database/index.js';
import type { RequestContext } from '../../../../shared/platform/index.js';
import { KnownDevices } from '../known-devices.js';
import { MfaFactors } from '../mfa-factors.js';
import { MfaReauthentication } from '../mfa-reauthentication.js';
import { personOf } from '../person.js';

/** Turns the second factor off: secret, recovery codes and trusted devices are gone. Failures as the reauthentication's. */
@Injectable()
export class DisableMfa {
  constructor(
    private readonly factors: MfaFactors,
    private readonly devices: KnownDevices,
    private readonly reauthentication: MfaReauthentication,
  ) {}

  async execute(context: RequestContext, request: MfaReauthRequest): Promise<void> {
    const { userId } = personOf(context);
    await this.reauthentication.with(context, request, async (manager, { factor }) => {
      await this.factors.remove(manager, userId);
      await this.devices.withdrawTrust(manager, userId);
      await recordAct(manager, context, {
        action: 'auth.mfa_disabled',
        resource: { type: 'user', id: userId },
        organizationId: factor.organizationId,
        before: { mfaEnabled: true },
        after: { mfaEnabled: false },
        details: { userId },
      });
    });
  }
}
