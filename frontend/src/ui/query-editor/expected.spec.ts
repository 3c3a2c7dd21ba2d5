import { describe, expect, it } from 'vitest';
import { expectedAt, type EditorMode } from './expected.js';

/** `¦` marks the cursor. */
function at(marked: string, mode: EditorMode) {
  const position = marked.indexOf('¦');
  return expectedAt(marked.replace('¦', ''), position, mode, 'logs');
}

describe('expectedAt', () => {
  it.each([
    ['¦', 'field', '', ''],
    ['serv¦', 'field', 'serv', ''],
    ['service:¦', 'value', '', ''],
    ['service:che¦', 'value', 'che', ''],
    ['service:"my ca¦', 'value', 'my ca', ''],
    ['service:"my cart"¦', 'value', 'my cart"', ''],
    ['level:error service:(cart, ch¦', 'value', 'ch', 'level:error'],
    ['level:error service:(¦', 'value', '', 'level:error'],
    ['level:error ¦', 'field', '', 'level:error'],
    ['level:error AND ¦', 'field', '', 'level:error'],
    ['level:error -¦', 'field', '', 'level:error'],
    ['level:error (ho¦', 'field', 'ho', 'level:error'],
    ['a:1 OR b:2 host.name:¦', 'value', '', ''],
    ['a:1 (b:2 OR c:3) host.name:x¦ d:4', 'value', 'x', 'a:1 AND (b:2 OR c:3) AND d:4'],
    ['exists(ht¦', 'key', 'ht', ''],
    ['http.route: ¦', 'value', '', ''],
  ])('of the filter %s offers a %s for "%s" where %s', (marked, kind, typed, filter) => {
    expect(at(marked, 'filter')).toMatchObject({ kind, typed, filter, signal: 'logs' });
  });

  it('knows the field of a value and replaces the whole word', () => {
    expect(at('a:1 attributes."my key":foo¦bar', 'filter')).toMatchObject({
      field: 'attributes.my key',
      typed: 'foo',
      from: 24,
      to: 30,
    });
  });

  it.each(['name~^GET¦', 'a:1 "free te¦', 'a:1)¦'])('offers nothing in %s', (marked) => {
    expect(at(marked, 'filter')).toBeNull();
  });

  it.each([
    ['¦', 'signal', 'spans', ''],
    ['sp¦', 'signal', 'spans', ''],
    ['A = ¦', 'signal', 'spans', ''],
    ['logs ¦', 'field', 'logs', ''],
    ['logs level:¦', 'value', 'logs', ''],
    ['logs level:error | ¦', 'stage', 'logs', 'level:error'],
    ['logs level:error | co¦', 'stage', 'logs', 'level:error'],
    ['spans a:1 | count ¦', 'modifier', 'spans', 'a:1'],
    ['spans a:1 | count, ¦', 'function', 'spans', 'a:1'],
    ['traces a:1 | p95(¦', 'key', 'spans', 'a:1'],
    ['spans a:1 | p95(dur¦', 'key', 'spans', 'a:1'],
    ['spans a:1 | count by ¦', 'key', 'spans', 'a:1'],
    ['spans a:1 | count by http.route, se¦', 'key', 'spans', 'a:1'],
    ['spans a:1 | count where status:¦', 'value', 'spans', 'a:1'],
    ['spans a:1 | count every ¦', 'duration', 'spans', 'a:1'],
    ['spans | count | sort by ¦', 'sort', 'spans', ''],
    ['spans | count | sort by co¦', 'sort', 'spans', ''],
    ['spans | count | sort by count ¦', 'direction', 'spans', ''],
    ['metrics ¦', 'metric', 'metrics', ''],
    ['metrics http.serv¦', 'metric', 'metrics', ''],
    ['metrics m{¦', 'label', 'metrics', ''],
    ['metrics m{route="¦', 'value', 'metrics', ''],
    ['metrics m ¦', 'field', 'metrics', ''],
    ['spans a:1\nlogs b:2 c:¦', 'value', 'logs', 'b:2'],
  ])('of the statement %s offers a %s of %s where %s', (marked, kind, signal, filter) => {
    expect(at(marked, 'statement')).toMatchObject({ kind, signal, filter });
  });

  it('knows what can be sorted by', () => {
    const marked = 'logs | count\nspans | p95(duration), count where a:1 as errors by http.route | sort by e¦ | top 5';
    expect(at(marked, 'statement')?.sortable).toEqual(['p95(duration)', 'errors', 'http.route']);
  });
});
