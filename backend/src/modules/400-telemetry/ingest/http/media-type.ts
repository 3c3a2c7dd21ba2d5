import type { Encoding } from '@telemetryflow/otlp';

/** The exact spelling matters: Go exporters decode a reply only under it. */
export const CONTENT_TYPES: Record<Encoding, string> = { protobuf: 'application/x-protobuf', json: 'application/json' };

const ENCODINGS: ReadonlyMap<string, Encoding> = new Map([
  ['application/x-protobuf', 'protobuf'],
  ['application/protobuf', 'protobuf'],
  ['application/json', 'json'],
]);

/** The encoding that a Content-Type names, its parameters aside; `undefined` when OTLP has no such encoding. */
export function encodingOf(contentType: string | undefined): Encoding | undefined {
  const [mediaType] = (contentType ?? '').split(';', 1);
  return ENCODINGS.get((mediaType ?? '').trim().toLowerCase());
}
