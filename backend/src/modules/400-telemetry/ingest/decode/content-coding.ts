import { IngestError } from '../ingest-error.js';

/** How the bytes of a request are compressed. */
export type ContentCoding = 'identity' | 'gzip' | 'deflate' | 'zstd';

const CODINGS: ReadonlyMap<string, ContentCoding> = new Map([
  ['', 'identity'],
  ['identity', 'identity'],
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['zstd', 'zstd'],
]);

/** The coding that a header names; `undefined` when there is no such coding here. */
export function codingOf(header: string | undefined): ContentCoding | undefined {
  if (header === undefined) return 'identity';
  return CODINGS.get(header) ?? CODINGS.get(header.trim().toLowerCase());
}

/** @throws IngestError `unsupported_media` */
export function contentCoding(header: string | undefined): ContentCoding {
  const coding = codingOf(header);
  if (coding !== undefined) return coding;
  throw new IngestError(
    'unsupported_media',
    `Content-Encoding ${header} is not supported: use gzip, zstd, deflate or none`,
  );
}
