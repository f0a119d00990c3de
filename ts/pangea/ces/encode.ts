/**
 * Makes a container v1 out of a web stream: stripe after stripe, as they are asked for, with the
 * memory of a few stripes. @module
 */
import { assertBytes, assertInteger, concat, equalBytes, wipe } from '../../base/bytes.ts';
import { ProtocolError } from '../../base/errors.ts';
import type { Random } from '../../base/random.ts';
import { Blake2b } from '../../kernel/blake2b.ts';
import { ReedSolomon } from '../../kernel/reed-solomon.ts';
import { BlockReader, type Block } from './blocks.ts';
import { containerConfiguration, type ContainerConfiguration } from './configuration.ts';
import { assertAttributes, sealHead } from './container.ts';
import {
  FILE_KEY_BYTES,
  assertLockRequests,
  convergentFileKey,
  deriveFileKeys,
  makeLocks,
  randomFileKey,
  type LockRequest,
} from './file-key.ts';
import { fileType } from './file-type.ts';
import {
  AddressHash,
  HASH_BYTES,
  STRIPE_BYTES_RANGE,
  encodeManifest,
  hashShard,
  type StripeEntry,
} from './manifest.ts';
import { StripeCodec, type StripeShape } from './stripe.ts';
import { abortable, type CesWatch } from './watch.ts';
import { ZSTD_LEVELS } from './zstd.ts';

/** How to make a container. */
export interface EncodeOptions extends CesWatch {
  /** Keys and passphrases that shall open it; at least one. */
  readonly locks: readonly LockRequest[];
  /** Supplies file key and identifier, then salts and nonces of the locks and of the head. */
  readonly random: Random;
  /** What differs from {@link containerConfiguration}; a level of 0 turns compression off. */
  readonly configuration?: Partial<ContainerConfiguration>;
  /** Bytes of the file where they are known; only the configuration follows from them. */
  readonly fileBytes?: number;
  /** Name of the file, for its kind alone; it is not stored. */
  readonly path?: string;
  /** The caller's own data, up to 32 KB, sealed in the manifest. */
  readonly attributes?: Uint8Array;
  /**
   * Make the same shards of the same file for everybody with this secret of 32 bytes, so that copies
   * are stored once. `digest` is the file's {@link contentDigest}, which takes a pass of its own.
   */
  readonly convergent?: { readonly secret: Uint8Array; readonly digest: Uint8Array };
}

/** One shard of one stripe. */
export interface EncodedShard {
  readonly stripe: number;
  readonly shard: number;
  readonly bytes: Uint8Array;
  /** 32 bytes. */
  readonly hash: Uint8Array;
}

/** All shards of one stripe. */
export interface EncodedStripe {
  readonly stripe: number;
  readonly shards: readonly EncodedShard[];
}

/** What a finished container is known by. */
export interface EncodedManifest {
  /** To be kept; without it the shards are of no use. */
  readonly bytes: Uint8Array;
  /** The content address, 32 bytes. */
  readonly address: Uint8Array;
  readonly stripes: number;
  readonly fileBytes: number;
}

/** A container in the making. */
export interface Encoding {
  /** Nothing is read from the source before a stripe is asked for. */
  readonly stripes: ReadableStream<EncodedStripe>;
  /** Settles when the last stripe has been made, or with the error that ended it. */
  readonly manifest: Promise<EncodedManifest>;
}

const NO_BYTES = /* @__PURE__ */ new Uint8Array(0);

/** The digest of a file that convergent containers are made by. */
export async function contentDigest(source: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const hash = new Blake2b(HASH_BYTES);
  const reader = source.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return hash.digest();
    hash.update(value);
  }
}

/**
 * Make a container of a file.
 *
 * Stripes come as they are asked for, so a slow taker slows the source down; not more than about
 * three stripes are in memory at a time. Cancelling the stripes cancels the source.
 * @throws TypeError or RangeError when an option is out of range; errors of the source end both results
 */
export function encode(source: ReadableStream<Uint8Array>, options: EncodeOptions): Encoding {
  assertOptions(options);
  const work = new Encoder(source, options);
  let settle: (manifest: EncodedManifest) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const manifest = new Promise<EncodedManifest>((resolve, reject) => {
    settle = resolve;
    fail = reject;
  });
  // Whoever takes only the stripes meets the error there.
  manifest.catch(() => undefined);
  const stripes = new ReadableStream<EncodedStripe>(
    {
      async pull(controller) {
        try {
          const stripe = await work.next();
          if (stripe !== undefined) controller.enqueue(stripe);
          if (work.isDone) {
            settle(await work.finish());
            controller.close();
          }
        } catch (error) {
          fail(error);
          await work.cancel(error);
          throw error;
        }
      },
      async cancel(reason) {
        fail(reason ?? new Error('the stripes were not taken to the end'));
        await work.cancel(reason);
      },
    },
    { highWaterMark: 0 }
  );
  return { stripes, manifest };
}

function assertOptions(options: EncodeOptions): void {
  const { configuration = {}, convergent, attributes = NO_BYTES, fileBytes } = options;
  const { dataShards = 8, parityShards = 4, stripeBytes, compressionLevel } = configuration;
  new ReedSolomon(dataShards, parityShards);
  if (stripeBytes !== undefined) {
    const { least, most } = STRIPE_BYTES_RANGE;
    assertInteger('stripeBytes', stripeBytes, least, most);
  }
  if (compressionLevel !== undefined) {
    assertInteger('compressionLevel', compressionLevel, 0, ZSTD_LEVELS.most);
  }
  if (fileBytes !== undefined) assertInteger('fileBytes', fileBytes, 0, Number.MAX_SAFE_INTEGER);
  assertAttributes(attributes);
  assertLockRequests(options.locks);
  if (convergent !== undefined) {
    assertBytes('convergent.secret', convergent.secret, FILE_KEY_BYTES);
    assertBytes('convergent.digest', convergent.digest, HASH_BYTES);
  }
}

/** What follows from the options and the front of the file. */
interface Plan {
  readonly shape: StripeShape;
  readonly level: number;
  readonly fileKey: Uint8Array;
  readonly fileId: Uint8Array;
  readonly codec: StripeCodec;
  readonly address: AddressHash;
}

/** The state of one encoding. */
class Encoder {
  readonly #options: EncodeOptions;
  readonly #source: ReadableStream<Uint8Array>;
  #blocks: BlockReader | undefined;
  #plan: Plan | undefined;
  readonly #entries: StripeEntry[] = [];
  /** Digest of what was read, where it has been promised. */
  readonly #digest: Blake2b | undefined;
  #fileBytes = 0;
  #shardBytes = 0;
  isDone = false;

  constructor(source: ReadableStream<Uint8Array>, options: EncodeOptions) {
    this.#source = source;
    this.#options = options;
    this.#digest = options.convergent === undefined ? undefined : new Blake2b(HASH_BYTES);
  }

  async next(): Promise<EncodedStripe | undefined> {
    const { signal } = this.#options;
    signal?.throwIfAborted();
    const configuration = this.#configuration();
    this.#blocks ??= new BlockReader(this.#source, configuration.stripeBytes);
    const block = await abortable(this.#blocks.next(), signal);
    if (block === undefined) return undefined;
    this.#plan ??= this.#makePlan(block, configuration);
    return this.#encodeBlock(block, this.#plan);
  }

  async finish(): Promise<EncodedManifest> {
    const { locks, random, attributes = NO_BYTES, convergent } = this.#options;
    const digest = this.#digest?.digest();
    if (digest !== undefined && !equalBytes(digest, convergent?.digest ?? NO_BYTES)) {
      throw new ProtocolError('PANGEA_CONTAINER', 'the file is not the one of the digest');
    }
    if (this.#plan === undefined) throw new Error('no stripe was made');
    const { shape, fileKey, fileId, address: hash } = this.#plan;
    const keys = deriveFileKeys(fileKey, fileId);
    const made = await makeLocks(locks, fileKey, fileId, random);
    wipe(fileKey);
    const address = hash.finish();
    const content = { fileBytes: this.#fileBytes, attributes };
    const head = sealHead(content, { fileId, address }, keys.head, random);
    const stripes = this.#entries;
    const manifest = { ...shape, fileId, address, stripes, locks: made, head };
    return {
      bytes: encodeManifest(manifest, keys.manifest),
      address,
      stripes: stripes.length,
      fileBytes: this.#fileBytes,
    };
  }

  async cancel(reason: unknown): Promise<void> {
    if (this.#plan !== undefined) wipe(this.#plan.fileKey);
    // A source that cannot be cancelled any more has nothing to be freed.
    await (this.#blocks ?? this.#source).cancel(reason).catch(() => undefined);
  }

  /** Everything but the level, which waits for the first block. */
  #configuration(): ContainerConfiguration {
    const { fileBytes, configuration } = this.#options;
    return { ...containerConfiguration('unknown', fileBytes), ...configuration };
  }

  #makePlan({ bytes }: Block, configuration: ContainerConfiguration): Plan {
    const { path, convergent, random } = this.#options;
    const { dataShards, parityShards, stripeBytes } = configuration;
    const byType = containerConfiguration(fileType(bytes, path), this.#options.fileBytes);
    const level = this.#options.configuration?.compressionLevel ?? byType.compressionLevel;
    const hasContentNonces = convergent !== undefined;
    const shape = { dataShards, parityShards, stripeBytes, hasContentNonces };
    const { fileKey, fileId } =
      convergent === undefined
        ? randomFileKey(random)
        : convergentFileKey(convergent.secret, convergent.digest, shapeBytes(shape, level));
    const codec = new StripeCodec(shape, deriveFileKeys(fileKey, fileId));
    return { shape, level, fileKey, fileId, codec, address: new AddressHash(shape) };
  }

  async #encodeBlock({ bytes, isLast }: Block, plan: Plan): Promise<EncodedStripe> {
    const { codec, level, address } = plan;
    const stripe = this.#entries.length;
    this.#digest?.update(bytes);
    const { sealedBytes, shards } = await codec.seal(bytes, { stripe, isLast }, level);
    this.#options.signal?.throwIfAborted();
    const hashes = shards.map(hashShard);
    const entry = { sealedBytes, hashes: concat(...hashes) };
    this.#entries.push(entry);
    address.add(entry);
    this.#fileBytes += bytes.length;
    this.#shardBytes += shards.reduce((sum, shard) => sum + shard.length, 0);
    this.isDone = isLast;
    this.#options.onProgress?.({
      stripes: stripe + 1,
      fileBytes: this.#fileBytes,
      shardBytes: this.#shardBytes,
    });
    return {
      stripe,
      shards: shards.map((shard, i) => ({
        stripe,
        shard: i,
        bytes: shard,
        hash: hashes[i] as Uint8Array,
      })),
    };
  }
}

/** All that decides about a convergent container's stripes besides content and secret. */
function shapeBytes({ dataShards, parityShards, stripeBytes }: StripeShape, level: number) {
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, stripeBytes, true);
  return concat(Uint8Array.of(dataShards, parityShards, level), size);
}
