import { Injectable, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { Database, systemScope } from '../../../shared/platform/database/index.js';
import { JobHandlers, QueueService } from '../../../shared/queue/index.js';

const SWEEP = 'sweep-sign-in';
/** Once a day, in a quiet hour of UTC. */
const SWEEP_AT = '50 3 * * *';
/** How long ended sessions, and devices that nobody uses, are kept. */
const KEPT_DAYS = 90;
/** Tokens are worth nothing once they have expired; for a while they explain what somebody asks about. */
const TOKENS_KEPT_DAYS = 7;
/** Enrolments that nobody confirmed. */
const ENROLMENTS_KEPT_DAYS = 1;

const SWEEPS: readonly (readonly [statement: string, days: number])[] = [
  ['DELETE FROM sessions WHERE COALESCE(ended_at, expires_at) < now() - make_interval(days => $1)', KEPT_DAYS],
  [
    `DELETE FROM known_devices WHERE last_seen_at < now() - make_interval(days => $1)
       AND COALESCE(trusted_until, '-infinity') < now()`,
    KEPT_DAYS,
  ],
  ['DELETE FROM one_time_tokens WHERE expires_at < now() - make_interval(days => $1)', TOKENS_KEPT_DAYS],
  [
    `DELETE FROM mfa_secrets WHERE enabled_at IS NULL AND COALESCE(locked_until, '-infinity') < now()
       AND pending_until < now() - make_interval(days => $1)`,
    ENROLMENTS_KEPT_DAYS,
  ],
];

/** Removes what logins have left behind and nobody needs any more. */
@Injectable()
export class SignInJobs implements OnModuleInit, OnApplicationBootstrap {
  constructor(
    private readonly handlers: JobHandlers,
    private readonly queues: QueueService,
    private readonly database: Database,
  ) {}

  onModuleInit(): void {
    this.handlers.register('cleanup', SWEEP, () => this.sweep());
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.queues.schedule('cleanup', SWEEP, { cron: SWEEP_AT }, SWEEP);
  }

  /** Each in a transaction of its own: none waits for the others' rows. */
  async sweep(): Promise<void> {
    for (const [statement, days] of SWEEPS) {
      await this.database.transaction(systemScope('authentication'), (manager) => manager.query(statement, [days]));
    }
  }
}
