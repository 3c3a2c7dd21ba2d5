import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Transcoder, type Signal } from './index.js';
import { options } from './testing/requests.js';
import { rowsByTable } from './testing/rowbinary-reader.js';

/** The example requests of the OTLP repository, read where the workspace keeps them. */
const corpus = new URL('../../../../shared/corpus/otlp/', import.meta.url);
const files = existsSync(corpus) ? readdirSync(corpus).filter((name) => name.endsWith('.json')) : [];

function load(name: string): {
  signal: Signal;
  tables: ReturnType<typeof rowsByTable>;
  accepted: number;
  rejected: number;
} {
  const body = readFileSync(new URL(name, corpus));
  const document = JSON.parse(body.toString()) as object;
  const signal = 'resourceSpans' in document ? 'traces' : 'resourceLogs' in document ? 'logs' : 'metrics';
  const { blocks, accepted, rejected } = new Transcoder().transcode(signal, 'json', body, options());
  return { signal, tables: rowsByTable(blocks), accepted, rejected };
}

describe.skipIf(files.length === 0)('the corpus', () => {
  it.each(files)('%s is taken whole, with its resource and scope', (name) => {
    const { tables, accepted, rejected } = load(name);
    expect({ accepted: accepted > 0, rejected }).toEqual({ accepted: true, rejected: 0 });
    expect(tables.resources_v3).toMatchObject([
      { service_name: 'my.service', attributes: [['service.name', 'my.service']] },
    ]);
    expect(tables.scopes_v3).toMatchObject([
      { name: 'my.library', version: '1.0.0', attributes: [['my.scope.attribute', 'some scope attribute']] },
    ]);
  });

  it('trace.json: ids in upper case, times and kind', () => {
    expect(load('trace.json').tables.spans_v3).toMatchObject([
      {
        trace_id: '5b8efff798038103d269b633813fc60c',
        span_id: 'eee19b7ec3c1b174',
        parent_span_id: 'eee19b7ec3c1b173',
        name: "I'm a server span",
        kind: 2,
        timestamp: 1544712660000000000n,
        duration_ns: 1000000000n,
        attributes: [['my.span.attr', 'some value']],
      },
    ]);
  });

  it('logs.json: every attribute type', () => {
    expect(load('logs.json').tables.logs_v3).toMatchObject([
      {
        timestamp: 1544712660300000000n,
        severity_number: 10,
        severity_text: 'Information',
        trace_id: '5b8efff798038103d269b633813fc60c',
        body: 'Example log record',
        body_type: 's',
        attributes: [
          ['string.attribute', 'some string'],
          ['boolean.attribute', 'true'],
          ['int.attribute', '10'],
          ['double.attribute', '637.704'],
          ['array.attribute', '["many","values"]'],
          ['map.attribute', '{"some.map.key":"some value"}'],
        ],
        attribute_types: 'sbidjj',
      },
    ]);
  });

  it('events.json: event name and a structured body', () => {
    const [row] = load('events.json').tables.logs_v3;
    expect(row).toMatchObject({ event_name: 'browser.page_view', body_type: 'j' });
    expect(JSON.parse(row!['body'] as string)).toMatchObject({ type: 0, title: 'Free Online GUID Generator' });
  });

  it('metrics.json: one point of each kind', () => {
    const { tables } = load('metrics.json');
    expect(tables.series_v3.map((row) => [row['metric_name'], row['metric_type'], row['temporality']])).toEqual([
      ['my.counter', 'counter', 'delta'],
      ['my.gauge', 'gauge', 'unspecified'],
      ['my.histogram', 'histogram', 'delta'],
      ['my.exponential.histogram', 'exponential_histogram', 'delta'],
    ]);
    expect(tables.series_v3[0]).toMatchObject({
      unit: '1',
      description: 'I am a Counter',
      attributes: [['my.counter.attr', 'some value']],
      attribute_types: 's',
    });
    expect(tables.metrics_v3.map((row) => row['value'])).toEqual([5, 10]);
    expect(tables.histograms_v3).toMatchObject([
      { count: 2n, sum: 2, min: 0, max: 2, explicit_bounds: [1], bucket_counts: [1n, 1n] },
      {
        count: 3n,
        sum: 10,
        zero_count: 1n,
        positive_offset: 1,
        positive_bucket_counts: [0n, 2n],
        negative_bucket_counts: [],
      },
    ]);
  });
});
