/**
 * What an XDR type looks like, as data. The generated codecs never consult it to encode or decode; it
 * serves what is off the hot path: naming the field of an error, JSON, and tests. @module
 */

/** An integer or boolean. */
export interface ScalarShape {
  readonly kind: 'int32' | 'uint32' | 'int64' | 'uint64' | 'bool';
}

/** Bytes of a fixed size. */
export interface OpaqueShape {
  readonly kind: 'opaque';
  readonly size: number;
}

/** Length-prefixed bytes; `string` differs from `varOpaque` only in how JSON writes it. */
export interface VarOpaqueShape {
  readonly kind: 'varOpaque' | 'string';
  readonly max: number;
}

/** An array: of exactly `count` elements, or of at most `max`. */
export type ArrayShape =
  | { readonly kind: 'array'; readonly of: XdrMember; readonly count: number }
  | {
      readonly kind: 'list';
      readonly of: XdrMember;
      readonly max: number;
      /** Bytes that one element takes at least. */
      readonly minSize: number;
    };

/** A member that may be absent. */
export interface OptionShape {
  readonly kind: 'option';
  readonly of: XdrMember;
}

/** A set of named 32-bit values. */
export interface EnumShape {
  readonly kind: 'enum';
  readonly name: string;
  readonly members: Readonly<Record<string, number>>;
  /** What the member names share and JSON leaves out. */
  readonly prefix: string;
}

/** Named members in wire order. */
export interface StructShape {
  readonly kind: 'struct';
  readonly name: string;
  readonly fields: readonly (readonly [name: string, member: XdrMember])[];
}

/** One arm of a union; `null` for a void arm. */
export type ArmShape = readonly [name: string, member: XdrMember] | null;

/** A discriminant and, for each of its values, an arm. */
export interface UnionShape {
  readonly kind: 'union';
  readonly name: string;
  /** Key of the discriminant in the value; the arm's value stands under `value`. */
  readonly on: string;
  /** Enum of the discriminant, or the integer type where it is one. */
  readonly tag: XdrMember;
  readonly arms: Readonly<Record<number, ArmShape>>;
}

/** Another name for a type. */
export interface AliasShape {
  readonly kind: 'alias';
  readonly name: string;
  readonly of: XdrMember;
}

/** Any XDR type. */
export type XdrShape =
  | ScalarShape
  | OpaqueShape
  | VarOpaqueShape
  | ArrayShape
  | OptionShape
  | EnumShape
  | StructShape
  | UnionShape
  | AliasShape;

/** A shape, or a codec that has one. */
export type XdrMember = XdrShape | { readonly shape: XdrShape };

/** The shape of a member. */
export function shapeOf(member: XdrMember): XdrShape {
  return 'shape' in member ? member.shape : member;
}

/** The shape behind any chain of aliases. */
export function resolveShape(member: XdrMember): Exclude<XdrShape, AliasShape> {
  let shape = shapeOf(member);
  while (shape.kind === 'alias') shape = shapeOf(shape.of);
  return shape;
}

/** Signed 32-bit integer. */
export const INT32: ScalarShape = { kind: 'int32' };
/** Unsigned 32-bit integer. */
export const UINT32: ScalarShape = { kind: 'uint32' };
/** Signed 64-bit integer. */
export const INT64: ScalarShape = { kind: 'int64' };
/** Unsigned 64-bit integer. */
export const UINT64: ScalarShape = { kind: 'uint64' };
/** Boolean. */
export const BOOL: ScalarShape = { kind: 'bool' };

/** Exactly `size` bytes. */
export function opaque(size: number): OpaqueShape {
  return { kind: 'opaque', size };
}

/** At most `max` bytes. */
export function varOpaque(max: number): VarOpaqueShape {
  return { kind: 'varOpaque', max };
}

/** A string of at most `max` bytes. */
export function text(max: number): VarOpaqueShape {
  return { kind: 'string', max };
}

/** Exactly `count` elements. */
export function array(of: XdrMember, count: number): ArrayShape {
  return { kind: 'array', of, count };
}

/** At most `max` elements of at least `minSize` bytes each. */
export function list(of: XdrMember, max: number, minSize: number): ArrayShape {
  return { kind: 'list', of, max, minSize };
}

/** A member that may be absent. */
export function option(of: XdrMember): OptionShape {
  return { kind: 'option', of };
}
