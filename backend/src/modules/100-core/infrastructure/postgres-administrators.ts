import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ConflictError } from '../../../shared/platform/index.js';
import { Administrators } from '../application/administrators.js';

interface Counts {
  readonly administrators: number;
  readonly lasting_administrators: number;
  readonly super_administrators: number;
  readonly lasting_super_administrators: number;
}

const LOCK = 7_305_518_210;

/** People who can sign in and hold the role now; lasting: without expiry. */
const COUNTS = `
  WITH held AS (
    SELECT user_id, role_id, scope_type, scope_id, expires_at FROM role_assignments
    UNION ALL
    SELECT m.user_id, a.role_id, a.scope_type, a.scope_id, a.expires_at
    FROM group_role_assignments a JOIN group_members m ON m.group_id = a.group_id
  ), holders AS (
    SELECT h.user_id, r.code, h.expires_at IS NULL AS lasting
    FROM held h
    JOIN roles r ON r.role_id = h.role_id AND r.is_system
    JOIN users u ON u.user_id = h.user_id AND u.is_active AND u.deleted_at IS NULL
    WHERE (h.expires_at IS NULL OR h.expires_at > now())
      AND (r.code = 'super_administrator' AND h.scope_type = 'platform'
           OR r.code = 'administrator' AND h.scope_type = 'organization' AND h.scope_id = $1
              AND u.organization_id = $1)
  )
  SELECT count(DISTINCT user_id) FILTER (WHERE code = 'administrator')::int AS administrators,
         count(DISTINCT user_id) FILTER (WHERE code = 'administrator' AND lasting)::int AS lasting_administrators,
         count(DISTINCT user_id) FILTER (WHERE code = 'super_administrator')::int AS super_administrators,
         count(DISTINCT user_id) FILTER (WHERE code = 'super_administrator' AND lasting)::int
           AS lasting_super_administrators
  FROM holders`;

@Injectable()
export class PostgresAdministrators extends Administrators {
  async protect<T>(manager: EntityManager, organizationId: string, change: () => Promise<T>): Promise<T> {
    await manager.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    const before = await countsOf(manager, organizationId);
    const result = await change();
    const after = await countsOf(manager, organizationId);
    const lost = (name: keyof Counts) => before[name] > 0 && after[name] === 0;
    if (lost('super_administrators') || lost('lasting_super_administrators')) {
      throw new ConflictError('This would leave the platform without a super administrator; make another one first');
    }
    if (lost('administrators') || lost('lasting_administrators')) {
      throw new ConflictError('This would leave the organization without an administrator; make another one first');
    }
    return result;
  }
}

async function countsOf(manager: EntityManager, organizationId: string): Promise<Counts> {
  const [counts] = await manager.query<Counts[]>(COUNTS, [organizationId]);
  if (!counts) throw new Error('counting answered no row');
  return counts;
}
