/**
 * Any XDR value as JSON, in the form of SEP-51 and the `stellar-xdr` crate: snake_case names, unions
 * as single-key objects, 64-bit integers as strings, bytes in hex, addresses as StrKey. @module
 */
import { invariant } from '../../../base/errors.ts';
import { toHex } from '../../../base/hex.ts';
import {
  resolveShape,
  shapeOf,
  type EnumShape,
  type UnionShape,
  type XdrMember,
} from '../../../codec/xdr-shape.ts';
import type { XdrCodec } from '../../../codec/xdr.ts';
import { enumNames, fieldKey } from './names.ts';
import { specialForm } from './special.ts';
import { escapeBytes } from './text.ts';

/** What `JSON.stringify` takes without loss. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/**
 * Convert a value that its codec can encode.
 *
 * A bare `Int64` or `Uint64` becomes a string, where the crate writes a number that JavaScript could
 * not read back.
 */
export function toJson<T>(codec: XdrCodec<T>, value: T): JsonValue {
  return convert(codec, value);
}

function convert(member: XdrMember, value: unknown): JsonValue {
  const shape = shapeOf(member);
  if ('name' in shape) {
    const special = specialForm(shape.name);
    if (special !== undefined) return special.toText(value);
  }
  switch (shape.kind) {
    case 'int32':
    case 'uint32':
      return value as number;
    case 'bool':
      return value as boolean;
    case 'int64':
    case 'uint64':
      return String(value as bigint);
    case 'opaque':
      // Bytes without a typedef are an array of numbers in the crate.
      return [...(value as Uint8Array)];
    case 'varOpaque':
      return toHex(value as Uint8Array);
    case 'string':
      return escapeBytes(value as Uint8Array);
    case 'option':
      return value === undefined ? null : convert(shape.of, value);
    case 'array':
    case 'list':
      return elements(shape.of, value as Iterable<unknown>);
    case 'enum':
      return nameOf(shape, value as number);
    case 'alias': {
      const inner = shapeOf(shape.of);
      return inner.kind === 'opaque' ? toHex(value as Uint8Array) : convert(inner, value);
    }
    case 'struct': {
      const from = value as Readonly<Record<string, unknown>>;
      return Object.fromEntries(
        shape.fields.map(([name, field]) => [fieldKey(name), convert(field, from[name])])
      );
    }
    case 'union':
      return convertUnion(shape, value as Readonly<Record<string, unknown>>);
  }
}

function elements(of: XdrMember, value: Iterable<unknown>): JsonValue[] {
  const list: JsonValue[] = [];
  for (const element of value) list.push(convert(of, element));
  return list;
}

function convertUnion(shape: UnionShape, value: Readonly<Record<string, unknown>>): JsonValue {
  const tag = value[shape.on] as number;
  const arm = shape.arms[tag];
  invariant(arm !== undefined, `${shape.name} has no arm ${tag}`);
  const tagShape = resolveShape(shape.tag);
  const name = tagShape.kind === 'enum' ? nameOf(tagShape, tag) : `v${tag}`;
  return arm === null ? name : { [name]: convert(arm[1], value['value']) };
}

function nameOf(shape: EnumShape, value: number): string {
  const name = enumNames(shape).byValue.get(value);
  invariant(name !== undefined, `${value} is no ${shape.name}`);
  return name;
}
