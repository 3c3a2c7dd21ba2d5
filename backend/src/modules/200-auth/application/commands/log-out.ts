import { Injectable } from '@nestjs/common';
import { Database, recordAct, systemScope } from '../../../../shared/platform/database/index.js';
import { UnauthenticatedError, type RequestContext } from '../../../../shared/platform/index.js';
import { tellSessionsEnded } from '../session-ended.js';
import { SessionEndings } from '../session-endings.js';
import { Sessions } from '../sessions.js';

/** Ends the caller's session: its access token and its refresh tokens are refused from now on. */
@Injectable()
export class LogOut {
  constructor(
    private readonly database: Database,
    private readonly sessions: Sessions,
    private readonly endings: SessionEndings,
  ) {}

  /** @throws UnauthenticatedError for a caller without session, such as an API key */
  async execute(context: RequestContext): Promise<void> {
    const { actor } = context;
    if (actor.type !== 'user') throw new UnauthenticatedError('There is no session to end');
    await this.database.transaction(systemScope('authentication'), async (manager) => {
      const session = await this.sessions.forUpdate(manager, actor.sessionId);
      if (session?.userId !== actor.id || !session.end('logout', new Date())) return;
      await this.sessions.save(manager, session);
      await tellSessionsEnded(manager, session.organizationId, [session.id], 'logout');
      await recordAct(manager, context, {
        action: 'auth.logout',
        resource: { type: 'session', id: actor.sessionId },
        organizationId: session.organizationId,
      });
    });
    this.endings.forget([actor.sessionId]);
  }
}
