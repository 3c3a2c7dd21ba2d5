import { Injectable } from '@nestjs/common';
import type { RecoveryCodes } from '@telemetryflow/contracts';
import { Database, recordAct, systemScope } from '../../../../shared/platform/database/index.js';
import { ValidationError, type RequestContext } from '../../../../shared/platform/index.js';
import { noEnrolment } from '../../domain/mfa-factor.js';
import { LiveSessions } from '../live-sessions.js';
import { MfaFactors } from '../mfa-factors.js';
import { personOf } from '../person.js';
import { SecondFactor, wrongCode } from '../second-factor.js';

/** Turns the second factor on with a first code of it. Its recovery codes are in this answer, and nowhere else ever. */
@Injectable()
export class EnableMfa {
  constructor(
    private readonly database: Database,
    private readonly factors: MfaFactors,
    private readonly live: LiveSessions,
    private readonly secondFactor: SecondFactor,
  ) {}

  /**
   * @throws ValidationError for a wrong code, without an enrolment that waits for it, or when it is on already
   * @throws DomainError AUTH_MFA_LOCKED after too many wrong codes
   */
  async execute(context: RequestContext, code: string): Promise<RecoveryCodes> {
    const { userId, sessionId } = personOf(context);
    const pending = await this.database.transaction(systemScope('authentication'), (manager) =>
      this.factors.find(manager, userId),
    );
    if (!pending) throw noEnrolment();
    pending.factor.assertMayEnable(new Date());
    // Ten runs of the hash for a wrong code would be a gift: the code is looked at first, and used below.
    const looksRight = this.secondFactor.isCodeOf(pending, code);
    const { codes, hashes } = looksRight
      ? await this.secondFactor.newRecoveryCodes(pending.recoverySalt)
      : { codes: [], hashes: [] };
    const enabled = await this.database.transaction(systemScope('authentication'), async (manager) => {
      const stored = await this.factors.forUpdate(manager, userId);
      if (!stored?.recoverySalt.equals(pending.recoverySalt)) throw noEnrolment();
      stored.factor.assertMayEnable(new Date());
      const proof = await this.secondFactor.use(manager, context, stored, { text: code.trim(), recoveryHash: null });
      if (proof === null || !looksRight) return false;
      stored.factor.enable(new Date());
      await this.factors.save(manager, stored.factor);
      await this.factors.replaceRecoveryCodes(manager, userId, hashes);
      await recordAct(manager, context, {
        action: 'auth.mfa_enabled',
        resource: { type: 'user', id: userId },
        organizationId: stored.factor.organizationId,
        before: { mfaEnabled: false },
        after: { mfaEnabled: true },
        details: { userId },
      });
      return true;
    });
    if (!enabled) throw new ValidationError([wrongCode()]);
    // What was demanded of the session is done.
    this.live.evict(sessionId);
    return { recoveryCodes: codes };
  }
}
