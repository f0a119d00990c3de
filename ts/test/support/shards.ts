/** A place for shards in memory that can lose and damage them, and streams for tests. @module */
import type { EncodedManifest, EncodedStripe, Encoding } from '../../pangea/ces/encode.ts';
import type { ShardPlace } from '../../pangea/ces/gather.ts';
import type { ShardStore } from '../../pangea/ces/repair.ts';

/** Keeps shards by place, and counts what is read and written. */
export class MemoryShards implements ShardStore {
  readonly kept: Map<string, Uint8Array> = new Map();
  readonly reads: ShardPlace[] = [];
  readonly writes: ShardPlace[] = [];

  static key({ stripe, shard }: ShardPlace): string {
    return `${stripe}/${shard}`;
  }

  add({ shards }: EncodedStripe): void {
    for (const shard of shards) this.kept.set(MemoryShards.key(shard), shard.bytes);
  }

  read(place: ShardPlace): Promise<Uint8Array | undefined> {
    this.reads.push(place);
    return Promise.resolve(this.kept.get(MemoryShards.key(place)));
  }

  replace(place: ShardPlace, bytes: Uint8Array): Promise<void> {
    this.writes.push(place);
    this.kept.set(MemoryShards.key(place), bytes.slice());
    return Promise.resolve();
  }

  lose(place: ShardPlace): void {
    this.kept.delete(MemoryShards.key(place));
  }

  /** Flip one bit of a shard. */
  damage(place: ShardPlace, bit = 0): void {
    const bytes = (this.kept.get(MemoryShards.key(place)) as Uint8Array).slice();
    const at = (bit >>> 3) % bytes.length;
    bytes[at] = (bytes[at] as number) ^ (1 << (bit & 7));
    this.kept.set(MemoryShards.key(place), bytes);
  }
}

/** A stream of `bytes` in chunks of the given sizes in turn. */
export function streamOf(
  bytes: Uint8Array,
  ...sizes: readonly number[]
): ReadableStream<Uint8Array> {
  const turns = sizes.length === 0 ? [bytes.length] : sizes;
  let at = 0;
  let turn = 0;
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (at >= bytes.length) return controller.close();
        const size = Math.max(0, turns[turn++ % turns.length] as number);
        controller.enqueue(bytes.slice(at, at + size));
        at += size;
      },
    },
    { highWaterMark: 0 }
  );
}

/** Take all stripes of an encoding. */
export async function collect(
  encoding: Encoding
): Promise<{ shards: MemoryShards; manifest: EncodedManifest }> {
  const shards = new MemoryShards();
  const reader = encoding.stripes.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { shards, manifest: await encoding.manifest };
    shards.add(value);
  }
}
