import { z } from 'zod';
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

/** Where a role or grant is held. `id` is absent for the whole platform. */
export const AccessScope = z.discriminatedUnion('type', [
  z.object({ type: z.literal('platform') }),
  z.object({ type: z.enum(['organization', 'workspace', 'tenant']), id: Uuid }),
]);
export type AccessScope = z.infer<typeof AccessScope>;

const PermissionName = z.string().max(100);

export const PermissionView = z.object({
  id: Uuid,
  name: z.string(),
  resource: z.string(),
  action: z.string(),
  description: z.string(),
  /** The narrowest scope at which it means anything. */
  level: z.enum(['platform', 'organization', 'workspace', 'tenant']),
});
export type PermissionView = z.infer<typeof PermissionView>;
export const PermissionList = z.object({ data: z.array(PermissionView) });
export type PermissionList = z.infer<typeof PermissionList>;
export const PermissionResources = z.object({ data: z.array(z.string()) });
export type PermissionResources = z.infer<typeof PermissionResources>;

export const Role = z.object({
  id: Uuid,
  code: z.string(),
  name: z.string(),
  description: z.string(),
  /** 1 is the strongest tier, 5 the weakest. */
  level: z.int(),
  isSystem: z.boolean(),
  organizationId: Uuid.nullable(),
  permissions: z.array(z.string()),
  /** Users who hold it here, directly or through a group. */
  users: z.int(),
  createdAt: Instant,
  updatedAt: Instant,
});
export type Role = z.infer<typeof Role>;
export const RolePage = pageOf(Role);
export type RolePage = z.infer<typeof RolePage>;
export const RoleQuery = PageQuery.extend({
  search: Line.max(255).optional(),
  includeSystem: z.stringbool().default(true),
});
export type RoleQuery = z.infer<typeof RoleQuery>;
export const CreateRoleRequest = z.object({
  /** Default: made of the name. */
  code: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{1,49}$/, {
      error: 'must be 2 to 50 lower-case letters, digits, hyphens or underscores',
    })
    .optional(),
  name: PersonName,
  description: Description.optional(),
  /** Default: 4. Nobody makes a role stronger than their own strongest. */
  level: z.int().min(1).max(5).optional(),
  permissions: z.array(PermissionName).max(500).default([]),
});
export type CreateRoleRequest = z.infer<typeof CreateRoleRequest>;
export const UpdateRoleRequest = z.object({
  name: PersonName.optional(),
  description: Description.optional(),
  level: z.int().min(1).max(5).optional(),
});
export type UpdateRoleRequest = z.infer<typeof UpdateRoleRequest>;
export const SetPermissionsRequest = z.object({ permissions: z.array(PermissionName).max(500) });
export type SetPermissionsRequest = z.infer<typeof SetPermissionsRequest>;

/** Roles × permissions, as the matrix screen shows them. */
export const PermissionMatrix = z.object({
  permissions: z.array(PermissionView),
  roles: z.array(Role.pick({ id: true, code: true, name: true, level: true, isSystem: true, permissions: true })),
});
export type PermissionMatrix = z.infer<typeof PermissionMatrix>;

export const RoleAssignment = z.object({
  id: Uuid,
  role: Role.pick({ id: true, code: true, name: true, level: true, isSystem: true }),
  scope: AccessScope,
  /** Name of the place; "Platform" for all of it. */
  scopeName: z.string(),
  /** The group that brings it; null: held directly. */
  viaGroup: z.object({ id: Uuid, name: z.string() }).nullable(),
  assignedAt: Instant,
  assignedBy: Uuid.nullable(),
  expiresAt: Instant.nullable(),
});
export type RoleAssignment = z.infer<typeof RoleAssignment>;
export const RoleAssignmentList = z.object({ data: z.array(RoleAssignment) });
export type RoleAssignmentList = z.infer<typeof RoleAssignmentList>;
export const AssignRoleRequest = z.object({
  roleId: Uuid,
  /** Default: the organization. */
  scope: AccessScope.optional(),
  expiresAt: Instant.nullable().optional(),
});
export type AssignRoleRequest = z.infer<typeof AssignRoleRequest>;

export const PermissionGrant = z.object({
  id: Uuid,
  permission: z.string(),
  effect: z.enum(['allow', 'deny']),
  scope: AccessScope,
  scopeName: z.string(),
  grantedAt: Instant,
  grantedBy: Uuid.nullable(),
  expiresAt: Instant.nullable(),
});
export type PermissionGrant = z.infer<typeof PermissionGrant>;
export const GrantPermissionRequest = z.object({
  permission: PermissionName,
  effect: z.enum(['allow', 'deny']).default('allow'),
  scope: AccessScope.optional(),
  expiresAt: Instant.nullable().optional(),
});
export type GrantPermissionRequest = z.infer<typeof GrantPermissionRequest>;
/** What a user may do in the tenant asked for, and why. */
export const UserPermissions = z.object({
  effective: z.array(z.string()),
  grants: z.array(PermissionGrant),
});
export type UserPermissions = z.infer<typeof UserPermissions>;

export const User = z.object({
  id: Uuid,
  email: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  avatar: z.string().nullable(),
  timezone: z.string(),
  locale: z.string(),
  organizationId: Uuid,
  workspaceId: Uuid,
  tenantId: Uuid,
  isActive: z.boolean(),
  emailVerified: z.boolean(),
  mfaEnabled: z.boolean(),
  /** Now, by failed logins. */
  isLocked: z.boolean(),
  isOrganizationCreator: z.boolean(),
  forcePasswordChange: z.boolean(),
  /** Codes of the roles held anywhere. */
  roles: z.array(z.string()),
  lastLoginAt: Instant.nullable(),
  createdAt: Instant,
  updatedAt: Instant,
});
export type User = z.infer<typeof User>;
export const UserPage = pageOf(User).extend({
  /** Of everyone the caller may see, whatever the filter. */
  counts: z.object({ total: z.int(), active: z.int(), verified: z.int(), locked: z.int() }),
});
export type UserPage = z.infer<typeof UserPage>;
export const UserQuery = PageQuery.extend({
  search: Line.max(255).optional(),
  email: Line.max(254).optional(),
  organizationId: Uuid.optional(),
  workspaceId: Uuid.optional(),
  tenantId: Uuid.optional(),
  roleId: Uuid.optional(),
  isActive: z.stringbool().optional(),
});
export type UserQuery = z.infer<typeof UserQuery>;
export const CreateUserRequest = z.object({
  email: EmailAddress,
  firstName: PersonName,
  lastName: PersonName,
  /** Absent: an invitation to choose one is mailed. */
  password: NewPassword.optional(),
  /** Default: where the caller stands. */
  tenantId: Uuid.optional(),
  roleId: Uuid.optional(),
  scope: AccessScope.optional(),
  forcePasswordChange: z.boolean().default(false),
});
export type CreateUserRequest = z.infer<typeof CreateUserRequest>;
export const UpdateUserRequest = z.object({
  firstName: PersonName.optional(),
  lastName: PersonName.optional(),
  timezone: Line.max(64).optional(),
  locale: Line.max(35).optional(),
  /** The place a login starts in. */
  tenantId: Uuid.optional(),
});
export type UpdateUserRequest = z.infer<typeof UpdateUserRequest>;
export const SetPasswordRequest = z.object({
  password: NewPassword,
  forcePasswordChange: z.boolean().default(true),
});
export type SetPasswordRequest = z.infer<typeof SetPasswordRequest>;

export const Group = z.object({
  id: Uuid,
  name: z.string(),
  description: z.string(),
  organizationId: Uuid,
  members: z.int(),
  createdAt: Instant,
  updatedAt: Instant,
});
export type Group = z.infer<typeof Group>;
export const GroupPage = pageOf(Group);
export type GroupPage = z.infer<typeof GroupPage>;
export const GroupQuery = PageQuery.extend({ search: Line.max(255).optional() });
export type GroupQuery = z.infer<typeof GroupQuery>;
export const CreateGroupRequest = z.object({ name: PersonName, description: Description.optional() });
export type CreateGroupRequest = z.infer<typeof CreateGroupRequest>;
export const UpdateGroupRequest = CreateGroupRequest.partial();
export type UpdateGroupRequest = z.infer<typeof UpdateGroupRequest>;
export const GroupMember = User.pick({ id: true, email: true, firstName: true, lastName: true, isActive: true });
export type GroupMember = z.infer<typeof GroupMember>;
export const GroupMemberPage = pageOf(GroupMember);
export type GroupMemberPage = z.infer<typeof GroupMemberPage>;
export const AddMemberRequest = z.object({ userId: Uuid });
export type AddMemberRequest = z.infer<typeof AddMemberRequest>;

/** Users with the roles they hold: one screen to see and change who may do what. */
export const AssignmentPage = pageOf(
  z.object({
    user: User.pick({ id: true, email: true, firstName: true, lastName: true, isActive: true }),
    assignments: z.array(RoleAssignment),
  }),
);
export type AssignmentPage = z.infer<typeof AssignmentPage>;
