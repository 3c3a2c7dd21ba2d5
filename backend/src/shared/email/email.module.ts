import { Global, Module } from '@nestjs/common';
import { EmailService } from './email.service.js';
import { MailJobs } from './mail-jobs.js';

@Global()
@Module({ providers: [EmailService, MailJobs], exports: [EmailService, MailJobs] })
export class EmailModule {}
