export type { Block, Encoding, Signal, TranscodeOptions, TranscodeResult } from './api.js';
export { OtlpDecodeError } from './errors.js';
export { SegmentIdentities } from './identities.js';
export { encodeExportResponse, encodeStatus, type StatusDetail } from './responses.js';
export { TABLES, type TableLayout, type TableName } from './tables.js';
export { Transcoder } from './transcoder.js';
export { uuidToRowBinary } from './uuid.js';
