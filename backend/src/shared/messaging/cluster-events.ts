import { Injectable } from '@nestjs/common';
import { covers } from './event-consumers.js';
import type { PlatformEvent } from './events.js';

type Listener = (event: PlatformEvent) => void;

/**
 * Where modules say what this node keeps for itself and must forget when something happens anywhere: caches above all.
 * Every node hears every event, after its transaction committed, also the node where it happened.
 */
@Injectable()
export class ClusterEvents {
  readonly #listeners: { readonly type: string; readonly listener: Listener }[] = [];

  /** @param type `user.created`, or `user.*` for the whole area, or `*` */
  listen(type: string, listener: Listener): void {
    this.#listeners.push({ type, listener });
  }

  /** Called by the relay's transport for each event that arrives. */
  deliver(event: PlatformEvent): void {
    for (const { type, listener } of this.#listeners) if (covers(type, event.type)) listener(event);
  }
}
