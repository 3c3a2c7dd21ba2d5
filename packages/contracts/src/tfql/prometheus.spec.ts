import { describe, expect, it } from 'vitest';
import { nearNames, prometheusLabel, prometheusNames } from './index.js';

describe('prometheusNames', () => {
  it.each([
    ['http.server.request.duration', 'histogram', 's', 'http_server_request_duration_seconds'],
    ['http.server.request.duration', 'histogram', 's', 'http_server_request_duration_seconds_bucket'],
    ['http.server.request.duration', 'exponential_histogram', 's', 'http_server_request_duration_seconds_count'],
    ['http.server.request.duration', 'histogram', 's', 'http_server_request_duration'],
    ['http.server.request.count', 'counter', '{request}', 'http_server_request_count_total'],
    ['requests.total', 'counter', '1', 'requests_total'],
    ['system.cpu.utilization', 'gauge', '1', 'system_cpu_utilization_ratio'],
    ['system.memory.usage', 'up_down_counter', 'By', 'system_memory_usage_bytes'],
    ['network.io', 'gauge', 'By/s', 'network_io_bytes_per_second'],
    ['process.cpu.seconds', 'counter', 's', 'process_cpu_seconds_total'],
    ['already_seconds', 'gauge', 's', 'already_seconds'],
  ])('knows %s (%s, %s) as %s', (name, type, unit, expected) => {
    expect(prometheusNames({ name, type, unit })).toContain(expected);
  });

  it('gives a gauge no buckets', () => {
    expect(prometheusNames({ name: 'a.b', type: 'gauge', unit: 's' })).toEqual(['a_b', 'a_b_seconds']);
  });

  it('writes labels with underscores', () => {
    expect(prometheusLabel('http.response.status_code')).toBe('http_response_status_code');
    expect(prometheusLabel('2nd.try')).toBe('key_2nd_try');
  });
});

describe('nearNames', () => {
  it('finds what was meant, nearest first', () => {
    expect(nearNames('http.ruote', ['http.route', 'http.method', 'route'])).toEqual(['http.route']);
    expect(nearNames('span', ['spans', 'logs', 'scan'])).toEqual(['spans', 'scan']);
    expect(nearNames('constructor', ['logs'])).toEqual([]);
  });
});
