/**
 * Finds the field behind an error by walking the type's shape: over the bytes that a decoder refused,
 * or over the value that an encoder refused. Runs on the error path only, so that the generated code
 * keeps no track of where it is. @module
 */
import { ProtocolError } from '../base/errors.ts';
import { XdrReader, type XdrLimits } from './xdr-reader.ts';
import { resolveShape, type EnumShape, type UnionShape, type XdrMember } from './xdr-shape.ts';

/** A refusal met again, and the path of the member that was being read. */
export interface XdrFault {
  readonly error: ProtocolError;
  readonly path: string;
  /** The refusal's text without code and place. */
  readonly text: string;
}

/**
 * Read `bytes` from `start` along a shape until it is refused.
 * @returns `undefined` when it is not refused
 */
export function findFault(
  member: XdrMember,
  bytes: Uint8Array,
  start: number,
  limits: XdrLimits
): XdrFault | undefined {
  const reader = new XdrReader(bytes, limits);
  reader.at = start;
  const path: string[] = [];
  try {
    walk(member, reader, 1, path);
    return undefined;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const text = error.message.slice(error.code.length + 2).replace(/ \(at byte \d+\)$/, '');
    return { error, path: joined(path), text };
  }
}

/** Skip one member; on a throw `path` is left at the member that was being read. */
function walk(member: XdrMember, reader: XdrReader, depth: number, path: string[]): void {
  const shape = resolveShape(member);
  switch (shape.kind) {
    case 'int32':
    case 'uint32':
      reader.uint32();
      return;
    case 'int64':
    case 'uint64':
      reader.uint64();
      return;
    case 'bool':
      reader.bool();
      return;
    case 'opaque':
      reader.opaque(shape.size);
      return;
    case 'varOpaque':
    case 'string':
      reader.varOpaque(shape.max);
      return;
    case 'option':
      if (reader.option(depth)) walk(shape.of, reader, depth + 1, path);
      return;
    case 'array':
      if (depth > reader.maxDepth) reader.tooDeep();
      walkElements(shape.of, shape.count, reader, depth, path);
      return;
    case 'list':
      walkElements(shape.of, reader.count(shape.max, shape.minSize, depth), reader, depth, path);
      return;
    case 'enum':
      walkEnum(shape, reader);
      return;
    case 'struct':
      if (depth > reader.maxDepth) reader.tooDeep();
      for (const [name, field] of shape.fields) {
        path.push(name);
        walk(field, reader, depth + 1, path);
        path.pop();
      }
      return;
    case 'union':
      if (depth > reader.maxDepth) reader.tooDeep();
      walkUnion(shape, reader, depth, path);
  }
}

function walkElements(
  of: XdrMember,
  count: number,
  reader: XdrReader,
  depth: number,
  path: string[]
): void {
  for (let i = 0; i < count; i++) {
    path.push(`[${i}]`);
    walk(of, reader, depth + 1, path);
    path.pop();
  }
}

function walkEnum(shape: EnumShape, reader: XdrReader): void {
  const value = reader.int32();
  if (!Object.values(shape.members).includes(value)) reader.badEnum(shape.name, value);
}

function walkUnion(shape: UnionShape, reader: XdrReader, depth: number, path: string[]): void {
  const tag = resolveShape(shape.tag);
  path.push(shape.on);
  const value = tag.kind === 'uint32' ? reader.uint32() : reader.int32();
  const arm = shape.arms[value];
  if (arm === undefined) {
    reader.badArm(shape.name, value, tag.kind === 'enum' ? tag.members : undefined);
  }
  path.pop();
  if (arm === null) return;
  path.push(arm[0]);
  walk(arm[1], reader, depth + 1, path);
  path.pop();
}

/** A member that its type cannot hold. */
export interface BadValue {
  readonly path: string;
  readonly expected: string;
  readonly got: string;
}

/**
 * The first member of `value` that its type cannot hold.
 * @returns `undefined` when every member fits
 */
export function findBadValue(member: XdrMember, value: unknown): BadValue | undefined {
  const path: string[] = [];
  const expected = check(member, value, path);
  if (expected === undefined) return undefined;
  return { path: joined(path), expected: expected.text, got: describe(expected.value) };
}

interface Misfit {
  readonly text: string;
  readonly value: unknown;
}

/** On a misfit `path` is left at the member that does not fit. */
function check(member: XdrMember, value: unknown, path: string[]): Misfit | undefined {
  const shape = resolveShape(member);
  const unless = (fits: boolean, text: string): Misfit | undefined =>
    fits ? undefined : { text, value };
  switch (shape.kind) {
    case 'int32':
      return unless(
        isInteger(value, -0x80000000, 0x7fffffff),
        'an integer -2147483648..2147483647'
      );
    case 'uint32':
      return unless(isInteger(value, 0, 0xffffffff), 'an integer 0..4294967295');
    case 'int64':
      return unless(
        typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
        'a signed 64-bit bigint'
      );
    case 'uint64':
      return unless(
        typeof value === 'bigint' && BigInt.asUintN(64, value) === value,
        'an unsigned 64-bit bigint'
      );
    case 'bool':
      return unless(typeof value === 'boolean', 'a boolean');
    case 'opaque':
      return unless(
        value instanceof Uint8Array && value.length === shape.size,
        `${shape.size} bytes`
      );
    case 'varOpaque':
    case 'string':
      return unless(
        value instanceof Uint8Array && value.length <= shape.max,
        `at most ${shape.max} bytes`
      );
    case 'option':
      return value === undefined ? undefined : check(shape.of, value, path);
    case 'array':
      return checkElements(shape.of, value, path, (n) => n === shape.count, `${shape.count}`);
    case 'list':
      return checkElements(shape.of, value, path, (n) => n <= shape.max, `at most ${shape.max}`);
    case 'enum':
      return unless(Object.values<unknown>(shape.members).includes(value), `one of ${shape.name}`);
    case 'struct': {
      if (!isRecord(value)) return { text: `a ${shape.name}`, value };
      for (const [name, field] of shape.fields) {
        path.push(name);
        const misfit = check(field, value[name], path);
        if (misfit !== undefined) return misfit;
        path.pop();
      }
      return undefined;
    }
    case 'union':
      return checkUnion(shape, value, path);
  }
}

function checkElements(
  of: XdrMember,
  value: unknown,
  path: string[],
  fits: (length: number) => boolean,
  howMany: string
): Misfit | undefined {
  if (!isList(value) || !fits(value.length)) return { text: `${howMany} elements`, value };
  let i = 0;
  for (const element of value) {
    path.push(`[${i++}]`);
    const misfit = check(of, element, path);
    if (misfit !== undefined) return misfit;
    path.pop();
  }
  return undefined;
}

function checkUnion(shape: UnionShape, value: unknown, path: string[]): Misfit | undefined {
  if (!isRecord(value)) return { text: `a ${shape.name}`, value };
  const tag = value[shape.on];
  const arm = typeof tag === 'number' ? shape.arms[tag] : undefined;
  if (arm === undefined) {
    path.push(shape.on);
    return { text: `a discriminant of ${shape.name}`, value: tag };
  }
  if (arm === null) return undefined;
  path.push(arm[0]);
  const misfit = check(arm[1], value['value'], path);
  if (misfit === undefined) path.pop();
  return misfit;
}

function isInteger(value: unknown, min: number, max: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isList(value: unknown): value is Iterable<unknown> & { readonly length: number } {
  return isRecord(value) && Symbol.iterator in value && typeof value['length'] === 'number';
}

/** What a value is, without showing bytes that may be secret. */
function describe(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'undefined') {
    return String(value);
  }
  if (typeof value === 'bigint') return `${value}n`;
  if (value === null) return 'null';
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (isList(value)) return `${value.length} elements`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function joined(path: readonly string[]): string {
  return path.join('.').replaceAll('.[', '[');
}
