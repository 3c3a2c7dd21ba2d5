import { systemScope } from '../../../shared/platform/database/index.js';
import { NotFoundError, type RequestContext } from '../../../shared/platform/index.js';
import type { LedgerScope } from './ledger.js';

/** Which trails a query may read. */
export interface TrailScope {
  /** Null: all organizations', and what belongs to none. */
  readonly organizationId: string | null;
}

/**
 * The caller's organization; whoever administers the platform reads all trails, or the one they name.
 *
 * @throws NotFoundError when somebody else names another organization
 */
export function readableTrails(context: RequestContext, organizationId: string | undefined): TrailScope {
  if (context.isPlatformAdministrator) return { organizationId: organizationId?.toLowerCase() ?? null };
  return { organizationId: ownChain(context, organizationId) };
}

/** One chain, and the scope in which its ledger may be read. */
export function readableChain(
  context: RequestContext,
  organizationId: string | undefined,
): { readonly chainId: string; readonly scope: LedgerScope } {
  if (!context.isPlatformAdministrator || organizationId === undefined) {
    return { chainId: ownChain(context, organizationId), scope: context };
  }
  // Leaves the organization on purpose: who administers the platform verifies every trail.
  return { chainId: organizationId.toLowerCase(), scope: systemScope('platform') };
}

function ownChain(context: RequestContext, organizationId: string | undefined): string {
  if (organizationId !== undefined && organizationId.toLowerCase() !== context.organizationId) {
    throw new NotFoundError('Organization');
  }
  return context.organizationId;
}
