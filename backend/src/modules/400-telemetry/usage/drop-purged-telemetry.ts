import { Injectable, type OnModuleInit } from '@nestjs/common';
import { z } from 'zod';
import { ClickHouseService } from '../../../shared/clickhouse/index.js';
import { EventConsumers } from '../../../shared/messaging/index.js';
import { TENANT_TABLES } from '../query/store.js';

const PurgedTenant = z.object({ tenantId: z.uuid() });

/** Has the store drop the telemetry of a tenant that was purged; it does so in the background, when it merges next. */
@Injectable()
export class DropPurgedTelemetry implements OnModuleInit {
  constructor(
    private readonly consumers: EventConsumers,
    private readonly clickhouse: ClickHouseService,
  ) {}

  onModuleInit(): void {
    this.consumers.register({
      name: 'drop-purged-telemetry',
      type: 'tenant.purged',
      handle: ({ payload }) => this.drop(PurgedTenant.parse(payload).tenantId),
    });
  }

  /** @throws UnavailableError when the store is away; the event is handled again later */
  async drop(tenantId: string): Promise<void> {
    for (const table of TENANT_TABLES) {
      // A mutation is kept as text: nothing but a UUID may become part of it.
      await this.clickhouse.exec(`ALTER TABLE ${table} DELETE WHERE tenant_id = toUUID('${tenantId}')`);
    }
  }
}
