import { TABLES, uuidToRowBinary } from '@telemetryflow/otlp';
import type { Encoding, Signal } from '@telemetryflow/otlp';
import type { IngestPrincipal } from './auth/ingest-authenticator.js';
import type { BodyDecoder, DecodedBody, EncodedBody } from './decode/body-decoder.js';
import type { ContentCoding } from './decode/content-coding.js';
import type { DecodePool } from './decode/decode-pool.js';
import { IngestError, type RateLimitStatus } from './ingest-error.js';
import type { IngestLogger } from './ingest-logger.js';
import { NOTHING_TO_TELL, outcomeOf, type IngestOutcome } from './ingest-outcome.js';
import type { IngestStats } from './ingest-stats.js';
import type { MemoryLease } from './memory-budget.js';
import type { SegmentLog } from './segment-log/segment-log.js';

const TENANTS_REMEMBERED = 10_000;
/** Up to here a body is decoded where it is: handing it to a thread and back costs more than the work (ADR 0012). */
const INLINE_MAX_BYTES = { plain: 64 * 1024, compressed: 16 * 1024 };
/** A small body that inflates to more than this goes to a thread after all. */
const INLINE_MAX_INFLATED_BYTES = 256 * 1024;
/** JSON is several times the work of protobuf. */
const JSON_SHARE = 1 / 4;

export interface IngestRequest {
  readonly signal: Signal;
  readonly encoding: Encoding;
  readonly coding: ContentCoding;
  /** As it came. Its memory is given away. */
  readonly body: Uint8Array;
  readonly principal: IngestPrincipal;
  readonly receivedAtMs: number;
  /** Holds the body; what it is decoded to is counted on it too. */
  readonly lease: MemoryLease;
}

/** Rates and quotas. */
export interface IngestAdmission {
  /**
   * Before the body is read; tells the limit that its sender is nearest to know of, if there is one.
   *
   * @throws ThrottledError, QuotaExceededError
   */
  admit(principal: IngestPrincipal, signal: Signal): RateLimitStatus | undefined;
  /** What came, after inflating, and was accepted. Refuses nothing: what was too much is told at the next `admit`. */
  charge(principal: IngestPrincipal, signal: Signal, items: number, bodyBytes: number): void;
}

export interface IngestOptions {
  readonly log: SegmentLog;
  /** Decodes on this thread; its identities are those of the segment that the log writes. */
  readonly decoder: BodyDecoder;
  /** Decodes on other threads; absent: everything is decoded on this one. */
  readonly pool?: DecodePool;
  readonly admission?: IngestAdmission;
  readonly stats: IngestStats;
  readonly logger: IngestLogger;
}

interface Decoded {
  readonly accepted: number;
  readonly rejected: number;
  readonly rejections: ReadonlyMap<string, number>;
  readonly warnings: ReadonlySet<string>;
  readonly bodyBytes: number;
}

interface Stored {
  readonly decoded: Decoded;
  readonly durable: Promise<void> | undefined;
}

/** One request from its body to its place in the log. */
export class Ingest {
  readonly #options: IngestOptions;
  readonly #tenantBytes = new Map<string, Uint8Array>();
  readonly #logged = new Set<string>();

  constructor(options: IngestOptions) {
    this.#options = options;
  }

  /**
   * Whether a request may come in at all. Ask once, before its body is read. Tells the rate limit to tell its sender of.
   *
   * @throws IngestError `forbidden` without the signal's write permission, `overloaded` when there is no room, `throttled`
   *   or `quota_exceeded` beyond a rate or quota
   */
  admit(principal: IngestPrincipal, signal: Signal): RateLimitStatus | undefined {
    if (!principal.permissions.has(`${signal}:write`)) {
      throw new IngestError('forbidden', `The API key lacks the permission ${signal}:write`);
    }
    // First: what there is no room for does not count.
    this.#options.log.admit();
    return this.#options.admission?.admit(principal, signal);
  }

  /**
   * Resolves when everything accepted is on the disk.
   *
   * @throws IngestError `bad_data` when the body is no OTLP request, `too_large` when it is too much after inflating,
   *   `overloaded` when there is no room; nothing of the request was taken then
   */
  async ingest(request: IngestRequest): Promise<IngestOutcome> {
    const { signal, principal } = request;
    const { log, stats, admission } = this.#options;
    log.admit();
    if (request.body.length === 0) return NOTHING_TO_TELL;
    const encoded = { ...request, tenantId: this.#tenant(principal.tenantId) };
    const stored = this.#inline(encoded) ?? (await this.#onThread(encoded));
    await stored.durable;
    const { decoded } = stored;
    if (decoded.rejected > 0) stats.countRefusedItems(signal, decoded.rejections);
    if (decoded.accepted > 0) stats.countAccepted(signal, decoded.accepted, decoded.bodyBytes);
    admission?.charge(principal, signal, decoded.accepted, decoded.bodyBytes);
    this.#logOnce(decoded.warnings, request);
    return outcomeOf(signal, decoded);
  }

  /** Decodes and appends here; `undefined` when that is work for a thread. */
  #inline(encoded: EncodedBody): Stored | undefined {
    const { log, decoder, pool } = this.#options;
    const share = encoded.encoding === 'json' ? JSON_SHARE : 1;
    const inlineMaxBytes = INLINE_MAX_BYTES[encoded.coding === 'identity' ? 'plain' : 'compressed'];
    if (pool !== undefined && encoded.body.length > inlineMaxBytes * share) return undefined;
    log.prepare();
    let decoded: DecodedBody;
    try {
      decoded = decoder.decode(encoded, pool === undefined ? undefined : INLINE_MAX_INFLATED_BYTES * share);
    } catch (error) {
      if (pool !== undefined && error instanceof IngestError && error.reason === 'too_large') return undefined;
      throw error;
    }
    // Up to here nothing may be awaited: the blocks are views into the decoder's memory.
    return { decoded, durable: this.#append(encoded, decoded) };
  }

  async #onThread(request: IngestRequest & EncodedBody): Promise<Stored> {
    const { pool } = this.#options;
    if (pool === undefined) throw new Error('There are no decode threads');
    const { signal, encoding, coding, body, tenantId, receivedAtMs } = request;
    const stored = await pool.store({ signal, encoding, coding, body, tenantId, receivedAtMs });
    request.lease.force(stored.recordBytes);
    return { decoded: stored, durable: stored.durable };
  }

  /**
   * When the disk refuses the record, its identities are not in the segment; but then the segment takes nothing more, and
   * the next one begins without any.
   */
  #append({ signal, tenantId }: EncodedBody, { blocks, accepted, services }: DecodedBody): Promise<void> | undefined {
    if (blocks.length === 0) return undefined;
    const { log, decoder } = this.#options;
    try {
      return log.append({
        tenantId,
        signal,
        items: accepted,
        services: [...services],
        blocks: blocks.map(({ table, rows, bytes }) => ({ tableId: TABLES[table].id, rows, bytes })),
      });
    } catch (error) {
      decoder.identities.clear();
      throw error;
    }
  }

  /** Its sender may repeat it with every request. */
  #logOnce(warnings: ReadonlySet<string>, { signal, principal }: IngestRequest): void {
    for (const warning of warnings) {
      if (this.#logged.has(warning)) continue;
      this.#logged.add(warning);
      const { tenantId, apiKeyId } = principal;
      this.#options.logger.warn({ signal, tenantId, apiKeyId, warning }, 'A request was not read in full; told once');
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
