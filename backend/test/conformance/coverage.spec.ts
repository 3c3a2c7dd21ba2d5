/**
 * Every line of the OTLP checklist has tests, and docs/otlp-conformance.md names them. After a change of test names:
 * `npx vitest run backend/test/conformance/coverage.spec.ts -u`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { repository } from '../support/platform.js';
import { FAULTS, LINES } from './checklist.js';

const HERE = join(repository, 'backend', 'test', 'conformance');

interface NamedTest {
  readonly line: string;
  readonly title: string;
  readonly file: string;
}

/** Test titles as they are written in the sources: placeholders of `it.each` stay placeholders. */
function namedTests(): NamedTest[] {
  const files = readdirSync(HERE).filter((name) => name.endsWith('.spec.ts'));
  return files.flatMap((file) => {
    const source = readFileSync(join(HERE, file), 'utf8');
    const titles = source.matchAll(/['`](otlp (?<line>\d+|fault \d+): (?<title>[^'`\n]+))['`]/g);
    return [...titles].map(({ groups }) => ({ line: groups!['line']!, title: groups!['title']!, file }));
  });
}

const tests = namedTests();
const titlesOf = (line: string): string[] => [
  ...new Set(tests.filter((test) => test.line === line).map(({ title }) => title)),
];

it.each(LINES.map((text, i) => [String(i + 1), text]))('line %s has tests: %s', (line) => {
  expect(titlesOf(line)).not.toEqual([]);
});

it.each(FAULTS.map((text, i) => [`fault ${i + 1}`, text]))('%s has tests: %s', (line) => {
  expect(titlesOf(line)).not.toEqual([]);
});

it('no test names a line that is not there', () => {
  const known = new Set(
    [...LINES.keys()].map((i) => `${i + 1}`).concat([...FAULTS.keys()].map((i) => `fault ${i + 1}`)),
  );
  expect(tests.filter(({ line }) => !known.has(line))).toEqual([]);
});

function section(name: string, line: string, text: string): string {
  const titles = titlesOf(line).map((title) => `- ${title.replaceAll(/([*_`[\]$])/g, '\\$1')}`);
  return `### ${name}\n\n${text}\n\n${titles.join('\n')}\n`;
}

it('docs/otlp-conformance.md names the tests of every line', async () => {
  const text = [
    '# OTLP conformance\n',
    'What OTLP 1.11 asks of a server, line by line, and the tests that prove it (`backend/test/conformance`). A test’s',
    'name begins with `otlp` and the number of its line. The tests drive the running server; each runs over gRPC,',
    'HTTP/protobuf and HTTP/JSON wherever its line applies to them, and reads the rows back from the store. A `%s`',
    'stands for the cases of a table. Written by `npx vitest run backend/test/conformance/coverage.spec.ts -u`, which',
    'without `-u` fails when this page and the tests differ.\n',
    '`differential.spec.ts` sends random messages over every transport and compares the stored rows with what an',
    'independent decoder reads, field by field. `npm run interop` sends with the Python, Go and Java SDKs and the',
    'OpenTelemetry Collector.\n',
    '## Lines\n',
    ...LINES.map((line, i) => section(String(i + 1), String(i + 1), line)),
    '## Faults seen in other servers\n',
    ...FAULTS.map((fault, i) => section(`Fault ${i + 1}`, `fault ${i + 1}`, fault)),
  ].join('\n');
  await expect(`${text.trimEnd()}\n`).toMatchFileSnapshot(join(repository, 'docs', 'otlp-conformance.md'));
});
