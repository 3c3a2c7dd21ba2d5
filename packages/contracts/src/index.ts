export * from './api-keys.js';
export * from './auth.js';
export * from './common.js';
export * from './permissions.js';
export * from './platform.js';
export * from './problem.js';
export * from './telemetry.js';
export * from './tfql/index.js';
