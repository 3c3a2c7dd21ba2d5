import { Injectable } from '@nestjs/common';
import type { ApiKeyPermission } from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import type { ActOrigin } from '../../../shared/platform/database/index.js';
import { UnavailableError } from '../../../shared/platform/index.js';
import type { Place } from '../domain/access.js';

/** What the first key of a new place is to be. It lives for the usual year and can be revoked like any other. */
export interface DefaultKeyDraft {
  readonly name: string;
  readonly permissions: readonly ApiKeyPermission[];
}

/** A key and its secret, which is told this once. The `otel` spellings are for clients that demand underscores. */
export interface DefaultKey {
  readonly id: string;
  readonly keyId: string;
  readonly keySecret: string;
  readonly otelKeyId: string;
  readonly otelKeySecret: string;
}

/** A key whose secret is hashed already, so that the transaction that makes its place need not wait for that. */
export interface PreparedKey {
  /**
   * Writes the key for the tenant, and the act with it, in the transaction that makes the tenant: both are gone when
   * that rolls back.
   *
   * @param createdBy a user who exists in that transaction; null: nobody in particular
   */
  store(
    manager: EntityManager,
    origin: ActOrigin,
    place: Pick<Place, 'organizationId' | 'workspaceId' | 'tenantId'>,
    createdBy: string | null,
  ): Promise<DefaultKey>;
}

/** What the module of API keys knows how to do. */
export interface KeyMaker {
  prepare(draft: DefaultKeyDraft): Promise<PreparedKey>;
}

/** Where that module, which lies above this one, registers itself, so that provisioning can issue a key. */
@Injectable()
export class DefaultKeyIssuer {
  #maker: KeyMaker | undefined;

  register(maker: KeyMaker): void {
    this.#maker = maker;
  }

  /**
   * Call it before the transaction: it costs an Argon2 run.
   *
   * @throws ValidationError when the permissions are none that a key may hold
   * @throws UnavailableError when no module of keys is there, or too many secrets wait to be hashed
   */
  async prepare(draft: DefaultKeyDraft): Promise<PreparedKey> {
    if (this.#maker === undefined) throw new UnavailableError('No API keys can be issued');
    return this.#maker.prepare(draft);
  }
}
