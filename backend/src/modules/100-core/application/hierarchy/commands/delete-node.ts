import { Injectable } from '@nestjs/common';
import { Database, widestScope } from '../../../../../shared/platform/database/index.js';
import type { RequestContext } from '../../../../../shared/platform/index.js';
import type { Level } from '../../../domain/hierarchy-node.js';
import { PlaceChanges } from '../../place-changes.js';
import { Closures } from '../closures.js';
import { Hierarchy } from '../hierarchy.js';
import { DELETE, HierarchyAccess } from '../hierarchy-access.js';
import { recordNodeAct } from '../record-node-act.js';

/**
 * Deletes a region, organization, workspace or tenant that has nothing active in it any more. It can be restored until
 * it is purged; until then it is out of every list and everything in it is closed.
 */
@Injectable()
export class DeleteNode {
  constructor(
    private readonly database: Database,
    private readonly hierarchy: Hierarchy,
    private readonly access: HierarchyAccess,
    private readonly closures: Closures,
    private readonly places: PlaceChanges,
  ) {}

  /**
   * @throws NotFoundError when there is none, or none that the caller may know of
   * @throws PermissionDeniedError when they may not delete it
   * @throws ConflictError while it has active children, or when the platform could not go on without it
   */
  async execute(context: RequestContext, level: Level, id: string): Promise<void> {
    await this.database.transaction(widestScope(context), async (manager) => {
      const found = await this.hierarchy.forUpdate(manager, level, id);
      const node = await this.access.assertHoldsAlive(context, DELETE[level], level, found);
      node.delete(new Date(), await this.hierarchy.activeChildren(manager, node));
      await this.closures.close(manager, node);
      await this.hierarchy.save(manager, node);
      await recordNodeAct(manager, context, node, {
        action: `${level}.deleted`,
        before: { code: node.code, ...node.attributes },
      });
    });
    this.places.announce();
  }
}
