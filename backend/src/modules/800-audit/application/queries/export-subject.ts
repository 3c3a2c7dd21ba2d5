import { Injectable } from '@nestjs/common';
import type { AuditEntry, SubjectAccess } from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import { beyondPlace, Database, recordAct, systemScope } from '../../../../shared/platform/database/index.js';
import { NotFoundError, type RequestContext } from '../../../../shared/platform/index.js';
import {
  AccessDirectory,
  Authorities,
  type Authority,
  organizationArea,
  PLATFORM,
  reachOf,
} from '../../../100-core/index.js';
import { PersonalData, type Person } from '../personal-data.js';
import type { TrailScope } from '../trail-scope.js';
import { AuditReader } from './audit-reader.js';

const MAX_ENTRIES = 10_000;
const PERMISSION = 'audit-logs:manage';

/** All that the platform keeps of one person (GDPR, articles 15 and 20). That somebody asked is in the trail. */
@Injectable()
export class ExportSubject {
  constructor(
    private readonly database: Database,
    private readonly people: PersonalData,
    private readonly reader: AuditReader,
    private readonly authorities: Authorities,
    private readonly access: AccessDirectory,
  ) {}

  /** The caller's own data, wherever they stand. */
  own(context: RequestContext): Promise<SubjectAccess> {
    // One's own row may belong to another organization than the one where one stands.
    return this.#export(
      context,
      { scope: systemScope('platform'), organizationId: null },
      context.actor.id,
      async () => ({ organizationId: null }),
    );
  }

  /**
   * What they did elsewhere, as an administrator of the platform does, is no business of their organization.
   *
   * @throws NotFoundError when the user is unknown or out of reach
   * @throws NotAllowedError when the user is of a stronger tier than the caller
   */
  async of(context: RequestContext, userId: string): Promise<SubjectAccess> {
    const authority = await this.authorities.of(context);
    return this.#export(context, reachOf(context), userId, (manager, person) =>
      this.#assertAllowed(manager, authority, person),
    );
  }

  async #assertAllowed(
    manager: EntityManager,
    authority: Authority,
    { userId, organizationId }: Person,
  ): Promise<TrailScope> {
    const area = organizationArea(organizationId);
    if (!authority.holds(PERMISSION, area)) throw new NotFoundError('User');
    const theirs = await this.access.read(manager, userId);
    authority.assertNotOutranked(theirs.strongestLevel(authority.now), area);
    return { organizationId: authority.holds(PERMISSION, PLATFORM) ? null : organizationId };
  }

  async #export(
    context: RequestContext,
    { scope, organizationId }: ReturnType<typeof reachOf>,
    userId: string,
    authorize: (manager: EntityManager, person: Person) => Promise<TrailScope>,
  ): Promise<SubjectAccess> {
    const exportedAt = new Date().toISOString();
    const { records, trails } = await this.database.transaction(scope, async (manager) => {
      const person = await this.people.find(manager, userId, organizationId);
      if (!person) throw new NotFoundError('User');
      const trails = await authorize(manager, person);
      await record(manager, context, person.userId, person.email, person.organizationId);
      return { trails, records: await beyondPlace(manager, 'platform', () => this.people.read(manager, userId)) };
    });
    const auditEntries: AuditEntry[] = [];
    for await (const entries of this.reader.streamAbout(trails, userId, MAX_ENTRIES)) auditEntries.push(...entries);
    return { exportedAt, ...records, auditEntries };
  }
}

function record(
  manager: EntityManager,
  context: RequestContext,
  userId: string,
  name: string,
  organizationId: string,
): Promise<void> {
  return recordAct(manager, context, {
    action: 'user.data_exported',
    resource: { type: 'user', id: userId, name },
    organizationId,
  });
}
