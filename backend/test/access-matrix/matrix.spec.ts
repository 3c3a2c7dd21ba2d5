/**
 * Who may call what: every route × everyone × their own place, a sibling tenant, another organization, and no credential.
 * The routes are those that the running server documents; each needs an expectation.
 */
import { levelOf, ROLE_PERMISSIONS, SCOPE_TYPES, type Permission } from '@telemetryflow/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountRoutes } from './account-routes.js';
import type { Call, Expectation } from './expectation.js';
import { hierarchyRoutes } from './hierarchy-routes.js';
import { peopleRoutes } from './people-routes.js';
import { tenantRoutes } from './tenant-routes.js';
import { FOREIGN_MARK, SIBLING_SERVICE, World, type Caller, type Subject } from './world.js';

const NOBODYS_ID = '00000000-0000-7000-8000-000000000000';
const expectations: Record<string, Expectation> = {
  ...hierarchyRoutes,
  ...peopleRoutes,
  ...accountRoutes,
  ...tenantRoutes,
};
/** Taken by the key that is presented, not by a person: `admission.spec.ts` and `api-key` specs. */
const OTLP = /^POST \/v1\//;

let world: World;
beforeAll(async () => {
  world = await World.build();
}, 120_000);
afterAll(() => world?.dispose());

interface DocumentedRoute {
  readonly security: readonly unknown[];
  readonly 'x-permission'?: string;
}

/** What the server says of itself: each route, and whom it is for. */
async function documentedAccess(): Promise<Record<string, string>> {
  const { body } = await world.platform.request<{ paths: Record<string, Record<string, DocumentedRoute>> }>(
    'GET',
    '/api/docs/openapi.json',
  );
  const routes = Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, route]): [string, string] => [
      `${method.toUpperCase()} ${path}`,
      route['x-permission'] ?? (route.security.length === 0 ? 'public' : 'signed-in'),
    ]),
  );
  return Object.fromEntries(routes.filter(([route]) => !OTLP.test(route)));
}

it('has an expectation for every route, and none for routes that are gone', async () => {
  // Two permissions that the same tiers hold can't be told apart by calls: what is demanded is compared, too.
  const expected = Object.entries(expectations).map(([route, { access }]) => [route, access]);
  expect(Object.fromEntries(expected)).toEqual(await documentedAccess());
});

/** Whether the caller's role holds the permission, wide enough to mean something. */
function holds({ tier, heldIn }: Caller, permission: Permission): boolean {
  const wideEnough = SCOPE_TYPES.indexOf(heldIn) >= SCOPE_TYPES.indexOf(levelOf(permission));
  return wideEnough && ROLE_PERMISSIONS[tier].includes(permission);
}

function mayCall(caller: Caller, { access }: Expectation): boolean {
  return access === 'public' || access === 'signed-in' || holds(caller, access);
}

async function send(route: string, call: Call, headers: Record<string, string>) {
  const [method = '', template = ''] = route.split(' ');
  const ids = [...(call.ids ?? [])];
  const path = template.replace(/\{\w+\}/g, () => ids.shift() ?? NOBODYS_ID) + (call.query ?? '');
  return world.platform.request<unknown>(method, path, {
    headers,
    ...(call.body === undefined ? {} : { body: call.body }),
  });
}

interface Cell {
  readonly caller: string;
  readonly place: string;
  readonly status: number;
}

/** Whether the call names anything that belongs to the other organization; a new role belongs to whoever makes it. */
function pointsElsewhere({ ids = [], body }: Call): boolean {
  const text = JSON.stringify(body ?? '');
  const { organizationId, workspaceId, tenantId } = world.other;
  return ids.length > 0 || [organizationId, workspaceId, tenantId].some((id) => text.includes(id));
}

function okFor({ heldIn }: Caller, { ok, okInOrganization = ok }: Expectation): number {
  return heldIn === 'platform' ? ok : okInOrganization;
}

async function tokenFor(caller: Caller, { endsSession }: Expectation): Promise<string> {
  return endsSession === true ? world.freshToken(caller) : caller.token;
}

async function target(expectation: Expectation, subject: Subject): Promise<Call> {
  return (await expectation.call?.(subject)) ?? {};
}

/** Calls that nobody may make use nothing up: one call serves all who are refused. */
class Targets {
  readonly #shared = new Map<Subject, Call>();
  constructor(private readonly expectation: Expectation) {}

  fresh(subject: Subject): Promise<Call> {
    return target(this.expectation, subject);
  }
  async forRefusal(subject: Subject): Promise<Call> {
    const known = this.#shared.get(subject) ?? (await this.fresh(subject));
    this.#shared.set(subject, known);
    return known;
  }
}

/** What the answer shows of the other organization: must be nothing. Errors repeat the path that was asked for. */
function leaks(body: unknown, { repeatsWhatWasAsked = false }: Expectation): boolean {
  const own = typeof body === 'object' && body !== null ? { ...body, instance: undefined } : body;
  const text = typeof own === 'string' ? own : JSON.stringify(own ?? '');
  const ids = repeatsWhatWasAsked ? [] : [world.other.organizationId, world.other.tenantId];
  return [FOREIGN_MARK, SIBLING_SERVICE, ...ids].some((mark) => text.includes(mark));
}

describe.each(Object.entries(expectations))('%s', (route, expectation) => {
  const isPublic = expectation.access === 'public';

  if (isPublic) {
    it('answers everyone', async () => {
      expect((await send(route, await target(expectation, world.own), {})).status).toBe(expectation.ok);
    });
    return;
  }

  it('is refused without a credential, and with a broken one', async () => {
    expect((await send(route, {}, {})).status).toBe(401);
    expect((await send(route, {}, { authorization: 'Bearer eyJ.x.y' })).status).toBe(401);
  });

  it('is open in the own place to exactly those who hold it', async () => {
    const targets = new Targets(expectation);
    const [expected, actual]: [Cell[], Cell[]] = [[], []];
    for (const caller of world.callers) {
      if (expectation.endsEverySession === true && caller.heldIn !== 'tenant') continue;
      const may = mayCall(caller, expectation);
      const call = await (may ? targets.fresh(caller.home) : targets.forRefusal(caller.home));
      const authorization = `Bearer ${await tokenFor(caller, expectation)}`;
      const { status, body } = await send(route, call, { authorization });
      expected.push({ caller: caller.name, place: 'own', status: may ? okFor(caller, expectation) : 403 });
      actual.push({ caller: caller.name, place: 'own', status });
      if (caller.heldIn !== 'platform')
        expect(leaks(body, expectation), `${caller.name} sees the other organization`).toBe(false);
      if (expectation.endsEverySession === true) await world.signInAgain(caller);
    }
    expect(actual).toEqual(expected);
  });

  it('is refused in a sibling tenant and in another organization to whom no role reaches there', async () => {
    const [expected, actual]: [Cell[], Cell[]] = [[], []];
    for (const caller of world.callers) {
      for (const place of ['sibling', 'other'] as const) {
        const reaches =
          caller.heldIn === 'platform' ||
          (place === 'sibling' && caller.home === world.own && caller.heldIn === 'organization');
        if (reaches) continue;
        const headers = { authorization: `Bearer ${caller.token}`, 'x-tenant-id': world[place].tenantId };
        const { status } = await send(route, {}, headers);
        expected.push({ caller: caller.name, place, status: 404 });
        actual.push({ caller: caller.name, place, status });
      }
    }
    expect(actual).toEqual(expected);
  });

  if (expectation.addresses !== 'object') return;
  it('finds nothing of another organization, whoever asks from their own', async () => {
    const call = await target(expectation, world.other);
    const [expected, actual]: [Cell[], Cell[]] = [[], []];
    for (const caller of world.callers.filter(({ heldIn }) => heldIn !== 'platform')) {
      const { status, body } = await send(route, call, { authorization: `Bearer ${caller.token}` });
      const may = mayCall(caller, expectation);
      expected.push({
        caller: caller.name,
        place: 'other',
        status: may ? (pointsElsewhere(call) ? 404 : expectation.ok) : 403,
      });
      actual.push({ caller: caller.name, place: 'other', status });
      expect(leaks(body, expectation), `${caller.name} sees the other organization`).toBe(false);
    }
    expect(actual).toEqual(expected);
  });
});

describe('a search for the other organization', () => {
  const lists = [
    'users',
    'roles',
    'groups',
    'organizations',
    'workspaces',
    'tenants',
    'api-keys',
    'audit',
    'assignments',
  ];
  it.each(lists)('finds and counts nothing in %s', async (name) => {
    const found: unknown[] = [];
    for (const caller of world.callers.filter(({ heldIn }) => heldIn !== 'platform')) {
      const { status, body } = await send(
        `GET /api/v2/${name}`,
        { query: `?search=${FOREIGN_MARK}` },
        {
          authorization: `Bearer ${caller.token}`,
        },
      );
      if (status === 403) continue;
      const { data, meta } = body as { data: unknown[]; meta: { total: number } };
      if (status !== 200 || data.length > 0 || meta.total > 0) found.push({ caller: caller.name, status, data, meta });
    }
    expect(found).toEqual([]);
  });
});
