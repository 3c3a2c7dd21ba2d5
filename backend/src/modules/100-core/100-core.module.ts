import { Module } from '@nestjs/common';
import { SecretHasher } from '../../shared/platform/secret-hasher.js';
import { AccessDirectory } from './application/access-directory.js';
import { DefaultKeyIssuer } from './application/default-key-issuer.js';
import { ForgetChangedAccess } from './application/forget-changed-access.js';
import { PasswordEstimator } from './application/password-estimator.js';
import { PasswordHistory } from './application/password-history.js';
import { PasswordPolicy } from './application/password-policy.js';
import { PlaceChanges } from './application/place-changes.js';
import { PlaceDirectory } from './application/place-directory.js';
import { SeedService } from './application/seed.service.js';
import { SeedStore } from './application/seed-store.js';
import { UserSessions } from './application/user-sessions.js';
import { VisibleScopes } from './application/visible-scopes.js';
import { PostgresAccessDirectory } from './infrastructure/postgres-access-directory.js';
import { PostgresPasswordHistory } from './infrastructure/postgres-password-history.js';
import { PostgresPlaceDirectory } from './infrastructure/postgres-place-directory.js';
import { PostgresSeedStore } from './infrastructure/postgres-seed-store.js';
import { ZxcvbnEstimator } from './infrastructure/zxcvbn-estimator.js';
import { ScopesController } from './presentation/scopes.controller.js';

/** The hierarchy, and who holds what where. */
@Module({
  controllers: [ScopesController],
  providers: [
    DefaultKeyIssuer,
    ForgetChangedAccess,
    PasswordPolicy,
    PlaceChanges,
    SeedService,
    UserSessions,
    VisibleScopes,
    { provide: AccessDirectory, useClass: PostgresAccessDirectory },
    { provide: PasswordEstimator, useClass: ZxcvbnEstimator },
    { provide: PasswordHistory, useClass: PostgresPasswordHistory },
    { provide: PlaceDirectory, useClass: PostgresPlaceDirectory },
    { provide: SeedStore, useClass: PostgresSeedStore },
    { provide: SecretHasher, useFactory: () => new SecretHasher({ concurrency: 2, maxQueued: 200 }) },
  ],
  exports: [
    AccessDirectory,
    DefaultKeyIssuer,
    PasswordHistory,
    PasswordPolicy,
    PlaceChanges,
    PlaceDirectory,
    SeedService,
    SecretHasher,
    UserSessions,
  ],
})
export class CoreModule {}
