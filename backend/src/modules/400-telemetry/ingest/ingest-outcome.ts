import type { Signal, TranscodeResult } from '@telemetryflow/otlp';
import { ITEM_NAMES } from './signal.js';

const REASONS_TOLD = 5;

/** Refused items, why, and what else the sender should know; 0 and empty when all were taken as they came. */
export interface IngestOutcome {
  readonly rejected: number;
  readonly message: string;
}

export const NOTHING_TO_TELL: IngestOutcome = { rejected: 0, message: '' };

type Told = Pick<TranscodeResult, 'rejected' | 'rejections' | 'warnings'>;

export function outcomeOf(signal: Signal, told: Told): IngestOutcome {
  const { rejected, warnings } = told;
  if (rejected === 0 && warnings.size === 0) return NOTHING_TO_TELL;
  const refusals = rejected === 0 ? [] : [refusalMessage(signal, told)];
  return { rejected, message: [...refusals, ...warnings].join('; ') };
}

/** What `partial_success` tells of it; `undefined`: the field stays unset. */
export function partialSuccess(outcome: IngestOutcome): IngestOutcome | undefined {
  return outcome.message === '' ? undefined : outcome;
}

function refusalMessage(signal: Signal, { rejected, rejections }: Told): string {
  const byCount = [...rejections].sort(([, a], [, b]) => b - a);
  const told = byCount.slice(0, REASONS_TOLD).map(([reason, items]) => `${items}: ${reason}`);
  const more = byCount.length > told.length ? [`${byCount.length - told.length} more reasons`] : [];
  return `${rejected} ${ITEM_NAMES[signal]} refused: ${[...told, ...more].join('; ')}`;
}
