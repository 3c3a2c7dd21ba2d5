import { Injectable } from '@nestjs/common';
import { eraseFrom, type ErasedPerson } from '../domain/erasure.js';
import { EntryStore } from './entry-store.js';
import { Ledger } from './ledger.js';

/** Goes through the trail for people who were erased. Cut short, it goes through it again. */
@Injectable()
export class EraseFromTrail {
  constructor(
    private readonly ledger: Ledger,
    private readonly entries: EntryStore,
  ) {}

  /** Erases one person who is waiting for it; false when nobody is. */
  next(): Promise<boolean> {
    return this.ledger.withDueErasure((person) => this.#erase(person));
  }

  async #erase(person: ErasedPerson): Promise<void> {
    for await (const found of this.entries.about(person)) {
      const erased = found.map((entry) => eraseFrom(entry, person));
      const changed = erased.filter((entry, i) => entry !== found[i]);
      // First what the store will have to say, then what it says: in between, either is authentic.
      await this.ledger.markErased(changed);
      await this.entries.insert(changed);
      await this.entries.dropOldVersions(erased);
    }
  }
}
