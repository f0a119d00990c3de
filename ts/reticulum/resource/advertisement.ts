/**
 * Resource advertisements: what is about to be sent, and the first part of its hash map.
 *
 * A msgpack map with these keys in this order: `t` bytes on the wire, `d` bytes of data in all segments,
 * `n` parts, `h` hash 32, `r` random 4, `o` hash of the first segment 32, `i` segment from 1, `l` segments,
 * `q` request id or nil, `f` flags, `m` map hashes.
 * Flags, low to high: encrypted, compressed, split, request, response, metadata.
 * @module
 * @see RNS/Resource.py ResourceAdvertisement (RNS 1.5.7)
 */
import { ProtocolError, within } from '../../base/errors.ts';
import { encodeMsgpack, type MsgpackMap, type MsgpackValue } from '../../codec/msgpack.ts';
import { decodeMsgpack } from '../../codec/msgpack-decode.ts';
import { TRUNCATED_HASH_BYTES } from '../identity.ts';
import {
  HASHMAP_LENGTH,
  MAP_HASH_BYTES,
  MAX_TRANSFER_BYTES,
  RANDOM_HASH_BYTES,
  RESOURCE_HASH_BYTES,
} from './constants.ts';

const Flag = { ENCRYPTED: 1, COMPRESSED: 2, SPLIT: 4, REQUEST: 8, RESPONSE: 16, METADATA: 32 };

/** One segment as it is advertised. */
export interface Advertisement {
  /** Bytes of this segment on the wire. */
  readonly transferBytes: number;
  /** Bytes of data and metadata in all segments, unpacked. */
  readonly dataBytes: number;
  readonly parts: number;
  readonly hash: Uint8Array;
  readonly randomHash: Uint8Array;
  readonly originalHash: Uint8Array;
  /** From 1. */
  readonly segmentIndex: number;
  readonly totalSegments: number;
  readonly requestId: Uint8Array | undefined;
  readonly encrypted: boolean;
  readonly compressed: boolean;
  readonly split: boolean;
  readonly isRequest: boolean;
  readonly isResponse: boolean;
  readonly hasMetadata: boolean;
  /** Up to 74 map hashes of 4 bytes. */
  readonly hashmap: Uint8Array;
}

/** Pack an advertisement. @see RNS/Resource.py ResourceAdvertisement.pack */
export function encodeAdvertisement(adv: Advertisement): Uint8Array {
  const flags =
    (adv.encrypted ? Flag.ENCRYPTED : 0) |
    (adv.compressed ? Flag.COMPRESSED : 0) |
    (adv.split ? Flag.SPLIT : 0) |
    (adv.isRequest ? Flag.REQUEST : 0) |
    (adv.isResponse ? Flag.RESPONSE : 0) |
    (adv.hasMetadata ? Flag.METADATA : 0);
  return encodeMsgpack(
    new Map<MsgpackValue, MsgpackValue>([
      ['t', adv.transferBytes],
      ['d', adv.dataBytes],
      ['n', adv.parts],
      ['h', adv.hash],
      ['r', adv.randomHash],
      ['o', adv.originalHash],
      ['i', adv.segmentIndex],
      ['l', adv.totalSegments],
      ['q', adv.requestId ?? null],
      ['f', flags],
      ['m', adv.hashmap],
    ])
  );
}

/**
 * Read an advertisement.
 * @throws ProtocolError `RNS_RESOURCE` when a field is missing, of another kind or size, or out of range
 * @see RNS/Resource.py ResourceAdvertisement.unpack
 */
export function decodeAdvertisement(packed: Uint8Array): Advertisement {
  const map = unpack(packed);
  const flags = count(map, 'f', 0);
  const requestId = field(map, 'q');
  if (requestId !== null && !isBytes(requestId, TRUNCATED_HASH_BYTES)) throw wrong('q');
  const totalSegments = count(map, 'l', 1);
  const segmentIndex = count(map, 'i', 1);
  if (segmentIndex > totalSegments) throw wrong('i');
  const transferBytes = count(map, 't', 1);
  if (transferBytes > MAX_TRANSFER_BYTES) throw wrong('t');
  const hashmap = field(map, 'm');
  if (!(hashmap instanceof Uint8Array) || hashmap.length % MAP_HASH_BYTES !== 0) throw wrong('m');
  if (hashmap.length > HASHMAP_LENGTH * MAP_HASH_BYTES) throw wrong('m');
  const has = (flag: number): boolean => (flags & flag) !== 0;
  return {
    transferBytes,
    dataBytes: count(map, 'd', 0),
    parts: count(map, 'n', 1),
    hash: bytes(map, 'h', RESOURCE_HASH_BYTES),
    randomHash: bytes(map, 'r', RANDOM_HASH_BYTES),
    originalHash: bytes(map, 'o', RESOURCE_HASH_BYTES),
    segmentIndex,
    totalSegments,
    requestId: requestId ?? undefined,
    encrypted: has(Flag.ENCRYPTED),
    compressed: has(Flag.COMPRESSED),
    split: has(Flag.SPLIT),
    isRequest: requestId !== null && has(Flag.REQUEST),
    isResponse: requestId !== null && has(Flag.RESPONSE),
    hasMetadata: has(Flag.METADATA),
    hashmap,
  };
}

function unpack(packed: Uint8Array): MsgpackMap {
  try {
    const value = within('advertisement', 0, () => decodeMsgpack(packed));
    if (value instanceof Map) return value;
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new ProtocolError('RNS_RESOURCE', 'is damaged', { at: cause.at, cause });
  }
  throw new ProtocolError('RNS_RESOURCE', 'is no map', { at: 'advertisement' });
}

function field(map: MsgpackMap, key: string): MsgpackValue {
  const value = map.get(key);
  if (value === undefined) throw wrong(key, 'is missing');
  return value;
}

function count(map: MsgpackMap, key: string, atLeast: number): number {
  const value = field(map, key);
  if (typeof value !== 'number' || value < atLeast) throw wrong(key);
  return value;
}

function bytes(map: MsgpackMap, key: string, length: number): Uint8Array {
  const value = field(map, key);
  if (!isBytes(value, length)) throw wrong(key);
  return value;
}

function isBytes(value: MsgpackValue, length: number): value is Uint8Array {
  return value instanceof Uint8Array && value.length === length;
}

function wrong(key: string, what = 'is of another kind, size or range'): ProtocolError {
  return new ProtocolError('RNS_RESOURCE', what, { at: `advertisement.${key}` });
}
