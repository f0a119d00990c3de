/**
 * Source text for one member of a type: its TypeScript type, the expression that reads it, the
 * statement that writes it, and its shape. @module
 */
import { codecName, typeName } from './names.ts';
import type { Schema, TypeNode } from './schema.ts';

/** Told of each name that the emitted text uses, and where the name comes from. */
export type Need = (symbol: string, from: string, use: 'type' | 'value') => void;

const RUNTIME_SHAPE = 'shape';
const RUNTIME_LIST = 'list';
const RUNTIME_READER = 'reader';

/** Modules of the runtime that {@link Need} may name instead of an XDR definition. */
export const RUNTIME: Readonly<Record<string, string>> = {
  [RUNTIME_SHAPE]: '../../codec/xdr-shape.ts',
  [RUNTIME_LIST]: '../../codec/xdr-list.ts',
  [RUNTIME_READER]: '../../codec/xdr-reader.ts',
  codec: '../../codec/xdr.ts',
  writer: '../../codec/xdr-writer.ts',
};

const UNBOUNDED = 0xffffffff;

/** Typedefs that say no more than the builtin they stand for. */
const PLAIN: Readonly<Record<string, string>> = {
  int32: 'number',
  uint32: 'number',
  int64: 'bigint',
  uint64: 'bigint',
};

/** Emits text for members, reporting each name it uses. */
export class MemberEmitter {
  readonly #schema: Schema;
  readonly #need: Need;

  constructor(schema: Schema, need: Need) {
    this.#schema = schema;
    this.#need = need;
  }

  /** TypeScript type of a member that is present. */
  tsType(type: TypeNode): string {
    switch (type.kind) {
      case 'int':
      case 'unsigned_int':
        return 'number';
      case 'hyper':
      case 'unsigned_hyper':
        return 'bigint';
      case 'bool':
        return 'boolean';
      case 'opaque_fixed':
      case 'opaque_var':
      case 'string':
        return 'Uint8Array';
      case 'ref': {
        const plain = PLAIN[type.name];
        if (plain !== undefined) return plain;
        this.#need(typeName(type.name), type.name, 'type');
        return typeName(type.name);
      }
      case 'optional':
        return `${this.tsType(type.element)} | undefined`;
      default: {
        if (this.#schema.resolve(type.element).kind === 'opaque_fixed') {
          this.#need('OpaqueList', RUNTIME_LIST, 'type');
          return 'OpaqueList';
        }
        const element = this.tsType(type.element);
        return `readonly ${/[ |]/.test(element) ? `(${element})` : element}[]`;
      }
    }
  }

  /** Expression that reads a member from `r`, itself `level` below the depth `d` of its function. */
  read(type: TypeNode, level: number): string {
    const depth = level === 0 ? 'd' : `d + ${level}`;
    switch (type.kind) {
      case 'int':
        return 'r.int32()';
      case 'unsigned_int':
        return 'r.uint32()';
      case 'hyper':
        return 'r.int64()';
      case 'unsigned_hyper':
        return 'r.uint64()';
      case 'bool':
        return 'r.bool()';
      case 'opaque_fixed':
        return `r.opaque(${type.size})`;
      case 'opaque_var':
      case 'string':
        return `r.varOpaque(${this.#max(type.max)})`;
      case 'optional':
        return `r.option(${depth}) ? ${this.read(type.element, level + 1)} : undefined`;
      case 'ref': {
        const definition = this.#schema.get(type.name);
        if (definition.kind === 'typedef') return this.read(definition.type, level);
        const read = `read${typeName(type.name)}`;
        this.#need(read, type.name, 'value');
        return definition.kind === 'enum' ? `${read}(r)` : `${read}(r, ${depth})`;
      }
      case 'array': {
        const element = this.#schema.resolve(type.element);
        if (element.kind !== 'opaque_fixed') throw new Error('array of other than opaque');
        return `r.opaqueArray(${element.size}, ${type.count}, ${depth})`;
      }
      case 'var_array':
        return this.#readList(type.element, type.max, depth);
    }
  }

  #readList(elementType: TypeNode, max: number, depth: string): string {
    const element = this.#schema.resolve(elementType);
    const bound = this.#max(max);
    switch (element.kind) {
      case 'opaque_fixed':
        return `r.opaqueList(${element.size}, ${bound}, ${depth})`;
      case 'opaque_var':
      case 'string':
        return `r.varOpaqueList(${this.#max(element.max)}, ${bound}, ${depth})`;
      case 'unsigned_int':
        return `r.uint32List(${bound}, ${depth})`;
      case 'unsigned_hyper':
        return `r.uint64List(${bound}, ${depth})`;
      default: {
        const read = `read${listName(elementType, element)}List`;
        this.#need(read, elementOwner(elementType, element), 'value');
        return `${read}(r, ${bound}, ${depth})`;
      }
    }
  }

  /** Statement that writes the member `value` (source text) to `w`. */
  write(type: TypeNode, value: string): string {
    switch (type.kind) {
      case 'int':
        return `w.int32(${value});`;
      case 'unsigned_int':
        return `w.uint32(${value});`;
      case 'hyper':
        return `w.int64(${value});`;
      case 'unsigned_hyper':
        return `w.uint64(${value});`;
      case 'bool':
        return `w.bool(${value});`;
      case 'opaque_fixed':
        return `w.opaque(${value}, ${type.size});`;
      case 'opaque_var':
      case 'string':
        return `w.varOpaque(${value}, ${this.#max(type.max)});`;
      case 'optional':
        return `if (w.option(${value})) ${this.write(type.element, value)}`;
      case 'ref': {
        const definition = this.#schema.get(type.name);
        if (definition.kind === 'typedef') return this.write(definition.type, value);
        const write = `write${typeName(type.name)}`;
        this.#need(write, type.name, 'value');
        return `${write}(w, ${value});`;
      }
      case 'array': {
        const element = this.#schema.resolve(type.element);
        if (element.kind !== 'opaque_fixed') throw new Error('array of other than opaque');
        return `w.opaqueArray(${value}, ${element.size}, ${type.count});`;
      }
      case 'var_array':
        return this.#writeList(type.element, type.max, value);
    }
  }

  #writeList(elementType: TypeNode, max: number, value: string): string {
    const element = this.#schema.resolve(elementType);
    const bound = this.#max(max);
    switch (element.kind) {
      case 'opaque_fixed':
        return `w.opaqueList(${value}, ${element.size}, ${bound});`;
      case 'opaque_var':
      case 'string':
        return `w.varOpaqueList(${value}, ${this.#max(element.max)}, ${bound});`;
      case 'unsigned_int':
        return `w.uint32List(${value}, ${bound});`;
      case 'unsigned_hyper':
        return `w.uint64List(${value}, ${bound});`;
      default: {
        const write = `write${listName(elementType, element)}List`;
        this.#need(write, elementOwner(elementType, element), 'value');
        return `${write}(w, ${value}, ${bound});`;
      }
    }
  }

  /** Expression for the member's shape. */
  shape(type: TypeNode): string {
    const use = (symbol: string): string => {
      this.#need(symbol, RUNTIME_SHAPE, 'value');
      return symbol;
    };
    switch (type.kind) {
      case 'int':
        return use('INT32');
      case 'unsigned_int':
        return use('UINT32');
      case 'hyper':
        return use('INT64');
      case 'unsigned_hyper':
        return use('UINT64');
      case 'bool':
        return use('BOOL');
      case 'opaque_fixed':
        return `${use('opaque')}(${type.size})`;
      case 'opaque_var':
        return `${use('varOpaque')}(${this.#max(type.max)})`;
      case 'string':
        return `${use('text')}(${this.#max(type.max)})`;
      case 'optional':
        return `${use('option')}(${this.shape(type.element)})`;
      case 'array':
        return `${use('array')}(${this.shape(type.element)}, ${type.count})`;
      case 'var_array':
        return `${use('list')}(${this.shape(type.element)}, ${this.#max(type.max)}, ${this.#schema.minSize(type.element)})`;
      case 'ref': {
        if (PLAIN[type.name] !== undefined) return this.shape(this.#schema.resolve(type));
        const name = codecName(type.name, this.#schema.get(type.name).kind);
        this.#need(name, type.name, 'value');
        return name;
      }
    }
  }

  #max(max: number): string {
    if (max !== UNBOUNDED) return String(max);
    this.#need('XDR_UNBOUNDED', RUNTIME_READER, 'value');
    return 'XDR_UNBOUNDED';
  }
}

/** Element types whose arrays are read by a function of their own, beside the element's definition. */
export function elementOwner(written: TypeNode, resolved: TypeNode): string {
  if (resolved.kind === 'ref') return resolved.name;
  if (written.kind === 'ref') return written.name;
  throw new Error(`an array of ${written.kind} needs a typedef`);
}

/** Stem of the name of that function. */
export function listName(written: TypeNode, resolved: TypeNode): string {
  return typeName(elementOwner(written, resolved));
}
