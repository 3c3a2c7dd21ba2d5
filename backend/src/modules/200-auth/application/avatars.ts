import type { EntityManager } from 'typeorm';
import type { Picture } from '../domain/picture.js';

export interface StoredAvatar {
  readonly contentType: string;
  readonly content: Buffer;
}

/** The pictures of people. */
export abstract class Avatars {
  /** Takes the place of the user's former one. */
  abstract replace(
    manager: EntityManager,
    avatarId: string,
    userId: string,
    picture: Picture,
    content: Buffer,
  ): Promise<void>;
  /** False when there was none. */
  abstract remove(manager: EntityManager, userId: string): Promise<boolean>;
  abstract find(avatarId: string): Promise<StoredAvatar | null>;
}
