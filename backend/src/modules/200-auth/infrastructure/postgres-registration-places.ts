import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Place } from '../../100-core/index.js';
import { RegistrationPlaces } from '../application/registration-places.js';

@Injectable()
export class PostgresRegistrationPlaces extends RegistrationPlaces {
  async firstRegion(manager: EntityManager): Promise<string | null> {
    const [row] = await manager.query<{ region_id: string }[]>(
      'SELECT region_id FROM regions WHERE is_active AND deleted_at IS NULL ORDER BY created_at, region_id LIMIT 1',
    );
    return row?.region_id ?? null;
  }

  async homeIn(manager: EntityManager, organizationId: string): Promise<Place | null> {
    const [row] = await manager.query<{ workspace_id: string; tenant_id: string }[]>(
      `SELECT w.workspace_id, t.tenant_id
       FROM organizations o JOIN workspaces w USING (organization_id) JOIN tenants t USING (workspace_id)
       WHERE o.organization_id = $1 AND NOT w.is_reserved AND o.is_active AND w.is_active AND t.is_active
         AND COALESCE(o.deleted_at, w.deleted_at, t.deleted_at) IS NULL
       ORDER BY t.created_at, t.tenant_id LIMIT 1`,
      [organizationId],
    );
    return row ? { organizationId, workspaceId: row.workspace_id, tenantId: row.tenant_id, reserved: false } : null;
  }
}
