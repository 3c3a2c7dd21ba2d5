import { SegmentIdentities, TABLES, Transcoder, uuidToRowBinary, OtlpDecodeError } from '@telemetryflow/otlp';
import type { Encoding, Signal, TranscodeResult } from '@telemetryflow/otlp';
import type { IngestPrincipal } from './auth/ingest-authenticator.js';
import { IngestError } from './ingest-error.js';
import type { IngestStats } from './ingest-stats.js';
import type { SegmentLog } from './segment-log/segment-log.js';
import { ITEM_NAMES } from './signal.js';

const TENANTS_REMEMBERED = 10_000;
const REASONS_TOLD = 5;

export interface IngestRequest {
  readonly signal: Signal;
  readonly encoding: Encoding;
  /** Inflated. Only read before the first await. */
  readonly body: Uint8Array;
  readonly principal: IngestPrincipal;
  readonly receivedAtMs: number;
}

/** Refused items, and why; 0 and empty when all were taken. */
export interface IngestOutcome {
  readonly rejected: number;
  readonly message: string;
}

export interface IngestOptions {
  readonly log: SegmentLog;
  /** The identities of the segment that the log writes; cleared when it begins a new one. */
  readonly identities: SegmentIdentities;
  readonly stats: IngestStats;
  /** Items whose time is further back are refused. */
  readonly maxPastMs: number;
  readonly maxFutureMs: number;
}

const NOTHING_REFUSED: IngestOutcome = { rejected: 0, message: '' };

/** One request from its inflated body to its place in the log. */
export class Ingest {
  readonly #options: IngestOptions;
  readonly #transcoder = new Transcoder();
  readonly #tenantBytes = new Map<string, Uint8Array>();

  constructor(options: IngestOptions) {
    this.#options = options;
  }

  /**
   * Whether a request may come in at all. Ask before its body is read.
   *
   * @throws IngestError `forbidden` without the signal's write permission, `overloaded` when there is no room
   */
  admit(principal: IngestPrincipal, signal: Signal): void {
    if (!principal.permissions.has(`${signal}:write`)) {
      throw new IngestError('forbidden', `The API key lacks the permission ${signal}:write`);
    }
    this.#options.log.admit();
  }

  /**
   * Resolves when everything accepted is on the disk.
   *
   * @throws IngestError `forbidden` without the signal's write permission, `bad_data` when the body is no OTLP request,
   *   `overloaded` when there is no room; nothing of the request was taken then
   */
  async ingest(request: IngestRequest): Promise<IngestOutcome> {
    const { signal, body, principal } = request;
    const { log, stats } = this.#options;
    this.admit(principal, signal);
    if (body.length === 0) return NOTHING_REFUSED;
    log.prepare();
    const result = this.#transcode(request);
    // From here to append nothing may be awaited: the blocks are views into the transcoder's memory.
    const appended = this.#append(request, result);
    stats.countRefusedItems(signal, result.rejections);
    await appended;
    if (result.accepted > 0) stats.countAccepted(signal, result.accepted, body.length);
    return result.rejected === 0
      ? NOTHING_REFUSED
      : { rejected: result.rejected, message: refusalMessage(signal, result) };
  }

  #transcode({ signal, encoding, body, principal, receivedAtMs }: IngestRequest): TranscodeResult {
    const { identities, maxPastMs, maxFutureMs } = this.#options;
    const tenantId = this.#tenant(principal.tenantId);
    try {
      return this.#transcoder.transcode(signal, encoding, body, {
        tenantId,
        receivedAtMs,
        identities,
        maxPastMs,
        maxFutureMs,
      });
    } catch (error) {
      if (error instanceof OtlpDecodeError)
        throw new IngestError('bad_data', error.message, undefined, { cause: error });
      throw error;
    }
  }

  async #append({ signal, principal }: IngestRequest, result: TranscodeResult): Promise<void> {
    if (result.blocks.length === 0) return;
    try {
      await this.#options.log.append({
        tenantId: this.#tenant(principal.tenantId),
        signal,
        items: result.accepted,
        services: [...result.services],
        blocks: result.blocks.map(({ table, rows, bytes }) => ({ tableId: TABLES[table].id, rows, bytes })),
      });
    } catch (error) {
      // Its identities are not in the segment after all. A failed segment takes no more records anyway; forgetting too
      // much only repeats rows.
      this.#options.identities.clear();
      throw error;
    }
  }

  #tenant(tenantId: string): Uint8Array {
    let bytes = this.#tenantBytes.get(tenantId);
    if (bytes === undefined) {
      if (this.#tenantBytes.size >= TENANTS_REMEMBERED) this.#tenantBytes.clear();
      bytes = uuidToRowBinary(tenantId);
      this.#tenantBytes.set(tenantId, bytes);
    }
    return bytes;
  }
}

function refusalMessage(signal: Signal, { rejected, rejections }: TranscodeResult): string {
  const byCount = [...rejections].sort(([, a], [, b]) => b - a);
  const told = byCount.slice(0, REASONS_TOLD).map(([reason, items]) => `${items}: ${reason}`);
  const more = byCount.length > told.length ? [`${byCount.length - told.length} more reasons`] : [];
  return `${rejected} ${ITEM_NAMES[signal]} refused: ${[...told, ...more].join('; ')}`;
}
