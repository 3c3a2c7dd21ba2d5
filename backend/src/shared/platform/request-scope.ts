import { AsyncLocalStorage } from 'node:async_hooks';

/** What log lines and problem answers say of the request they belong to. */
export interface RequestScope {
  readonly requestId: string;
  traceId?: string;
  spanId?: string;
  tenantId?: string;
  userId?: string;
  /** The network that the request came from (`networkOf`). */
  readonly client?: string;
}

const storage = new AsyncLocalStorage<RequestScope>();

/** The scope of the request or job that is running, if any. */
export function currentScope(): RequestScope | undefined {
  return storage.getStore();
}

/** Runs `work` (and all it awaits) under `scope`. */
export function runInScope<T>(scope: RequestScope, work: () => T): T {
  return storage.run(scope, work);
}

declare module 'fastify' {
  interface FastifyRequest {
    scope: RequestScope;
  }
}
