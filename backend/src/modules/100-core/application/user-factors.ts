import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { SessionOwner } from './user-sessions.js';

/** What the module of second factors knows how to do. */
export interface FactorRemover {
  /**
   * Turns the user's second factor off in the caller's transaction, with its recovery codes and trusted devices.
   *
   * @returns false when there was none
   */
  remove(manager: EntityManager, owner: SessionOwner): Promise<boolean>;
}

/** Where that module, which lies above this one, registers itself. Without it there are no factors to remove. */
@Injectable()
export class UserFactors implements FactorRemover {
  #remover: FactorRemover | undefined;

  register(remover: FactorRemover): void {
    this.#remover = remover;
  }

  async remove(manager: EntityManager, owner: SessionOwner): Promise<boolean> {
    return (await this.#remover?.remove(manager, owner)) ?? false;
  }
}
