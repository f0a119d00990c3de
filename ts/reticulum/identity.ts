/**
 * Identities: an X25519 and an Ed25519 key pair, and what they sign, encrypt and decrypt.
 * @module
 * @see RNS/Identity.py (RNS 1.5.7)
 */
import { assertBytes, concat } from '../base/bytes.ts';
import { ProtocolError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { toHex } from '../base/hex.ts';
import {
  cryptoProvider,
  sha256,
  type ExchangeKey,
  type SigningKey,
  type VerifyingKey,
} from '../crypto/provider.ts';
import { Token, TOKEN_OVERHEAD } from '../crypto/token.ts';
import { hkdfSha256 } from '../kernel/hkdf.ts';

/** Bytes of a public or private identity key: X25519 32, then Ed25519 32. */
export const IDENTITY_KEY_BYTES = 64;
/** Bytes of an Ed25519 signature. */
export const SIGNATURE_BYTES = 64;
/** Bytes of a truncated hash: identity hashes, destination hashes, tickets. */
export const TRUNCATED_HASH_BYTES = 16;
/** Bytes that encryption to an identity adds, besides padding: ephemeral key 32, IV 16, tag 32. */
export const ENCRYPTION_OVERHEAD: number = 32 + TOKEN_OVERHEAD;

/** First 16 bytes of SHA-256. */
export function truncatedHash(data: Uint8Array): Uint8Array {
  return sha256(data).slice(0, TRUNCATED_HASH_BYTES);
}

/** What {@link Identity.decrypt} found. */
export interface Decrypted {
  readonly plaintext: Uint8Array;
  /** Id of the ratchet that fitted, or `undefined` when it was the identity's own key. */
  readonly ratchetId: Uint8Array | undefined;
}

/** How {@link Identity.decrypt} treats ratchets. */
export interface DecryptOptions {
  /** Private ratchet keys, newest first, each tried before the identity's own; odd lengths are skipped. */
  readonly ratchets?: readonly Uint8Array[];
  /** Refuse what only the identity's own key can open. */
  readonly enforceRatchets?: boolean;
}

/**
 * A key pair of a Reticulum endpoint, or only its public half.
 *
 * Shape of both keys: `X25519(32) ‖ Ed25519(32)`. Hash: the first 16 bytes of SHA-256 of the public key.
 */
export class Identity {
  /** 64 bytes. */
  readonly publicKey: Uint8Array;
  /** 16 bytes. */
  readonly hash: Uint8Array;
  readonly #private: Uint8Array | undefined;
  readonly #exchange: ExchangeKey | undefined;
  readonly #signing: SigningKey | undefined;
  #verifying: VerifyingKey | undefined;

  private constructor(publicKey: Uint8Array | undefined, privateKey: Uint8Array | undefined) {
    if (privateKey !== undefined) {
      this.#private = privateKey.slice();
      this.#exchange = cryptoProvider().exchangeKey(privateKey.subarray(0, 32));
      this.#signing = cryptoProvider().signingKey(privateKey.subarray(32));
      this.publicKey = concat(this.#exchange.publicKey, this.#signing.publicKey);
    } else {
      this.publicKey = (publicKey as Uint8Array).slice();
    }
    this.hash = truncatedHash(this.publicKey);
  }

  /** Create a fresh identity; draws 32 bytes for the X25519 key, then 32 for the Ed25519 seed. */
  static generate(random: Random): Identity {
    return new Identity(undefined, concat(random.bytes(32), random.bytes(32)));
  }

  /**
   * Load a private key, as `rnid` and `Identity.to_file` store it.
   * @throws ProtocolError `RNS_IDENTITY_SIZE` unless it is 64 bytes
   */
  static fromPrivateKey(bytes: Uint8Array): Identity {
    return new Identity(undefined, assertKey('private key', bytes));
  }

  /**
   * Load a public key; whether its halves are curve points shows only at use, as in the reference.
   * @throws ProtocolError `RNS_IDENTITY_SIZE` unless it is 64 bytes
   */
  static fromPublicKey(bytes: Uint8Array): Identity {
    return new Identity(assertKey('public key', bytes), undefined);
  }

  /** Whether this holds the private half. */
  get hasPrivateKey(): boolean {
    return this.#private !== undefined;
  }

  /**
   * A copy of the 64-byte private key.
   * @throws ProtocolError `RNS_NO_PRIVATE_KEY`
   */
  privateKey(): Uint8Array {
    return (this.#private ?? missing('export')).slice();
  }

  /** The identity without its private half. */
  publicOnly(): Identity {
    return new Identity(this.publicKey, undefined);
  }

  /**
   * Sign a message: 64 bytes, deterministic.
   * @throws ProtocolError `RNS_NO_PRIVATE_KEY`
   * @see RNS/Identity.py sign
   */
  sign(message: Uint8Array): Uint8Array {
    return (this.#signing ?? missing('sign')).sign(message);
  }

  /** Whether `signature` over `message` is this identity's. @see RNS/Identity.py validate */
  validate(signature: Uint8Array, message: Uint8Array): boolean {
    this.#verifying ??= cryptoProvider().verifyingKey(this.publicKey.subarray(32));
    return this.#verifying.verify(signature, message);
  }

  /**
   * Encrypt for this identity, or for one of its ratchets.
   *
   * Shape: `ephemeralKey(32) ‖ iv(16) ‖ ciphertext(16·n) ‖ hmac(32)`.
   * @param random - supplies the ephemeral key (32 bytes), then the IV (16 bytes)
   * @param ratchet - 32-byte public ratchet key; the salt stays the identity hash
   * @throws ProtocolError `CRYPTO_LOW_ORDER` when the target key gives no secret, `CRYPTO_KEY` on a
   *   ratchet of another length
   * @see RNS/Identity.py encrypt
   */
  encrypt(plaintext: Uint8Array, random: Random, ratchet?: Uint8Array): Uint8Array {
    if (ratchet !== undefined && ratchet.length !== 32) {
      throw new ProtocolError('CRYPTO_KEY', `ratchet needs 32 bytes, got ${ratchet.length}`);
    }
    const ephemeral = cryptoProvider().exchangeKey(random.bytes(32));
    const secret = ephemeral.exchange(ratchet ?? this.publicKey.subarray(0, 32));
    const token = this.#token(secret);
    const sealed = concat(ephemeral.publicKey, token.seal(plaintext, random));
    token.wipe();
    return sealed;
  }

  /**
   * Decrypt what was encrypted for this identity or one of the given ratchets.
   * @throws ProtocolError `RNS_NO_PRIVATE_KEY`; `RNS_TRUNCATED` when there is no room for a token;
   *   otherwise `RNS_DECRYPT`, with the reason of the last key tried as its cause
   * @see RNS/Identity.py decrypt
   */
  decrypt(ciphertext: Uint8Array, options: DecryptOptions = {}): Decrypted {
    const own = this.#exchange ?? missing('decrypt');
    assertBytes('ciphertext', ciphertext);
    if (ciphertext.length <= 32) {
      throw new ProtocolError('RNS_TRUNCATED', `${ciphertext.length} bytes hold no token`);
    }
    const peer = ciphertext.subarray(0, 32);
    const sealed = ciphertext.subarray(32);
    for (const ratchet of options.ratchets ?? []) {
      if (ratchet.length !== 32) continue;
      try {
        const key = cryptoProvider().exchangeKey(ratchet);
        const plaintext = this.#open(key, peer, sealed);
        return { plaintext, ratchetId: ratchetId(key.publicKey) };
      } catch (error) {
        // A ratchet that does not fit is the normal case: the next one is tried.
        if (!(error instanceof ProtocolError)) throw error;
      }
    }
    if (options.enforceRatchets === true) {
      throw new ProtocolError('RNS_DECRYPT', 'no ratchet fits and ratchets are enforced');
    }
    try {
      return { plaintext: this.#open(own, peer, sealed), ratchetId: undefined };
    } catch (cause) {
      if (!(cause instanceof ProtocolError)) throw cause;
      throw new ProtocolError('RNS_DECRYPT', 'not encrypted for this identity, or damaged', {
        cause,
      });
    }
  }

  /** The identity hash in angle brackets, as the reference prints it. */
  toString(): string {
    return `<${toHex(this.hash)}>`;
  }

  #open(key: ExchangeKey, peer: Uint8Array, sealed: Uint8Array): Uint8Array {
    const token = this.#token(key.exchange(peer));
    try {
      return token.open(sealed);
    } finally {
      token.wipe();
    }
  }

  /** The salt is the identity hash also when a ratchet is used. */
  #token(secret: Uint8Array): Token {
    const key = hkdfSha256(64, secret, this.hash);
    const token = new Token(key);
    key.fill(0);
    secret.fill(0);
    return token;
  }
}

/** Id of a public ratchet key: the first 10 bytes of its SHA-256. @see RNS/Identity.py _get_ratchet_id */
export function ratchetId(publicRatchet: Uint8Array): Uint8Array {
  return sha256(publicRatchet).slice(0, 10);
}

function assertKey(at: string, bytes: Uint8Array): Uint8Array {
  assertBytes(at, bytes);
  if (bytes.length !== IDENTITY_KEY_BYTES) {
    throw new ProtocolError('RNS_IDENTITY_SIZE', `needs 64 bytes, got ${bytes.length}`, { at });
  }
  return bytes;
}

function missing(action: string): never {
  throw new ProtocolError('RNS_NO_PRIVATE_KEY', `cannot ${action} without the private key`);
}
