export * from './email.service.js';
export * from './mail-jobs.js';
export * from './mail-message.js';
export type { MailKind } from './templates/catalogue.js';
