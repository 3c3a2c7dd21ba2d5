import { Injectable } from '@nestjs/common';
import { type ActOrigin, Database, recordAct, systemScope } from '../../../../../shared/platform/database/index.js';
import { RESTORABLE_DAYS } from '../../../domain/hierarchy-node.js';
import { PlaceChanges } from '../../place-changes.js';
import { type PurgeCandidate, Purges } from '../purges.js';

const ACTOR = { type: 'system', id: 'hierarchy-purge' } as const;

/**
 * Removes for good what has been deleted for 90 days. Each part in a transaction of its own, so that what is interrupted
 * goes on with the next run. `tenant.purged` tells whoever keeps something of the tenant elsewhere: telemetry above all.
 */
@Injectable()
export class PurgeDeleted {
  constructor(
    private readonly database: Database,
    private readonly purges: Purges,
    private readonly places: PlaceChanges,
  ) {}

  /** Answers how many regions, organizations, workspaces and tenants went by themselves. `requestId` goes into the acts. */
  async execute(requestId: string, now = new Date()): Promise<number> {
    const before = new Date(now.getTime() - RESTORABLE_DAYS * 86_400_000);
    const scope = systemScope('platform');
    const due = await this.database.transaction(scope, (manager) => this.purges.due(manager, before));
    let purged = 0;
    for (const candidate of due) if (await this.#purge(requestId, candidate, before)) purged += 1;
    if (purged > 0) this.places.announce();
    return purged;
  }

  #purge(requestId: string, candidate: PurgeCandidate, before: Date): Promise<boolean> {
    return this.database.transaction(systemScope('platform'), async (manager) => {
      const tenants = await this.purges.purge(manager, candidate, before);
      if (tenants === null) return false;
      const origin: ActOrigin = { requestId, ip: '', userAgent: '', actor: ACTOR };
      for (const { name, ...place } of tenants) {
        await recordAct(
          manager,
          { ...origin, ...place },
          { action: 'tenant.purged', resource: { type: 'tenant', id: place.tenantId, name } },
        );
      }
      const { level, id, code, name, organizationId } = candidate;
      if (level !== 'tenant') {
        await recordAct(manager, origin, {
          action: `${level}.purged`,
          resource: { type: level, id, name },
          organizationId,
          before: { code },
        });
      }
      return true;
    });
  }
}
