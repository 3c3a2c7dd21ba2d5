import { z } from 'zod';
import { Instant } from './common.js';

export const DependencyHealth = z.object({
  status: z.enum(['up', 'down', 'disabled']),
  latencyMs: z.number().nullable(),
  detail: z.string().optional(),
});
export type DependencyHealth = z.infer<typeof DependencyHealth>;
export const HealthResponse = z.object({
  status: z.enum(['ok', 'degraded', 'down']),
  service: z.string(),
  version: z.string(),
  timestamp: Instant,
  uptimeSeconds: z.number(),
  dependencies: z.record(z.string(), DependencyHealth).optional(),
});
export type HealthResponse = z.infer<typeof HealthResponse>;

/** What the browser needs before anyone has logged in. Never a secret. */
export const PublicConfig = z.object({
  version: z.string(),
  environment: z.enum(['development', 'production', 'test']),
  /** OTLP base addresses as a client on this machine would use them. */
  otlpHttpEndpoint: z.string(),
  otlpGrpcEndpoint: z.string(),
  /** Development only: one-click logins. */
  seedLogins: z.array(z.object({ email: z.string(), password: z.string(), role: z.string() })),
});
export type PublicConfig = z.infer<typeof PublicConfig>;
