import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database, systemScope } from '../../../shared/platform/database/index.js';
import { Ledger, type ChainEnds, type LedgerLine, type LedgerScope } from '../application/ledger.js';
import { chain, replacementDigest, type ChainedEntry, type RecordedAct } from '../domain/entry.js';
import { withoutPerson, type ErasedPerson } from '../domain/erasure.js';
import { EntryRow, entryOf, rowOf } from './entry-row.js';

/** Any constant will do that is the same on all nodes and no other lock's. */
const SHIPPING_LOCK = 7_305_518_800;

interface PersonRow {
  readonly user_id: string;
  readonly pseudonym: string;
  readonly email: string | null;
  readonly full_name: string | null;
}

const ENDS = `
  SELECT head_sequence::float8 AS "headSequence", head_hash AS "headHash", anchor_sequence::float8 AS "anchorSequence",
         anchor_hash AS "anchorHash", pruned_sequence::float8 AS "prunedSequence"
  FROM audit_chains WHERE chain_id = $1`;

@Injectable()
export class PostgresLedger extends Ledger {
  constructor(private readonly database: Database) {
    super();
  }

  async append(act: RecordedAct): Promise<void> {
    await this.#transaction(async (manager) => {
      await manager.query('INSERT INTO audit_chains (chain_id) VALUES ($1) ON CONFLICT DO NOTHING', [
        act.organizationId,
      ]);
      const [head] = await manager.query<{ sequence: number; hash: string }[]>(
        `SELECT head_sequence::float8 AS sequence, head_hash AS hash FROM audit_chains WHERE chain_id = $1 FOR UPDATE`,
        [act.organizationId],
      );
      if (!head || (await isChained(manager, act.eventId))) return;
      const entry = chain(await withoutErased(manager, act), head);
      await manager.query(
        `WITH line AS (
           INSERT INTO audit_chain (chain_id, sequence, event_id, at, hash) VALUES ($1, $2, $3, $4, $5)
         ), waiting AS (
           INSERT INTO audit_pending (chain_id, sequence, entry) VALUES ($1, $2, $6)
         )
         UPDATE audit_chains SET head_sequence = $2, head_hash = $5 WHERE chain_id = $1`,
        [entry.organizationId, entry.sequence, entry.eventId, entry.at, entry.hash, JSON.stringify(rowOf(entry))],
      );
      if (act.action === 'user.erased') await makeDue(manager, act.resourceId);
    });
  }

  handOver(limit: number, store: (entries: readonly ChainedEntry[]) => Promise<void>): Promise<number> {
    return this.#transaction(async (manager) => {
      await lockShipping(manager);
      const rows = await manager.query<{ position: string; entry: string }[]>(
        'SELECT position, entry FROM audit_pending ORDER BY position LIMIT $1',
        [limit],
      );
      if (rows.length === 0) return 0;
      await store(rows.map(({ entry }) => entryOf(EntryRow.parse(JSON.parse(entry)))));
      await manager.query('DELETE FROM audit_pending WHERE position = ANY($1::bigint[])', [
        rows.map(({ position }) => position),
      ]);
      return rows.length;
    });
  }

  withDueErasure(work: (person: ErasedPerson) => Promise<void>): Promise<boolean> {
    return this.#transaction(async (manager) => {
      await lockShipping(manager);
      const [row] = await manager.query<PersonRow[]>(
        `SELECT user_id, pseudonym, email, full_name FROM audit_erasures
         WHERE is_due AND applied_at IS NULL ORDER BY requested_at LIMIT 1`,
      );
      if (!row) return false;
      await work(personOf(row));
      await manager.query(
        'UPDATE audit_erasures SET applied_at = now(), email = NULL, full_name = NULL WHERE user_id = $1',
        [row.user_id],
      );
      return true;
    });
  }

  async requestErasure(manager: EntityManager, person: ErasedPerson): Promise<void> {
    await manager.query('INSERT INTO audit_erasures (user_id, pseudonym, email, full_name) VALUES ($1, $2, $3, $4)', [
      person.userId,
      person.pseudonym,
      person.email,
      person.fullName,
    ]);
  }

  async markErased(entries: readonly ChainedEntry[]): Promise<void> {
    if (entries.length === 0) return;
    await this.#transaction((manager) =>
      manager.query(
        `UPDATE audit_chain l SET erased_actor = COALESCE(e.actor, l.erased_actor),
                                  erased_subject = COALESCE(e.subject, l.erased_subject)
         FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[]) AS e (chain_id, sequence, actor, subject)
         WHERE l.chain_id = e.chain_id AND l.sequence = e.sequence`,
        [
          entries.map(({ organizationId }) => organizationId),
          entries.map(({ sequence }) => sequence),
          entries.map(({ actorSeal, actor }) => (actorSeal.salt === '' ? replacementDigest({ actor }) : null)),
          entries.map(({ subjectSeal, subject }) => (subjectSeal.salt === '' ? replacementDigest({ subject }) : null)),
        ],
      ),
    );
  }

  ends(scope: LedgerScope, chainId: string): Promise<ChainEnds | null> {
    return this.database.transaction(scope, (manager) => endsOf(manager, chainId));
  }

  lines(scope: LedgerScope, chainId: string, after: number, until: number): Promise<LedgerLine[]> {
    return this.database.transaction(scope, (manager) =>
      manager.query<LedgerLine[]>(
        `SELECT sequence::float8 AS sequence, hash, erased_actor AS "erasedActor", erased_subject AS "erasedSubject"
         FROM audit_chain WHERE chain_id = $1 AND sequence > $2 AND sequence <= $3 ORDER BY sequence`,
        [chainId, after, until],
      ),
    );
  }

  async pending(scope: LedgerScope, chainId: string, after: number, until: number): Promise<ChainedEntry[]> {
    const rows = await this.database.transaction(scope, (manager) =>
      manager.query<{ entry: string }[]>(
        'SELECT entry FROM audit_pending WHERE chain_id = $1 AND sequence > $2 AND sequence <= $3',
        [chainId, after, until],
      ),
    );
    return rows.map(({ entry }) => entryOf(EntryRow.parse(JSON.parse(entry))));
  }

  async pendingCount(): Promise<number> {
    const [row] = await this.#transaction((manager) =>
      manager.query<{ n: number }[]>('SELECT count(*)::int AS n FROM audit_pending'),
    );
    return row?.n ?? 0;
  }

  async retentionDays(scope: LedgerScope, chainId: string): Promise<number | null> {
    const [row] = await this.database.transaction(scope, (manager) =>
      manager.query<{ days: number | null }[]>('SELECT retention_days AS days FROM audit_chains WHERE chain_id = $1', [
        chainId,
      ]),
    );
    return row?.days ?? null;
  }

  async setRetention(manager: EntityManager, chainId: string, days: number): Promise<void> {
    await manager.query(
      `INSERT INTO audit_chains (chain_id, retention_days) VALUES ($1, $2)
       ON CONFLICT (chain_id) DO UPDATE SET retention_days = $2`,
      [chainId, days],
    );
  }

  chains(): Promise<{ readonly chainId: string; readonly retentionDays: number | null }[]> {
    return this.#transaction((manager) =>
      manager.query<{ chainId: string; retentionDays: number | null }[]>(
        'SELECT chain_id AS "chainId", retention_days AS "retentionDays" FROM audit_chains',
      ),
    );
  }

  moveAnchor(chainId: string, before: Date): Promise<ChainEnds | null> {
    return this.#transaction(async (manager) => {
      await manager.query('SELECT 1 FROM audit_chains WHERE chain_id = $1 FOR UPDATE', [chainId]);
      // Times are nearly, not quite, in the order of the chain: what is kept begins at the first young entry.
      const [last] = await manager.query<{ sequence: string; hash: string }[]>(
        `SELECT sequence, hash FROM audit_chain WHERE chain_id = $1
           AND sequence < COALESCE((SELECT min(sequence) FROM audit_chain WHERE chain_id = $1 AND at >= $2), 'infinity'::float8)
         ORDER BY sequence DESC LIMIT 1`,
        [chainId, before],
      );
      if (last) {
        await manager.query('DELETE FROM audit_chain WHERE chain_id = $1 AND sequence <= $2', [chainId, last.sequence]);
        await manager.query('UPDATE audit_chains SET anchor_sequence = $2, anchor_hash = $3 WHERE chain_id = $1', [
          chainId,
          last.sequence,
          last.hash,
        ]);
      }
      return endsOf(manager, chainId);
    });
  }

  async markPruned(chainId: string, sequence: number): Promise<void> {
    await this.#transaction((manager) =>
      manager.query('UPDATE audit_chains SET pruned_sequence = $2 WHERE chain_id = $1', [chainId, sequence]),
    );
  }

  #transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.database.transaction(systemScope('audit'), work);
  }
}

async function isChained(manager: EntityManager, eventId: string): Promise<boolean> {
  const rows = await manager.query<unknown[]>('SELECT 1 FROM audit_chain WHERE event_id = $1', [eventId]);
  return rows.length > 0;
}

/** An event may be delivered after the person it tells of was erased. */
async function withoutErased(manager: EntityManager, act: RecordedAct): Promise<RecordedAct> {
  const people = await manager.query<PersonRow[]>(
    'SELECT user_id, pseudonym, email, full_name FROM audit_erasures WHERE user_id::text IN ($1, $2)',
    [act.actorId, act.resourceId],
  );
  return people.map(personOf).reduce((cleaned, person) => withoutPerson(cleaned, person), act);
}

async function makeDue(manager: EntityManager, userId: string): Promise<void> {
  await manager.query('UPDATE audit_erasures SET is_due = true WHERE user_id::text = $1', [userId]);
}

async function endsOf(manager: EntityManager, chainId: string): Promise<ChainEnds | null> {
  const [ends] = await manager.query<ChainEnds[]>(ENDS, [chainId]);
  return ends ?? null;
}

/** Until the transaction ends. */
async function lockShipping(manager: EntityManager): Promise<void> {
  await manager.query('SELECT pg_advisory_xact_lock($1)', [SHIPPING_LOCK]);
}

function personOf(row: PersonRow): ErasedPerson {
  return { userId: row.user_id, pseudonym: row.pseudonym, email: row.email, fullName: row.full_name };
}
