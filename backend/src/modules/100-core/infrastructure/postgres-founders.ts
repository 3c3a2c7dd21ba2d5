import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { newId } from '../../../shared/platform/index.js';
import { type Founder, Founders } from '../application/hierarchy/founders.js';
import type { Place } from '../domain/access.js';

@Injectable()
export class PostgresFounders extends Founders {
  async isTaken(manager: EntityManager, email: string): Promise<boolean> {
    const rows = await manager.query<unknown[]>('SELECT 1 FROM users WHERE email = $1 AND deleted_at IS NULL', [email]);
    return rows.length > 0;
  }

  async add(manager: EntityManager, place: Place, founder: Founder): Promise<string | null> {
    const userId = newId();
    const rows = await manager.query<unknown[]>(
      `INSERT INTO users (user_id, organization_id, workspace_id, tenant_id, email, first_name, last_name, password_hash,
                          password_changed_at, email_verified_at, is_organization_creator)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text, CASE WHEN $8::text IS NULL THEN NULL ELSE now() END,
               CASE WHEN $9::boolean THEN now() END, true)
       ON CONFLICT (email) WHERE deleted_at IS NULL DO NOTHING RETURNING user_id`,
      [
        userId,
        place.organizationId,
        place.workspaceId,
        place.tenantId,
        founder.email,
        founder.firstName,
        founder.lastName,
        founder.passwordHash,
        founder.emailVerified,
      ],
    );
    if (rows.length === 0) return null;
    await manager.query(
      `INSERT INTO role_assignments (role_assignment_id, user_id, role_id, organization_id, scope_type, scope_id)
       SELECT $1, $2, role_id, $3, 'organization', $3 FROM roles WHERE code = 'administrator' AND is_system`,
      [newId(), userId, place.organizationId],
    );
    return userId;
  }
}
