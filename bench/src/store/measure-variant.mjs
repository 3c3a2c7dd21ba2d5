/** Runs one variant of store-tables in this process: takes its job as a message, answers with figures, ends. */
import { Session } from 'chdb';
import { readFileSync } from 'node:fs';
import { migrationStatements } from '../../../packages/otlp/src/testing/table-types.ts';
import { QUERIES, VARIANTS } from './variants.mjs';

const EVERYTHING = '1000000000000';
const INSERT = `max_insert_threads = 1, max_threads = 1, input_format_parallel_parsing = 0, max_partitions_per_insert_block = 0,
  max_insert_block_size = ${EVERYTHING}, min_insert_block_size_rows = ${EVERYTHING}, min_insert_block_size_bytes = ${EVERYTHING},
  deduplicate_blocks_in_dependent_materialized_views = 1`;
const REPEATS = 3;
const POLL_MS = 250;
const QUIET_POLLS = 8;

function seconds(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function untilQuiet(ask) {
  for (let quiet = 0; quiet < QUIET_POLLS;) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
    quiet = ask('SELECT count() FROM system.merges') === '0' ? quiet + 1 : 0;
  }
}

process.once('message', ({ name, group, signal, dir, inserts, columns }) => {
  const variant = VARIANTS[group][signal][name];
  const session = new Session(dir);
  const ask = (sql) => session.query(sql, 'TSVRaw').toString().trim();
  ask('CREATE DATABASE bench');
  ask('USE bench');
  for (const statement of variant.edit(migrationStatements())) ask(statement);
  const tables = ask(`SELECT name FROM system.tables WHERE database = 'bench' AND engine LIKE '%MergeTree'`).split(
    '\n',
  );
  const extra = variant.insertSettings === undefined ? '' : `, ${variant.insertSettings}`;
  const insertAll = () =>
    inserts.forEach(({ table, file, columns: names }, n) => {
      const list = names.map((column) => `\`${column}\``).join(', ');
      ask(
        `INSERT INTO ${table} (${list}) FROM INFILE '${file}' SETTINGS ${INSERT}${extra}, insert_deduplication_token = '${n}' FORMAT RowBinary`,
      );
    });
  // The engine merges by itself from here on, or is held back and then told to merge everything once.
  const background = variant.mergesItself === true;
  if (!background) for (const table of tables) ask(`SYSTEM STOP MERGES ${table}`);
  const insertSeconds = seconds(insertAll);
  if (!background) for (const table of tables) ask(`SYSTEM START MERGES ${table}`);
  const mergeSeconds = seconds(() => {
    if (background) untilQuiet(ask);
    else for (const table of tables) ask(`OPTIMIZE TABLE ${table} FINAL`);
  });
  const event = (name) => Number(ask(`SELECT sum(value) FROM system.events WHERE event = '${name}'`));
  const rewritten = event('MergedRows') / event('InsertedRows');
  const bytes = Number(ask(`SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = 'bench'`));
  const queries = Object.fromEntries(
    Object.entries({ ...QUERIES[group]?.[signal], ...variant.queries }).map(([label, sql]) => {
      const ms = Array.from({ length: REPEATS }, () =>
        seconds(() => ask(`${sql} SETTINGS use_query_condition_cache = 0 FORMAT Null`)),
      );
      return [label, Math.round(1000 * Math.min(...ms))];
    }),
  );
  const columnBytes = columns
    ? ask(
        `SELECT table, column, sum(column_data_compressed_bytes) b FROM system.parts_columns WHERE active AND database = 'bench' GROUP BY 1, 2 HAVING b > 50000 ORDER BY b DESC LIMIT 40`,
      ) +
      '\n' +
      ask(
        `SELECT table, sum(bytes_on_disk), sum(data_compressed_bytes), sum(secondary_indices_compressed_bytes), sum(marks_bytes) FROM system.parts WHERE active AND database = 'bench' GROUP BY 1`,
      )
    : '';
  const peakMiB = Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024);
  process.send({ insertSeconds, mergeSeconds, bytes, queries, columnBytes, peakMiB, rewritten }, () => process.exit(0));
});
