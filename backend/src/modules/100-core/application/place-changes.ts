import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ClusterEvents } from '../../../shared/messaging/index.js';

/** Events after which a place may have opened, closed, moved or gone. */
const AREAS = ['region.*', 'organization.*', 'workspace.*', 'tenant.*'];

/**
 * Tells whoever remembers places, or what lives in them (sessions, keys), to forget: at once on this node, by the event
 * on the others. Modules above register here.
 */
@Injectable()
export class PlaceChanges implements OnModuleInit {
  readonly #listeners: (() => void)[] = [];

  constructor(private readonly cluster: ClusterEvents) {}

  onModuleInit(): void {
    for (const area of AREAS) this.cluster.listen(area, () => this.announce());
  }

  listen(forget: () => void): void {
    this.#listeners.push(forget);
  }

  /** After the transaction that changed the hierarchy has committed. */
  announce(): void {
    for (const forget of this.#listeners) forget();
  }
}
