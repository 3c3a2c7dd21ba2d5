import type { CreateSavedView, UpdateSavedView, ViewPage } from '@telemetryflow/contracts';
import { newId, ValidationError } from '../../../shared/platform/index.js';

type Visibility = CreateSavedView['visibility'];
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Where a view belongs, and whose it is. */
export interface ViewOrigin {
  readonly organizationId: string;
  readonly workspaceId: string;
  readonly tenantId: string;
  readonly ownerId: string;
}

/** The fields that changed, as they were and as they are. */
export interface ViewChange {
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

interface ViewState extends ViewOrigin {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly page: ViewPage;
  readonly state: string;
  readonly visibility: Visibility;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/**
 * An explorer as somebody left it. A private one is its owner's alone; a shared one is the tenant's: whoever may change
 * queries there may change it.
 */
export class SavedView {
  readonly id: string;
  readonly organizationId: string;
  readonly workspaceId: string;
  readonly tenantId: string;
  readonly ownerId: string;
  readonly name: string;
  readonly description: string;
  readonly page: ViewPage;
  /** The URL's query part. */
  readonly state: string;
  readonly visibility: Visibility;
  readonly createdAt: Date;
  readonly updatedAt: Date;

  private constructor(state: ViewState) {
    this.id = state.id;
    this.organizationId = state.organizationId;
    this.workspaceId = state.workspaceId;
    this.tenantId = state.tenantId;
    this.ownerId = state.ownerId;
    this.name = state.name;
    this.description = state.description;
    this.page = state.page;
    this.state = state.state;
    this.visibility = state.visibility;
    this.createdAt = state.createdAt;
    this.updatedAt = state.updatedAt;
  }

  static create(draft: CreateSavedView, origin: ViewOrigin, now: Date): SavedView {
    return new SavedView({ ...draft, ...origin, id: newId(now.getTime()), createdAt: now, updatedAt: now });
  }

  /**
   * @throws ValidationError when somebody else than the owner makes it private: nobody but the owner could see it then
   */
  change(changes: UpdateSavedView, editorId: string, now: Date): ViewChange {
    if (changes.visibility === 'private' && this.ownerId !== editorId) {
      throw new ValidationError([
        { path: 'visibility', code: 'invalid_value', message: 'can only be made private by its owner' },
      ]);
    }
    const before: Record<string, unknown> = {};
    const after: Record<string, unknown> = {};
    const view: Mutable<SavedView> = this;
    for (const field of ['name', 'description', 'state', 'visibility'] as const) {
      const value = changes[field];
      if (value === undefined || value === this[field]) continue;
      before[field] = this[field];
      after[field] = value;
      Object.assign(view, { [field]: value });
    }
    view.updatedAt = now;
    return { before, after };
  }
}
