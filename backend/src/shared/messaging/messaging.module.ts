import { Global, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { ClusterEvents } from './cluster-events.js';
import { EventConsumers } from './event-consumers.js';
import { OutboxRelay } from './outbox-relay.js';

/** Events: written in the transaction of the act, relayed afterwards, brought to every node by NATS when there is one. */
@Global()
@Module({
  imports: [CqrsModule.forRoot()],
  providers: [ClusterEvents, EventConsumers, OutboxRelay],
  exports: [ClusterEvents, EventConsumers, OutboxRelay, CqrsModule],
})
export class MessagingModule {}
