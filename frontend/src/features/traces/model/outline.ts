import { SpanKind, StatusCode, type TraceOutline } from '@telemetryflow/contracts';
import { PIECE, type Pieces } from './pieces.js';
import type { TraceSpan } from './trace-tree.js';

type Mark = TraceSpan['events'][number];
const NO_EVENTS: readonly Mark[] = [];

/** The spans of an outline's columns. */
export function* readOutline(outline: TraceOutline): Pieces<TraceSpan[]> {
  const { names, services, spanIds, parents } = outline;
  const orphans = new Map(outline.orphans);
  const events = new Map<number, Mark[]>();
  for (const [position, atNs, name] of outline.events) {
    const mark = { atNs, name: names[name] ?? '' };
    const known = events.get(position);
    if (known === undefined) events.set(position, [mark]);
    else known.push(mark);
  }
  const spans: TraceSpan[] = [];
  for (let i = 0; i < spanIds.length; i++) {
    const parent = parents[i] ?? -1;
    spans.push({
      spanId: spanIds[i] ?? '',
      parentSpanId: parent >= 0 ? (spanIds[parent] ?? '') : (orphans.get(i) ?? ''),
      name: names[outline.name[i] ?? -1] ?? '',
      serviceName: services[outline.service[i] ?? -1] ?? '',
      kind: SpanKind.options[outline.kind[i] ?? 0] ?? 'unspecified',
      statusCode: StatusCode.options[outline.status[i] ?? 0] ?? 'unset',
      startNs: outline.start[i] ?? 0,
      durationNs: outline.duration[i] ?? 0,
      events: events.get(i) ?? NO_EVENTS,
    });
    if (i % PIECE === 0) yield;
  }
  return spans;
}
