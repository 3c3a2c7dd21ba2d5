import { Injectable } from '@nestjs/common';
import type { Permission } from '@telemetryflow/contracts';
import { Database, widestScope } from '../../../../../shared/platform/database/index.js';
import type { RequestContext } from '../../../../../shared/platform/index.js';
import type { Level, NodeAttributes } from '../../../domain/hierarchy-node.js';
import { PlaceChanges } from '../../place-changes.js';
import { Hierarchy } from '../hierarchy.js';
import { HierarchyAccess } from '../hierarchy-access.js';
import { recordNodeAct } from '../record-node-act.js';

export interface NodeChange {
  readonly level: Level;
  readonly id: string;
  readonly changes: NodeAttributes;
  /** Held where the node lies. */
  readonly permission: Permission;
  /** Default: `<level>.updated`. */
  readonly action?: string;
}

/** Changes what may change of a region, organization, workspace or tenant; never its code. */
@Injectable()
export class UpdateNode {
  constructor(
    private readonly database: Database,
    private readonly hierarchy: Hierarchy,
    private readonly access: HierarchyAccess,
    private readonly places: PlaceChanges,
  ) {}

  /**
   * @throws NotFoundError when there is none, or none that the caller may know of
   * @throws PermissionDeniedError when they lack the permission there
   */
  async execute(context: RequestContext, { level, id, changes, permission, action }: NodeChange): Promise<void> {
    const changed = await this.database.transaction(widestScope(context), async (manager) => {
      const found = await this.hierarchy.forUpdate(manager, level, id);
      const node = await this.access.assertHoldsAlive(context, permission, level, found);
      const difference = node.change(changes);
      if (difference === null) return false;
      await this.hierarchy.save(manager, node);
      await recordNodeAct(manager, context, node, {
        action: action ?? `${level}.updated`,
        ...difference,
      });
      return true;
    });
    if (changed) this.places.announce();
  }
}
