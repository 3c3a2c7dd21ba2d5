import { Module } from '@nestjs/common';
import { DatabaseModule } from '../../shared/platform/database/database.module.js';
import { RUNTIME, type Runtime } from '../../shared/platform/index.js';
import { SecretHasher } from '../../shared/platform/secret-hasher.js';
import { CoreModule } from '../100-core/100-core.module.js';
import { AuthModule } from '../200-auth/200-auth.module.js';
import { ApiKeyAuthenticator } from './application/api-key-authenticator.js';
import { ApiKeys } from './application/api-keys.js';
import { ChangeApiKey } from './application/commands/change-api-key.js';
import { CreateApiKey } from './application/commands/create-api-key.js';
import { ExpireApiKeys } from './application/commands/expire-api-keys.js';
import { RevokeApiKey } from './application/commands/revoke-api-key.js';
import { RotateApiKey } from './application/commands/rotate-api-key.js';
import { ReactivateApiKey, SuspendApiKey } from './application/commands/suspend-api-key.js';
import { CredentialIssuer } from './application/credential-issuer.js';
import { DefaultKeys } from './application/default-keys.js';
import { KeyChanges } from './application/key-changes.js';
import { KeyJobs } from './application/key-jobs.js';
import { KeyUsage } from './application/key-usage.js';
import { KeyVerifier } from './application/key-verifier.js';
import { LeaversKeys } from './application/leavers-keys.js';
import { KeyList } from './application/queries/key-list.js';
import { KeyUsageReport, KeyUsageRows } from './application/queries/key-usage-report.js';
import { RestKeys } from './application/rest-keys.js';
import { KeyFiles, StoredKeys } from './application/stored-keys.js';
import { ApiKeySchema } from './infrastructure/api-key.schema.js';
import { DataDirKeyFiles } from './infrastructure/data-dir-key-files.js';
import { PostgresApiKeys } from './infrastructure/postgres-api-keys.js';
import { PostgresKeyList } from './infrastructure/postgres-key-list.js';
import { PostgresKeyUsageRows } from './infrastructure/postgres-key-usage-rows.js';
import { ApiKeysController } from './presentation/api-keys.controller.js';
import { RestKeyUsage } from './presentation/rest-key-usage.js';

/** Keys of programs: their life, and who they are when they call. */
@Module({
  imports: [CoreModule, AuthModule, DatabaseModule.forEntities(ApiKeySchema)],
  controllers: [ApiKeysController],
  providers: [
    ApiKeyAuthenticator,
    ChangeApiKey,
    CreateApiKey,
    CredentialIssuer,
    DefaultKeys,
    ExpireApiKeys,
    KeyChanges,
    KeyJobs,
    KeyUsage,
    KeyUsageReport,
    LeaversKeys,
    ReactivateApiKey,
    RestKeys,
    RestKeyUsage,
    RevokeApiKey,
    RotateApiKey,
    StoredKeys,
    SuspendApiKey,
    { provide: ApiKeys, useClass: PostgresApiKeys },
    { provide: KeyFiles, useClass: DataDirKeyFiles },
    { provide: KeyList, useClass: PostgresKeyList },
    { provide: KeyUsageRows, useClass: PostgresKeyUsageRows },
    {
      provide: KeyVerifier,
      // A lane of its own: key checks never wait behind logins, nor logins behind key checks.
      useFactory: ({ config }: Runtime) =>
        new KeyVerifier(new SecretHasher({ concurrency: 1, maxQueued: 100 }), {
          failuresPerMinute: config.API_KEY_FAILURES_PER_MINUTE,
        }),
      inject: [RUNTIME],
    },
  ],
  exports: [ApiKeyAuthenticator, KeyUsage, StoredKeys],
})
export class ApiKeysModule {}
