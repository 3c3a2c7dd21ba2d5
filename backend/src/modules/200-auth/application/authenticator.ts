import { Injectable } from '@nestjs/common';
import { type Duty, type Actor, type RequestContext, UnauthenticatedError } from '../../../shared/platform/index.js';
import { AccessDirectory, type Place } from '../../100-core/index.js';
import { AccessTokens } from './access-tokens.js';
import { Duties } from './duties.js';
import { KeyCallers, type RequestHeaders } from './key-callers.js';
import { LiveSessions } from './live-sessions.js';
import type { RequestOrigin } from './request-origin.js';
import { PlaceRefusedError, RequestPlace } from './request-place.js';

const BEARER = /^bearer\s+(\S+)$/i;

/** A key was presented that is unknown, wrong, or good no longer. */
export class KeyRefusedError extends UnauthenticatedError {}

/** Somebody who is known named a place that they do not reach. */
export class ForeignPlaceError extends PlaceRefusedError {
  constructor(
    { message, home }: PlaceRefusedError,
    readonly actor: Actor,
  ) {
    super('', home);
    this.message = message;
  }
}

/** Turns a credential into the context that everything else works with. */
@Injectable()
export class Authenticator {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly sessions: LiveSessions,
    private readonly access: AccessDirectory,
    private readonly duties: Duties,
    private readonly keys: KeyCallers,
    private readonly place: RequestPlace,
  ) {}

  /**
   * @param openBefore what somebody may still have to do
   * @throws UnauthenticatedError (KeyRefusedError for a key) without a credential, or with one that is not (or no longer) valid
   * @throws DomainError AUTH_PASSWORD_CHANGE_REQUIRED, AUTH_MFA_ENROLMENT_REQUIRED
   * @throws ForeignPlaceError when headers name a place that the credential does not reach
   */
  async authenticate(
    headers: RequestHeaders,
    origin: RequestOrigin,
    openBefore: readonly Duty[] = [],
  ): Promise<RequestContext> {
    // Before any JWT parsing: `Bearer tfk-…` is a key.
    if (this.keys.presentsKey(headers) && !presentsJwt(headers)) return this.#key(headers, origin);
    const token = bearerOf(headers);
    if (token === null) throw new UnauthenticatedError();
    return this.verifyAccessToken(token, headers, origin, openBefore);
  }

  /** The person behind an access token; for the handshake of a socket, too. */
  async verifyAccessToken(
    token: string,
    headers: RequestHeaders,
    origin: RequestOrigin,
    openBefore: readonly Duty[] = [],
  ): Promise<RequestContext> {
    const claims = await this.tokens.verify(token);
    const session = await this.sessions.find(claims.sessionId);
    if (session?.userId !== claims.sub) {
      throw new UnauthenticatedError('The session has ended', 'TOKEN_INVALID');
    }
    const access = await this.access.accessOf(claims.sub);
    const now = Date.now();
    this.duties.assertDone(this.duties.of(session, access, now), openBefore);
    const actor = { type: 'user', id: claims.sub, email: session.email, sessionId: claims.sessionId } as const;
    const place = await knowing(
      actor,
      this.place.of(headers, claims.tenantId, (other) => access.mayEnter(other, now)),
    );
    return {
      ...origin,
      actor,
      organizationId: place.organizationId,
      workspaceId: place.workspaceId,
      tenantId: place.tenantId,
      // From what is held now, not from what the token says was held when it was signed.
      roles: access.rolesAt(place, now),
      permissions: access.permissionsAt(place, now),
      isPlatformAdministrator: access.isPlatformWide(now),
    };
  }

  async #key(headers: RequestHeaders, origin: RequestOrigin): Promise<RequestContext> {
    const caller = await this.keys.authenticate(headers);
    if (!caller) throw new KeyRefusedError('The API key is not valid');
    const actor = { type: 'api-key', id: caller.apiKeyId, keyId: caller.keyId } as const;
    const place = await knowing(
      actor,
      this.place.of(
        headers,
        caller.tenantId,
        (other) => caller.scope === 'workspace' && other.workspaceId === caller.workspaceId,
      ),
    );
    return {
      ...origin,
      actor,
      organizationId: place.organizationId,
      workspaceId: place.workspaceId,
      tenantId: place.tenantId,
      roles: [],
      permissions: caller.permissions,
      isPlatformAdministrator: false,
    };
  }
}

/** Says whose request it is that a place refused. */
async function knowing(actor: Actor, place: Promise<Place>): Promise<Place> {
  try {
    return await place;
  } catch (error) {
    throw error instanceof PlaceRefusedError ? new ForeignPlaceError(error, actor) : error;
  }
}

function bearerOf(headers: RequestHeaders): string | null {
  const value = headers['authorization'];
  return typeof value === 'string' ? (BEARER.exec(value.trim())?.[1] ?? null) : null;
}

/** A person's token goes before key headers that a tool may add to every request. */
function presentsJwt(headers: RequestHeaders): boolean {
  return bearerOf(headers)?.startsWith('eyJ') ?? false;
}
