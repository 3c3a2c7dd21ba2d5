/** One step of store-layout in this process: makes the files of a layout, or inserts, merges and asks. */
import { Session } from 'chdb';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { columnsOf, filtersOf, LAYOUTS } from './layouts.mjs';

const FILES = 8;
const REPEATS = 3;
const EVERYTHING = '1000000000000';
const ONE_BLOCK = `max_insert_threads = 1, max_threads = 1, input_format_parallel_parsing = 0, max_insert_block_size = ${EVERYTHING}, min_insert_block_size_rows = ${EVERYTHING}, min_insert_block_size_bytes = ${EVERYTHING}`;
const CODECS = { span_id: 'NONE', timestamp: 'Delta, ZSTD(1)' };

function seconds(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function make(ask, { folder, rows }, columns) {
  const select = columns.map(([name, type, expression]) => `CAST(${expression} AS ${type}) AS ${name}`).join(', ');
  const perFile = Math.ceil(rows / FILES);
  for (let i = 0; i < FILES; i++) {
    ask(
      `SELECT ${select} FROM (SELECT number + ${i * perFile} AS n FROM numbers(${perFile})) INTO OUTFILE '${join(folder, 'made', String(i))}' FORMAT RowBinary`,
    );
  }
  return {};
}

function measure(ask, { folder, layout, scenario }, columns) {
  const { indexes, settings, insert } = LAYOUTS[layout];
  const declared = columns.map(([name, type]) => {
    const codec = type.startsWith('LowCardinality') ? '' : ` CODEC(${CODECS[name] ?? 'ZSTD(1)'})`;
    return `${name} ${type}${codec}`;
  });
  ask(
    `CREATE TABLE t (${declared.join(', ')}${indexes}) ENGINE = MergeTree ORDER BY (tenant_id, toStartOfHour(timestamp), service_name, timestamp)${settings && ` SETTINGS ${settings}`}`,
  );
  ask('SYSTEM STOP MERGES t');
  const insertSeconds = seconds(() => {
    for (let i = 0; i < FILES; i++)
      ask(
        `INSERT INTO t FROM INFILE '${join(folder, 'made', String(i))}' SETTINGS ${ONE_BLOCK}, ${insert} FORMAT RowBinary`,
      );
  });
  ask('SYSTEM START MERGES t');
  const mergeSeconds = seconds(() => ask('OPTIMIZE TABLE t FINAL'));
  const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  const [rows, bytes] = ask(
    `SELECT sum(rows), sum(bytes_on_disk) FROM system.parts WHERE active AND database = 'bench' AND table = 't'`,
  )
    .split('\t')
    .map(Number);
  const queries = Object.entries(filtersOf(layout, scenario)).map(([name, filter]) => {
    const sql = `SELECT count() FROM t WHERE ${filter} SETTINGS use_query_condition_cache = 0`;
    return [
      `${name}, ms`,
      Math.round(1000 * Math.min(...Array.from({ length: REPEATS }, () => seconds(() => ask(sql))))),
    ];
  });
  return {
    'insert, rows/CPU s': Math.round(rows / insertSeconds),
    'with a merge': Math.round(rows / (insertSeconds + mergeSeconds)),
    'bytes/row': (bytes / rows).toFixed(1),
    'peak MiB': Math.round(peak / 1024),
    ...Object.fromEntries(queries),
  };
}

process.once('message', (job) => {
  const session = new Session(join(job.folder, 'data'));
  const ask = (sql) => session.query(sql, 'TSVRaw').toString().trim();
  ask('CREATE DATABASE IF NOT EXISTS bench');
  ask('USE bench');
  const answer = (job.step === 'make' ? make : measure)(ask, job, columnsOf(job.layout, job.scenario));
  if (job.step === 'measure') rmSync(join(job.folder, 'made'), { recursive: true, force: true });
  process.send(answer, () => process.exit(0));
});
