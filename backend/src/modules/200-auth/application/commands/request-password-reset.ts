import { Injectable } from '@nestjs/common';
import { Database, recordAct, systemScope } from '../../../../shared/platform/database/index.js';
import { networkOf } from '../../../../shared/platform/network-of.js';
import { Accounts } from '../accounts.js';
import type { RequestOrigin } from '../request-origin.js';
import { RequestWindows } from '../request-windows.js';

const PER_ADDRESS = { purpose: 'password_reset', requests: 3, windowSeconds: 3600 };
/** An office behind one address may forget more; a list of addresses is longer. */
const PER_NETWORK = { purpose: 'password_reset_network', requests: 100, windowSeconds: 3600 };

/**
 * Notes that somebody wants a new password. An address that nobody has takes the same steps as one that somebody has: the
 * link is made and mailed by a job, and only for a living account (`AccountMails`).
 */
@Injectable()
export class RequestPasswordReset {
  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly windows: RequestWindows,
  ) {}

  /**
   * @param email in lower case
   * @throws DomainError RATE_LIMIT_EXCEEDED at the fourth request for one address in an hour, and the 101st of one network
   */
  async execute(origin: RequestOrigin, email: string): Promise<void> {
    const account = await this.accounts.byEmail(email);
    await this.database.transaction(systemScope('authentication'), async (manager) => {
      await this.windows.take(manager, PER_NETWORK, networkOf(origin.ip));
      await this.windows.take(manager, PER_ADDRESS, email);
      await recordAct(manager, origin, {
        action: 'auth.password_reset_requested',
        resource: { type: 'user', id: account?.userId ?? null, name: email },
        organizationId: account?.organizationId ?? null,
        details: { userId: account?.userId ?? null },
      });
    });
  }
}
