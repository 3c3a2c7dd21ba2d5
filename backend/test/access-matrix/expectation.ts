/**
 * What every route of the API expects of its caller: written down by hand, a second time, so that a route that loses its
 * permission, or a new one that nobody thought about, fails the matrix.
 */
import type { Permission } from '@telemetryflow/contracts';
import type { Subject } from './world.js';

export interface Call {
  /** Values of the path's parameters, in order. */
  readonly ids?: readonly string[];
  readonly query?: string;
  readonly body?: unknown;
}

export interface Expectation {
  readonly access: Permission | 'public' | 'signed-in';
  /** The status for those who may. */
  readonly ok: number;
  /** The same, of those who may but do not stand over the platform. */
  readonly okInOrganization?: number;
  /** A call upon something of `subject` that succeeds once. */
  readonly call?: (subject: Subject) => Call | Promise<Call>;
  /** What the call addresses. An object of another organization is not found; a list has nothing of it. */
  readonly addresses: 'object' | 'list' | 'caller' | 'platform';
  /** Shows what callers asked for and were refused: ids that they themselves named are no leak there. */
  readonly repeatsWhatWasAsked?: boolean;
  /** Runs in a session of its own, since it ends it. */
  readonly endsSession?: boolean;
  /** Ends all the others of its caller, too. */
  readonly endsEverySession?: boolean;
}

/** A call upon what `make` makes in the subject. */
export const by =
  (make: (subject: Subject) => Promise<{ id: string }>, body?: (subject: Subject) => unknown) =>
  async (subject: Subject): Promise<Call> => ({
    ids: [(await make(subject)).id],
    ...(body === undefined ? {} : { body: body(subject) }),
  });

/** Something of an organization, by its id or named in the body. */
export const object = (access: Permission, ok: number, call: Expectation['call']): Expectation => ({
  access,
  ok,
  ...(call && { call }),
  addresses: 'object',
});
/** Rows of the caller's place. */
export const list = (access: Expectation['access'], query = ''): Expectation => ({
  access,
  ok: 200,
  call: () => ({ query }),
  addresses: 'list',
});
/** Of the caller alone. */
export const own = (ok: number, body?: unknown, endsSession = false): Expectation => ({
  access: 'signed-in',
  ok,
  call: () => (body === undefined ? {} : { body }),
  addresses: 'caller',
  endsSession,
});
/** For everyone. */
export const open = (ok: number, call: Call = {}): Expectation => ({
  access: 'public',
  ok,
  call: () => call,
  addresses: 'caller',
});

/** Something that no organization owns. */
export const onPlatform = (access: Permission, ok: number, call: Expectation['call']): Expectation => ({
  ...object(access, ok, call),
  addresses: 'platform',
});
