import type { EntityManager } from 'typeorm';
import type { Place } from '../../domain/access.js';

/** The first administrator of a new organization, and its creator. */
export interface Founder {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  /** Argon2id in PHC form; null: they choose a password by invitation. */
  readonly passwordHash: string | null;
  /** Somebody vouches for the address; else its owner proves it. */
  readonly emailVerified: boolean;
}

export abstract class Founders {
  /** Whether a user who is not deleted has the address. Needs `systemScope('platform')`. */
  abstract isTaken(manager: EntityManager, email: string): Promise<boolean>;
  /** Writes the user with the Administrator role over the organization; null when the address is taken. */
  abstract add(manager: EntityManager, place: Place, founder: Founder): Promise<string | null>;
}
