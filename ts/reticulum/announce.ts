/**
 * Announces: a destination's signed broadcast of its public key, with ratchet and app data.
 *
 *     publicKey 64 ‖ nameHash 10 ‖ random 5 ‖ seconds 5 ‖ (ratchet 32) ‖ signature 64 ‖ appData
 *
 * The ratchet is there when the packet's context flag is set. The signature covers the destination hash
 * and everything but itself.
 * @module
 * @see RNS/Destination.py announce; RNS/Identity.py validate_announce (RNS 1.5.7)
 */
import { concat, equalBytes } from '../base/bytes.ts';
import { ProtocolError } from '../base/errors.ts';
import type { Millis } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { NAME_HASH_BYTES, destinationHashOf, nameHash } from './destination-hash.ts';
import {
  IDENTITY_KEY_BYTES,
  Identity,
  SIGNATURE_BYTES,
  TRUNCATED_HASH_BYTES,
  truncatedHash,
} from './identity.ts';
import { DestinationType, PacketContext, PacketType, type Packet } from './packet.ts';
import { RATCHET_BYTES } from './ratchet.ts';

const RANDOM_BYTES = 10;
/** Bytes of an announce's data without ratchet and app data. */
export const ANNOUNCE_MIN_BYTES: number =
  IDENTITY_KEY_BYTES + NAME_HASH_BYTES + RANDOM_BYTES + SIGNATURE_BYTES;

/** What is announced. */
export interface AnnounceContent {
  /** The destination's identity, with its private key. */
  readonly identity: Identity;
  readonly appName: string;
  readonly aspects: readonly string[];
  readonly appData?: Uint8Array | undefined;
  /** 32-byte public ratchet key. */
  readonly ratchet?: Uint8Array | undefined;
  /** True for the answer to a path request. */
  readonly pathResponse?: boolean | undefined;
}

/**
 * Make an announce packet.
 * @param now - written as whole seconds in five bytes; receivers prefer the newest
 * @param random - one draw of 16 bytes, of whose hash five are used, as in the reference
 * @throws ProtocolError `RNS_NO_PRIVATE_KEY`
 * @see RNS/Destination.py announce
 */
export function makeAnnounce(content: AnnounceContent, now: Millis, random: Random): Packet {
  const { identity, appName, aspects, appData, ratchet } = content;
  const name = nameHash(appName, ...aspects);
  const destinationHash = destinationHashOf(name, identity.hash);
  const randomHash = concat(randomHashOf(random).subarray(0, 5), fiveBytes(now));
  const head = concat(identity.publicKey, name, randomHash, ratchet ?? new Uint8Array());
  const tail = appData ?? new Uint8Array();
  const signature = identity.sign(concat(destinationHash, head, tail));
  return {
    packetType: PacketType.ANNOUNCE,
    destinationType: DestinationType.SINGLE,
    transported: false,
    contextFlag: ratchet !== undefined,
    hops: 0,
    transportId: undefined,
    destinationHash,
    context: content.pathResponse === true ? PacketContext.PATH_RESPONSE : PacketContext.NONE,
    data: concat(head, signature, tail),
  };
}

/** A checked announce. */
export interface Announce {
  readonly destinationHash: Uint8Array;
  readonly identity: Identity;
  readonly nameHash: Uint8Array;
  /** 10 bytes that tell announces apart: five random, five of time. */
  readonly randomHash: Uint8Array;
  /** When it was made by the announcer's clock, in seconds. */
  readonly emittedS: number;
  readonly ratchet: Uint8Array | undefined;
  readonly appData: Uint8Array | undefined;
  readonly pathResponse: boolean;
}

/**
 * Read an announce and check its signature and its address.
 * @param knownKey - the public key by which the destination is known, if it is
 * @throws ProtocolError `RNS_TRUNCATED`; `RNS_PACKET` when it is no announce; `RNS_ANNOUNCE_SIGNATURE`;
 *   `RNS_ANNOUNCE_DESTINATION` when the address is not that of name and key; `RNS_ANNOUNCE_KEY` when the
 *   destination is known with another key
 * @see RNS/Identity.py validate_announce
 */
export function readAnnounce(packet: Packet, knownKey?: Uint8Array): Announce {
  if (packet.packetType !== PacketType.ANNOUNCE) {
    throw new ProtocolError('RNS_PACKET', 'is no announce', { at: 'packet.packetType' });
  }
  const { data, destinationHash } = packet;
  const nameAt = IDENTITY_KEY_BYTES;
  const randomAt = nameAt + NAME_HASH_BYTES;
  const ratchetAt = randomAt + RANDOM_BYTES;
  const signatureAt = ratchetAt + (packet.contextFlag ? RATCHET_BYTES : 0);
  const appDataAt = signatureAt + SIGNATURE_BYTES;
  if (data.length < appDataAt) {
    throw new ProtocolError('RNS_TRUNCATED', `needs ${appDataAt} bytes, got ${data.length}`, {
      at: 'announce',
      offset: data.length,
    });
  }
  const identity = Identity.fromPublicKey(data.subarray(0, nameAt));
  const signed = concat(destinationHash, data.subarray(0, signatureAt), data.subarray(appDataAt));
  if (!identity.validate(data.subarray(signatureAt, appDataAt), signed)) {
    throw new ProtocolError('RNS_ANNOUNCE_SIGNATURE', 'signature does not hold', {
      at: 'announce.signature',
      offset: signatureAt,
    });
  }
  const name = data.slice(nameAt, randomAt);
  if (!equalBytes(destinationHashOf(name, identity.hash), destinationHash)) {
    throw new ProtocolError('RNS_ANNOUNCE_DESTINATION', 'address is not that of name and key', {
      at: 'announce.destinationHash',
    });
  }
  if (knownKey !== undefined && !equalBytes(knownKey, identity.publicKey)) {
    throw new ProtocolError('RNS_ANNOUNCE_KEY', 'destination is known with another key', {
      at: 'announce.publicKey',
    });
  }
  const randomHash = data.slice(randomAt, ratchetAt);
  return {
    destinationHash,
    identity,
    nameHash: name,
    randomHash,
    emittedS: emittedSeconds(randomHash),
    ratchet: packet.contextFlag ? data.slice(ratchetAt, signatureAt) : undefined,
    appData: data.length > appDataAt ? data.slice(appDataAt) : undefined,
    pathResponse: packet.context === PacketContext.PATH_RESPONSE,
  };
}

/** When an announce was made, in seconds, from its random hash. @see RNS/Transport.py announce_emitted */
export function emittedSeconds(randomHash: Uint8Array): number {
  let seconds = 0;
  for (let i = 5; i < RANDOM_BYTES; i++) seconds = seconds * 256 + (randomHash[i] as number);
  return seconds;
}

/** The first 16 bytes of the SHA-256 of 16 random bytes. @see RNS/Identity.py get_random_hash */
function randomHashOf(random: Random): Uint8Array {
  return truncatedHash(random.bytes(TRUNCATED_HASH_BYTES));
}

function fiveBytes(now: Millis): Uint8Array {
  const out = new Uint8Array(5);
  let seconds = Math.floor(now / 1000);
  for (let i = 4; i >= 0; i--) {
    out[i] = seconds % 256;
    seconds = Math.floor(seconds / 256);
  }
  return out;
}
