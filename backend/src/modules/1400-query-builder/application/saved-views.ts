import type { EntityManager } from 'typeorm';
import type { RequestContext } from '../../../shared/platform/index.js';
import type { SavedView } from '../domain/saved-view.js';

/** The collection of views. It has those of the caller's tenant, and of the private ones only the caller's own. */
export abstract class SavedViews {
  /** @throws DomainError UNPROCESSABLE when its owner has as many as anybody may have in a tenant */
  abstract add(manager: EntityManager, view: SavedView): Promise<void>;
  abstract save(manager: EntityManager, view: SavedView): Promise<void>;
  abstract remove(manager: EntityManager, view: SavedView): Promise<void>;
  /** Locked until the transaction ends. @throws NotFoundError */
  abstract forUpdate(manager: EntityManager, context: RequestContext, id: string): Promise<SavedView>;
}
