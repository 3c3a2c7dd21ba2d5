import { Injectable } from '@nestjs/common';
import type { CreateRegionRequest } from '@telemetryflow/contracts';
import { Database, widestScope } from '../../../../../shared/platform/database/index.js';
import { newId, type RequestContext } from '../../../../../shared/platform/index.js';
import { HierarchyNode } from '../../../domain/hierarchy-node.js';
import { NewNodes } from '../new-nodes.js';

/** Opens a region for organizations. */
@Injectable()
export class CreateRegion {
  constructor(
    private readonly database: Database,
    private readonly nodes: NewNodes,
  ) {}

  /** @throws ConflictError when the code is taken */
  execute(context: RequestContext, { code, ...attributes }: CreateRegionRequest): Promise<string> {
    const region = HierarchyNode.create({
      level: 'region',
      id: newId(),
      code,
      organizationId: null,
      workspaceId: null,
      parentId: null,
      attributes,
    });
    return this.database.transaction(widestScope(context), async (manager) => {
      // The guard's permission is held over the whole platform or not at all.
      await this.nodes.add(manager, context, region);
      return region.id;
    });
  }
}
