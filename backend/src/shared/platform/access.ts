import { SetMetadata } from '@nestjs/common';
import type { Permission } from '@telemetryflow/contracts';

/** What a route demands. A route without one of these is refused by the guard and fails the route walk test. */
export type Access =
  | { readonly kind: 'public' }
  | { readonly kind: 'authenticated' }
  | { readonly kind: 'permission'; readonly permission: Permission };

export const ACCESS = Symbol('access');

/** Anyone may call it. */
export const Public = () => SetMetadata(ACCESS, { kind: 'public' } satisfies Access);
/** Any live session may call it: it only concerns the caller. */
export const Authenticated = () => SetMetadata(ACCESS, { kind: 'authenticated' } satisfies Access);
/** The caller's role must hold the permission. */
export const RequirePermission = (permission: Permission) =>
  SetMetadata(ACCESS, { kind: 'permission', permission } satisfies Access);

/** What a person may have to do before the platform opens to them. */
export type Duty = 'new-password' | 'second-factor';

export const OPEN_BEFORE = Symbol('open-before');

/** Open to somebody who has one of these to do; everything else is refused until it is done. */
export const OpenBefore = (...duties: readonly Duty[]) => SetMetadata(OPEN_BEFORE, duties);
