import { Injectable } from '@nestjs/common';
import type { AuditEntry, SubjectAccess } from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import { beyondPlace, Database, recordAct, systemScope } from '../../../../shared/platform/database/index.js';
import { NotFoundError, type RequestContext } from '../../../../shared/platform/index.js';
import { reachOf } from '../../../100-core/index.js';
import { PersonalData } from '../personal-data.js';
import { AuditReader } from './audit-reader.js';

const MAX_ENTRIES = 10_000;

/** All that the platform keeps of one person (GDPR, articles 15 and 20). That somebody asked is in the trail. */
@Injectable()
export class ExportSubject {
  constructor(
    private readonly database: Database,
    private readonly people: PersonalData,
    private readonly reader: AuditReader,
  ) {}

  /** The caller's own data, wherever they stand. */
  own(context: RequestContext): Promise<SubjectAccess> {
    // One's own row may belong to another organization than the one where one stands.
    return this.#export(context, systemScope('platform'), context.actor.id, null);
  }

  /** @throws NotFoundError when the user is unknown or out of reach */
  of(context: RequestContext, userId: string): Promise<SubjectAccess> {
    const { scope, organizationId } = reachOf(context);
    return this.#export(context, scope, userId, organizationId);
  }

  async #export(
    context: RequestContext,
    scope: ReturnType<typeof reachOf>['scope'],
    userId: string,
    within: string | null,
  ): Promise<SubjectAccess> {
    const exportedAt = new Date().toISOString();
    const records = await this.database.transaction(scope, async (manager) => {
      const person = await this.people.find(manager, userId, within);
      if (!person) throw new NotFoundError('User');
      await record(manager, context, person.userId, person.email, person.organizationId);
      return beyondPlace(manager, 'platform', () => this.people.read(manager, userId));
    });
    const auditEntries: AuditEntry[] = [];
    for await (const entries of this.reader.streamAbout(userId, MAX_ENTRIES)) auditEntries.push(...entries);
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
