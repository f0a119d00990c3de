/**
 * Raw Curve25519 keys as handles of the host's library.
 *
 * The host reads JSON Web Keys about ten times as fast as DER, whose decoders it looks up anew for
 * each key; what it makes of them is checked once, and DER stays for a host that reads them otherwise.
 * @module
 */
import { fromBase64Url, toBase64Url } from '../base/base64url.ts';
import { concat, equalBytes } from '../base/bytes.ts';
import { fromHex } from '../base/hex.ts';
import type { NativeCrypto, NativeKey } from '../kernel/native.ts';

/** The two curves. */
export type Curve = 'X25519' | 'Ed25519';

/** Makes handles of raw 32-byte keys, and raw public keys of handles. */
export interface NativeKeys {
  privateKey(curve: Curve, raw: Uint8Array): NativeKey;
  publicKey(curve: Curve, raw: Uint8Array): NativeKey;
  publicBytes(key: NativeKey): Uint8Array;
}

// DER heads of a raw 32-byte key (RFC 8410): PKCS#8 for private, SubjectPublicKeyInfo for public.
const PKCS8: Readonly<Record<Curve, string>> = {
  X25519: '302e020100300506032b656e04220420',
  Ed25519: '302e020100300506032b657004220420',
};
const SPKI: Readonly<Record<Curve, string>> = {
  X25519: '302a300506032b656e032100',
  Ed25519: '302a300506032b6570032100',
};

/** The faster way that this host reads keys rightly. */
export function nativeKeys(host: NativeCrypto): NativeKeys {
  const fast = jwkKeys(host);
  return isRight(fast) ? fast : derKeys(host);
}

/** Keys by way of DER, which every version of the host reads. */
export function derKeys(host: NativeCrypto): NativeKeys {
  return {
    privateKey: (curve, raw) =>
      host.createPrivateKey({
        key: concat(fromHex(PKCS8[curve]), raw),
        format: 'der',
        type: 'pkcs8',
      }),
    publicKey: (curve, raw) =>
      host.createPublicKey({ key: concat(fromHex(SPKI[curve]), raw), format: 'der', type: 'spki' }),
    publicBytes: (key) =>
      new Uint8Array(publicHalf(host, key).export({ format: 'der', type: 'spki' })).slice(-32),
  };
}

/** Keys by way of JSON Web Keys; a private one names no public half, which the host computes. */
export function jwkKeys(host: NativeCrypto): NativeKeys {
  return {
    privateKey: (crv, raw) =>
      host.createPrivateKey({
        key: { kty: 'OKP', crv, x: '', d: toBase64Url(raw) },
        format: 'jwk',
      }),
    publicKey: (crv, raw) =>
      host.createPublicKey({ key: { kty: 'OKP', crv, x: toBase64Url(raw) }, format: 'jwk' }),
    publicBytes: (key) => fromBase64Url(publicHalf(host, key).export({ format: 'jwk' }).x ?? ''),
  };
}

/** The host refuses to take a public key's public half. */
function publicHalf(host: NativeCrypto, key: NativeKey): NativeKey {
  return key.type === 'public' ? key : host.createPublicKey(key);
}

/** A private key of each curve and its public half; the first is test 2 of RFC 8032 section 7.1. */
const KNOWN: readonly (readonly [Curve, string, string])[] = [
  [
    'Ed25519',
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
  ],
  [
    'X25519',
    '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
    '8f40c5adb68f25624ae5b214ea767a6ec94d829d3d7b5e1ad1ba6f3e2138285f',
  ],
];

function isRight(keys: NativeKeys): boolean {
  try {
    return KNOWN.every(([curve, secret, expected]) => {
      const publicBytes = keys.publicBytes(keys.privateKey(curve, fromHex(secret)));
      const again = keys.publicBytes(keys.publicKey(curve, publicBytes));
      return equalBytes(publicBytes, fromHex(expected)) && equalBytes(again, publicBytes);
    });
  } catch {
    // A host that refuses such keys is one that needs the other way.
    return false;
  }
}
