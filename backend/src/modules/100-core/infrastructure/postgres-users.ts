import { Injectable } from '@nestjs/common';
import { WorkspaceQuotas } from '@telemetryflow/contracts';
import { type EntityManager, IsNull } from 'typeorm';
import { Users } from '../application/users/users.js';
import { User } from '../domain/user.js';

@Injectable()
export class PostgresUsers extends Users {
  async add(manager: EntityManager, user: User, passwordHash: string | null): Promise<boolean> {
    const rows = await manager.query<unknown[]>(
      `INSERT INTO users (user_id, organization_id, workspace_id, tenant_id, email, password_hash, password_changed_at,
                          first_name, last_name, timezone, locale, email_verified_at, force_password_change,
                          created_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)
       ON CONFLICT (email) WHERE deleted_at IS NULL DO NOTHING RETURNING user_id`,
      [
        user.id,
        user.organizationId,
        user.workspaceId,
        user.tenantId,
        user.email,
        passwordHash,
        passwordHash === null ? null : user.createdAt,
        user.firstName,
        user.lastName,
        user.timezone,
        user.locale,
        user.emailVerifiedAt,
        user.forcePasswordChange,
        user.createdAt,
      ],
    );
    return rows.length > 0;
  }

  forUpdate(manager: EntityManager, id: string, organizationId: string | null): Promise<User | null> {
    return manager.getRepository(User).findOne({
      where: { id, deletedAt: IsNull(), ...(organizationId !== null && { organizationId }) },
      lock: { mode: 'pessimistic_write' },
    });
  }

  async save(manager: EntityManager, user: User): Promise<void> {
    await manager.getRepository(User).save(user);
  }

  async dropAccess(manager: EntityManager, userId: string): Promise<void> {
    for (const table of ['role_assignments', 'permission_grants', 'group_members']) {
      await manager.query(`DELETE FROM ${table} WHERE user_id = $1`, [userId]);
    }
  }

  async placesLeft(manager: EntityManager, workspaceId: string): Promise<number | null> {
    const [workspace] = await manager.query<{ quotas: unknown }[]>(
      'SELECT quotas FROM workspaces WHERE workspace_id = $1 FOR UPDATE',
      [workspaceId],
    );
    const { maxUsers } = WorkspaceQuotas.parse(workspace?.quotas ?? {});
    if (maxUsers === undefined || maxUsers === null) return null;
    const [taken] = await manager.query<{ users: number }[]>(
      'SELECT count(*)::int AS users FROM users WHERE workspace_id = $1 AND deleted_at IS NULL',
      [workspaceId],
    );
    return maxUsers - (taken?.users ?? 0);
  }
}
