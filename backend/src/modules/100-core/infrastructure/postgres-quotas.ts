import { Injectable } from '@nestjs/common';
import { WorkspaceQuotas } from '@telemetryflow/contracts';
import { Database, systemScope } from '../../../shared/platform/database/index.js';
import { ExpiringMap } from '../../../shared/platform/expiring-map.js';
import { PlaceChanges } from '../application/place-changes.js';
import { Quotas } from '../application/quotas.js';

@Injectable()
export class PostgresQuotas extends Quotas {
  readonly #known = new ExpiringMap<WorkspaceQuotas>({ ttlMs: 30_000, maxEntries: 20_000 });

  constructor(
    private readonly database: Database,
    changes: PlaceChanges,
  ) {
    super();
    changes.listen(() => this.#known.clear());
  }

  quotasOf(workspaceId: string): Promise<WorkspaceQuotas> {
    return this.#known.load(workspaceId, async () => {
      const [row] = await this.database.transaction(systemScope('authentication'), (manager) =>
        manager.query<{ quotas: unknown }[]>('SELECT quotas FROM workspaces WHERE workspace_id = $1', [workspaceId]),
      );
      return WorkspaceQuotas.parse(row?.quotas ?? {});
    });
  }
}
