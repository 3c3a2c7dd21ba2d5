import { Injectable } from '@nestjs/common';
import type { Permission } from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import { type Act, Database, recordAct } from '../../../shared/platform/database/index.js';
import { NotFoundError, PermissionDeniedError, type RequestContext } from '../../../shared/platform/index.js';
import { AccessDirectory, PlaceDirectory } from '../../100-core/index.js';
import type { ApiKey } from '../domain/api-key.js';
import { ApiKeyAuthenticator } from './api-key-authenticator.js';
import { ApiKeys } from './api-keys.js';

/** What a change tells of itself; the key is added to it. */
export type KeyAct = Pick<Act, 'before' | 'after' | 'details'> & { readonly action: `api_key.${string}` };

/** Changes the key, or throws; null: nothing had to change. `held` is what the caller holds wherever the key acts. */
export type KeyChange = (
  key: ApiKey,
  held: ReadonlySet<string>,
  manager: EntityManager,
) => KeyAct | null | Promise<KeyAct | null>;

/**
 * What every change of a key has in common: the key is locked, the caller must reach all of where it acts, the act is
 * written in the same transaction, and afterwards this node remembers nothing of the key.
 */
@Injectable()
export class KeyChanges {
  constructor(
    private readonly database: Database,
    private readonly keys: ApiKeys,
    private readonly access: AccessDirectory,
    private readonly places: PlaceDirectory,
    private readonly authenticator: ApiKeyAuthenticator,
  ) {}

  /**
   * @throws NotFoundError when the key is unknown or belongs elsewhere
   * @throws PermissionDeniedError when the key is the whole workspace's and the caller holds `permission` in a part of it
   *   only
   */
  async apply(context: RequestContext, id: string, permission: Permission, change: KeyChange): Promise<void> {
    const heldInWorkspace = await this.#heldInWorkspace(context);
    const keyId = await this.database.transaction(context, async (manager) => {
      const key = await this.keys.forUpdate(manager, context, id);
      if (!key) throw new NotFoundError('API key');
      const act = await change(key, heldOver(key, permission, context, heldInWorkspace), manager);
      if (act) {
        await this.keys.save(manager, key);
        await recordAct(manager, context, {
          ...act,
          resource: { type: 'api_key', id: key.id, name: key.name },
          details: { ...act.details, keyId: key.keyId },
        });
      }
      return key.keyId;
    });
    this.authenticator.evict(keyId);
  }

  /** Whether {@link apply} would get as far as the change; `check` throws what the change would. */
  async rehearse(
    context: RequestContext,
    id: string,
    permission: Permission,
    check: (key: ApiKey, held: ReadonlySet<string>) => void,
  ): Promise<void> {
    const key = await this.database.transaction(context, (manager) => this.keys.find(manager, context, id));
    if (!key) throw new NotFoundError('API key');
    check(key, heldOver(key, permission, context, await this.#heldInWorkspace(context)));
  }

  /** Asked before the transaction: a look-up that is not remembered takes a connection of its own. */
  async #heldInWorkspace({ actor, tenantId }: RequestContext): Promise<ReadonlySet<string>> {
    const [access, place] = await Promise.all([this.access.accessOf(actor.id), this.places.tenant(tenantId)]);
    return place ? access.permissionsInWorkspace(place, Date.now()) : new Set();
  }
}

function heldOver(
  { tenantId }: ApiKey,
  permission: Permission,
  context: RequestContext,
  heldInWorkspace: ReadonlySet<string>,
): ReadonlySet<string> {
  if (tenantId !== null) return context.permissions;
  if (!heldInWorkspace.has(permission)) throw new PermissionDeniedError(`${permission} in the whole workspace`);
  return heldInWorkspace;
}
