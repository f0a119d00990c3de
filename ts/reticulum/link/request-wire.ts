/**
 * What requests and responses carry.
 *
 *     request   msgpack [float64 seconds, H16(path), data]
 *     response  msgpack [request id 16, value]
 *
 * @module
 * @see RNS/Link.py request, handle_request (RNS 1.5.7)
 */
import { ProtocolError } from '../../base/errors.ts';
import { MsgpackFloat, encodeMsgpack, type MsgpackValue } from '../../codec/msgpack.ts';
import { decodeMsgpack } from '../../codec/msgpack-decode.ts';
import { TRUNCATED_HASH_BYTES } from '../identity.ts';

/** A request as it came in. */
export interface DecodedRequest {
  readonly requestedAtS: number;
  readonly pathHash: Uint8Array;
  readonly data: MsgpackValue;
}

/** A response as it came in. */
export interface DecodedResponse {
  readonly id: Uint8Array;
  readonly value: MsgpackValue;
  /** Size as the reference counts it: the packed value less two. */
  readonly valueBytes: number;
}

/** Pack a response. */
export function encodeResponse(id: Uint8Array, value: MsgpackValue): Uint8Array {
  return encodeMsgpack([id, value]);
}

/** Read a request; `undefined` when it is malformed. */
export function decodeRequest(packed: Uint8Array): DecodedRequest | undefined {
  const list = unpack(packed);
  if (!Array.isArray(list) || list.length < 3) return undefined;
  const [time, pathHash, data] = list;
  const requestedAtS = time instanceof MsgpackFloat ? time.value : time;
  if (typeof requestedAtS !== 'number' || !(pathHash instanceof Uint8Array)) return undefined;
  if (pathHash.length !== TRUNCATED_HASH_BYTES) return undefined;
  return { requestedAtS, pathHash, data: data ?? null };
}

/** Read a response; `undefined` when it is malformed. */
export function decodeResponse(packed: Uint8Array): DecodedResponse | undefined {
  const list = unpack(packed);
  if (!Array.isArray(list) || list.length < 2) return undefined;
  const [id, value] = list;
  if (!(id instanceof Uint8Array) || id.length !== TRUNCATED_HASH_BYTES) return undefined;
  // One byte for the list, 18 for the id in front of the value.
  const valueBytes = packed.length - 19 - 2;
  return { id, value: value ?? null, valueBytes };
}

function unpack(packed: Uint8Array): MsgpackValue | undefined {
  try {
    return decodeMsgpack(packed);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return undefined;
  }
}
