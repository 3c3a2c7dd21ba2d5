/**
 * `npm run bench keys [-- --json]`: what an API key costs each request, in nanoseconds of CPU: finding out whose it is from the
 * headers, once it is known, and counting its answer. On one core, without network or database.
 */
import { KeyUsage } from '../../backend/dist/modules/300-api-keys/application/key-usage.js';
import { ApiKeyAuthenticator } from '../../backend/dist/modules/300-api-keys/application/api-key-authenticator.js';
import { KeyVerifier } from '../../backend/dist/modules/300-api-keys/application/key-verifier.js';
import { ApiKey } from '../../backend/dist/modules/300-api-keys/domain/api-key.js';
import { generateCredential, hintOf } from '../../backend/dist/modules/300-api-keys/domain/key-credential.js';
import { SecretHasher } from '../../backend/dist/shared/platform/secret-hasher.js';

const ROUNDS = 9;
const CALLS = 100_000;
const ENDPOINTS = ['POST /v1/traces', 'POST /v1/metrics', 'POST /v1/logs', 'gRPC TraceService/Export'];

const hasher = new SecretHasher({ concurrency: 1, maxQueued: 10 });
const { keyId, keySecret } = generateCredential();
const key = ApiKey.create(
  {
    name: 'bench',
    description: '',
    permissions: ['traces:write'],
    organizationId: 'o',
    workspaceId: 'w',
    tenantId: 't',
    rateLimit: null,
    createdBy: 'u',
    grantable: new Set(['traces:write']),
  },
  { keyId, secretHash: await hasher.hash(keySecret), keyHint: hintOf(keySecret) },
  new Date(),
);

/** What stands in for the database: the hot path asks it every two seconds. */
const keys = { record: async () => ({ key, defaultTenantId: 't' }), noteUses: async () => {} };
const nobody = { listen() {}, observe() {}, warn() {} };
const usage = new KeyUsage(keys, nobody);
const authenticator = new ApiKeyAuthenticator(
  keys,
  new KeyVerifier(hasher, { failuresPerMinute: 60 }),
  nobody,
  nobody,
  nobody,
);

const pair = { 'x-api-key-id': keyId, 'x-api-key-secret': keySecret };
const bearer = { authorization: `Bearer ${keyId}:${keySecret}` };

async function authenticating(headers) {
  for (let i = 0; i < CALLS; i += 1) await authenticator.authenticate(headers);
}
async function counting() {
  for (let i = 0; i < CALLS; i += 1) usage.answered(key.id, ENDPOINTS[i & 3], '200', false, '127.0.0.1');
}

/** The median of the rounds, in nanoseconds of CPU per call: a busy machine changes little. */
async function measure(work) {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const started = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(started);
    rounds.push(((user + system) / CALLS) * 1e3);
    await usage.flush();
  }
  return Math.round(rounds.toSorted((a, b) => a - b)[ROUNDS >> 1]);
}

const figures = {
  'authenticate, pair of headers': await measure(() => authenticating(pair)),
  'authenticate, bearer': await measure(() => authenticating(bearer)),
  'count the answer': await measure(counting),
};
if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(figures)}\n`);
else for (const [name, ns] of Object.entries(figures)) process.stdout.write(`  ${name.padEnd(30)} ${ns} ns\n`);
