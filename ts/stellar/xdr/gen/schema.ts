/**
 * The XDR definitions that the generator reads: `xdr.json` of rs-stellar-xdr, checked as it is loaded
 * so that a change of its form stops the generator instead of its output. @module
 */

/** A type as written at a member: a builtin, a reference, or one of them in an array or optional. */
export type TypeNode =
  | { readonly kind: 'int' | 'unsigned_int' | 'hyper' | 'unsigned_hyper' | 'bool' }
  | { readonly kind: 'ref'; readonly name: string }
  | { readonly kind: 'opaque_fixed'; readonly size: number }
  | { readonly kind: 'opaque_var' | 'string'; readonly max: number }
  | { readonly kind: 'optional'; readonly element: TypeNode }
  | { readonly kind: 'array'; readonly element: TypeNode; readonly count: number }
  | { readonly kind: 'var_array'; readonly element: TypeNode; readonly max: number };

/** A named member of a struct. */
export interface FieldNode {
  readonly name: string;
  readonly type: TypeNode;
}

/** An arm of a union and the discriminants that select it; without `type` it is void. */
export interface ArmNode {
  readonly cases: readonly { readonly value: number; readonly name: string | undefined }[];
  readonly name: string | undefined;
  readonly type: TypeNode | undefined;
}

interface DefinitionBase {
  /** Name in the XDR file. */
  readonly name: string;
  /** File that defines it, without its folder. */
  readonly file: string;
}

/** `struct`. */
export interface StructNode extends DefinitionBase {
  readonly kind: 'struct';
  readonly fields: readonly FieldNode[];
}

/** `union`. */
export interface UnionNode extends DefinitionBase {
  readonly kind: 'union';
  readonly discriminant: FieldNode;
  readonly arms: readonly ArmNode[];
}

/** `enum`. */
export interface EnumNode extends DefinitionBase {
  readonly kind: 'enum';
  readonly prefix: string;
  readonly members: readonly { readonly name: string; readonly value: number }[];
}

/** `typedef`. */
export interface TypedefNode extends DefinitionBase {
  readonly kind: 'typedef';
  readonly type: TypeNode;
}

/** `const`. */
export interface ConstNode extends DefinitionBase {
  readonly kind: 'const';
  readonly value: number;
}

/** Anything an XDR file can define. */
export type DefinitionNode = StructNode | UnionNode | EnumNode | TypedefNode | ConstNode;

const UNBOUNDED = 0xffffffff;

/** All definitions, in file order, and the questions that emitting code asks about them. */
export class Schema {
  readonly definitions: readonly DefinitionNode[];
  readonly #byName: ReadonlyMap<string, DefinitionNode>;
  readonly #minSizes = new Map<string, number>();

  constructor(definitions: readonly DefinitionNode[]) {
    this.definitions = definitions;
    this.#byName = new Map(definitions.map((definition) => [definition.name, definition]));
  }

  /** The definition behind a reference. */
  get(name: string): DefinitionNode {
    const definition = this.#byName.get(name);
    if (definition === undefined) throw new Error(`no definition of ${name}`);
    return definition;
  }

  /** A type with its typedefs taken away. */
  resolve(type: TypeNode): TypeNode {
    if (type.kind !== 'ref') return type;
    const definition = this.get(type.name);
    return definition.kind === 'typedef' ? this.resolve(definition.type) : type;
  }

  /** Bytes that a value of the type takes at least. */
  minSize(type: TypeNode): number {
    switch (type.kind) {
      case 'hyper':
      case 'unsigned_hyper':
        return 8;
      case 'opaque_fixed':
        return (type.size + 3) & ~3;
      case 'array':
        return type.count * this.minSize(type.element);
      case 'ref':
        return this.#minSizeOf(type.name);
      default:
        return 4;
    }
  }

  #minSizeOf(name: string): number {
    const known = this.#minSizes.get(name);
    if (known !== undefined) return known;
    // A type met again inside itself cannot be the smallest way to end it.
    this.#minSizes.set(name, Infinity);
    const size = this.#computeMinSize(this.get(name));
    this.#minSizes.set(name, size);
    return size;
  }

  #computeMinSize(definition: DefinitionNode): number {
    switch (definition.kind) {
      case 'struct':
        return definition.fields.reduce((sum, field) => sum + this.minSize(field.type), 0);
      case 'union':
        return (
          4 +
          Math.min(
            ...definition.arms.map((arm) => (arm.type === undefined ? 0 : this.minSize(arm.type)))
          )
        );
      case 'typedef':
        return this.minSize(definition.type);
      default:
        return 4;
    }
  }
}

/** Read the parsed `xdr.json`. @throws Error naming the definition whose form is unknown */
export function loadSchema(json: unknown): Schema {
  const root = record(json, 'xdr.json');
  if (root['version'] !== 1) throw new Error(`xdr.json has version ${String(root['version'])}`);
  const files = list(root['files'], 'files').map((file) =>
    text(record(file, 'file')['name'], 'file name').replace(/^.*\//, '')
  );
  return new Schema(
    list(root['definitions'], 'definitions').map((node) => definitionOf(node, files))
  );
}

function definitionOf(node: unknown, files: readonly string[]): DefinitionNode {
  const from = record(node, 'definition');
  const name = text(from['name'], 'name');
  const base = { name, file: files[integer(from['file_index'], name)] ?? '' };
  switch (from['kind']) {
    case 'struct':
      return { ...base, kind: 'struct', fields: list(from['fields'], name).map(fieldOf) };
    case 'union':
      return {
        ...base,
        kind: 'union',
        discriminant: fieldOf(from['discriminant']),
        arms: list(from['arms'], name).map(armOf),
      };
    case 'enum':
      return {
        ...base,
        kind: 'enum',
        prefix: text(from['member_prefix'], name),
        members: list(from['members'], name).map((member) => {
          const { name: memberName, value } = record(member, name);
          return { name: text(memberName, name), value: integer(value, name) };
        }),
      };
    case 'typedef':
      return { ...base, kind: 'typedef', type: typeOf(from['type'], name) };
    case 'const':
      return { ...base, kind: 'const', value: integer(from['value'], name) };
    default:
      throw new Error(`${name} is a ${String(from['kind'])}, which is unknown`);
  }
}

function fieldOf(node: unknown): FieldNode {
  const from = record(node, 'field');
  const name = text(from['name'], 'field name');
  return { name, type: typeOf(from['type'], name) };
}

function armOf(node: unknown): ArmNode {
  const from = record(node, 'arm');
  return {
    cases: list(from['cases'], 'cases').map((item) => {
      const { value, name } = record(item, 'case');
      return {
        value: integer(value, 'case'),
        name: name === undefined ? undefined : text(name, 'case'),
      };
    }),
    name: from['name'] === null ? undefined : text(from['name'], 'arm name'),
    type: from['type'] === undefined ? undefined : typeOf(from['type'], 'arm'),
  };
}

function typeOf(node: unknown, where: string): TypeNode {
  const from = record(node, where);
  switch (from['kind']) {
    case 'int':
    case 'unsigned_int':
    case 'hyper':
    case 'unsigned_hyper':
    case 'bool':
      return { kind: from['kind'] };
    case 'ref':
      return { kind: 'ref', name: text(from['name'], where) };
    case 'opaque_fixed':
      return { kind: 'opaque_fixed', size: integer(from['size'], where) };
    case 'opaque_var':
    case 'string':
      return { kind: from['kind'], max: maximum(from['max_size'], where) };
    case 'optional':
      return { kind: 'optional', element: typeOf(from['element'], where) };
    case 'array':
      return {
        kind: 'array',
        element: typeOf(from['element'], where),
        count: integer(from['count'], where),
      };
    case 'var_array':
      return {
        kind: 'var_array',
        element: typeOf(from['element'], where),
        max: maximum(from['max_count'], where),
      };
    default:
      throw new Error(`${where} has type ${String(from['kind'])}, which is unknown`);
  }
}

function maximum(value: unknown, where: string): number {
  return value === undefined ? UNBOUNDED : integer(value, where);
}

function record(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Error(`${where} is no object`);
  return value as Record<string, unknown>;
}

function list(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`${where} is no array`);
  return value;
}

function text(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new Error(`${where} is no string`);
  return value;
}

function integer(value: unknown, where: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw new Error(`${where} is no integer`);
  return value;
}
