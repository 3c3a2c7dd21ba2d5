/** Tenants and a key for all of them, on a platform with its embedded stores. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

const ADMINISTRATOR = { email: 'admin.telemetryflow@telemetryflow.id', password: 'Admin@123456' };
const PERMISSIONS = ['traces:write', 'logs:write', 'metrics:write'];

export async function login(platform) {
  const { access_token } = await post(platform, '/api/v2/auth/login', ADMINISTRATOR);
  return access_token;
}

async function post(platform, path, body, headers = {}) {
  const response = await fetch(`${platform.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}

/** Where the development key sends to. */
export async function ownTenant(platform) {
  return withMetadata(platform, async (client) => {
    const { rows } = await client.query(
      'SELECT organization_id, workspace_id, tenant_id FROM api_keys WHERE key_id = $1',
      [platform.keyHeaders['x-api-key-id']],
    );
    return rows[0];
  });
}

/**
 * Makes `count` more tenants in the workspace of the development key (there is no other way in yet than the database) and
 * a key for the whole workspace. Resolves with their ids and the key's headers.
 */
export async function makeTenants(platform, count, token) {
  const place = await ownTenant(platform);
  const ids = Array.from({ length: count }, () => randomUUID());
  await withMetadata(platform, (client) =>
    client.query(
      `INSERT INTO tenants (tenant_id, workspace_id, organization_id, code, name)
       SELECT id, $2, $3, 'bench-' || left(id::text, 8) || right(id::text, 12), 'bench' FROM unnest($1::uuid[]) AS id`,
      [ids, place.workspace_id, place.organization_id],
    ),
  );
  const scope = { type: 'workspace', workspaceId: place.workspace_id };
  const body = { name: 'bench', permissions: PERMISSIONS, scope };
  const { keyId, keySecret } = await post(platform, '/api/v2/api-keys', body, { authorization: `Bearer ${token}` });
  return { ids, keyHeaders: { 'x-api-key-id': keyId, 'x-api-key-secret': keySecret } };
}

async function withMetadata({ dataDir }, work) {
  const home = join(dataDir, 'postgres');
  const port = Number(readFileSync(join(home, 'data', 'postmaster.pid'), 'utf8').split('\n')[3]);
  const { superuser } = JSON.parse(readFileSync(join(home, 'passwords.json'), 'utf8'));
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password: superuser,
    database: 'telemetryflow',
  });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
