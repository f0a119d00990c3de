/**
 * XDR values from their JSON form. Accepts what {@link toJson} writes and the few other spellings that
 * the crate reads: integers of 64 bits as numbers, missing optional members, `{"name": null}` for a
 * void arm, bytes in either case. @module
 */
import { ProtocolError } from '../../../base/errors.ts';
import { fromHex } from '../../../base/hex.ts';
import { XDR_MAX_DEPTH, type XdrLimits } from '../../../codec/xdr-reader.ts';
import {
  resolveShape,
  shapeOf,
  type EnumShape,
  type OpaqueShape,
  type ScalarShape,
  type StructShape,
  type UnionShape,
  type VarOpaqueShape,
  type XdrMember,
} from '../../../codec/xdr-shape.ts';
import type { XdrCodec } from '../../../codec/xdr.ts';
import { enumNames, fieldKey } from './names.ts';
import { specialForm } from './special.ts';
import { unescapeBytes } from './text.ts';

/**
 * Convert parsed JSON to a value that the codec can encode.
 * @throws ProtocolError `XDR_JSON`, `HEX_INVALID` or `STRKEY_*` with the path of the member in the JSON
 */
export function fromJson<T>(codec: XdrCodec<T>, json: unknown, limits: XdrLimits = {}): T {
  const reader = new JsonReader(limits.maxDepth ?? XDR_MAX_DEPTH);
  try {
    // The walk builds what the shape describes, and the shape describes T.
    return reader.convert(codec, json, 1) as T;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const text = error.message.slice(error.code.length + 2);
    const at = reader.path.join('.').replaceAll('.[', '[');
    throw new ProtocolError(error.code, text, { at: at === '' ? undefined : at, cause: error });
  }
}

class JsonReader {
  /** Left at the member that was being read when something is refused. */
  readonly path: string[] = [];
  readonly #maxDepth: number;

  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth;
  }

  /** Convert one member; `depth` counts as the XDR reader counts. */
  convert(member: XdrMember, json: unknown, depth: number): unknown {
    const shape = shapeOf(member);
    if ('name' in shape) {
      const special = specialForm(shape.name);
      // Wide integers may also be written as the struct that they are.
      const asParts = shape.kind === 'struct' && isObject(json);
      if (special !== undefined && !asParts) return special.fromText(text(json));
    }
    switch (shape.kind) {
      case 'option':
        this.#enter(depth);
        if (json === null || json === undefined) return undefined;
        return this.convert(shape.of, json, depth + 1);
      case 'array':
        return this.#elements(shape.of, json, shape.count, shape.count, depth);
      case 'list':
        return this.#elements(shape.of, json, 0, shape.max, depth);
      case 'alias':
        return this.convert(shape.of, json, depth);
      case 'struct':
        return this.#struct(shape, json, depth);
      case 'union':
        return this.#union(shape, json, depth);
      default:
        return leaf(shape, json);
    }
  }

  #enter(depth: number): void {
    if (depth > this.#maxDepth) throw refused(`nesting of at most ${this.#maxDepth}`);
  }

  #elements(of: XdrMember, json: unknown, min: number, max: number, depth: number): unknown[] {
    this.#enter(depth);
    if (!Array.isArray(json)) throw refused('an array');
    if (json.length < min || json.length > max) {
      throw refused(min === max ? `${max} elements` : `at most ${max} elements`);
    }
    const list: unknown[] = [];
    for (let i = 0; i < json.length; i++) {
      this.path.push(`[${i}]`);
      list.push(this.convert(of, json[i], depth + 1));
      this.path.pop();
    }
    return list;
  }

  #struct(shape: StructShape, json: unknown, depth: number): Record<string, unknown> {
    this.#enter(depth);
    if (!isObject(json)) throw refused('an object');
    const unused = new Set(Object.keys(json));
    const value: Record<string, unknown> = {};
    for (const [name, field] of shape.fields) {
      const key = keyIn(json, name);
      const present = unused.delete(key);
      if (!present && resolveShape(field).kind !== 'option') {
        throw refused(`"${key}" in ${shape.name}`);
      }
      this.path.push(key);
      value[name] = this.convert(field, present ? json[key] : undefined, depth + 1);
      this.path.pop();
    }
    const [unknown] = unused;
    if (unknown !== undefined) throw refused(`a member of ${shape.name} instead of "${unknown}"`);
    return value;
  }

  #union(shape: UnionShape, json: unknown, depth: number): Record<string, unknown> {
    this.#enter(depth);
    const keys = isObject(json) ? Object.keys(json) : [];
    if (typeof json !== 'string' && keys.length !== 1) throw refused(`one arm of ${shape.name}`);
    const name = typeof json === 'string' ? json : (keys[0] as string);
    const tag = tagOf(shape, name);
    const arm = shape.arms[tag];
    if (arm === undefined) throw refused(`an arm of ${shape.name}`);
    const content = isObject(json) ? json[name] : undefined;
    if (arm === null) {
      if (content !== undefined && content !== null) throw refused(`nothing in ${name}`);
      return { [shape.on]: tag };
    }
    if (!isObject(json)) throw refused(`a value in ${name}`);
    this.path.push(name);
    const value = this.convert(arm[1], content, depth + 1);
    this.path.pop();
    return { [shape.on]: tag, value };
  }
}

/** A member that holds no other. */
function leaf(
  shape: ScalarShape | OpaqueShape | VarOpaqueShape | EnumShape,
  json: unknown
): unknown {
  switch (shape.kind) {
    case 'int32':
      return integer(json, -0x80000000, 0x7fffffff);
    case 'uint32':
      return integer(json, 0, 0xffffffff);
    case 'int64':
      return wide(json, BigInt.asIntN, 'signed');
    case 'uint64':
      return wide(json, BigInt.asUintN, 'unsigned');
    case 'bool':
      if (typeof json !== 'boolean') throw refused('a boolean');
      return json;
    case 'opaque':
      return sized(Array.isArray(json) ? byteArray(json) : fromHex(text(json)), shape.size);
    case 'varOpaque':
      return bounded(fromHex(text(json)), shape.max);
    case 'string':
      return bounded(unescapeBytes(text(json)), shape.max);
    case 'enum':
      return valueOf(shape, text(json));
  }
}

/** Key of a member in `json`; `type` is read as well as the `type_` that is written. */
function keyIn(json: Readonly<Record<string, unknown>>, name: string): string {
  const key = fieldKey(name);
  return name === 'type' && !Object.hasOwn(json, key) ? name : key;
}

function tagOf(shape: UnionShape, name: string): number {
  const tag = resolveShape(shape.tag);
  if (tag.kind === 'enum') return valueOf(tag, name);
  if (!/^v\d{1,9}$/.test(name)) throw refused(`an arm of ${shape.name}`);
  return Number(name.slice(1));
}

function valueOf(shape: EnumShape, name: string): number {
  const value = enumNames(shape).byName.get(name);
  if (value === undefined) throw refused(`a name of ${shape.name}`);
  return value;
}

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function text(json: unknown): string {
  if (typeof json !== 'string') throw refused('a string');
  return json;
}

function integer(json: unknown, min: number, max: number): number {
  if (typeof json !== 'number' || !Number.isInteger(json) || json < min || json > max) {
    throw refused(`an integer ${min}..${max}`);
  }
  return json;
}

function wide(json: unknown, clamp: (bits: number, value: bigint) => bigint, sign: string): bigint {
  const readable =
    typeof json === 'number' ? Number.isSafeInteger(json) : /^[+-]?\d{1,20}$/.test(text(json));
  if (!readable) throw refused(`a ${sign} 64-bit integer`);
  const value = BigInt(typeof json === 'number' ? json : (json as string).replace(/^\+/, ''));
  if (clamp(64, value) !== value) throw refused(`a ${sign} 64-bit integer`);
  return value;
}

function byteArray(json: readonly unknown[]): Uint8Array {
  return Uint8Array.from(json, (byte) => integer(byte, 0, 255));
}

function sized(bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length !== size) throw refused(`${size} bytes`);
  return bytes;
}

function bounded(bytes: Uint8Array, max: number): Uint8Array {
  if (bytes.length > max) throw refused(`at most ${max} bytes`);
  return bytes;
}

function refused(due: string): ProtocolError {
  return new ProtocolError('XDR_JSON', `${due} is due`);
}
