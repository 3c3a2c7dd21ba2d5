import { Injectable } from '@nestjs/common';
import type { AuditVerification } from '@telemetryflow/contracts';
import type { ChainedEntry } from '../../domain/entry.js';
import { ChainWalk, type Fault } from '../../domain/verification.js';
import { EntryStore } from '../entry-store.js';
import { Ledger, type ChainEnds, type LedgerLine, type LedgerScope } from '../ledger.js';

const PAGE = 2_000;
const MAX_FAULTS = 100;

interface Page {
  readonly lines: ReadonlyMap<number, LedgerLine>;
  readonly entries: ReadonlyMap<number, ChainedEntry>;
}

/** Compares a chain with its ledger, entry by entry, page by page. */
@Injectable()
export class VerifyTrail {
  constructor(
    private readonly ledger: Ledger,
    private readonly entries: EntryStore,
  ) {}

  /** @throws UnavailableError when the store or the database is away */
  async execute(scope: LedgerScope, chainId: string): Promise<AuditVerification> {
    const found = await this.#walk(scope, chainId);
    // While we looked, the retention may have let entries go, and an erasure have changed some: look again at faults.
    const still = found.faults.length === 0 ? found : await this.#walk(scope, chainId);
    const twice = new Set(still.faults.map(keyOf));
    const faults = found.faults.filter((fault) => twice.has(keyOf(fault))).slice(0, MAX_FAULTS);
    return { ...still, intact: faults.length === 0, faults };
  }

  async #walk(scope: LedgerScope, chainId: string): Promise<AuditVerification> {
    const ends = await this.ledger.ends(scope, chainId);
    if (!ends) return this.#unknown(chainId);
    const { anchorSequence, headSequence } = ends;
    const walk = new ChainWalk({ sequence: anchorSequence, hash: ends.anchorHash });
    const faults: Fault[] = [];
    let checked = 0;
    while (walk.sequence < headSequence) {
      const after = walk.sequence;
      const until = Math.min(after + PAGE, headSequence);
      const page = await this.#page(scope, chainId, after, until);
      for (let sequence = after + 1; sequence <= until; sequence += 1) {
        const fault = walk.step(page.lines.get(sequence), page.entries.get(sequence));
        if (page.entries.has(sequence)) checked += 1;
        if (fault && faults.length < MAX_FAULTS) faults.push({ sequence, fault });
      }
    }
    if (walk.lastHash !== ends.headHash && faults.at(-1)?.sequence !== headSequence) {
      faults.push({ sequence: headSequence, fault: 'unlinked' });
    }
    faults.push(...(await this.#added(scope, chainId, ends)));
    return {
      intact: faults.length === 0,
      checked,
      firstSequence: headSequence > anchorSequence ? anchorSequence + 1 : null,
      lastSequence: headSequence > anchorSequence ? headSequence : null,
      faults: faults.slice(0, MAX_FAULTS),
    };
  }

  async #page(scope: LedgerScope, chainId: string, after: number, until: number): Promise<Page> {
    const lines = await this.ledger.lines(scope, chainId, after, until);
    // In this order: what is on its way no more has arrived.
    const pending = await this.ledger.pending(scope, chainId, after, until);
    const stored = await this.entries.range(chainId, after, until);
    return {
      lines: new Map(lines.map((line) => [line.sequence, line])),
      entries: new Map([...pending, ...stored].map((entry) => [entry.sequence, entry])),
    };
  }

  /** Entries where the chain has no place. Below the anchor they may wait for the retention to take them. */
  async #added(scope: LedgerScope, chainId: string, ends: ChainEnds): Promise<Fault[]> {
    const outside = await this.entries.outside(chainId, ends.prunedSequence, ends.headSequence, MAX_FAULTS);
    // Recorded since we read where the head is.
    const now = (await this.ledger.ends(scope, chainId))?.headSequence ?? 0;
    return outside
      .filter((sequence) => sequence <= ends.prunedSequence || sequence > now)
      .map((sequence) => ({ sequence, fault: 'added' }));
  }

  /** A chain without a ledger has no entries, or else somebody took the ledger away. */
  async #unknown(chainId: string): Promise<AuditVerification> {
    const added = await this.entries.outside(chainId, 0, 0, MAX_FAULTS);
    const faults = added.map((sequence): Fault => ({ sequence, fault: 'added' }));
    return { intact: faults.length === 0, checked: 0, firstSequence: null, lastSequence: null, faults };
  }
}

function keyOf({ sequence, fault }: Fault): string {
  return `${fault} ${sequence}`;
}
