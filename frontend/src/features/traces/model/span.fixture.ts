import type { TraceSpan } from './trace-tree.js';

/** A span for specs: times in nanoseconds since whatever, everything else empty. */
export function span(
  spanId: string,
  parentSpanId: string,
  start: number,
  end: number,
  more: Partial<TraceSpan> = {},
): TraceSpan {
  return {
    spanId,
    parentSpanId,
    name: spanId,
    kind: 'internal',
    serviceName: 'shop',
    startNs: start,
    durationNs: end - start,
    statusCode: 'unset',
    events: [],
    ...more,
  };
}
