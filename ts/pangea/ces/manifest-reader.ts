/** Reads the fields of a manifest in order; every refusal names the field and its offset. @module */
import { ProtocolError } from '../../base/errors.ts';

/** A cursor over a manifest's bytes. */
export class ManifestReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Offset of the next field. */
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes that are left. */
  get left(): number {
    return this.#bytes.length - this.at;
  }

  /** A copy of the next `length` bytes. */
  bytes(field: string, length: number): Uint8Array {
    const from = this.#take(field, length);
    return this.#bytes.slice(from, from + length);
  }

  /** The next byte, which stays the next. */
  peek(field: string): number {
    const at = this.#take(field, 1);
    this.at = at;
    return this.#view.getUint8(at);
  }

  /** A little-endian number within limits. */
  number(field: string, size: 1 | 2 | 4 | 8, least: number, most: number): number {
    const at = this.#take(field, size);
    const value = this.#read(at, size);
    if (value < least || value > most) {
      const text = least === most ? `must be ${least}` : `must be ${least}..${most}`;
      throw new ProtocolError('PANGEA_MANIFEST', `${text}, is ${value}`, {
        at: `manifest.${field}`,
        offset: at,
      });
    }
    return value;
  }

  #read(at: number, size: 1 | 2 | 4 | 8): number {
    if (size === 1) return this.#view.getUint8(at);
    if (size === 2) return this.#view.getUint16(at, true);
    // Beyond 2^53 it is not exact, but far above every limit.
    return size === 4 ? this.#view.getUint32(at, true) : Number(this.#view.getBigUint64(at, true));
  }

  #take(field: string, length: number): number {
    const at = this.at;
    if (length > this.left) {
      throw new ProtocolError('PANGEA_MANIFEST', `needs ${length} bytes, ${this.left} left`, {
        at: `manifest.${field}`,
        offset: at,
      });
    }
    this.at += length;
    return at;
  }
}
