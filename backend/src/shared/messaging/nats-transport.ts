import {
  DeliverPolicy,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type ConsumerMessages,
  type JetStreamClient,
} from '@nats-io/jetstream';
import { connect, nanos, type NatsConnection } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import type { EventTransport } from './event-transport.js';
import { decodeEvent, encodeEvent, subjectOf, type PlatformEvent } from './events.js';

const STREAM = 'telemetryflow-events';
const SUBJECTS = ['telemetry.>', 'iam.>'];
const KEEP_MS = 24 * 3600 * 1000;
/** Window in which the server drops a second copy of an event's id. */
const DUPLICATE_WINDOW_MS = 10 * 60 * 1000;
const RECONNECT_WAIT_MS = 2_000;

/**
 * JetStream between nodes: the stream takes an event once (its id is the message id), and each node reads the stream
 * from the moment it joined.
 */
export class NatsTransport implements EventTransport {
  #connection: NatsConnection | undefined;
  #stream: JetStreamClient | undefined;
  #messages: ConsumerMessages | undefined;
  #stopped = false;

  constructor(
    private readonly servers: readonly string[],
    private readonly logger: Logger,
  ) {}

  /** Resolves at once: NATS may be away at start; events wait in the outbox until it is there. */
  async start(deliver: (event: PlatformEvent) => void): Promise<void> {
    void this.#untilConnected(deliver);
  }

  async publish(event: PlatformEvent): Promise<void> {
    if (this.#stream === undefined) throw new Error('NATS is not connected');
    await this.#stream.publish(subjectOf(event.type), encodeEvent(event), { msgID: event.id });
  }

  async ping(): Promise<void> {
    if (this.#connection === undefined) throw new Error('NATS is not connected');
    await this.#connection.flush();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#messages?.stop();
    await this.#connection?.drain();
  }

  async #untilConnected(deliver: (event: PlatformEvent) => void): Promise<void> {
    try {
      // Retries by itself, for ever, also the first time.
      const connection = await connect({
        servers: [...this.servers],
        name: 'telemetryflow',
        waitOnFirstConnect: true,
        maxReconnectAttempts: -1,
        reconnectTimeWait: RECONNECT_WAIT_MS,
      });
      this.#connection = connection;
      if (this.#stopped) return void (await connection.close());
      const manager = await jetstreamManager(connection);
      await manager.streams.add({
        name: STREAM,
        subjects: SUBJECTS,
        retention: RetentionPolicy.Limits,
        storage: StorageType.File,
        max_age: nanos(KEEP_MS),
        duplicate_window: nanos(DUPLICATE_WINDOW_MS),
      });
      this.#stream = jetstream(connection);
      const consumer = await this.#stream.consumers.get(STREAM, { deliver_policy: DeliverPolicy.New });
      this.#messages = await consumer.consume();
      this.logger.info({ stream: STREAM }, 'connected to NATS');
      for await (const message of this.#messages) this.#take(message.data, deliver);
    } catch (err) {
      if (!this.#stopped) this.logger.error({ err }, 'events do not travel between nodes');
    }
  }

  #take(bytes: Uint8Array, deliver: (event: PlatformEvent) => void): void {
    try {
      deliver(decodeEvent(bytes));
    } catch (err) {
      this.logger.warn({ err }, 'a message on NATS was no event');
    }
  }
}
