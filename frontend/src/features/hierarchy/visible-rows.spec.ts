import { describe, expect, it } from 'vitest';
import { codeOf, nodeOf, parseKey, type HierarchyNode } from './levels.js';
import { visibleRows, type Children } from './visible-rows.js';

const at = '2026-01-01T00:00:00.000Z';
const common = { name: '', code: '', description: '', isActive: true, createdAt: at, updatedAt: at, deletedAt: null };
const organization = (id: string, workspaces: number) =>
  nodeOf('organization', { ...common, id, regionId: 'r', domain: null, workspaces, users: 0 });
const workspace = (id: string, tenants: number) =>
  nodeOf('workspace', { ...common, id, organizationId: 'o1', datasourceConfig: {}, quotas: {}, tenants });
const children = (entries: Record<string, readonly HierarchyNode[]>): Children =>
  new Map(Object.entries(entries).map(([key, nodes]) => [key, { nodes, state: 'idle' }]));
const roots = [organization('o1', 2), organization('o2', 0)];

describe('the rows of the tree', () => {
  it('are only the roots while nothing is expanded', () => {
    const rows = visibleRows(roots, new Map(), new Set());
    expect(rows.map(({ node, depth, hasChildren }) => [node.key, depth, hasChildren])).toEqual([
      ['organization:o1', 1, true],
      ['organization:o2', 1, false],
    ]);
  });

  it('stand below their parent with their depth and place among siblings', () => {
    const known = children({ 'organization:o1': [workspace('w1', 0), workspace('w2', 1)] });
    const rows = visibleRows(roots, known, new Set(['organization:o1']));
    expect(
      rows.map(({ node, depth, position, siblings, parentKey }) => [node.key, depth, position, siblings, parentKey]),
    ).toEqual([
      ['organization:o1', 1, 1, 2, null],
      ['workspace:w1', 2, 1, 2, 'organization:o1'],
      ['workspace:w2', 2, 2, 2, 'organization:o1'],
      ['organization:o2', 1, 2, 2, null],
    ]);
  });

  it('say that children are on their way', () => {
    expect(visibleRows(roots, new Map(), new Set(['organization:o1']))[0]?.state).toBe('loading');
  });

  it('believe the children that came more than the number that was told', () => {
    const rows = visibleRows(
      [organization('o1', 2)],
      children({ 'organization:o1': [] }),
      new Set(['organization:o1']),
    );
    expect(rows[0]).toMatchObject({ hasChildren: false, isExpanded: false });
  });
});

it.each([
  ['Acme, Inc.', 'acme-inc'],
  ['  Überall GmbH ', 'uberall-gmbh'],
  ['東京', ''],
  ['x'.repeat(80), 'x'.repeat(50)],
])('the code of %s is %s', (name, code) => expect(codeOf(name)).toBe(code));

it('a key names its level, and nothing else is one', () => {
  expect(parseKey('tenant:42')).toEqual({ level: 'tenant', id: '42' });
  for (const text of ['', 'tenant', 'tenant:', 'planet:1']) expect(parseKey(text)).toBeNull();
});
