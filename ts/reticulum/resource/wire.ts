/**
 * What resource packets carry besides advertisements and parts.
 *
 *     RESOURCE_REQ  00 ‖ hash 32 ‖ map hashes          parts that are wanted
 *                   FF ‖ last map hash 4 ‖ hash 32 ‖ map hashes     and more of the hash map
 *     RESOURCE_HMU  hash 32 ‖ msgpack [segment, map hashes]
 *     RESOURCE_PRF  hash 32 ‖ proof 32
 *     RESOURCE_ICL, RESOURCE_RCL   hash 32
 *
 * @module
 * @see RNS/Resource.py request_next, request, prove (RNS 1.5.7)
 */
import { concat } from '../../base/bytes.ts';
import { ProtocolError } from '../../base/errors.ts';
import { encodeMsgpack, type MsgpackValue } from '../../codec/msgpack.ts';
import { decodeMsgpack } from '../../codec/msgpack-decode.ts';
import { HASHMAP_LENGTH, MAP_HASH_BYTES, RESOURCE_HASH_BYTES } from './constants.ts';

const NOT_EXHAUSTED = 0x00;
const EXHAUSTED = 0xff;

/** Parts that a receiver asks for. */
export interface PartRequest {
  /** Of the segment. */
  readonly hash: Uint8Array;
  readonly wanted: readonly number[];
  /** The last map hash that the receiver has, when it needs more of them. */
  readonly lastMapHash: number | undefined;
}

/** Map hashes as numbers, the first byte highest. */
export function readMapHashes(bytes: Uint8Array): number[] {
  const hashes: number[] = [];
  for (let at = 0; at + MAP_HASH_BYTES <= bytes.length; at += MAP_HASH_BYTES) {
    hashes.push(readMapHash(bytes, at));
  }
  return hashes;
}

/** One map hash as a number. */
export function readMapHash(bytes: Uint8Array, at = 0): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}

/** Map hashes as bytes. */
export function writeMapHashes(hashes: ArrayLike<number>): Uint8Array {
  const out = new Uint8Array(hashes.length * MAP_HASH_BYTES);
  const view = new DataView(out.buffer);
  for (let i = 0; i < hashes.length; i++) view.setUint32(i * MAP_HASH_BYTES, hashes[i] as number);
  return out;
}

/** Pack a request for parts. */
export function encodePartRequest(request: PartRequest): Uint8Array {
  const { hash, wanted, lastMapHash } = request;
  if (lastMapHash === undefined) {
    return concat(Uint8Array.of(NOT_EXHAUSTED), hash, writeMapHashes(wanted));
  }
  const last = writeMapHashes([lastMapHash]);
  return concat(Uint8Array.of(EXHAUSTED), last, hash, writeMapHashes(wanted));
}

/** Read a request for parts; `undefined` when it is too short. */
export function decodePartRequest(plaintext: Uint8Array): PartRequest | undefined {
  const exhausted = plaintext[0] === EXHAUSTED;
  const hashAt = 1 + (exhausted ? MAP_HASH_BYTES : 0);
  const wantedAt = hashAt + RESOURCE_HASH_BYTES;
  if (plaintext.length < wantedAt) return undefined;
  return {
    hash: plaintext.subarray(hashAt, wantedAt),
    wanted: readMapHashes(plaintext.subarray(wantedAt)),
    lastMapHash: exhausted ? readMapHash(plaintext, 1) : undefined,
  };
}

/** More of a hash map. */
export interface HashmapUpdate {
  readonly hash: Uint8Array;
  /** Which 74 hashes these are, from 0. */
  readonly segment: number;
  readonly hashes: readonly number[];
}

/** Pack an update of the hash map. */
export function encodeHashmapUpdate(update: HashmapUpdate): Uint8Array {
  const packed = encodeMsgpack([update.segment, writeMapHashes(update.hashes)]);
  return concat(update.hash, packed);
}

/** Read an update of the hash map; `undefined` when it is malformed. */
export function decodeHashmapUpdate(plaintext: Uint8Array): HashmapUpdate | undefined {
  if (plaintext.length <= RESOURCE_HASH_BYTES) return undefined;
  let list: MsgpackValue;
  try {
    list = decodeMsgpack(plaintext.subarray(RESOURCE_HASH_BYTES));
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return undefined;
  }
  const [segment, hashmap] = Array.isArray(list) ? list : [];
  if (typeof segment !== 'number' || segment < 0 || !(hashmap instanceof Uint8Array)) {
    return undefined;
  }
  if (hashmap.length > HASHMAP_LENGTH * MAP_HASH_BYTES) return undefined;
  return {
    hash: plaintext.subarray(0, RESOURCE_HASH_BYTES),
    segment,
    hashes: readMapHashes(hashmap),
  };
}
