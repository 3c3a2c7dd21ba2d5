/** Looks into a telemetry store over ClickHouse's HTTP interface, and waits for it. */
import { setTimeout as wait } from 'node:timers/promises';

const MERGES_POLL_MS = 250;
/** So often in a row no merge has to be under way. */
const QUIET_POLLS = 6;
const MERGES_MAX_MS = 30_000;
const APPEAR_POLL_MS = 100;
/** So long nothing new may appear before the rest counts as lost. */
const APPEAR_MAX_MS = 20_000;

/** Where the items of a signal are. */
const ITEM_TABLES = {
  traces: ['spans_v3'],
  logs: ['logs_v3'],
  metrics: ['metrics_v3', 'histograms_v3'],
};

export class Store {
  #address;

  /** @param address url, username, password, database */
  constructor(address) {
    this.#address = address;
  }

  /** The rows of a SELECT, or nothing. */
  async ask(sql) {
    const { url, username, password, database } = this.#address;
    const response = await fetch(`${url}/?database=${database}&default_format=JSONEachRow`, {
      method: 'POST',
      headers: { 'x-clickhouse-user': username, 'x-clickhouse-key': password },
      body: sql,
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${sql}: ${text}`);
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  }

  async #tables() {
    const rows = await this.ask(
      `SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND name != 'migrations_log'`,
    );
    return rows.map(({ name }) => name);
  }

  /**
   * Takes everything out of the telemetry tables by setting it aside. Deleting it would leave its mark on what comes next:
   * ext4 searches long for a free inode where many have just been freed.
   */
  async empty() {
    for (const table of await this.#tables()) await this.ask(`ALTER TABLE \`${table}\` DETACH PARTITION ALL`);
  }

  async items(signal) {
    let total = 0;
    for (const table of ITEM_TABLES[signal])
      total += Number((await this.ask(`SELECT count() AS n FROM ${table}`))[0].n);
    return total;
  }

  /** Items by tenant id. */
  async itemsByTenant(signal) {
    const totals = new Map();
    for (const table of ITEM_TABLES[signal]) {
      const rows = await this.ask(`SELECT toString(tenant_id) AS tenant, count() AS n FROM ${table} GROUP BY tenant`);
      for (const { tenant, n } of rows) totals.set(tenant, (totals.get(tenant) ?? 0) + Number(n));
    }
    return totals;
  }

  /** Resolves when the tenants' items of the signal can be queried, or when no more of them come. */
  async untilThere(signal, byTenant) {
    const wanted = [...byTenant.values()].reduce((sum, items) => sum + items, 0);
    let best = -1;
    let since = performance.now();
    for (;;) {
      // Others send too: the platform traces itself.
      const stored = await this.itemsByTenant(signal);
      const there = [...byTenant.keys()].reduce((sum, tenant) => sum + (stored.get(tenant) ?? 0), 0);
      if (there >= wanted) return;
      if (there > best) [best, since] = [there, performance.now()];
      if (performance.now() - since > APPEAR_MAX_MS) return;
      await wait(APPEAR_POLL_MS);
    }
  }

  /** Resolves when no merge has been under way for a while. */
  async untilMerged() {
    const started = performance.now();
    for (let quiet = 0; quiet < QUIET_POLLS && performance.now() - started < MERGES_MAX_MS;) {
      await wait(MERGES_POLL_MS);
      const [{ n }] = await this.ask('SELECT count() AS n FROM system.merges');
      quiet = Number(n) === 0 ? quiet + 1 : 0;
    }
  }

  /** Bytes of the active parts of all telemetry tables and what hangs on them, and how many parts that are. */
  async onDisk() {
    const [{ bytes, parts }] = await this.ask(
      `SELECT sum(bytes_on_disk) AS bytes, count() AS parts FROM system.parts WHERE active AND database = currentDatabase() AND table != 'migrations_log'`,
    );
    return { bytes: Number(bytes), parts: Number(parts) };
  }
}
