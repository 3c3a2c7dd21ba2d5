import { z } from 'zod';
import { EmailAddress, Instant, Uuid } from './common.js';

export const DeviceToken = z.string().min(1).max(512);

export const LoginRequest = z.object({
  email: EmailAddress,
  password: z.string().min(1, { error: 'is required' }).max(128, { error: 'must be at most 128 characters' }),
  /** The session lasts 30 days instead of 7. */
  rememberMe: z.boolean().default(false),
  /** What a program got as `device_token` when its device was trusted. Browsers keep it in an HttpOnly cookie. */
  deviceToken: DeviceToken.optional(),
});
export type LoginRequest = z.infer<typeof LoginRequest>;

/** A refresh or logout body. Browsers send nothing here: their refresh token travels in an HttpOnly cookie. */
export const RefreshRequest = z.object({ refresh_token: z.string().min(1).max(4096).optional() });
export type RefreshRequest = z.infer<typeof RefreshRequest>;

export const AuthenticatedUser = z.object({
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
  roles: z.array(z.string()),
  permissions: z.array(z.string()),
  /** Holds a role over the whole platform. */
  isPlatformAdministrator: z.boolean(),
  /** Everything but choosing a new password is refused until that is done. */
  mustChangePassword: z.boolean(),
  /** The same, until a second factor is set up. */
  mustSetUpSecondFactor: z.boolean(),
});
export type AuthenticatedUser = z.infer<typeof AuthenticatedUser>;

/** Token fields are named as in RFC 6749. `refresh_token` is absent when it was set as a cookie on request. */
export const TokenResponse = z.object({
  access_token: z.string(),
  refresh_token: z.string().optional(),
  /** By which the device is known at later logins; absent when it is set as a cookie, or nothing new. */
  device_token: z.string().optional(),
  token_type: z.literal('Bearer'),
  expires_in: z.int(),
  user: AuthenticatedUser,
});
export type TokenResponse = z.infer<typeof TokenResponse>;

export const MeResponse = AuthenticatedUser.extend({ sessionId: Uuid, lastLoginAt: Instant.nullable() });
export type MeResponse = z.infer<typeof MeResponse>;

/** The places a caller may look at: what the organization/workspace/tenant switcher shows. */
export const ScopeTree = z.object({
  organizations: z.array(
    z.object({
      id: Uuid,
      name: z.string(),
      code: z.string(),
      workspaces: z.array(
        z.object({
          id: Uuid,
          name: z.string(),
          code: z.string(),
          tenants: z.array(z.object({ id: Uuid, name: z.string(), code: z.string() })),
        }),
      ),
    }),
  ),
});
export type ScopeTree = z.infer<typeof ScopeTree>;
