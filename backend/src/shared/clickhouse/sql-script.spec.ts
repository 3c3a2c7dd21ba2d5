import { describe, expect, it } from 'vitest';
import { renderTemplate, splitStatements } from './sql-script.js';

describe('splitStatements', () => {
  it('splits at semicolons outside quotes and comments', () => {
    const script = `
      -- first; not a statement
      CREATE TABLE a (x String DEFAULT 'a;b''c\\';', \`odd;name\` UInt8); /* ; */
      ;
      SELECT "x;y" -- tail
    `;
    expect(splitStatements(script)).toEqual([
      `CREATE TABLE a (x String DEFAULT 'a;b''c\\';', \`odd;name\` UInt8)`,
      'SELECT "x;y"',
    ]);
  });
});

describe('renderTemplate', () => {
  const script = 'CREATE TABLE t {{on_cluster}} (x UInt8) ENGINE = {{engine:ReplacingMergeTree(seen)}} ORDER BY x';

  it('fits one node', () => {
    expect(renderTemplate(script, '')).toBe('CREATE TABLE t  (x UInt8) ENGINE = ReplacingMergeTree(seen) ORDER BY x');
  });

  it('fits a cluster', () => {
    expect(renderTemplate(script, 'main')).toBe(
      'CREATE TABLE t ON CLUSTER `main` (x UInt8) ENGINE = ReplicatedReplacingMergeTree(seen) ORDER BY x',
    );
  });

  it('refuses what it does not know', () => {
    expect(() => renderTemplate('{{shard}}', '')).toThrow('Unknown placeholder {{shard}}');
  });
});
