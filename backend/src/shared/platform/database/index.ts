export * from './beyond-place.js';
export * from './client.js';
export * from './database.js';
export * from './migrate.js';
export * from './outbox.js';
export * from './scope.js';
