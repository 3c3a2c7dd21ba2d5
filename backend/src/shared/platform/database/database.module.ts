import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { EntitySchema } from 'typeorm';
import { Database } from './database.js';
import { registerEntities } from './entity-registry.js';

/** The metadata database for everyone; a module with mappings imports `forEntities`. */
@Global()
@Module({ providers: [Database], exports: [Database] })
export class DatabaseModule {
  static forEntities(...schemas: EntitySchema[]): DynamicModule {
    registerEntities(schemas);
    return { module: DatabaseModule };
  }
}
