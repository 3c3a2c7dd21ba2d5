/**
 * `npm run bench permissions [-- --requests 100000 --json]`: what the guard's question "may they do this here?" adds to a
 * request, once the user's access is in memory (it is read again after a change, and once a minute). The database, the
 * token and the session are not in it; `npm run bench api` has whole requests.
 */
import { parseArgs } from 'node:util';
import { Access } from '../../backend/dist/modules/100-core/domain/access.js';
import { PERMISSIONS, ROLE_PERMISSIONS } from '../../packages/contracts/dist/index.js';
import { quantile } from './platform.mjs';

const { values: options } = parseArgs({
  options: { requests: { type: 'string', default: '100000' }, json: { type: 'boolean', default: false } },
});
const REQUESTS = Number(options.requests);
/** Requests timed together: the clock is coarser than one of them. */
const BATCH = 100;
const AIM_US = 200;

const place = (n) => ({ organizationId: 'o', workspaceId: `w${n % 5}`, tenantId: `t${n}`, reserved: false });
const PLACES = Array.from({ length: 20 }, (_, n) => place(n));
const role = (code, level, scope) => ({
  role: code,
  level,
  scope,
  permissions: ROLE_PERMISSIONS[code],
  expiresAt: null,
});
const organization = { type: 'organization', id: 'o' };

const administrator = () => new Access([role('administrator', 2, organization)]);

/** Many groups, places, grants and denials, half of which end one day. */
function manifold() {
  const expiresAt = (n) => (n % 2 === 0 ? null : Date.now() + 86_400_000 + n);
  const assignments = PLACES.map(({ tenantId }, n) => ({
    ...role(['developer', 'viewer', 'administrator'][n % 3], 3, { type: 'tenant', id: tenantId }),
    expiresAt: expiresAt(n),
  }));
  const grants = PERMISSIONS.slice(0, 50).map((permission, n) => ({
    permission,
    effect: n % 3 === 0 ? 'deny' : 'allow',
    area: PLACES[n % PLACES.length],
    expiresAt: expiresAt(n),
  }));
  return new Access([role('viewer', 4, organization), ...assignments], grants);
}

/** What `Authenticator` and `AccessGuard` ask of every request. */
function ask(access, where, now) {
  access.rolesAt(where, now);
  access.isPlatformWide(now);
  return access.permissionsAt(where, now).has('metrics:read');
}

/**
 * Microseconds per request: CPU time on average, which a busy machine does not lengthen, and time by the clock in the middle.
 * `renew` makes every request the first one after a change.
 */
function measure(title, make, renew) {
  let access = make();
  const times = [];
  let requests = 0;
  let permitted = 0;
  const round = () => {
    const now = Date.now();
    for (let i = 0; i < BATCH; i += 1) {
      if (renew) access = make();
      if (ask(access, PLACES[i % PLACES.length], now)) permitted += 1;
    }
  };
  for (let i = 0; i < 50; i += 1) round(); // warm
  const before = process.cpuUsage();
  // Changes are rare: a tenth of the requests tells as much of them.
  for (let done = 0; done < (renew ? REQUESTS / 10 : REQUESTS); done += BATCH) {
    const started = performance.now();
    round();
    times.push(((performance.now() - started) * 1000) / BATCH);
    requests += BATCH;
  }
  const { user, system } = process.cpuUsage(before);
  if (permitted === 0) throw new Error('nothing was permitted: the benchmark asks the wrong question');
  return { title, cpuUs: (user + system) / requests, p50Us: quantile(times, 0.5) };
}

const rows = [
  measure('one role in the organization', administrator, false),
  measure('21 roles, 50 grants and denials, 20 tenants', manifold, false),
  measure('one role, first request after a change', administrator, true),
  measure('21 roles and 50 grants, first request after a change', manifold, true),
];
if (options.json) {
  process.stdout.write(`${JSON.stringify({ requests: REQUESTS, aimUs: AIM_US, rows })}\n`);
} else {
  const us = (value) => value.toFixed(2).padStart(8);
  process.stdout.write(
    [
      `${REQUESTS} requests, a tenth of them after changes, µs per request; the aim is ${AIM_US} µs`,
      '',
      '| permission check                                     |   CPU µs |   p50 µs |',
      '| ---------------------------------------------------- | -------: | -------: |',
      ...rows.map((r) => `| ${r.title.padEnd(52)} | ${us(r.cpuUs)} | ${us(r.p50Us)} |`),
      '',
    ].join('\n'),
  );
}
if (rows.some(({ cpuUs }) => cpuUs > AIM_US)) process.exitCode = 1;
