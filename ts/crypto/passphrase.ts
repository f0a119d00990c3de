/** Keys from passphrases: scrypt (RFC 7914), by the host's library or by noble. @module */
import { scryptAsync } from '@noble/hashes/scrypt.js';
import { assertBytes, assertInteger, utf8, wipe } from '../base/bytes.ts';
import { environment, nativeCrypto } from '../kernel/native.ts';

/** Work and memory of one derivation: `128 * r * 2^logN` bytes, `p` times one after the other. */
export interface PassphraseCost {
  /** Binary logarithm of scrypt's N, 1 to 24. */
  readonly logN: number;
  /** Block size, 1 to 32. */
  readonly r: number;
  /** Repetitions, 1 to 16. */
  readonly p: number;
}

/** 128 MiB and about half a second of one core. */
export const DEFAULT_PASSPHRASE_COST: PassphraseCost = { logN: 17, r: 8, p: 1 };

/** Bytes of memory that a derivation takes. */
export function passphraseMemory({ logN, r }: PassphraseCost): number {
  return 128 * r * 2 ** logN;
}

/** Throw a RangeError that names the parameter of a cost which is out of range. */
export function assertPassphraseCost({ logN, r, p }: PassphraseCost): void {
  assertInteger('logN', logN, 1, 24);
  assertInteger('r', r, 1, 32);
  assertInteger('p', p, 1, 16);
}

/**
 * Derive 32 bytes from a passphrase.
 *
 * The passphrase is normalized (NFKC), so that it does not matter how a keyboard composes its letters.
 * @param salt - at least 16 bytes, of its own for each derivation
 * @throws RangeError when the passphrase is empty, the salt too short or the cost out of range
 * @see RFC 7914
 */
export async function keyFromPassphrase(
  passphrase: string,
  salt: Uint8Array,
  cost: PassphraseCost = DEFAULT_PASSPHRASE_COST
): Promise<Uint8Array> {
  if (passphrase === '') throw new RangeError('"passphrase" must not be empty');
  assertBytes('salt', salt);
  if (salt.length < 16)
    throw new RangeError(`"salt" must be at least 16 bytes, got ${salt.length}`);
  assertPassphraseCost(cost);
  const secret = utf8(passphrase.normalize('NFKC'));
  try {
    return await derive(secret, salt, cost);
  } finally {
    wipe(secret);
  }
}

function derive(secret: Uint8Array, salt: Uint8Array, cost: PassphraseCost): Promise<Uint8Array> {
  const { r, p } = cost;
  const N = 2 ** cost.logN;
  const native = environment('TESSERAE_CRYPTO') === 'portable' ? undefined : nativeCrypto();
  // Both libraries count a little more than the blocks themselves.
  const maxmem = passphraseMemory(cost) + 128 * r * (p + 3) + 1024;
  if (native === undefined) return scryptAsync(secret, salt, { N, r, p, dkLen: 32, maxmem });
  return new Promise((resolve, reject) => {
    native.scrypt(secret, salt, 32, { N, r, p, maxmem }, (error, key) => {
      if (error === null) resolve(new Uint8Array(key));
      else reject(error);
    });
  });
}
