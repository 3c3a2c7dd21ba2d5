import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { ErasureRequest, ErasureResponse } from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import { beyondPlace, Database, recordAct } from '../../../../shared/platform/database/index.js';
import {
  ConflictError,
  NotFoundError,
  type RequestContext,
  ValidationError,
} from '../../../../shared/platform/index.js';
import {
  AccessDirectory,
  Administrators,
  areaOfChange,
  Authorities,
  reachOf,
  UserSessions,
} from '../../../100-core/index.js';
import { Ledger } from '../ledger.js';
import { PersonalData, type Person } from '../personal-data.js';

/** Beside the one that the route demands for what happens to the trail. */
const PERMISSION = 'users:delete';

/**
 * Forgets a person for good (GDPR, article 17): their row keeps an id and a pseudonym, all else of them goes, and what the
 * trail says of them goes by the pseudonym once the trail has been gone through. Deleted people can be erased, too.
 */
@Injectable()
export class EraseUser {
  constructor(
    private readonly database: Database,
    private readonly authorities: Authorities,
    private readonly access: AccessDirectory,
    private readonly administrators: Administrators,
    private readonly sessions: UserSessions,
    private readonly people: PersonalData,
    private readonly ledger: Ledger,
  ) {}

  /**
   * @throws NotFoundError when the user is unknown or out of reach
   * @throws PermissionDeniedError when the caller may not delete users there
   * @throws NotAllowedError when the user is of a stronger tier
   * @throws ValidationError when the address typed is not the user's
   * @throws ConflictError for the caller's own account, the last administrator's, and who is erased already
   */
  async execute(context: RequestContext, userId: string, { confirmEmail }: ErasureRequest): Promise<ErasureResponse> {
    const pseudonym = `erased-${randomBytes(6).toString('hex')}`;
    const forget = await this.database.transaction(reachOf(context).scope, async (manager) => {
      const person = await this.#authorized(context, manager, userId);
      if (confirmEmail.toLowerCase() !== person.email) throw notConfirmed();
      return this.#erase(context, manager, person, pseudonym);
    });
    forget();
    this.access.evict(userId);
    return { pseudonym };
  }

  async #authorized(context: RequestContext, manager: EntityManager, userId: string): Promise<Person> {
    const authority = await this.authorities.of(context);
    const person = await this.people.lock(manager, userId, reachOf(context).organizationId);
    if (!person) throw new NotFoundError('User');
    const { organizationId } = person;
    const area = areaOfChange(context, authority, { organizationId, permission: PERMISSION, what: 'User' });
    const theirs = await this.access.read(manager, userId);
    authority.assertNotOutranked(theirs.strongestLevel(authority.now), area);
    if (userId === authority.userId) throw new ConflictError('Nobody erases their own account');
    if (person.isErased) throw new ConflictError('The user is erased already');
    return person;
  }

  async #erase(
    context: RequestContext,
    manager: EntityManager,
    person: Person,
    pseudonym: string,
  ): Promise<() => void> {
    const { userId, organizationId, email, fullName } = person;
    await this.administrators.protect(manager, organizationId, () => this.people.deactivate(manager, userId));
    const forget = await this.sessions.endAll(manager, { userId, organizationId }, 'user_disabled');
    // Devices, second factors and preferences are between the server and their owner; only now we may.
    const keys = await beyondPlace(manager, 'platform', async () => {
      const ended = await this.people.endKeys(manager, userId, context.actor.id);
      await this.people.erase(manager, person, pseudonym);
      await this.ledger.requestErasure(manager, { userId, pseudonym, email, fullName: fullName || null });
      return ended;
    });
    for (const { id, keyId, name } of keys) {
      const resource = { type: 'api_key', id, name };
      const details = { keyId, reason: 'its owner was erased' };
      await recordAct(manager, context, { action: 'api_key.revoked', resource, details, organizationId });
    }
    await recordAct(manager, context, {
      action: 'user.erased',
      resource: { type: 'user', id: userId, name: pseudonym },
      organizationId,
      details: { endedKeys: keys.length },
    });
    return forget;
  }
}

function notConfirmed(): ValidationError {
  const message = 'must be the e-mail address of the user, to show that nobody else is meant';
  return new ValidationError([{ path: 'confirmEmail', code: 'mismatch', message }]);
}
