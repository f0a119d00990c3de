/**
 * One stripe of a container v1: compress, seal, cut and code, and the way back.
 *
 *     frame   form(1) ‖ body: form 0 is the stripe as it is, 1 a zstd frame of it
 *     sealed  ciphertext of the frame ‖ tag(16); in convergent containers nonce(24) in front
 *     shards  sealed cut into `dataShards` equal parts, zeros at the end, then the parity shards
 *
 * @module
 */
import { concat, utf8 } from '../../base/bytes.ts';
import { ProtocolError } from '../../base/errors.ts';
import {
  XCHACHA_NONCE_BYTES,
  XCHACHA_TAG_BYTES,
  XChaCha20Poly1305,
} from '../../crypto/xchacha20poly1305.ts';
import { Blake2b } from '../../kernel/blake2b.ts';
import { ReedSolomon } from '../../kernel/reed-solomon.ts';
import type { FileKeys } from './file-key.ts';
import { shardBytesOf } from './manifest.ts';
import { zstdCompress, zstdDecompress } from './zstd.ts';

/** Which stripe it is. */
export interface StripePlace {
  readonly stripe: number;
  /** Whether no stripe follows. */
  readonly isLast: boolean;
}

/** What all stripes of a container have in common. */
export interface StripeShape {
  readonly dataShards: number;
  readonly parityShards: number;
  readonly stripeBytes: number;
  readonly hasContentNonces: boolean;
}

const STORED = 0;
const ZSTD = 1;

/** Seals and opens the stripes of one container. */
export class StripeCodec {
  readonly code: ReedSolomon;
  readonly #shape: StripeShape;
  readonly #keys: FileKeys;
  readonly #cipher: XChaCha20Poly1305;

  constructor(shape: StripeShape, keys: FileKeys) {
    this.code = new ReedSolomon(shape.dataShards, shape.parityShards);
    this.#shape = shape;
    this.#keys = keys;
    this.#cipher = new XChaCha20Poly1305(keys.content);
  }

  /**
   * All shards of a stripe.
   * @param level - zstd level, 0 for none; the stripe is stored as it is unless it gets shorter
   */
  async seal(
    plain: Uint8Array,
    place: StripePlace,
    level: number
  ): Promise<{ sealedBytes: number; shards: Uint8Array[] }> {
    const frame = await frameOf(plain, level);
    const { dataShards } = this.#shape;
    const { totalShards } = this.code;
    const nonceBytes = this.#shape.hasContentNonces ? XCHACHA_NONCE_BYTES : 0;
    const sealedBytes = nonceBytes + frame.length + XCHACHA_TAG_BYTES;
    const size = shardBytesOf(sealedBytes, dataShards);
    const all = new Uint8Array(size * totalShards);
    const nonce = this.#nonceFor(place, frame);
    all.set(nonce.subarray(0, nonceBytes));
    const target = all.subarray(nonceBytes, sealedBytes);
    this.#cipher.sealInto(target, nonce, frame, this.#context(place));
    const shards = Array.from({ length: totalShards }, (_, shard) =>
      all.subarray(shard * size, (shard + 1) * size)
    );
    this.code.encode(shards);
    return { sealedBytes, shards };
  }

  /**
   * The stripe that data shards hold.
   * @param data - the data shards in order
   * @throws ProtocolError `AEAD_TAG` when the key or the place is another one, `PANGEA_CONTAINER`,
   * `PANGEA_COMPRESSION` or `PANGEA_LIMIT` when what was sealed is no stripe
   */
  async open(
    data: readonly Uint8Array[],
    sealedBytes: number,
    place: StripePlace
  ): Promise<Uint8Array> {
    const all = concat(...data).subarray(0, sealedBytes);
    const nonceBytes = this.#shape.hasContentNonces ? XCHACHA_NONCE_BYTES : 0;
    const nonce = nonceBytes > 0 ? all.subarray(0, nonceBytes) : this.#indexNonce(place);
    const sealed = all.subarray(nonceBytes);
    const frame = this.#cipher.open(nonce, sealed, this.#context(place));
    const body = frame.subarray(1);
    if (frame[0] === STORED && body.length <= this.#shape.stripeBytes) return body;
    if (frame[0] === ZSTD) return zstdDecompress(body, this.#shape.stripeBytes);
    const text = `a stripe of form ${String(frame[0])} and ${body.length} bytes`;
    throw new ProtocolError('PANGEA_CONTAINER', text);
  }

  #nonceFor(place: StripePlace, frame: Uint8Array): Uint8Array {
    if (!this.#shape.hasContentNonces) return this.#indexNonce(place);
    // Other content under the same key, by whatever mistake, then has another nonce.
    const hash = new Blake2b(XCHACHA_NONCE_BYTES, this.#keys.nonces);
    return hash.update(this.#context(place)).update(frame).digest();
  }

  /** File identifier, then the stripe's number: never the same twice under one file key. */
  #indexNonce({ stripe }: StripePlace): Uint8Array {
    return concat(this.#keys.fileId, numberOf(stripe));
  }

  /** What a stripe is bound to. */
  #context({ stripe, isLast }: StripePlace): Uint8Array {
    const last = Uint8Array.of(isLast ? 1 : 0);
    return concat(utf8('tesserae/ces/1 stripe\0'), this.#keys.fileId, numberOf(stripe), last);
  }
}

function numberOf(stripe: number): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, BigInt(stripe), true);
  return out;
}

async function frameOf(plain: Uint8Array, level: number): Promise<Uint8Array> {
  if (level > 0 && plain.length > 0) {
    const compressed = await zstdCompress(plain, level);
    if (compressed.length < plain.length) return concat(Uint8Array.of(ZSTD), compressed);
  }
  return concat(Uint8Array.of(STORED), plain);
}
