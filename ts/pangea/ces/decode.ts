/**
 * Reads a container v1 back as a web stream, whole or in part: each stripe from any `dataShards` shards
 * whose hashes are right. @module
 */
import { assertInteger } from '../../base/bytes.ts';
import { ProtocolError, within } from '../../base/errors.ts';
import type { OpenedContainer } from './container.ts';
import { StripeShards, type ShardSource } from './gather.ts';
import { StripeCodec } from './stripe.ts';
import type { CesProgress, CesWatch } from './watch.ts';

/** What to read. */
export interface DecodeOptions extends CesWatch {
  /** First byte of the file; 0 when left out. */
  readonly start?: number;
  /** The byte behind the last; the end of the file when left out. */
  readonly end?: number;
}

/**
 * The bytes of a file, from `start` to `end`; only the stripes that hold them are read.
 *
 * Every byte that comes out was authenticated. A stripe is read when it is asked for. The stream ends
 * with `PANGEA_STRIPE`, which names the missing and the corrupt shards, where too few are good, and
 * with `PANGEA_CONTAINER` where stripes of other lengths were sealed than the manifest says.
 * @throws RangeError when the range does not lie in the file
 */
export function decode(
  container: OpenedContainer,
  source: ShardSource,
  options: DecodeOptions = {}
): ReadableStream<Uint8Array> {
  const { fileBytes } = container;
  const { start = 0, end = fileBytes } = options;
  assertInteger('end', end, 0, fileBytes);
  assertInteger('start', start, 0, end);
  const work = new Decoder(container, source, options, start, end);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        // Empty parts do not answer a pull.
        for (;;) {
          const part = await work.next();
          if (part === undefined) return controller.close();
          if (part.length > 0) return controller.enqueue(part);
        }
      },
    },
    { highWaterMark: 0 }
  );
}

/** Read a whole range into memory; for small ones. */
export async function decodeBytes(
  container: OpenedContainer,
  source: ShardSource,
  options: DecodeOptions = {}
): Promise<Uint8Array> {
  const { start = 0, end = container.fileBytes } = options;
  const stream = decode(container, source, options);
  const out = new Uint8Array(end - start);
  const reader = stream.getReader();
  for (let at = 0; ;) {
    const { done, value } = await reader.read();
    if (done) return out;
    out.set(value, at);
    at += value.length;
  }
}

/** The state of one reading. */
class Decoder {
  readonly #container: OpenedContainer;
  readonly #source: ShardSource;
  readonly #watch: CesWatch;
  readonly #codec: StripeCodec;
  readonly #start: number;
  readonly #end: number;
  #stripe: number;
  /** The stripe behind the last to be read. */
  readonly #stripeEnd: number;
  #progress: CesProgress = { stripes: 0, fileBytes: 0, shardBytes: 0 };

  constructor(
    container: OpenedContainer,
    source: ShardSource,
    watch: CesWatch,
    start: number,
    end: number
  ) {
    const { manifest, keys } = container;
    this.#container = container;
    this.#source = source;
    this.#watch = watch;
    this.#codec = new StripeCodec(manifest, keys);
    this.#start = start;
    this.#end = end;
    this.#stripe = Math.floor(start / manifest.stripeBytes);
    // A range without bytes reads no stripe, except that of an empty file, which proves the key.
    const isWhole = start === 0 && end === container.fileBytes;
    this.#stripeEnd =
      start === end && !isWhole ? this.#stripe : Math.max(1, Math.ceil(end / manifest.stripeBytes));
  }

  async next(): Promise<Uint8Array | undefined> {
    if (this.#stripe >= this.#stripeEnd) return undefined;
    this.#watch.signal?.throwIfAborted();
    const stripe = this.#stripe;
    const { plain, shardBytes } = await this.#readStripe(stripe);
    this.#watch.signal?.throwIfAborted();
    this.#stripe += 1;
    const first = stripe * this.#container.manifest.stripeBytes;
    const part = plain.subarray(Math.max(0, this.#start - first), this.#end - first);
    const before = this.#progress;
    this.#progress = {
      stripes: before.stripes + 1,
      fileBytes: before.fileBytes + part.length,
      shardBytes: before.shardBytes + shardBytes,
    };
    this.#watch.onProgress?.(this.#progress);
    return part;
  }

  async #readStripe(stripe: number): Promise<{ plain: Uint8Array; shardBytes: number }> {
    const { manifest, fileBytes } = this.#container;
    const at = `stripe ${stripe}`;
    const shards = new StripeShards(manifest, stripe, this.#source, this.#watch.signal);
    if (!(await shards.readEnough())) {
      throw new ProtocolError('PANGEA_STRIPE', shards.complaint(), { at });
    }
    const data = this.#codec.code.reconstructData(shards.good);
    const { sealedBytes } = manifest.stripes[stripe] ?? { sealedBytes: 0 };
    const isLast = stripe === manifest.stripes.length - 1;
    const plain = await this.#codec
      .open(data, sealedBytes, { stripe, isLast })
      .catch((error: unknown) =>
        // Says in which stripe it was.
        within(at, 0, () => {
          throw error;
        })
      );
    const due = Math.min(manifest.stripeBytes, fileBytes - stripe * manifest.stripeBytes);
    if (plain.length !== due) {
      const text = `${plain.length} bytes where ${due} are due`;
      throw new ProtocolError('PANGEA_CONTAINER', text, { at });
    }
    const shardBytes = shards.good.reduce((sum, shard) => sum + (shard?.length ?? 0), 0);
    return { plain, shardBytes };
  }
}
