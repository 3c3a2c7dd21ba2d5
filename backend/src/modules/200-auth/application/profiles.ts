import type { OwnPreferences, UpdatePreferencesRequest, UpdateProfileRequest } from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import type { RequestContext } from '../../../shared/platform/index.js';

/** What a profile shows beyond the account that signs in. */
export interface ProfileDetails {
  readonly emailVerified: boolean;
  readonly mfaEnabled: boolean;
  readonly recoveryEmail: string | null;
  readonly createdAt: Date;
}

export interface PasswordState {
  readonly changedAt: Date | null;
  /** Somebody has decided that the owner must choose another one. */
  readonly mustChange: boolean;
}

/** What people keep of themselves. All of it by the id of the person: no method sees anybody else. */
export abstract class Profiles {
  /** @throws NotFoundError for a user who is deleted */
  abstract details(userId: string): Promise<ProfileDetails>;
  /** @throws NotFoundError for a user who is deleted */
  abstract passwordState(userId: string): Promise<PasswordState>;
  /** Changes the given fields. In `systemScope('authentication')`. */
  abstract update(manager: EntityManager, userId: string, changes: UpdateProfileRequest): Promise<void>;
  /** @param avatar path of the picture; null: none */
  abstract setAvatar(manager: EntityManager, userId: string, avatar: string | null): Promise<void>;
  abstract setRecoveryEmail(manager: EntityManager, userId: string, recoveryEmail: string | null): Promise<void>;
  /** Somebody has proven that the mailbox is theirs: the lock is gone, and the address is verified. */
  abstract openAfterReset(manager: EntityManager, userId: string): Promise<void>;
  abstract preferences(context: RequestContext): Promise<OwnPreferences>;
  /** Merges; of two at once neither is lost. */
  abstract mergePreferences(context: RequestContext, changes: UpdatePreferencesRequest): Promise<OwnPreferences>;
}
