import { Injectable } from '@nestjs/common';
import { Database, widestScope } from '../../../../../shared/platform/database/index.js';
import { NotFoundError, type RequestContext } from '../../../../../shared/platform/index.js';
import { type Level, PARENT } from '../../../domain/hierarchy-node.js';
import { PlaceChanges } from '../../place-changes.js';
import { Hierarchy } from '../hierarchy.js';
import { DELETE, HierarchyAccess, NOUNS } from '../hierarchy-access.js';
import { recordNodeAct } from '../record-node-act.js';

/** Takes a deletion back, within 90 days. It is as active as it was before. */
@Injectable()
export class RestoreNode {
  constructor(
    private readonly database: Database,
    private readonly hierarchy: Hierarchy,
    private readonly access: HierarchyAccess,
    private readonly places: PlaceChanges,
  ) {}

  /**
   * @throws NotFoundError when there is none, or none that the caller may know of, or its time is over
   * @throws PermissionDeniedError when they may not delete it either
   * @throws ConflictError when it is not deleted, or what it is part of is
   */
  async execute(context: RequestContext, level: Level, id: string): Promise<void> {
    await this.database.transaction(widestScope(context), async (manager) => {
      const known = await this.hierarchy.find(manager, level, id);
      const { parentId } = await this.access.assertHolds(context, DELETE[level], level, known);
      // What it is part of is not deleted meanwhile.
      const parentLevel = PARENT[level];
      if (parentLevel !== null && parentId !== null) await this.hierarchy.forUpdate(manager, parentLevel, parentId);
      const node = await this.hierarchy.forUpdate(manager, level, id);
      const now = new Date();
      if (!node || node.isPurgeable(now)) throw new NotFoundError(NOUNS[level]);
      const before = { deletedAt: node.deletedAt };
      node.undelete();
      await this.hierarchy.save(manager, node);
      await recordNodeAct(manager, context, node, {
        action: `${level}.restored`,
        before,
        after: { deletedAt: null },
      });
    });
    this.places.announce();
  }
}
