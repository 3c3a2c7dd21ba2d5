import { Injectable } from '@nestjs/common';
import type { CreateUserRequest } from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import { Database, recordAct } from '../../../../shared/platform/database/index.js';
import { ConflictError, NotFoundError, type RequestContext } from '../../../../shared/platform/index.js';
import { SecretHasher } from '../../../../shared/platform/secret-hasher.js';
import { organizationArea, type Place } from '../../domain/access.js';
import { DEFAULT_ROLE } from '../../domain/role.js';
import { User } from '../../domain/user.js';
import { RoleAssigner } from '../assignments/role-assigner.js';
import { Authorities, reachOf } from '../authorities.js';
import { PasswordPolicy } from '../password-policy.js';
import { PlaceDirectory } from '../place-directory.js';
import { Roles } from '../roles/roles.js';
import { invitation } from './invite-user.js';
import { Users } from './users.js';

/** Adds a person to an organization, with a password or with a mailed link to choose one, and with a first role. */
@Injectable()
export class CreateUser {
  constructor(
    private readonly database: Database,
    private readonly authorities: Authorities,
    private readonly places: PlaceDirectory,
    private readonly policy: PasswordPolicy,
    private readonly hasher: SecretHasher,
    private readonly users: Users,
    private readonly roles: Roles,
    private readonly assigner: RoleAssigner,
  ) {}

  /**
   * @returns the new user's id
   * @throws ValidationError when the password is too weak
   * @throws NotFoundError when the tenant, the role or the scope is unknown or out of reach
   * @throws PermissionDeniedError and NotAllowedError when the role is more than the caller may give
   * @throws ConflictError when the address is taken, or the workspace takes no more users
   */
  async execute(context: RequestContext, request: CreateUserRequest): Promise<string> {
    const authority = await this.authorities.of(context);
    const home = await this.#home(context, request.tenantId ?? context.tenantId);
    const area = organizationArea(home.organizationId);
    authority.assertHolds('users:create', area);
    if (request.roleId !== undefined) authority.assertHolds('permissions:assign', area);
    const { email, firstName, lastName, password } = request;
    if (password !== undefined) await this.policy.assert(password, { email, names: [firstName, lastName] });
    const passwordHash = password === undefined ? null : await this.hasher.hash(password);
    return this.database.transaction(reachOf(context).scope, async (manager) => {
      const user = await this.#add(manager, request, home, passwordHash);
      const { organizationId } = home;
      await recordAct(manager, context, {
        action: 'user.created',
        resource: { type: 'user', id: user.id, name: email },
        after: { email, firstName, lastName, tenantId: user.tenantId, forcePasswordChange: user.forcePasswordChange },
        organizationId,
      });
      await this.assigner.assign(
        manager,
        context,
        authority,
        { type: 'user', id: user.id, name: email, organizationId },
        {
          roleId: request.roleId ?? (await this.roles.systemRoleId(manager, DEFAULT_ROLE)),
          ...(request.scope && { scope: request.scope }),
        },
      );
      if (passwordHash === null) await recordAct(manager, context, invitation(user, context));
      return user.id;
    });
  }

  async #home(context: RequestContext, tenantId: string): Promise<Place> {
    const place = await this.places.tenant(tenantId);
    const { organizationId } = reachOf(context);
    if (!place || place.reserved || (organizationId !== null && place.organizationId !== organizationId)) {
      throw new NotFoundError('Tenant');
    }
    return place;
  }

  async #add(
    manager: EntityManager,
    { email, firstName, lastName, forcePasswordChange }: CreateUserRequest,
    home: Place,
    passwordHash: string | null,
  ): Promise<User> {
    const left = await this.users.placesLeft(manager, home.workspaceId);
    if (left !== null && left <= 0) {
      throw new ConflictError("The workspace's quota of users is used up; delete one or have the quota raised");
    }
    const { organizationId, workspaceId, tenantId } = home;
    const draft = { email, firstName, lastName, organizationId, workspaceId, tenantId, forcePasswordChange };
    // Whoever sets a password vouches for the address; the invited prove theirs by the link.
    const user = User.create({ ...draft, emailVerified: passwordHash !== null }, new Date());
    if (await this.users.add(manager, user, passwordHash)) return user;
    const message = 'belongs to another user already';
    throw new ConflictError('The e-mail address is taken', [{ path: 'email', code: 'taken', message }]);
  }
}
