import { Injectable } from '@nestjs/common';
import type { PlatformEvent } from './events.js';

export interface EventConsumer {
  /** Marks in the outbox that this consumer has taken an event: unique, and the same in every release. */
  readonly name: string;
  /** `user.created`, or `user.*` for the whole area, or `*`. */
  readonly type: string;
  /** Runs at least once per event; throw to be called again later. Keep it short: long work is a job. */
  handle(event: PlatformEvent): Promise<void>;
}

/** Where modules say which events they must not miss. Register in `onModuleInit`. */
@Injectable()
export class EventConsumers {
  readonly #consumers = new Map<string, EventConsumer>();

  /** @throws Error when the name is taken */
  register(consumer: EventConsumer): void {
    if (this.#consumers.has(consumer.name)) throw new Error(`Two event consumers are named ${consumer.name}`);
    this.#consumers.set(consumer.name, consumer);
  }

  of(type: string): EventConsumer[] {
    return [...this.#consumers.values()].filter((consumer) => covers(consumer.type, type));
  }
}

/** Whether a subscription to `pattern` includes `type`. */
export function covers(pattern: string, type: string): boolean {
  if (pattern === '*' || pattern === type) return true;
  return pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1));
}
