import type { AttributeValue, LogRecord } from '@telemetryflow/contracts';

/** The record in one line: its body, or the name of the event if it has no body. Structured bodies are compact JSON. */
export function logLine({ body, eventName }: Pick<LogRecord, 'body' | 'eventName'>): string {
  return logText(body, eventName).replace(/\s*\n\s*/g, ' ⏎ ');
}

/** The record's text as it was sent, over several lines if need be. */
export function logText(body: LogRecord['body'], eventName: string): string {
  if (body === null || body === '') return eventName;
  return typeof body === 'string' ? body : JSON.stringify(body);
}

type Structured = Exclude<AttributeValue, string | number | boolean | null>;

/** A body that has parts, or a text that is JSON with parts; null for plain text. */
export function structuredBody(body: LogRecord['body']): Structured | null {
  if (typeof body === 'object') return body;
  if (typeof body !== 'string' || !/^\s*[[{]/.test(body)) return null;
  try {
    const value = JSON.parse(body) as AttributeValue;
    return typeof value === 'object' ? value : null;
  } catch (error) {
    // Text that only begins like JSON is text.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
