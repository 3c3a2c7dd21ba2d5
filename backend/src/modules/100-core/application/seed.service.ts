import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER, RUNTIME, type Runtime, type SeedLogin } from '../../../shared/platform/index.js';
import { SecretHasher } from '../../../shared/platform/secret-hasher.js';
import type { Place } from '../domain/access.js';
import { SEED_PLACES, SEED_REGION, SEED_USERS, SUPER_ADMINISTRATOR_EMAIL, type SeedUser } from './seed-data.js';
import { SeedStore, type SeedTransaction } from './seed-store.js';

export type SeededPlaces = Readonly<Record<keyof typeof SEED_PLACES, Place>>;

export interface SeedResult {
  readonly places: SeededPlaces;
  /** The documented logins; empty where they are not created. */
  readonly seedLogins: readonly SeedLogin[];
  /** Set once, by the production start that gave it its password: print it, it is stored nowhere. */
  readonly superAdministrator: { readonly email: string; readonly password: string } | null;
}

interface HashedUser extends SeedUser {
  readonly passwordHash: string;
}

/** Brings a database to the state every start expects. Idempotent, and safe when several nodes start together. */
@Injectable()
export class SeedService {
  constructor(
    private readonly store: SeedStore,
    private readonly hasher: SecretHasher,
    @Inject(RUNTIME) private readonly runtime: Runtime,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async seed(): Promise<SeedResult> {
    const documented = this.runtime.config.NODE_ENV !== 'production' || this.runtime.config.DEMO;
    // Hashing takes a tenth of a second each: before the transaction, and only for users that may be new.
    const candidates = documented ? await this.#hashed(SEED_USERS) : await this.#firstAdministrator();
    const { places, created } = await this.store.transaction(async (seeding) => {
      await seeding.syncPermissions();
      const places = await ensurePlaces(seeding);
      const created = documented
        ? await insertAll(seeding, candidates, places)
        : await insertFirstAdministrator(seeding, candidates, places);
      return { places, created };
    });
    return {
      places,
      seedLogins: documented ? SEED_USERS.map(({ email, password, role }) => ({ email, password, role })) : [],
      superAdministrator: documented ? null : (created[0] ?? (await this.#withdrawDocumented())),
    };
  }

  /**
   * A database that was filled in development or for a demonstration has logins that anyone can look up. In production
   * they end: the super administrator gets a random password, the others none.
   */
  async #withdrawDocumented(): Promise<{ email: string; password: string } | null> {
    const hashes = await this.store.passwordHashes(SEED_USERS.map(({ email }) => email));
    let superAdministrator = null;
    for (const { email, password } of SEED_USERS) {
      const hash = hashes.get(email);
      if (hash === undefined || !(await this.hasher.verify(hash, password))) continue;
      const own = email === SUPER_ADMINISTRATOR_EMAIL ? randomPassword() : null;
      const ownHash = own === null ? null : await this.hasher.hash(own);
      const replaced = await this.store.transaction((seeding) => seeding.replacePassword(email, hash, ownHash));
      if (!replaced) continue;
      this.logger.warn({ email }, 'a documented password was still in use; it does not open this platform any more');
      if (own !== null) superAdministrator = { email, password: own };
    }
    return superAdministrator;
  }

  async #hashed(users: readonly SeedUser[]): Promise<HashedUser[]> {
    const used = await this.store.usedEmails(users.map(({ email }) => email));
    return Promise.all(
      users
        .filter(({ email }) => !used.has(email))
        .map(async (user) => ({ ...user, passwordHash: await this.hasher.hash(user.password) })),
    );
  }

  #firstAdministrator(): Promise<HashedUser[]> {
    const administrator = SEED_USERS.find(({ email }) => email === SUPER_ADMINISTRATOR_EMAIL);
    return administrator ? this.#hashed([{ ...administrator, password: randomPassword() }]) : Promise.resolve([]);
  }
}

async function ensurePlaces(seeding: SeedTransaction): Promise<SeededPlaces> {
  const regionId = await seeding.ensureRegion(SEED_REGION);
  return {
    default: await seeding.ensurePlace(regionId, SEED_PLACES.default),
    demo: await seeding.ensurePlace(regionId, SEED_PLACES.demo),
    platform: await seeding.ensurePlace(regionId, SEED_PLACES.platform),
  };
}

async function insertAll(
  seeding: SeedTransaction,
  users: readonly HashedUser[],
  places: SeededPlaces,
): Promise<{ email: string; password: string }[]> {
  const created = [];
  for (const user of users) {
    const { email, password } = user;
    if (await seeding.insertUser({ ...user, home: places[user.home] })) created.push({ email, password });
  }
  return created;
}

async function insertFirstAdministrator(
  seeding: SeedTransaction,
  users: readonly HashedUser[],
  places: SeededPlaces,
): Promise<{ email: string; password: string }[]> {
  return (await seeding.hasSuperAdministrator()) ? [] : insertAll(seeding, users, places);
}

/** 144 bits, in characters that survive a copy from a terminal. */
function randomPassword(): string {
  return randomBytes(18).toString('base64url');
}
