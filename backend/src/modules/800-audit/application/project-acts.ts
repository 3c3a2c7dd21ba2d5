import { Injectable, type OnModuleInit } from '@nestjs/common';
import { EventConsumers, type PlatformEvent } from '../../../shared/messaging/index.js';
import { actOf, isAct } from './act-of-event.js';
import { EntryShipper } from './entry-shipper.js';
import { Ledger } from './ledger.js';

/** Gives every act its place in the trail. The store may be away meanwhile: the entry waits in the ledger. */
@Injectable()
export class ProjectActs implements OnModuleInit {
  constructor(
    private readonly consumers: EventConsumers,
    private readonly ledger: Ledger,
    private readonly shipper: EntryShipper,
  ) {}

  onModuleInit(): void {
    this.consumers.register({ name: 'audit', type: '*', handle: (event) => this.project(event) });
  }

  /** Idempotent: an event that is delivered again changes nothing. */
  async project(event: PlatformEvent): Promise<void> {
    if (!isAct(event)) return;
    await this.ledger.append(actOf(event));
    this.shipper.wake();
  }
}
