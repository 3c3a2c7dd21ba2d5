import { buildParserFile } from '@lezer/generator';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');

it('has the tables that the grammar makes (npm run grammar -w packages/contracts)', () => {
  const warnings: string[] = [];
  const made = buildParserFile(read('tfql.grammar'), {
    typeScript: true,
    exportName: 'tables',
    warn: (message) => warnings.push(message),
  });
  expect(warnings).toEqual([]);
  expect(read('tables.ts').trim()).toBe(made.parser.trim());
  expect(read('tables.terms.ts').trim()).toBe(made.terms.trim());
});
