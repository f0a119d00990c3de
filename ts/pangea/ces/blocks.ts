/** Cuts a web stream of bytes into blocks of one size, with nothing kept beyond one block. @module */
import { assertBytes } from '../../base/bytes.ts';

/** One block; all but the last are full. */
export interface Block {
  readonly bytes: Uint8Array;
  readonly isLast: boolean;
}

/** Blocks of a stream, pulled one by one; an empty stream is one empty block. */
export class BlockReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #blockBytes: number;
  /** What came beyond the block before. */
  #rest: Uint8Array = new Uint8Array(0);
  #isDone = false;

  constructor(source: ReadableStream<Uint8Array>, blockBytes: number) {
    this.#reader = source.getReader();
    this.#blockBytes = blockBytes;
  }

  /** The next block, which is the caller's own; `undefined` after the last. */
  async next(): Promise<Block | undefined> {
    if (this.#isDone) return undefined;
    const bytes = new Uint8Array(this.#blockBytes);
    let filled = 0;
    // Whether a full block is the last shows only when the stream goes on or ends.
    for (;;) {
      const part = this.#rest.subarray(0, this.#blockBytes - filled);
      bytes.set(part, filled);
      filled += part.length;
      this.#rest = this.#rest.subarray(part.length);
      if (this.#rest.length > 0) return { bytes, isLast: false };
      const { done, value } = await this.#reader.read();
      if (done) {
        this.#isDone = true;
        this.#reader.releaseLock();
        return { bytes: bytes.subarray(0, filled), isLast: true };
      }
      assertBytes('source', value);
      this.#rest = value;
    }
  }

  /** Give the stream up. */
  async cancel(reason: unknown): Promise<void> {
    this.#isDone = true;
    await this.#reader.cancel(reason);
  }
}
