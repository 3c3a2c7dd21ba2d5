import type { Permission, QuerySignal } from '@telemetryflow/contracts';
import { holds, PermissionDeniedError, type RequestContext } from '../../../../shared/platform/index.js';

const SIGNAL_PERMISSION: Readonly<Record<QuerySignal, Permission>> = {
  spans: 'traces:read',
  traces: 'traces:read',
  logs: 'logs:read',
  metrics: 'metrics:read',
};

/** @throws PermissionDeniedError for the first of the signals that the caller may not read */
export function mustRead(signals: readonly QuerySignal[], context: RequestContext): void {
  for (const signal of signals) {
    const permission = SIGNAL_PERMISSION[signal];
    if (!holds(context, permission)) throw new PermissionDeniedError(permission);
  }
}
