import { expect, it } from 'vitest';
import { severityColor, severityOf } from './severity.js';

it.each([
  [0, 'unspecified'],
  [1, 'trace'],
  [4, 'trace'],
  [5, 'debug'],
  [9, 'info'],
  [13, 'warn'],
  [17, 'error'],
  [21, 'fatal'],
  [24, 'fatal'],
  [25, 'unspecified'],
  [-1, 'unspecified'],
])('severity number %i is %s', (number, name) => expect(severityOf(number)).toBe(name));

it('colours the unspecified quietly', () => {
  expect(severityColor('unspecified')).toBe('var(--tf-text-3)');
  expect(severityColor('error')).toBe('var(--tf-error)');
});
