/**
 * Interface access codes: a network's members sign and mask what they send on a medium that others share.
 *
 *     packet: flags 1 ‖ hops 1 ‖ rest
 *     sealed: (flags | 80) ^ mask ‖ hops ^ mask ‖ code n ‖ rest ^ mask
 *
 * The code is the end of an Ed25519 signature over the packet, made with a key that all members derive
 * from the network's name and passphrase. The mask is derived from the code and that key; the code
 * itself is not masked, and the first bit stays set.
 * @module
 * @see RNS/Transport.py handle_outgoing_ifac, handle_ifac (RNS 1.5.7)
 */
import { assertInteger, concat, equalConstantTime, utf8 } from '../base/bytes.ts';
import { fromHex } from '../base/hex.ts';
import { sha256 } from '../crypto/provider.ts';
import { hkdfSha256 } from '../kernel/hkdf.ts';
import { IDENTITY_KEY_BYTES, Identity, SIGNATURE_BYTES } from './identity.ts';
import type { InterfaceAccess } from './interface.ts';

const SALT: Uint8Array = /* @__PURE__ */ fromHex(
  'adf54d882c9a9b80771eb4995d702d4a3e733391b2a0f53f416d9f907e55cff8'
);
const ACCESS_FLAG = 0x80;
const HEAD_BYTES = 2;

/** Fewest bytes of an access code. @see RNS/Reticulum.py IFAC_MIN_SIZE */
export const IFAC_MIN_BYTES = 1;
/** Most bytes of an access code: the whole signature. */
export const IFAC_MAX_BYTES: number = SIGNATURE_BYTES;

/** What the members of a network share; at least one of the two. */
export interface NetworkSecret {
  readonly networkName?: string | undefined;
  readonly passphrase?: string | undefined;
}

/**
 * Derive the 64-byte key of a network: `HKDF(H(H(name) ‖ H(passphrase)))`, with what is given.
 *
 * It is as strong as the passphrase: nothing slows guessing down.
 * @throws TypeError when neither is given
 * @see RNS/Reticulum.py _add_interface
 */
export function deriveIfacKey({ networkName, passphrase }: NetworkSecret): Uint8Array {
  const given = [networkName, passphrase].filter((text) => text !== undefined);
  if (given.length === 0) throw new TypeError('"networkName" or "passphrase" must be given');
  const origin = concat(...given.map((text) => sha256(utf8(text))));
  return hkdfSha256(IDENTITY_KEY_BYTES, sha256(origin), SALT);
}

/** The access code of one network at one size. */
export class InterfaceAccessCode implements InterfaceAccess {
  readonly sizeBytes: number;
  readonly #key: Uint8Array;
  readonly #identity: Identity;

  /**
   * @param key - 64 bytes, from {@link deriveIfacKey}
   * @param sizeBytes - 1..64; all members must use the same
   * @throws RangeError for another size
   */
  constructor(key: Uint8Array, sizeBytes: number) {
    assertInteger('sizeBytes', sizeBytes, IFAC_MIN_BYTES, IFAC_MAX_BYTES);
    this.#identity = Identity.fromPrivateKey(key);
    this.#key = key.slice();
    this.sizeBytes = sizeBytes;
  }

  /** The code of the network with these secrets. */
  static of(secret: NetworkSecret, sizeBytes: number): InterfaceAccessCode {
    return new InterfaceAccessCode(deriveIfacKey(secret), sizeBytes);
  }

  /** The 64 bytes by which status displays tell networks apart. @see RNS/Reticulum.py ifac_signature */
  get signature(): Uint8Array {
    return this.#identity.sign(sha256(this.#key));
  }

  /** Sign and mask a packet of at least two bytes; the result is `sizeBytes` longer. */
  seal(raw: Uint8Array): Uint8Array {
    const code = this.#codeOf(raw);
    const sealed = concat(raw.subarray(0, HEAD_BYTES), code, raw.subarray(HEAD_BYTES));
    this.#mask(sealed, code);
    sealed[0] = (sealed[0] as number) | ACCESS_FLAG;
    return sealed;
  }

  /**
   * Unmask a frame and check its code; `undefined` when the frame is not flagged, too short, or not from
   * this network.
   */
  open(raw: Uint8Array): Uint8Array | undefined {
    const bodyAt = HEAD_BYTES + this.sizeBytes;
    if (raw.length <= bodyAt || ((raw[0] as number) & ACCESS_FLAG) === 0) return undefined;
    const code = raw.slice(HEAD_BYTES, bodyAt);
    const unmasked = raw.slice();
    this.#mask(unmasked, code);
    const packet = concat(unmasked.subarray(0, HEAD_BYTES), unmasked.subarray(bodyAt));
    packet[0] = (packet[0] as number) & ~ACCESS_FLAG;
    return equalConstantTime(this.#codeOf(packet), code) ? packet : undefined;
  }

  #codeOf(packet: Uint8Array): Uint8Array {
    return this.#identity.sign(packet).slice(-this.sizeBytes);
  }

  /** Apply the mask in place to everything but the code. */
  #mask(frame: Uint8Array, code: Uint8Array): void {
    const mask = hkdfSha256(frame.length, code, this.#key);
    for (let at = 0; at < HEAD_BYTES; at++) {
      frame[at] = (frame[at] as number) ^ (mask[at] as number);
    }
    for (let at = HEAD_BYTES + this.sizeBytes; at < frame.length; at++) {
      frame[at] = (frame[at] as number) ^ (mask[at] as number);
    }
  }
}
