/**
 * What link packets carry, written and read.
 *
 *     link request   X25519 32 ‖ Ed25519 32 ‖ (signalling 3)
 *     link proof     signature 64 ‖ X25519 32 ‖ (signalling 3)
 *     signalling     mode 3 bits ‖ MTU 21 bits
 *     identification publicKey 64 ‖ signature 64
 *     round trip     msgpack float64, seconds
 *
 * The link id leaves the signalling out, the signature of the proof covers it.
 * @module
 * @see RNS/Link.py (RNS 1.5.7)
 */
import { concat } from '../../base/bytes.ts';
import { ProtocolError } from '../../base/errors.ts';
import { MsgpackFloat, encodeMsgpack } from '../../codec/msgpack.ts';
import { decodeMsgpack } from '../../codec/msgpack-decode.ts';
import { IDENTITY_KEY_BYTES, Identity, SIGNATURE_BYTES, truncatedHash } from '../identity.ts';
import { MTU, type Packet } from '../packet.ts';
import { LinkMode } from './constants.ts';

/** Bytes of both public keys of a link request. @see RNS/Link.py ECPUBSIZE */
export const LINK_KEYS_BYTES = 64;
/** Bytes of MTU and mode. @see RNS/Link.py LINK_MTU_SIZE */
export const SIGNALLING_BYTES = 3;
/** Largest MTU that can be signalled: 21 bits. */
export const MAX_SIGNALLED_MTU = 0x1fffff;
/** Bytes of a link proof without signalling. */
export const LINK_PROOF_BYTES: number = SIGNATURE_BYTES + 32;

const HEADER_MIN_BYTES = 19;
const ACCESS_MIN_BYTES = 1;
const TOKEN_BYTES = 48;
const BLOCK = 16;

/** Largest plaintext of one packet on a link of this MTU. @see RNS/Link.py update_mdu */
export function linkMdu(mtu: number): number {
  const room = mtu - ACCESS_MIN_BYTES - HEADER_MIN_BYTES - TOKEN_BYTES;
  return Math.floor(room / BLOCK) * BLOCK - 1;
}

/** MTU and mode in three bytes. @see RNS/Link.py signalling_bytes */
export function encodeSignalling(mtu: number, mode: number): Uint8Array {
  const value = (mtu & MAX_SIGNALLED_MTU) | ((mode & 7) << 21);
  return Uint8Array.of(value >> 16, (value >> 8) & 255, value & 255);
}

/** What signalling says; an MTU of 0 means 500. */
export function decodeSignalling(bytes: Uint8Array): { mtu: number; mode: number } {
  const [high = 0, middle = 0, low = 0] = bytes;
  const mtu = ((high << 16) | (middle << 8) | low) & MAX_SIGNALLED_MTU;
  return { mtu: mtu === 0 ? MTU : mtu, mode: high >> 5 };
}

/** What a link request says. */
export interface LinkRequest {
  readonly exchangeKey: Uint8Array;
  readonly signingKey: Uint8Array;
  readonly mode: number;
  /** `undefined` when no MTU is signalled. */
  readonly mtu: number | undefined;
}

/**
 * Read the data of a link request.
 * @throws ProtocolError `RNS_LINK_REQUEST` on another size, mode, or an MTU below 500
 * @see RNS/Link.py validate_request
 */
export function decodeLinkRequest(data: Uint8Array): LinkRequest {
  if (data.length !== LINK_KEYS_BYTES && data.length !== LINK_KEYS_BYTES + SIGNALLING_BYTES) {
    throw new ProtocolError('RNS_LINK_REQUEST', `needs 64 or 67 bytes, got ${data.length}`);
  }
  const exchangeKey = data.slice(0, 32);
  const signingKey = data.slice(32, LINK_KEYS_BYTES);
  if (data.length === LINK_KEYS_BYTES) {
    return { exchangeKey, signingKey, mode: LinkMode.AES256_CBC, mtu: undefined };
  }
  const { mtu, mode } = decodeSignalling(data.subarray(LINK_KEYS_BYTES));
  assertSignalling(mtu, mode, 'RNS_LINK_REQUEST', LINK_KEYS_BYTES);
  return { exchangeKey, signingKey, mode, mtu };
}

/**
 * The id of a link: H16 over the part of its request that stays the same on the way, without signalling,
 * which transport nodes may change.
 * @see RNS/Link.py link_id_from_lr_packet
 */
export function linkIdOf(request: Packet): Uint8Array {
  const flags = (request.destinationType << 2) | request.packetType;
  return truncatedHash(
    concat(
      Uint8Array.of(flags),
      request.destinationHash,
      Uint8Array.of(request.context),
      request.data.subarray(0, LINK_KEYS_BYTES)
    )
  );
}

/** The data of a link proof, signed with the destination's identity. @see RNS/Link.py prove */
export function encodeLinkProof(
  identity: Identity,
  linkId: Uint8Array,
  exchangeKey: Uint8Array,
  mtu: number,
  mode: number
): Uint8Array {
  const signalling = encodeSignalling(mtu, mode);
  const signed = concat(linkId, exchangeKey, identity.publicKey.subarray(32), signalling);
  return concat(identity.sign(signed), exchangeKey, signalling);
}

/** What a link proof says. */
export interface LinkProof {
  readonly exchangeKey: Uint8Array;
  readonly mode: number;
  readonly mtu: number;
}

/**
 * Read a link proof and check its signature.
 * @param identity - of the destination that was asked for a link
 * @throws ProtocolError `RNS_LINK_PROOF` on another size, mode, MTU or a wrong signature
 * @see RNS/Link.py validate_proof
 */
export function decodeLinkProof(
  data: Uint8Array,
  identity: Identity,
  linkId: Uint8Array
): LinkProof {
  const long = data.length === LINK_PROOF_BYTES + SIGNALLING_BYTES;
  if (!long && data.length !== LINK_PROOF_BYTES) {
    throw new ProtocolError('RNS_LINK_PROOF', `needs 96 or 99 bytes, got ${data.length}`);
  }
  const signalling = data.subarray(LINK_PROOF_BYTES);
  const { mtu, mode } = long
    ? decodeSignalling(signalling)
    : { mtu: MTU, mode: LinkMode.AES256_CBC };
  assertSignalling(mtu, mode, 'RNS_LINK_PROOF', LINK_PROOF_BYTES);
  const exchangeKey = data.slice(SIGNATURE_BYTES, LINK_PROOF_BYTES);
  const signed = concat(linkId, exchangeKey, identity.publicKey.subarray(32), signalling);
  if (!identity.validate(data.subarray(0, SIGNATURE_BYTES), signed)) {
    throw new ProtocolError('RNS_LINK_PROOF', 'signature does not hold', { offset: 0 });
  }
  return { exchangeKey, mode, mtu };
}

function assertSignalling(
  mtu: number,
  mode: number,
  code: 'RNS_LINK_REQUEST' | 'RNS_LINK_PROOF',
  offset: number
): void {
  if (mode !== LinkMode.AES256_CBC) {
    throw new ProtocolError(code, `mode ${mode} is not in use`, { at: 'signalling', offset });
  }
  // No Reticulum medium takes less, and an advertisement would not fit a smaller packet.
  if (mtu < MTU) {
    throw new ProtocolError(code, `MTU of ${mtu} bytes`, { at: 'signalling', offset });
  }
}

/** The plaintext by which an initiator says who it is. @see RNS/Link.py identify */
export function encodeIdentification(identity: Identity, linkId: Uint8Array): Uint8Array {
  return concat(identity.publicKey, identity.sign(concat(linkId, identity.publicKey)));
}

/** Who the initiator is; `undefined` when the size or the signature is wrong. */
export function decodeIdentification(
  plaintext: Uint8Array,
  linkId: Uint8Array
): Identity | undefined {
  if (plaintext.length !== IDENTITY_KEY_BYTES + SIGNATURE_BYTES) return undefined;
  const publicKey = plaintext.subarray(0, IDENTITY_KEY_BYTES);
  const identity = Identity.fromPublicKey(publicKey);
  const signature = plaintext.subarray(IDENTITY_KEY_BYTES);
  return identity.validate(signature, concat(linkId, publicKey)) ? identity : undefined;
}

/** The plaintext that tells the responder the round trip, always a float64. */
export function encodeRoundTrip(rttMs: number): Uint8Array {
  return encodeMsgpack(new MsgpackFloat(rttMs / 1000));
}

/** The round trip that the initiator measured, in milliseconds; `undefined` when it is no number. */
export function decodeRoundTrip(plaintext: Uint8Array): number | undefined {
  let value: unknown;
  try {
    value = decodeMsgpack(plaintext);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return undefined;
  }
  const seconds = value instanceof MsgpackFloat ? value.value : value;
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) return undefined;
  return seconds * 1000;
}
