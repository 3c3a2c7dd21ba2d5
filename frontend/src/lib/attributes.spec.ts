import { expect, it } from 'vitest';
import { groupAttributes, valueText } from './attributes.js';

it('groups by namespace, in order, the rest last', () => {
  expect(groupAttributes({ zebra: 1, 'http.route': '/a', 'db.system': 'pg', 'http.method': 'GET' })).toEqual([
    { name: 'db', entries: [['db.system', 'pg']] },
    {
      name: 'http',
      entries: [
        ['http.method', 'GET'],
        ['http.route', '/a'],
      ],
    },
    { name: '', entries: [['zebra', 1]] },
  ]);
});

it('writes values as they can be read', () => {
  expect([valueText('a'), valueText(1), valueText(true), valueText(null)]).toEqual(['a', '1', 'true', 'null']);
  expect(valueText(['a', 1])).toBe('[\n "a",\n 1\n]');
});
