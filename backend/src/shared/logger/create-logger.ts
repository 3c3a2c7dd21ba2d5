import { pino, stdSerializers, type DestinationStream, type Logger } from 'pino';
import { PinoPretty } from 'pino-pretty';
import { currentScope } from '../platform/index.js';
import { redact, redactText } from './redact.js';

export interface LoggerOptions {
  readonly level: string;
  /** Lines for people instead of JSON. */
  readonly pretty: boolean;
  /** Where lines go; default stdout. */
  readonly destination?: DestinationStream;
}

/**
 * The root logger: JSON, one object per line (or pretty lines), with the running request's ids, secrets redacted by key.
 */
export function createLogger(options: LoggerOptions): Logger {
  const destination = options.destination ?? pino.destination({ fd: 1, sync: true });
  const stream = options.pretty
    ? PinoPretty({
        colorize: process.stdout.isTTY,
        ignore: 'pid,hostname,service',
        translateTime: 'HH:MM:ss.l',
        singleLine: true,
        destination,
      })
    : destination;
  return pino(
    {
      level: options.level,
      base: { service: 'telemetryflow' },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redact(fields) as Record<string, unknown>,
      },
      serializers: { err: serializeError, error: serializeError },
      mixin: scopeFields,
    },
    stream,
  );
}

function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { type, message, stack } = stdSerializers.err(error);
  const code = 'code' in error ? { code: error.code } : {};
  return { type, message: redactText(message), stack: redactText(stack), ...code };
}

/** The network a request came from is for limits; the request log says what of it belongs into the log. */
function scopeFields(): object {
  const { client: _, ...fields } = currentScope() ?? {};
  return fields;
}
