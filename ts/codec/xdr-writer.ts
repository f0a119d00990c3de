/**
 * Writes XDR (RFC 4506) into a growing buffer. Values are checked against the type's range and
 * length, because what is written must be readable by the strict reader on the other side. @module
 */
import { PackedOpaques, type OpaqueList } from './xdr-list.ts';

/** A scratch buffer above this size is not kept for the next encode. */
const KEEP_BYTES = 1 << 20;

/**
 * A growing output buffer.
 *
 * @throws RangeError or TypeError for a value that its type cannot hold; without a field path, which
 * `XdrCodec.encode` adds
 */
export class XdrWriter {
  /** Bytes written so far. */
  at = 0;
  private bytes: Uint8Array;
  private target: DataView;

  constructor(sizeBytes = 1024) {
    this.bytes = new Uint8Array(sizeBytes);
    this.target = new DataView(this.bytes.buffer);
  }

  /** Signed 32-bit integer. */
  int32(value: number): void {
    if ((value | 0) !== value) refuse('an integer -2147483648..2147483647');
    const at = this.at;
    if (at + 4 > this.bytes.length) this.grow(4);
    this.at = at + 4;
    this.target.setInt32(at, value);
  }

  /** Unsigned 32-bit integer. */
  uint32(value: number): void {
    if (value >>> 0 !== value) refuse('an integer 0..4294967295');
    const at = this.at;
    if (at + 4 > this.bytes.length) this.grow(4);
    this.at = at + 4;
    this.target.setUint32(at, value);
  }

  /** Signed 64-bit integer. */
  int64(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) refuse('a signed 64-bit bigint');
    const at = this.at;
    if (at + 8 > this.bytes.length) this.grow(8);
    this.at = at + 8;
    this.target.setBigInt64(at, value);
  }

  /** Unsigned 64-bit integer. */
  uint64(value: bigint): void {
    if (BigInt.asUintN(64, value) !== value) refuse('an unsigned 64-bit bigint');
    const at = this.at;
    if (at + 8 > this.bytes.length) this.grow(8);
    this.at = at + 8;
    this.target.setBigUint64(at, value);
  }

  /** Boolean as 0 or 1. */
  bool(value: boolean): void {
    if (typeof value !== 'boolean') refuse('a boolean');
    this.uint32(value ? 1 : 0);
  }

  /** Presence flag of an optional member; true when the member follows. */
  option<T>(value: T | undefined): value is T {
    this.uint32(value === undefined ? 0 : 1);
    return value !== undefined;
  }

  /** Exactly `size` bytes and their padding. */
  opaque(value: Uint8Array, size: number): void {
    if (!(value instanceof Uint8Array) || value.length !== size) refuse(`${size} bytes`);
    this.padded(value);
  }

  /** Length-prefixed bytes (opaque or string), at most `max` of them. */
  varOpaque(value: Uint8Array, max: number): void {
    if (!(value instanceof Uint8Array) || value.length > max) refuse(`at most ${max} bytes`);
    this.uint32(value.length);
    this.padded(value);
  }

  /** Element count of a variable array. */
  count(value: { readonly length: number }, max: number): number {
    const count = value.length;
    if (count > max) refuse(`at most ${max} elements`);
    this.uint32(count);
    return count;
  }

  /** Variable array of `size`-byte opaques. */
  opaqueList(value: OpaqueList, size: number, max: number): void {
    this.count(value, max);
    this.opaques(value, size);
  }

  /** Fixed array of `count` `size`-byte opaques. */
  opaqueArray(value: OpaqueList, size: number, count: number): void {
    if (value.length !== count) refuse(`${count} elements`);
    this.opaques(value, size);
  }

  /** Variable array of byte strings of at most `elementMax` bytes each. */
  varOpaqueList(value: readonly Uint8Array[], elementMax: number, max: number): void {
    this.count(value, max);
    for (const element of value) this.varOpaque(element, elementMax);
  }

  /** Variable array of unsigned 32-bit integers. */
  uint32List(value: readonly number[], max: number): void {
    this.count(value, max);
    for (const element of value) this.uint32(element);
  }

  /** Variable array of unsigned 64-bit integers. */
  uint64List(value: readonly bigint[], max: number): void {
    this.count(value, max);
    for (const element of value) this.uint64(element);
  }

  /** Refuse a value outside its enum. */
  badEnum(name: string): never {
    return refuse(`one of ${name}`);
  }

  /** Refuse a discriminant without an arm. */
  badArm(name: string): never {
    return refuse(`a discriminant of ${name}`);
  }

  /** Bytes as they are, without length or padding; for pieces that are XDR already. */
  raw(value: Uint8Array): void {
    if (this.at + value.length > this.bytes.length) this.grow(value.length);
    this.bytes.set(value, this.at);
    this.at += value.length;
  }

  /** Copy of what was written. */
  finish(): Uint8Array {
    return this.bytes.slice(0, this.at);
  }

  /** View of what was written; valid until the next write. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.at);
  }

  private padded(value: Uint8Array): void {
    const at = this.at;
    const length = value.length;
    const room = (length + 3) & ~3;
    if (at + room > this.bytes.length) this.grow(room);
    const bytes = this.bytes;
    bytes.set(value, at);
    // The buffer is reused, so padding must be written, not assumed.
    for (let i = at + length; i < at + room; i++) bytes[i] = 0;
    this.at = at + room;
  }

  private opaques(value: OpaqueList, size: number): void {
    if (value instanceof PackedOpaques && value.size === size) this.raw(value.block);
    else for (const element of value) this.opaque(element, size);
  }

  private grow(need: number): void {
    const bytes = new Uint8Array(Math.max(this.bytes.length * 2, this.at + need));
    bytes.set(this.bytes.subarray(0, this.at));
    this.bytes = bytes;
    this.target = new DataView(bytes.buffer);
  }

  /** Make the buffer ready for the next value, when it is not too large to keep. */
  reset(): boolean {
    this.at = 0;
    return this.bytes.length <= KEEP_BYTES;
  }
}

function refuse(expected: string): never {
  throw new RangeError(`value must be ${expected}`);
}
