import { Injectable } from '@nestjs/common';
import type { VerificationStatus } from '@telemetryflow/contracts';
import { UnauthenticatedError, type RequestContext } from '../../../../shared/platform/index.js';
import { Accounts } from '../accounts.js';
import { personOf } from '../person.js';

/** Whether, and since when, the caller's address is known to be theirs. */
@Injectable()
export class OwnVerification {
  constructor(private readonly accounts: Accounts) {}

  async execute(context: RequestContext): Promise<VerificationStatus> {
    const account = await this.accounts.byId(personOf(context).userId);
    if (!account) throw new UnauthenticatedError('The account is gone');
    const { emailVerifiedAt } = account;
    return { verified: emailVerifiedAt !== null, verifiedAt: emailVerifiedAt?.toISOString() ?? null };
  }
}
