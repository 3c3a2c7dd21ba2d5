import { Module } from '@nestjs/common';
import { SecretHasher } from '../../shared/platform/secret-hasher.js';
import { AccessDirectory } from './application/access-directory.js';
import { DefaultKeyIssuer } from './application/default-key-issuer.js';
import { ForgetChangedAccess } from './application/forget-changed-access.js';
import { Closures } from './application/hierarchy/closures.js';
import { ChangeActivity } from './application/hierarchy/commands/change-activity.js';
import { ChangeOrganizationSettings } from './application/hierarchy/commands/change-organization-settings.js';
import { CreateOrganization } from './application/hierarchy/commands/create-organization.js';
import { CreateRegion } from './application/hierarchy/commands/create-region.js';
import { CreateTenant } from './application/hierarchy/commands/create-tenant.js';
import { CreateWorkspace } from './application/hierarchy/commands/create-workspace.js';
import { DeleteNode } from './application/hierarchy/commands/delete-node.js';
import { ProvisionOrganization } from './application/hierarchy/commands/provision-organization.js';
import { RestoreNode } from './application/hierarchy/commands/restore-node.js';
import { UpdateNode } from './application/hierarchy/commands/update-node.js';
import { Founders } from './application/hierarchy/founders.js';
import { Hierarchy } from './application/hierarchy/hierarchy.js';
import { HierarchyAccess } from './application/hierarchy/hierarchy-access.js';
import { HierarchyViews } from './application/hierarchy/hierarchy-views.js';
import { NewNodes } from './application/hierarchy/new-nodes.js';
import { OrganizationProvisioner } from './application/hierarchy/organization-provisioner.js';
import { PasswordEstimator } from './application/password-estimator.js';
import { PasswordHistory } from './application/password-history.js';
import { PasswordPolicy } from './application/password-policy.js';
import { PlaceChanges } from './application/place-changes.js';
import { PlaceDirectory } from './application/place-directory.js';
import { Quotas } from './application/quotas.js';
import { SeedService } from './application/seed.service.js';
import { SeedStore } from './application/seed-store.js';
import { UserSessions } from './application/user-sessions.js';
import { VisibleScopes } from './application/visible-scopes.js';
import { PostgresAccessDirectory } from './infrastructure/postgres-access-directory.js';
import { PostgresFounders } from './infrastructure/postgres-founders.js';
import { PostgresHierarchy } from './infrastructure/postgres-hierarchy.js';
import { PostgresHierarchyViews } from './infrastructure/postgres-hierarchy-views.js';
import { PostgresPasswordHistory } from './infrastructure/postgres-password-history.js';
import { PostgresPlaceDirectory } from './infrastructure/postgres-place-directory.js';
import { PostgresQuotas } from './infrastructure/postgres-quotas.js';
import { PostgresSeedStore } from './infrastructure/postgres-seed-store.js';
import { ZxcvbnEstimator } from './infrastructure/zxcvbn-estimator.js';
import { OrganizationsController } from './presentation/organizations.controller.js';
import { RegionsController } from './presentation/regions.controller.js';
import { ScopesController } from './presentation/scopes.controller.js';
import { TenantsController } from './presentation/tenants.controller.js';
import { WorkspacesController } from './presentation/workspaces.controller.js';

/** The hierarchy, and who holds what where. */
@Module({
  controllers: [OrganizationsController, RegionsController, TenantsController, WorkspacesController, ScopesController],
  providers: [
    ChangeActivity,
    ChangeOrganizationSettings,
    Closures,
    CreateOrganization,
    CreateRegion,
    CreateTenant,
    CreateWorkspace,
    DefaultKeyIssuer,
    DeleteNode,
    ForgetChangedAccess,
    HierarchyAccess,
    NewNodes,
    OrganizationProvisioner,
    PasswordPolicy,
    PlaceChanges,
    ProvisionOrganization,
    RestoreNode,
    SeedService,
    UpdateNode,
    UserSessions,
    VisibleScopes,
    { provide: AccessDirectory, useClass: PostgresAccessDirectory },
    { provide: Founders, useClass: PostgresFounders },
    { provide: Hierarchy, useClass: PostgresHierarchy },
    { provide: HierarchyViews, useClass: PostgresHierarchyViews },
    { provide: PasswordEstimator, useClass: ZxcvbnEstimator },
    { provide: PasswordHistory, useClass: PostgresPasswordHistory },
    { provide: PlaceDirectory, useClass: PostgresPlaceDirectory },
    { provide: Quotas, useClass: PostgresQuotas },
    { provide: SeedStore, useClass: PostgresSeedStore },
    { provide: SecretHasher, useFactory: () => new SecretHasher({ concurrency: 2, maxQueued: 200 }) },
  ],
  exports: [
    AccessDirectory,
    DefaultKeyIssuer,
    OrganizationProvisioner,
    PasswordHistory,
    PasswordPolicy,
    PlaceChanges,
    PlaceDirectory,
    Quotas,
    SeedService,
    SecretHasher,
    UserSessions,
  ],
})
export class CoreModule {}
