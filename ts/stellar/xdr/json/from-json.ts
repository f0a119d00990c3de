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
  type StructShape,
  type UnionShape,
  type XdrMember,
} from '../../../codec/xdr-shape.ts';
import type { XdrCodec } from '../../../codec/xdr.ts';
import { enumNames, fieldKey } from './names.ts';
import { specialForm } from './special.ts';
import { unescapeBytes } from './text.ts';

/**
 * Convert parsed JSON to a value that the codec can encode.
 * @throws ProtocolError `XDR_JSON` or `STRKEY_*` with the path of the member in the JSON
 */
export function fromJson<T>(codec: XdrCodec<T>, json: unknown, limits: XdrLimits = {}): T {
  const reader = new JsonReader(limits.maxDepth ?? XDR_MAX_DEPTH);
  try {
    // The walk builds what the shape describes, and the shape describes T.
    return reader.convert(codec, json) as T;
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
  #depth = 0;

  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth;
  }

  convert(member: XdrMember, json: unknown): unknown {
    const shape = shapeOf(member);
    if ('name' in shape) {
      const special = specialForm(shape.name);
      // Wide integers may also be written as the struct that they are.
      const asParts = shape.kind === 'struct' && isObject(json);
      if (special !== undefined && !asParts) return special.fromText(text(json));
    }
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
      case 'option':
        return json === null || json === undefined ? undefined : this.convert(shape.of, json);
      case 'array':
        return this.#elements(shape.of, json, shape.count, shape.count);
      case 'list':
        return this.#elements(shape.of, json, 0, shape.max);
      case 'enum':
        return valueOf(shape, text(json));
      case 'alias':
        return this.convert(shape.of, json);
      case 'struct':
        return this.#within(() => this.#struct(shape, json));
      case 'union':
        return this.#within(() => this.#union(shape, json));
    }
  }

  #within<T>(convert: () => T): T {
    if (++this.#depth > this.#maxDepth) throw refused(`nesting of at most ${this.#maxDepth}`);
    const result = convert();
    this.#depth -= 1;
    return result;
  }

  #at(step: string, member: XdrMember, json: unknown): unknown {
    this.path.push(step);
    const value = this.convert(member, json);
    this.path.pop();
    return value;
  }

  #elements(of: XdrMember, json: unknown, min: number, max: number): unknown[] {
    if (!Array.isArray(json)) throw refused('an array');
    if (json.length < min || json.length > max) {
      throw refused(min === max ? `${max} elements` : `at most ${max} elements`);
    }
    return json.map((element: unknown, i) => this.#at(`[${i}]`, of, element));
  }

  #struct(shape: StructShape, json: unknown): Record<string, unknown> {
    if (!isObject(json)) throw refused('an object');
    const unused = new Set(Object.keys(json));
    const value: Record<string, unknown> = {};
    for (const [name, field] of shape.fields) {
      const key = this.#keyIn(json, name);
      unused.delete(key);
      const present = Object.hasOwn(json, key);
      if (!present && resolveShape(field).kind !== 'option')
        throw refused(`"${key}" in ${shape.name}`);
      value[name] = this.#at(key, field, present ? json[key] : undefined);
    }
    const [unknown] = unused;
    if (unknown !== undefined) throw refused(`a member of ${shape.name} instead of "${unknown}"`);
    return value;
  }

  /** `type` is read as well as the `type_` that is written. */
  #keyIn(json: Readonly<Record<string, unknown>>, name: string): string {
    const key = fieldKey(name);
    return key !== name && !Object.hasOwn(json, key) && name === 'type' ? name : key;
  }

  #union(shape: UnionShape, json: unknown): Record<string, unknown> {
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
    return { [shape.on]: tag, value: this.#at(name, arm[1], content) };
  }
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
