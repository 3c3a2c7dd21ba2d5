import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../src/bootstrap/start-server.js';
import { ClickHouseService } from '../../src/shared/clickhouse/index.js';
import { appendToOutbox, Database, systemScope } from '../../src/shared/platform/database/index.js';
import { eventually } from '../support/platform.js';

let server: TestServer;

beforeAll(async () => {
  server = await startServer({ THROTTLE_INGESTION_LIMIT: '0' });
});
afterAll(() => server?.stop());

/** Sends one log record as JSON and answers the status. */
async function send(headers: Record<string, string>, body: string, attributes: Record<string, string> = {}) {
  const resource = {
    attributes: Object.entries({ 'service.name': 'isolation', ...attributes }).map(([key, stringValue]) => ({
      key,
      value: { stringValue },
    })),
  };
  const logRecords = [{ timeUnixNano: `${Date.now()}000000`, body: { stringValue: body } }];
  const response = await fetch(`${server.otlpHttpUrl}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] }),
  });
  await response.arrayBuffer();
  return response.status;
}

const denied = () =>
  server.app
    .get(Database)
    .transaction(systemScope('platform'), (manager) =>
      manager.query<{ organization_id: string; payload: Record<string, unknown> }[]>(
        `SELECT organization_id, payload FROM outbox WHERE type = 'security.access_denied' ORDER BY created_at`,
      ),
    );

it('B22: telemetry for a tenant beyond the key is refused and recorded, and never lands there', async () => {
  const { default: home, demo } = server.seeded.places;
  const key = { 'x-api-key-id': server.developmentKey!.keyId, 'x-api-key-secret': server.developmentKey!.keySecret };
  for (const [header, id] of [
    ['x-tenant-id', demo.tenantId],
    ['x-workspace-id', demo.workspaceId],
    ['x-organization-id', demo.organizationId],
  ] as const) {
    expect(await send({ ...key, [header]: id }, 'planted by header'), header).toBe(403);
  }
  // What a resource says of itself decides nothing: the key does.
  expect(await send(key, 'named by attribute', { 'telemetryflow.tenant.id': demo.tenantId })).toBe(200);

  const acts = await eventually('the acts', async () => {
    const rows = await denied();
    return rows.length === 3 ? rows : undefined;
  });
  for (const { organization_id, payload } of acts) {
    expect(organization_id).toBe(home.organizationId);
    expect(payload).toMatchObject({ result: 'denied', reason: 'place', tenantId: home.tenantId, ip: '127.0.0.1' });
    expect(payload['actor']).toMatchObject({ type: 'api-key', keyId: server.developmentKey!.keyId });
    expect(JSON.stringify(payload)).not.toContain(server.developmentKey!.keySecret);
  }
  const stored = await eventually('the record that was let in', async () => {
    const { rows } = await server.app
      .get(ClickHouseService)
      .query<{ tenant: string; body: string }>(
        `SELECT toString(tenant_id) AS tenant, body FROM logs_v3 WHERE body LIKE 'planted%' OR body LIKE 'named%'`,
      );
    return rows.length > 0 ? rows : undefined;
  });
  expect(stored).toEqual([{ tenant: home.tenantId, body: 'named by attribute' }]);
});

it('the telemetry of a purged tenant goes with it, and nobody else’s', async () => {
  const { demo } = server.seeded.places;
  const own = demo.tenantId;
  const clickhouse = server.app.get(ClickHouseService);
  const bodies = async () => {
    const { rows } = await clickhouse.query<{ body: string }>(
      `SELECT body FROM logs_v3 WHERE body LIKE 'named%' OR body = 'of the purged' ORDER BY body`,
    );
    return rows.map(({ body }) => body);
  };
  await clickhouse.exec(
    `INSERT INTO logs_v3 (tenant_id, timestamp, ingested_at, body) VALUES (toUUID('${own}'), now(), now(), 'of the purged')`,
  );
  expect(await bodies()).toEqual(['named by attribute', 'of the purged']);
  await server.app.get(Database).transaction(systemScope('platform'), (manager) =>
    appendToOutbox(manager, {
      type: 'tenant.purged',
      aggregateId: own,
      organizationId: demo.organizationId,
      payload: { tenantId: own },
    }),
  );
  await eventually('the drop', async () => ((await bodies()).length === 1 ? true : undefined));
  expect(await bodies()).toEqual(['named by attribute']);
});
