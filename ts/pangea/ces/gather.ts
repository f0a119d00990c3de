/** Collects the shards of a stripe and proves each by its hash. @module */
import { equalBytes } from '../../base/bytes.ts';
import { hashShard, shardBytesOf, shardHash, type Manifest } from './manifest.ts';
import { abortable } from './watch.ts';

/** Which shard of which stripe. */
export interface ShardPlace {
  readonly stripe: number;
  readonly shard: number;
}

/** Where shards are kept. */
export interface ShardSource {
  /**
   * The bytes of a shard; `undefined` when it is not there. What it returns need not be right: every
   * shard is checked. A rejection counts as a shard that is not there, unless the signal has ended.
   */
  read(place: ShardPlace, signal?: AbortSignal): Promise<Uint8Array | undefined>;
}

/** What was found of a shard. */
export type ShardState = 'good' | 'missing' | 'corrupt';

/** Shards of one stripe that have the right hash, and what became of the others. */
export class StripeShards {
  readonly stripe: number;
  /** By shard index; those that were not read yet, or are not good, are `undefined`. */
  readonly good: (Uint8Array | undefined)[];
  /** By shard index; `undefined` for those that were not read yet. */
  readonly states: (ShardState | undefined)[];
  readonly #manifest: Manifest;
  readonly #source: ShardSource;
  readonly #signal: AbortSignal | undefined;

  constructor(
    manifest: Manifest,
    stripe: number,
    source: ShardSource,
    signal: AbortSignal | undefined
  ) {
    const total = manifest.dataShards + manifest.parityShards;
    this.stripe = stripe;
    this.good = new Array<Uint8Array | undefined>(total).fill(undefined);
    this.states = new Array<ShardState | undefined>(total).fill(undefined);
    this.#manifest = manifest;
    this.#source = source;
    this.#signal = signal;
  }

  /** Shards that are good. */
  get goodCount(): number {
    return this.states.filter((state) => state === 'good').length;
  }

  /** Indices of the shards that were read and found in `state`. */
  inState(state: ShardState): number[] {
    return this.states.flatMap((own, shard) => (own === state ? [shard] : []));
  }

  /** Read the given shards side by side. */
  async read(shards: readonly number[]): Promise<void> {
    await Promise.all(shards.map((shard) => this.#read(shard)));
  }

  /**
   * Read until there are as many good shards as data shards: the data shards first, and of the parity
   * no more than are wanting.
   * @returns whether there are enough
   */
  async readEnough(): Promise<boolean> {
    const { dataShards } = this.#manifest;
    let wanting = dataShards;
    for (let next = 0; wanting > 0 && next < this.good.length;) {
      const end = Math.min(this.good.length, next + wanting);
      await this.read(Array.from({ length: end - next }, (_, i) => next + i));
      next = end;
      wanting = dataShards - this.goodCount;
    }
    return wanting <= 0;
  }

  /** What is wrong with the shards, as a sentence's end. */
  complaint(): string {
    const name = (state: ShardState): string => {
      const shards = this.inState(state);
      return shards.length === 0 ? '' : `; ${state}: ${shards.join(', ')}`;
    };
    const { dataShards, parityShards } = this.#manifest;
    const total = dataShards + parityShards;
    const counts = `${this.goodCount} of ${total} shards are good, ${dataShards} are needed`;
    return counts + name('missing') + name('corrupt');
  }

  async #read(shard: number): Promise<void> {
    const { stripe } = this;
    this.#signal?.throwIfAborted();
    let bytes: Uint8Array | undefined;
    try {
      bytes = await abortable(this.#source.read({ stripe, shard }, this.#signal), this.#signal);
    } catch {
      this.#signal?.throwIfAborted();
      // A keeper that fails has no shard for us; others may.
    }
    if (bytes === undefined) this.states[shard] = 'missing';
    else if (this.#isRight(shard, bytes)) {
      this.states[shard] = 'good';
      this.good[shard] = bytes;
    } else this.states[shard] = 'corrupt';
  }

  #isRight(shard: number, bytes: Uint8Array): boolean {
    return isShardOf(this.#manifest, { stripe: this.stripe, shard }, bytes);
  }
}

/** Whether bytes are a shard of a container, by length and hash. */
export function isShardOf(
  manifest: Manifest,
  { stripe, shard }: ShardPlace,
  bytes: Uint8Array
): boolean {
  const entry = manifest.stripes[stripe];
  const hash = shardHash(manifest, stripe, shard);
  if (entry === undefined || hash === undefined) return false;
  const size = shardBytesOf(entry.sealedBytes, manifest.dataShards);
  return bytes.length === size && equalBytes(hashShard(bytes), hash);
}
