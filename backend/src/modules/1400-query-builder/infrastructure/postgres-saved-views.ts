import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DomainError, NotFoundError, type RequestContext } from '../../../shared/platform/index.js';
import { SavedViews } from '../application/saved-views.js';
import { SavedView } from '../domain/saved-view.js';

/** Of one person in one tenant. */
const MOST = 500;

@Injectable()
export class PostgresSavedViews extends SavedViews {
  async add(manager: EntityManager, view: SavedView): Promise<void> {
    const { ownerId, tenantId } = view;
    // One after the other, or views that are made side by side would each find room.
    await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `saved-views/${tenantId}/${ownerId}`,
    ]);
    if ((await manager.getRepository(SavedView).countBy({ ownerId, tenantId })) >= MOST) {
      throw new DomainError('UNPROCESSABLE', `You have ${MOST} saved views here; delete some that you no longer need`);
    }
    await manager.getRepository(SavedView).insert(view);
  }

  async save(manager: EntityManager, view: SavedView): Promise<void> {
    await manager.getRepository(SavedView).save(view);
  }

  async remove(manager: EntityManager, { id, tenantId }: SavedView): Promise<void> {
    await manager.getRepository(SavedView).delete({ id, tenantId });
  }

  /** Row-level security says the same; neither is trusted alone. */
  async forUpdate(manager: EntityManager, context: RequestContext, id: string): Promise<SavedView> {
    const { organizationId, workspaceId, tenantId, actor } = context;
    const there = { id, organizationId, workspaceId, tenantId };
    const view = await manager.getRepository(SavedView).findOne({
      where: [
        { ...there, visibility: 'shared' },
        { ...there, ownerId: actor.id },
      ],
      lock: { mode: 'pessimistic_write' },
    });
    if (!view) throw new NotFoundError('Saved view');
    return view;
  }
}
