export * from './self-tracing.js';
