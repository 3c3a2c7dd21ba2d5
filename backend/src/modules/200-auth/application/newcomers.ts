import { randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { INGEST_PERMISSIONS } from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import { Database, recordAct, systemScope } from '../../../shared/platform/database/index.js';
import { ConflictError } from '../../../shared/platform/index.js';
import { DefaultKeyIssuer, InvitedPeople, OrganizationProvisioner } from '../../100-core/index.js';
import { type Invitation, Invitations } from './invitations.js';
import { RegistrationPlaces } from './registration-places.js';
import type { RequestOrigin } from './request-origin.js';

/** A code of ten random digits is taken once in a blue moon, and hardly ever twice in a row. */
const CODE_TRIES = 3;

export interface Newcomer {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly passwordHash: string;
  readonly inviteToken: string | undefined;
  readonly regionId: string | undefined;
}

export interface Arrival {
  readonly userId: string;
  readonly organizationId: string;
  /** The address is proven already. */
  readonly verified: boolean;
}

/** Gives a registered person their place: a new organization, or the one that invites them. All of it, or nothing. */
@Injectable()
export class Newcomers {
  constructor(
    private readonly database: Database,
    private readonly keys: DefaultKeyIssuer,
    private readonly provisioner: OrganizationProvisioner,
    private readonly people: InvitedPeople,
    private readonly invitations: Invitations,
    private readonly places: RegistrationPlaces,
  ) {}

  /**
   * @throws DomainError PERMISSION_DENIED when the invitation was used up meanwhile
   * @throws ConflictError when somebody has the address, or the organization takes nobody any more
   */
  join(origin: RequestOrigin, newcomer: Newcomer): Promise<Arrival> {
    const { inviteToken = '', email } = newcomer;
    return this.database.transaction(systemScope('platform'), async (manager) => {
      const invitation = await this.invitations.use(manager, inviteToken, email);
      const { joins } = invitation;
      const home = joins && (await this.places.homeIn(manager, joins.organizationId));
      if (!joins || !home) throw new ConflictError('The organization is closed; ask for a new invitation');
      const person = { ...newcomer, emailVerified: invitation.provesAddress };
      const userId = await this.people.join(manager, origin, person, { ...joins, home });
      if (userId === null) throw addressTaken();
      return this.#welcome(manager, origin, { userId, organizationId: home.organizationId, email, invitation });
    });
  }

  /**
   * @throws DomainError PERMISSION_DENIED when the invitation, if any, was used up meanwhile
   * @throws NotFoundError when there is no such region
   * @throws ConflictError when somebody has the address
   */
  async found(origin: RequestOrigin, newcomer: Newcomer): Promise<Arrival> {
    const key = await this.keys.prepare({ name: 'Default', permissions: INGEST_PERMISSIONS });
    for (let attempt = 1; ; attempt += 1) {
      const code = `org-${String(randomInt(10 ** 10)).padStart(10, '0')}`;
      try {
        return await this.database.transaction(systemScope('platform'), async (manager) => {
          const { inviteToken, email } = newcomer;
          const invitation = inviteToken ? await this.invitations.use(manager, inviteToken, email) : null;
          const { place, administratorId } = await this.provisioner.provision(manager, origin, {
            organization: { code, name: code, regionId: newcomer.regionId ?? (await this.#region(manager)) },
            administrator: { ...newcomer, emailVerified: invitation?.provesAddress ?? false },
            key,
          });
          const { organizationId } = place;
          return this.#welcome(manager, origin, { userId: administratorId, organizationId, email, invitation });
        });
      } catch (error) {
        const paths = error instanceof ConflictError ? error.errors.map(({ path }) => path) : [];
        if (paths.includes('administrator.email')) throw addressTaken();
        if (!paths.includes('organization.code') || attempt === CODE_TRIES) throw error;
      }
    }
  }

  async #region(manager: EntityManager): Promise<string> {
    const region = await this.places.firstRegion(manager);
    if (region === null) throw new ConflictError('No region takes new organizations');
    return region;
  }

  async #welcome(
    manager: EntityManager,
    origin: RequestOrigin,
    newcomer: { userId: string; organizationId: string; email: string; invitation: Invitation | null },
  ): Promise<Arrival> {
    const { userId, organizationId, email, invitation } = newcomer;
    const verified = invitation?.provesAddress ?? false;
    const resource = { type: 'user', id: userId, name: email };
    const details = { userId, invitationId: invitation?.id ?? null };
    await recordAct(manager, origin, { action: 'user.registered', resource, organizationId, details });
    if (!verified) {
      const requested = { action: 'auth.verification_requested', resource, organizationId, details: { userId } };
      await recordAct(manager, origin, requested);
    }
    return { userId, organizationId, verified };
  }
}

export function addressTaken(): ConflictError {
  return new ConflictError('The e-mail address is taken', [
    { path: 'email', code: 'taken', message: 'belongs to an account already; sign in, or reset its password' },
  ]);
}
