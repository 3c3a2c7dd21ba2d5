/**
 * Renders the figures of `npm run bench ingest -- --out figures.json` as Markdown tables; run by itself it writes them
 * into docs/performance.md, between its markers, so that no figure there is ever typed by hand.
 *
 *   node bench/src/report.mjs figures.json
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const DOCUMENT = new URL('../../docs/performance.md', import.meta.url);
const MIB = 2 ** 20;

const isFigure = (value) => typeof value === 'number' && Number.isFinite(value);
/** Digits in groups of three, parted by a space that does not break. */
const grouped = (value) => String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ' ');
const whole = (value) => (isFigure(value) ? grouped(Math.round(value)) : '–');
const toHundred = (value) => (isFigure(value) ? grouped(Math.round(value / 100) * 100) : '–');
const oneDigit = (value) => (isFigure(value) ? value.toFixed(1) : '–');
const percent = (value) => (isFigure(value) ? `${(value * 100).toFixed(value < 0.1 ? 1 : 0)} %` : '–');
const mib = (value) => whole(value / MIB);

/** A table as prettier writes it: first column to the left, the others to the right. */
function table(head, rows) {
  const lines = [head, ...rows].map((cells) => cells.map(String));
  const widths = head.map((_, i) => Math.max(3, ...lines.map((cells) => cells[i].length)));
  const row = (cells) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [row(lines[0]), rule, ...lines.slice(1).map(row)].join('\n');
}

function goals({ rows, floors, decoding, idle }) {
  const by = (list, key, value) => list.find((entry) => entry[key] === value);
  const [spans, half] = [by(rows, 'name', 'spans'), by(rows, 'name', 'half')];
  const times = (signal) => {
    const found = by(decoding, 'signal', signal)?.times;
    return isFigure(found) ? `${found.toFixed(1)} ×` : '–';
  };
  const floor = by(floors, 'signal', 'traces');
  return table(
    ['figure', 'must', 'aim', 'measured'],
    [
      ['transcode against protobufjs decoding, spans', '4 ×', '7 ×', times('traces')],
      ['transcode against protobufjs decoding, logs', '4 ×', '7 ×', times('logs')],
      ['transcode against protobufjs decoding, points', '4 ×', '7 ×', times('metrics')],
      ['end to end, spans per CPU second, of the floor’s', '60 %', '80 %', percent(spans?.ofFloor)],
      [
        '… that is, against',
        '',
        '',
        `${toHundred(spans?.itemsPerCpuSecond)} of ${toHundred(floor?.itemsPerCpuSecond)}`,
      ],
      ['acknowledgement p99 at half load, ms', '50', '15', oneDigit(half?.acknowledgedP99Ms)],
      ['acknowledged to queryable p95, ms', '1 000', '300', whole(half?.visibleP95Ms)],
      ['memory of server and stores at full load, MiB', '1 536', '800', mib(spans?.peakPssBytes)],
      ['bytes on disk per span', '60', '40', oneDigit(spans?.bytesPerItemMerged)],
      ['idle CPU, of a core', '3 %', '1 %', percent(idle?.cores)],
    ],
  );
}

function scenarios({ rows }) {
  return table(
    [
      'scenario',
      'items/s',
      'MB/s',
      'items/CPU s',
      'of the first',
      'of its floor',
      'ack p50 ms',
      'ack p99 ms',
      'visible p95 ms',
      'peak MiB PSS',
      'peak MiB RSS',
      'bytes/item',
      'bytes/item merged',
      'exact',
    ],
    rows.map((row) => [
      row.title,
      toHundred(row.itemsPerSecond),
      oneDigit(row.mbPerSecond),
      toHundred(row.itemsPerCpuSecond),
      percent(row.ofHeadline),
      percent(row.ofFloor),
      oneDigit(row.acknowledgedP50Ms),
      oneDigit(row.acknowledgedP99Ms),
      whole(row.visibleP95Ms),
      mib(row.peakPssBytes),
      mib(row.peakRssBytes),
      oneDigit(row.bytesPerItemFresh),
      oneDigit(row.bytesPerItemMerged),
      row.faults.length === 0 ? 'yes' : 'NO',
    ]),
  );
}

function baselines({ floors, decoding }) {
  const rows = floors.map((floor) => {
    const { protobufjsPerCpuSecond, transcodePerCpuSecond } = decoding.find(({ signal }) => signal === floor.signal);
    return [
      floor.signal,
      toHundred(floor.itemsPerCpuSecond),
      oneDigit(floor.bytesPerItemMerged),
      toHundred(protobufjsPerCpuSecond),
      toHundred(transcodePerCpuSecond),
    ];
  });
  return table(['per CPU second', 'floor: store alone', 'its bytes/item', 'protobufjs decodes', 'transcoded'], rows);
}

function breakdown({ rows }) {
  const [first] = rows;
  if (first === undefined) return '';
  const perMillion = (seconds) => ((seconds * 1e6) / first.items).toFixed(2);
  const parts = new Map();
  for (const { part, cpuSeconds } of first.byThread) parts.set(part, (parts.get(part) ?? 0) + cpuSeconds);
  const lines = [...parts].flatMap(([part, seconds]) => [
    [part, perMillion(seconds), percent(seconds / first.cpuSeconds)],
    ...first.byThread
      .filter((entry) => entry.part === part && entry.thread !== '')
      .map(({ thread, cpuSeconds }) => [`· ${thread}`, perMillion(cpuSeconds), percent(cpuSeconds / first.cpuSeconds)]),
  ]);
  return table(['CPU seconds of the first row', 'per million items', 'share'], lines);
}

/** All tables, as printed and as published. */
export function tables(figures) {
  const { machine, startsMs, command } = figures;
  const about = `\`${command}\` on ${machine.cores} cores (${machine.cpu}), ${Math.round(machine.memoryBytes / 2 ** 30)} GiB, Node ${machine.node}; the load generator runs on the same cores and is not counted.`;
  const starts = `First start on an empty folder ${(startsMs.first / 1000).toFixed(1)} s, second start ${(startsMs.second / 1000).toFixed(1)} s.`;
  return [about, goals(figures), scenarios(figures), baselines(figures), breakdown(figures), starts].join('\n\n');
}

function publish(file) {
  const figures = JSON.parse(readFileSync(file, 'utf8'));
  const text = readFileSync(DOCUMENT, 'utf8');
  const [open, close] = ['<!-- figures of npm run bench ingest -->', '<!-- end of figures -->'];
  const [from, to] = [text.indexOf(open), text.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`docs/performance.md has no place for the figures: ${open} … ${close}`);
  writeFileSync(DOCUMENT, `${text.slice(0, from + open.length)}\n\n${tables(figures)}\n\n${text.slice(to)}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [file] = process.argv.slice(2);
  if (file === undefined) throw new Error('Name the file that `npm run bench ingest -- --out <file>` wrote');
  publish(file);
}
