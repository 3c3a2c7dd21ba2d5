export * from './create-logger.js';
export * from './nest-logger.js';
export * from './redact.js';
export * from './request-log.js';
