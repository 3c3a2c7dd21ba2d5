import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database, widestScope } from '../../../../../shared/platform/database/index.js';
import type { RequestContext } from '../../../../../shared/platform/index.js';
import { type HierarchyNode, type Level, PARENT } from '../../../domain/hierarchy-node.js';
import { PlaceChanges } from '../../place-changes.js';
import { Closures } from '../closures.js';
import { Hierarchy } from '../hierarchy.js';
import { HierarchyAccess, UPDATE } from '../hierarchy-access.js';
import { recordNodeAct } from '../record-node-act.js';

/**
 * Opens or closes a region, organization, workspace or tenant. Closed, it refuses its users, sessions and keys at once,
 * and so does everything in it. Doing it again changes nothing and is no error.
 */
@Injectable()
export class ChangeActivity {
  constructor(
    private readonly database: Database,
    private readonly hierarchy: Hierarchy,
    private readonly access: HierarchyAccess,
    private readonly closures: Closures,
    private readonly places: PlaceChanges,
  ) {}

  /**
   * @throws NotFoundError when there is none, or none that the caller may know of
   * @throws PermissionDeniedError when they may not update it
   * @throws ConflictError when the platform could not go on without it
   */
  async activate(context: RequestContext, level: Level, id: string): Promise<void> {
    await this.#change(context, level, id, async (manager, node) => node.activate());
  }

  /** As {@link activate}. */
  async deactivate(context: RequestContext, level: Level, id: string): Promise<void> {
    await this.#change(context, level, id, async (manager, node) => {
      if (!node.deactivate()) return false;
      await this.closures.close(manager, node);
      return true;
    });
  }

  async #change(
    context: RequestContext,
    level: Level,
    id: string,
    change: (manager: EntityManager, node: HierarchyNode) => Promise<boolean>,
  ): Promise<void> {
    await this.database.transaction(widestScope(context), async (manager) => {
      const known = await this.hierarchy.find(manager, level, id);
      const { parentId } = await this.access.assertHoldsAlive(context, UPDATE[level], level, known);
      // Its parent is not deleted while one of its children becomes active.
      const parentLevel = PARENT[level];
      if (parentLevel !== null && parentId !== null) await this.hierarchy.forUpdate(manager, parentLevel, parentId);
      const found = await this.hierarchy.forUpdate(manager, level, id);
      const node = await this.access.assertHoldsAlive(context, UPDATE[level], level, found);
      if (!(await change(manager, node))) return;
      await this.hierarchy.save(manager, node);
      await recordNodeAct(manager, context, node, {
        action: `${level}.${node.isActive ? 'activated' : 'deactivated'}`,
        before: { isActive: !node.isActive },
        after: { isActive: node.isActive },
      });
    });
    this.places.announce();
  }
}
