import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Areas } from '../application/areas.js';
import type { Area } from '../domain/access.js';

interface AreaRow {
  readonly organization_id: string;
  readonly workspace_id: string | null;
  readonly tenant_id: string | null;
}

/** Living, and none of the platform's own. */
const STATEMENTS = {
  organization: `
    SELECT organization_id, NULL AS workspace_id, NULL AS tenant_id FROM organizations
    WHERE organization_id = $1 AND organization_id = $2 AND deleted_at IS NULL`,
  workspace: `
    SELECT organization_id, workspace_id, NULL AS tenant_id FROM workspaces
    WHERE workspace_id = $1 AND organization_id = $2 AND deleted_at IS NULL AND NOT is_reserved`,
  tenant: `
    SELECT t.organization_id, t.workspace_id, t.tenant_id
    FROM tenants t JOIN workspaces w ON w.workspace_id = t.workspace_id AND w.deleted_at IS NULL AND NOT w.is_reserved
    WHERE t.tenant_id = $1 AND t.organization_id = $2 AND t.deleted_at IS NULL`,
} as const;

@Injectable()
export class PostgresAreas extends Areas {
  async organizationCode(manager: EntityManager, organizationId: string): Promise<string | null> {
    const [row] = await manager.query<{ code: string }[]>('SELECT code FROM organizations WHERE organization_id = $1', [
      organizationId,
    ]);
    return row?.code ?? null;
  }

  protected async find(
    manager: EntityManager,
    type: keyof typeof STATEMENTS,
    id: string,
    organizationId: string,
  ): Promise<Area | null> {
    const [row] = await manager.query<AreaRow[]>(STATEMENTS[type], [id, organizationId]);
    if (!row) return null;
    return {
      organizationId: row.organization_id,
      workspaceId: row.workspace_id,
      tenantId: row.tenant_id,
      reserved: false,
    };
  }
}
