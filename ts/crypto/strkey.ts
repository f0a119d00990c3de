/**
 * StrKey (SEP-23): Stellar's text form of keys, hashes and addresses.
 *
 * Text is base32 without padding of `version(1) ‖ payload ‖ crc16(2, little-endian)`; the version
 * byte is a multiple of 8, so that it alone decides the first letter. Decoding is strict: one text for
 * one value. @module
 */
import { fromBase32, toBase32 } from '../base/base32.ts';
import { concat } from '../base/bytes.ts';
import { ProtocolError } from '../base/errors.ts';

/** Version byte of each kind; the comment names the first letter of its text. */
export const StrKeyVersion = {
  /** `B`: `0x00 ‖ hash(32)` */
  claimableBalance: 0x08,
  /** `C`: `hash(32)` */
  contract: 0x10,
  /** `G`: Ed25519 public key, 32 bytes */
  publicKey: 0x30,
  /** `L`: `hash(32)` */
  liquidityPool: 0x58,
  /** `M`: Ed25519 public key and a 64-bit id, 40 bytes */
  muxedAccount: 0x60,
  /** `P`: Ed25519 public key, 32-bit length, 1..64 bytes, padding to 4 */
  signedPayload: 0x78,
  /** `S`: Ed25519 seed, 32 bytes; secret */
  seed: 0x90,
  /** `T`: hash of a transaction, 32 bytes */
  preAuthTx: 0x98,
  /** `X`: SHA-256 of a preimage, 32 bytes */
  hashX: 0xb8,
} as const;

/** What a StrKey stands for. */
export type StrKeyKind = keyof typeof StrKeyVersion;

/** A decoded StrKey; `payload` is what stands between version and checksum. */
export interface StrKey {
  readonly kind: StrKeyKind;
  readonly payload: Uint8Array;
}

/** Length of the longest StrKey, a signed payload of 64 bytes. */
export const STRKEY_MAX_LENGTH = 165;

const KINDS = Object.keys(StrKeyVersion) as readonly StrKeyKind[];

/**
 * Encode a payload as the text of its kind.
 * @throws ProtocolError `STRKEY_PAYLOAD` when the kind has no such payload
 */
export function encodeStrKey(kind: StrKeyKind, payload: Uint8Array): string {
  checkPayload(kind, payload);
  return strKeyText(kind, payload);
}

/**
 * The text of any payload, also of one that {@link decodeStrKey} refuses: values on the wire may hold
 * what no key can be, such as an empty signed payload, and must still be shown.
 */
export function strKeyText(kind: StrKeyKind, payload: Uint8Array): string {
  const body = concat(Uint8Array.of(StrKeyVersion[kind]), payload);
  const crc = crc16(body);
  return toBase32(concat(body, Uint8Array.of(crc & 255, crc >> 8))).replace(/=+$/, '');
}

/**
 * Decode a text of any kind.
 * @throws ProtocolError `STRKEY_TEXT` for what is not canonical base32, `STRKEY_CHECKSUM`,
 * `STRKEY_VERSION` or `STRKEY_PAYLOAD`; never with the text in the message
 */
export function decodeStrKey(text: string): StrKey {
  const bytes = fromText(text);
  const body = bytes.subarray(0, -2);
  const crc = (bytes[bytes.length - 2] as number) | ((bytes[bytes.length - 1] as number) << 8);
  if (crc !== crc16(body)) throw new ProtocolError('STRKEY_CHECKSUM', 'checksum does not match');
  const kind = KINDS.find((one) => StrKeyVersion[one] === body[0]);
  if (kind === undefined) {
    throw new ProtocolError('STRKEY_VERSION', `version byte ${body[0]} is unknown`);
  }
  const payload = body.slice(1);
  checkPayload(kind, payload);
  return { kind, payload };
}

/**
 * Decode a text that must be of one kind, to its payload.
 * @throws ProtocolError as {@link decodeStrKey}, and `STRKEY_VERSION` for another kind
 */
export function decodeStrKeyOf(kind: StrKeyKind, text: string): Uint8Array {
  const found = decodeStrKey(text);
  if (found.kind !== kind) {
    throw new ProtocolError('STRKEY_VERSION', `a ${found.kind} where a ${kind} is due`);
  }
  return found.payload;
}

/** Whether a text is a StrKey, of one kind when `kind` is given. */
export function isStrKey(text: string, kind?: StrKeyKind): boolean {
  try {
    const found = decodeStrKey(text);
    return kind === undefined || found.kind === kind;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}

/** Payload of a muxed account. @param id - 0..2^64-1 */
export function packMuxedAccount(ed25519: Uint8Array, id: bigint): Uint8Array {
  if (BigInt.asUintN(64, id) !== id) throw new RangeError('"id" must be an unsigned 64-bit bigint');
  const tail = new Uint8Array(8);
  new DataView(tail.buffer).setBigUint64(0, id);
  return concat(ed25519, tail);
}

/** The parts of a muxed account's payload. */
export function unpackMuxedAccount(payload: Uint8Array): { ed25519: Uint8Array; id: bigint } {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  return { ed25519: payload.slice(0, 32), id: view.getBigUint64(32) };
}

/** Payload of a signed payload: `ed25519(32) ‖ length(4) ‖ data ‖ padding`. @param data - 1..64 bytes */
export function packSignedPayload(ed25519: Uint8Array, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(36 + ((data.length + 3) & ~3));
  out.set(ed25519);
  new DataView(out.buffer).setUint32(32, data.length);
  out.set(data, 36);
  return out;
}

/** The parts of a signed payload's payload. */
export function unpackSignedPayload(payload: Uint8Array): {
  ed25519: Uint8Array;
  data: Uint8Array;
} {
  return { ed25519: payload.slice(0, 32), data: payload.slice(36, 36 + signedLength(payload)) };
}

function fromText(text: string): Uint8Array {
  // Bounded before anything is allocated; the shortest text is version, 32 bytes and checksum.
  if (text.length < 56 || text.length > STRKEY_MAX_LENGTH) {
    throw new ProtocolError('STRKEY_TEXT', `${text.length} characters cannot be a StrKey`);
  }
  const foreign = text.search(/[^A-Z2-7]/);
  if (foreign >= 0)
    throw new ProtocolError('STRKEY_TEXT', 'foreign character', { offset: foreign });
  try {
    return fromBase32(text);
  } catch (cause) {
    throw new ProtocolError('STRKEY_TEXT', 'not canonical base32', { cause });
  }
}

function checkPayload(kind: StrKeyKind, payload: Uint8Array): void {
  const fits =
    kind === 'signedPayload'
      ? isSignedPayload(payload)
      : kind === 'claimableBalance'
        ? payload.length === 33 && payload[0] === 0
        : payload.length === (kind === 'muxedAccount' ? 40 : 32);
  if (!fits) {
    throw new ProtocolError('STRKEY_PAYLOAD', `no ${kind} payload in ${payload.length} bytes`);
  }
}

function isSignedPayload(payload: Uint8Array): boolean {
  if (payload.length < 40 || payload.length > 100) return false;
  const length = signedLength(payload);
  if (length < 1 || length > 64 || payload.length !== 36 + ((length + 3) & ~3)) return false;
  return payload.subarray(36 + length).every((byte) => byte === 0);
}

function signedLength(payload: Uint8Array): number {
  return new DataView(payload.buffer, payload.byteOffset, payload.length).getUint32(32);
}

/** CRC-16/XMODEM: polynomial 0x1021, initial value 0, not reflected. */
function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021;
    }
    crc &= 0xffff;
  }
  return crc;
}
