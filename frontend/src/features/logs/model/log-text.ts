import type { LogRecord } from '@telemetryflow/contracts';

/** The record in one line: its body, or the name of the event if it has no body. Structured bodies are compact JSON. */
export function logLine({ body, eventName }: LogRecord): string {
  return logText(body, eventName).replace(/\s*\n\s*/g, ' ⏎ ');
}

/** The record's text as it was sent, over several lines if need be. */
export function logText(body: LogRecord['body'], eventName: string): string {
  if (body === null || body === '') return eventName;
  return typeof body === 'string' ? body : JSON.stringify(body);
}
