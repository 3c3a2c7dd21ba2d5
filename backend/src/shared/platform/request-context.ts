import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Permission } from '@telemetryflow/contracts';
import { UnauthenticatedError } from './errors.js';

export type Actor =
  | { readonly type: 'user'; readonly id: string; readonly email: string; readonly sessionId: string }
  | { readonly type: 'api-key'; readonly id: string; readonly keyId: string }
  | { readonly type: 'system'; readonly id: string };

/** Who acts, where, and in which request. The first argument of every command and tenant-owned query. */
export interface RequestContext {
  readonly requestId: string;
  readonly actor: Actor;
  readonly organizationId: string;
  readonly workspaceId: string;
  readonly tenantId: string;
  readonly roles: readonly string[];
  /** Effective where the caller stands; each is held wide enough to mean something (`levelOf` of the contracts). */
  readonly permissions: ReadonlySet<string>;
  /** Holds a role over the whole platform: may leave the organization, where a use case says so. */
  readonly isPlatformAdministrator: boolean;
  readonly ip: string;
  readonly userAgent: string;
}

export function holds(context: RequestContext, permission: Permission): boolean {
  return context.permissions.has(permission);
}

/** Requests carry their context under this property once the guard has let them in. */
export interface AuthenticatedRequest {
  requestContext?: RequestContext;
}

/** The authenticated caller as a controller parameter. */
export const Context = createParamDecorator((_: unknown, execution: ExecutionContext): RequestContext => {
  const { requestContext } = execution.switchToHttp().getRequest<AuthenticatedRequest>();
  if (!requestContext) throw new UnauthenticatedError();
  return requestContext;
});
