import { Injectable } from '@nestjs/common';
import type { CreateOrganizationRequest } from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import type { ActOrigin } from '../../../../shared/platform/database/index.js';
import { ConflictError, newId, NotFoundError } from '../../../../shared/platform/index.js';
import { HierarchyNode } from '../../domain/hierarchy-node.js';
import { Hierarchy } from './hierarchy.js';
import { recordNodeAct } from './record-node-act.js';

/** Puts new parts of the hierarchy in their place, on record. */
@Injectable()
export class NewNodes {
  constructor(private readonly hierarchy: Hierarchy) {}

  /**
   * The parent is locked by the caller, so that it is not deleted meanwhile.
   *
   * @param path the request's field of the code
   * @throws ConflictError when the code is taken
   */
  async add(manager: EntityManager, origin: ActOrigin, node: HierarchyNode, path = 'code'): Promise<void> {
    if (!(await this.hierarchy.add(manager, node))) throw codeTaken(node, path);
    await recordNodeAct(manager, origin, node, {
      action: `${node.level}.created`,
      after: { code: node.code, ...node.attributes },
    });
  }

  /**
   * Needs `systemScope('platform')`.
   *
   * @throws NotFoundError when there is no such region
   * @throws ConflictError when the code is taken, or the region is inactive
   */
  async addOrganization(
    manager: EntityManager,
    origin: ActOrigin,
    { code, regionId, ...attributes }: CreateOrganizationRequest,
    path = 'code',
  ): Promise<HierarchyNode> {
    const region = await this.hierarchy.forUpdate(manager, 'region', regionId);
    if (!region?.isAlive) throw new NotFoundError('Region');
    if (!region.isActive) throw new ConflictError('The region is inactive: it takes no new organizations');
    const id = newId();
    const organization = HierarchyNode.create({
      level: 'organization',
      id,
      code,
      organizationId: id,
      workspaceId: null,
      parentId: regionId,
      attributes,
    });
    await this.add(manager, origin, organization, path);
    return organization;
  }
}

function codeTaken({ level, code }: HierarchyNode, path: string): ConflictError {
  const message = `is taken by another ${level}, which may be deleted and wait for its purge; choose another code`;
  return new ConflictError(`The code ${code} is taken`, [{ path, code: 'taken', message }]);
}
