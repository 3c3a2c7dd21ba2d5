/** The socket `/telemetry` of the running server, over the real client. */
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { SOCKET_EVENTS, type MeResponse, type MetricsNew, type ScopeTree } from '@telemetryflow/contracts';
import { decodeJwt, SignJWT } from 'jose';
import { io } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openSocket, refusalOf, subscribe, Tail, type Socket } from './support/live-tail.js';
import { sendLogs } from './support/log-sender.js';
import { eventually, TestPlatform, type Key, type Role } from './support/platform.js';

interface AuditPage {
  readonly data: readonly { readonly details: Record<string, string> }[];
}

let platform: TestPlatform;
let key: Key;
const sockets: Socket[] = [];
let services = 0;

beforeAll(async () => {
  platform = await TestPlatform.start({ INGEST_SEGMENT_AGE_MS: '20', OTEL_SELF: 'false' });
  key = await platform.developmentKey();
});
afterAll(() => platform?.dispose());
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.disconnect();
});

const send = (service: string, ids: readonly string[]) => sendLogs(platform, key, service, ids);
const newService = () => `realtime-${(services += 1)}`;

async function open(auth: Record<string, unknown> = {}, role: Role = 'administrator'): Promise<Socket> {
  const socket = await openSocket(platform.url, { token: await platform.token(role), ...auth });
  sockets.push(socket);
  return socket;
}

const refusal = (auth: Record<string, unknown>, options = {}) => refusalOf(platform.url, auth, options);
const ended = (socket: Socket) => new Promise<string>((resolve) => socket.once('disconnect', resolve));
const until = (what: string, isSo: () => boolean) => eventually(what, async () => (isSo() ? true : undefined));

/** Waits until the trail says of somebody that they were refused. */
async function recorded(actor: Role, details: Record<string, string>): Promise<void> {
  await eventually(`the refusal of ${actor}`, async () => {
    const { body } = await platform.api<AuditPage>(
      'GET',
      `/api/v2/audit?action=security.access_denied&actor=${actor}`,
      { as: 'super' },
    );
    const isIt = (entry: Record<string, string>) =>
      Object.entries(details).every(([key, value]) => entry[key] === value);
    return body.data.some((entry) => isIt(entry.details)) ? true : undefined;
  });
}

/** The administrator's token with another end, signed as the server signs. */
async function tokenThatEnds(inSeconds: number): Promise<string> {
  const { sub, iat: _iat, exp: _exp, ...claims } = decodeJwt(await platform.token());
  const secret = (await readFile(join(platform.dataDir, 'secrets', 'jwt-secret'), 'utf8')).trim();
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
    .setSubject(String(sub))
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + inSeconds)
    .sign(new TextEncoder().encode(secret));
}

describe('the handshake', () => {
  it('demands a valid access token', async () => {
    expect(await refusal({})).toBe('UNAUTHENTICATED');
    expect(await refusal({ token: 'nonsense' })).toBe('TOKEN_INVALID');
    expect(await refusal({ token: await tokenThatEnds(-1) })).toBe('TOKEN_EXPIRED');
    expect(await refusal({ token: await platform.token() })).toBe('accepted');
  });

  it('refuses a tenant that is not in reach', async () => {
    const token = await platform.token('viewer');
    expect(await refusal({ token, tenantId: '01890000-0000-7000-8000-000000000000' })).toBe('NOT_FOUND');
    expect(await refusal({ token, tenantId: 'nonsense' })).toBe('VALIDATION_FAILED');
    await recorded('viewer', { route: '/telemetry', reason: 'place' });
  });

  it('lets nobody stay in another namespace', async () => {
    const socket = io(platform.url, { transports: ['websocket'], forceNew: true, reconnection: false });
    sockets.push(socket);
    const refused = await new Promise<Error>((resolve) => socket.once('connect_error', resolve));
    expect(refused.message).toBe('The namespace is /telemetry');
  });

  it('refuses pages of other origins', async () => {
    const token = await platform.token();
    const from = (origin: string) => refusal({ token }, { extraHeaders: { origin } });
    expect(await from('https://evil.example')).toBe('');
    expect(await from(platform.url)).toBe('accepted');
  });

  it('lets a person have so many sockets, and a new one for one that went', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => open({}, 'developer')));
    const token = await platform.token('developer');
    expect(await refusal({ token })).toBe('RATE_LIMIT_EXCEEDED');
    all[0]?.disconnect();
    await eventually('room for another', async () => ((await refusal({ token })) === 'accepted' ? true : undefined));
  });

  it('leaves other offers of an upgrade unanswered, as HTTP says', async () => {
    const socket = connect(Number(new URL(platform.url).port), '127.0.0.1');
    socket.write(
      'GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n',
    );
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    expect(answer.split('\r\n', 1)[0]).toBe('HTTP/1.1 200 OK');
  });
});

describe('the end of a socket', () => {
  it('comes with its token', async () => {
    const socket = await open({ token: await tokenThatEnds(2) });
    expect(await ended(socket)).toBe('io server disconnect');
  });

  it('comes with its session', async () => {
    const { email, password } = { email: 'viewer.telemetryflow@telemetryflow.id', password: 'Viewer@123456' };
    const { body } = await platform.request<{ access_token: string }>('POST', '/api/v2/auth/login', {
      body: { email, password },
    });
    const [gone, kept] = [await open({ token: body.access_token }), await open({}, 'viewer')];
    const end = ended(gone);
    await platform.request('POST', '/api/v2/auth/logout', {
      headers: { authorization: `Bearer ${body.access_token}` },
    });
    expect(await end).toBe('io server disconnect');
    expect(kept.connected).toBe(true);
  });

  it('comes with a change of what the person may do', async () => {
    const socket = await open({}, 'demo');
    const { body } = await platform.api<MeResponse>('GET', '/api/v2/auth/me', { as: 'demo' });
    const end = ended(socket);
    const denied = await platform.api('POST', `/api/v2/users/${body.id}/permissions`, {
      as: 'super',
      body: { permission: 'logs:read', effect: 'deny' },
    });
    expect(denied.status).toBe(201);
    expect(await end).toBe('io server disconnect');
    expect(await subscribe(await open({}, 'demo'), {})).toMatchObject({ ok: false, code: 'PERMISSION_DENIED' });
    await recorded('demo', {
      route: '/telemetry',
      reason: 'permission',
      detail: 'This needs the permission logs:read',
    });
  });
});

describe('the live tail', () => {
  it('sends what comes in and matches, and nothing else', async () => {
    const [service, other] = [newService(), newService()];
    const tail = await Tail.follow(await open(), { filter: `service.name:${service} NOT body:skip` });
    await send(other, ['other']);
    await send(service, ['a', 'skip me', 'b']);
    await until('both records', () => tail.bodies.length >= 2);
    await send(service, ['c']);
    await until('the third', () => tail.bodies.length >= 3);
    expect(tail.bodies.toSorted()).toEqual(['a', 'b', 'c']);
    expect([tail.count, tail.dropped]).toEqual([3, 0]);
    expect(tail.batches[0]?.logs[0]).toMatchObject({
      serviceName: service,
      severityNumber: 9,
      resourceAttributes: { 'service.name': service },
    });
  });

  it('is of the tenant alone', async () => {
    const { body } = await platform.api<ScopeTree>('GET', '/api/v2/scopes', { as: 'super' });
    const { body: me } = await platform.api<MeResponse>('GET', '/api/v2/auth/me');
    const tenants = body.organizations.flatMap(({ workspaces }) => workspaces.flatMap(({ tenants: all }) => all));
    const foreign = tenants.find(({ id }) => id !== me.tenantId);
    const service = newService();
    const theirs = await Tail.follow(await open({ tenantId: foreign?.id }, 'super'), {});
    const mine = await Tail.follow(await open(), { filter: `service.name:${service}` });
    await send(service, ['first']);
    await until('the first', () => mine.bodies.length === 1);
    await send(service, ['second']);
    await until('the second', () => mine.bodies.length === 2);
    expect(theirs.batches).toEqual([]);
  });

  it('counts every record of a flood, and sends the newest of it', async () => {
    const service = newService();
    const tail = await Tail.follow(await open(), { filter: `service.name:${service}` });
    for (let request = 0; request < 3; request += 1) {
      await send(
        service,
        Array.from({ length: 400 }, (_, index) => `${request}-${index}`),
      );
    }
    await until('all are counted', () => tail.count >= 1200);
    expect(tail.count).toBe(1200);
    expect(tail.dropped).toBeGreaterThan(0);
    expect(tail.bodies.length + tail.dropped).toBe(1200);
    expect(new Set(tail.bodies).size).toBe(tail.bodies.length);
    expect(Math.max(...tail.batches.map(({ logs }) => logs.length))).toBeLessThanOrEqual(200);
  });

  it('leaves out, for a client that shows nothing, all but a few batches, and tells it later how many', async () => {
    const service = newService();
    const filter = `service.name:${service}`;
    const slow = await Tail.follow(await open(), { filter }, false);
    const quick = await Tail.follow(await open(), { filter });
    for (let n = 1; n <= 6; n += 1) {
      await send(service, [`batch ${n}`]);
      await until(`batch ${n}`, () => quick.bodies.length === n);
    }
    expect(slow.bodies).toEqual(['batch 1', 'batch 2', 'batch 3']);
    slow.shown();
    await until('the count of the rest', () => slow.batches.length === 4);
    expect(slow.batches[3]).toMatchObject({ logs: [], count: 3, dropped: 3 });
    slow.shown();
    await send(service, ['after']);
    await until('the next record', () => slow.bodies.includes('after'));
    expect([slow.count, slow.dropped]).toEqual([7, 3]);
  });

  it('goes on after a reconnect where it was', async () => {
    const service = newService();
    const filter = `service.name:${service}`;
    const first = await Tail.follow(await open(), { filter });
    await send(service, ['before']);
    await until('the first record', () => first.bodies.length === 1);
    const witness = await Tail.follow(await open(), { filter });
    first.socket.disconnect();
    await send(service, ['between one', 'between two']);
    await until('they came in', () => witness.bodies.length === 2);

    const second = await Tail.follow(await open(), { filter, resume: first.resume });
    await until('what came in between', () => second.bodies.length >= 2);
    await send(service, ['after']);
    await until('what comes now', () => second.bodies.includes('after'));
    // It may begin a little before where it was.
    expect(second.bodies.filter((body) => body !== 'before').toSorted()).toEqual([
      'after',
      'between one',
      'between two',
    ]);
    expect(second.dropped).toBe(0);
  });

  it('changes its filter, and ends when it is told to', async () => {
    const [one, two] = [newService(), newService()];
    const socket = await open();
    const tail = await Tail.follow(socket, { filter: `service.name:${one}` });
    const witness = await Tail.follow(await open(), { filter: `service.name:(${one} OR ${two})` });
    await subscribe(socket, { filter: `service.name:${two}` });
    await send(one, ['former']);
    await until('the former', () => witness.bodies.length === 1);
    await send(two, ['latter']);
    await until('the latter', () => tail.bodies.length === 1);
    expect(tail.bodies).toEqual(['latter']);
    socket.emit(SOCKET_EVENTS.unsubscribeLogs);
    await send(two, ['too late']);
    await until('it came in', () => witness.bodies.length === 3);
    expect(tail.bodies).toEqual(['latter']);
  });

  it.each([
    ['half a condition', 'service.name:', 'QUERY_SYNTAX'],
    ['a broken regular expression', 'body~"("', 'QUERY_SYNTAX'],
    ['an unknown field', 'nonsense:1', 'accepted'],
    ['a text that is too long', 'x'.repeat(4097), 'VALIDATION_FAILED'],
    ['no text', { evil: true }, 'VALIDATION_FAILED'],
  ])('as its filter, %s', async (_what, filter, code) => {
    await send(newService(), ['something to compare with']);
    const socket = await open();
    const ask = async () => {
      const answer = await subscribe(socket, { filter });
      return answer.ok ? 'accepted' : answer.code;
    };
    // The store compiles a regular expression when it has something to compare with.
    await expect.poll(ask, { interval: 300 }).toBe(code);
  });

  it('is not changed without end', async () => {
    const socket = await open();
    const answers = await Promise.all(Array.from({ length: 30 }, () => subscribe(socket, { filter: '' })));
    expect(answers.filter((answer) => !answer.ok && answer.code === 'RATE_LIMIT_EXCEEDED').length).toBeGreaterThan(10);
  });
});

describe('the news', () => {
  it('tell that data points and spans came in, and of which services', async () => {
    const service = newService();
    const socket = await open();
    const heard = (event: string) => new Promise<MetricsNew>((resolve) => socket.once(event, resolve));
    const all = Promise.all([heard(SOCKET_EVENTS.metricsNew), heard(SOCKET_EVENTS.tracesNew)]);
    const timeUnixNano = `${BigInt(Date.now()) * 1_000_000n}`;
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] };
    const dataPoints = [
      { timeUnixNano, asInt: '1' },
      { timeUnixNano, asInt: '2' },
    ];
    await post('metrics', {
      resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints } }] }] }],
    });
    const span = {
      traceId: '01'.repeat(16),
      spanId: '02'.repeat(8),
      name: 's',
      startTimeUnixNano: timeUnixNano,
      endTimeUnixNano: timeUnixNano,
    };
    await post('traces', { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] });
    const [metrics, traces] = await all;
    expect(metrics).toMatchObject({ count: 2, services: [service] });
    expect(traces).toMatchObject({ count: 1, services: [service] });
    expect(Math.abs(Date.parse(metrics.timestamp) - Date.now())).toBeLessThan(60_000);
  });
});

async function post(signal: string, body: unknown): Promise<void> {
  const response = await fetch(`${platform.otlpHttpUrl}/v1/${signal}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', 'x-api-key-id': key.keyId, 'x-api-key-secret': key.keySecret },
  });
  expect(response.status).toBe(200);
}
