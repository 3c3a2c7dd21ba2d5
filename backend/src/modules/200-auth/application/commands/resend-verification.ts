import { Inject, Injectable } from '@nestjs/common';
import { Database, recordAct, systemScope } from '../../../../shared/platform/database/index.js';
import { RUNTIME, type Runtime } from '../../../../shared/platform/index.js';
import { networkOf } from '../../../../shared/platform/network-of.js';
import { Accounts } from '../accounts.js';
import type { RequestOrigin } from '../request-origin.js';
import { RequestWindows } from '../request-windows.js';

const HOUR_SECONDS = 3600;
const PER_ADDRESS = { purpose: 'verification_address', requests: 3, windowSeconds: HOUR_SECONDS };

/**
 * Has the link for an address mailed again, which voids the one before. Unknown and verified addresses take the same steps
 * and get the same answer.
 */
@Injectable()
export class ResendVerification {
  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly windows: RequestWindows,
    @Inject(RUNTIME) private readonly runtime: Runtime,
  ) {}

  /** @throws DomainError RATE_LIMIT_EXCEEDED at the fourth request for one address in an hour */
  async execute(origin: RequestOrigin, email: string): Promise<void> {
    const account = await this.accounts.byEmail(email);
    const unverified = account?.isActive && account.emailVerifiedAt === null ? account : null;
    const requests = this.runtime.config.REGISTRATIONS_PER_HOUR;
    await this.database.transaction(systemScope('authentication'), async (manager) => {
      const perNetwork = { purpose: 'verification_network', requests, windowSeconds: HOUR_SECONDS };
      await this.windows.take(manager, perNetwork, networkOf(origin.ip));
      await this.windows.take(manager, PER_ADDRESS, email);
      await recordAct(manager, origin, {
        action: 'auth.verification_requested',
        resource: { type: 'user', id: unverified?.userId ?? null, name: email },
        organizationId: unverified?.organizationId ?? null,
        details: { userId: unverified?.userId ?? null },
      });
    });
  }
}
