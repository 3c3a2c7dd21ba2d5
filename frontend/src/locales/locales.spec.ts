import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

type Messages = { [key: string]: string | Messages };

const root = join(import.meta.dirname, '..');
const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Messages;
/** `a.b` of every text, with the names of its placeholders. */
const shape = (messages: Messages, prefix = ''): string[] =>
  Object.entries(messages)
    .flatMap(([key, value]) =>
      typeof value === 'string'
        ? [`${prefix}${key} ${[...new Set(value.match(/\{\w+\}/g))].sort().join('')}`.trim()]
        : shape(value, `${prefix}${key}.`),
    )
    .sort();

const folders = [...new Set(globSync('**/en.json', { cwd: root }).map(dirname))];

describe.each(folders)('the catalogues of %s', (folder) => {
  it('say the same things in both languages', () => {
    const [en, id] = ['en', 'id'].map((language) => shape(read(join(root, folder, `${language}.json`))));
    expect(id).toEqual(en);
  });
});

it('finds the catalogues', () => expect(folders.length).toBeGreaterThan(3));
