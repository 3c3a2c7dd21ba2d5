import type { EntityManager } from 'typeorm';
import { recordAct } from '../../../shared/platform/database/index.js';
import type { StoppedKey } from './api-keys.js';

const ACTOR = { type: 'system', id: 'api-keys' } as const;

/** Records what the platform itself did to keys. `requestId`: of the job or event that made it. */
export async function recordStops(
  manager: EntityManager,
  requestId: string,
  keys: readonly StoppedKey[],
  reason: string,
): Promise<void> {
  for (const { id, keyId, name, organizationId, workspaceId, tenantId, statusBefore, status } of keys) {
    const place = { organizationId, workspaceId, ...(tenantId === null ? {} : { tenantId }) };
    await recordAct(
      manager,
      { requestId, ip: '', userAgent: '', actor: ACTOR, ...place },
      {
        action: `api_key.${status}`,
        resource: { type: 'api_key', id, name },
        before: { status: statusBefore },
        after: { status },
        details: { keyId, reason },
      },
    );
  }
}
