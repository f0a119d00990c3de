/**
 * The reading half of the exact MessagePack layer; see msgpack.ts for the values.
 * @module
 * @see RNS/vendor/umsgpack.py unpackb (RNS 1.5.7)
 */
import { fromUtf8 } from '../base/bytes.ts';
import { ProtocolError } from '../base/errors.ts';
import {
  MsgpackExt,
  MsgpackFloat,
  MsgpackTime,
  canonicalKey,
  type MsgpackMap,
  type MsgpackValue,
} from './msgpack.ts';

/** Bounds of one decoding, each with a default. */
export interface MsgpackLimits {
  /** Longest input in bytes; default 64 MiB, the reference's cap on a decompressed segment. */
  readonly maxBytes?: number;
  /** Deepest nesting of arrays and maps; default 300, about where Python's stack ends. */
  readonly maxDepth?: number;
  /** Most array elements and map pairs in all; default 1,048,576. */
  readonly maxItems?: number;
  /** What to do with bytes after the value; the reference ignores them, so that is the default. */
  readonly trailing?: 'ignore' | 'refuse';
}

/**
 * Decode one value.
 * @throws ProtocolError `MSGPACK_*` with the path of the value and the byte offset
 * @see RNS/vendor/umsgpack.py unpackb
 */
export function decodeMsgpack(bytes: Uint8Array, limits: MsgpackLimits = {}): MsgpackValue {
  const reader = new Reader(bytes, limits);
  const value = reader.value(0);
  if (limits.trailing === 'refuse' && reader.at < bytes.length) {
    throw new ProtocolError('MSGPACK_TRAILING', `${bytes.length - reader.at} bytes left over`, {
      offset: reader.at,
    });
  }
  return value;
}

/** Decode one value and tell how many bytes it took. */
export function decodeMsgpackPrefix(
  bytes: Uint8Array,
  limits: MsgpackLimits = {}
): { value: MsgpackValue; length: number } {
  const reader = new Reader(bytes, limits);
  return { value: reader.value(0), length: reader.at };
}

/** Python's `datetime` covers the years 1 to 9999. */
const MIN_SECONDS = -62135596800n;
const MAX_SECONDS = 253402300799n;

class Reader {
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #maxDepth: number;
  #itemsLeft: number;
  /** Indices of the enclosing arrays and maps, for the path in errors. */
  readonly #path: string[] = [];

  constructor(bytes: Uint8Array, limits: MsgpackLimits) {
    const maxBytes = limits.maxBytes ?? 64 * 1024 * 1024;
    if (bytes.length > maxBytes) {
      throw new ProtocolError(
        'MSGPACK_LIMIT',
        `${bytes.length} bytes, at most ${maxBytes} allowed`
      );
    }
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#maxDepth = limits.maxDepth ?? 300;
    this.#itemsLeft = limits.maxItems ?? 1_048_576;
  }

  value(depth: number): MsgpackValue {
    const start = this.at;
    const code = this.#view.getUint8(this.#take(1));
    if (code < 0x80) return code;
    if (code >= 0xe0) return code - 0x100;
    if (code < 0x90) return this.#map(code & 15, depth, start);
    if (code < 0xa0) return this.#array(code & 15, depth, start);
    if (code < 0xc0) return this.#text(code & 31);
    switch (code) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#slice(this.#length(code - 0xc4));
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return this.#ext(this.#length(code - 0xc7), start);
      case 0xca:
        return this.#float32();
      case 0xcb:
        return this.#float64();
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#length(code - 0xcc);
      case 0xcf:
        return small(this.#view.getBigUint64(this.#take(8)));
      case 0xd0:
        return this.#view.getInt8(this.#take(1));
      case 0xd1:
        return this.#view.getInt16(this.#take(2));
      case 0xd2:
        return this.#view.getInt32(this.#take(4));
      case 0xd3:
        return small(this.#view.getBigInt64(this.#take(8)));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.#length(code - 0xd9));
      case 0xdc:
      case 0xdd:
        return this.#array(this.#length(code - 0xdb), depth, start);
      case 0xde:
      case 0xdf:
        return this.#map(this.#length(code - 0xdd), depth, start);
      case 0xc1:
        throw this.#error('MSGPACK_RESERVED', 'reserved code c1', start);
      default:
        return this.#ext(1 << (code - 0xd4), start);
    }
  }

  /** An unsigned integer of 1, 2 or 4 bytes. */
  #length(width: number): number {
    if (width === 0) return this.#view.getUint8(this.#take(1));
    if (width === 1) return this.#view.getUint16(this.#take(2));
    return this.#view.getUint32(this.#take(4));
  }

  #take(size: number): number {
    const start = this.at;
    if (size > this.#bytes.length - start) {
      const left = this.#bytes.length - start;
      throw this.#error('MSGPACK_TRUNCATED', `needs ${size} bytes, ${left} left`, start);
    }
    this.at = start + size;
    return start;
  }

  #slice(size: number): Uint8Array {
    const start = this.#take(size);
    const out = new Uint8Array(size);
    out.set(this.#bytes.subarray(start, start + size));
    return out;
  }

  #text(size: number): string {
    const start = this.#take(size);
    const text = fromUtf8(this.#bytes.subarray(start, start + size));
    if (text === undefined) throw this.#error('MSGPACK_UTF8', 'str is not valid UTF-8', start);
    return text;
  }

  #float32(): MsgpackFloat {
    const start = this.#take(4);
    const bits = this.#view.getUint32(start);
    const nan = (bits & 0x7f800000) === 0x7f800000 && (bits & 0x7fffff) !== 0;
    if (!nan) return new MsgpackFloat(this.#view.getFloat32(start));
    // Widening a float32 NaN keeps sign and payload and sets the quiet bit, as the CPU does for Python.
    const sign = BigInt(bits >>> 31) << 63n;
    const payload = BigInt(bits & 0x7fffff) << 29n;
    return new MsgpackFloat(NaN, sign | 0x7ff8000000000000n | payload);
  }

  #float64(): MsgpackFloat {
    const start = this.#take(8);
    const value = this.#view.getFloat64(start);
    return Number.isNaN(value)
      ? new MsgpackFloat(NaN, this.#view.getBigUint64(start))
      : new MsgpackFloat(value);
  }

  #ext(size: number, start: number): MsgpackExt | MsgpackTime {
    const type = this.#view.getInt8(this.#take(1));
    if (type === -1) return this.#time(size, start);
    return new MsgpackExt(type, this.#slice(size));
  }

  #time(size: number, start: number): MsgpackTime {
    const at = this.#take(size);
    let seconds: bigint;
    let microseconds = 0n;
    if (size === 4) {
      seconds = BigInt(this.#view.getUint32(at));
    } else if (size === 8) {
      const word = this.#view.getBigUint64(at);
      seconds = word & 0x3ffffffffn;
      microseconds = (word >> 34n) / 1000n;
    } else if (size === 12) {
      seconds = this.#view.getBigInt64(at + 4);
      microseconds = BigInt(this.#view.getUint32(at)) / 1000n;
    } else {
      throw this.#error('MSGPACK_TIMESTAMP', `timestamp of ${size} bytes`, start);
    }
    seconds += microseconds / 1_000_000n;
    if (seconds < MIN_SECONDS || seconds > MAX_SECONDS) {
      throw this.#error('MSGPACK_TIMESTAMP', 'timestamp outside the years 1 to 9999', start);
    }
    return new MsgpackTime(seconds, Number(microseconds % 1_000_000n));
  }

  #enter(count: number, depth: number, start: number): void {
    if (depth >= this.#maxDepth) {
      throw this.#error('MSGPACK_LIMIT', `nested deeper than ${this.#maxDepth}`, start);
    }
    // Each element takes at least a byte: a false length must not cost memory or time.
    const left = this.#bytes.length - this.at;
    if (count > left) {
      throw this.#error('MSGPACK_TRUNCATED', `${count} items announced, ${left} bytes left`, start);
    }
    this.#itemsLeft -= count;
    if (this.#itemsLeft < 0) throw this.#error('MSGPACK_LIMIT', 'too many items', start);
  }

  #array(count: number, depth: number, start: number): MsgpackValue[] {
    this.#enter(count, depth, start);
    const out: MsgpackValue[] = [];
    const slot = this.#path.push('') - 1;
    for (let i = 0; i < count; i++) {
      this.#path[slot] = `[${i}]`;
      out.push(this.value(depth + 1));
    }
    this.#path.pop();
    return out;
  }

  /**
   * Python's rules: a repeated key is refused, unless it is a list, which overwrites in silence and
   * keeps the first place; a map as key cannot be hashed.
   */
  #map(count: number, depth: number, start: number): MsgpackMap {
    this.#enter(count, depth, start);
    const out: MsgpackMap = new Map();
    const seen = new Map<string, MsgpackValue>();
    const slot = this.#path.push('') - 1;
    for (let i = 0; i < count; i++) {
      this.#path[slot] = `{${i}}`;
      const keyAt = this.at;
      let key = this.value(depth + 1);
      const canonical = this.#hash(key, keyAt);
      const earlier = canonical === undefined ? undefined : seen.get(canonical);
      if (earlier !== undefined) {
        if (!Array.isArray(earlier)) throw this.#error('MSGPACK_KEY', 'key repeats', keyAt);
        key = earlier;
      } else if (canonical !== undefined) {
        seen.set(canonical, key);
      }
      out.set(key, this.value(depth + 1));
    }
    this.#path.pop();
    return out;
  }

  #hash(key: MsgpackValue, at: number): string | undefined {
    if (typeof key === 'string') return `s${key}`;
    try {
      return canonicalKey(key);
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw cause;
      throw this.#error('MSGPACK_KEY', 'a key must not hold a map', at);
    }
  }

  #error(code: ProtocolError['code'], text: string, offset: number): ProtocolError {
    const at = this.#path.join('');
    return new ProtocolError(code, text, { at: at === '' ? undefined : at, offset });
  }
}

function small(value: bigint): number | bigint {
  const safe = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
  return safe ? Number(value) : value;
}
