import { CreateSavedView } from '@telemetryflow/contracts';
import { expect, it } from 'vitest';
import { SavedView } from './saved-view.js';

const OWNER = '019a0000-0000-7000-8000-00000000000a';
const OTHER = '019a0000-0000-7000-8000-00000000000b';
const origin = { organizationId: 'o', workspaceId: 'w', tenantId: 't', ownerId: OWNER };
const draft = CreateSavedView.parse({ name: 'Slow checkouts', page: 'traces', state: 'query=duration>1s' });
const created = new Date('2026-01-01T00:00:00Z');
const later = new Date('2026-01-02T00:00:00Z');

it('is private at first, and tells what a change did', () => {
  const view = SavedView.create(draft, origin, created);
  expect(view).toMatchObject({ ...origin, visibility: 'private', createdAt: created, updatedAt: created });
  const change = view.change({ name: 'Slow checkouts', description: 'p95', visibility: 'shared' }, OWNER, later);
  expect(change).toEqual({
    before: { description: '', visibility: 'private' },
    after: { description: 'p95', visibility: 'shared' },
  });
  expect(view).toMatchObject({ description: 'p95', visibility: 'shared', updatedAt: later });
});

it('is made private by nobody but its owner', () => {
  const view = SavedView.create({ ...draft, visibility: 'shared' }, origin, created);
  expect(view.change({ name: 'Renamed' }, OTHER, later).after).toEqual({ name: 'Renamed' });
  expect(() => view.change({ visibility: 'private' }, OTHER, later)).toThrow(
    expect.objectContaining({ errors: [expect.objectContaining({ path: 'visibility' })] }),
  );
  expect(view.visibility).toBe('shared');
});
