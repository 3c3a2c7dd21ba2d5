import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { EntitySchema } from 'typeorm';
import type { Logger } from 'pino';
import { LOGGER, RUNTIME, type Runtime } from '../runtime.js';
import { Database } from './database.js';
import { registerEntities } from './entity-registry.js';

/** Carries nothing: the mappings are registered while module files load, before the database connects. */
@Module({})
class MappedEntities {}

/** The metadata database for everyone; a module with mappings imports `forEntities`. */
@Global()
@Module({
  providers: [
    {
      provide: Database,
      useFactory: ({ config, postgres }: Runtime, logger: Logger) =>
        Database.connect(postgres.appUrl, logger, { prepare: config.DATABASE_PREPARE }),
      inject: [RUNTIME, LOGGER],
    },
  ],
  exports: [Database],
})
export class DatabaseModule {
  static forEntities(...schemas: EntitySchema[]): DynamicModule {
    registerEntities(schemas);
    return { module: MappedEntities };
  }
}
