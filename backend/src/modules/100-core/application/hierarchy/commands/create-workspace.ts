import { Injectable } from '@nestjs/common';
import type { CreateWorkspaceRequest } from '@telemetryflow/contracts';
import { Database, widestScope } from '../../../../../shared/platform/database/index.js';
import { newId, type RequestContext } from '../../../../../shared/platform/index.js';
import { HierarchyNode } from '../../../domain/hierarchy-node.js';
import { Hierarchy } from '../hierarchy.js';
import { HierarchyAccess } from '../hierarchy-access.js';
import { NewNodes } from '../new-nodes.js';

/** Creates a workspace in the organization that the caller stands in, or in one that the request names. */
@Injectable()
export class CreateWorkspace {
  constructor(
    private readonly database: Database,
    private readonly hierarchy: Hierarchy,
    private readonly access: HierarchyAccess,
    private readonly nodes: NewNodes,
  ) {}

  /**
   * @throws NotFoundError when there is no such organization, or none that the caller may know of
   * @throws PermissionDeniedError when they may not create workspaces there
   * @throws ConflictError when the code is taken in the organization
   */
  execute(context: RequestContext, request: CreateWorkspaceRequest): Promise<string> {
    const { code, organizationId = context.organizationId, ...attributes } = request;
    return this.database.transaction(widestScope(context), async (manager) => {
      const organization = await this.hierarchy.forUpdate(manager, 'organization', organizationId);
      await this.access.assertHoldsAlive(context, 'workspaces:create', 'organization', organization);
      const id = newId();
      const workspace = HierarchyNode.create({
        level: 'workspace',
        id,
        code,
        organizationId,
        workspaceId: id,
        parentId: organizationId,
        attributes,
      });
      await this.nodes.add(manager, context, workspace);
      return id;
    });
  }
}
