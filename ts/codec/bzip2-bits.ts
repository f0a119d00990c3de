/** Bits of a bzip2 stream, most significant first: read and written. @module */
import { ProtocolError } from '../base/errors.ts';

/**
 * A position in a stream of bits.
 *
 * The fields are public for the one loop that decodes symbols with copies of them, and hands the copies
 * back to {@link BitReader.settle}.
 */
export class BitReader {
  readonly bytes: Uint8Array;
  /** Index of the next byte to load. */
  at = 0;
  /** Loaded bits; the `count` low ones are still to be read. */
  loaded = 0;
  count = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Read `width` bits, at most 24. @throws ProtocolError `BZIP2_TRUNCATED` past the end */
  bits(width: number): number {
    while (this.count < width) {
      if (this.at >= this.bytes.length) throw this.#truncated();
      this.loaded = (this.loaded << 8) | (this.bytes[this.at++] as number);
      this.count += 8;
    }
    this.count -= width;
    return (this.loaded >>> this.count) & ((1 << width) - 1);
  }

  /** Read 32 bits, unsigned. @throws ProtocolError `BZIP2_TRUNCATED` past the end */
  word(): number {
    const high = this.bits(16);
    return ((high << 16) | this.bits(16)) >>> 0;
  }

  /** Index of the byte that holds the next bit. */
  get offset(): number {
    return this.at - (this.count >>> 3);
  }

  /**
   * Take over a position that may have loaded zero bytes past the end.
   * @throws ProtocolError `BZIP2_TRUNCATED` when bits of them were used
   */
  settle(at: number, loaded: number, count: number): void {
    this.at = Math.min(at, this.bytes.length);
    const beyond = 8 * (at - this.at);
    if (beyond > count) throw this.#truncated();
    this.loaded = beyond > 31 ? 0 : loaded >>> beyond;
    this.count = count - beyond;
  }

  #truncated(): ProtocolError {
    return new ProtocolError('BZIP2_TRUNCATED', 'stream ends early', {
      offset: this.bytes.length,
    });
  }
}

/** Collects bits into bytes. */
export class BitWriter {
  #bytes: Uint8Array;
  #length = 0;
  #pending = 0;
  #count = 0;

  constructor(sizeHint: number) {
    this.#bytes = new Uint8Array(Math.max(64, sizeHint));
  }

  /** Append the `width` low bits of `value`, at most 24. */
  bits(width: number, value: number): void {
    this.#pending = (this.#pending << width) | value;
    this.#count += width;
    while (this.#count >= 8) {
      this.#count -= 8;
      if (this.#length === this.#bytes.length) this.#grow();
      this.#bytes[this.#length++] = this.#pending >>> this.#count;
    }
  }

  /** Append 32 bits. */
  word(value: number): void {
    this.bits(16, value >>> 16);
    this.bits(16, value & 0xffff);
  }

  /** Pad the last byte with zeros and return the bytes. */
  finish(): Uint8Array {
    if (this.#count > 0) this.bits(8 - this.#count, 0);
    return this.#bytes.slice(0, this.#length);
  }

  #grow(): void {
    const grown = new Uint8Array(this.#bytes.length * 2);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
