import { Inject, Injectable } from '@nestjs/common';
import type { RegisterRequest, RegisterResponse } from '@telemetryflow/contracts';
import { Database, systemScope } from '../../../../shared/platform/database/index.js';
import { DomainError, RUNTIME, type Config, type Runtime } from '../../../../shared/platform/index.js';
import { networkOf } from '../../../../shared/platform/network-of.js';
import { SecretHasher } from '../../../../shared/platform/secret-hasher.js';
import { PasswordPolicy } from '../../../100-core/index.js';
import { Accounts } from '../accounts.js';
import { type Invitation, Invitations } from '../invitations.js';
import { addressTaken, Newcomers } from '../newcomers.js';
import type { RequestOrigin } from '../request-origin.js';
import { RequestWindows } from '../request-windows.js';
import { verificationRequired } from '../sign-in-settings.js';

const HOUR_SECONDS = 3600;
const PER_ADDRESS = { purpose: 'registration_address', requests: 5, windowSeconds: HOUR_SECONDS };

/**
 * Registers a person: in an organization of their own, whose first administrator they are, or in the one that invites them.
 * It opens no session: they sign in afterwards, once their address is verified where that is asked for.
 */
@Injectable()
export class Register {
  readonly #config: Config;

  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly windows: RequestWindows,
    private readonly invitations: Invitations,
    private readonly policy: PasswordPolicy,
    private readonly hasher: SecretHasher,
    private readonly newcomers: Newcomers,
    @Inject(RUNTIME) { config }: Runtime,
  ) {
    this.#config = config;
  }

  /**
   * @throws DomainError PERMISSION_DENIED when registration is closed, or the invitation is none (any more)
   * @throws DomainError RATE_LIMIT_EXCEEDED
   * @throws ValidationError that names every rule the password fails
   * @throws NotFoundError when there is no such region
   * @throws ConflictError when somebody has the address
   */
  async execute(origin: RequestOrigin, request: RegisterRequest): Promise<RegisterResponse> {
    const { email, firstName, lastName, password, inviteToken, regionId } = request;
    await this.#count(origin, email);
    const invitation = await this.#invitation(request);
    await this.policy.assert(password, { email, names: [firstName, lastName] });
    // Before an Argon2 run for nothing; what decides is the database's own constraint.
    if ((await this.accounts.byEmail(email)) !== null) throw addressTaken();
    const passwordHash = await this.hasher.hash(password);
    const newcomer = { email, firstName, lastName, passwordHash, inviteToken, regionId };
    const arrival = invitation?.joins
      ? await this.newcomers.join(origin, newcomer)
      : await this.newcomers.found(origin, newcomer);
    const { userId, organizationId, verified } = arrival;
    const mustVerify = !verified && verificationRequired(this.#config);
    return {
      message: mustVerify
        ? 'Welcome. Open the link in the mail that we have sent you, then sign in'
        : 'Welcome. Sign in with your e-mail address and your password',
      userId,
      email,
      organizationId,
      verificationRequired: mustVerify,
    };
  }

  /** In a transaction of its own: what is refused afterwards counts too. */
  #count({ ip }: RequestOrigin, email: string): Promise<void> {
    const requests = this.#config.REGISTRATIONS_PER_HOUR;
    const perNetwork = { purpose: 'registration_network', requests, windowSeconds: HOUR_SECONDS };
    return this.database.transaction(systemScope('authentication'), async (manager) => {
      await this.windows.take(manager, perNetwork, networkOf(ip));
      await this.windows.take(manager, PER_ADDRESS, email);
    });
  }

  async #invitation({ inviteToken, email }: RegisterRequest): Promise<Invitation | null> {
    const mode = this.#config.REGISTRATION_MODE;
    if (mode === 'closed') throw new DomainError('PERMISSION_DENIED', 'Registration is closed on this platform');
    if (inviteToken !== undefined) return this.invitations.find(inviteToken, email);
    if (mode === 'open') return null;
    throw new DomainError('PERMISSION_DENIED', 'Registration is by invitation only; ask for one');
  }
}
