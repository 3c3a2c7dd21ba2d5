import type { LogRecord, LogsNew } from '@telemetryflow/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { MAX_UNSHOWN, TailMember } from './tail-member.js';

let sent: LogsNew[];
let isClogged: boolean;
let member: TailMember;

beforeEach(() => {
  [sent, isClogged] = [[], false];
  member = new TailMember(
    (batch) => sent.push(batch),
    () => isClogged,
  );
});

const record = (id: string) => ({ id }) as LogRecord;
const batch = (resume: string, ...ids: string[]): LogsNew => ({
  logs: ids.map(record),
  count: ids.length,
  dropped: 0,
  resume,
});
const ids = () => sent.flatMap(({ logs }) => logs.map(({ id }) => id));

describe('TailMember', () => {
  it('gets nothing before it has begun, then what was missed first, and nothing twice', () => {
    member.offer(batch('2', 'b', 'c'));
    expect(sent).toEqual([]);
    member.begin(batch('1', 'a', 'b'));
    expect(ids()).toEqual(['a', 'b', 'c']);
    expect(sent.reduce((sum, { count }) => sum + count, 0)).toBe(3);
  });

  it('holds as many batches as it could send before it has begun, and the count of the others', () => {
    const dropped = Array.from({ length: MAX_UNSHOWN + 2 }, (_, n) => member.offer(batch(`${n}`, `${n}`)));
    expect(dropped).toEqual([...Array.from({ length: MAX_UNSHOWN }, () => 0), 1, 1]);
    member.begin();
    expect(ids()).toEqual(Array.from({ length: MAX_UNSHOWN }, (_, n) => `${n}`));
    expect(sent[0]).toMatchObject({ count: 3, dropped: 2 });
    expect(sent.reduce((sum, { count }) => sum + count, 0)).toBe(MAX_UNSHOWN + 2);
  });

  it('gets no further batch before one was shown, and then the count of those left out', () => {
    member.begin();
    for (let n = 0; n < MAX_UNSHOWN + 2; n += 1) member.offer(batch(`${n}`, `${n}`));
    expect(sent).toHaveLength(MAX_UNSHOWN);
    member.shown();
    expect(sent.at(-1)).toEqual({ logs: [], count: 2, dropped: 2, resume: `${MAX_UNSHOWN + 1}` });
    // The notice is a batch as well: a client that shows nothing gets one notice for one batch shown.
    member.offer(batch('9', 'x'));
    expect(ids()).not.toContain('x');
  });

  it('gets nothing while its connection is clogged, and then the count with the next batch', () => {
    member.begin();
    isClogged = true;
    expect(member.offer(batch('1', 'a', 'b'))).toBe(2);
    expect(sent).toEqual([]);
    isClogged = false;
    expect(member.offer(batch('2', 'c'))).toBe(0);
    expect(sent).toEqual([{ logs: [record('c')], count: 3, dropped: 2, resume: '2' }]);
  });

  it('is not let ahead by saying too often that batches were shown', () => {
    member.begin();
    for (let n = 0; n < 50; n += 1) member.shown();
    for (let n = 0; n < MAX_UNSHOWN + 1; n += 1) member.offer(batch(`${n}`, `${n}`));
    expect(sent).toHaveLength(MAX_UNSHOWN);
  });
});
