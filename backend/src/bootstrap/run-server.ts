import type { Logger } from 'pino';
import { createLogger } from '../shared/logger/index.js';
import { ConfigError, loadConfig, type Config, type Runtime } from '../shared/platform/index.js';
import { readyBlock } from './ready-block.js';
import { ShutdownSteps, StoppedWhileStartingError } from './shutdown-steps.js';
import { startPlatform } from './start-platform.js';

const STOP_TIMEOUT_MS = 30_000;

/** The life of the server process: start, tell, serve until told to stop, stop in order, exit. */
export async function runServer(): Promise<void> {
  refuseOldNode();
  const config = configOrExit();
  const logger = createLogger({ level: config.LOG_LEVEL, pretty: config.NODE_ENV === 'development' });
  const steps = new ShutdownSteps();
  const starting = startAndTell(config, logger, steps);
  stopWhenTold(starting, steps, logger);
  exitOnUnhandled(logger);
  try {
    await starting;
  } catch (error) {
    if (error instanceof StoppedWhileStartingError || steps.closed) return;
    await steps.stop(logger);
    exitWith(error, logger);
  }
}

async function startAndTell(config: Config, logger: Logger, steps: ShutdownSteps): Promise<void> {
  const platform = await startPlatform(config, logger, steps);
  const startedInMs = Math.round(performance.now());
  const { url, otlpHttpUrl, otlpGrpcUrl } = platform;
  logger.info({ url, startedInMs }, 'ready');
  process.stdout.write(readyBlock(platform, startedInMs));
  process.send?.({ type: 'ready', url, otlpHttpUrl, otlpGrpcUrl, startedInMs });
  answerAboutStore(platform.runtime.clickhouse);
}

/**
 * Whoever started this process (a test, a benchmark) may ask for the store's address and password. It is not told unasked:
 * process managers pass on and log what their children say.
 */
function answerAboutStore(clickhouse: Runtime['clickhouse']): void {
  process.on('message', (message) => {
    if (message === 'store') process.send?.({ type: 'store', clickhouse });
  });
}

/** Below this the engines fail in ways that say nothing. */
const NODE_MAJOR = 24;

function refuseOldNode(): void {
  if (Number.parseInt(process.versions.node, 10) >= NODE_MAJOR) return;
  refuse(
    new ConfigError([
      `This is Node.js ${process.versions.node}, but the server needs ${NODE_MAJOR} or newer. Start it with \`npm start\`, which brings its own.`,
    ]),
  );
}

function configOrExit(): Config {
  try {
    return loadConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    refuse(error);
  }
}

function exitWith(error: unknown, logger: Logger): never {
  if (error instanceof ConfigError) refuse(error);
  logger.fatal({ err: error }, 'the platform could not be started');
  process.exit(1);
}

/** One sentence per fault, for the person at the terminal. */
function refuse(error: ConfigError): never {
  process.stderr.write(`${error.faults.map((fault) => `telemetryflow: ${fault}`).join('\n')}\n`);
  process.exit(error.exitCode);
}

/**
 * Stops in order on SIGINT, SIGTERM, and when the launcher that started this process is gone. A second signal ends the
 * process at once; the engines notice that by themselves.
 */
function stopWhenTold(starting: Promise<void>, steps: ShutdownSteps, logger: Logger): void {
  let told = false;
  const onTold = (why: string) => {
    if (told) {
      logger.warn({ why }, 'told to stop again: ending at once');
      process.exit(1);
    }
    told = true;
    logger.info({ why }, 'stopping');
    const watchdog = setTimeout(() => {
      logger.fatal({ timeoutMs: STOP_TIMEOUT_MS }, 'stopping took too long');
      process.exit(1);
    }, STOP_TIMEOUT_MS);
    steps.close();
    // A start under way comes to its next step first: an engine that is half up could not be stopped.
    void Promise.allSettled([starting])
      .then(() => steps.stop(logger))
      .then(() => {
        clearTimeout(watchdog);
        logger.info('stopped');
        process.exit(0);
      });
  };
  process.on('SIGINT', () => onTold('SIGINT'));
  process.on('SIGTERM', () => onTold('SIGTERM'));
  if (process.send !== undefined) process.once('disconnect', () => told || onTold('the launcher is gone'));
}

function exitOnUnhandled(logger: Logger): void {
  const end = (error: unknown) => {
    logger.fatal({ err: error }, 'an error that nothing handled');
    process.exit(1);
  };
  process.on('unhandledRejection', end);
  process.on('uncaughtException', end);
}
