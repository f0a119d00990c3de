/**
 * A packet as it came in: read without copying, with its hash computed when it is first asked for.
 * @module
 * @see RNS/Packet.py unpack (RNS 1.5.7)
 */
import { concat } from '../base/bytes.ts';
import { sha256 } from '../crypto/provider.ts';
import { TRUNCATED_HASH_BYTES } from './identity.ts';
import type { InterfaceId } from './interface.ts';
import {
  DestinationType,
  MAX_HOPS,
  PacketType,
  type DestinationTypeCode,
  type Packet,
  type PacketTypeCode,
} from './packet.ts';

const LONG_ADDRESS_AT = 2 + TRUNCATED_HASH_BYTES;

/** A received packet; its fields are views of the frame, which must not be written to any more. */
export class ReceivedPacket implements Packet {
  readonly raw: Uint8Array;
  readonly interfaceId: InterfaceId;
  /** Hops counted here: one more than on the wire. */
  readonly hops: number;
  readonly transportId: Uint8Array | undefined;
  readonly destinationHash: Uint8Array;
  readonly context: number;
  readonly data: Uint8Array;
  #hash: Uint8Array | undefined;

  private constructor(raw: Uint8Array, interfaceId: InterfaceId) {
    const long = ((raw[0] as number) & 0x40) !== 0;
    const addressAt = long ? LONG_ADDRESS_AT : 2;
    const contextAt = addressAt + TRUNCATED_HASH_BYTES;
    this.raw = raw;
    this.interfaceId = interfaceId;
    this.hops = (raw[1] as number) + 1;
    this.transportId = long ? raw.subarray(2, addressAt) : undefined;
    this.destinationHash = raw.subarray(addressAt, contextAt);
    this.context = raw[contextAt] as number;
    this.data = raw.subarray(contextAt + 1);
  }

  /** Read a frame without access code; `undefined` when it is malformed. */
  static read(raw: Uint8Array, interfaceId: InterfaceId): ReceivedPacket | undefined {
    if (raw.length < 2 || (raw[1] as number) >= MAX_HOPS) return undefined;
    const flags = raw[0] as number;
    if ((flags & 0x80) !== 0) return undefined;
    const header = (flags & 0x40) !== 0 ? LONG_ADDRESS_AT : 2;
    if (raw.length < header + TRUNCATED_HASH_BYTES + 2) return undefined;
    return new ReceivedPacket(raw, interfaceId);
  }

  get packetType(): PacketTypeCode {
    return ((this.raw[0] as number) & 3) as PacketTypeCode;
  }

  get destinationType(): DestinationTypeCode {
    return (((this.raw[0] as number) >> 2) & 3) as DestinationTypeCode;
  }

  get transported(): boolean {
    return ((this.raw[0] as number) & 0x10) !== 0;
  }

  get contextFlag(): boolean {
    return ((this.raw[0] as number) & 0x20) !== 0;
  }

  /** The 32-byte hash that stays the same on the way. @see RNS/Packet.py get_hashable_part */
  get hash(): Uint8Array {
    this.#hash ??= hashOfFrame(this.raw);
    return this.#hash;
  }

  /** The first 16 bytes of the hash: the address of a proof, and the id of a request. */
  get truncatedHash(): Uint8Array {
    return this.hash.subarray(0, TRUNCATED_HASH_BYTES);
  }

  get isAnnounce(): boolean {
    return this.packetType === PacketType.ANNOUNCE;
  }

  get isForLink(): boolean {
    return this.destinationType === DestinationType.LINK;
  }
}

/** The packet hash of an encoded packet without access code. */
export function hashOfFrame(raw: Uint8Array): Uint8Array {
  const long = ((raw[0] as number) & 0x40) !== 0;
  const hashable = raw.slice(long ? LONG_ADDRESS_AT - 1 : 1);
  // The byte before the address gives way to the flags that do not change on the way.
  hashable[0] = (raw[0] as number) & 0x0f;
  return sha256(hashable);
}

/** Put the header of a packet in transport on a frame that has the short one. @see RNS/Transport.py _outbound */
export function intoTransport(raw: Uint8Array, nextHop: Uint8Array): Uint8Array {
  const flags = 0x50 | ((raw[0] as number) & 0x0f);
  return concat(Uint8Array.of(flags, raw[1] as number), nextHop, raw.subarray(2));
}
