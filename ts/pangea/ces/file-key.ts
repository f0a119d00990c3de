/**
 * The keys of one container v1: a file key, those derived from it, and the locks that hold it for
 * whoever has a key or a passphrase. @module
 */
import { assertBytes, concat, utf8, wipe } from '../../base/bytes.ts';
import { ProtocolError } from '../../base/errors.ts';
import type { Random } from '../../base/random.ts';
import {
  DEFAULT_PASSPHRASE_COST,
  assertPassphraseCost,
  keyFromPassphrase,
  passphraseMemory,
  type PassphraseCost,
} from '../../crypto/passphrase.ts';
import {
  XCHACHA_KEY_BYTES,
  XCHACHA_NONCE_BYTES,
  XCHACHA_TAG_BYTES,
  XChaCha20Poly1305,
} from '../../crypto/xchacha20poly1305.ts';
import { Blake2b } from '../../kernel/blake2b.ts';

/** Bytes of a file's identifier. */
export const FILE_ID_BYTES = 16;
/** Bytes of a file key, and of the keys and secrets that lock or make one. */
export const FILE_KEY_BYTES = 32;
/** Most locks of one container. */
export const MOST_LOCKS = 16;

/** What opens a container. */
export type Unlock =
  | { readonly key: Uint8Array }
  | {
      readonly passphrase: string;
      /** Memory that a derivation may take; 256 MiB when left out. */
      readonly mostMemoryBytes?: number;
    };

/** What shall open a container. */
export type LockRequest =
  { readonly key: Uint8Array } | { readonly passphrase: string; readonly cost?: PassphraseCost };

/** The file key, sealed for one key or passphrase. */
export interface Lock {
  readonly kind: 'key' | 'passphrase';
  /** Of a passphrase. */
  readonly cost?: PassphraseCost;
  /** Of a passphrase, 16 bytes. */
  readonly salt?: Uint8Array;
  /** 24 bytes. */
  readonly nonce: Uint8Array;
  /** 48 bytes: the file key and a tag. */
  readonly sealed: Uint8Array;
}

const SALT_BYTES = 16;
const SEALED_BYTES = FILE_KEY_BYTES + XCHACHA_TAG_BYTES;
const LOCK_CODES = { key: 1, passphrase: 2 } as const;
const MOST_MEMORY_BYTES = 256 << 20;

/** The keys of a container that its file key gives. */
export interface FileKeys {
  readonly fileId: Uint8Array;
  /** Seals the stripes. */
  readonly content: Uint8Array;
  /** Makes the nonces of stripes where they follow from the content. */
  readonly nonces: Uint8Array;
  /** Seals the head of the manifest. */
  readonly head: Uint8Array;
  /** Authenticates the manifest. */
  readonly manifest: Uint8Array;
}

function keyed(key: Uint8Array, bytes: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const hash = new Blake2b(bytes, key);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

const label = (text: string): Uint8Array => utf8(`tesserae/ces/1 ${text}\0`);

/** The keys that follow from a file key. */
export function deriveFileKeys(fileKey: Uint8Array, fileId: Uint8Array): FileKeys {
  const derived = (name: string): Uint8Array => keyed(fileKey, 32, label(name), fileId);
  return {
    fileId,
    content: derived('content'),
    nonces: derived('nonces'),
    head: derived('head'),
    manifest: derived('manifest'),
  };
}

/** A file key drawn at random, and the identifier that belongs to it. */
export function randomFileKey(random: Random): { fileKey: Uint8Array; fileId: Uint8Array } {
  return { fileKey: random.bytes(FILE_KEY_BYTES), fileId: random.bytes(FILE_ID_BYTES) };
}

/**
 * The file key that a content has under a secret.
 *
 * Whoever knows the secret can confirm a guess of the content; without it nobody can.
 * @param shape - everything else that decides about the stripes' bytes
 */
export function convergentFileKey(
  secret: Uint8Array,
  contentDigest: Uint8Array,
  shape: Uint8Array
): { fileKey: Uint8Array; fileId: Uint8Array } {
  const fileKey = keyed(secret, FILE_KEY_BYTES, label('convergent'), contentDigest, shape);
  return { fileKey, fileId: keyed(fileKey, FILE_ID_BYTES, label('file id')) };
}

/** What a lock is bound to besides its key. */
function lockContext(kind: Lock['kind'], cost: PassphraseCost | undefined, fileId: Uint8Array) {
  const { logN, r, p } = cost ?? { logN: 0, r: 0, p: 0 };
  return concat(label('lock'), Uint8Array.of(LOCK_CODES[kind], logN, r, p), fileId);
}

/**
 * Lock a file key for each request.
 * @param random - supplies for each lock a salt of 16 bytes, for passphrases only, and a nonce of 24
 */
export async function makeLocks(
  requests: readonly LockRequest[],
  fileKey: Uint8Array,
  fileId: Uint8Array,
  random: Random
): Promise<Lock[]> {
  assertLockRequests(requests);
  const locks: Lock[] = [];
  for (const request of requests) {
    locks.push(await makeLock(request, fileKey, fileId, random));
  }
  return locks;
}

/** Throw unless there is at least one request, and each is complete. */
export function assertLockRequests(requests: readonly LockRequest[]): void {
  if (requests.length === 0) {
    throw new RangeError('"locks" must name a key or a passphrase, or nobody could open the file');
  }
  if (requests.length > MOST_LOCKS) {
    throw new RangeError(`"locks" must be at most ${MOST_LOCKS}, got ${requests.length}`);
  }
  requests.forEach((request, i) => {
    if ('key' in request) assertBytes(`locks[${i}].key`, request.key, XCHACHA_KEY_BYTES);
    else if (request.passphrase === '') {
      throw new RangeError(`"locks[${i}].passphrase" must not be empty`);
    } else assertPassphraseCost(request.cost ?? DEFAULT_PASSPHRASE_COST);
  });
}

async function makeLock(
  request: LockRequest,
  fileKey: Uint8Array,
  fileId: Uint8Array,
  random: Random
): Promise<Lock> {
  if ('key' in request) {
    const nonce = random.bytes(XCHACHA_NONCE_BYTES);
    const context = lockContext('key', undefined, fileId);
    const sealed = new XChaCha20Poly1305(request.key).seal(nonce, fileKey, context);
    return { kind: 'key', nonce, sealed };
  }
  const cost = request.cost ?? DEFAULT_PASSPHRASE_COST;
  const salt = random.bytes(SALT_BYTES);
  const nonce = random.bytes(XCHACHA_NONCE_BYTES);
  const key = await keyFromPassphrase(request.passphrase, salt, cost);
  const context = lockContext('passphrase', cost, fileId);
  const sealed = new XChaCha20Poly1305(key).seal(nonce, fileKey, context);
  wipe(key);
  return { kind: 'passphrase', cost, salt, nonce, sealed };
}

/**
 * The file key from the first lock that opens.
 * @throws ProtocolError `PANGEA_LOCKED` when none does; `PANGEA_LIMIT` when a passphrase would need
 * more memory than allowed
 */
export async function openLocks(
  locks: readonly Lock[],
  unlock: Unlock,
  fileId: Uint8Array
): Promise<Uint8Array> {
  for (const lock of locks) {
    const key = await keyFor(lock, unlock);
    if (key === undefined) continue;
    try {
      const context = lockContext(lock.kind, lock.cost, fileId);
      return new XChaCha20Poly1305(key).open(lock.nonce, lock.sealed, context);
    } catch (error) {
      if (!(error instanceof ProtocolError) || error.code !== 'AEAD_TAG') throw error;
      // Another lock may be the one.
    }
  }
  throw new ProtocolError('PANGEA_LOCKED', `none of ${locks.length} locks opens`);
}

async function keyFor(lock: Lock, unlock: Unlock): Promise<Uint8Array | undefined> {
  if ('key' in unlock) {
    assertBytes('key', unlock.key, XCHACHA_KEY_BYTES);
    return lock.kind === 'key' ? unlock.key : undefined;
  }
  const { cost, salt } = lock;
  if (cost === undefined || salt === undefined) return undefined;
  const most = unlock.mostMemoryBytes ?? MOST_MEMORY_BYTES;
  const needed = passphraseMemory(cost);
  if (needed > most) {
    const text = `the passphrase needs ${needed} bytes of memory, at most ${most} are allowed`;
    throw new ProtocolError('PANGEA_LIMIT', text, { at: 'manifest.locks' });
  }
  return keyFromPassphrase(unlock.passphrase, salt, cost);
}

/**
 * A lock as bytes.
 *
 * Shape: `kind(1) ‖ nonce(24) ‖ sealed(48)` for a key, kind 1; for a passphrase, kind 2, `logN(1) ‖ r(1)
 * ‖ p(1) ‖ salt(16)` stand behind the kind.
 */
export function encodeLock({ kind, cost, salt, nonce, sealed }: Lock): Uint8Array {
  const code = Uint8Array.of(LOCK_CODES[kind]);
  if (cost === undefined || salt === undefined) return concat(code, nonce, sealed);
  return concat(code, Uint8Array.of(cost.logN, cost.r, cost.p), salt, nonce, sealed);
}

/** Bytes of a lock whose kind has this code, the code included; `undefined` for no known kind. */
export function lockBytes(code: number): number | undefined {
  const common = 1 + XCHACHA_NONCE_BYTES + SEALED_BYTES;
  if (code === LOCK_CODES.key) return common;
  return code === LOCK_CODES.passphrase ? common + 3 + SALT_BYTES : undefined;
}

/**
 * Read one lock that has the length {@link lockBytes} says.
 * @throws RangeError when a passphrase's cost is out of range
 */
export function decodeLock(bytes: Uint8Array): Lock {
  const tail = bytes.slice(-(XCHACHA_NONCE_BYTES + SEALED_BYTES));
  const nonce = tail.slice(0, XCHACHA_NONCE_BYTES);
  const sealed = tail.slice(XCHACHA_NONCE_BYTES);
  if (bytes[0] === LOCK_CODES.key) return { kind: 'key', nonce, sealed };
  const [, logN = 0, r = 0, p = 0] = bytes;
  const cost = { logN, r, p };
  assertPassphraseCost(cost);
  return { kind: 'passphrase', cost, salt: bytes.slice(4, 4 + SALT_BYTES), nonce, sealed };
}
