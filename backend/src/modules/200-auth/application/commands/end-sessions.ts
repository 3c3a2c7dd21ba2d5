import { Injectable } from '@nestjs/common';
import type { SessionsTerminated } from '@telemetryflow/contracts';
import { Database, recordAct, systemScope } from '../../../../shared/platform/database/index.js';
import { NotFoundError, type RequestContext } from '../../../../shared/platform/index.js';
import { Accounts } from '../accounts.js';
import { personOf } from '../person.js';
import { SessionEndings } from '../session-endings.js';
import type { SessionChoice } from '../sessions.js';

/** Ends sessions of the caller: one, all others, or all. Their tokens are refused from now on. */
@Injectable()
export class EndSessions {
  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly endings: SessionEndings,
  ) {}

  /** @throws NotFoundError for a session that has ended, or is somebody else's */
  async one(context: RequestContext, sessionId: string): Promise<void> {
    const { userId } = personOf(context);
    const ended = await this.#end(context, { userId, only: sessionId });
    if (ended === 0) throw new NotFoundError('Session');
  }

  async others(context: RequestContext): Promise<SessionsTerminated> {
    const { userId, sessionId } = personOf(context);
    return { sessionsTerminated: await this.#end(context, { userId, except: sessionId }) };
  }

  async all(context: RequestContext): Promise<SessionsTerminated> {
    const { userId } = personOf(context);
    return { sessionsTerminated: await this.#end(context, { userId }) };
  }

  async #end(context: RequestContext, choice: SessionChoice): Promise<number> {
    const account = await this.accounts.byId(choice.userId);
    const ended = await this.database.transaction(systemScope('authentication'), async (manager) => {
      const ids = await this.endings.end(manager, choice, 'revoked');
      if (ids.length === 0) return ids;
      await recordAct(manager, context, {
        action: 'auth.sessions_ended',
        resource: { type: 'session', id: choice.only ?? null },
        organizationId: account?.organizationId ?? null,
        details: { userId: choice.userId, sessionIds: ids },
      });
      return ids;
    });
    this.endings.forget(ended);
    return ended.length;
  }
}
