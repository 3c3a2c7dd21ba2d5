import { parseTfql } from '@telemetryflow/contracts';
import { expect, it } from 'vitest';
import { compileTailCounts, compileTailRecords } from './compile-log-tail.js';

it('compiles to the SQL that was reviewed', async () => {
  const query = {
    tenantId: '019a0000-0000-7000-8000-000000000001',
    filter: parseTfql('severity:>=warn timeout'),
    nowMs: 1_773_104_400_000,
    fromSecond: 1_773_104_390,
  };
  const statements = {
    'what came in, by second': compileTailCounts(query),
    'records not yet sent': compileTailRecords(query, ['7', '9'], 200),
  };
  const text = Object.entries(statements).map(
    ([question, { sql, params }]) =>
      `-- ${question}\n${sql};\n-- ${JSON.stringify(params, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}\n`,
  );
  await expect(text.join('\n')).toMatchFileSnapshot('log-tail.sql');
});
