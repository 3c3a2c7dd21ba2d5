export * from './job-handlers.js';
export * from './queue-admin.js';
export * from './queue.service.js';
export * from './queues.js';
