import { z } from 'zod';

const port = (fallback: number) => z.coerce.number().int().min(0).max(65535).default(fallback);
/** A number of things, 0 included. */
const count = (fallback: number) => z.coerce.number().int().min(0).default(fallback);
const flag = z
  .enum(['true', 'false', '1', '0', ''])
  .default('false')
  .transform((v) => v === 'true' || v === '1');

/**
 * Every environment variable the server reads. The description is the reference table's text. This file and
 * `load-config.ts` are the only places that know `process.env`.
 */
export const ConfigSchema = z.object({
  NODE_ENV: z
    .enum(['development', 'production', 'test'])
    .default('development')
    .describe('Development creates the seed users and prints readable logs; production demands its secrets.'),
  PORT: port(3100).describe('UI, API, health, metrics and OTLP/HTTP. 0 picks a free port.'),
  OTLP_HTTP_PORT: port(4318).describe('OTLP over HTTP. 0 picks a free port.'),
  OTLP_GRPC_PORT: port(4317).describe('OTLP over gRPC. 0 picks a free port.'),
  HOST: z
    .string()
    .default('')
    .describe('Address to listen on. Default: 127.0.0.1 in development and test, 0.0.0.0 in production.'),
  DATA_DIR: z
    .string()
    .default('./data')
    .describe('Where the ingest log, the embedded engines and generated secrets live.'),
  LOG_LEVEL: z
    .enum(['error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Least severe level that is logged.'),
  ROLES: z.string().default('api,ingest,worker').describe('Comma-separated roles of this node: api, ingest, worker.'),
  DATABASE_URL: z.string().default('').describe('PostgreSQL 15+ as its owner role. Unset: embedded PostgreSQL.'),
  DATABASE_APP_URL: z
    .string()
    .default('')
    .describe(
      'The same database as the application role, which owns nothing. Default: derived when embedded; required with DATABASE_URL in production.',
    ),
  DATABASE_PREPARE: z
    .enum(['true', 'false', '1', '0'])
    .default('true')
    .transform((v) => v === 'true' || v === '1')
    .describe(
      'Prepare statements once per connection. Set false behind a pooler that shares connections between transactions and does not keep prepared statements.',
    ),
  CLICKHOUSE_URL: z.string().default('').describe('ClickHouse over HTTP. Unset: the embedded engine.'),
  CLICKHOUSE_DATABASE: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
    .default('telemetry')
    .describe('Database of the telemetry tables.'),
  CLICKHOUSE_USER: z.string().default('default').describe('ClickHouse user; CLICKHOUSE_USERNAME is read too.'),
  CLICKHOUSE_PASSWORD: z.string().default('').describe('ClickHouse password.'),
  CLICKHOUSE_CLUSTER: z.string().default('').describe('Cluster name for ON CLUSTER and Replicated tables.'),
  CLICKHOUSE_MEMORY_MB: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('Memory cap of the embedded ClickHouse in MiB. 0: a third of the machine.'),
  REDIS_URL: z.string().default('').describe('Redis for jobs, the second cache level and realtime across nodes.'),
  NATS_URL: z.string().default('').describe('NATS JetStream for events between nodes.'),
  JWT_SECRET: z
    .string()
    .default('')
    .describe(
      'At least 32 characters. Generated and kept in DATA_DIR in development when unset; required in production.',
    ),
  JWT_EXPIRATION_SECONDS: z.coerce.number().int().min(60).max(86_400).default(900).describe('Life of an access token.'),
  REFRESH_TOKEN_EXPIRATION_SECONDS: z.coerce
    .number()
    .int()
    .min(3600)
    .max(31_536_000)
    .default(604_800)
    .describe('Life of a refresh token: how long a session lives unused. Remembered sessions live 30 days.'),
  SESSION_MAX_LIFETIME_SECONDS: z.coerce
    .number()
    .int()
    .min(3600)
    .default(7_776_000)
    .describe('Age at which a session ends, however often it was used. Default: 90 days.'),
  ENCRYPTION_KEY: z
    .string()
    .default('')
    .describe(
      'Seals secrets that the platform has to read again. At least 32 characters. Generated and kept in DATA_DIR in development when unset; required in production. All nodes need the same.',
    ),
  MFA_ENCRYPTION_KEY: z
    .string()
    .default('')
    .describe('Seals the secrets of authenticator apps. At least 32 characters. Default: ENCRYPTION_KEY.'),
  MFA_REQUIRED: z
    .enum(['none', 'administrators', 'everyone'])
    .default('none')
    .describe('Who must have a second factor: until it is set up, nothing else is open to them.'),
  MFA_ISSUER: z
    .string()
    .regex(/^[^:]{1,64}$/, { error: 'must be 1 to 64 characters without a colon' })
    .default('TelemetryFlow')
    .describe('The name under which authenticator apps list accounts of this platform.'),
  REGISTRATION_MODE: z
    .enum(['open', 'invite', 'closed'])
    .default('open')
    .describe('Who may register: anyone, whoever holds an invitation, or nobody.'),
  REGISTRATIONS_PER_HOUR: z.coerce
    .number()
    .int()
    .min(1)
    .default(20)
    .describe('Registrations that are tried per hour from one client address (an IPv6 /64 is one).'),
  EMAIL_VERIFICATION_REQUIRED: z
    .enum(['true', 'false', ''])
    .default('')
    .describe('Whether a login waits until the address is verified. Default: true when SMTP_ENABLED is.'),
  SIGN_IN_FAILURES_PER_MINUTE: z.coerce
    .number()
    .int()
    .min(1)
    .default(30)
    .describe('Failed logins, codes and links per minute from one client address (an IPv6 /64 is one).'),
  PASSWORD_EXPIRY_DAYS: count(0).describe('Days after which a password has to be changed. 0: never.'),
  DEMO: flag.describe('Create the documented seed users outside development too.'),
  OTLP_ANONYMOUS: flag.describe('Accept OTLP without a key from loopback peers into the default tenant.'),
  FRONTEND_URL: z
    .string()
    .default('')
    .describe(
      'Public address of the UI: used in mails, as an allowed origin, and by the cookie check behind a proxy that rewrites Host.',
    ),
  CORS_ORIGIN: z
    .string()
    .default('')
    .describe('Comma-separated allowed origins besides the own one; `*.example.com` matches subdomains.'),
  TRUST_PROXY: flag.describe('Believe X-Forwarded-For of the directly connected peer.'),
  INGEST_LOG_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(16 << 20)
    .default(8 * 1024 ** 3)
    .describe('Size of the ingest log beyond which ingest answers 503.'),
  INGEST_MIN_FREE_BYTES: z.coerce
    .number()
    .int()
    .min(0)
    .default(512 * 1024 ** 2)
    .describe('Free disk space below which ingest answers 503.'),
  INGEST_MAX_BODY_BYTES: z.coerce
    .number()
    .int()
    .min(1024)
    .default(64 * 1024 ** 2)
    .describe('Largest OTLP request after inflating.'),
  INGEST_SEGMENT_AGE_MS: z.coerce
    .number()
    .int()
    .min(10)
    .max(60_000)
    .default(150)
    .describe('Age at which a segment is sealed and inserted.'),
  INGEST_SEGMENT_BYTES: z.coerce
    .number()
    .int()
    .min(64 * 1024)
    .default(16 * 1024 ** 2)
    .describe('Size at which a segment is sealed and inserted.'),
  INGEST_DECODE_THREADS: z.coerce
    .number()
    .int()
    .min(-1)
    .max(16)
    .default(-1)
    .describe(
      'Threads that inflate and decode large requests. -1: the cores but one, at least 1 and at most 4. 0: the main thread does it.',
    ),
  INGEST_PARALLEL_INSERTS: z.coerce
    .number()
    .int()
    .min(0)
    .max(16)
    .default(0)
    .describe('Segments that a node inserts at the same time. 0: half of its cores, at least 1 and at most 8.'),
  INGEST_TRANSPORT: z
    .enum(['local', 'queue'])
    .default('local')
    .describe(
      'How sealed segments reach the store. local: the node that took them inserts them. queue: over REDIS_URL to the nodes with the role worker.',
    ),
  INGEST_QUEUE_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(1 << 20)
    .max(512 * 1024 ** 2)
    .default(256 * 1024 ** 2)
    .describe(
      'Bytes of segments that may lie in Redis at once; beyond it they wait in the ingest logs. Larger segments are inserted by their own node.',
    ),
  THROTTLE_TTL: z.coerce.number().int().min(1).default(60).describe('Rate-limit window in seconds.'),
  THROTTLE_LIMIT: z.coerce.number().int().min(1).default(1000).describe('API requests per window and client.'),
  THROTTLE_INGESTION_LIMIT: count(1000).describe(
    'OTLP requests per minute and API key, unless the key has a limit of its own. 0: unlimited.',
  ),
  API_KEY_RATE_LIMIT_PER_HOUR: count(50_000).describe(
    'OTLP requests per hour and API key; not for keys with a limit of their own, nor when THROTTLE_INGESTION_LIMIT is 0. 0: unlimited.',
  ),
  QUERY_MAX_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .max(300)
    .default(10)
    .describe('Seconds that a question to the telemetry store may take.'),
  QUERY_MAX_MEMORY_MB: z.coerce
    .number()
    .int()
    .min(64)
    .default(512)
    .describe('MiB of memory that a question to the telemetry store may take.'),
  QUERY_TENANT_CONCURRENCY: z.coerce
    .number()
    .int()
    .min(1)
    .default(6)
    .describe('Questions of one tenant that a node asks the telemetry store at the same time, at most 9.'),
  QUERY_TENANT_WAITING: z.coerce
    .number()
    .int()
    .min(1)
    .default(200)
    .describe('Questions of one tenant that wait for that; beyond it the API answers 429.'),
  INGEST_TENANT_REQUESTS_PER_MINUTE: count(0).describe('OTLP requests per minute and tenant. 0: unlimited.'),
  INGEST_TENANT_ITEMS_PER_SECOND: count(0).describe(
    'Spans, data points and log records per second and tenant. 0: unlimited.',
  ),
  INGEST_TENANT_BYTES_PER_DAY: count(0).describe(
    'Bytes of telemetry after inflating per UTC day and tenant. 0: unlimited.',
  ),
  INGEST_TENANT_BYTES_PER_MONTH: count(0).describe(
    'Bytes of telemetry after inflating per UTC month and tenant. 0: unlimited.',
  ),
  API_KEY_FAILURES_PER_MINUTE: z.coerce
    .number()
    .int()
    .min(1)
    .default(30)
    .describe(
      'Failed authentications with API keys per minute: of each client address at ingest (an IPv6 /64 is one), and of each key.',
    ),
  INGEST_MAX_PAST_SECONDS: z.coerce
    .number()
    .int()
    .min(60)
    .default(20 * 365 * 86_400)
    .describe('Items whose time is further back are refused, the rest of their request is taken.'),
  INGEST_MAX_FUTURE_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .default(86_400)
    .describe('Items whose time is further ahead are refused, the rest of their request is taken.'),
  INGEST_CANARY_SECONDS: z.coerce
    .number()
    .int()
    .min(0)
    .max(3600)
    .default(60)
    .describe(
      'How often ingest writes a span, a log and a data point of its own and reads them back; five times as rarely while nothing else comes in. 0: never.',
    ),
  AUDIT_RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(30)
    .max(3650)
    .default(365)
    .describe('Days that acts stay in the audit trail of an organization that has chosen nothing else.'),
  SMTP_ENABLED: flag.describe('Send mail over SMTP; otherwise mails are logged.'),
  SMTP_HOST: z.string().default('localhost').describe('SMTP server.'),
  SMTP_PORT: port(587).describe('SMTP port.'),
  SMTP_SECURE: flag.describe('TLS from the first byte (port 465).'),
  SMTP_USER: z.string().default('').describe('SMTP user.'),
  SMTP_PASSWORD: z.string().default('').describe('SMTP password.'),
  SMTP_FROM: z.string().default('TelemetryFlow <noreply@localhost>').describe('Sender of mails.'),
  OTEL_SELF: z
    .enum(['true', 'false'])
    .default('true')
    .transform((v) => v === 'true')
    .describe('Trace the platform into its own store, in a reserved workspace.'),
});
export type Config = z.infer<typeof ConfigSchema>;

export const SECRET_VARIABLES: ReadonlySet<string> = new Set([
  'DATABASE_URL',
  'DATABASE_APP_URL',
  'CLICKHOUSE_PASSWORD',
  'REDIS_URL',
  'NATS_URL',
  'JWT_SECRET',
  'ENCRYPTION_KEY',
  'MFA_ENCRYPTION_KEY',
  'SMTP_PASSWORD',
]);
