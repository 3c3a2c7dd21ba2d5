export * from './install-cors.js';
export * from './origin-policy.js';
