import { Injectable } from '@nestjs/common';
import { WorkspaceQuotas, type CreateTenantRequest } from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import { Database, widestScope } from '../../../../../shared/platform/database/index.js';
import { ConflictError, newId, type RequestContext } from '../../../../../shared/platform/index.js';
import { HierarchyNode } from '../../../domain/hierarchy-node.js';
import { Hierarchy } from '../hierarchy.js';
import { HierarchyAccess } from '../hierarchy-access.js';
import { NewNodes } from '../new-nodes.js';

/** Creates a tenant in a workspace, within the workspace's quota of tenants. */
@Injectable()
export class CreateTenant {
  constructor(
    private readonly database: Database,
    private readonly hierarchy: Hierarchy,
    private readonly access: HierarchyAccess,
    private readonly nodes: NewNodes,
  ) {}

  /**
   * @throws NotFoundError when there is no such workspace, or none that the caller may know of
   * @throws PermissionDeniedError when they may not create tenants there
   * @throws ConflictError when the code is taken in the workspace, its quota is used up, or it is the platform's own
   */
  execute(context: RequestContext, request: CreateTenantRequest): Promise<string> {
    const { code, workspaceId, ...attributes } = request;
    return this.database.transaction(widestScope(context), async (manager) => {
      // Locked: of two that take the last of the quota, one does.
      const found = await this.hierarchy.forUpdate(manager, 'workspace', workspaceId);
      const workspace = await this.access.assertHoldsAlive(context, 'tenants:create', 'workspace', found);
      await this.#assertRoom(manager, workspace);
      const id = newId();
      const tenant = HierarchyNode.create({
        level: 'tenant',
        id,
        code,
        organizationId: workspace.organizationId,
        workspaceId,
        parentId: workspaceId,
        attributes,
      });
      await this.nodes.add(manager, context, tenant);
      return id;
    });
  }

  async #assertRoom(manager: EntityManager, workspace: HierarchyNode): Promise<void> {
    if (workspace.isReserved) throw new ConflictError('Here the platform keeps its own telemetry, and nothing else');
    const { maxTenants } = WorkspaceQuotas.parse(workspace.attributes['quotas'] ?? {});
    if (typeof maxTenants !== 'number') return;
    if ((await this.hierarchy.children(manager, workspace)) < maxTenants) return;
    throw new ConflictError(`The workspace's quota allows ${maxTenants} tenants; delete one or have the quota raised`);
  }
}
