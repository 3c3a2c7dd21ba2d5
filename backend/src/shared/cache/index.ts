export * from './cache.service.js';
export * from './redis-rate-limit-store.js';
export * from './redis.js';
