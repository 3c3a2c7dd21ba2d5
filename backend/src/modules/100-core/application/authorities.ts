import { Injectable } from '@nestjs/common';
import type { Permission } from '@telemetryflow/contracts';
import { type SystemScope, widestScope } from '../../../shared/platform/database/index.js';
import { NotFoundError, PermissionDeniedError, type RequestContext } from '../../../shared/platform/index.js';
import { type Area, organizationArea } from '../domain/access.js';
import { Authority, NotAllowedError } from '../domain/authority.js';
import { AccessDirectory } from './access-directory.js';

/** What callers may do to others' access. */
@Injectable()
export class Authorities {
  constructor(private readonly access: AccessDirectory) {}

  /** @throws NotAllowedError for callers that are no person */
  async of({ actor }: RequestContext): Promise<Authority> {
    if (actor.type !== 'user') throw new NotAllowedError('Only a person administers people');
    return new Authority(actor.id, await this.access.accessOf(actor.id), Date.now());
  }
}

/** How far somebody who administers people looks: their organization, or, holding a role over all of it, the platform. */
export interface Bounds {
  readonly scope: RequestContext | SystemScope;
  /** Null: any. Every statement says it beside the policies. */
  readonly organizationId: string | null;
}

export function reachOf(context: RequestContext): Bounds {
  const organizationId = context.isPlatformAdministrator ? null : context.organizationId;
  return { scope: widestScope(context), organizationId };
}

/**
 * The organization whose user, group or role the caller is about to change: in another one than theirs, what they may not
 * change is not there.
 *
 * @param what for the message: `Group`
 * @throws PermissionDeniedError when they lack the permission in their own organization
 * @throws NotFoundError when they lack it in another one
 */
export function areaOfChange(
  context: RequestContext,
  authority: Authority,
  { organizationId, permission, what }: { organizationId: string; permission: Permission; what: string },
): Area {
  const area = organizationArea(organizationId);
  if (authority.holds(permission, area)) return area;
  throw organizationId === context.organizationId ? new PermissionDeniedError(permission) : new NotFoundError(what);
}
