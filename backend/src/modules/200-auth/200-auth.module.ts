import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { DatabaseModule } from '../../shared/platform/database/database.module.js';
import { CoreModule } from '../100-core/100-core.module.js';
import { AccessTokens } from './application/access-tokens.js';
import { Accounts } from './application/accounts.js';
import { Authenticator } from './application/authenticator.js';
import { LogIn } from './application/commands/log-in.js';
import { LogOut } from './application/commands/log-out.js';
import { RefreshSession } from './application/commands/refresh-session.js';
import { KeyCallers } from './application/key-callers.js';
import { LiveSessions } from './application/live-sessions.js';
import { OneTimeTokens } from './application/one-time-tokens.js';
import { CurrentUser } from './application/queries/current-user.js';
import { RequestPlace } from './application/request-place.js';
import { Sessions } from './application/sessions.js';
import { TellLockedOwner } from './application/tell-locked-owner.js';
import { TokenIssuer } from './application/token-issuer.js';
import { PostgresAccounts } from './infrastructure/postgres-accounts.js';
import { PostgresOneTimeTokens } from './infrastructure/postgres-one-time-tokens.js';
import { PostgresSessions } from './infrastructure/postgres-sessions.js';
import { SessionSchema } from './infrastructure/session.schema.js';
import { AccessGuard } from './presentation/access.guard.js';
import { AuthController } from './presentation/auth.controller.js';
import { RefreshCookie } from './presentation/refresh-cookie.js';

/** Who is calling: sessions, tokens, and the guard before every route. */
@Module({
  imports: [CoreModule, DatabaseModule.forEntities(SessionSchema)],
  controllers: [AuthController],
  providers: [
    AccessTokens,
    Authenticator,
    CurrentUser,
    KeyCallers,
    LiveSessions,
    LogIn,
    LogOut,
    RefreshCookie,
    RefreshSession,
    RequestPlace,
    TellLockedOwner,
    TokenIssuer,
    { provide: Accounts, useClass: PostgresAccounts },
    { provide: OneTimeTokens, useClass: PostgresOneTimeTokens },
    { provide: Sessions, useClass: PostgresSessions },
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [Authenticator, KeyCallers],
})
export class AuthModule {}
