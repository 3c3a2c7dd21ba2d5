import { OtlpDecodeError } from '../errors.js';
import { wireType, type Field, type Message } from '../schema/message.js';
import { NESTING_MESSAGE } from '../schema/otlp.js';
import { MAX_DEPTH } from '../values/json-text.js';
import { ProtobufWriter } from './protobuf-writer.js';
import { WireReader } from './wire-reader.js';

/** Offset pairs of one field's occurrences: values with their wire encoding, or the payloads of a message. */
type Occurrences = Map<Field, number[]>;

/**
 * Rewrites a request so that no singular submessage occurs twice: proto3 merges such parts, and the transcoder, which
 * reads a message in one pass, does not. No SDK writes them; so this is slow and simple, and runs only when the
 * transcoder met one. Unknown fields are dropped; of a oneof the last member is kept.
 *
 * Merging relies on a rule of protobuf: parsing the concatenation of two encodings merges the two messages.
 */
export function mergeSplitMessages(type: Message, body: Uint8Array): Uint8Array {
  const out = new ProtobufWriter();
  rewrite(type, body, out, 0);
  return out.finished();
}

function rewrite(type: Message, body: Uint8Array, out: ProtobufWriter, depth: number): void {
  for (const [field, ranges] of collect(type, body)) {
    const inner = field.message?.();
    if (inner === undefined) {
      // Scalars: the bytes from the tag on; a singular one was replaced by each later occurrence.
      for (let i = 0; i < ranges.length; i += 2) out.raw(body.subarray(ranges[i], ranges[i + 1]));
      continue;
    }
    const nested = inner === NESTING_MESSAGE ? depth + 1 : depth;
    const parts = ranges.length / 2;
    const payloads = Array.from({ length: parts }, (_, i) => body.subarray(ranges[2 * i], ranges[2 * i + 1]));
    for (const payload of field.repeated || parts === 1 ? payloads : [Buffer.concat(payloads)]) {
      out.tag(field.number, 2);
      const mark = out.beginDelimited();
      // Deeper than the transcoder reads, so what is there need not be merged.
      if (nested > MAX_DEPTH + 1) out.raw(payload);
      else rewrite(inner, payload, out, nested);
      out.endDelimited(mark);
    }
  }
}

function collect(type: Message, body: Uint8Array): Occurrences {
  const wire = new WireReader();
  wire.attach(body);
  const end = body.length;
  const found: Occurrences = new Map();
  for (let p = 0; p < end;) {
    const fieldStart = p;
    const tag = wire.longTag(p, end);
    const valueStart = wire.next;
    p = wire.skip(tag, valueStart, end, 0, type.name);
    const field = type.byNumber.get(tag >>> 3);
    if (field === undefined) continue;
    const isPacked = field.repeated && (tag & 7) === 2;
    if ((tag & 7) !== wireType(field.type) && !isPacked) {
      throw new OtlpDecodeError(`field ${field.number} of ${type.name} has wire type ${tag & 7}`, type.name);
    }
    if (field.oneof !== undefined) {
      for (const other of found.keys()) if (other !== field && other.oneof === field.oneof) found.delete(other);
    }
    const ranges = found.get(field);
    const start = field.type === 'message' ? wire.open(valueStart, end) : fieldStart;
    if (ranges === undefined) found.set(field, [start, p]);
    else if (field.repeated || field.type === 'message') ranges.push(start, p);
    else found.set(field, [start, p]);
  }
  return found;
}
