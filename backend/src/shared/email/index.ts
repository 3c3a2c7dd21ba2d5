export * from './email.service.js';
