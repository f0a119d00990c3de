/** Random values of any XDR type, from its shape and a seeded generator. @module */
import type { SeededRandom } from '../../base/random.ts';
import {
  resolveShape,
  shapeOf,
  type EnumShape,
  type UnionShape,
  type XdrMember,
  type XdrShape,
} from '../../codec/xdr-shape.ts';
import type { XdrCodec } from '../../codec/xdr.ts';
import * as xdr from '../../stellar/xdr/index.ts';

/** Whether a value may occur: a member of an enum, or a discriminant of a union. */
export type ValueFilter = (shape: EnumShape | UnionShape, value: number) => boolean;

/** Every codec of the Stellar types, by XDR name. */
export const CODECS: ReadonlyMap<string, XdrCodec<unknown>> = new Map(
  Object.values<unknown>(xdr)
    .filter(isCodec)
    .map((codec) => [codec.name, codec])
);

function isCodec(value: unknown): value is XdrCodec<unknown> {
  return typeof value === 'object' && value !== null && 'shape' in value && 'encode' in value;
}

const BY_NAME = new Map([...CODECS].map(([name, codec]) => [name.toLowerCase(), codec]));

/** The codec of a type by the name that any reference gives it: they differ in letter case only. */
export function codecOf(name: string): XdrCodec<unknown> {
  const codec = BY_NAME.get(name === 'SError' ? 'error' : name.toLowerCase());
  if (codec === undefined) throw new Error(`no codec of ${name}`);
  return codec;
}

const EDGES_32 = [0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff];
const EDGES_64 = [0n, 1n, 0xffffffffn, 0x100000000n, 0x7fffffffffffffffn, 0x8000000000000000n];

/** Makes values; below `deepest` levels it takes the shortest way out of recursive types. */
export class XdrRandom {
  readonly #random: SeededRandom;
  readonly #deepest: number;
  readonly #allows: ValueFilter;
  readonly #heights = new Map<XdrShape, number>();

  constructor(random: SeededRandom, deepest = 8, allows: ValueFilter = () => true) {
    this.#random = random;
    this.#deepest = deepest;
    this.#allows = allows;
  }

  /** A value of the type. */
  value<T>(codec: XdrCodec<T>): T {
    // What the shape describes is what the codec holds.
    return this.#member(codec, 0) as T;
  }

  #member(member: XdrMember, depth: number): unknown {
    const random = this.#random;
    const shape = shapeOf(member);
    switch (shape.kind) {
      case 'bool':
        return random.below(2) === 1;
      case 'int32':
        return this.#uint32() | 0;
      case 'uint32':
        return this.#uint32();
      case 'int64':
        return BigInt.asIntN(64, this.#uint64());
      case 'uint64':
        return this.#uint64();
      case 'opaque':
        return this.#bytes(shape.size);
      case 'varOpaque':
      case 'string':
        return this.#bytes(this.#length(shape.max, 40));
      case 'option':
        return random.below(depth > this.#deepest ? 8 : 2) === 1
          ? this.#optional(shape.of, depth)
          : undefined;
      case 'array':
        return this.#elements(shape.of, shape.count, depth);
      case 'list':
        return this.#elements(
          shape.of,
          depth > this.#deepest ? 0 : this.#length(shape.max, depth > 3 ? 2 : 5),
          depth
        );
      case 'enum': {
        const values = Object.values(shape.members).filter((one) => this.#allows(shape, one));
        return values[random.below(values.length)];
      }
      case 'alias':
        return this.#member(shape.of, depth);
      case 'struct':
        return Object.fromEntries(
          shape.fields.map(([name, field]) => [name, this.#member(field, depth + 1)])
        );
      case 'union':
        return this.#union(shape, depth);
    }
  }

  #optional(of: XdrMember, depth: number): unknown {
    return depth > this.#deepest && this.#height(of) > 3 ? undefined : this.#member(of, depth + 1);
  }

  #union(shape: UnionShape, depth: number): unknown {
    const all = Object.keys(shape.arms)
      .map(Number)
      .filter((tag) => this.#allows(shape, tag));
    const height = (tag: number): number => {
      const arm = shape.arms[tag];
      return arm === null || arm === undefined ? 0 : this.#height(arm[1]);
    };
    const low = Math.min(...all.map(height));
    const tags = depth > this.#deepest ? all.filter((tag) => height(tag) === low) : all;
    const tag = tags[this.#random.below(tags.length)] as number;
    const arm = shape.arms[tag];
    if (arm === null || arm === undefined) return { [shape.on]: tag };
    return { [shape.on]: tag, value: this.#member(arm[1], depth + 1) };
  }

  #elements(of: XdrMember, count: number, depth: number): unknown[] {
    return Array.from({ length: count }, () => this.#member(of, depth + 1));
  }

  /** Levels that a value of the type needs at least. */
  #height(member: XdrMember): number {
    const shape = resolveShape(member);
    const known = this.#heights.get(shape);
    if (known !== undefined) return known;
    this.#heights.set(shape, Infinity);
    const height = this.#computeHeight(shape);
    this.#heights.set(shape, height);
    return height;
  }

  #computeHeight(shape: XdrShape): number {
    switch (shape.kind) {
      case 'struct':
        return 1 + Math.max(...shape.fields.map(([, field]) => this.#height(field)));
      case 'union':
        return (
          1 +
          Math.min(
            ...Object.values(shape.arms).map((arm) => (arm === null ? 0 : this.#height(arm[1])))
          )
        );
      default:
        return 0;
    }
  }

  #length(max: number, usual: number): number {
    const draw = this.#random.below(10);
    if (draw === 0) return 0;
    if (draw === 1 && max <= 64) return max;
    return this.#random.below(Math.min(max, usual) + 1);
  }

  #bytes(length: number): Uint8Array {
    // Plain text now and then, so that the escapes of strings meet both sides.
    if (this.#random.below(3) === 0) {
      return Uint8Array.from({ length }, () => 0x20 + this.#random.below(0x5f));
    }
    return this.#random.bytes(length);
  }

  #uint32(): number {
    const draw = this.#random.below(4);
    return draw === 0
      ? (EDGES_32[this.#random.below(EDGES_32.length)] as number)
      : this.#random.next() >>> this.#random.below(32);
  }

  #uint64(): bigint {
    if (this.#random.below(4) === 0) {
      return EDGES_64[this.#random.below(EDGES_64.length)] as bigint;
    }
    const wide = (BigInt(this.#random.next()) << 32n) | BigInt(this.#random.next());
    return wide >> BigInt(this.#random.below(64));
  }
}
