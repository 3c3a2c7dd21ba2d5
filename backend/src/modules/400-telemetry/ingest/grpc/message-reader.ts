import { tooLarge } from '../decode/inflate.js';
import { IngestError } from '../ingest-error.js';
import { Pieces } from '../pieces.js';

/*
 * Length-Prefixed-Message of gRPC over HTTP/2:
 *   Compressed-Flag u8 (0 or 1), Message-Length u32 big-endian, Message
 */
const PREFIX_BYTES = 5;

export interface GrpcMessage {
  readonly compressed: boolean;
  readonly bytes: Buffer;
}

/** Takes the one message of a unary call out of the chunks of a stream. */
export class MessageReader {
  readonly #prefix = Buffer.alloc(PREFIX_BYTES);
  #prefixBytes = 0;
  #length = 0;
  readonly #pieces = new Pieces();

  constructor(private readonly maxBytes: number) {}

  /** Bytes of the message that are held. */
  get heldBytes(): number {
    return this.#pieces.bytes;
  }

  /**
   * @throws IngestError `too_large` as soon as the prefix says so, `bad_data` for a broken prefix and for what comes
   *   after the message
   */
  push(chunk: Buffer): void {
    let at = 0;
    if (this.#prefixBytes < PREFIX_BYTES) {
      at = chunk.copy(this.#prefix, this.#prefixBytes, 0, PREFIX_BYTES - this.#prefixBytes);
      this.#prefixBytes += at;
      if (this.#prefixBytes < PREFIX_BYTES) return;
      this.#readPrefix();
    }
    const rest = chunk.length - at;
    if (rest === 0) return;
    const extra = this.#pieces.bytes + rest - this.#length;
    if (extra > 0) {
      throw new IngestError('bad_data', `${extra} bytes follow the message: a unary call carries one message`);
    }
    this.#pieces.push(at === 0 ? chunk : chunk.subarray(at));
  }

  /**
   * The message, once the stream has ended. To be called once.
   *
   * @throws IngestError `bad_data` when it is not all there
   */
  finish(): GrpcMessage {
    if (this.#prefixBytes === 0) throw new IngestError('bad_data', 'The call carries no message: send one');
    if (this.#prefixBytes < PREFIX_BYTES || this.#pieces.bytes < this.#length) {
      throw new IngestError('bad_data', 'The message is cut short: its prefix promises more bytes than came');
    }
    return { compressed: this.#prefix[0] === 1, bytes: this.#pieces.take() };
  }

  #readPrefix(): void {
    const flag = this.#prefix[0] ?? 0;
    if (flag > 1) throw new IngestError('bad_data', `The message's compressed-flag is ${flag}: it must be 0 or 1`);
    this.#length = this.#prefix.readUInt32BE(1);
    if (this.#length > this.maxBytes) throw tooLarge(this.maxBytes);
  }
}
