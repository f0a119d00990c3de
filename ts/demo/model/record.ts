/** Stored records: a few named texts, as MessagePack. @module */
import { ProtocolError } from '../../base/errors.ts';
import { encodeMsgpack } from '../../codec/msgpack.ts';
import { decodeMsgpack } from '../../codec/msgpack-decode.ts';

/** Write a record. */
export function encodeRecord(record: Readonly<Record<string, string>>): Uint8Array {
  return encodeMsgpack(new Map(Object.entries(record)));
}

/** Read a record; entries that are no text are left out. @throws ProtocolError `VAULT_DAMAGED` */
export function decodeRecord(bytes: Uint8Array): ReadonlyMap<string, string> {
  let value: unknown;
  try {
    value = decodeMsgpack(bytes);
  } catch (cause) {
    throw new ProtocolError('VAULT_DAMAGED', 'a stored record cannot be read', { cause });
  }
  if (!(value instanceof Map)) {
    throw new ProtocolError('VAULT_DAMAGED', 'a stored record has another shape');
  }
  const texts = new Map<string, string>();
  for (const [key, item] of value as Map<unknown, unknown>) {
    if (typeof key === 'string' && typeof item === 'string') texts.set(key, item);
  }
  return texts;
}
