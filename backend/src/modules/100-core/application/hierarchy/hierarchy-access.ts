import { Injectable } from '@nestjs/common';
import type { Permission } from '@telemetryflow/contracts';
import { NotFoundError, PermissionDeniedError, type RequestContext } from '../../../../shared/platform/index.js';
import type { Area } from '../../domain/access.js';
import type { HierarchyNode, Level } from '../../domain/hierarchy-node.js';
import { type Reach, reachOver } from '../../domain/reach.js';
import { AccessDirectory } from '../access-directory.js';

/** What the caller must hold to know that something of the level exists. */
const READ: Readonly<Record<Level, Permission>> = {
  region: 'regions:read',
  organization: 'organizations:read',
  workspace: 'workspaces:read',
  tenant: 'tenants:read',
};
/** What changes it, opens it and closes it. */
export const UPDATE: Readonly<Record<Level, Permission>> = {
  region: 'regions:update',
  organization: 'organizations:update',
  workspace: 'workspaces:update',
  tenant: 'tenants:update',
};
/** What deletes it, and takes that back. */
export const DELETE: Readonly<Record<Level, Permission>> = {
  region: 'regions:delete',
  organization: 'organizations:delete',
  workspace: 'workspaces:delete',
  tenant: 'tenants:delete',
};
export const NOUNS: Readonly<Record<Level, string>> = {
  region: 'Region',
  organization: 'Organization',
  workspace: 'Workspace',
  tenant: 'Tenant',
};

/**
 * Who may do what to which part of the hierarchy. The guard has looked at where the caller stands; what they act on may
 * lie elsewhere in their organization, or, for platform administrators, in another one.
 */
@Injectable()
export class HierarchyAccess {
  constructor(private readonly access: AccessDirectory) {}

  /**
   * @returns the node, for whoever may know of it and holds the permission there
   * @throws NotFoundError when there is none, or the caller may not know of it
   * @throws PermissionDeniedError when they may read it, but lack the permission there
   */
  async assertHolds(
    context: RequestContext,
    permission: Permission,
    level: Level,
    node: HierarchyNode | null,
  ): Promise<HierarchyNode> {
    if (node === null) throw new NotFoundError(NOUNS[level]);
    const held = await this.#heldAt(context, node.area, level);
    if (!held.has(READ[level])) throw new NotFoundError(NOUNS[level]);
    if (!held.has(permission)) throw new PermissionDeniedError(`${permission} there`);
    return node;
  }

  /** As {@link assertHolds}, of what is not deleted. */
  async assertHoldsAlive(
    context: RequestContext,
    permission: Permission,
    level: Level,
    node: HierarchyNode | null,
  ): Promise<HierarchyNode> {
    return this.assertHolds(context, permission, level, node?.isAlive ? node : null);
  }

  /** Where the caller may read what is of the level. */
  async reachOf({ actor }: RequestContext, level: Level): Promise<Reach> {
    const access = await this.access.accessOf(actor.id);
    return reachOver(access.holdingOf(READ[level], Date.now()), level);
  }

  async #heldAt(context: RequestContext, area: Area, level: Level): Promise<ReadonlySet<string>> {
    const access = await this.access.accessOf(context.actor.id);
    const held = access.permissionsThroughout(area, Date.now());
    // Regions belong to nobody: everyone may know of them, and only what is held over the whole platform changes them.
    return level === 'region' ? new Set([...held, READ.region]) : held;
  }
}
