import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { recordAct } from '../../../shared/platform/database/index.js';
import { Session } from '../domain/session.js';
import { Accounts, type Account } from './accounts.js';
import { KnownDevices } from './known-devices.js';
import type { DeviceClaim, RequestOrigin } from './request-origin.js';
import { Sessions } from './sessions.js';
import { TokenIssuer } from './token-issuer.js';

const TRUST_MS = 30 * 86_400_000;

/** What was proven, and what was asked for. */
export interface CompletedLogin {
  readonly factor: 'password' | 'totp' | 'recovery_code' | 'trusted_device';
  readonly rememberMe: boolean;
  readonly trustDevice: boolean;
}

export interface OpenedSession {
  readonly session: Session;
  readonly refreshToken: string;
  /** To be kept by the device; null: it keeps none. */
  readonly deviceToken: string | null;
}

/** The last step of every login, once all factors are proven: device, session, tokens, and what is told of it. */
@Injectable()
export class LoginCompletion {
  constructor(
    private readonly accounts: Accounts,
    private readonly sessions: Sessions,
    private readonly devices: KnownDevices,
    private readonly issuer: TokenIssuer,
  ) {}

  /** Takes part in the caller's transaction, in the authentication scope. */
  async open(
    manager: EntityManager,
    origin: RequestOrigin,
    account: Account,
    claim: DeviceClaim,
    login: CompletedLogin,
  ): Promise<OpenedSession> {
    const now = new Date();
    const { userId, organizationId } = account;
    await this.accounts.recordLogin(manager, userId, origin.ip, now);
    const trustedUntil = login.trustDevice ? new Date(now.getTime() + TRUST_MS) : null;
    const device = await this.devices.see(manager, account, origin, claim, trustedUntil);
    const { ip: ipAddress, userAgent } = origin;
    const session = Session.start(
      { userId, organizationId, ipAddress, userAgent, knownDeviceId: device.id, isRemembered: login.rememberMe },
      this.issuer.lives,
      now,
    );
    await this.sessions.add(manager, session);
    const { refreshToken } = await this.issuer.newRefreshToken(manager, session);
    const actor = { type: 'user', id: userId, email: account.email, sessionId: session.id } as const;
    const by = { ...origin, actor, organizationId };
    await recordAct(manager, by, {
      action: 'auth.login',
      resource: { type: 'user', id: userId, name: account.email },
      details: { userId, sessionId: session.id, factor: login.factor },
    });
    if (device.isNew) {
      await recordAct(manager, by, {
        action: 'auth.device_added',
        resource: { type: 'device', id: device.id, name: device.name },
        details: { userId, device: device.name },
      });
    }
    if (trustedUntil !== null) {
      await recordAct(manager, by, {
        action: 'auth.device_trusted',
        resource: { type: 'device', id: device.id, name: device.name },
        after: { trustedUntil },
        details: { userId },
      });
    }
    return { session, refreshToken, deviceToken: device.token };
  }
}
