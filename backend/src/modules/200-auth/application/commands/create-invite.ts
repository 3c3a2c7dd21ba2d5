import { Inject, Injectable } from '@nestjs/common';
import type { Invite, InviteRequest } from '@telemetryflow/contracts';
import { beyondPlace, Database, recordAct, widestScope } from '../../../../shared/platform/database/index.js';
import {
  holds,
  PermissionDeniedError,
  RUNTIME,
  type RequestContext,
  type Runtime,
  ValidationError,
} from '../../../../shared/platform/index.js';
import { InvitedPeople, type Membership } from '../../../100-core/index.js';
import { Accounts } from '../accounts.js';
import { addressTaken } from '../newcomers.js';
import { OneTimeTokens } from '../one-time-tokens.js';
import { personOf } from '../person.js';

const HOUR_MS = 3_600_000;

/**
 * Invites people: to an organization, with a role that the caller may give, or, as an administrator of the platform, to
 * one of their own. An invitation for one address is mailed there where mails can be sent, and then shown to nobody else, so
 * that whoever comes with it has proven the address.
 */
@Injectable()
export class CreateInvite {
  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly people: InvitedPeople,
    private readonly tokens: OneTimeTokens,
    @Inject(RUNTIME) private readonly runtime: Runtime,
  ) {}

  /**
   * @throws ValidationError when a role is given without the organization
   * @throws NotFoundError, PermissionDeniedError and NotAllowedError for what the caller may not offer
   * @throws ConflictError when the address has an account
   */
  async execute(context: RequestContext, request: InviteRequest): Promise<Invite> {
    const { userId } = personOf(context);
    const { email = null, maxUses, expiresHours } = request;
    if (email !== null && maxUses > 1) {
      const message = 'must be 1 in an invitation for one address; leave the address out to invite several';
      throw new ValidationError([{ path: 'maxUses', code: 'invalid', message }]);
    }
    if (email !== null && (await this.accounts.byEmail(email)) !== null) throw addressTaken();
    const mailed = email !== null && this.runtime.config.SMTP_ENABLED;
    return this.database.transaction(widestScope(context), async (manager) => {
      const membership = await this.#membership(context, request, (organizationId, roleId) =>
        this.people.offer(manager, context, organizationId, roleId),
      );
      const organizationId = membership?.organizationId ?? null;
      const issued = await beyondPlace(manager, 'authentication', () =>
        this.tokens.issue(manager, {
          purpose: 'invitation',
          userId: null,
          organizationId,
          email,
          lifeMs: expiresHours * HOUR_MS,
          maxUses,
          createdBy: userId,
          details: { roleId: membership?.roleId ?? null, invitedBy: userId, mailed },
        }),
      );
      const { id, token, expiresAt } = issued;
      await recordAct(manager, context, {
        action: 'auth.invited',
        resource: { type: 'invitation', id, name: email ?? '' },
        after: { email, organizationId, roleId: membership?.roleId ?? null, maxUses, expiresAt },
        ...(organizationId === null ? {} : { organizationId }),
        details: { invitationId: id, mailed },
      });
      const createdAt = new Date().toISOString();
      const shown = { email, organizationId, expiresAt: expiresAt.toISOString(), maxUses, usedCount: 0, createdAt };
      return { id, ...(mailed ? {} : { token }), ...shown };
    });
  }

  async #membership(
    context: RequestContext,
    { organizationId, roleId }: InviteRequest,
    offer: (organizationId: string, roleId: string | undefined) => Promise<Membership>,
  ): Promise<Membership | null> {
    if (organizationId !== undefined) return offer(organizationId, roleId);
    if (roleId !== undefined) {
      const message = 'needs the organizationId in which it is held';
      throw new ValidationError([{ path: 'roleId', code: 'invalid', message }]);
    }
    if (!holds(context, 'organizations:create')) throw new PermissionDeniedError('organizations:create');
    return null;
  }
}
