/**
 * Where the data of an outgoing resource comes from, and where that of an incoming one goes.
 * @module
 */
import { concat } from '../../base/bytes.ts';

/** Data that can be read from any place; read one segment at a time. */
export interface ResourceSource {
  readonly sizeBytes: number;
  /** Exactly `length` bytes from `offset`. */
  read(offset: number, length: number): Uint8Array;
}

/** Takes in the data of a resource, one segment at a time and in order. */
export interface ResourceSink {
  write(bytes: Uint8Array): void;
}

/** Bytes as a source; they must not change while they are sent. */
export function bytesSource(bytes: Uint8Array): ResourceSource {
  return {
    sizeBytes: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  };
}

/** Keeps what is written to it. */
export class MemorySink implements ResourceSink {
  readonly #pieces: Uint8Array[] = [];
  #joined: Uint8Array | undefined;

  write(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#joined = undefined;
  }

  /** Everything that was written. */
  get bytes(): Uint8Array {
    const [only] = this.#pieces;
    this.#joined ??=
      this.#pieces.length === 1 && only !== undefined ? only : concat(...this.#pieces);
    return this.#joined;
  }
}
