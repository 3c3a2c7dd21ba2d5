import type { EntityManager } from 'typeorm';
import type { Place } from '../../100-core/index.js';

/** Where people who register find their place. */
export abstract class RegistrationPlaces {
  /** The oldest active region; null when there is none. */
  abstract firstRegion(manager: EntityManager): Promise<string | null>;
  /** The oldest tenant that is open, nothing above it closed; null when the organization has none. */
  abstract homeIn(manager: EntityManager, organizationId: string): Promise<Place | null>;
}
