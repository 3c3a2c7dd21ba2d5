import { expect, it } from 'vitest';
import { viewLocation, viewState } from './saved-views.js';

it('keeps how a page looks at data, and not what was open', () => {
  const state = viewState('filter=service:cart+AND+a:%22x%26y%22&from=now-1h&to=now&record=7&page=2&view=patterns');
  expect(viewLocation({ page: 'logs', state })).toEqual({
    name: 'logs',
    query: { filter: 'service:cart AND a:"x&y"', from: 'now-1h', to: 'now', view: 'patterns' },
  });
});
it('of an untouched page is empty', () => expect(viewState('')).toBe(''));
