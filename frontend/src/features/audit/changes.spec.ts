import { describe, expect, it } from 'vitest';
import { changesOf } from './changes.js';

describe('the changes of an act', () => {
  it('come first, with the value before and after', () => {
    expect(changesOf({ code: 'acme', name: 'Acme' }, { code: 'acme', name: 'Acme Ltd' })).toEqual([
      { path: 'name', before: '"Acme"', after: '"Acme Ltd"', isChanged: true },
      { path: 'code', before: '"acme"', after: '"acme"', isChanged: false },
    ]);
  });

  it('are told value by value inside of objects, and as a whole of lists', () => {
    const changes = changesOf(
      { quotas: { maxUsers: 5, maxTenants: 2 }, permissions: ['a'] },
      { quotas: { maxUsers: 9 }, permissions: ['a', 'b'] },
    );
    expect(changes.map(({ path, before, after }) => [path, before, after])).toEqual([
      ['permissions', '["a"]', '["a","b"]'],
      ['quotas.maxTenants', '2', undefined],
      ['quotas.maxUsers', '5', '9'],
    ]);
  });

  it('are everything when something begins or ends', () => {
    expect(changesOf(null, { name: 'x' })).toEqual([
      { path: 'name', before: undefined, after: '"x"', isChanged: true },
    ]);
    expect(changesOf({ name: null }, null)).toEqual([
      { path: 'name', before: 'null', after: undefined, isChanged: true },
    ]);
    expect(changesOf(null, null)).toEqual([]);
  });

  it('tell an empty object from none', () => {
    expect(
      changesOf({ settings: {} }, { settings: { a: 1 } }).map(({ path, before, after }) => [path, before, after]),
    ).toEqual([
      ['settings', '{}', undefined],
      ['settings.a', undefined, '1'],
    ]);
  });
});
