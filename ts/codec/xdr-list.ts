/**
 * Arrays of equally long byte strings (hash vectors of adverts and demands) that stay one block of
 * bytes until an element is asked for: one view instead of a thousand. @module
 */

/** A read-only list of equally long byte strings; a plain `Uint8Array[]` is one too. */
export interface OpaqueList extends Iterable<Uint8Array> {
  readonly length: number;
  /** The element at `index`, counted from the end when negative; `undefined` outside. */
  at(index: number): Uint8Array | undefined;
}

/** The packed form that decoders return; its elements are views of the input. */
export class PackedOpaques implements OpaqueList {
  readonly length: number;
  /** Bytes of one element, padding excluded. */
  readonly size: number;
  readonly #bytes: Uint8Array;
  readonly #from: number;
  readonly #stride: number;

  /**
   * @param from - offset of the first element in `bytes`
   * @param stride - bytes from one element to the next, padding included
   */
  constructor(bytes: Uint8Array, from: number, size: number, stride: number, length: number) {
    this.#bytes = bytes;
    this.#from = from;
    this.size = size;
    this.#stride = stride;
    this.length = length;
  }

  at(index: number): Uint8Array | undefined {
    const i = index < 0 ? index + this.length : index;
    if (!(i >= 0 && i < this.length) || i !== Math.floor(i)) return undefined;
    const { buffer, byteOffset } = this.#bytes;
    return new Uint8Array(buffer, byteOffset + this.#from + i * this.#stride, this.size);
  }

  *[Symbol.iterator](): IterableIterator<Uint8Array> {
    for (let i = 0; i < this.length; i++) yield this.at(i) as Uint8Array;
  }

  /** All elements, as views. */
  toArray(): Uint8Array[] {
    return [...this];
  }

  /** The elements with their padding, as they stand on the wire. */
  get block(): Uint8Array {
    const { buffer, byteOffset } = this.#bytes;
    return new Uint8Array(buffer, byteOffset + this.#from, this.#stride * this.length);
  }
}
