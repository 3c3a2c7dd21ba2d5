import type { Signal } from '../api.js';
import { OtlpDecodeError } from '../errors.js';
import { wireType, type Field, type Message } from '../schema/message.js';
import { NESTING_MESSAGE, REQUESTS } from '../schema/otlp.js';
import { MAX_DEPTH } from '../values/json-text.js';
import { ProtobufWriter } from '../wire/protobuf-writer.js';
import { readDouble, readEnum, readInteger64, type Halves } from './scalars.js';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Encodes a parsed OTLP/JSON request as protobuf, so that both encodings take one path to rows. Fields are looked up
 * by the schema (lowerCamelCase, else snake_case) and written in the order of their numbers; others are ignored; null
 * is absent. An id that is not hex is written as one zero byte, which refuses its item and not the request.
 *
 * Buffer ownership: the result is a view of the encoder's buffer, valid until its next `encode`.
 */
export class RequestEncoder {
  private readonly out = new ProtobufWriter();
  private readonly integer: Halves = { lo: 0, hi: 0 };
  /** Where in the document the encoder is; read when something is wrong there. */
  private readonly path: (string | number)[] = [];
  private depth = 0;

  /** @throws OtlpDecodeError naming the path of a value of the wrong JSON type */
  encode(signal: Signal, document: unknown): Uint8Array {
    this.out.reset();
    this.path.length = 0;
    this.depth = 0;
    if (!isObject(document)) throw new OtlpDecodeError('the body must be a JSON object', 'body');
    this.message(REQUESTS[signal], document);
    return this.out.finished();
  }

  private message(type: Message, value: JsonObject): void {
    for (const field of type.fields) {
      const member = value[field.name] ?? value[field.snakeName];
      if (member === undefined || member === null) continue;
      this.path.push(field.name);
      if (field.repeated) this.repeated(field, member);
      else this.single(field, member);
      this.path.pop();
    }
  }

  private repeated(field: Field, value: unknown): void {
    if (!Array.isArray(value)) throw this.wrong('an array');
    if (field.type === 'message') {
      for (let i = 0; i < value.length; i++) {
        this.path.push(i);
        this.single(field, (value as unknown[])[i] ?? {});
        this.path.pop();
      }
      return;
    }
    if (value.length === 0) return;
    this.out.tag(field.number, 2);
    const mark = this.out.beginDelimited();
    for (let i = 0; i < value.length; i++) {
      this.path.push(i);
      this.scalar(field, (value as unknown[])[i]);
      this.path.pop();
    }
    this.out.endDelimited(mark);
  }

  private single(field: Field, value: unknown): void {
    this.out.tag(field.number, wireType(field.type));
    const type = field.message?.();
    if (type === undefined) {
      this.scalar(field, value);
      return;
    }
    if (!isObject(value)) throw this.wrong('an object');
    const mark = this.out.beginDelimited();
    const nests = type === NESTING_MESSAGE;
    if (nests) this.depth++;
    // Deeper than the transcoder reads: it refuses the item, whatever is below.
    if (this.depth <= MAX_DEPTH + 1) this.message(type, value);
    if (nests) this.depth--;
    this.out.endDelimited(mark);
  }

  private scalar(field: Field, value: unknown): void {
    const { out } = this;
    switch (field.type) {
      case 'string':
        if (typeof value !== 'string') throw this.wrong('a string');
        out.string(value);
        return;
      case 'id':
        if (typeof value !== 'string') throw this.wrong('a hex string');
        out.bytes(hexBytes(value));
        return;
      case 'bytes':
        if (typeof value !== 'string' || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(value)) throw this.wrong('a base64 string');
        out.bytes(Buffer.from(value, 'base64'));
        return;
      case 'bool':
        if (typeof value !== 'boolean') throw this.wrong('true or false');
        out.varint(value ? 1 : 0, 0);
        return;
      case 'double': {
        const number = readDouble(value);
        if (number === undefined) throw this.wrong('a number');
        out.double(number);
        return;
      }
      case 'enum': {
        const number = readEnum(value, field);
        if (number === undefined) throw this.wrong('an enum number or name');
        out.varint(number, number >> 31);
        return;
      }
      default:
        this.whole(field, value);
    }
  }

  private whole(field: Field, value: unknown): void {
    const { out, integer } = this;
    const signed =
      field.type === 'int64' || field.type === 'sfixed64' || field.type === 'sint32' || field.type === 'int32';
    if (!readInteger64(value, signed, integer)) throw this.wrong(`an integer (${field.type})`);
    const { lo, hi } = integer;
    switch (field.type) {
      case 'int64':
      case 'uint64':
        out.varint(lo, hi);
        return;
      case 'fixed64':
      case 'sfixed64':
        out.fixed64(lo, hi);
        return;
      default:
        if (hi !== (signed ? lo >> 31 : 0)) throw this.wrong(`an integer (${field.type})`);
        if (field.type === 'fixed32') out.fixed32(lo);
        else if (field.type === 'sint32') out.varint((lo << 1) ^ (lo >> 31), 0);
        else out.varint(lo, hi);
    }
  }

  private wrong(expected: string): OtlpDecodeError {
    const path = this.path.reduce<string>(
      (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
      '',
    );
    return new OtlpDecodeError(`${path} must be ${expected}`, path);
  }
}

const INVALID_ID = new Uint8Array(1);

function hexBytes(text: string): Uint8Array {
  if (text === '') return INVALID_ID.subarray(1);
  return text.length % 2 === 0 && /^[0-9a-fA-F]+$/.test(text) ? Buffer.from(text, 'hex') : INVALID_ID;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
