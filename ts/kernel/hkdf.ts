/** HKDF-SHA256 in the form that Reticulum uses. @module */
import { assertBytes } from '../base/bytes.ts';
import { hmacKernel } from './hmac-engine.ts';

const NO_SALT = /* @__PURE__ */ new Uint8Array(32);
const NO_INFO = /* @__PURE__ */ new Uint8Array(0);

/**
 * Derive `lengthBytes` bytes from input key material (RFC 5869 with SHA-256).
 *
 * Unlike the RFC, the counter byte wraps after 255 blocks, so any length is possible, and empty key
 * material is accepted. Up to 8160 bytes the output equals the RFC's.
 * @param salt - absent or empty means 32 zero bytes
 * @throws RangeError when `lengthBytes` is not a whole number of at least 1
 * @see RNS/Cryptography/HKDF.py hkdf (1.4.2)
 */
export function hkdfSha256(
  lengthBytes: number,
  ikm: Uint8Array,
  salt: Uint8Array | undefined,
  info: Uint8Array = NO_INFO
): Uint8Array {
  if (!Number.isSafeInteger(lengthBytes) || lengthBytes < 1) {
    throw new RangeError(`"lengthBytes" must be an integer from 1, got ${String(lengthBytes)}`);
  }
  assertBytes('ikm', ikm);
  assertBytes('info', info);
  if (salt !== undefined) assertBytes('salt', salt);
  const target = new Uint8Array(lengthBytes);
  const effectiveSalt = salt === undefined || salt.length === 0 ? NO_SALT : salt;
  hmacKernel.get().contract.hkdf(target, ikm, effectiveSalt, info);
  return target;
}
