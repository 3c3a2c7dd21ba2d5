import { afterAll, beforeAll, expect, it } from 'vitest';
import { EntryStore } from '../../src/modules/800-audit/application/entry-store.js';
import { Ledger } from '../../src/modules/800-audit/application/ledger.js';
import { newId } from '../../src/shared/platform/index.js';
import { eventually } from '../support/platform.js';
import { AuditedServer } from './audit-app.js';

let audited: AuditedServer;

beforeAll(async () => {
  audited = await AuditedServer.start();
});
afterAll(() => audited?.stop());

async function waiting(organizationId: string, count: number): Promise<void> {
  await eventually(`${count} entries that wait`, async () => {
    const [row] = await audited.server.sql<{ n: number }>(
      'SELECT count(*)::int AS n FROM audit_pending WHERE chain_id = $1',
      [organizationId],
    );
    return row?.n === count ? true : undefined;
  });
}

it('while the store takes nothing, acts go on, and all of them get there in their order', async () => {
  const organizationId = newId();
  const first = await audited.trail(1);
  await audited.tamper('RENAME TABLE audit_logs TO audit_logs_away');
  try {
    for (let i = 1; i <= 12; i += 1) await audited.act(organizationId, { details: { number: i } });
    await waiting(organizationId, 12);
    const metrics = await audited.server.request('GET', '/metrics');
    expect(metrics.body).toMatch(/^audit_entries_pending (1[2-9]|[2-9]\d)$/m);
  } finally {
    await audited.tamper('RENAME TABLE audit_logs_away TO audit_logs');
  }
  await audited.stored(organizationId, 12);
  const rows = await audited.rows(`organization_id = '${organizationId}'`);
  expect(rows.map(({ details }) => JSON.parse(String(details)).number)).toEqual(
    Array.from({ length: 12 }, (_, i) => i + 1),
  );
  expect(await audited.verify(organizationId)).toMatchObject({ intact: true, checked: 12 });
  expect(await audited.verify(first)).toMatchObject({ intact: true, checked: 1 });
}, 60_000);

it('an entry on its way is verified from where it is', async () => {
  const organizationId = await audited.trail(2);
  await audited.tamper('RENAME TABLE audit_logs TO audit_logs_away');
  await audited.act(organizationId);
  await waiting(organizationId, 1);
  // The table is there again, the entry is not: it was taken back into the ledger's hands.
  await audited.server.sql('BEGIN');
  await audited.server.sql('SELECT pg_advisory_xact_lock(7305518800)');
  try {
    await audited.tamper('RENAME TABLE audit_logs_away TO audit_logs');
    expect(await audited.verify(organizationId)).toMatchObject({ intact: true, checked: 3, lastSequence: 3 });
  } finally {
    await audited.server.sql('COMMIT');
  }
  await audited.stored(organizationId, 3);
}, 60_000);

it('a server that dies between the two stores leaves no gap and no second copy', async () => {
  const organizationId = newId();
  const ledger = audited.server.app.get(Ledger);
  const store = audited.server.app.get(EntryStore);
  await audited.tamper('RENAME TABLE audit_logs TO audit_logs_away');
  for (let i = 1; i <= 5; i += 1) await audited.act(organizationId, { details: { number: i } });
  await waiting(organizationId, 5);
  await audited.tamper('RENAME TABLE audit_logs_away TO audit_logs');
  // Stored, and gone before the ledger could forget: what happens when the power goes.
  let handedOver = 0;
  const died = ledger.handOver(100, async (entries) => {
    handedOver = entries.length;
    await store.insert(entries);
    throw new Error('the power went');
  });
  await expect(died).rejects.toThrow('the power went');
  if (handedOver > 0) expect((await audited.rows(`organization_id = '${organizationId}'`)).length).toBe(5);
  await audited.stored(organizationId, 5);
  expect(await audited.verify(organizationId)).toEqual({
    intact: true,
    checked: 5,
    firstSequence: 1,
    lastSequence: 5,
    faults: [],
  });
}, 60_000);

it('several nodes that ship at once bring each entry once', async () => {
  const organizationId = newId();
  const ledger = audited.server.app.get(Ledger);
  const store = audited.server.app.get(EntryStore);
  await Promise.all(Array.from({ length: 30 }, () => audited.act(organizationId)));
  await Promise.all([1, 2, 3].map(() => ledger.handOver(10, (entries) => store.insert(entries))));
  await audited.stored(organizationId, 30);
  expect(await audited.verify(organizationId)).toMatchObject({ intact: true, checked: 30 });
});
