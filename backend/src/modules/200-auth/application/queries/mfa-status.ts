import { Injectable } from '@nestjs/common';
import type { MfaStatus } from '@telemetryflow/contracts';
import { Database, systemScope } from '../../../../shared/platform/database/index.js';
import type { RequestContext } from '../../../../shared/platform/index.js';
import { MfaFactors } from '../mfa-factors.js';
import { personOf } from '../person.js';

/** Whether the caller has a second factor, and how many recovery codes are left. */
@Injectable()
export class OwnMfaStatus {
  constructor(
    private readonly database: Database,
    private readonly factors: MfaFactors,
  ) {}

  async execute(context: RequestContext): Promise<MfaStatus> {
    const { userId } = personOf(context);
    const { enabledAt, recoveryCodesRemaining } = await this.database.transaction(
      systemScope('authentication'),
      (manager) => this.factors.summary(manager, userId),
    );
    return {
      enabled: enabledAt !== null,
      methods: enabledAt === null ? [] : ['totp'],
      recoveryCodesRemaining,
      enabledAt: enabledAt?.toISOString() ?? null,
    };
  }
}
