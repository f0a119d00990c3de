/**
 * Names and hashes of destinations: what an address is made of.
 * @module
 * @see RNS/Destination.py expand_name, hash (RNS 1.5.7)
 */
import { concat, utf8 } from '../base/bytes.ts';
import { toHex } from '../base/hex.ts';
import { sha256 } from '../crypto/provider.ts';
import { TRUNCATED_HASH_BYTES, truncatedHash } from './identity.ts';

/** Bytes of a name hash. */
export const NAME_HASH_BYTES = 10;

/**
 * The dotted name of a destination, with the identity hash at its end where one is given.
 * @throws RangeError when the app name or an aspect holds a dot
 */
export function expandName(
  identityHash: Uint8Array | undefined,
  appName: string,
  ...aspects: readonly string[]
): string {
  if (appName.includes('.')) throw new RangeError('"appName" must not contain dots');
  for (const aspect of aspects) {
    if (aspect.includes('.')) throw new RangeError('"aspects" must not contain dots');
  }
  const parts = [appName, ...aspects];
  if (identityHash !== undefined) parts.push(toHex(identityHash));
  return parts.join('.');
}

/** First 10 bytes of SHA-256 of the dotted name. */
export function nameHash(appName: string, ...aspects: readonly string[]): Uint8Array {
  return sha256(utf8(expandName(undefined, appName, ...aspects))).slice(0, NAME_HASH_BYTES);
}

/**
 * The 16-byte address: truncated SHA-256 of `nameHash(10) ‖ identityHash(16)`, or of the name hash
 * alone for PLAIN destinations and for GROUP destinations without an identity.
 */
export function destinationHash(
  identityHash: Uint8Array | undefined,
  appName: string,
  ...aspects: readonly string[]
): Uint8Array {
  return destinationHashOf(nameHash(appName, ...aspects), identityHash);
}

/** The address for a name hash that is already known, as an announce carries it. */
export function destinationHashOf(
  name: Uint8Array,
  identityHash: Uint8Array | undefined
): Uint8Array {
  if (identityHash === undefined) return truncatedHash(name);
  if (identityHash.length !== TRUNCATED_HASH_BYTES) {
    throw new TypeError(`"identityHash" must be 16 bytes, got ${identityHash.length}`);
  }
  return truncatedHash(concat(name, identityHash));
}

/** Split a dotted name into app name and aspects. @see RNS/Destination.py app_and_aspects_from_name */
export function splitName(fullName: string): { appName: string; aspects: string[] } {
  const [appName = '', ...aspects] = fullName.split('.');
  return { appName, aspects };
}
