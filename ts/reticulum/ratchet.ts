/**
 * Ratchets: rotating X25519 keys of a destination, their signed file, and what peers remember of them.
 * @module
 * @see RNS/Destination.py _persist_ratchets, _reload_ratchets; RNS/Identity.py _remember_ratchet
 */
import { ProtocolError } from '../base/errors.ts';
import type { Millis } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { MsgpackFloat, encodeMsgpack, mapGet, type MsgpackValue } from '../codec/msgpack.ts';
import { decodeMsgpack } from '../codec/msgpack-decode.ts';
import { cryptoProvider } from '../crypto/provider.ts';
import type { Identity } from './identity.ts';

/** Bytes of a ratchet key, private or public. */
export const RATCHET_BYTES = 32;
/** Ratchets that a destination keeps. @see RNS/Destination.py RATCHET_COUNT */
export const RATCHET_COUNT = 512;
/** Shortest time between rotations. @see RNS/Destination.py RATCHET_INTERVAL */
export const RATCHET_INTERVAL_MS: number = 30 * 60 * 1000;
/** How long a peer's ratchet is used after it was heard. @see RNS/Identity.py RATCHET_EXPIRY */
export const RATCHET_EXPIRY_MS: number = 30 * 24 * 3600 * 1000;

/** The public half of a private ratchet. */
export function ratchetPublicKey(privateRatchet: Uint8Array): Uint8Array {
  return cryptoProvider().exchangeKey(privateRatchet).publicKey;
}

/**
 * The private ratchets of one destination, newest first; rotates at most every 30 minutes.
 */
export class RatchetRing {
  #ratchets: Uint8Array[];
  #latestMs: Millis;
  readonly #retained: number;
  readonly #intervalMs: number;

  constructor(
    ratchets: readonly Uint8Array[] = [],
    latestMs: Millis = 0,
    retained: number = RATCHET_COUNT,
    intervalMs: number = RATCHET_INTERVAL_MS
  ) {
    this.#ratchets = ratchets.map((ratchet) => ratchet.slice());
    this.#latestMs = latestMs;
    this.#retained = retained;
    this.#intervalMs = intervalMs;
  }

  /** Private keys, newest first. */
  get ratchets(): readonly Uint8Array[] {
    return this.#ratchets;
  }

  /**
   * Add a fresh ratchet when the interval has passed or there is none; true when one was added, so
   * that the caller stores the file.
   * @see RNS/Destination.py rotate_ratchets
   */
  rotate(now: Millis, random: Random): boolean {
    if (this.#ratchets.length > 0 && now <= this.#latestMs + this.#intervalMs) return false;
    this.#ratchets = [random.bytes(RATCHET_BYTES), ...this.#ratchets].slice(0, this.#retained);
    this.#latestMs = now;
    return true;
  }
}

/**
 * The ratchet file of a destination: a map of `signature` and the packed list it signs.
 *
 * Shape: msgpack `{"signature": bin 64, "ratchets": bin(msgpack [bin 32, …])}`.
 * @see RNS/Destination.py _persist_ratchets
 */
export function encodeRatchetFile(identity: Identity, ratchets: readonly Uint8Array[]): Uint8Array {
  const packed = encodeMsgpack([...ratchets]);
  return encodeMsgpack(
    new Map([
      ['signature', identity.sign(packed)],
      ['ratchets', packed],
    ])
  );
}

/**
 * Read a ratchet file and check its signature.
 *
 * The lengths of the keys are not checked, as in the reference: decryption passes over odd ones.
 * @throws ProtocolError `RNS_RATCHET_FILE` on damaged bytes or another shape, `RNS_RATCHET_SIGNATURE`
 *   when the signature is not the identity's
 * @see RNS/Destination.py _reload_ratchets
 */
export function decodeRatchetFile(identity: Identity, file: Uint8Array): Uint8Array[] {
  const outer = unpack(file);
  const signature = outer instanceof Map ? mapGet(outer, 'signature') : undefined;
  const packed = outer instanceof Map ? mapGet(outer, 'ratchets') : undefined;
  if (!(signature instanceof Uint8Array) || !(packed instanceof Uint8Array)) {
    throw new ProtocolError('RNS_RATCHET_FILE', 'no map with signature and ratchets');
  }
  if (!identity.validate(signature, packed)) {
    throw new ProtocolError('RNS_RATCHET_SIGNATURE', 'not signed by this identity');
  }
  const list = unpack(packed);
  if (!Array.isArray(list)) throw new ProtocolError('RNS_RATCHET_FILE', 'ratchets is no list');
  return list.map((item, i) => {
    if (!(item instanceof Uint8Array)) {
      throw new ProtocolError('RNS_RATCHET_FILE', 'needs bin', { at: `ratchets[${i}]` });
    }
    return item;
  });
}

/** A peer's ratchet as remembered from its announce. */
export interface KnownRatchet {
  /** 32-byte public key. */
  readonly ratchet: Uint8Array;
  readonly receivedMs: Millis;
}

/**
 * The file that remembers a peer's ratchet: msgpack `{"ratchet": bin 32, "received": float64 seconds}`.
 * @see RNS/Identity.py _remember_ratchet
 */
export function encodeKnownRatchet(known: KnownRatchet): Uint8Array {
  return encodeMsgpack(
    new Map<string, Uint8Array | MsgpackFloat>([
      ['ratchet', known.ratchet],
      ['received', new MsgpackFloat(known.receivedMs / 1000)],
    ])
  );
}

/**
 * Read a remembered ratchet; `undefined` once it is older than 30 days at `now`.
 * @throws ProtocolError `RNS_RATCHET_FILE` on damaged bytes or another shape
 * @see RNS/Identity.py get_ratchet
 */
export function decodeKnownRatchet(file: Uint8Array, now: Millis): KnownRatchet | undefined {
  const map = unpack(file);
  const ratchet = map instanceof Map ? mapGet(map, 'ratchet') : undefined;
  const received = map instanceof Map ? mapGet(map, 'received') : undefined;
  const seconds = received instanceof MsgpackFloat ? received.value : received;
  if (!(ratchet instanceof Uint8Array) || typeof seconds !== 'number') {
    throw new ProtocolError('RNS_RATCHET_FILE', 'no map with ratchet and received');
  }
  if (ratchet.length !== RATCHET_BYTES) {
    throw new ProtocolError('RNS_RATCHET_FILE', `needs 32 bytes, got ${ratchet.length}`, {
      at: 'ratchet',
    });
  }
  const receivedMs = seconds * 1000;
  return now < receivedMs + RATCHET_EXPIRY_MS ? { ratchet, receivedMs } : undefined;
}

function unpack(bytes: Uint8Array): MsgpackValue {
  try {
    return decodeMsgpack(bytes);
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new ProtocolError('RNS_RATCHET_FILE', 'is damaged', {
      at: cause.at,
      offset: cause.offset,
      cause,
    });
  }
}
