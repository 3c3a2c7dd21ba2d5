export * from './event-consumers.js';
export * from './events.js';
export * from './outbox-relay.js';
