/**
 * The manifest of a container v1: how the file was coded, the hash of every shard, the locks of its
 * key, all under a MAC; its bytes and their checks. docs/container-v1.md describes them. @module
 */
import { concat, equalBytes, equalConstantTime, utf8 } from '../../base/bytes.ts';
import { ProtocolError } from '../../base/errors.ts';
import { toHex } from '../../base/hex.ts';
import { Blake2b, blake2b256 } from '../../kernel/blake2b.ts';
import {
  FILE_ID_BYTES,
  MOST_LOCKS,
  decodeLock,
  encodeLock,
  lockBytes,
  type Lock,
} from './file-key.ts';
import { ManifestReader } from './manifest-reader.ts';

/** Bytes of a shard's hash, of a content address and of the manifest's MAC. */
export const HASH_BYTES = 32;
/** Bytes that a reader accepts as a manifest unless told otherwise. */
export const MOST_MANIFEST_BYTES: number = 64 << 20;
/** Bytes of the file in one stripe, at least and at most. */
export const STRIPE_BYTES_RANGE: { readonly least: number; readonly most: number } = {
  least: 1024,
  most: 64 << 20,
};

/** What one stripe came to. */
export interface StripeEntry {
  /** Bytes that were cut into the data shards, zeros not counted. */
  readonly sealedBytes: number;
  /** The hashes of all shards behind one another, {@link HASH_BYTES} each. */
  readonly hashes: Uint8Array;
}

/** What anybody can read of a container. */
export interface Manifest {
  readonly dataShards: number;
  readonly parityShards: number;
  /** Bytes of the file in one stripe; the last has fewer, or as many. */
  readonly stripeBytes: number;
  /** Whether nonces follow from the content, as in convergent containers. */
  readonly hasContentNonces: boolean;
  /** 16 bytes. */
  readonly fileId: Uint8Array;
  /** The content address: 32 bytes that follow from all shards. */
  readonly address: Uint8Array;
  readonly stripes: readonly StripeEntry[];
  readonly locks: readonly Lock[];
  /** Length of the file and the caller's own data, sealed: nonce, ciphertext and tag. */
  readonly head: Uint8Array;
}

/** Limits and expectations of a reader. */
export interface ManifestReading {
  readonly mostBytes?: number;
  /** The content address that the manifest must be of. */
  readonly address?: Uint8Array;
}

const MAGIC = [0x54, 0x43, 0x45, 0x53] as const;
const VERSION = 1;
/** Reed-Solomon over GF(2^8), 0x11d, with the Vandermonde matrix; XChaCha20-Poly1305; BLAKE2b-256. */
const ALGORITHMS = { code: 1, cipher: 1, hash: 1 } as const;
const CONTENT_NONCES = 1;
const FIXED_BYTES = 72;
/** Nonce, length of the file, tag. */
const LEAST_HEAD_BYTES = 48;
/** The form of a stripe's frame and a tag; a nonce where it stands in front. */
const LEAST_SEALED_BYTES = 17;
const NONCE_BYTES = 24;

/** Bytes of a shard of a stripe. */
export function shardBytesOf(sealedBytes: number, dataShards: number): number {
  return Math.ceil(sealedBytes / dataShards);
}

/** The hash of one shard: plain BLAKE2b-256, so that any tool can check it. */
export function hashShard(shard: Uint8Array): Uint8Array {
  return blake2b256(shard);
}

function number(value: number, bytes: 2 | 4 | 8): Uint8Array {
  const out = new Uint8Array(bytes);
  const view = new DataView(out.buffer);
  if (bytes === 2) view.setUint16(0, value, true);
  else if (bytes === 4) view.setUint32(0, value, true);
  else view.setBigUint64(0, BigInt(value), true);
  return out;
}

/** The content address of stripes as they come; nothing but their hashes is kept. */
export class AddressHash {
  readonly #hash = new Blake2b(HASH_BYTES);
  #stripes = 0;

  constructor({ dataShards, parityShards }: { dataShards: number; parityShards: number }) {
    this.#hash.update(utf8('tesserae/ces/1 root\0'));
    this.#hash.update(Uint8Array.of(ALGORITHMS.code, dataShards, parityShards));
  }

  /** Take the next stripe. */
  add({ sealedBytes, hashes }: StripeEntry): void {
    const stripe = new Blake2b(HASH_BYTES).update(utf8('tesserae/ces/1 stripe\0'));
    stripe.update(number(this.#stripes, 8)).update(number(sealedBytes, 4));
    this.#hash.update(stripe.update(hashes).digest());
    this.#stripes += 1;
  }

  /** The address, 32 bytes; the object is of no use afterwards. */
  finish(): Uint8Array {
    return this.#hash.update(number(this.#stripes, 8)).digest();
  }
}

function mac(key: Uint8Array, body: Uint8Array): Uint8Array {
  return new Blake2b(HASH_BYTES, key).update(body).digest();
}

/** The hash that a shard must have; `undefined` when there is no such shard. */
export function shardHash(
  { stripes, dataShards, parityShards }: Manifest,
  stripe: number,
  shard: number
): Uint8Array | undefined {
  if (shard < 0 || shard >= dataShards + parityShards) return undefined;
  return stripes[stripe]?.hashes.subarray(shard * HASH_BYTES, (shard + 1) * HASH_BYTES);
}

/** A manifest as bytes, with its MAC under the manifest key. */
export function encodeManifest(manifest: Manifest, manifestKey: Uint8Array): Uint8Array {
  const { dataShards, parityShards, stripeBytes, stripes, locks, head } = manifest;
  const parts: Uint8Array[] = [
    Uint8Array.of(...MAGIC, VERSION, ALGORITHMS.code, ALGORITHMS.cipher, ALGORITHMS.hash),
    Uint8Array.of(dataShards, parityShards, locks.length),
    Uint8Array.of(manifest.hasContentNonces ? CONTENT_NONCES : 0),
    number(stripeBytes, 4),
    manifest.fileId,
    number(stripes.length, 8),
    manifest.address,
    ...locks.map(encodeLock),
    number(head.length, 2),
    head,
  ];
  const front = concat(...parts);
  const entryBytes = 4 + (dataShards + parityShards) * HASH_BYTES;
  const out = new Uint8Array(front.length + stripes.length * entryBytes + HASH_BYTES);
  const view = new DataView(out.buffer);
  out.set(front);
  let at = front.length;
  for (const { sealedBytes, hashes } of stripes) {
    view.setUint32(at, sealedBytes, true);
    at += 4;
    out.set(hashes, at);
    at += hashes.length;
  }
  out.set(mac(manifestKey, out.subarray(0, at)), at);
  return out;
}

function refused(text: string, at: string, offset?: number): ProtocolError {
  return new ProtocolError('PANGEA_MANIFEST', text, { at: `manifest.${at}`, offset });
}

/**
 * Read a manifest without any key: all but the MAC and the head is checked, the content address
 * against the hashes included.
 * @throws ProtocolError `PANGEA_MANIFEST` naming the field, `PANGEA_LIMIT` when it is too long,
 * `PANGEA_ADDRESS` when the hashes are not those of the address, its own or the expected one
 */
export function decodeManifest(bytes: Uint8Array, reading: ManifestReading = {}): Manifest {
  const most = reading.mostBytes ?? MOST_MANIFEST_BYTES;
  if (bytes.length > most) {
    throw new ProtocolError('PANGEA_LIMIT', `manifest of ${bytes.length} bytes, at most ${most}`);
  }
  const reader = new ManifestReader(bytes);
  readAlgorithms(reader);
  const dataShards = reader.number('dataShards', 1, 1, 255);
  const parityShards = reader.number('parityShards', 1, 1, 256 - dataShards);
  const lockCount = reader.number('locks', 1, 1, MOST_LOCKS);
  const flags = reader.number('flags', 1, 0, CONTENT_NONCES);
  const { least, most: mostStripe } = STRIPE_BYTES_RANGE;
  const stripeBytes = reader.number('stripeBytes', 4, least, mostStripe);
  const fileId = reader.bytes('fileId', FILE_ID_BYTES);
  const stripeCount = reader.number('stripes', 8, 1, 2 ** 40);
  const address = reader.bytes('address', HASH_BYTES);
  const locks = Array.from({ length: lockCount }, () => readLock(reader));
  const head = reader.bytes('head', reader.number('headLength', 2, LEAST_HEAD_BYTES, 0xffff));
  const total = dataShards + parityShards;
  const left = reader.left - HASH_BYTES;
  if (left !== stripeCount * (4 + total * HASH_BYTES)) {
    throw refused(`${left} bytes do not hold ${stripeCount} entries`, 'table', reader.at);
  }
  const leastSealed = LEAST_SEALED_BYTES + (flags === CONTENT_NONCES ? NONCE_BYTES : 0);
  const stripes: StripeEntry[] = [];
  for (let i = 0; i < stripeCount; i++) {
    // A stripe is compressed only if it gets shorter, so nothing but the seal comes on top.
    const sealedBytes = reader.number('sealedBytes', 4, leastSealed, stripeBytes + leastSealed);
    stripes.push({ sealedBytes, hashes: reader.bytes('hashes', total * HASH_BYTES) });
  }
  const manifest: Manifest = {
    ...{ dataShards, parityShards, stripeBytes, fileId, address, stripes, locks, head },
    hasContentNonces: flags === CONTENT_NONCES,
  };
  checkAddress(manifest, reading.address);
  return manifest;
}

function readAlgorithms(reader: ManifestReader): void {
  const magic = reader.bytes('magic', MAGIC.length);
  if (!MAGIC.every((byte, i) => byte === magic[i])) throw refused('no manifest', 'magic', 0);
  reader.number('version', 1, VERSION, VERSION);
  reader.number('code', 1, ALGORITHMS.code, ALGORITHMS.code);
  reader.number('cipher', 1, ALGORITHMS.cipher, ALGORITHMS.cipher);
  reader.number('hash', 1, ALGORITHMS.hash, ALGORITHMS.hash);
}

function readLock(reader: ManifestReader): Lock {
  const offset = reader.at;
  const length = lockBytes(reader.peek('lock'));
  if (length === undefined) throw refused('a lock of an unknown kind', 'locks', offset);
  const bytes = reader.bytes('lock', length);
  try {
    return decodeLock(bytes);
  } catch (error) {
    if (error instanceof RangeError) throw refused(error.message, 'locks', offset);
    throw error;
  }
}

function checkAddress(manifest: Manifest, expected: Uint8Array | undefined): void {
  const hash = new AddressHash(manifest);
  for (const entry of manifest.stripes) hash.add(entry);
  const own = hash.finish();
  const wanted = expected ?? manifest.address;
  if (equalBytes(own, manifest.address) && equalBytes(own, wanted)) return;
  const text = `the shards' hashes make ${toHex(own)}, not ${toHex(wanted)}`;
  throw new ProtocolError('PANGEA_ADDRESS', text);
}

/**
 * Whether a manifest carries the MAC of this key; without a branch on its bytes.
 * @param bytes - as they were passed to {@link decodeManifest}
 */
export function isManifestOf(bytes: Uint8Array, manifestKey: Uint8Array): boolean {
  const at = bytes.length - HASH_BYTES;
  return (
    at > FIXED_BYTES &&
    equalConstantTime(mac(manifestKey, bytes.subarray(0, at)), bytes.subarray(at))
  );
}
