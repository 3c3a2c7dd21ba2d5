/**
 * `npm run bench api [-- --seconds 20 --json]`: what a signed-in request costs, and what fifty logins at once do to those
 * who send telemetry. Requests come at a fixed rate, whether or not the ones before were answered.
 */
import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { quantile, startPlatform } from './platform.mjs';
import { usageOfTree } from './usage.mjs';

const { values: options } = parseArgs({
  options: { seconds: { type: 'string', default: '20' }, json: { type: 'boolean', default: false } },
});
const SECONDS = Number(options.seconds);
const RATE = 500;
const INGEST_RATE = 100;
const LOGINS = 50;
const ADMINISTRATOR = { email: 'admin.telemetryflow@telemetryflow.id', password: 'Admin@123456' };
const ROUTES = ['/api/v2/auth/me', '/api/v2/organizations/me', '/api/v2/api-keys?limit=20'];

const note = (text) => options.json || process.stderr.write(`${text}\n`);
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** Resolves with status, text and the milliseconds from now until the whole answer was there. */
function call(url, { method = 'GET', headers = {}, body } = {}) {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const req = request(url, { agent, method, headers }, (res) => {
      const parts = [];
      res.on('data', (part) => parts.push(part));
      res.on('error', reject);
      res.on('end', () => {
        const text = Buffer.concat(parts).toString();
        resolve({ status: res.statusCode, text, ms: performance.now() - started });
      });
    });
    req.on('error', reject);
    req.end(body);
  });
}

/** Calls `send` `rate` times a second for `seconds`; resolves with all answers. */
async function atRate(rate, seconds, send) {
  const answers = [];
  const started = performance.now();
  for (let sent = 0; sent < rate * seconds;) {
    const due = Math.min(rate * seconds, Math.floor(((performance.now() - started) / 1000) * rate));
    for (; sent < due; sent += 1) answers.push(send());
    await wait(1);
  }
  return Promise.all(answers);
}

const post = (url, body) =>
  call(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

async function logIn(platform) {
  const answer = await post(`${platform.url}/api/v2/auth/login`, ADMINISTRATOR);
  if (answer.status !== 200) throw new Error(`the login was answered with ${answer.status}`);
  return { ms: answer.ms, authorization: `Bearer ${JSON.parse(answer.text).access_token}` };
}

async function measureRoute(platform, path, headers) {
  const send = () => call(`${platform.url}${path}`, { headers });
  await atRate(RATE, 2, send); // warm
  const before = usageOfTree(platform.pid).cpuSeconds;
  const answers = await atRate(RATE, SECONDS, send);
  const cpuMs = ((usageOfTree(platform.pid).cpuSeconds - before) * 1000) / answers.length;
  const refused = answers.filter(({ status }) => status !== 200).length;
  return { path, requests: answers.length, refused, cpuMs, ...latency(answers) };
}

function latency(answers) {
  const all = answers.map(({ ms }) => ms);
  return { p50Ms: quantile(all, 0.5), p95Ms: quantile(all, 0.95), p99Ms: quantile(all, 0.99) };
}

function logRecord() {
  const record = { timeUnixNano: `${Date.now()}000000`, severityNumber: 9, body: { stringValue: 'a log record' } };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'bench' } }] };
  return JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }] });
}

/** Acknowledgements while nobody signs in, and while `LOGINS` do at once, each second. */
async function measureLogins(platform) {
  const headers = { ...platform.keyHeaders, 'content-type': 'application/json' };
  const send = () => call(`${platform.otlpHttpUrl}/v1/logs`, { method: 'POST', headers, body: logRecord() });
  await atRate(INGEST_RATE, 2, send);
  const alone = await atRate(INGEST_RATE, SECONDS, send);
  const logins = [];
  const crowd = setInterval(() => {
    if (logins.length < LOGINS * SECONDS) for (let i = 0; i < LOGINS; i += 1) logins.push(tryLogIn(platform));
  }, 5000);
  const crowded = await atRate(INGEST_RATE, SECONDS, send);
  clearInterval(crowd);
  const done = await Promise.all(logins);
  const refused = [...alone, ...crowded].filter(({ status }) => status !== 200).length;
  return { alone: latency(alone), crowded: latency(crowded), refused, logins: done.length, login: latency(done) };
}

async function tryLogIn(platform) {
  return post(`${platform.url}/api/v2/auth/login`, ADMINISTRATOR);
}

const ms = (value) => value.toFixed(1).padStart(8);
const platform = await startPlatform();
try {
  const { authorization } = await logIn(platform);
  const routes = [];
  for (const path of ROUTES) {
    note(`${path} …`);
    routes.push(await measureRoute(platform, path, { authorization }));
  }
  note('logins …');
  const logins = await measureLogins(platform);
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ rate: RATE, seconds: SECONDS, routes, logins })}\n`);
  } else {
    const lines = routes.map(
      (r) =>
        `| ${r.path.padEnd(28)} | ${ms(r.p50Ms)} | ${ms(r.p95Ms)} | ${ms(r.p99Ms)} | ${r.cpuMs.toFixed(2).padStart(10)} | ${String(r.refused).padStart(7)} |`,
    );
    const row = (name, { p50Ms, p95Ms, p99Ms }) =>
      `| ${name.padEnd(44)} | ${ms(p50Ms)} | ${ms(p95Ms)} | ${ms(p99Ms)} |`;
    process.stdout.write(
      [
        `${RATE} requests a second for ${SECONDS} s, row-level security on`,
        '',
        '| route                        |   p50 ms |   p95 ms |   p99 ms | CPU ms each | refused |',
        '| ---------------------------- | -------: | -------: | -------: | ----------: | ------: |',
        ...lines,
        '',
        `| ${INGEST_RATE} one-record OTLP requests a second`.padEnd(46) + ' |   p50 ms |   p95 ms |   p99 ms |',
        '| -------------------------------------------- | -------: | -------: | -------: |',
        row('acknowledged, nobody signs in', logins.alone),
        row(`acknowledged, ${LOGINS} logins at once every 5 s`, logins.crowded),
        row(`those ${logins.logins} logins`, logins.login),
        '',
      ].join('\n'),
    );
  }
  if (routes.some(({ refused }) => refused > 0) || logins.refused > 0) process.exitCode = 1;
} finally {
  agent.destroy();
  await platform.stop();
}
