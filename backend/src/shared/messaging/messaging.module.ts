import { Global, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { EventConsumers } from './event-consumers.js';
import { OutboxRelay } from './outbox-relay.js';

/** Events: written in the transaction of the act, relayed afterwards, brought to every node by NATS when there is one. */
@Global()
@Module({
  imports: [CqrsModule.forRoot()],
  providers: [EventConsumers, OutboxRelay],
  exports: [EventConsumers, OutboxRelay, CqrsModule],
})
export class MessagingModule {}
