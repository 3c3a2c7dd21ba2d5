import type { SystemRole } from '@telemetryflow/contracts';
import type { Place } from '../domain/access.js';
import type { SeedPlace } from './seed-data.js';

export interface NewSeedUser {
  readonly email: string;
  readonly passwordHash: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly role: SystemRole;
  readonly home: Place;
}

/** Steps of one seeding transaction. Each leaves alone what exists already. */
export interface SeedTransaction {
  /** Makes the catalogue and the system roles equal to the contracts. */
  syncPermissions(): Promise<void>;
  ensureRegion(region: { code: string; name: string; dataLocation: string }): Promise<string>;
  ensurePlace(regionId: string, place: SeedPlace): Promise<Place>;
  /** False when the address was ever used. */
  insertUser(user: NewSeedUser): Promise<boolean>;
  hasSuperAdministrator(): Promise<boolean>;
  /**
   * Replaces a password (null: there is none any more) and ends the user's sessions. False when `beforeHash` is not, or no
   * longer, the user's.
   */
  replacePassword(email: string, beforeHash: string, afterHash: string | null): Promise<boolean>;
}

export abstract class SeedStore {
  /** Addresses of `emails` that have ever been used, deleted users included. */
  abstract usedEmails(emails: readonly string[]): Promise<ReadonlySet<string>>;
  /** The stored hashes of those users of `emails` who have a password, by address. */
  abstract passwordHashes(emails: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** One seeding at a time over all nodes. */
  abstract transaction<T>(work: (seeding: SeedTransaction) => Promise<T>): Promise<T>;
}
