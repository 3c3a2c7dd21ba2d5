import { z } from 'zod';
import { User } from './access.js';
import { API_KEY_PERMISSIONS } from './permissions.js';
import {
  Description,
  EmailAddress,
  Instant,
  Line,
  NewPassword,
  PageQuery,
  PersonName,
  Uuid,
  pageOf,
} from './common.js';

/** Lower-case letters, digits and hyphens; never changes, and stays taken until its owner is purged. */
const PlaceCode = z
  .string()
  .trim()
  .regex(/^[a-z0-9][a-z0-9-]{1,49}$/, {
    error: 'must be 2 to 50 lower-case letters, digits or hyphens, and begin with a letter or digit',
  });

const PlaceName = Line.min(1, { error: 'is required' }).max(255, { error: 'must be at most 255 characters' });
const Domain = Line.toLowerCase()
  .max(255, { error: 'must be at most 255 characters' })
  .regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, {
    error: 'must be a domain name such as example.com',
  });

/** What every level of the hierarchy shows of itself. */
const Node = z.object({
  id: Uuid,
  code: z.string(),
  name: z.string(),
  description: z.string(),
  isActive: z.boolean(),
  createdAt: Instant,
  updatedAt: Instant,
  /** Set while it waits for its purge; such rows are only in lists that ask for them. */
  deletedAt: Instant.nullable(),
});

const NodeQuery = PageQuery.extend({
  search: Line.max(255).optional(),
  isActive: z.stringbool().optional(),
  /** The deleted that can still be restored, instead of the living. */
  deleted: z.stringbool().default(false),
});

export const Region = Node.extend({ dataLocation: z.string(), organizations: z.int() });
export type Region = z.infer<typeof Region>;
export const RegionPage = pageOf(Region);
export type RegionPage = z.infer<typeof RegionPage>;
export const RegionQuery = NodeQuery;
export type RegionQuery = z.infer<typeof RegionQuery>;
export const CreateRegionRequest = z.object({
  code: PlaceCode,
  name: PlaceName,
  description: Description.optional(),
  dataLocation: Line.max(255).optional(),
});
export type CreateRegionRequest = z.infer<typeof CreateRegionRequest>;
export const UpdateRegionRequest = CreateRegionRequest.omit({ code: true }).partial();
export type UpdateRegionRequest = z.infer<typeof UpdateRegionRequest>;

export const Organization = Node.extend({
  regionId: Uuid,
  domain: z.string().nullable(),
  workspaces: z.int(),
  users: z.int(),
});
export type Organization = z.infer<typeof Organization>;
export const OrganizationPage = pageOf(Organization);
export type OrganizationPage = z.infer<typeof OrganizationPage>;
export const OrganizationQuery = NodeQuery.extend({ regionId: Uuid.optional() });
export type OrganizationQuery = z.infer<typeof OrganizationQuery>;
export const CreateOrganizationRequest = z.object({
  code: PlaceCode,
  name: PlaceName.min(2, { error: 'must be at least 2 characters' }),
  regionId: Uuid,
  description: Description.optional(),
  domain: Domain.nullable().optional(),
});
export type CreateOrganizationRequest = z.infer<typeof CreateOrganizationRequest>;
export const UpdateOrganizationRequest = CreateOrganizationRequest.omit({ code: true, regionId: true }).partial();
export type UpdateOrganizationRequest = z.infer<typeof UpdateOrganizationRequest>;

/** Who holds the Administrator role over the whole organization. */
export const AdministratorPage = pageOf(
  User.pick({
    id: true,
    email: true,
    firstName: true,
    lastName: true,
    isActive: true,
    isOrganizationCreator: true,
  }),
);
export type AdministratorPage = z.infer<typeof AdministratorPage>;

/**
 * What a workspace may use; null or absent: no limit. Ingest, retention, users and dashboards read it. A name without a
 * unit counts things.
 */
export const WorkspaceQuotas = z.object({
  maxMetricsPerMonth: z.int().min(0).nullable().optional(),
  maxLogsPerMonth: z.int().min(0).nullable().optional(),
  maxTracesPerMonth: z.int().min(0).nullable().optional(),
  maxRetentionDays: z.int().min(1).max(3650).nullable().optional(),
  maxUsers: z.int().min(1).nullable().optional(),
  maxTenants: z.int().min(1).nullable().optional(),
  maxApiKeys: z.int().min(1).nullable().optional(),
  maxAlertRules: z.int().min(0).nullable().optional(),
  maxDashboards: z.int().min(0).nullable().optional(),
});
export type WorkspaceQuotas = z.infer<typeof WorkspaceQuotas>;

export const Workspace = Node.extend({
  organizationId: Uuid,
  datasourceConfig: z.record(z.string(), z.unknown()),
  quotas: WorkspaceQuotas,
  tenants: z.int(),
});
export type Workspace = z.infer<typeof Workspace>;
export const WorkspacePage = pageOf(Workspace);
export type WorkspacePage = z.infer<typeof WorkspacePage>;
export const WorkspaceQuery = NodeQuery.extend({ organizationId: Uuid.optional() });
export type WorkspaceQuery = z.infer<typeof WorkspaceQuery>;
const MAX_CONFIG_DEPTH = 32;
/** What the store's JSON has no place for: NUL, and halves of surrogate pairs. */
const UNSTORABLE = /\0|\p{Surrogate}/u;

/** What keeps a value of a request from being stored as JSON, if anything. Asks for no more depth than it allows. */
function configProblem(value: unknown, depth = 0): string | null {
  if (depth > MAX_CONFIG_DEPTH) return `must be at most ${MAX_CONFIG_DEPTH} levels deep`;
  if (typeof value === 'string') return UNSTORABLE.test(value) ? 'must not contain NUL or unpaired surrogates' : null;
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    const problem = configProblem(key) ?? configProblem(inner, depth + 1);
    if (problem !== null) return problem;
  }
  return null;
}

const Config = z.record(z.string(), z.unknown()).superRefine((value, context) => {
  const problem =
    configProblem(value) ?? (JSON.stringify(value).length > 16_384 ? 'must be at most 16 KiB of JSON' : null);
  if (problem !== null) context.addIssue({ code: 'custom', message: problem });
});
export const CreateWorkspaceRequest = z.object({
  code: PlaceCode,
  name: PlaceName,
  /** Default: the organization the caller stands in. */
  organizationId: Uuid.optional(),
  description: Description.optional(),
  datasourceConfig: Config.optional(),
});
export type CreateWorkspaceRequest = z.infer<typeof CreateWorkspaceRequest>;
export const UpdateWorkspaceRequest = CreateWorkspaceRequest.omit({ code: true, organizationId: true }).partial();
export type UpdateWorkspaceRequest = z.infer<typeof UpdateWorkspaceRequest>;

export const Tenant = Node.extend({
  organizationId: Uuid,
  workspaceId: Uuid,
  domain: z.string().nullable(),
  settings: z.record(z.string(), z.unknown()),
});
export type Tenant = z.infer<typeof Tenant>;
export const TenantPage = pageOf(Tenant);
export type TenantPage = z.infer<typeof TenantPage>;
export const TenantQuery = NodeQuery.extend({ organizationId: Uuid.optional(), workspaceId: Uuid.optional() });
export type TenantQuery = z.infer<typeof TenantQuery>;
export const CreateTenantRequest = z.object({
  code: PlaceCode,
  name: PlaceName,
  workspaceId: Uuid,
  description: Description.optional(),
  domain: Domain.nullable().optional(),
  settings: Config.optional(),
});
export type CreateTenantRequest = z.infer<typeof CreateTenantRequest>;
export const UpdateTenantRequest = CreateTenantRequest.omit({ code: true, workspaceId: true }).partial();
export type UpdateTenantRequest = z.infer<typeof UpdateTenantRequest>;

/** An organization that can be worked in at once: all of it, or, when any part is refused, nothing. */
export const ProvisionOrganizationRequest = z.object({
  organization: CreateOrganizationRequest,
  /** Default: code `default`, name "Default". */
  workspace: z.object({ code: PlaceCode, name: PlaceName }).optional(),
  tenant: z.object({ code: PlaceCode, name: PlaceName }).optional(),
  administrator: z.object({
    email: EmailAddress,
    firstName: PersonName,
    lastName: PersonName,
    /** Absent: an invitation to choose one is mailed. */
    password: NewPassword.optional(),
  }),
  key: z.object({ name: PlaceName, permissions: z.array(z.enum(API_KEY_PERMISSIONS)).min(1) }).optional(),
});
export type ProvisionOrganizationRequest = z.infer<typeof ProvisionOrganizationRequest>;

export const ProvisionedOrganization = z.object({
  organization: Organization,
  workspace: Workspace,
  tenant: Tenant,
  administratorId: Uuid,
  /** The only answer that carries the secret. */
  key: z.object({ keyId: z.string(), keySecret: z.string(), otelKeyId: z.string(), otelKeySecret: z.string() }),
});
export type ProvisionedOrganization = z.infer<typeof ProvisionedOrganization>;
