import { describe, expect, it } from 'vitest';
import { wire as encode } from '../testing/requests.js';
import { WireReader } from '../wire/wire-reader.js';
import { KeySet } from './key-set.js';

/** Counts the fields that are looked at. */
class CountingReader extends WireReader {
  opened = 0;
  override open(p: number, end: number): number {
    this.opened++;
    return super.open(p, end);
  }
}

/** Which of the keys a set takes, and how many fields it looked at. */
function added(keys: readonly string[]): { readonly taken: string[]; readonly opened: number } {
  const fields = keys.map((key) => encode.message(9, encode.text(1, key)));
  const reader = new CountingReader();
  reader.attach(Buffer.concat([...fields, Buffer.alloc(16)]));
  const set = new KeySet(reader);
  const size = fields.reduce((sum, field) => sum + field.length, 0);
  set.begin(Int32Array.of(1, size), 0);
  const taken: string[] = [];
  let end = 0;
  for (const [i, key] of keys.entries()) {
    end += fields[i]!.length;
    if (set.add(taken.length, end - key.length, end)) taken.push(key);
  }
  return { taken, opened: reader.opened };
}

describe('a set of keys', () => {
  // Their length, middle and last bytes are the same.
  const look = (name: string): string => `${name}-------middle-end`;
  const many = 2000;

  it('costs no more than its length, however many look alike', () => {
    const keys = [...Array<string>(many).fill(look('a')), ...Array<string>(many).fill(look('b'))];
    const { taken, opened } = added(keys);
    expect(taken).toEqual([look('a'), look('b')]);
    expect(opened).toBeLessThan(10 * keys.length);
  });

  it('still knows every key after it has changed the way it looks for them', () => {
    const keys = [look('a'), 'other-key', ...Array<string>(200).fill(look('b')), look('c'), 'new', look('c'), 'new'];
    const { taken } = added([...keys, ...keys]);
    expect(taken).toEqual([look('a'), 'other-key', look('b'), look('c'), 'new']);
  });
});
