/** The primitives by audited JavaScript, for browsers and any host without `node:crypto`. @module */
import { cbc } from '@noble/ciphers/aes.js';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { concat, equalBytes } from '../base/bytes.ts';
import { ProtocolError } from '../base/errors.ts';
import type { CryptoProvider } from './provider.ts';

/** Portable implementation, byte-equal with the host's. */
export const portableProvider: CryptoProvider = {
  name: 'portable',
  sha256: (data) => sha256(data),
  signingKey(seed) {
    const key = seed.slice();
    return { publicKey: ed25519.getPublicKey(key), sign: (message) => ed25519.sign(message, key) };
  },
  verifyingKey(publicKey) {
    const key = publicKey.slice();
    return { verify: (signature, message) => verify(key, signature, message) };
  },
  exchangeKey(privateKey) {
    const key = privateKey.slice();
    return {
      publicKey: x25519.getPublicKey(key),
      exchange(peer) {
        try {
          return x25519.getSharedSecret(key, peer);
        } catch {
          // With both lengths right, the library refuses only an all-zero secret.
          throw new ProtocolError('CRYPTO_LOW_ORDER', 'public key has low order');
        }
      },
    };
  },
  aesCbcEncrypt: (key, iv, blocks) => cbc(key, iv, { disablePadding: true }).encrypt(blocks),
  aesCbcDecrypt: (key, iv, blocks) => cbc(key, iv, { disablePadding: true }).decrypt(blocks),
};

/**
 * OpenSSL's verification. The library's own is stricter (it refuses small-order keys) or looser (its
 * ZIP 215 mode multiplies by the cofactor); a message must not verify here and fail in Python.
 */
function verify(publicKey: Uint8Array, signature: Uint8Array, message: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  const r = signature.subarray(0, 32);
  const s = littleEndian(signature.subarray(32));
  const order = ed25519.Point.Fn.ORDER;
  if (s >= order) return false;
  try {
    const a = ed25519.Point.fromBytes(publicKey, true);
    const h = littleEndian(sha512(concat(r, publicKey, message))) % order;
    const expected = ed25519.Point.BASE.multiplyUnsafe(s).add(a.negate().multiplyUnsafe(h));
    return equalBytes(expected.toBytes(), r);
  } catch {
    // The public key is no curve point: no signature holds under it.
    return false;
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number);
  return value;
}
