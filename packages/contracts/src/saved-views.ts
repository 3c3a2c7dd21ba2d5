import { z } from 'zod';
import { Description, Instant, Line, PageQuery, pageOf, Uuid } from './common.js';

/** Where a view belongs. */
export const ViewPage = z.enum(['traces', 'logs', 'metrics', 'services']);
export type ViewPage = z.infer<typeof ViewPage>;

const ViewName = Line.min(1, { error: 'is required' }).max(100, { error: 'must be at most 100 characters' });
/** The URL's query part (without `?`): filter, columns, chart, range. */
const ViewState = Line.max(8192, { error: 'must be at most 8192 characters' });

/** An explorer as somebody left it: private to its owner, or shared with everyone who can read the tenant. */
export const SavedView = z.object({
  id: Uuid,
  name: z.string(),
  description: z.string(),
  page: ViewPage,
  state: z.string(),
  visibility: z.enum(['private', 'shared']),
  ownerId: Uuid,
  ownerName: z.string(),
  isMine: z.boolean(),
  createdAt: Instant,
  updatedAt: Instant,
});
export type SavedView = z.infer<typeof SavedView>;

export const SavedViewsQuery = PageQuery.extend({ view: ViewPage.optional(), search: z.string().max(100).default('') });
export type SavedViewsQuery = z.infer<typeof SavedViewsQuery>;
export const SavedViewPage = pageOf(SavedView);
export type SavedViewPage = z.infer<typeof SavedViewPage>;

export const CreateSavedView = z.object({
  name: ViewName,
  description: Description.default(''),
  page: ViewPage,
  state: ViewState,
  visibility: z.enum(['private', 'shared']).default('private'),
});
export type CreateSavedView = z.infer<typeof CreateSavedView>;
export const UpdateSavedView = z.object({
  name: ViewName.optional(),
  description: Description.optional(),
  state: ViewState.optional(),
  visibility: z.enum(['private', 'shared']).optional(),
});
export type UpdateSavedView = z.infer<typeof UpdateSavedView>;
