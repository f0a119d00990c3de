/**
 * One segment made ready to be sent: packed, sealed, cut into frames, with the map of their hashes.
 *
 * The stream is `random 4 ‖ (metadata ‖) data`, packed or not, sealed as one token and cut into parts of
 * the link's size. All frames lie in one buffer, each with its header in front.
 * @module
 * @see RNS/Resource.py Resource.__init__ (RNS 1.5.7)
 */
import type { Random } from '../../base/random.ts';
import { sha256 } from '../../crypto/provider.ts';
import type { Compression } from '../compression.ts';
import { truncatedHash } from '../identity.ts';
import { LINK_HEADER_BYTES, writeLinkHeader } from '../link/frame.ts';
import { PacketContext, PacketType } from '../packet.ts';
import { COLLISION_GUARD, MAP_HASH_BYTES, RANDOM_HASH_BYTES } from './constants.ts';
import { readMapHash } from './wire.ts';

/** What a segment is made of. */
export interface SegmentInput {
  /** Metadata of the first segment included. */
  readonly data: Uint8Array;
  readonly linkId: Uint8Array;
  /** Bytes of one part. */
  readonly sdu: number;
  /** Absent means that the segment is sent as it is. */
  readonly compression: Compression | undefined;
  readonly seal: (plaintext: Uint8Array) => Uint8Array;
  /** Draws 16 bytes for the prefix, then 16 for the random hash, and 16 more for each collision. */
  readonly random: Random;
}

/** A segment ready to be sent. */
export interface Segment {
  readonly hash: Uint8Array;
  readonly randomHash: Uint8Array;
  /** What the receiver proves with. */
  readonly expectedProof: Uint8Array;
  readonly compressed: boolean;
  /** Bytes on the wire, without headers. */
  readonly transferBytes: number;
  /** Whole packets, one for each part. */
  readonly frames: readonly Uint8Array[];
  /** The map hash of each part. */
  readonly hashes: Uint32Array;
  /** Parts by map hash, in order. */
  readonly index: ReadonlyMap<number, readonly number[]>;
}

/** Make a segment ready. */
export function prepareSegment(input: SegmentInput): Segment {
  const { data, random, sdu } = input;
  const packed = packedSmaller(data, input.compression);
  const body = packed ?? data;
  const stream = new Uint8Array(RANDOM_HASH_BYTES + body.length);
  stream.set(drawRandomHash(random));
  stream.set(body, RANDOM_HASH_BYTES);
  const sealed = input.seal(stream);
  const slots = new Slots(sealed, input.linkId, sdu);
  // Data with room behind it for what is hashed along: the random hash, then the resource's own.
  const hashed = new Uint8Array(data.length + 32);
  hashed.set(data);
  for (;;) {
    const randomHash = drawRandomHash(random);
    hashed.set(randomHash, data.length);
    const hash = sha256(hashed.subarray(0, data.length + RANDOM_HASH_BYTES));
    const hashes = slots.mapHashes(randomHash);
    // Two parts too close together with the same map hash: another random hash parts them.
    if (hashes === undefined) continue;
    hashed.set(hash, data.length);
    return {
      hash,
      randomHash,
      expectedProof: sha256(hashed),
      compressed: packed !== undefined,
      transferBytes: sealed.length,
      frames: slots.frames(),
      hashes,
      index: indexOf(hashes),
    };
  }
}

/** The first 4 bytes of the hash of 16 random ones. @see RNS/Identity.py get_random_hash */
export function drawRandomHash(random: Random): Uint8Array {
  return truncatedHash(random.bytes(16)).subarray(0, RANDOM_HASH_BYTES);
}

function packedSmaller(
  data: Uint8Array,
  compression: Compression | undefined
): Uint8Array | undefined {
  const packed = compression?.compress(data);
  return packed !== undefined && packed.length < data.length ? packed : undefined;
}

/** Header, part, and room for the random hash that is hashed with the part, for each part in turn. */
class Slots {
  readonly count: number;
  readonly #bytes: Uint8Array;
  readonly #slot: number;
  readonly #lastPart: number;
  readonly #sdu: number;

  constructor(sealed: Uint8Array, linkId: Uint8Array, sdu: number) {
    this.count = Math.ceil(sealed.length / sdu);
    this.#sdu = sdu;
    this.#slot = LINK_HEADER_BYTES + sdu + RANDOM_HASH_BYTES;
    this.#lastPart = sealed.length - (this.count - 1) * sdu;
    this.#bytes = new Uint8Array(this.count * this.#slot);
    for (let i = 0; i < this.count; i++) {
      const slot = this.#bytes.subarray(i * this.#slot, (i + 1) * this.#slot);
      writeLinkHeader(slot, linkId, PacketType.DATA, PacketContext.RESOURCE);
      slot.set(sealed.subarray(i * sdu, (i + 1) * sdu), LINK_HEADER_BYTES);
    }
  }

  frames(): Uint8Array[] {
    return Array.from({ length: this.count }, (_, i) => {
      const at = i * this.#slot;
      return this.#bytes.subarray(at, at + LINK_HEADER_BYTES + this.#length(i));
    });
  }

  /** The map hash of each part; `undefined` when two parts that are close have the same. */
  mapHashes(randomHash: Uint8Array): Uint32Array | undefined {
    const hashes = new Uint32Array(this.count);
    const lastPlace = new Map<number, number>();
    for (let i = 0; i < this.count; i++) {
      const at = i * this.#slot + LINK_HEADER_BYTES;
      const end = at + this.#length(i);
      this.#bytes.set(randomHash, end);
      const mapHash = readMapHash(sha256(this.#bytes.subarray(at, end + RANDOM_HASH_BYTES)));
      const before = lastPlace.get(mapHash);
      if (before !== undefined && i - before <= COLLISION_GUARD) return undefined;
      lastPlace.set(mapHash, i);
      hashes[i] = mapHash;
    }
    return hashes;
  }

  #length(i: number): number {
    return i === this.count - 1 ? this.#lastPart : this.#sdu;
  }
}

function indexOf(hashes: Uint32Array): Map<number, number[]> {
  const index = new Map<number, number[]>();
  for (let i = 0; i < hashes.length; i++) {
    const places = index.get(hashes[i] as number);
    if (places === undefined) index.set(hashes[i] as number, [i]);
    else places.push(i);
  }
  return index;
}

/**
 * The map hash of a part that came in.
 * @param scratch - room for the part and 4 bytes more, overwritten
 * @see RNS/Resource.py get_map_hash
 */
export function mapHashOf(part: Uint8Array, randomHash: Uint8Array, scratch: Uint8Array): number {
  scratch.set(part);
  scratch.set(randomHash, part.length);
  return readMapHash(sha256(scratch.subarray(0, part.length + MAP_HASH_BYTES)));
}
