import type { EntityManager } from 'typeorm';
import type { Account } from './accounts.js';
import type { DeviceClaim, RequestOrigin } from './request-origin.js';

/** The device of a login, as it is noted. */
export interface SeenDevice {
  readonly id: string;
  readonly name: string;
  /** Nothing like it has signed in to this account before, though others have. */
  readonly isNew: boolean;
  /** To be kept by the device; null: it keeps none. */
  readonly token: string | null;
}

export interface KnownDevice {
  readonly name: string;
  readonly isTrusted: boolean;
  readonly organizationId: string;
}

/** Which devices an account was used from. All methods take part in the caller's transaction, in the authentication scope. */
export abstract class KnownDevices {
  /** Whether the device that presents the token may sign in without a second factor. */
  abstract isTrusted(manager: EntityManager, userId: string, token: string): Promise<boolean>;
  /**
   * Notes a login. A device that is to be trusted gets a token that nobody has seen before.
   *
   * @param trustedUntil null: what was trusted stays so, nothing becomes it
   */
  abstract see(
    manager: EntityManager,
    account: Pick<Account, 'userId' | 'organizationId'>,
    origin: RequestOrigin,
    claim: DeviceClaim,
    trustedUntil: Date | null,
  ): Promise<SeenDevice>;
  /** From now on every login of the user needs its second factor. */
  abstract withdrawTrust(manager: EntityManager, userId: string): Promise<void>;
  /** Locked until the transaction ends; null when it is none of the user's. */
  abstract forUpdate(manager: EntityManager, userId: string, deviceId: string): Promise<KnownDevice | null>;
  /** Trust can only be taken back here. */
  abstract change(
    manager: EntityManager,
    userId: string,
    deviceId: string,
    device: Pick<KnownDevice, 'name' | 'isTrusted'>,
  ): Promise<void>;
  abstract remove(manager: EntityManager, userId: string, deviceId: string): Promise<void>;
}
