import { spreadsheetText } from '@telemetryflow/contracts';
import { saveFile } from './save-file.js';

export type DownloadFormat = 'csv' | 'json';
/** A cell keeps its type: numbers are no formulas and stay numbers in JSON; objects become JSON text in CSV. */
export type Cell = unknown;

export interface Table {
  readonly columns: readonly string[];
  /** In the order of `columns`. */
  readonly rows: readonly (readonly Cell[])[];
}

const TYPES: Readonly<Record<DownloadFormat, string>> = { csv: 'text/csv', json: 'application/json' };
/** A cell as text that is safe in a spreadsheet: a formula is made a text by an apostrophe. */
function cellText(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : '';
  const text = typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
  return spreadsheetText(text);
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** RFC 4180 with a header line: every field quoted, quotes doubled. */
export function toCsv({ columns, rows }: Table): string {
  const field = (cell: Cell) => quoted(cellText(cell));
  return [columns, ...rows].map((cells) => `${cells.map(field).join(',')}\r\n`).join('');
}

/**
 * As spreadsheets take it from the clipboard, with a header line; tabs and line breaks within a cell become blanks, and a cell
 * with quotes is quoted.
 */
export function toTsv({ columns, rows }: Table): string {
  const field = (cell: Cell) => {
    const text = cellText(cell).replace(/[\t\r\n]+/g, ' ');
    return text.includes('"') ? quoted(text) : text;
  };
  return [columns, ...rows].map((cells) => cells.map(field).join('\t')).join('\n');
}

/** An array with an object per row; a value that is absent is null, and the second column of a name is `name 2`. */
export function toJson({ columns, rows }: Table): string {
  const names = columns.map((name, i) => {
    const before = columns.slice(0, i).filter((other) => other === name).length;
    return before === 0 ? name : `${name} ${before + 1}`;
  });
  const objects = rows.map((cells) => Object.fromEntries(names.map((name, i) => [name, cells[i] ?? null])));
  return `${JSON.stringify(objects, null, 2)}\n`;
}

/** `logs-2026-03-04-12-01-03.csv`, in the time of the browser. */
export function downloadName(prefix: string, format: DownloadFormat, at = new Date()): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())];
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two);
  return `${prefix}-${[...day, ...time].join('-')}.${format}`;
}

/** Hands a table that is on screen to the browser as a file: `downloadTable('metrics', 'csv', { columns, rows })`. */
export function downloadTable(prefix: string, format: DownloadFormat, table: Table): void {
  saveFile(downloadName(prefix, format), TYPES[format], format === 'csv' ? toCsv(table) : toJson(table));
}
