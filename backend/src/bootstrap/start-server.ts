import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '../shared/logger/index.js';
import { loadConfig } from '../shared/platform/index.js';
import { ShutdownSteps } from './shutdown-steps.js';
import { startPlatform, type Platform } from './start-platform.js';

export interface TestServer extends Platform {
  /** Stops everything and removes the data folder if it was made here. Idempotent. */
  stop(): Promise<void>;
}

/**
 * The whole server in this process, for tests: free ports, quiet, and a data folder of its own unless told otherwise.
 *
 * @param overrides environment variables; nothing is read from the real environment
 * @throws ConfigError as a real start would
 */
export async function startServer(overrides: Partial<Record<string, string>> = {}): Promise<TestServer> {
  const steps = new ShutdownSteps();
  const dataDir = overrides['DATA_DIR'] ?? (await mkdtemp(join(tmpdir(), 'telemetryflow-')));
  if (overrides['DATA_DIR'] === undefined) {
    await steps.add('data directory', () => rm(dataDir, { recursive: true, force: true }));
  }
  const config = loadConfig({
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    PORT: '0',
    OTLP_HTTP_PORT: '0',
    OTLP_GRPC_PORT: '0',
    OTEL_SELF: 'false',
    DATA_DIR: dataDir,
    ...overrides,
  });
  const logger = createLogger({ level: config.LOG_LEVEL, pretty: false });
  try {
    const platform = await startPlatform(config, logger, steps);
    return { ...platform, stop: () => steps.stop(logger) };
  } catch (error) {
    await steps.stop(logger);
    throw error;
  }
}
