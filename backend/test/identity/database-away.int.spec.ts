import { afterAll, beforeAll, expect, it } from 'vitest';
import { startIdentityServer, startTestPostgres, type IdentityServer, type TestPostgres } from './identity-app.js';

let postgres: TestPostgres;
let server: IdentityServer;

beforeAll(async () => {
  postgres = await startTestPostgres();
  server = await startIdentityServer(postgres);
});
afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
});

it('answers 503 while the database is away, and goes on by itself when it is back', async () => {
  const headers = await server.as('admin.telemetryflow');
  const scopes = async () => (await server.request('GET', '/api/v2/scopes', { headers })).status;
  expect(await scopes()).toBe(200);

  const restarts = postgres.engine.restarts;
  process.kill(postgres.engine.pid!, 'SIGKILL');
  const seen = new Set<number>();
  await expect
    .poll(
      async () => {
        const status = await scopes();
        seen.add(status);
        return postgres.engine.restarts > restarts && status;
      },
      { timeout: 20_000, interval: 20 },
    )
    .toBe(200);
  expect(seen.has(503)).toBe(true);
  expect([...seen].every((status) => status === 200 || status === 503)).toBe(true);
});
