import type { SubjectAccess } from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';

/** A person as their erasure needs them; locked. */
export interface Person {
  readonly userId: string;
  readonly organizationId: string;
  readonly email: string;
  readonly fullName: string;
  readonly isErased: boolean;
}

export interface EndedKey {
  readonly id: string;
  readonly keyId: string;
  readonly name: string;
}

export type PersonalRecords = Omit<SubjectAccess, 'exportedAt' | 'auditEntries'>;

/**
 * What the tables of all modules keep of one person. Runs in a transaction of the platform's scope: who may ask is settled
 * before.
 */
export abstract class PersonalData {
  /** Deleted people are found, too. Null: unknown, or of another organization than the named (null: any). */
  abstract find(manager: EntityManager, userId: string, organizationId: string | null): Promise<Person | null>;
  /** Locked until the transaction ends; else as {@link find}. */
  abstract lock(manager: EntityManager, userId: string, organizationId: string | null): Promise<Person | null>;
  abstract read(manager: EntityManager, userId: string): Promise<PersonalRecords>;
  /** Takes away roles, groups and grants. */
  abstract deactivate(manager: EntityManager, userId: string): Promise<void>;
  /** Ends the keys that the person created; answers them. */
  abstract endKeys(manager: EntityManager, userId: string, endedBy: string): Promise<EndedKey[]>;
  /** What is left is a row without a name, under the pseudonym. */
  abstract erase(manager: EntityManager, person: Person, pseudonym: string): Promise<void>;
}
