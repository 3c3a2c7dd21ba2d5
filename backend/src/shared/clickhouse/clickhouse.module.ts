import { Global, Module } from '@nestjs/common';
import { ClickHouseService } from './clickhouse.service.js';
import { ClickHouseMigrator } from './migrator.js';

/** The telemetry store: its client and its migrations. */
@Global()
@Module({ providers: [ClickHouseService, ClickHouseMigrator], exports: [ClickHouseService, ClickHouseMigrator] })
export class ClickHouseModule {}
