import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type ActOrigin, recordAct } from '../../../../shared/platform/database/index.js';
import {
  ConflictError,
  DomainError,
  NotFoundError,
  type RequestContext,
  ValidationError,
} from '../../../../shared/platform/index.js';
import { organizationArea, type Place } from '../../domain/access.js';
import { Authority, NotAllowedError } from '../../domain/authority.js';
import type { Role } from '../../domain/role.js';
import { DEFAULT_ROLE } from '../../domain/role.js';
import { User } from '../../domain/user.js';
import { AccessDirectory } from '../access-directory.js';
import { RoleAssignments } from '../assignments/role-assignments.js';
import { Authorities, reachOf } from '../authorities.js';
import { Roles } from '../roles/roles.js';
import { Users } from './users.js';

/** Where somebody is invited to, and as what. */
export interface Membership {
  readonly organizationId: string;
  readonly roleId: string;
}

export interface InvitedPerson {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly passwordHash: string;
  readonly emailVerified: boolean;
}

/** People who join an organization by themselves, with a role that somebody of it has offered. */
@Injectable()
export class InvitedPeople {
  constructor(
    private readonly authorities: Authorities,
    private readonly access: AccessDirectory,
    private readonly roles: Roles,
    private readonly users: Users,
    private readonly assignments: RoleAssignments,
  ) {}

  /**
   * Nobody offers what they could not give. In a transaction that sees the organization.
   *
   * @param roleId default: Viewer
   * @returns what may be offered
   * @throws NotFoundError when the organization or the role is unknown or out of reach
   * @throws PermissionDeniedError and NotAllowedError when the role is more than the caller may give
   */
  async offer(
    manager: EntityManager,
    context: RequestContext,
    organizationId: string,
    roleId: string | undefined,
  ): Promise<Membership> {
    const reach = reachOf(context);
    if (reach.organizationId !== null && reach.organizationId !== organizationId) {
      throw new NotFoundError('Organization');
    }
    const authority = await this.authorities.of(context);
    const area = organizationArea(organizationId);
    if (roleId !== undefined) authority.assertHolds('permissions:assign', area);
    const id = roleId ?? (await this.roles.systemRoleId(manager, DEFAULT_ROLE));
    const role = await this.roles.forShare(manager, id, organizationId);
    if (!role) throw new NotFoundError('Role');
    if (role.isSystem && role.code === 'super_administrator') {
      const message = 'is held over the whole platform; nobody is invited to it';
      throw new ValidationError([{ path: 'roleId', code: 'invalid', message }]);
    }
    assertMayOffer(authority, role, organizationId);
    return { organizationId, roleId: role.id };
  }

  /**
   * Adds the person with the role that was offered, on record.
   *
   * @param manager in `systemScope('platform')`
   * @param invitedBy whose offer it is
   * @returns the user's id; null when somebody has the address
   * @throws ConflictError when the role is gone, or the workspace takes no more users
   * @throws NotAllowedError when whoever offered it is gone, or could not offer it now
   */
  async join(
    manager: EntityManager,
    origin: ActOrigin,
    person: InvitedPerson,
    { roleId, home, invitedBy }: { roleId: string; home: Place; invitedBy: string },
  ): Promise<string | null> {
    const { organizationId, workspaceId, tenantId } = home;
    const role = await this.roles.forShare(manager, roleId, organizationId);
    if (!role) throw new ConflictError('The role of this invitation is gone; ask for a new invitation');
    await this.#assertStillOffered(manager, invitedBy, role, organizationId);
    const left = await this.users.placesLeft(manager, workspaceId);
    if (left !== null && left <= 0) throw new ConflictError('The workspace takes no more users; ask its administrator');
    const { email, firstName, lastName, passwordHash, emailVerified } = person;
    const draft = { email, firstName, lastName, emailVerified, forcePasswordChange: false };
    const user = User.create({ ...draft, organizationId, workspaceId, tenantId }, new Date());
    if (!(await this.users.add(manager, user, passwordHash))) return null;
    const resource = { type: 'user', id: user.id, name: email };
    await recordAct(manager, origin, {
      action: 'user.created',
      resource,
      organizationId,
      after: { email, firstName, lastName, tenantId },
      details: { userId: user.id, invitedBy },
    });
    const holder = { type: 'user', id: user.id, name: email, organizationId } as const;
    const area = organizationArea(organizationId);
    await this.assignments.add(manager, holder, { roleId, area, assignedBy: invitedBy, expiresAt: null });
    await recordAct(manager, origin, {
      action: 'user.role_assigned',
      resource,
      organizationId,
      after: { role: role.code, scope: { type: 'organization', id: organizationId }, expiresAt: null },
      details: { userId: user.id, roleId, invitedBy },
    });
    return user.id;
  }

  /** An invitation lives for days, and is no way back for those who lost what they offer. */
  async #assertStillOffered(
    manager: EntityManager,
    invitedBy: string,
    role: Role,
    organizationId: string,
  ): Promise<void> {
    const inviter = await this.users.forUpdate(manager, invitedBy, null);
    const refusal = new NotAllowedError('Whoever made this invitation may not invite you any more; ask for a new one');
    if (!inviter?.isActive) throw refusal;
    const authority = new Authority(invitedBy, await this.access.read(manager, invitedBy), Date.now());
    try {
      assertMayOffer(authority, role, organizationId);
    } catch (error) {
      // What exactly they lack is not the newcomer's business.
      throw error instanceof DomainError ? refusal : error;
    }
  }
}

/** @throws PermissionDeniedError, NotAllowedError */
function assertMayOffer(authority: Authority, role: Role, organizationId: string): void {
  const area = organizationArea(organizationId);
  authority.assertHolds('users:create', area);
  authority.assertNotOutranked(role.level, area);
  authority.assertMayGive(role.permissions, area);
}
