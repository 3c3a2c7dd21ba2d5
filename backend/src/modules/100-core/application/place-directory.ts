import type { ScopeTree } from '@telemetryflow/contracts';
import type { Access, Place } from '../domain/access.js';

/** The hierarchy's living, active places. Answers may be up to half a minute old, except after an eviction. */
export abstract class PlaceDirectory {
  /** The tenant and what it is part of; null when it, or anything above it, is unknown, inactive or deleted. */
  abstract tenant(tenantId: string): Promise<Place | null>;
  /** The tenants of the workspace, oldest first. */
  abstract tenantsOf(workspaceId: string): Promise<readonly Place[]>;
  /** All that `access` reaches, as the switcher shows it, by name. */
  abstract visibleTo(access: Access, now: number): Promise<ScopeTree>;
  /** After the hierarchy has changed. */
  abstract evictAll(): void;
}
