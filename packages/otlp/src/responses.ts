import type { Encoding, Signal } from './api.js';
import { ProtobufWriter } from './wire/protobuf-writer.js';

/*
 * Export<Signal>ServiceResponse { Export<Signal>PartialSuccess partial_success = 1; }
 * Export<Signal>PartialSuccess { int64 rejected_<items> = 1; string error_message = 2; }
 * google.rpc.Status { int32 code = 1; string message = 2; repeated google.protobuf.Any details = 3; }
 * google.protobuf.Any { string type_url = 1; bytes value = 2; }
 * google.rpc.BadRequest { repeated FieldViolation field_violations = 1; }  FieldViolation { field = 1; description = 2; }
 * google.rpc.RetryInfo { google.protobuf.Duration retry_delay = 1; }       Duration { int64 seconds = 1; int32 nanos = 2; }
 */
const REJECTED_FIELD: Readonly<Record<Signal, string>> = {
  traces: 'rejectedSpans',
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
};

const BAD_REQUEST = 'type.googleapis.com/google.rpc.BadRequest';
const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';

export type StatusDetail =
  | {
      readonly type: 'badRequest';
      readonly violations: readonly { readonly field: string; readonly description: string }[];
    }
  | { readonly type: 'retryInfo'; readonly retryDelaySeconds: number };

/**
 * The body of a successful export. Without `partial`, `partial_success` stays unset, as OTLP requires on full success
 * (an empty protobuf body is that message); with 0 rejected it carries a warning.
 */
export function encodeExportResponse(
  signal: Signal,
  encoding: Encoding,
  partial?: { rejected: number; message: string },
): Uint8Array {
  if (encoding === 'json') {
    if (partial === undefined) return json({});
    // int64 is a string in protobuf's JSON mapping; a zero or empty field is left out.
    const rejected = partial.rejected === 0 ? {} : { [REJECTED_FIELD[signal]]: String(partial.rejected) };
    return json({
      partialSuccess: { ...rejected, ...(partial.message === '' ? {} : { errorMessage: partial.message }) },
    });
  }
  const out = new ProtobufWriter(256);
  if (partial !== undefined) {
    const mark = delimited(out, 1);
    integer(out, 1, partial.rejected);
    text(out, 2, partial.message);
    out.endDelimited(mark);
  }
  return out.finished();
}

/** A google.rpc.Status: the body of every OTLP/HTTP error, and grpc-status-details-bin (protobuf) of a gRPC one. */
export function encodeStatus(
  encoding: Encoding,
  status: { code: number; message: string; details?: readonly StatusDetail[] },
): Uint8Array {
  const { code, message, details = [] } = status;
  if (encoding === 'json') {
    return json({ code, message, ...(details.length === 0 ? {} : { details: details.map(detailToJson) }) });
  }
  const out = new ProtobufWriter(512);
  integer(out, 1, code);
  text(out, 2, message);
  for (const detail of details) {
    const any = delimited(out, 3);
    text(out, 1, detail.type === 'badRequest' ? BAD_REQUEST : RETRY_INFO);
    const value = delimited(out, 2);
    if (detail.type === 'badRequest') writeBadRequest(out, detail.violations);
    else writeRetryInfo(out, detail.retryDelaySeconds);
    out.endDelimited(value);
    out.endDelimited(any);
  }
  return out.finished();
}

function detailToJson(detail: StatusDetail): object {
  if (detail.type === 'badRequest') return { '@type': BAD_REQUEST, fieldViolations: detail.violations };
  return { '@type': RETRY_INFO, retryDelay: `${detail.retryDelaySeconds}s` };
}

function writeBadRequest(out: ProtobufWriter, violations: readonly { field: string; description: string }[]): void {
  for (const { field, description } of violations) {
    const mark = delimited(out, 1);
    text(out, 1, field);
    text(out, 2, description);
    out.endDelimited(mark);
  }
}

function writeRetryInfo(out: ProtobufWriter, seconds: number): void {
  const whole = Math.floor(seconds);
  const mark = delimited(out, 1);
  integer(out, 1, whole);
  integer(out, 2, Math.round((seconds - whole) * 1e9));
  out.endDelimited(mark);
}

function delimited(out: ProtobufWriter, field: number): number {
  out.tag(field, 2);
  return out.beginDelimited();
}

/** A non-negative integer; 0 is left out, as proto3 does. */
function integer(out: ProtobufWriter, field: number, value: number): void {
  if (value === 0) return;
  out.tag(field, 0);
  out.varint(value | 0, Math.floor(value / 4294967296));
}

function text(out: ProtobufWriter, field: number, value: string): void {
  if (value === '') return;
  out.tag(field, 2);
  out.string(value);
}

function json(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
