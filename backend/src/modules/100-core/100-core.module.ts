import { Module } from '@nestjs/common';
import { DatabaseModule } from '../../shared/platform/database/database.module.js';
import { SecretHasher } from '../../shared/platform/secret-hasher.js';
import { AccessDirectory } from './application/access-directory.js';
import { Administrators } from './application/administrators.js';
import { Areas } from './application/areas.js';
import { AssignRole } from './application/assignments/assign-role.js';
import { AssignmentList } from './application/assignments/assignment-list.js';
import { GrantPermission } from './application/assignments/grant-permission.js';
import { PermissionGrants } from './application/assignments/permission-grants.js';
import { PermissionsOfUser } from './application/assignments/permissions-of-user.js';
import { RevokePermission } from './application/assignments/revoke-permission.js';
import { RevokeRole } from './application/assignments/revoke-role.js';
import { RoleAssigner } from './application/assignments/role-assigner.js';
import { RoleAssignments } from './application/assignments/role-assignments.js';
import { Authorities } from './application/authorities.js';
import { DefaultKeyIssuer } from './application/default-key-issuer.js';
import { ForgetChangedAccess } from './application/forget-changed-access.js';
import { ChangeGroupRoles } from './application/groups/change-group-roles.js';
import { ChangeMembers } from './application/groups/change-members.js';
import { CreateGroup } from './application/groups/create-group.js';
import { DeleteGroup } from './application/groups/delete-group.js';
import { GroupList } from './application/groups/group-list.js';
import { Groups } from './application/groups/groups.js';
import { ManagedGroups } from './application/groups/managed-groups.js';
import { UpdateGroup } from './application/groups/update-group.js';
import { Closures } from './application/hierarchy/closures.js';
import { ChangeActivity } from './application/hierarchy/commands/change-activity.js';
import { ChangeOrganizationSettings } from './application/hierarchy/commands/change-organization-settings.js';
import { CreateOrganization } from './application/hierarchy/commands/create-organization.js';
import { CreateRegion } from './application/hierarchy/commands/create-region.js';
import { CreateTenant } from './application/hierarchy/commands/create-tenant.js';
import { CreateWorkspace } from './application/hierarchy/commands/create-workspace.js';
import { DeleteNode } from './application/hierarchy/commands/delete-node.js';
import { ProvisionOrganization } from './application/hierarchy/commands/provision-organization.js';
import { PurgeDeleted } from './application/hierarchy/commands/purge-deleted.js';
import { RestoreNode } from './application/hierarchy/commands/restore-node.js';
import { UpdateNode } from './application/hierarchy/commands/update-node.js';
import { Founders } from './application/hierarchy/founders.js';
import { HierarchyAccess } from './application/hierarchy/hierarchy-access.js';
import { HierarchyJobs } from './application/hierarchy/hierarchy-jobs.js';
import { HierarchyViews } from './application/hierarchy/hierarchy-views.js';
import { Hierarchy } from './application/hierarchy/hierarchy.js';
import { NewNodes } from './application/hierarchy/new-nodes.js';
import { OrganizationProvisioner } from './application/hierarchy/organization-provisioner.js';
import { Purges } from './application/hierarchy/purges.js';
import { PasswordEstimator } from './application/password-estimator.js';
import { PasswordHistory } from './application/password-history.js';
import { PasswordPolicy } from './application/password-policy.js';
import { PlaceChanges } from './application/place-changes.js';
import { PlaceDirectory } from './application/place-directory.js';
import { Quotas } from './application/quotas.js';
import { CreateRole } from './application/roles/create-role.js';
import { DeleteRole } from './application/roles/delete-role.js';
import { ManagedRoles } from './application/roles/managed-roles.js';
import { RoleList } from './application/roles/role-list.js';
import { Roles } from './application/roles/roles.js';
import { SetRolePermissions } from './application/roles/set-role-permissions.js';
import { UpdateRole } from './application/roles/update-role.js';
import { SeedStore } from './application/seed-store.js';
import { SeedService } from './application/seed.service.js';
import { UserFactors } from './application/user-factors.js';
import { UserSessions } from './application/user-sessions.js';
import { ActivateUser } from './application/users/activate-user.js';
import { CreateUser } from './application/users/create-user.js';
import { DeleteUser } from './application/users/delete-user.js';
import { EndUserSessions } from './application/users/end-user-sessions.js';
import { InviteUser } from './application/users/invite-user.js';
import { InvitedPeople } from './application/users/invited-people.js';
import { ManagedUsers } from './application/users/managed-users.js';
import { RemoveSecondFactor } from './application/users/remove-second-factor.js';
import { SetUserPassword } from './application/users/set-user-password.js';
import { UnlockUser } from './application/users/unlock-user.js';
import { UpdateUser } from './application/users/update-user.js';
import { UserList } from './application/users/user-list.js';
import { Users } from './application/users/users.js';
import { VisibleScopes } from './application/visible-scopes.js';
import { PostgresAccessDirectory } from './infrastructure/postgres-access-directory.js';
import { PostgresAdministrators } from './infrastructure/postgres-administrators.js';
import { PostgresAreas } from './infrastructure/postgres-areas.js';
import { PostgresAssignmentList } from './infrastructure/postgres-assignment-list.js';
import { PostgresFounders } from './infrastructure/postgres-founders.js';
import { PostgresGroupList } from './infrastructure/postgres-group-list.js';
import { PostgresGroups } from './infrastructure/postgres-groups.js';
import { PostgresHierarchyViews } from './infrastructure/postgres-hierarchy-views.js';
import { PostgresHierarchy } from './infrastructure/postgres-hierarchy.js';
import { PostgresPasswordHistory } from './infrastructure/postgres-password-history.js';
import { PostgresPermissionGrants } from './infrastructure/postgres-permission-grants.js';
import { PostgresPlaceDirectory } from './infrastructure/postgres-place-directory.js';
import { PostgresPurges } from './infrastructure/postgres-purges.js';
import { PostgresQuotas } from './infrastructure/postgres-quotas.js';
import { PostgresRoleAssignments } from './infrastructure/postgres-role-assignments.js';
import { PostgresRoleList } from './infrastructure/postgres-role-list.js';
import { PostgresRoles } from './infrastructure/postgres-roles.js';
import { PostgresSeedStore } from './infrastructure/postgres-seed-store.js';
import { PostgresUserList } from './infrastructure/postgres-user-list.js';
import { PostgresUsers } from './infrastructure/postgres-users.js';
import { UserSchema } from './infrastructure/user.schema.js';
import { ZxcvbnEstimator } from './infrastructure/zxcvbn-estimator.js';
import { GroupsController } from './presentation/groups.controller.js';
import { OrganizationsController } from './presentation/organizations.controller.js';
import { PermissionsController } from './presentation/permissions.controller.js';
import { RegionsController } from './presentation/regions.controller.js';
import { RolesController } from './presentation/roles.controller.js';
import { ScopesController } from './presentation/scopes.controller.js';
import { TenantsController } from './presentation/tenants.controller.js';
import { UserAccessController } from './presentation/user-access.controller.js';
import { UsersController } from './presentation/users.controller.js';
import { WorkspacesController } from './presentation/workspaces.controller.js';

/** The hierarchy, and who holds what where. */
@Module({
  imports: [DatabaseModule.forEntities(UserSchema)],
  controllers: [
    GroupsController,
    OrganizationsController,
    PermissionsController,
    RegionsController,
    RolesController,
    ScopesController,
    TenantsController,
    UserAccessController,
    UsersController,
    WorkspacesController,
  ],
  providers: [
    ActivateUser,
    AssignRole,
    Authorities,
    ChangeActivity,
    ChangeGroupRoles,
    ChangeMembers,
    ChangeOrganizationSettings,
    Closures,
    CreateGroup,
    CreateOrganization,
    CreateRegion,
    CreateRole,
    CreateTenant,
    CreateUser,
    CreateWorkspace,
    DefaultKeyIssuer,
    DeleteGroup,
    DeleteNode,
    DeleteRole,
    DeleteUser,
    EndUserSessions,
    ForgetChangedAccess,
    GrantPermission,
    HierarchyAccess,
    HierarchyJobs,
    InvitedPeople,
    InviteUser,
    ManagedGroups,
    ManagedRoles,
    ManagedUsers,
    NewNodes,
    OrganizationProvisioner,
    PasswordPolicy,
    PermissionsOfUser,
    PlaceChanges,
    ProvisionOrganization,
    PurgeDeleted,
    RemoveSecondFactor,
    RestoreNode,
    RevokePermission,
    RevokeRole,
    RoleAssigner,
    SeedService,
    SetRolePermissions,
    SetUserPassword,
    UnlockUser,
    UpdateGroup,
    UpdateNode,
    UpdateRole,
    UpdateUser,
    UserFactors,
    UserSessions,
    VisibleScopes,
    { provide: AccessDirectory, useClass: PostgresAccessDirectory },
    { provide: Administrators, useClass: PostgresAdministrators },
    { provide: Areas, useClass: PostgresAreas },
    { provide: AssignmentList, useClass: PostgresAssignmentList },
    { provide: Founders, useClass: PostgresFounders },
    { provide: GroupList, useClass: PostgresGroupList },
    { provide: Groups, useClass: PostgresGroups },
    { provide: Hierarchy, useClass: PostgresHierarchy },
    { provide: HierarchyViews, useClass: PostgresHierarchyViews },
    { provide: PasswordEstimator, useClass: ZxcvbnEstimator },
    { provide: PasswordHistory, useClass: PostgresPasswordHistory },
    { provide: PermissionGrants, useClass: PostgresPermissionGrants },
    { provide: PlaceDirectory, useClass: PostgresPlaceDirectory },
    { provide: Purges, useClass: PostgresPurges },
    { provide: Quotas, useClass: PostgresQuotas },
    { provide: RoleAssignments, useClass: PostgresRoleAssignments },
    { provide: RoleList, useClass: PostgresRoleList },
    { provide: Roles, useClass: PostgresRoles },
    { provide: SeedStore, useClass: PostgresSeedStore },
    { provide: UserList, useClass: PostgresUserList },
    { provide: Users, useClass: PostgresUsers },
    {
      provide: SecretHasher,
      useFactory: () => new SecretHasher({ concurrency: 2, maxQueued: 200, maxQueuedPerCaller: 60 }),
    },
  ],
  exports: [
    AccessDirectory,
    Administrators,
    Authorities,
    DefaultKeyIssuer,
    InvitedPeople,
    OrganizationProvisioner,
    PasswordHistory,
    PasswordPolicy,
    PlaceChanges,
    PlaceDirectory,
    Quotas,
    SecretHasher,
    SeedService,
    UserFactors,
    UserSessions,
  ],
})
export class CoreModule {}
