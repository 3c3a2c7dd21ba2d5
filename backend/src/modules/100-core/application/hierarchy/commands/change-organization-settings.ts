import { Injectable } from '@nestjs/common';
import type { UpdateOrganizationRequest } from '@telemetryflow/contracts';
import { Database, widestScope } from '../../../../../shared/platform/database/index.js';
import { PermissionDeniedError, type RequestContext } from '../../../../../shared/platform/index.js';
import { Hierarchy } from '../hierarchy.js';
import { HierarchyAccess } from '../hierarchy-access.js';
import { UpdateNode } from './update-node.js';

/** Changes an organization's settings: its creator alone may. */
@Injectable()
export class ChangeOrganizationSettings {
  constructor(
    private readonly database: Database,
    private readonly hierarchy: Hierarchy,
    private readonly access: HierarchyAccess,
    private readonly updateNode: UpdateNode,
  ) {}

  /**
   * @throws NotFoundError when there is none, or none that the caller may know of
   * @throws PermissionDeniedError when they did not create it, or lost the permission since
   */
  async execute(context: RequestContext, id: string, changes: UpdateOrganizationRequest): Promise<void> {
    await this.database.transaction(widestScope(context), async (manager) => {
      const found = await this.hierarchy.find(manager, 'organization', id);
      await this.access.assertHoldsAlive(context, 'organizations:update', 'organization', found);
      if (await this.hierarchy.isCreator(manager, id, context.actor.id)) return;
      throw new PermissionDeniedError('of the organization’s creator');
    });
    await this.updateNode.execute(context, {
      level: 'organization',
      id,
      changes,
      permission: 'organizations:update',
      action: 'organization.settings_changed',
    });
  }
}
