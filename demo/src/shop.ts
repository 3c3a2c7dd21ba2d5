/** A small shop: storefront → cart, checkout → payment, and fulfilment behind a queue. */
import { type Context, type Link, SpanKind, context, trace } from '@opentelemetry/api';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { HttpError, Service, activeSpan } from './service.ts';
import { type Endpoint, startTelemetry } from './telemetry.ts';

const ITEMS = ['teapot', 'lantern', 'notebook', 'umbrella', 'compass', 'blanket', 'kettle', 'globe'];

/** A queued order with the context of the span that published it. */
interface Message {
  readonly orderId: number;
  readonly publishedIn: Context;
}

const random = (min: number, max: number) => min + Math.random() * (max - min);

export class Shop {
  readonly storefront: Service;
  readonly #cart: Service;
  readonly #checkout: Service;
  readonly #payment: Service;
  readonly #fulfilment: Service;
  readonly #database = new DatabaseSync(':memory:');
  readonly #queue: Message[] = [];
  #outage = false;
  #closed = false;
  #worker: Promise<void> = Promise.resolve();

  constructor(endpoint: Endpoint) {
    const service = (name: string, version: string) => new Service(startTelemetry(name, version, endpoint));
    this.storefront = service('storefront', '2.4.1');
    this.#cart = service('cart', '1.9.0');
    this.#checkout = service('checkout', '3.1.2');
    this.#payment = service('payment', '5.0.3');
    this.#fulfilment = service('fulfilment', '1.2.0');
    this.#database.exec(
      'CREATE TABLE items (sku TEXT PRIMARY KEY, price REAL); CREATE TABLE orders (id INTEGER PRIMARY KEY, sku TEXT, total REAL)',
    );
    for (const [index, sku] of ITEMS.entries())
      this.#database.prepare('INSERT INTO items VALUES (?, ?)').run(sku, 9.5 + index * 4);
    this.#routes();
  }

  async open(): Promise<void> {
    for (const service of this.#services()) await service.listen();
    this.#worker = this.#fulfilOrders();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker;
    for (const service of this.#services()) await service.close();
    this.#database.close();
  }

  /** During an outage the card network is slow and refuses most payments. */
  set outage(on: boolean) {
    if (on !== this.#outage)
      this.#payment.log(on ? 'warn' : 'info', on ? 'card network degraded' : 'card network recovered', {
        'network.peer': 'acquirer',
      });
    this.#outage = on;
  }

  /** One customer's visit: look around, fill a cart, perhaps buy. */
  async visit(): Promise<void> {
    const sku = ITEMS[Math.floor(Math.random() * ITEMS.length)];
    await this.#request('GET', '/');
    await this.#request('GET', `/items/${Math.random() < 0.03 ? 'unicorn' : sku}`);
    if (Math.random() < 0.7) await this.#request('POST', `/cart/${sku}`);
    if (Math.random() < 0.5) await this.#request('POST', `/orders/${sku}`);
  }

  async #request(method: string, path: string): Promise<void> {
    const response = await fetch(`${this.storefront.address}${path}`, {
      method,
      headers: { 'user-agent': 'shop-customer/1.0' },
    });
    await response.arrayBuffer();
  }

  #services(): Service[] {
    return [this.#fulfilment, this.#payment, this.#checkout, this.#cart, this.storefront];
  }

  #routes(): void {
    const orders = this.#checkout.telemetry.meter.createCounter('shop.orders', {
      unit: '{order}',
      description: 'Orders placed.',
    });
    const revenue = this.#checkout.telemetry.meter.createCounter('shop.revenue', {
      unit: 'EUR',
      description: 'Value of the orders placed.',
    });
    this.#fulfilment.telemetry.meter
      .createObservableGauge('shop.queue.depth', { unit: '{message}', description: 'Orders waiting for fulfilment.' })
      .addCallback((result) => result.observe(this.#queue.length, { 'messaging.destination.name': 'orders' }));
    const served = this.storefront;

    served
      .on('GET /', async () => {
        served.log('debug', 'rendering the front page');
        await wait(random(2, 12));
        return { items: await this.#query(served, 'SELECT sku, price FROM items ORDER BY sku') };
      })
      .on('GET /items/:sku', async ({ params }) => {
        const [item] = await this.#query(served, 'SELECT sku, price FROM items WHERE sku = ?', params.sku ?? '');
        if (!item) {
          served.log('warn', `no such item: ${params.sku}`, { 'shop.sku': params.sku ?? '' });
          throw new HttpError(404, 'no such item');
        }
        return item;
      })
      .on('POST /cart/:sku', ({ params }) =>
        this.#cart.call(served, 'POST', `/carts/1/${params.sku}`, '/carts/:id/:sku'),
      )
      .on('POST /orders/:sku', ({ params }) =>
        this.#checkout.call(served, 'POST', `/orders/${params.sku}`, '/orders/:sku'),
      );

    this.#cart.on('POST /carts/:id/:sku', async ({ params }) => {
      const [item] = await this.#query(this.#cart, 'SELECT price FROM items WHERE sku = ?', params.sku ?? '');
      this.#cart.log('info', `added ${params.sku} to the cart`, {
        'shop.sku': params.sku ?? '',
        'shop.quantity': 1,
        'shop.price': Number(item?.price ?? 0),
      });
      await wait(random(1, 8));
      return { items: 1 };
    });

    this.#checkout.on('POST /orders/:sku', async ({ params }) => {
      const sku = params.sku ?? '';
      const [item] = await this.#query(this.#checkout, 'SELECT price FROM items WHERE sku = ?', sku);
      const total = Number(item?.price ?? 0) * 1.19;
      activeSpan()?.addEvent('price.calculated', { 'shop.total': total, 'shop.tax_included': true });
      await this.#payment.call(this.#checkout, 'POST', '/charges', '/charges');
      const [order] = await this.#query(
        this.#checkout,
        'INSERT INTO orders (sku, total) VALUES (?, ?) RETURNING id',
        sku,
        total,
      );
      const orderId = Number(order?.id);
      await this.#publish(orderId);
      orders.add(1, { 'shop.sku': sku });
      revenue.add(total, { 'shop.sku': sku });
      this.#checkout.log('info', `order ${orderId} placed`, {
        'shop.order_id': orderId,
        'shop.sku': sku,
        'shop.total': total,
      });
      return { orderId };
    });

    this.#payment.on('POST /charges', async () => {
      await this.#payment.inSpan(
        'authorize card',
        SpanKind.INTERNAL,
        { 'payment.provider': 'acquirer' },
        async (span) => {
          await wait(this.#outage ? random(300, 900) : random(20, 90));
          span.setAttribute('payment.attempts', this.#outage ? 3 : 1);
          if (Math.random() < (this.#outage ? 0.6 : 0.01))
            throw new HttpError(503, 'payment declined: acquirer did not answer');
        },
      );
      this.#payment.log('info', 'card charged', { 'payment.provider': 'acquirer' });
      return { charged: true };
    });
  }

  /** A statement against the shop's database, as a client span of the service. */
  async #query(
    service: Service,
    statement: string,
    ...values: (string | number)[]
  ): Promise<Record<string, unknown>[]> {
    const operation = statement.split(' ')[0] ?? '';
    const attributes = {
      'db.system.name': 'sqlite',
      'db.operation.name': operation,
      'db.namespace': 'shop',
      'db.query.text': statement,
    };
    return service.inSpan(`${operation} shop`, SpanKind.CLIENT, attributes, async (span) => {
      await wait(random(0.5, 4));
      const rows = this.#database.prepare(statement).all(...values);
      span.setAttribute('db.response.returned_rows', rows.length);
      return rows;
    });
  }

  async #publish(orderId: number): Promise<void> {
    const attributes = {
      'messaging.system': 'shop-queue',
      'messaging.destination.name': 'orders',
      'messaging.operation.type': 'send',
      'messaging.message.id': String(orderId),
    };
    await this.#checkout.inSpan('send orders', SpanKind.PRODUCER, attributes, () => {
      this.#queue.push({ orderId, publishedIn: context.active() });
    });
  }

  async #fulfilOrders(): Promise<void> {
    while (!this.#closed) {
      const message = this.#queue.shift();
      if (!message) {
        await wait(100);
        continue;
      }
      const publisher = trace.getSpanContext(message.publishedIn);
      const links: Link[] = publisher
        ? [{ context: publisher, attributes: { 'messaging.message.id': String(message.orderId) } }]
        : [];
      await context.with(message.publishedIn, () =>
        this.#fulfilment.telemetry.tracer.startActiveSpan(
          'process orders',
          {
            kind: SpanKind.CONSUMER,
            links,
            attributes: {
              'messaging.system': 'shop-queue',
              'messaging.destination.name': 'orders',
              'messaging.operation.type': 'process',
            },
          },
          async (span) => {
            await wait(random(15, 60));
            this.#fulfilment.log('info', `order ${message.orderId} packed`, { 'shop.order_id': message.orderId });
            span.end();
          },
        ),
      );
    }
  }
}
