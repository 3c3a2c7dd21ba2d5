import type {
  AdministratorPage,
  Organization,
  OrganizationPage,
  OrganizationQuery,
  PageQuery,
  Region,
  RegionPage,
  RegionQuery,
  Tenant,
  TenantPage,
  TenantQuery,
  Workspace,
  WorkspacePage,
  WorkspaceQuery,
} from '@telemetryflow/contracts';
import type { RequestContext } from '../../../../shared/platform/index.js';

/**
 * The hierarchy as screens show it: only what the caller may read where it lies. Lists are sorted by name. Single ones
 * throw NotFoundError when there is none, or none that the caller may know of.
 */
export abstract class HierarchyViews {
  abstract regions(context: RequestContext, query: RegionQuery): Promise<RegionPage>;
  abstract region(context: RequestContext, id: string): Promise<Region>;
  abstract organizations(context: RequestContext, query: OrganizationQuery): Promise<OrganizationPage>;
  abstract organization(context: RequestContext, id: string): Promise<Organization>;
  abstract workspaces(context: RequestContext, query: WorkspaceQuery): Promise<WorkspacePage>;
  abstract workspace(context: RequestContext, id: string): Promise<Workspace>;
  abstract tenants(context: RequestContext, query: TenantQuery): Promise<TenantPage>;
  abstract tenant(context: RequestContext, id: string): Promise<Tenant>;
  /** The one that the caller stands in, whatever they hold there. */
  abstract ownOrganization(context: RequestContext): Promise<Organization>;
  /** Who holds the Administrator role over the whole organization, by name. */
  abstract administrators(
    context: RequestContext,
    organizationId: string,
    query: PageQuery,
  ): Promise<AdministratorPage>;
}
