import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PruneTrail } from '../../src/modules/800-audit/application/prune-trail.js';
import { NOBODY } from '../../src/modules/800-audit/domain/entry.js';
import { newId } from '../../src/shared/platform/index.js';
import { AuditedServer } from './audit-app.js';

const DAY_MS = 86_400_000;
let audited: AuditedServer;

beforeAll(async () => {
  audited = await AuditedServer.start();
});
afterAll(() => audited?.stop());

const where = (organizationId: string, sequence: number) =>
  `organization_id = '${organizationId}' AND sequence = ${sequence}`;

describe('a trail that nobody touched', () => {
  it('is intact, from its first entry to its last', async () => {
    const organizationId = await audited.trail(5);
    expect(await audited.verify(organizationId)).toEqual({
      intact: true,
      checked: 5,
      firstSequence: 1,
      lastSequence: 5,
      faults: [],
    });
  });

  it('is intact when it is empty', async () => {
    expect(await audited.verify(newId())).toEqual({
      intact: true,
      checked: 0,
      firstSequence: null,
      lastSequence: null,
      faults: [],
    });
  });

  it('is kept of what belongs to no organization, too', async () => {
    await audited.act(null, { action: 'auth.login_failed', result: 'failure' });
    await audited.entry('super.administrator', `organizationId=${NOBODY}&action=auth.login_failed`);
    expect(await audited.verify(NOBODY)).toMatchObject({ intact: true, firstSequence: 1 });
  });
});

describe('retention', () => {
  it('lets go of what is older, and what is left is intact', async () => {
    const organizationId = await audited.trail(6);
    await audited.server.sql(
      `UPDATE audit_chain SET at = now() - interval '366 days' WHERE chain_id = $1 AND sequence <= 4`,
      [organizationId],
    );
    const prune = audited.server.app.get(PruneTrail);
    await prune.prune(new Date());
    await audited.stored(organizationId, 2);
    const intact = { intact: true, checked: 2, firstSequence: 5, lastSequence: 6, faults: [] };
    expect(await audited.verify(organizationId)).toEqual(intact);
    await prune.prune(new Date());
    await audited.act(organizationId);
    await audited.stored(organizationId, 3);
    expect(await audited.verify(organizationId)).toMatchObject({ intact: true, checked: 3, lastSequence: 7 });
    await prune.prune(new Date(Date.now() + 400 * DAY_MS));
    expect(await audited.verify(organizationId)).toEqual({
      intact: true,
      checked: 0,
      firstSequence: null,
      lastSequence: null,
      faults: [],
    });
    await audited.act(organizationId);
    await audited.stored(organizationId, 1);
    expect(await audited.verify(organizationId)).toMatchObject({ intact: true, firstSequence: 8, lastSequence: 8 });
  });
});

describe('verification names what was done to the store', () => {
  it.each([
    ['the action', `action = 'test.forged'`],
    ['the actor', `actor_id = 'somebody-else'`],
    ['the actor’s name', `actor_name = 'somebody@example.com'`],
    ['the address', `ip = '203.0.113.9'`],
    ['the result', `result = 'denied'`],
    ['the details', `details = '{"number":7}'`],
    ['what was before', `before = '{"name":"x"}'`],
    ['the name of the resource', `resource_name = 'another thing'`],
    ['the resource', `resource_id = 'x'`],
    ['the hash', `hash = repeat('a', 64)`],
    ['the salt', `actor_salt = repeat('0', 32)`],
    ['the salt, as if it had been erased', `actor_salt = '', actor_name = 'erased'`],
    ['the hash before it', `previous_hash = repeat('b', 64)`],
  ])('an entry in which somebody changed %s', async (_, change) => {
    const organizationId = await audited.trail(4);
    await audited.tamper(`ALTER TABLE audit_logs UPDATE ${change} WHERE ${where(organizationId, 2)}`);
    expect(await audited.verify(organizationId)).toMatchObject({
      intact: false,
      checked: 4,
      faults: [{ sequence: 2, fault: 'altered' }],
    });
  });

  it('an entry that was taken away', async () => {
    const organizationId = await audited.trail(4);
    await audited.tamper(`ALTER TABLE audit_logs DELETE WHERE ${where(organizationId, 3)}`);
    expect(await audited.verify(organizationId)).toMatchObject({
      intact: false,
      checked: 3,
      faults: [{ sequence: 3, fault: 'missing' }],
    });
  });

  it('a tail that was cut off', async () => {
    const organizationId = await audited.trail(5);
    await audited.tamper(`DELETE FROM audit_logs WHERE organization_id = '${organizationId}' AND sequence > 3`);
    expect((await audited.verify(organizationId)).faults).toEqual([
      { sequence: 4, fault: 'missing' },
      { sequence: 5, fault: 'missing' },
    ]);
  });

  it('an entry that was added behind the last', async () => {
    const organizationId = await audited.trail(2);
    const [second] = await audited.rows(where(organizationId, 2));
    const values = [{ ...second, sequence: 9, event_id: newId() }];
    await audited.store.insert({ table: 'audit_logs', values, format: 'JSONEachRow' });
    expect((await audited.verify(organizationId)).faults).toEqual([{ sequence: 9, fault: 'added' }]);
  });

  it('entries that were put in another order', async () => {
    const organizationId = await audited.trail(4);
    const [second] = await audited.rows(where(organizationId, 2));
    const [third] = await audited.rows(where(organizationId, 3));
    await audited.tamper(
      `ALTER TABLE audit_logs DELETE WHERE organization_id = '${organizationId}' AND sequence IN (2, 3)`,
    );
    await audited.store.insert({
      table: 'audit_logs',
      values: [
        { ...second, sequence: 3 },
        { ...third, sequence: 2 },
      ],
      format: 'JSONEachRow',
    });
    expect((await audited.verify(organizationId)).faults).toEqual([
      { sequence: 2, fault: 'altered' },
      { sequence: 3, fault: 'altered' },
    ]);
  });

  it('an entry that was put at another time', async () => {
    const organizationId = await audited.trail(3);
    const [second] = await audited.rows(where(organizationId, 2));
    await audited.tamper(`ALTER TABLE audit_logs DELETE WHERE ${where(organizationId, 2)}`);
    const values = [{ ...second, at: '2020-01-01 00:00:00.000' }];
    await audited.store.insert({ table: 'audit_logs', values, format: 'JSONEachRow' });
    expect((await audited.verify(organizationId)).faults).toEqual([{ sequence: 2, fault: 'altered' }]);
  });

  it('at most a hundred faults', async () => {
    const organizationId = await audited.trail(110);
    await audited.tamper(`ALTER TABLE audit_logs DELETE WHERE organization_id = '${organizationId}'`);
    const { faults, intact } = await audited.verify(organizationId);
    expect([intact, faults.length, faults[0], faults.at(-1)]).toEqual([
      false,
      100,
      { sequence: 1, fault: 'missing' },
      { sequence: 100, fault: 'missing' },
    ]);
  });
});

describe('verification names what was done to the ledger', () => {
  const edit = (statement: string, organizationId: string) => audited.server.sql(statement, [organizationId]);

  it.each([
    ['another hash', `UPDATE audit_chain SET hash = repeat('c', 64) WHERE chain_id = $1 AND sequence = 2`, 'altered'],
    ['no line', `DELETE FROM audit_chain WHERE chain_id = $1 AND sequence = 2`, 'unlinked'],
  ])('%s for an entry', async (_, statement, fault) => {
    const organizationId = await audited.trail(4);
    await edit(statement, organizationId);
    expect((await audited.verify(organizationId)).faults).toEqual([{ sequence: 2, fault }]);
  });

  it('another head', async () => {
    const organizationId = await audited.trail(3);
    await edit(`UPDATE audit_chains SET head_hash = repeat('d', 64) WHERE chain_id = $1`, organizationId);
    expect((await audited.verify(organizationId)).faults).toEqual([{ sequence: 3, fault: 'unlinked' }]);
  });

  it('a head that was set back to hide the last entries', async () => {
    const organizationId = await audited.trail(4);
    await edit(
      `UPDATE audit_chains c SET head_sequence = 2, head_hash = l.hash FROM audit_chain l
       WHERE c.chain_id = $1 AND l.chain_id = $1 AND l.sequence = 2`,
      organizationId,
    );
    await edit('DELETE FROM audit_chain WHERE chain_id = $1 AND sequence > 2', organizationId);
    expect((await audited.verify(organizationId)).faults).toEqual([
      { sequence: 3, fault: 'added' },
      { sequence: 4, fault: 'added' },
    ]);
  });

  it('an anchor that was moved to hide the first entries', async () => {
    const organizationId = await audited.trail(3);
    await edit(`UPDATE audit_chains SET anchor_sequence = 1, pruned_sequence = 1 WHERE chain_id = $1`, organizationId);
    expect((await audited.verify(organizationId)).faults).toEqual([
      { sequence: 2, fault: 'unlinked' },
      { sequence: 1, fault: 'added' },
    ]);
  });

  it('that all of it is gone', async () => {
    const organizationId = await audited.trail(2);
    await edit('DELETE FROM audit_chain WHERE chain_id = $1', organizationId);
    await edit('DELETE FROM audit_chains WHERE chain_id = $1', organizationId);
    expect((await audited.verify(organizationId)).faults).toEqual([
      { sequence: 1, fault: 'added' },
      { sequence: 2, fault: 'added' },
    ]);
  });
});
