export * from './cluster-events.js';
export { EventConsumers, type EventConsumer } from './event-consumers.js';
export * from './events.js';
export * from './outbox-relay.js';
