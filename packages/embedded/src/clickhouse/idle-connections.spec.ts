import { describe, expect, it } from 'vitest';
import { IdleConnections } from './idle-connections.js';

function pool(most: number) {
  const closed: object[] = [];
  return { closed, idle: new IdleConnections(most, (connection) => closed.push(connection)) };
}

describe('idle connections', () => {
  it('serve statements of their own shape, once', () => {
    const { idle } = pool(2);
    const connection = {};
    idle.keep('a', connection);
    expect(idle.take('b')).toBeUndefined();
    expect(idle.take('a')).toBe(connection);
    expect(idle.take('a')).toBeUndefined();
  });

  it('are so many at most: the one that has been idle longest is closed', () => {
    const { idle, closed } = pool(2);
    const [first, second, third] = [{}, {}, {}];
    idle.keep('a', first);
    idle.keep('b', second);
    idle.keep('c', third);
    expect(closed).toEqual([first]);
    expect(closed[0]).toBe(first);
    expect(idle.take('b')).toBe(second);
  });

  it('are all closed at the end', () => {
    const { idle, closed } = pool(3);
    idle.keep('a', {});
    idle.keep('a', {});
    idle.closeAll();
    expect(closed).toHaveLength(2);
    expect(idle.take('a')).toBeUndefined();
  });
});
