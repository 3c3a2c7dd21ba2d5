import { createSecretKey, type KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { ExpiringMap } from '../../../shared/platform/expiring-map.js';
import { RUNTIME, UnauthenticatedError, type Runtime } from '../../../shared/platform/index.js';

const ISSUER = 'telemetryflow';
const AUDIENCE = 'telemetryflow-api';
/** RFC 9068 section 2.1: tells an access token from any other token signed with the same secret. */
const TYPE = 'at+jwt';
const ALGORITHM = 'HS256';

const AccessClaims = z.object({
  sub: z.uuid(),
  sessionId: z.uuid(),
  organizationId: z.uuid(),
  workspaceId: z.uuid(),
  tenantId: z.uuid(),
  roles: z.array(z.string()),
});
export type AccessClaims = z.infer<typeof AccessClaims>;

interface Verified {
  readonly claims: AccessClaims;
  /** Unix seconds. */
  readonly expiresAt: number;
}

/** Signs and checks access tokens. A valid one still needs a living session. */
@Injectable()
export class AccessTokens {
  readonly #key: KeyObject;
  readonly lifeSeconds: number;
  /** By the whole token: a signature that was good a moment ago is not computed again for the next request. */
  readonly #verified = new ExpiringMap<Verified>({ ttlMs: 60_000, maxEntries: 10_000 });

  constructor(@Inject(RUNTIME) runtime: Runtime) {
    this.#key = createSecretKey(runtime.jwtSecret, 'utf8');
    this.lifeSeconds = runtime.config.JWT_EXPIRATION_SECONDS;
  }

  issue({ sub, ...claims }: AccessClaims): Promise<string> {
    const issuedAt = Math.floor(Date.now() / 1000);
    return new SignJWT(claims)
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
      .setSubject(sub)
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + this.lifeSeconds)
      .sign(this.#key);
  }

  /** @throws UnauthenticatedError TOKEN_EXPIRED or TOKEN_INVALID */
  async verify(token: string): Promise<AccessClaims> {
    const known = this.#verified.get(token);
    if (known !== undefined && known.expiresAt > Date.now() / 1000) return known.claims;
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        typ: TYPE,
        requiredClaims: ['exp', 'iat', 'sub'],
      });
      const claims = AccessClaims.parse(payload);
      this.#verified.set(token, { claims, expiresAt: payload.exp ?? 0 });
      return claims;
    } catch (error) {
      if (error instanceof errors.JWTExpired) {
        throw new UnauthenticatedError('The access token has expired', 'TOKEN_EXPIRED');
      }
      if (error instanceof errors.JOSEError || error instanceof z.ZodError) {
        throw new UnauthenticatedError('The access token is not valid', 'TOKEN_INVALID');
      }
      throw error;
    }
  }
}
