import { by, list, object, onPlatform, open, own, type Expectation } from './expectation.js';
import { unique, type Subject } from './world.js';

const key = (subject: Subject) => subject.key();
const savedView = (subject: Subject) => subject.savedView();
/** Nothing was sent under this id. */
const NO_TRACE = '0af7651916cd43dd8448eb211c80319c';
const NO_SPAN = 'b7ad6b7169203331';
const hour = () => `from=${encodeURIComponent(new Date(Date.now() - 3_600_000).toISOString())}`;
/** All log records of the last hour. */
const everything = () => ({ range: { from: 'now-1h' }, queries: [{ signal: 'logs', limit: 1000 }] });

/** What lies in a tenant: keys, telemetry. And what the platform alone has: queues. */
export const tenantRoutes: Record<string, Expectation> = {
  'GET /api/v2/api-keys': list('api-keys:read', '?limit=100'),
  'POST /api/v2/api-keys': object('api-keys:create', 201, (s) => ({
    body: { name: unique('key'), permissions: ['logs:read'], scope: { type: 'tenant', tenantId: s.tenantId } },
  })),
  'GET /api/v2/api-keys/validate': open(401),
  'GET /api/v2/api-keys/{id}': object('api-keys:read', 200, by(key)),
  'PATCH /api/v2/api-keys/{id}': object(
    'api-keys:update',
    200,
    by(key, () => ({ description: 'changed' })),
  ),
  'DELETE /api/v2/api-keys/{id}': object('api-keys:delete', 204, by(key)),
  'POST /api/v2/api-keys/{id}/rotate': object(
    'api-keys:update',
    201,
    by(key, () => ({ gracePeriodMinutes: 0 })),
  ),
  'POST /api/v2/api-keys/{id}/revoke': object(
    'api-keys:delete',
    204,
    by(key, () => ({})),
  ),
  'POST /api/v2/api-keys/{id}/suspend': object('api-keys:update', 200, by(key)),
  'POST /api/v2/api-keys/{id}/reactivate': object('api-keys:update', 200, async (s) => {
    const { id } = await s.key();
    await s.do('POST', `/api/v2/api-keys/${id}/suspend`);
    return { ids: [id] };
  }),
  'GET /api/v2/api-keys/{id}/usage': object('api-keys:read', 200, by(key)),

  'GET /api/v2/saved-views': list('queries:read', '?limit=100'),
  'POST /api/v2/saved-views': {
    ...list('queries:create'),
    ok: 201,
    call: () => ({ body: { name: unique('view'), page: 'traces', state: 'query=status:error' } }),
  },
  'GET /api/v2/saved-views/{id}': object('queries:read', 200, by(savedView)),
  'PATCH /api/v2/saved-views/{id}': object(
    'queries:update',
    200,
    by(savedView, () => ({ description: 'changed' })),
  ),
  'DELETE /api/v2/saved-views/{id}': object('queries:delete', 204, by(savedView)),

  'GET /api/v2/telemetry/status': { ...own(200), addresses: 'list' },
  'GET /api/v2/telemetry/fields': { ...list('signed-in', '?signal=logs') },
  'GET /api/v2/telemetry/fields/values': { ...list('signed-in', '?signal=logs&field=service.name') },
  'POST /api/v2/telemetry/query': {
    access: 'signed-in',
    ok: 200,
    addresses: 'list',
    call: () => ({ body: everything() }),
  },
  'POST /api/v2/telemetry/query/explain': {
    access: 'signed-in',
    ok: 200,
    addresses: 'list',
    call: () => ({ body: everything() }),
  },
  'GET /api/v2/telemetry/overview': list('traces:read', `?${hour()}`),
  'GET /api/v2/telemetry/services': list('traces:read', `?${hour()}`),
  'GET /api/v2/telemetry/service-map': list('traces:read', `?${hour()}`),
  'GET /api/v2/telemetry/services/{service}/errors': {
    ...list('traces:read', `?${hour()}`),
    call: () => ({ ids: ['checkout'] }),
  },
  'GET /api/v2/telemetry/services/{service}/versions': {
    ...list('traces:read', `?${hour()}`),
    call: () => ({ ids: ['checkout'] }),
  },
  'GET /api/v2/telemetry/services/{service}/infrastructure': {
    ...list('metrics:read', `?${hour()}`),
    call: () => ({ ids: ['checkout'] }),
  },
  'GET /api/v2/telemetry/spans': list('traces:read', `?${hour()}`),
  'POST /api/v2/telemetry/traces/compare': {
    ...list('traces:read'),
    call: () => ({ body: { selection: { filter: 'status:error' } } }),
  },
  'GET /api/v2/telemetry/traces': list('traces:read', `?${hour()}`),
  'GET /api/v2/telemetry/traces/{traceId}': { ...object('traces:read', 404, () => ({ ids: [NO_TRACE] })) },
  'GET /api/v2/telemetry/traces/{traceId}/outline': { ...object('traces:read', 404, () => ({ ids: [NO_TRACE] })) },
  'GET /api/v2/telemetry/traces/{traceId}/peers': { ...list('traces:read'), call: () => ({ ids: [NO_TRACE] }) },
  'GET /api/v2/telemetry/traces/{traceId}/spans/{spanId}': {
    ...object('traces:read', 404, () => ({ ids: [NO_TRACE, NO_SPAN] })),
  },
  'GET /api/v2/telemetry/traces/{traceId}/matches': { ...object('traces:read', 404, () => ({ ids: [NO_TRACE] })) },
  'GET /api/v2/telemetry/traces/{traceId}/logs': { ...list('logs:read'), call: () => ({ ids: [NO_TRACE] }) },
  'GET /api/v2/telemetry/logs': list('logs:read', `?${hour()}`),
  'GET /api/v2/telemetry/logs/histogram': list('logs:read', `?${hour()}`),
  'GET /api/v2/telemetry/logs/patterns': list('logs:read', `?${hour()}`),
  'GET /api/v2/telemetry/logs/export': list('logs:export', `?${hour()}&format=json`),
  'GET /api/v2/telemetry/logs/{recordId}/context': {
    ...object('logs:read', 404, () => ({ ids: ['1'], query: '?time=1773143900000000001' })),
  },
  'GET /api/v2/telemetry/metrics/names': list('metrics:read', `?${hour()}`),
  'GET /api/v2/telemetry/metrics/timeseries': list('metrics:read', `?${hour()}&metricName=requests`),
  'GET /api/v2/telemetry/metrics/exemplars': list('metrics:read', `?${hour()}&metricName=requests`),

  'GET /api/v2/audit': { ...list('audit-logs:read', '?limit=100'), repeatsWhatWasAsked: true },
  'GET /api/v2/audit/statistics': { ...list('audit-logs:read'), repeatsWhatWasAsked: true },
  'GET /api/v2/audit/verify': list('audit-logs:read'),
  'GET /api/v2/audit/export': { ...list('audit-logs:export', '?format=json'), repeatsWhatWasAsked: true },
  'GET /api/v2/audit/retention': list('audit-logs:read'),
  'PUT /api/v2/audit/retention': { ...list('audit-logs:manage'), call: () => ({ body: { retentionDays: 365 } }) },
  'GET /api/v2/audit/{id}': object('audit-logs:read', 200, async (s) => ({ ids: [await s.auditEntry()] })),

  'GET /api/v2/admin/queues': onPlatform('queues:read', 200, () => ({})),
  'GET /api/v2/admin/queues/{name}/stats': onPlatform('queues:read', 200, () => ({ ids: ['otlp-ingestion'] })),
  'GET /api/v2/admin/queues/{name}/jobs': onPlatform('queues:read', 200, () => ({ ids: ['otlp-ingestion'] })),
  'GET /api/v2/admin/queues/{name}/failed': onPlatform('queues:read', 200, () => ({ ids: ['otlp-ingestion'] })),
  'POST /api/v2/admin/queues/{name}/pause': onPlatform('queues:update', 200, () => ({ ids: ['alert-evaluation'] })),
  'POST /api/v2/admin/queues/{name}/resume': onPlatform('queues:update', 200, () => ({ ids: ['alert-evaluation'] })),
  'POST /api/v2/admin/queues/{name}/clean': onPlatform('queues:update', 200, () => ({ ids: ['alert-evaluation'] })),
  'POST /api/v2/admin/queues/{name}/retry/{jobId}': onPlatform('queues:update', 404, () => ({
    ids: ['otlp-ingestion', '0'],
  })),
  'DELETE /api/v2/admin/queues/{name}/jobs/{jobId}': onPlatform('queues:update', 404, () => ({
    ids: ['otlp-ingestion', '0'],
  })),

  'GET /api/v2/config': open(200),
  'GET /api/docs': open(200),
  'GET /api/docs/openapi.json': open(200),
  'GET /api/docs/{asset}': open(404, { ids: ['nothing'] }),
  'GET /health': open(200),
  'GET /health/live': open(200),
  'GET /health/ready': open(200),
  'GET /health/startup': open(200),
  'GET /metrics': open(200),
};
