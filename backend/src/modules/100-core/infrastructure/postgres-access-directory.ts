import { Injectable } from '@nestjs/common';
import { Database, systemScope } from '../../../shared/platform/database/index.js';
import { ExpiringMap } from '../../../shared/platform/expiring-map.js';
import { AccessDirectory } from '../application/access-directory.js';
import { Access, type AssignmentScope } from '../domain/access.js';

interface AssignmentRow {
  readonly role: string;
  readonly scope_type: 'platform' | 'organization' | 'workspace' | 'tenant';
  readonly scope_id: string | null;
  readonly expires_at: Date | null;
  readonly permissions: string[];
}

const ASSIGNMENTS = `
  SELECT r.code AS role, a.scope_type, a.scope_id, a.expires_at,
         COALESCE(array_agg(p.name) FILTER (WHERE p.name IS NOT NULL), '{}') AS permissions
  FROM role_assignments a
  JOIN roles r ON r.role_id = a.role_id AND r.is_active AND r.deleted_at IS NULL
  LEFT JOIN role_permissions rp ON rp.role_id = r.role_id
  LEFT JOIN permissions p ON p.permission_id = rp.permission_id
  WHERE a.user_id = $1
  GROUP BY a.role_assignment_id, r.role_id
  ORDER BY r.level`;

@Injectable()
export class PostgresAccessDirectory extends AccessDirectory {
  readonly #known = new ExpiringMap<Access>({ ttlMs: 60_000, maxEntries: 10_000 });

  constructor(private readonly database: Database) {
    super();
  }

  accessOf(userId: string): Promise<Access> {
    return this.#known.load(userId, async () => {
      const rows = await this.database.transaction(systemScope('authentication'), (manager) =>
        manager.query<AssignmentRow[]>(ASSIGNMENTS, [userId]),
      );
      return new Access(
        rows.map((row) => ({
          role: row.role,
          scope: scopeOf(row),
          permissions: row.permissions,
          expiresAt: row.expires_at?.getTime() ?? null,
        })),
      );
    });
  }

  evict(userId: string): void {
    this.#known.delete(userId);
  }

  evictAll(): void {
    this.#known.clear();
  }
}

function scopeOf(row: AssignmentRow): AssignmentScope {
  // The table's check: a scope without an id is the platform's, and no other.
  return row.scope_type === 'platform' || row.scope_id === null
    ? { type: 'platform' }
    : { type: row.scope_type, id: row.scope_id };
}
