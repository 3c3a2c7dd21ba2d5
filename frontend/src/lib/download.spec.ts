import { describe, expect, it } from 'vitest';
import { downloadName, toCsv, toJson, toTsv } from './download.js';

describe('a table as a file', () => {
  it('is CSV with a header, every field quoted', () => {
    const table = {
      columns: ['service', 'p95, ms'],
      rows: [
        ['cart "eu"', 12.5],
        ['a\nb', null],
      ],
    };
    expect(toCsv(table)).toBe('"service","p95, ms"\r\n"cart ""eu""","12.5"\r\n"a\nb",""\r\n');
  });

  it.each([
    ['=1+1', `"'=1+1"`],
    ['+cmd', `"'+cmd"`],
    ['-2+3', `"'-2+3"`],
    ['@SUM(A1)', `"'@SUM(A1)"`],
    ['\t=1', `"'\t=1"`],
    ['\uff1dHYPERLINK("x")', `"'\uff1dHYPERLINK(""x"")"`],
    ['a=1;b-2;\nc', '"a=1;b-2;\nc"'],
    ['a;=HYPERLINK(1);+2', `"a;'=HYPERLINK(1);'+2"`],
    [-5, '"-5"'],
    [NaN, '""'],
    [undefined, '""'],
    [{ a: 1 }, '"{""a"":1}"'],
  ])('%j is %s: no spreadsheet runs it', (cell, field) => {
    expect(toCsv({ columns: ['x'], rows: [[cell]] })).toBe(`"x"\r\n${field}\r\n`);
  });

  it('guards the names of columns too', () => {
    expect(toCsv({ columns: ['=evil()'], rows: [] })).toBe(`"'=evil()"\r\n`);
  });

  it('is text for the clipboard, guarded alike, a line per row', () => {
    const table = {
      columns: ['time', '=evil()'],
      rows: [
        ['\t=1', -5],
        ['a\r\nb\tc', null],
        ['\uff1d1', NaN],
      ],
    };
    expect(toTsv(table)).toBe("time\t'=evil()\n' =1\t-5\na b c\t\n'\uff1d1\t");
  });

  it('is quoted for the clipboard where a spreadsheet would take quotes off', () => {
    expect(toTsv({ columns: ['x', 'y'], rows: [['"=1+1"', '"']] })).toBe('x\ty\n"""=1+1"""\t""""');
  });

  it('keeps two columns of one name', () => {
    expect(JSON.parse(toJson({ columns: ['time', 'a', 'time'], rows: [[1, 2, 3]] }))).toEqual([
      { time: 1, a: 2, 'time 2': 3 },
    ]);
  });

  it('is JSON with an object per row', () => {
    expect(JSON.parse(toJson({ columns: ['a', 'b'], rows: [['=x', { c: [1] }], [2]] }))).toEqual([
      { a: '=x', b: { c: [1] } },
      { a: 2, b: null },
    ]);
  });

  it('has a name that sorts by time', () => {
    expect(downloadName('logs', 'csv', new Date(2026, 2, 4, 9, 1, 3))).toBe('logs-2026-03-04-09-01-03.csv');
  });
});
