import { Injectable } from '@nestjs/common';
import { Database, recordAct, systemScope } from '../../../../shared/platform/database/index.js';
import { Accounts } from '../accounts.js';
import type { RequestOrigin } from '../request-origin.js';
import { RequestWindows } from '../request-windows.js';

const LIMIT = { purpose: 'password_reset', requests: 3, windowSeconds: 3600 };

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
   * @throws DomainError RATE_LIMIT_EXCEEDED at the fourth request for one address in an hour
   */
  async execute(origin: RequestOrigin, email: string): Promise<void> {
    const account = await this.accounts.byEmail(email);
    await this.database.transaction(systemScope('authentication'), async (manager) => {
      await this.windows.take(manager, LIMIT, email);
      await recordAct(manager, origin, {
        action: 'auth.password_reset_requested',
        resource: { type: 'user', id: account?.userId ?? null, name: email },
        organizationId: account?.organizationId ?? null,
        details: { userId: account?.userId ?? null },
      });
    });
  }
}
