import type { TfqlSignal } from '@telemetryflow/contracts';

/** Attributes of spans that the store keeps as columns too (ADR 0017). */
const OF_SPANS: ReadonlyMap<string, string> = new Map([['http.route', 'http_route']]);

/** The column that holds the text of an attribute of the signal's records, where there is one. */
export function promotedColumn(key: string, signal: TfqlSignal): string | undefined {
  return signal === 'spans' ? OF_SPANS.get(key) : undefined;
}
