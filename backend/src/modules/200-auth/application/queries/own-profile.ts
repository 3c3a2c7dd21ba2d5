import { Injectable } from '@nestjs/common';
import type { Profile } from '@telemetryflow/contracts';
import { UnauthenticatedError, type RequestContext } from '../../../../shared/platform/index.js';
import { Accounts } from '../accounts.js';
import { personOf } from '../person.js';
import { Profiles } from '../profiles.js';
import { Duties } from '../duties.js';
import { profileOf } from '../token-issuer.js';

/** The caller's own account, as its page shows it. */
@Injectable()
export class OwnProfile {
  constructor(
    private readonly accounts: Accounts,
    private readonly duties: Duties,
    private readonly profiles: Profiles,
  ) {}

  async execute(context: RequestContext): Promise<Profile> {
    const { userId } = personOf(context);
    const [account, details] = await Promise.all([this.accounts.byId(userId), this.profiles.details(userId)]);
    if (account === null) throw new UnauthenticatedError('The account is gone');
    return {
      ...profileOf(account, await this.duties.lacksFactor(account), context),
      ...details,
      createdAt: details.createdAt.toISOString(),
    };
  }
}
