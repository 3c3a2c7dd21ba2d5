import { Injectable } from '@nestjs/common';
import type { Permission } from '@telemetryflow/contracts';
import { systemScope } from '../../../shared/platform/database/index.js';
import { NotFoundError, type RequestContext } from '../../../shared/platform/index.js';
import { Authorities, organizationArea, PLATFORM } from '../../100-core/index.js';
import type { LedgerScope } from './ledger.js';

/** Which trails a query may read. */
export interface TrailScope {
  /** Null: all organizations', and what belongs to none. */
  readonly organizationId: string | null;
}

/**
 * How far a caller may look. The guard has asked for the permission where they stand; beyond their organization it counts
 * only where they hold it: a role over the platform that does not give it opens no other organization's trail.
 */
@Injectable()
export class TrailScopes {
  constructor(private readonly authorities: Authorities) {}

  /**
   * The caller's organization; all trails, or the one they name, for whoever holds the permission there.
   *
   * @throws NotFoundError when somebody else names another organization
   */
  async readable(
    context: RequestContext,
    permission: Permission,
    organizationId: string | undefined,
  ): Promise<TrailScope> {
    const named = organizationId?.toLowerCase();
    if (named === undefined && (await this.#holdsEverywhere(context, permission))) return { organizationId: null };
    return { organizationId: (await this.#holdsBeyond(context, permission, named)) ?? ownChain(context, named) };
  }

  /** One chain, and the scope in which its ledger may be read. Throws as {@link readable}. */
  async chain(
    context: RequestContext,
    permission: Permission,
    organizationId: string | undefined,
  ): Promise<{ readonly chainId: string; readonly scope: LedgerScope }> {
    const named = organizationId?.toLowerCase();
    const beyond = await this.#holdsBeyond(context, permission, named);
    if (beyond === null) return { chainId: ownChain(context, named), scope: context };
    // Leaves the organization on purpose: who administers the platform verifies every trail.
    return { chainId: beyond, scope: systemScope('platform') };
  }

  async #holdsEverywhere(context: RequestContext, permission: Permission): Promise<boolean> {
    return context.isPlatformAdministrator && (await this.authorities.of(context)).holds(permission, PLATFORM);
  }

  /** The organization that is named, when the caller may look there as one who holds a role over the platform. */
  async #holdsBeyond(
    context: RequestContext,
    permission: Permission,
    named: string | undefined,
  ): Promise<string | null> {
    if (named === undefined || !context.isPlatformAdministrator) return null;
    return (await this.authorities.of(context)).holds(permission, organizationArea(named)) ? named : null;
  }
}

function ownChain({ organizationId }: RequestContext, named: string | undefined): string {
  if (named !== undefined && named !== organizationId) throw new NotFoundError('Organization');
  return organizationId;
}
