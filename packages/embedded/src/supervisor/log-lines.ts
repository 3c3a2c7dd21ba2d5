import type { Readable } from 'node:stream';

const LONGEST_LINE = 8192;

/** Calls `onLine` for every line of `stream`, without its newline; an endless line is cut into pieces. */
export function forwardLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) emit(line);
    if (rest.length > LONGEST_LINE) {
      emit(rest);
      rest = '';
    }
  });
  stream.on('end', () => emit(rest));

  function emit(line: string): void {
    const text = line.trimEnd();
    if (text !== '') onLine(text);
  }
}
