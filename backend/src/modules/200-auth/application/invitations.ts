import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database, systemScope } from '../../../shared/platform/database/index.js';
import { DomainError } from '../../../shared/platform/index.js';
import { OneTimeTokens, type OneTimeToken } from './one-time-tokens.js';

/** What an invitation is good for. */
export interface Invitation {
  readonly id: string;
  /** Null: its holder gets an organization of their own. */
  readonly joins: { readonly organizationId: string; readonly roleId: string; readonly invitedBy: string } | null;
  /** It was mailed to the address and shown to nobody else. */
  readonly provesAddress: boolean;
}

/** Invitations as those who were invited present them. */
@Injectable()
export class Invitations {
  constructor(
    private readonly database: Database,
    private readonly tokens: OneTimeTokens,
  ) {}

  /**
   * Looks without using it up.
   *
   * @throws DomainError PERMISSION_DENIED when it is unknown, used up, expired, withdrawn or somebody else's
   */
  find(token: string, email: string): Promise<Invitation> {
    return this.database.transaction(systemScope('authentication'), async (manager) =>
      invitationOf(await this.tokens.peek(manager, 'invitation', token), email),
    );
  }

  /** Uses it up, if the caller's transaction commits. Throws as {@link find}. */
  async use(manager: EntityManager, token: string, email: string): Promise<Invitation> {
    return invitationOf(await this.tokens.use(manager, 'invitation', token), email);
  }
}

function invitationOf(token: OneTimeToken | null, email: string): Invitation {
  if (!token || (token.email !== null && token.email !== email)) {
    throw new DomainError(
      'PERMISSION_DENIED',
      'The invitation is not valid, or not any more, or is for another address; ask for a new one',
    );
  }
  const { organizationId, details } = token;
  const { roleId, invitedBy, mailed } = details;
  const joins =
    organizationId !== null && typeof roleId === 'string' && typeof invitedBy === 'string'
      ? { organizationId, roleId, invitedBy }
      : null;
  return { id: token.id, joins, provesAddress: mailed === true };
}
