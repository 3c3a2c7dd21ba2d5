import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Hierarchy } from '../application/hierarchy/hierarchy.js';
import { HierarchyNode, type Level, type NodeState } from '../domain/hierarchy-node.js';
import { HIERARCHY_TABLES } from './hierarchy-tables.js';

type NodeRow = Omit<NodeState, 'level'>;

/** Columns by which a row names what it is part of. */
const PARENT_COLUMNS: Readonly<Record<Level, readonly string[]>> = {
  region: [],
  organization: ['region_id'],
  workspace: ['organization_id'],
  tenant: ['workspace_id', 'organization_id'],
};

@Injectable()
export class PostgresHierarchy extends Hierarchy {
  find(manager: EntityManager, level: Level, id: string): Promise<HierarchyNode | null> {
    return this.#read(manager, level, id, '');
  }

  async forUpdate(manager: EntityManager, level: Level, id: string): Promise<HierarchyNode | null> {
    // References to the row are checked under a weaker lock, which this one lets through.
    return this.#read(manager, level, id, 'FOR NO KEY UPDATE OF n');
  }

  async add(manager: EntityManager, node: HierarchyNode): Promise<boolean> {
    const { table, key, attributes, json } = HIERARCHY_TABLES[node.level];
    const given = Object.entries(attributes).filter(([name]) => node.attributes[name] !== undefined);
    const columns = [key, 'code', ...PARENT_COLUMNS[node.level], ...given.map(([, column]) => column)];
    const values = [
      node.id,
      node.code,
      ...parentsOf(node),
      ...given.map(([name]) => stored(node.attributes[name], json.has(name))),
    ];
    const rows = await manager.query<unknown[]>(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map((_, i) => `$${i + 1}`).join(', ')})
       ON CONFLICT DO NOTHING RETURNING ${key}`,
      values,
    );
    return rows.length > 0;
  }

  async save(manager: EntityManager, node: HierarchyNode): Promise<void> {
    const { table, key, attributes, json } = HIERARCHY_TABLES[node.level];
    const fields = Object.entries(attributes);
    await manager.query(
      `UPDATE ${table} SET is_active = $2, deleted_at = $3, updated_at = now(),
              ${fields.map(([, column], i) => `${column} = $${i + 4}`).join(', ')}
       WHERE ${key} = $1`,
      [
        node.id,
        node.isActive,
        node.deletedAt,
        ...fields.map(([name]) => stored(node.attributes[name], json.has(name))),
      ],
    );
  }

  activeChildren(manager: EntityManager, node: HierarchyNode): Promise<number> {
    return this.#count(manager, node, 'AND is_active');
  }

  children(manager: EntityManager, node: HierarchyNode): Promise<number> {
    return this.#count(manager, node, '');
  }

  async mayClose(manager: EntityManager, node: HierarchyNode): Promise<boolean> {
    const [row] = await manager.query<{ may: boolean }[]>('SELECT app_may_close($1) AS may', [node.id]);
    return row?.may ?? false;
  }

  async endSessionsIn(manager: EntityManager, node: HierarchyNode): Promise<void> {
    await manager.query('SELECT app_end_sessions_in($1)', [node.id]);
  }

  async isCreator(manager: EntityManager, organizationId: string, userId: string): Promise<boolean> {
    const rows = await manager.query<unknown[]>(
      `SELECT 1 FROM users
       WHERE user_id = $1 AND organization_id = $2 AND is_organization_creator AND is_active AND deleted_at IS NULL`,
      [userId, organizationId],
    );
    return rows.length > 0;
  }

  async #read(manager: EntityManager, level: Level, id: string, lock: string): Promise<HierarchyNode | null> {
    const shape = HIERARCHY_TABLES[level];
    const attributes = Object.entries(shape.attributes).map(([name, column]) => `'${name}', n.${column}`);
    const [row] = await manager.query<NodeRow[]>(
      `SELECT n.${shape.key} AS id, n.code, ${shape.organizationId} AS "organizationId",
              ${shape.workspaceId} AS "workspaceId", ${shape.parentId} AS "parentId",
              jsonb_build_object(${attributes.join(', ')}) AS attributes, n.is_active AS "isActive",
              n.deleted_at AS "deletedAt", ${shape.ancestorIsDeleted} AS "ancestorIsDeleted",
              ${shape.isReserved} AS "isReserved"
       FROM ${shape.table} n ${shape.joins} WHERE n.${shape.key} = $1 ${lock}`,
      [id],
    );
    return row ? HierarchyNode.restore({ level, ...row }) : null;
  }

  async #count(manager: EntityManager, node: HierarchyNode, condition: string): Promise<number> {
    const { child } = HIERARCHY_TABLES[node.level];
    if (child === null) return 0;
    const [row] = await manager.query<{ n: number }[]>(
      `SELECT count(*)::int AS n FROM ${child.table} WHERE ${child.parent} = $1 AND deleted_at IS NULL ${condition}`,
      [node.id],
    );
    return row?.n ?? 0;
  }
}

function parentsOf(node: HierarchyNode): unknown[] {
  return node.level === 'tenant'
    ? [node.parentId, node.organizationId]
    : node.level === 'region'
      ? []
      : [node.parentId];
}

function stored(value: unknown, isJson: boolean): unknown {
  return isJson ? JSON.stringify(value ?? {}) : value;
}
