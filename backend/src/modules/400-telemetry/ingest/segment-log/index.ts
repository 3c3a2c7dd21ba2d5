export { syncDirectory } from './durable-file.js';
export { scanSegment, type SegmentRecord, type SegmentScan } from './record.js';
export { SegmentLog, type SealedSegment } from './segment-log.js';
