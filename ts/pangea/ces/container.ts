/**
 * A container v1 that a key or passphrase has opened: its keys, the file's length and the caller's own
 * data; and giving it other locks. @module
 */
import { assertBytes, assertInteger, concat, utf8, wipe } from '../../base/bytes.ts';
import { ProtocolError } from '../../base/errors.ts';
import type { Random } from '../../base/random.ts';
import { XCHACHA_NONCE_BYTES, XChaCha20Poly1305 } from '../../crypto/xchacha20poly1305.ts';
import {
  deriveFileKeys,
  makeLocks,
  openLocks,
  type FileKeys,
  type LockRequest,
  type Unlock,
} from './file-key.ts';
import {
  decodeManifest,
  encodeManifest,
  isManifestOf,
  type Manifest,
  type ManifestReading,
} from './manifest.ts';

/** What only holders of a key can read of a container. */
export interface OpenedContainer {
  readonly manifest: Manifest;
  readonly keys: FileKeys;
  /** Bytes of the file. */
  readonly fileBytes: number;
  /** What the maker put beside it, such as a name; empty when nothing. */
  readonly attributes: Uint8Array;
}

/** Most bytes of the caller's own data in a manifest. */
export const MOST_ATTRIBUTE_BYTES = 32768;

/** What the head is bound to: this content, and no other. */
function headContext({ fileId, address }: Pick<Manifest, 'fileId' | 'address'>): Uint8Array {
  return concat(utf8('tesserae/ces/1 head\0'), fileId, address);
}

/**
 * Seal what a manifest keeps from strangers.
 *
 * Shape: `nonce(24) ‖ sealed(length of the file (8) ‖ attributes)`.
 * @param random - supplies the nonce, one draw of 24 bytes
 */
export function sealHead(
  content: { readonly fileBytes: number; readonly attributes: Uint8Array },
  place: Pick<Manifest, 'fileId' | 'address'>,
  headKey: Uint8Array,
  random: Random
): Uint8Array {
  const plain = new Uint8Array(8 + content.attributes.length);
  new DataView(plain.buffer).setBigUint64(0, BigInt(content.fileBytes), true);
  plain.set(content.attributes, 8);
  const nonce = random.bytes(XCHACHA_NONCE_BYTES);
  return concat(nonce, new XChaCha20Poly1305(headKey).seal(nonce, plain, headContext(place)));
}

/** Throw unless the caller's own data is bytes that fit. */
export function assertAttributes(attributes: Uint8Array): void {
  assertBytes('attributes', attributes);
  assertInteger('attributes.length', attributes.length, 0, MOST_ATTRIBUTE_BYTES);
}

/**
 * Open a container's manifest.
 * @throws ProtocolError `PANGEA_LOCKED` when neither key nor passphrase opens a lock; `PANGEA_MANIFEST`
 * when the MAC is not that of the file key; and as `decodeManifest`
 */
export async function openContainer(
  manifestBytes: Uint8Array,
  unlock: Unlock,
  reading: ManifestReading = {}
): Promise<OpenedContainer> {
  const { opened, fileKey } = await open(manifestBytes, unlock, reading);
  wipe(fileKey);
  return opened;
}

async function open(
  manifestBytes: Uint8Array,
  unlock: Unlock,
  reading: ManifestReading
): Promise<{ opened: OpenedContainer; fileKey: Uint8Array }> {
  assertBytes('manifest', manifestBytes);
  const manifest = decodeManifest(manifestBytes, reading);
  const fileKey = await openLocks(manifest.locks, unlock, manifest.fileId);
  const keys = deriveFileKeys(fileKey, manifest.fileId);
  if (!isManifestOf(manifestBytes, keys.manifest)) {
    throw new ProtocolError('PANGEA_MANIFEST', 'the MAC does not match', { at: 'manifest.mac' });
  }
  const { head } = manifest;
  const nonce = head.subarray(0, XCHACHA_NONCE_BYTES);
  const sealed = head.subarray(XCHACHA_NONCE_BYTES);
  const plain = new XChaCha20Poly1305(keys.head).open(nonce, sealed, headContext(manifest));
  const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
  const fileBytes = plain.length < 8 ? NaN : Number(view.getBigUint64(0, true));
  const stripes = manifest.stripes.length;
  // Whoever has the file key can write such a manifest, but it describes no file.
  if (Math.max(1, Math.ceil(fileBytes / manifest.stripeBytes)) !== stripes) {
    const text = `${fileBytes} bytes are not ${stripes} stripes`;
    throw new ProtocolError('PANGEA_MANIFEST', text, { at: 'manifest.head' });
  }
  return { opened: { manifest, keys, fileBytes, attributes: plain.slice(8) }, fileKey };
}

/**
 * The same container under other locks: keys come and go without a shard being touched, and the
 * content address stays. Who once had the file key still has it; only new content needs a new key.
 * @param random - supplies what the locks need, then the nonce of the head
 * @returns the new manifest
 */
export async function relockContainer(
  manifestBytes: Uint8Array,
  unlock: Unlock,
  locks: readonly LockRequest[],
  random: Random
): Promise<Uint8Array> {
  const { opened, fileKey } = await open(manifestBytes, unlock, {});
  const { manifest, keys } = opened;
  const made = await makeLocks(locks, fileKey, manifest.fileId, random);
  wipe(fileKey);
  const head = sealHead(opened, manifest, keys.head, random);
  return encodeManifest({ ...manifest, locks: made, head }, keys.manifest);
}
