/**
 * One set of tests in two sizes: short and bounded within `npm test`, long as `npm run chaos`, which asks for it by
 * environment variable, shows progress and gathers a table.
 */
import { appendFileSync } from 'node:fs';
import { SEED } from './random.ts';

export const IS_LONG = process.env.CHAOS_LONG === 'true';

export function size(short: number, long: number): number {
  return IS_LONG ? long : short;
}

/** How often each kind of process is killed. */
export const KILLS = size(6, Number(process.env.CHAOS_KILLS ?? 200));

/** The line that brings a run back, for the titles of tests. */
export const SEEDED = `CHAOS_SEED=${SEED}`;

/** A line of progress; silent in the short form. */
export function say(line: string): void {
  if (IS_LONG) process.stdout.write(`  ${line}\n`);
}

/** A row of the table at the end of `npm run chaos`. */
export function report(fault: string, figures: Readonly<Record<string, number | string>>): void {
  const file = process.env.CHAOS_REPORT;
  if (file) appendFileSync(file, `${JSON.stringify({ fault, ...figures })}\n`);
}
