import { expect, it } from 'vitest';
import { rankCommands, type Command } from './rank-commands.js';

const command = (id: string, label: string): Command => ({ id, label, group: '', icon: '', run: () => undefined });
const all = [
  command('go:traces', 'Traces'),
  command('go:overview', 'Overview'),
  command('range:1h', 'Last 1 hour'),
  command('theme', 'Theme: Dark'),
];
const found = (search: string) => rankCommands(all, search).map(({ id }) => id);

it('shows all but the ranges before anything is typed', () =>
  expect(found(' ')).toEqual(['go:traces', 'go:overview', 'theme']));
it('prefers the start of a word, then any run, then strewn letters', () => {
  expect(found('o')).toEqual(['go:overview', 'range:1h']);
  expect(found('hour')).toEqual(['range:1h']);
  expect(found('tdk')).toEqual(['theme']);
  expect(found('zzz')).toEqual([]);
});
