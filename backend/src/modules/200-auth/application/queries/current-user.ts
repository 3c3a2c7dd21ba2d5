import { Injectable } from '@nestjs/common';
import type { MeResponse } from '@telemetryflow/contracts';
import { UnauthenticatedError, type RequestContext } from '../../../../shared/platform/index.js';
import { Accounts } from '../accounts.js';
import { Duties } from '../duties.js';
import { profileOf } from '../token-issuer.js';

/** Who the caller is, with the roles and permissions of the place they stand in. */
@Injectable()
export class CurrentUser {
  constructor(
    private readonly accounts: Accounts,
    private readonly duties: Duties,
  ) {}

  async execute(context: RequestContext): Promise<MeResponse> {
    const { actor } = context;
    const account = actor.type === 'user' ? await this.accounts.byId(actor.id) : null;
    if (!account || actor.type !== 'user') throw new UnauthenticatedError('Only a person has a profile');
    return {
      ...profileOf(account, await this.duties.lacksFactor(account), context),
      sessionId: actor.sessionId,
      lastLoginAt: account.lastLoginAt?.toISOString() ?? null,
    };
  }
}
