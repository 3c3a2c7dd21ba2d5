import type { Signal } from '@telemetryflow/otlp';

export const SIGNALS = ['traces', 'metrics', 'logs'] as const satisfies readonly Signal[];

/** What the counted items of a signal are called in messages. */
export const ITEM_NAMES: Record<Signal, string> = { traces: 'spans', metrics: 'data points', logs: 'log records' };
