import type { JsonObject } from './json-schemas.js';

const SIGNALS = {
  traces: 'ExportTraceServiceRequest',
  metrics: 'ExportMetricsServiceRequest',
  logs: 'ExportLogsServiceRequest',
} as const;

const REFUSALS = {
  400: 'The body can’t be read',
  401: 'The API key is missing or not valid',
  403: 'The API key lacks the permission or the scope',
  413: 'Larger than the limit after inflating',
  415: 'Neither protobuf nor JSON',
  429: 'Beyond a rate or quota, or too many failed authentications; see Retry-After',
  503: 'The ingest log is full; see Retry-After',
} as const;

/** Where a limit applies to the key or its tenant. */
const RATE_LIMIT_HEADERS: JsonObject = {
  'X-RateLimit-Limit': { description: 'Requests per minute', schema: { type: 'integer' } },
  'X-RateLimit-Remaining': { description: 'Requests that are left', schema: { type: 'integer' } },
  'X-RateLimit-Reset': { description: 'When more are left, in epoch seconds', schema: { type: 'integer' } },
};

/** OTLP/HTTP is served beside the API's controllers; its messages are OpenTelemetry's, not ours to describe. */
export const OTLP_PATHS: JsonObject = Object.fromEntries(
  Object.entries(SIGNALS).map(([signal, message]) => [
    `/v1/${signal}`,
    {
      post: {
        operationId: `Otlp_${signal}`,
        summary: `Take in ${signal} (${message} of OTLP 1.x); gzip is accepted`,
        tags: ['Ingest'],
        security: [{ apiKeyId: [], apiKeySecret: [] }],
        'x-permission': `${signal}:write`,
        requestBody: {
          required: true,
          content: {
            'application/x-protobuf': { schema: { type: 'string', format: 'binary' } },
            'application/json': { schema: { type: 'object' } },
          },
        },
        responses: {
          200: {
            description: 'On disk; partial_success tells of refused items, in the encoding of the request',
            headers: RATE_LIMIT_HEADERS,
          },
          ...Object.fromEntries(
            Object.entries(REFUSALS).map(([status, description]) => [
              status,
              {
                description: `${description} (google.rpc.Status)`,
                ...(status === '429' ? { headers: RATE_LIMIT_HEADERS } : {}),
              },
            ]),
          ),
        },
      },
    },
  ]),
);
