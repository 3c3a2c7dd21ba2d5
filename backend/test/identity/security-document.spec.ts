/** docs/security.md says where each requirement of ASVS is proven, and the numbered behaviours of identity are all tests. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { repository } from '../support/platform.js';

/** OWASP ASVS 5.0, chapters 6 to 9, levels 1 and 2. */
const REQUIREMENTS: Record<string, readonly number[]> = {
  '6.1': [1, 2, 3],
  '6.2': [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
  '6.3': [1, 2, 3, 4],
  '6.4': [1, 2, 3, 4],
  '6.5': [1, 2, 3, 4, 5],
  '6.6': [1, 2, 3],
  '6.8': [1, 2, 3, 4],
  '7.1': [1, 2, 3],
  '7.2': [1, 2, 3, 4],
  '7.3': [1, 2],
  '7.4': [1, 2, 3, 4, 5],
  '7.5': [1, 2],
  '7.6': [1, 2],
  '8.1': [1, 2],
  '8.2': [1, 2, 3],
  '8.3': [1],
  '8.4': [1],
  '9.1': [1, 2, 3],
  '9.2': [1, 2, 3, 4],
};
/** Behaviours of the specification of identity; number 23 is single sign-on, which comes with its own module. */
const BEHAVIOURS = Array.from({ length: 27 }, (_, i) => i + 1).filter((number) => number !== 23);

const textOf = (path: string) => readFileSync(join(repository, path), 'utf8');
const lines = textOf('docs/security.md')
  .split('\n')
  .flatMap((line) => /^\| (\d+\.\d+\.\d+) +\| .* \| (.*?) *\|$/.exec(line)?.slice(1, 3) ?? [])
  .reduce<[string, string][]>(
    (pairs, part, i, all) => (i % 2 === 0 ? [...pairs, [part, all[i + 1] ?? '']] : pairs),
    [],
  );

it('has a line for every requirement, once, in order', () => {
  const wanted = Object.entries(REQUIREMENTS).flatMap(([section, numbers]) => numbers.map((n) => `${section}.${n}`));
  expect(lines.map(([id]) => id)).toEqual(wanted);
});

it.each(lines)('%s: %s', (_, proof) => {
  const link = /^\[[^\]]+\]\(#([\w-]+)\)$/.exec(proof);
  if (link) {
    const headings = textOf('docs/security.md').matchAll(/^## (.+)$/gm);
    expect([...headings].map(([, title]) => title?.toLowerCase().replaceAll(' ', '-'))).toContain(link[1]);
    return;
  }
  const test = /^`([^`]+)`: (.+)$/.exec(proof);
  // A reason, in a sentence.
  if (!test) return expect(proof).toMatch(/^[A-Z].{10,}\.$/);
  expect(textOf(test[1] ?? '')).toContain(test[2]);
});

it('names every act that the code records', () => {
  const [, section = ''] = /\n## The trail\n([^]*?)\n## /.exec(textOf('docs/security.md')) ?? [];
  const documented = new Set(
    [...section.matchAll(/^\| (`.*?) +\| (.*?) +\|$/gm)].flatMap(([, areas = '', events = '']) =>
      [...areas.matchAll(/`(\w+)`/g)].flatMap(([, area]) => [
        ...events.split(/[,;] /).map((event) => (event.startsWith('`') ? event.slice(1, -1) : `${area}.${event}`)),
      ]),
    ),
  );
  const recorded = readdirSync(join(repository, 'backend/src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
    .flatMap((name) => [...textOf(join('backend/src', name)).matchAll(/\baction:[^,;{]*/g)])
    .flatMap(([text]) => [...text.matchAll(/'([a-z_]+\.[a-z_]+)'/g)].map(([, action]) => action ?? ''));
  expect(recorded.length).toBeGreaterThan(50);
  expect(recorded.filter((action) => !documented.has(action))).toEqual([]);
});

it('every numbered behaviour of identity is a test', () => {
  const specs = readdirSync(join(repository, 'backend/test/identity')).filter((name) => name.endsWith('.spec.ts'));
  const text = specs.map((name) => textOf(join('backend/test/identity', name))).join('\n');
  const named = new Set(
    [...text.matchAll(/(?:describe|it)[\s\S]{0,80}?['`]B(\d+)[:\s]/g)].map(([, number]) => Number(number)),
  );
  expect(BEHAVIOURS.filter((number) => !named.has(number))).toEqual([]);
});
