import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ConflictError } from '../../../shared/platform/index.js';
import { type Group, Groups } from '../application/groups/groups.js';
import { isViolationOf } from './violations.js';

interface GroupRow {
  readonly group_id: string;
  readonly organization_id: string;
  readonly name: string;
  readonly description: string;
}

@Injectable()
export class PostgresGroups extends Groups {
  add(manager: EntityManager, { id, organizationId, name, description }: Group): Promise<void> {
    return orConflict(name, () =>
      manager.query('INSERT INTO groups (group_id, organization_id, name, description) VALUES ($1, $2, $3, $4)', [
        id,
        organizationId,
        name,
        description,
      ]),
    );
  }

  save(manager: EntityManager, { id, organizationId, name, description }: Group): Promise<void> {
    return orConflict(name, () =>
      manager.query(
        `UPDATE groups SET name = $3, description = $4, updated_at = now()
         WHERE group_id = $1 AND organization_id = $2`,
        [id, organizationId, name, description],
      ),
    );
  }

  async forUpdate(manager: EntityManager, id: string, organizationId: string | null): Promise<Group | null> {
    const [row] = await manager.query<GroupRow[]>(
      `SELECT group_id, organization_id, name, description FROM groups
       WHERE group_id = $1 AND ($2::uuid IS NULL OR organization_id = $2) FOR UPDATE`,
      [id, organizationId],
    );
    if (!row) return null;
    const { group_id, organization_id, name, description } = row;
    return { id: group_id, organizationId: organization_id, name, description };
  }

  async remove(manager: EntityManager, id: string): Promise<void> {
    await manager.query('DELETE FROM groups WHERE group_id = $1', [id]);
  }

  async memberIds(manager: EntityManager, id: string): Promise<readonly string[]> {
    const rows = await manager.query<{ user_id: string }[]>('SELECT user_id FROM group_members WHERE group_id = $1', [
      id,
    ]);
    return rows.map((row) => row.user_id);
  }

  async addMember(manager: EntityManager, group: Group, userId: string, addedBy: string): Promise<boolean> {
    const rows = await manager.query<unknown[]>(
      `INSERT INTO group_members (group_id, user_id, organization_id, added_by) VALUES ($1, $2, $3, $4)
       ON CONFLICT DO NOTHING RETURNING user_id`,
      [group.id, userId, group.organizationId, addedBy],
    );
    return rows.length > 0;
  }

  async removeMember(manager: EntityManager, id: string, userId: string): Promise<boolean> {
    const [rows] = await manager.query<[unknown[], number]>(
      'DELETE FROM group_members WHERE group_id = $1 AND user_id = $2 RETURNING user_id',
      [id, userId],
    );
    return rows.length > 0;
  }
}

async function orConflict(name: string, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!isViolationOf(error, 'groups_name')) throw error;
    throw new ConflictError(`There is a group with the name ${name} already`, [
      { path: 'name', code: 'taken', message: 'is taken by another group' },
    ]);
  }
}
