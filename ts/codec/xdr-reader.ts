/**
 * Reads XDR (RFC 4506) strictly from one byte window: canonical padding, 0/1 flags, bounded counts and
 * bounded nesting. Generated decoders call it in straight lines; it knows no types. @module
 */
import { ProtocolError, type ErrorCode } from '../base/errors.ts';
import { PackedOpaques } from './xdr-list.ts';

/** Bounds of one decode; what is left out has the reference's value. */
export interface XdrLimits {
  /** Longest input in bytes; default {@link XDR_MAX_BYTES}. */
  readonly maxBytes?: number | undefined;
  /** Deepest nesting of structs, unions, arrays and optionals; default {@link XDR_MAX_DEPTH}. */
  readonly maxDepth?: number | undefined;
  /** Most array elements in the whole input; default {@link XDR_MAX_ITEMS}. */
  readonly maxItems?: number | undefined;
}

/** Longest message of the overlay, 16 MiB (`overlay/Peer.h MAX_MESSAGE_SIZE`, stellar-core v27). */
export const XDR_MAX_BYTES = 0x1000000;
/** Nesting that stellar-core reads (`main/main.cpp marshaling_stack_limit`, v27). */
export const XDR_MAX_DEPTH = 1500;
/** As many elements as {@link XDR_MAX_BYTES} can hold: none takes less than 4 bytes. */
export const XDR_MAX_ITEMS: number = XDR_MAX_BYTES / 4;
/** Length bound of a variable-length member that declares none. */
export const XDR_UNBOUNDED = 0xffffffff;

const DEFAULTS: XdrLimits = {};

/**
 * A cursor over one byte window.
 *
 * Opaque members come back as views of the input, not as copies: copy what outlives the input or
 * what the owner of the input may overwrite.
 *
 * `depth` arguments count the structs, unions, arrays and optionals that are open, the new one
 * included, as `xdrpp/marshal.h xdr_generic_get` counts them.
 * @throws ProtocolError `XDR_*` with the offset into the window
 */
export class XdrReader {
  // Assigned in the constructor and nowhere declared with a value: a reader is made for every
  // message, and defining fields twice costs more than decoding a small one.
  /** Offset of the next byte, from the start of the window. */
  declare at: number;
  declare readonly end: number;
  declare readonly maxDepth: number;
  declare readonly limits: XdrLimits;
  declare readonly bytes: Uint8Array;
  declare private itemsLeft: number;
  declare private buffer: ArrayBufferLike | undefined;
  declare private base: number;
  declare private view: DataView | undefined;

  /** @throws ProtocolError `XDR_LIMIT` when `bytes` is longer than `limits.maxBytes` */
  constructor(bytes: Uint8Array, limits: XdrLimits = DEFAULTS) {
    this.bytes = bytes;
    this.limits = limits;
    this.at = 0;
    this.end = bytes.length;
    this.maxDepth = limits.maxDepth ?? XDR_MAX_DEPTH;
    this.itemsLeft = limits.maxItems ?? XDR_MAX_ITEMS;
    this.buffer = undefined;
    this.base = 0;
    this.view = undefined;
    // Lengths are rounded up in 32-bit arithmetic, which bounds what any caller may allow.
    const maxBytes = Math.min(limits.maxBytes ?? XDR_MAX_BYTES, 0x7ffffffc);
    if (this.end > maxBytes) {
      this.fail('XDR_LIMIT', `${this.end} bytes, at most ${maxBytes} allowed`, 0);
    }
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.end - this.at;
  }

  /** Signed 32-bit integer. */
  int32(): number {
    const at = this.at;
    if (at + 4 > this.end) this.truncated(4);
    this.at = at + 4;
    return this.word(at);
  }

  /** Unsigned 32-bit integer. */
  uint32(): number {
    const at = this.at;
    if (at + 4 > this.end) this.truncated(4);
    this.at = at + 4;
    return this.word(at) >>> 0;
  }

  /** Signed 64-bit integer. */
  int64(): bigint {
    const at = this.at;
    if (at + 8 > this.end) this.truncated(8);
    this.at = at + 8;
    return this.wide().getBigInt64(at);
  }

  /** Unsigned 64-bit integer. */
  uint64(): bigint {
    const at = this.at;
    if (at + 8 > this.end) this.truncated(8);
    this.at = at + 8;
    return this.wide().getBigUint64(at);
  }

  /** Boolean: exactly 0 or 1, as RFC 4506 and js-xdr have it; xdrpp reads any other word as true. */
  bool(): boolean {
    const value = this.uint32();
    if (value > 1) this.fail('XDR_BOOL', `${value} is neither 0 nor 1`, this.at - 4);
    return value === 1;
  }

  /** Presence flag of an optional member: exactly 0 or 1. */
  option(depth: number): boolean {
    if (depth > this.maxDepth) this.tooDeep();
    const value = this.uint32();
    if (value > 1) this.fail('XDR_BOOL', `presence flag ${value} is neither 0 nor 1`, this.at - 4);
    return value === 1;
  }

  /** View of `size` bytes, padding checked. */
  opaque(size: number): Uint8Array {
    const at = this.at;
    const padded = (size + 3) & ~3;
    if (padded > this.end - at) this.truncated(padded);
    this.at = at + padded;
    if (padded !== size) this.checkPadding(at + size, at + padded);
    // Asked for once: both are calls into the engine.
    const buffer = this.buffer ?? this.attach();
    return new Uint8Array(buffer, this.base + at, size);
  }

  /** View of a length-prefixed byte string (opaque or string) of at most `max` bytes. */
  varOpaque(max: number): Uint8Array {
    const size = this.uint32();
    if (size > max) this.overLimit(size, max);
    // Compared before rounding up: rounding a length near 2^32 would wrap around.
    if (size > this.end - this.at) this.truncated(size);
    return this.opaque(size);
  }

  /**
   * Element count of a variable array, before any element is read or any memory taken.
   * @param minSize - bytes that one element takes at least
   */
  count(max: number, minSize: number, depth: number): number {
    if (depth > this.maxDepth) this.tooDeep();
    const count = this.uint32();
    if (count > max) this.overLimit(count, max);
    const need = count * minSize;
    if (need > this.end - this.at) this.truncated(need);
    this.itemsLeft -= count;
    if (this.itemsLeft < 0) this.overItems();
    return count;
  }

  /** Variable array of `size`-byte opaques, left packed until an element is asked for. */
  opaqueList(size: number, max: number, depth: number): PackedOpaques {
    const padded = (size + 3) & ~3;
    const count = this.count(max, padded, depth);
    return this.packed(size, padded, count);
  }

  /** Fixed array of `count` `size`-byte opaques. */
  opaqueArray(size: number, count: number, depth: number): PackedOpaques {
    if (depth > this.maxDepth) this.tooDeep();
    const padded = (size + 3) & ~3;
    if (padded * count > this.end - this.at) this.truncated(padded * count);
    return this.packed(size, padded, count);
  }

  /** Variable array of byte strings of at most `elementMax` bytes each. */
  varOpaqueList(elementMax: number, max: number, depth: number): Uint8Array[] {
    const count = this.count(max, 4, depth);
    const list: Uint8Array[] = [];
    for (let i = 0; i < count; i++) list.push(this.varOpaque(elementMax));
    return list;
  }

  /** Variable array of unsigned 32-bit integers. */
  uint32List(max: number, depth: number): number[] {
    const count = this.count(max, 4, depth);
    const list: number[] = [];
    for (let i = 0; i < count; i++) list.push(this.uint32());
    return list;
  }

  /** Variable array of unsigned 64-bit integers. */
  uint64List(max: number, depth: number): bigint[] {
    const count = this.count(max, 8, depth);
    const list: bigint[] = [];
    for (let i = 0; i < count; i++) list.push(this.uint64());
    return list;
  }

  /** Assert that everything was read. */
  finish(): void {
    if (this.at !== this.end) {
      this.fail('XDR_TRAILING', `${this.end - this.at} bytes follow the value`, this.at);
    }
  }

  /** Refuse an enum value just read. */
  badEnum(name: string, value: number): never {
    return this.fail('XDR_ENUM', `${value} is no ${name}`, this.at - 4);
  }

  /** Refuse a discriminant just read: not a value of its enum, or one without an arm. */
  badArm(name: string, value: number, members?: Readonly<Record<string, number>>): never {
    if (members !== undefined && !Object.values(members).includes(value)) {
      return this.badEnum(`discriminant of ${name}`, value);
    }
    return this.fail('XDR_UNION', `${name} has no arm ${value}`, this.at - 4);
  }

  /** Refuse nesting below the limit. */
  tooDeep(): never {
    return this.fail('XDR_DEPTH', `nested deeper than ${this.maxDepth}`, this.at);
  }

  /** Refuse a read past the end. */
  truncated(need: number): never {
    const left = this.end - this.at;
    return this.fail('XDR_TRUNCATED', `needs ${need} bytes, ${left} left`, this.at);
  }

  /** Refuse with a code at an offset. */
  fail(code: ErrorCode, text: string, offset: number): never {
    throw new ProtocolError(code, text, { offset });
  }

  /** The four bytes at `at`, signed. Byte by byte: setting up a view pays only for 64 bits. */
  private word(at: number): number {
    const { bytes } = this;
    return (
      ((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)
    );
  }

  private attach(): ArrayBufferLike {
    this.buffer = this.bytes.buffer;
    this.base = this.bytes.byteOffset;
    return this.buffer;
  }

  private wide(): DataView {
    const { bytes } = this;
    return (this.view ??= new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
  }

  private packed(size: number, padded: number, count: number): PackedOpaques {
    const from = this.at;
    const to = from + padded * count;
    if (padded !== size) {
      for (let at = from; at < to; at += padded) this.checkPadding(at + size, at + padded);
    }
    this.at = to;
    return new PackedOpaques(this.bytes, from, size, padded, count);
  }

  private checkPadding(from: number, to: number): void {
    for (let at = from; at < to; at++) {
      if (this.bytes[at] !== 0) this.fail('XDR_PADDING', 'padding is not zero', at);
    }
  }

  private overLimit(count: number, max: number): never {
    return this.fail('XDR_LIMIT', `length ${count}, at most ${max} allowed`, this.at - 4);
  }

  private overItems(): never {
    const max = this.limits.maxItems ?? XDR_MAX_ITEMS;
    return this.fail('XDR_LIMIT', `more than ${max} array elements`, this.at - 4);
  }
}
