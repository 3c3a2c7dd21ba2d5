export * from './access.js';
export * from './config.js';
export * from './errors.js';
export * from './ids.js';
export * from './openapi.js';
export * from './request-context.js';
export * from './roles.js';
export * from './runtime.js';
