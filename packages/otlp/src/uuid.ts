/**
 * A UUID's 16 bytes in RowBinary order: ClickHouse keeps a UUID as two UInt64, high half first, each little-endian.
 *
 * @throws RangeError when the text is not a UUID in its 36-character form
 */
export function uuidToRowBinary(uuid: string): Uint8Array {
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(uuid)) throw new RangeError(`not a UUID: ${uuid}`);
  const plain = Uint8Array.from(Buffer.from(uuid.replaceAll('-', ''), 'hex'));
  plain.subarray(0, 8).reverse();
  plain.subarray(8, 16).reverse();
  return plain;
}
