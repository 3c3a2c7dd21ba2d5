import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { SOCKET_EVENTS, type MetricsNew } from '@telemetryflow/contracts';
import { IngestNews, type Arrival } from './ingest-news.js';
import { signalRoom, SocketServer } from './socket-server.js';

const EVERY_MS = 10_000;
const MAX_SERVICES = 50;

interface Sum {
  readonly tenantId: string;
  readonly signal: 'traces' | 'metrics';
  count: number;
  readonly services: Set<string>;
}

/** Tells tenants' screens that data points or spans came in: the first at once, then what gathers in ten seconds. */
@Injectable()
export class Arrivals implements OnModuleInit, OnModuleDestroy {
  readonly #sums = new Map<string, Sum>();
  /** Of tenants and signals that were told of within the last ten seconds. */
  readonly #resting = new Map<string, NodeJS.Timeout>();

  constructor(
    private readonly news: IngestNews,
    private readonly sockets: SocketServer,
  ) {}

  onModuleInit(): void {
    this.news.listen((arrivals) => arrivals.forEach((arrival) => this.#take(arrival)));
  }

  onModuleDestroy(): void {
    for (const timer of this.#resting.values()) clearTimeout(timer);
  }

  #take({ tenantId, signal, rows, services }: Arrival): void {
    // Only for whom somebody is here to hear it; logs have their tails.
    if (signal === 'logs' || !this.sockets.hasMembers(signalRoom(tenantId, signal))) return;
    const key = `${tenantId} ${signal}`;
    const sum = this.#sums.get(key) ?? { tenantId, signal, count: 0, services: new Set() };
    this.#sums.set(key, sum);
    sum.count += rows;
    for (const service of services) if (sum.services.size < MAX_SERVICES) sum.services.add(service);
    if (!this.#resting.has(key)) this.#tell(key);
  }

  #tell(key: string): void {
    this.#resting.delete(key);
    const sum = this.#sums.get(key);
    if (sum === undefined) return;
    this.#sums.delete(key);
    const { tenantId, signal, count, services } = sum;
    const message: MetricsNew = { count, timestamp: new Date().toISOString(), services: [...services].sort() };
    const event = signal === 'metrics' ? SOCKET_EVENTS.metricsNew : SOCKET_EVENTS.tracesNew;
    this.sockets.tellRoom(signalRoom(tenantId, signal), event, message);
    this.#resting.set(key, setTimeout(() => this.#tell(key), EVERY_MS).unref());
  }
}
