import { EntitySchema } from 'typeorm';
import { SavedView } from '../domain/saved-view.js';

export const SavedViewSchema = new EntitySchema<SavedView>({
  name: 'SavedView',
  target: SavedView,
  tableName: 'saved_views',
  columns: {
    id: { type: 'uuid', primary: true, name: 'saved_view_id' },
    organizationId: { type: 'uuid', update: false },
    workspaceId: { type: 'uuid', update: false },
    tenantId: { type: 'uuid', update: false },
    ownerId: { type: 'uuid', update: false },
    name: { type: 'text' },
    description: { type: 'text' },
    page: { type: 'text', update: false },
    state: { type: 'text' },
    visibility: { type: 'text' },
    createdAt: { type: 'timestamptz', update: false },
    updatedAt: { type: 'timestamptz' },
  },
});
