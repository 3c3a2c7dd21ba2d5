export * from './clickhouse.service.js';
export * from './errors.js';
export * from './migrator.js';
