import type { Severity } from '@telemetryflow/contracts';

/** First severity number of each name; a name covers four (OpenTelemetry, Logs Data Model, SeverityNumber). */
const FIRST: Readonly<Record<Exclude<Severity, 'unspecified'>, number>> = {
  trace: 1,
  debug: 5,
  info: 9,
  warn: 13,
  error: 17,
  fatal: 21,
};

/** Spellings seen in severity texts, by the name they mean. */
const SPELLINGS: Readonly<Record<keyof typeof FIRST, readonly string[]>> = {
  trace: ['trace', 'finest', 'verbose'],
  debug: ['debug', 'fine'],
  info: ['info', 'information', 'informational', 'notice'],
  warn: ['warn', 'warning'],
  error: ['error', 'err'],
  fatal: ['fatal', 'critical', 'crit', 'alert', 'emergency', 'panic'],
};

const NAMES = Object.keys(FIRST) as (keyof typeof FIRST)[];

/** By `severityClass`. */
export const SEVERITY_CLASSES = ['unspecified', ...NAMES] as const;

/** SQL for what a log record's severity is called: a position in `SEVERITY_CLASSES`. Records without a number by their text. */
export function severityClass(): string {
  const spellings = NAMES.flatMap((name, i) => SPELLINGS[name].map((text) => ({ text, class: i + 1 })));
  const texts = spellings.map(({ text }) => `'${text}'`).join(', ');
  const classes = spellings.map((s) => s.class).join(', ');
  const byText = `transform(lower(severity_text), [${texts}], [${classes}], 0)`;
  return `if(severity_number = 0, ${byText}, least(intDiv(severity_number + 3, 4), 6))`;
}

/** Severity numbers from lowest to highest, and the texts that mean the same on records without a number. */
export interface SeverityRange {
  readonly lowest: number;
  readonly highest: number;
  readonly texts: readonly string[];
}

/** `warn`, `WARNING`, `warn2` or `13`; undefined for anything else. */
export function severityRange(text: string): SeverityRange | undefined {
  const word = text.toLowerCase();
  const number = /^\d{1,2}$/.test(word) ? Number(word) : numberedSeverity(word);
  if (number !== undefined) return number <= 24 ? { lowest: number, highest: number, texts: [] } : undefined;
  const name = NAMES.find((n) => SPELLINGS[n].includes(word));
  if (name === undefined) return undefined;
  return { lowest: FIRST[name], highest: FIRST[name] + 3, texts: SPELLINGS[name] };
}

/** Spellings of every severity whose numbers all satisfy `holds`. */
export function spellingsWhere(holds: (firstNumber: number) => boolean): string[] {
  return NAMES.filter((n) => holds(FIRST[n])).flatMap((n) => SPELLINGS[n]);
}

/** `warn2`, the second of the four warn levels. */
function numberedSeverity(word: string): number | undefined {
  const match = /^([a-z]+)([1-4])$/.exec(word);
  const name = NAMES.find((n) => n === match?.[1]);
  return name === undefined ? undefined : FIRST[name] + Number(match?.[2]) - 1;
}
