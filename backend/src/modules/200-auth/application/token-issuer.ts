import { Inject, Injectable } from '@nestjs/common';
import type { AuthenticatedUser } from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import { RUNTIME, type RequestContext, type Runtime } from '../../../shared/platform/index.js';
import { AccessDirectory, type Place } from '../../100-core/index.js';
import { generateOpaqueToken, hashOfOpaqueToken } from '../domain/opaque-token.js';
import type { Session, SessionLives } from '../domain/session.js';
import { AccessTokens } from './access-tokens.js';
import type { Account } from './accounts.js';
import { Duties } from './duties.js';
import { Sessions } from './sessions.js';

const REMEMBERED_LIFE_MS = 30 * 86_400_000;

/** What a login and a refresh hand out. */
export interface IssuedTokens {
  readonly accessToken: string;
  readonly expiresInSeconds: number;
  readonly refreshToken: string;
  readonly refreshExpiresAt: Date;
  /** To be kept by the device for its next login; null: nothing new. */
  readonly deviceToken: string | null;
  readonly user: AuthenticatedUser;
}

/** Hands out the tokens of a session. */
@Injectable()
export class TokenIssuer {
  readonly lives: SessionLives;

  constructor(
    private readonly tokens: AccessTokens,
    private readonly sessions: Sessions,
    private readonly access: AccessDirectory,
    private readonly duties: Duties,
    @Inject(RUNTIME) runtime: Runtime,
  ) {
    const { REFRESH_TOKEN_EXPIRATION_SECONDS, SESSION_MAX_LIFETIME_SECONDS } = runtime.config;
    const lifeMs = REFRESH_TOKEN_EXPIRATION_SECONDS * 1000;
    this.lives = {
      lifeMs,
      rememberedLifeMs: Math.max(lifeMs, REMEMBERED_LIFE_MS),
      maxAgeMs: SESSION_MAX_LIFETIME_SECONDS * 1000,
    };
  }

  /** Stores the hash of a new refresh token in the caller's transaction. */
  async newRefreshToken(manager: EntityManager, session: Session): Promise<{ tokenId: string; refreshToken: string }> {
    const refreshToken = generateOpaqueToken();
    const tokenId = await this.sessions.addToken(manager, session, hashOfOpaqueToken(refreshToken));
    return { tokenId, refreshToken };
  }

  async issue(
    account: Account,
    opened: { readonly session: Session; readonly refreshToken: string; readonly deviceToken?: string | null },
  ): Promise<IssuedTokens> {
    const { session, refreshToken, deviceToken = null } = opened;
    const { organizationId, workspaceId, tenantId } = account;
    const home: Place = { organizationId, workspaceId, tenantId, reserved: false };
    const access = await this.access.accessOf(account.userId);
    const now = Date.now();
    const mustSetUpSecondFactor = await this.duties.lacksFactor(account);
    const user = profileOf(account, mustSetUpSecondFactor, {
      ...home,
      roles: access.rolesAt(home, now),
      permissions: access.permissionsAt(home, now),
      isPlatformAdministrator: access.isPlatformWide(now),
    });
    const accessToken = await this.tokens.issue({
      sub: account.userId,
      sessionId: session.id,
      organizationId,
      workspaceId,
      tenantId,
      roles: user.roles,
    });
    return {
      accessToken,
      expiresInSeconds: this.tokens.lifeSeconds,
      refreshToken,
      refreshExpiresAt: session.expiresAt,
      deviceToken,
      user,
    };
  }
}

type Standing = Pick<
  RequestContext,
  'organizationId' | 'workspaceId' | 'tenantId' | 'roles' | 'permissions' | 'isPlatformAdministrator'
>;

/** The user as they stand in a place: roles and permissions are those of that place. */
export function profileOf(account: Account, mustSetUpSecondFactor: boolean, standing: Standing): AuthenticatedUser {
  return {
    id: account.userId,
    email: account.email,
    firstName: account.firstName,
    lastName: account.lastName,
    avatar: account.avatar,
    timezone: account.timezone,
    locale: account.locale,
    organizationId: standing.organizationId,
    workspaceId: standing.workspaceId,
    tenantId: standing.tenantId,
    roles: [...standing.roles],
    permissions: [...standing.permissions].sort(),
    isPlatformAdministrator: standing.isPlatformAdministrator,
    mustChangePassword: account.mustChangePassword,
    mustSetUpSecondFactor,
  };
}
