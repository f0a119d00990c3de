/**
 * The Reticulum token: AES-CBC with PKCS#7 padding, then HMAC-SHA256 over IV and ciphertext.
 * @module
 * @see RNS/Cryptography/Token.py (RNS 1.5.7)
 */
import { assertBytes } from '../base/bytes.ts';
import { ProtocolError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { HmacKey } from '../kernel/hmac.ts';
import { cryptoProvider } from './provider.ts';

const BLOCK = 16;
const TAG = 32;

/** Bytes that sealing adds besides the padding of 1 to 16: IV 16 and tag 32. */
export const TOKEN_OVERHEAD = 48;

/**
 * A pair of keys that seals and opens tokens.
 *
 * Key: `signing ‖ encryption`, 64 bytes for AES-256 or 32 bytes for AES-128 (PKCS#7, CBC).
 */
export class Token {
  readonly #signing: HmacKey;
  readonly #encryption: Uint8Array;

  /**
   * @param key - 64 bytes (AES-256) or 32 bytes (AES-128)
   * @throws ProtocolError `CRYPTO_KEY` on another length
   */
  constructor(key: Uint8Array) {
    assertBytes('key', key);
    if (key.length !== 32 && key.length !== 64) {
      throw new ProtocolError('CRYPTO_KEY', `token key needs 32 or 64 bytes, got ${key.length}`);
    }
    const half = key.length / 2;
    this.#signing = new HmacKey(key.subarray(0, half));
    this.#encryption = key.slice(half);
  }

  /**
   * Seal `plaintext`.
   *
   * Shape: `iv(16) ‖ ciphertext(16·n) ‖ hmac(32)`; at least one byte of padding is added.
   * @param random - supplies the IV, one draw of 16 bytes
   */
  seal(plaintext: Uint8Array, random: Random): Uint8Array {
    assertBytes('plaintext', plaintext);
    const padding = BLOCK - (plaintext.length % BLOCK);
    const padded = new Uint8Array(plaintext.length + padding);
    padded.set(plaintext);
    padded.fill(padding, plaintext.length);
    const iv = random.bytes(BLOCK);
    const ciphertext = cryptoProvider().aesCbcEncrypt(this.#encryption, iv, padded);
    const out = new Uint8Array(BLOCK + ciphertext.length + TAG);
    out.set(iv);
    out.set(ciphertext, BLOCK);
    this.#signing.macInto(out.subarray(0, out.length - TAG), out, out.length - TAG);
    return out;
  }

  /**
   * Open a token: check the tag first, then decrypt.
   *
   * Only the last byte of the padding is looked at, as the reference does: 0..16 bytes are cut off.
   * @throws ProtocolError `TOKEN_TRUNCATED`, `TOKEN_HMAC`, `TOKEN_CIPHERTEXT` or `TOKEN_PADDING`
   */
  open(token: Uint8Array): Uint8Array {
    assertBytes('token', token);
    if (token.length <= TAG) {
      throw new ProtocolError('TOKEN_TRUNCATED', `${token.length} bytes hold no tag and content`);
    }
    const tagAt = token.length - TAG;
    if (!this.#signing.verify(token.subarray(0, tagAt), token.subarray(tagAt))) {
      throw new ProtocolError('TOKEN_HMAC', 'tag does not match', { offset: tagAt });
    }
    const size = tagAt - BLOCK;
    if (size < BLOCK || size % BLOCK !== 0) {
      throw new ProtocolError(
        'TOKEN_CIPHERTEXT',
        `ciphertext of ${size} bytes is not whole blocks`,
        {
          offset: BLOCK,
        }
      );
    }
    const iv = token.subarray(0, BLOCK);
    const padded = cryptoProvider().aesCbcDecrypt(
      this.#encryption,
      iv,
      token.subarray(BLOCK, tagAt)
    );
    const padding = padded[padded.length - 1] as number;
    if (padding > BLOCK) {
      throw new ProtocolError('TOKEN_PADDING', `padding of ${padding} bytes`, {
        offset: tagAt - 1,
      });
    }
    return padded.slice(0, padded.length - padding);
  }

  /** Overwrite the keys; the token is of no use afterwards. */
  wipe(): void {
    this.#signing.wipe();
    this.#encryption.fill(0);
  }
}

/** A fresh 64-byte AES-256 token key. */
export function generateTokenKey(random: Random): Uint8Array {
  return random.bytes(64);
}
