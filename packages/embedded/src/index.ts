export type { EmbeddedClickHouse, EmbeddedPostgres, Engine, EngineLogger, EngineState, FileHandover } from './types.js';
export { DataDirError, lockDataDir } from './data-dir.js';
export { startEmbeddedClickHouse, type EmbeddedClickHouseOptions } from './clickhouse/start.js';
export { startEmbeddedPostgres, type EmbeddedPostgresOptions } from './postgres/start.js';
export { embeddedSupported } from './supported.js';
