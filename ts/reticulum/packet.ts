/**
 * Packets: the header that every Reticulum frame carries, read and written.
 *
 *     HEADER_1: flags 1 ‖ hops 1 ‖ destination 16 ‖ context 1 ‖ data
 *     HEADER_2: flags 1 ‖ hops 1 ‖ transportId 16 ‖ destination 16 ‖ context 1 ‖ data
 *
 * Flags, high to low: interface access code 1, header type 1, context flag 1, transport type 1,
 * destination type 2, packet type 2.
 * @module
 * @see RNS/Packet.py (RNS 1.5.7)
 */
import { assertBytes, concat } from '../base/bytes.ts';
import { ProtocolError } from '../base/errors.ts';
import { sha256 } from '../crypto/provider.ts';
import { TRUNCATED_HASH_BYTES } from './identity.ts';

/** What a packet is. */
export const PacketType = { DATA: 0, ANNOUNCE: 1, LINKREQUEST: 2, PROOF: 3 } as const;
/** One of {@link PacketType}. */
export type PacketTypeCode = (typeof PacketType)[keyof typeof PacketType];

/** What a packet is addressed to. */
export const DestinationType = { SINGLE: 0, GROUP: 1, PLAIN: 2, LINK: 3 } as const;
/** One of {@link DestinationType}. */
export type DestinationTypeCode = (typeof DestinationType)[keyof typeof DestinationType];

/** What the data of a packet means. */
export const PacketContext = {
  NONE: 0x00,
  RESOURCE: 0x01,
  RESOURCE_ADV: 0x02,
  RESOURCE_REQ: 0x03,
  RESOURCE_HMU: 0x04,
  RESOURCE_PRF: 0x05,
  RESOURCE_ICL: 0x06,
  RESOURCE_RCL: 0x07,
  CACHE_REQUEST: 0x08,
  REQUEST: 0x09,
  RESPONSE: 0x0a,
  PATH_RESPONSE: 0x0b,
  COMMAND: 0x0c,
  COMMAND_STATUS: 0x0d,
  CHANNEL: 0x0e,
  KEEPALIVE: 0xfa,
  LINKIDENTIFY: 0xfb,
  LINKCLOSE: 0xfc,
  LINKPROOF: 0xfd,
  LRRTT: 0xfe,
  LRPROOF: 0xff,
} as const;

/** Largest packet on a medium without a negotiated one. */
export const MTU = 500;
/** Bytes of the longer header, without an interface access code. */
export const HEADER_MAX_BYTES: number = 2 + 2 * TRUNCATED_HASH_BYTES + 1;
/** Largest data of a packet at the 500-byte MTU, with room for a one-byte access code. */
export const MDU: number = MTU - HEADER_MAX_BYTES - 1;
/** A packet that has travelled this far is dropped. */
export const MAX_HOPS = 128;

/** A packet in its parts. */
export interface Packet {
  readonly packetType: PacketTypeCode;
  readonly destinationType: DestinationTypeCode;
  /** True on a packet that a transport node forwards. */
  readonly transported: boolean;
  /** Meaning depends on the type; on an announce it says that a ratchet is included. */
  readonly contextFlag: boolean;
  readonly hops: number;
  /** 16 bytes, present with the longer header. */
  readonly transportId: Uint8Array | undefined;
  /** 16 bytes: an address, a link id, or the hash of a proved packet. */
  readonly destinationHash: Uint8Array;
  /** One of {@link PacketContext}, or a value that is not known here. */
  readonly context: number;
  readonly data: Uint8Array;
}

/** Write a packet. @throws RangeError when a hash has another size or `hops` does not fit */
export function encodePacket(packet: Packet): Uint8Array {
  assertBytes('destinationHash', packet.destinationHash, TRUNCATED_HASH_BYTES);
  if (!(packet.hops >= 0 && packet.hops < MAX_HOPS)) {
    throw new RangeError(`"hops" must be 0..${MAX_HOPS - 1}, got ${packet.hops}`);
  }
  const head = Uint8Array.of(flagsOf(packet), packet.hops);
  const context = Uint8Array.of(packet.context);
  if (packet.transportId === undefined) {
    return concat(head, packet.destinationHash, context, packet.data);
  }
  assertBytes('transportId', packet.transportId, TRUNCATED_HASH_BYTES);
  return concat(head, packet.transportId, packet.destinationHash, context, packet.data);
}

/**
 * Read a packet that carries no interface access code (it is removed by the interface's layer).
 * @throws ProtocolError `RNS_TRUNCATED` when a header field or the data is missing, `RNS_PACKET` when it
 *   has travelled too far or its access-code flag is set
 * @see RNS/Packet.py unpack
 */
export function decodePacket(raw: Uint8Array): Packet {
  if (raw.length < 2) throw short(raw, 'packet.flags');
  const flags = raw[0] as number;
  const hops = raw[1] as number;
  if ((flags & 0x80) !== 0) {
    throw new ProtocolError('RNS_PACKET', 'access code flag is set', {
      at: 'packet.flags',
      offset: 0,
    });
  }
  if (hops >= MAX_HOPS) {
    throw new ProtocolError('RNS_PACKET', `${hops} hops`, { at: 'packet.hops', offset: 1 });
  }
  const long = (flags & 0x40) !== 0;
  const addressAt = long ? 2 + TRUNCATED_HASH_BYTES : 2;
  const contextAt = addressAt + TRUNCATED_HASH_BYTES;
  if (raw.length <= contextAt) throw short(raw, 'packet.destinationHash');
  if (raw.length === contextAt + 1) throw short(raw, 'packet.data');
  return {
    packetType: (flags & 3) as PacketTypeCode,
    destinationType: ((flags >> 2) & 3) as DestinationTypeCode,
    transported: (flags & 0x10) !== 0,
    contextFlag: (flags & 0x20) !== 0,
    hops,
    transportId: long ? raw.slice(2, addressAt) : undefined,
    destinationHash: raw.slice(addressAt, contextAt),
    context: raw[contextAt] as number,
    data: raw.slice(contextAt + 1),
  };
}

/**
 * The 32-byte hash of a packet: over its types, destination, context and data, so that it stays the same
 * on the way, whatever hops and transport do to the header.
 * @see RNS/Packet.py get_hashable_part
 */
export function packetHash(packet: Packet): Uint8Array {
  return sha256(
    concat(
      Uint8Array.of(flagsOf(packet) & 0x0f),
      packet.destinationHash,
      Uint8Array.of(packet.context),
      packet.data
    )
  );
}

function flagsOf(packet: Packet): number {
  return (
    (packet.transportId === undefined ? 0 : 0x40) |
    (packet.contextFlag ? 0x20 : 0) |
    (packet.transported ? 0x10 : 0) |
    (packet.destinationType << 2) |
    packet.packetType
  );
}

function short(raw: Uint8Array, at: string): ProtocolError {
  return new ProtocolError('RNS_TRUNCATED', 'packet ends early', { at, offset: raw.length });
}
