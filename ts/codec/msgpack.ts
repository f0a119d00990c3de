/**
 * MessagePack exactly as the reference's umsgpack writes and reads it.
 *
 * Signed and hashed structures depend on these bytes, so values keep what JavaScript would lose: floats
 * that happen to be whole, text against bytes, integer and byte keys, map order, 64-bit integers. The
 * general-purpose library cannot: it writes a `Map` as an empty map and turns integer keys into text.
 * @module
 * @see RNS/vendor/umsgpack.py (RNS 1.5.7)
 */
import { utf8 } from '../base/bytes.ts';

/**
 * A float as such. Decoding always yields this type, so that `1.0` is not mistaken for the integer 1.
 */
export class MsgpackFloat {
  readonly value: number;
  /** The 64 bits of a NaN, whose payload a JavaScript number need not preserve. */
  readonly nanBits: bigint | undefined;

  constructor(value: number, nanBits?: bigint) {
    this.value = value;
    this.nanBits = nanBits;
  }

  valueOf(): number {
    return this.value;
  }
}

/** An application extension: `type` is -128..127, except -1, which is a {@link MsgpackTime}. */
export class MsgpackExt {
  readonly type: number;
  readonly data: Uint8Array;

  constructor(type: number, data: Uint8Array) {
    this.type = type;
    this.data = data;
  }
}

/** A timestamp extension (-1), cut to whole microseconds as Python's `datetime` does. */
export class MsgpackTime {
  readonly seconds: bigint;
  /** 0..999999. */
  readonly microseconds: number;

  constructor(seconds: bigint, microseconds: number) {
    this.seconds = seconds;
    this.microseconds = microseconds;
  }
}

/**
 * Every value that can be written or read.
 *
 * Integers read as `number` while they are safe integers, else as `bigint`. A `number` is written as an
 * integer when it is whole, else as float64; write a whole float as `new MsgpackFloat(1)`.
 */
export type MsgpackValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | MsgpackFloat
  | MsgpackExt
  | MsgpackTime
  | MsgpackValue[]
  | MsgpackMap;

/** A map in insertion order, with keys of any hashable type. */
export type MsgpackMap = Map<MsgpackValue, MsgpackValue>;

/** Nesting that the encoder accepts; it stops cycles, and Python's own stack ends not far above. */
const MAX_DEPTH = 300;

/**
 * Encode one value with minimal integers, float64, str8/bin8 and maps in insertion order.
 * @throws TypeError on a value that has no MessagePack form, naming its path
 * @throws RangeError on an integer outside 64 bits or nesting above 300
 * @see RNS/vendor/umsgpack.py packb
 */
export function encodeMsgpack(value: MsgpackValue): Uint8Array {
  const writer = new Writer();
  writer.value(value, 0, 'value');
  return writer.finish();
}

class Writer {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#at);
  }

  value(value: MsgpackValue, depth: number, path: string): void {
    if (value === null) return this.#byte(0xc0);
    switch (typeof value) {
      case 'boolean':
        return this.#byte(value ? 0xc3 : 0xc2);
      case 'number':
        return this.#number(value, path);
      case 'bigint':
        return this.#bigint(value, path);
      case 'string':
        return this.#text(value, path);
      case 'object':
        return this.#object(value, depth, path);
      default:
        throw new TypeError(`"${path}" has no MessagePack form (${typeof value})`);
    }
  }

  #object(value: Exclude<MsgpackValue, null | string>, depth: number, path: string): void {
    if (depth > MAX_DEPTH) throw new RangeError(`"${path}" is nested deeper than ${MAX_DEPTH}`);
    if (value instanceof Uint8Array) return this.#binary(value);
    if (Array.isArray(value)) {
      this.#head(value.length, 0x90, 16, 0, 0xdc, 0xdd);
      for (let i = 0; i < value.length; i++) {
        this.value(value[i] as MsgpackValue, depth + 1, `${path}[${i}]`);
      }
      return;
    }
    if (value instanceof Map) return this.#map(value, depth, path);
    if (value instanceof MsgpackFloat) return this.#float(value);
    if (value instanceof MsgpackExt) return this.#ext(value, path);
    if (value instanceof MsgpackTime) return this.#time(value, path);
    throw new TypeError(`"${path}" has no MessagePack form; use a Map for a map`);
  }

  #map(map: MsgpackMap, depth: number, path: string): void {
    assertDistinctKeys(map, path);
    this.#head(map.size, 0x80, 16, 0, 0xde, 0xdf);
    let i = 0;
    for (const [key, item] of map) {
      this.value(key, depth + 1, `${path}.key${i}`);
      this.value(item, depth + 1, `${path}.value${i}`);
      i += 1;
    }
  }

  #number(value: number, path: string): void {
    if (!Number.isInteger(value) || Object.is(value, -0)) return this.#double(value);
    if (!Number.isSafeInteger(value)) {
      throw new RangeError(`"${path}" is above 2^53; use a bigint or a MsgpackFloat`);
    }
    if (value >= 0) {
      if (value < 128) return this.#byte(value);
      if (value < 0x100) return this.#write(0xcc, 1, (v, at) => v.setUint8(at, value));
      if (value < 0x10000) return this.#write(0xcd, 2, (v, at) => v.setUint16(at, value));
      if (value < 0x100000000) return this.#write(0xce, 4, (v, at) => v.setUint32(at, value));
      return this.#write(0xcf, 8, (v, at) => v.setBigUint64(at, BigInt(value)));
    }
    if (value >= -32) return this.#byte(value & 0xff);
    if (value >= -0x80) return this.#write(0xd0, 1, (v, at) => v.setInt8(at, value));
    if (value >= -0x8000) return this.#write(0xd1, 2, (v, at) => v.setInt16(at, value));
    if (value >= -0x80000000) return this.#write(0xd2, 4, (v, at) => v.setInt32(at, value));
    return this.#write(0xd3, 8, (v, at) => v.setBigInt64(at, BigInt(value)));
  }

  #bigint(value: bigint, path: string): void {
    if (value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)) {
      return this.#number(Number(value), path);
    }
    if (value < -(1n << 63n) || value >= 1n << 64n) {
      throw new RangeError(`"${path}" does not fit 64 bits`);
    }
    if (value < 0n) return this.#write(0xd3, 8, (v, at) => v.setBigInt64(at, value));
    return this.#write(0xcf, 8, (v, at) => v.setBigUint64(at, value));
  }

  #float(float: MsgpackFloat): void {
    const bits = float.nanBits;
    if (bits === undefined) return this.#double(float.value);
    return this.#write(0xcb, 8, (v, at) => v.setBigUint64(at, bits));
  }

  #double(value: number): void {
    this.#reserve(9);
    this.#bytes[this.#at] = 0xcb;
    this.#view.setFloat64(this.#at + 1, value);
    this.#at += 9;
  }

  #text(text: string, path: string): void {
    if (!text.isWellFormed()) throw new TypeError(`"${path}" holds a lone surrogate`);
    const bytes = utf8(text);
    this.#head(bytes.length, 0xa0, 32, 0xd9, 0xda, 0xdb);
    this.#raw(bytes);
  }

  #binary(bytes: Uint8Array): void {
    this.#head(bytes.length, 0, 0, 0xc4, 0xc5, 0xc6);
    this.#raw(bytes);
  }

  #ext(ext: MsgpackExt, path: string): void {
    if (!Number.isInteger(ext.type) || ext.type < -128 || ext.type > 127) {
      throw new RangeError(`"${path}.type" must be -128..127, got ${ext.type}`);
    }
    this.#extHead(ext.type, ext.data.length);
    this.#raw(ext.data);
  }

  #extHead(type: number, length: number): void {
    const fixed = [1, 2, 4, 8, 16].indexOf(length);
    if (fixed >= 0) this.#byte(0xd4 + fixed);
    else this.#head(length, 0, 0, 0xc7, 0xc8, 0xc9);
    this.#byte(type & 0xff);
  }

  /** The three widths and their choice are umsgpack's: 96 bits also for every negative time. */
  #time(time: MsgpackTime, path: string): void {
    const { seconds, microseconds } = time;
    if (!Number.isInteger(microseconds) || microseconds < 0 || microseconds > 999_999) {
      throw new RangeError(`"${path}.microseconds" must be 0..999999, got ${microseconds}`);
    }
    if (microseconds === 0 && seconds >= 0n && seconds < 1n << 32n) {
      this.#extHead(-1, 4);
      return this.#fill(4, (v, at) => v.setUint32(at, Number(seconds)));
    }
    if (seconds >= 0n && seconds < 1n << 34n) {
      this.#extHead(-1, 8);
      const word = (BigInt(microseconds * 1000) << 34n) | seconds;
      return this.#fill(8, (v, at) => v.setBigUint64(at, word));
    }
    if (seconds < -(1n << 63n) || seconds >= 1n << 63n) {
      throw new RangeError(`"${path}.seconds" does not fit 64 bits`);
    }
    this.#extHead(-1, 12);
    this.#fill(4, (v, at) => v.setUint32(at, microseconds * 1000));
    this.#fill(8, (v, at) => v.setBigInt64(at, seconds));
  }

  /** Write a length in its smallest form; a `code8` of 0 means that the type has no 8-bit form. */
  #head(
    length: number,
    fixCode: number,
    fixBelow: number,
    code8: number,
    code16: number,
    code32: number
  ): void {
    if (length < fixBelow) return this.#byte(fixCode | length);
    if (code8 !== 0 && length < 0x100) {
      return this.#write(code8, 1, (v, at) => v.setUint8(at, length));
    }
    if (length < 0x10000) return this.#write(code16, 2, (v, at) => v.setUint16(at, length));
    this.#write(code32, 4, (v, at) => v.setUint32(at, length));
  }

  #write(code: number, size: number, put: (view: DataView, at: number) => void): void {
    this.#byte(code);
    this.#fill(size, put);
  }

  #fill(size: number, put: (view: DataView, at: number) => void): void {
    this.#reserve(size);
    put(this.#view, this.#at);
    this.#at += size;
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = value;
  }

  #raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #reserve(size: number): void {
    const needed = this.#at + size;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

function assertDistinctKeys(map: MsgpackMap, path: string): void {
  const seen = new Set<string>();
  for (const key of map.keys()) {
    const canonical = canonicalKey(key);
    if (canonical === undefined) continue;
    if (seen.has(canonical)) throw new TypeError(`"${path}" holds keys that are equal in Python`);
    seen.add(canonical);
  }
}

/**
 * A text that is equal for keys which Python holds equal (`1`, `1.0` and `True` are one key).
 *
 * `undefined` for NaN, which equals nothing. Throws `TypeError` for a map or an array holding one,
 * which Python cannot hash.
 */
export function canonicalKey(key: MsgpackValue): string | undefined {
  if (key === null) return 'n';
  switch (typeof key) {
    case 'boolean':
      return key ? 'i1' : 'i0';
    case 'number':
      return numberKey(key);
    case 'bigint':
      return `i${key}`;
    case 'string':
      return `s${key}`;
    default:
      break;
  }
  if (key instanceof Uint8Array) return `b${byteKey(key)}`;
  if (key instanceof MsgpackFloat) return numberKey(key.value);
  if (key instanceof MsgpackExt) return `e${key.type}:${byteKey(key.data)}`;
  if (key instanceof MsgpackTime) return `t${key.seconds}.${key.microseconds}`;
  if (key instanceof Map) throw new TypeError('a map cannot be a key');
  let text = 'a';
  for (const item of key) {
    const part = canonicalKey(item);
    if (part === undefined) return undefined;
    text += `${part.length}:${part}`;
  }
  return text;
}

function numberKey(value: number): string | undefined {
  if (Number.isNaN(value)) return undefined;
  return Number.isInteger(value) ? `i${BigInt(value)}` : `f${value}`;
}

function byteKey(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** Look a key up as Python would: by value, also for byte keys and for `1` against `1.0`. */
export function mapGet(map: MsgpackMap, key: MsgpackValue): MsgpackValue | undefined {
  const direct = map.get(key);
  if (direct !== undefined) return direct;
  const wanted = canonicalKey(key);
  if (wanted === undefined) return undefined;
  for (const [candidate, value] of map) if (canonicalKey(candidate) === wanted) return value;
  return undefined;
}
