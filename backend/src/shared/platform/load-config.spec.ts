import { describe, expect, it } from 'vitest';
import { ConfigError, listenHost, loadConfig } from './load-config.js';

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

const SECRET = 'x'.repeat(32);
const PRODUCTION = { NODE_ENV: 'production', JWT_SECRET: SECRET, ENCRYPTION_KEY: SECRET };

describe('loadConfig', () => {
  it('needs nothing', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({ PORT: 3100, OTLP_HTTP_PORT: 4318, OTLP_GRPC_PORT: 4317, NODE_ENV: 'development' });
    expect(listenHost(config)).toBe('127.0.0.1');
    expect(listenHost(loadConfig(PRODUCTION))).toBe('0.0.0.0');
  });

  it('takes an empty variable for an unset one, and CLICKHOUSE_USERNAME for CLICKHOUSE_USER', () => {
    expect(loadConfig({ PORT: ' ', CLICKHOUSE_USERNAME: 'reader' })).toMatchObject({
      PORT: 3100,
      CLICKHOUSE_USER: 'reader',
    });
  });

  it('reports all faults together, with variable and remedy', () => {
    const faults = faultsOf({ PORT: '99999', NODE_ENV: 'prod', ROLES: 'api,cook', REDIS_URL: 'localhost:6379' });
    expect(faults).toHaveLength(4);
    expect(faults[0]).toMatch(/^NODE_ENV is "prod": expected one of .*production.*Correct it or unset it/);
    expect(faults[1]).toMatch(/^PORT is "99999": .*65535/);
    expect(faults[2]).toBe(
      'ROLES names "cook", which is no role. Use any of api, ingest, worker, separated by commas.',
    );
    expect(faults[3]).toBe('REDIS_URL is not a URL that starts with redis:// or rediss://. Correct it or unset it.');
  });

  it.each([
    [{ ...PRODUCTION, JWT_SECRET: '' }, /^JWT_SECRET is required in production\. Set JWT_SECRET to/],
    [{ ...PRODUCTION, ENCRYPTION_KEY: '' }, /^ENCRYPTION_KEY is required in production\. Set ENCRYPTION_KEY to/],
    [{ MFA_ENCRYPTION_KEY: 'geheim' }, /^MFA_ENCRYPTION_KEY has 6 characters, but needs at least 32/],
    [{ JWT_SECRET: 'short' }, /^JWT_SECRET has 5 characters, but needs at least 32/],
    [
      { ...PRODUCTION, DATABASE_URL: 'postgres://owner:geheim@db/tf' },
      /^DATABASE_APP_URL is required with DATABASE_URL in production/,
    ],
    [
      {
        ...PRODUCTION,
        DATABASE_URL: 'postgres://owner:geheim@db/tf',
        DATABASE_APP_URL: 'postgres://owner:geheim@db/tf',
      },
      /^DATABASE_APP_URL names the owner role/,
    ],
    [{ DATABASE_APP_URL: 'postgres://app:geheim@db/tf' }, /^DATABASE_APP_URL is set without DATABASE_URL/],
    [{ DATABASE_URL: 'mysql://owner:geheim@db/tf' }, /^DATABASE_URL is not a URL that starts with postgres:/],
    [{ ...PRODUCTION, OTLP_ANONYMOUS: 'true' }, /^OTLP_ANONYMOUS is for development\. Unset it in production/],
    [{ OTLP_HTTP_PORT: '3100' }, /^OTLP_HTTP_PORT and PORT are both 3100\. Set OTLP_HTTP_PORT/],
  ])('refuses %o without telling secrets', (environment, sentence) => {
    const faults = faultsOf(environment as Record<string, string>);
    expect(faults).toEqual([expect.stringMatching(sentence)]);
    expect(faults.join()).not.toContain('geheim');
  });

  it('lets free ports be free', () => {
    expect(faultsOf({ PORT: '0', OTLP_HTTP_PORT: '0', OTLP_GRPC_PORT: '0' })).toEqual([]);
  });
});
