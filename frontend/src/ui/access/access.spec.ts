import { describe, expect, it } from 'vitest';
import { byResource } from './by-resource.js';
import { expiryOf } from './expiry.js';
import { isWideEnough, scopeChoices, scopeOf } from './scopes.js';

const tree = [
  {
    id: 'o',
    name: 'Acme',
    code: 'acme',
    workspaces: [
      { id: 'w', name: 'Production', code: 'production', tenants: [{ id: 't', name: 'Shop', code: 'shop' }] },
    ],
  },
];

describe('the places that a role can be given in', () => {
  it('are the whole tree, each with its path', () => {
    expect(scopeChoices(tree, false).map(({ value, path, depth }) => [value, path, depth])).toEqual([
      ['organization:o', 'Acme', 0],
      ['workspace:w', 'Acme / Production', 1],
      ['tenant:t', 'Acme / Production / Shop', 2],
    ]);
  });

  it('begin with the platform only for those who hold a role there', () => {
    expect(scopeChoices(tree, true)[0]?.value).toBe('platform');
  });

  it('are read back from the value of a select', () => {
    expect(scopeOf('platform')).toEqual({ type: 'platform' });
    expect(scopeOf('workspace:w')).toEqual({ type: 'workspace', id: 'w' });
    for (const text of ['', 'planet:1', 'tenant']) expect(scopeOf(text)).toBeUndefined();
  });
});

it('a permission of the organization means nothing in a tenant', () => {
  expect(isWideEnough('tenant', 'users:read')).toBe(false);
  expect(isWideEnough('organization', 'users:read')).toBe(true);
  expect(isWideEnough('tenant', 'traces:read')).toBe(true);
});

it('permissions stand under their resource, narrowed by what is typed', () => {
  const held = ['users:read', 'traces:write', 'traces:read'];
  expect(byResource(held)).toEqual([
    { resource: 'traces', actions: ['read', 'write'] },
    { resource: 'users', actions: ['read'] },
  ]);
  expect(byResource(held, ' TRACES:R ')).toEqual([{ resource: 'traces', actions: ['read'] }]);
  expect(byResource(held, 'nothing')).toEqual([]);
});

it('an expiry of no days is none', () => {
  expect(expiryOf(0)).toBeNull();
  expect(expiryOf(7, 0)).toBe('1970-01-08T00:00:00.000Z');
});
