import { createHash } from 'node:crypto';
import pg from 'pg';

/** A connection keeps what it prepared until it ends; statements beyond this many run unprepared. */
const MAX_STATEMENTS = 500;

const names = new Map<string, string>();

/**
 * A connection that prepares every statement with parameters, once. Planning a join under row-level security costs several
 * times what running it does: see docs/performance.md.
 */
export class PreparingClient extends pg.Client {
  override query: pg.Client['query'] = (...args: unknown[]) => Reflect.apply(super.query, this, prepared(args));
}

function prepared(args: readonly unknown[]): readonly unknown[] {
  const [text, values, ...rest] = args;
  if (typeof text !== 'string' || !Array.isArray(values) || values.length === 0) return args;
  const name = nameOf(text);
  return name === undefined ? args : [{ name, text, values }, ...rest];
}

/** The same for the same text on all connections; undefined when there are too many different ones. */
function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= MAX_STATEMENTS) return known;
  const name = `tf_${createHash('sha256').update(text).digest('base64url').slice(0, 24)}`;
  names.set(text, name);
  return name;
}
