import { describe, expect, it } from 'vitest';
import { identifier, literal, parseStatement } from './sql.js';

describe('parseStatement', () => {
  const insert = (sql: string) => {
    const statement = parseStatement(sql);
    if (statement.kind !== 'insert-data') throw new Error(`${statement.kind} for ${sql}`);
    return statement;
  };

  it.each([
    [
      'INSERT INTO t FORMAT RowBinary',
      'RowBinary',
      "INSERT INTO t  FROM INFILE 'p' COMPRESSION 'none'  FORMAT RowBinary",
    ],
    [
      'insert into `db`.`t` (a, b)\nFORMAT JSONEachRow',
      'JSONEachRow',
      "insert into `db`.`t` (a, b)\n FROM INFILE 'p' COMPRESSION 'none'  FORMAT JSONEachRow",
    ],
    [
      'INSERT INTO t SETTINGS a=1 FORMAT CSV',
      'CSV',
      "INSERT INTO t  FROM INFILE 'p' COMPRESSION 'none' SETTINGS a=1  FORMAT CSV",
    ],
    [
      'INSERT INTO TABLE t (a) VALUES',
      'Values',
      "INSERT INTO TABLE t (a)  FROM INFILE 'p' COMPRESSION 'none'  FORMAT Values",
    ],
    [
      '/* x */ INSERT INTO values VALUES ',
      'Values',
      "/* x */ INSERT INTO values  FROM INFILE 'p' COMPRESSION 'none'  FORMAT Values",
    ],
  ])('turns the data of %j into a file', (sql, format, expected) => {
    expect(insert(sql).format).toBe(format);
    expect(insert(sql).fromFile('p').trim()).toBe(expected);
  });

  it.each([
    ['INSERT INTO t FORMAT TSV\n1\t2', '1\t2'],
    ['INSERT INTO t FORMAT RowBinary\n\n\x00;\xff', '\n\x00;\xff'],
    ["INSERT INTO t VALUES (1, 'a;b'), (2, 'c')", " (1, 'a;b'), (2, 'c')"],
    ['INSERT INTO t (a) VALUES\n(1)', '\n(1)'],
  ])('finds where the data of %j begins', (sql, data) => {
    expect(sql.slice(insert(sql).dataStart)).toBe(data);
  });

  it('replaces input() by the file', () => {
    const statement = insert("INSERT INTO t SELECT a + 1 FROM input('a UInt8, b String') WHERE a > 1 FORMAT RowBinary");
    expect(statement.fromFile('p').trim()).toBe(
      "INSERT INTO t SELECT a + 1 FROM file('p', 'RowBinary', 'a UInt8, b String') WHERE a > 1",
    );
  });

  it('leaves INSERT … SELECT to the engine', () => {
    expect(parseStatement('INSERT INTO t SELECT * FROM u')).toMatchObject({ kind: 'other', isInsert: true });
    expect(parseStatement('INSERT INTO t WITH 1 AS x SELECT x')).toMatchObject({ kind: 'other', isInsert: true });
  });

  it.each([
    ['SELECT 1', "SELECT 1\n INTO OUTFILE 'p' TRUNCATE COMPRESSION 'none' FORMAT TSV"],
    ['SELECT 1 FORMAT JSON;', "SELECT 1  INTO OUTFILE 'p' TRUNCATE COMPRESSION 'none' FORMAT JSON"],
    [
      'SELECT 1 FORMAT JSON SETTINGS x = 1 -- end',
      "SELECT 1  INTO OUTFILE 'p' TRUNCATE COMPRESSION 'none' FORMAT JSON SETTINGS x = 1",
    ],
    [
      "WITH 1 AS format SELECT format, 'FORMAT x' -- FORMAT y",
      "WITH 1 AS format SELECT format, 'FORMAT x'\n INTO OUTFILE 'p' TRUNCATE COMPRESSION 'none' FORMAT TSV",
    ],
    [
      '(SELECT 1 FORMAT a) UNION ALL SELECT 2',
      "(SELECT 1 FORMAT a) UNION ALL SELECT 2\n INTO OUTFILE 'p' TRUNCATE COMPRESSION 'none' FORMAT TSV",
    ],
  ])('sends the result of %j into a file', (sql, expected) => {
    const statement = parseStatement(sql);
    expect(statement.kind === 'select' && statement.intoFile('p', 'TSV')).toBe(expected);
  });

  it('sees what it must refuse', () => {
    expect(parseStatement('SELECT 1; SELECT 2').kind).toBe('several');
    expect(parseStatement("SELECT ';'; -- done\n;").kind).toBe('select');
    expect(parseStatement('  -- nothing').kind).toBe('empty');
    expect(parseStatement("SELECT 1 INTO OUTFILE '/etc/passwd'")).toMatchObject({ kind: 'select', hasOutfile: true });
  });

  it('reads the id out of KILL QUERY', () => {
    expect(parseStatement("KILL QUERY WHERE query_id = 'abc' SYNC")).toMatchObject({ killQueryId: 'abc' });
    expect(parseStatement("KILL QUERY WHERE user = 'abc'")).toMatchObject({ kind: 'other', killQueryId: undefined });
  });
});

describe('quoting', () => {
  it('escapes what ends a literal or an identifier', () => {
    expect(literal("it's \\ \0")).toBe("'it\\'s \\\\ \\0'");
    expect(identifier('a`b\\')).toBe('`a\\`b\\\\`');
  });
});
