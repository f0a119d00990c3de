/** Source text for one definition: type, constants, codec, reader and writer. @module */
import { codecName, key, typeName } from './names.ts';
import { MemberEmitter, type Need } from './emit-member.ts';
import type {
  ArmNode,
  DefinitionNode,
  EnumNode,
  Schema,
  StructNode,
  TypedefNode,
  TypeNode,
  UnionNode,
} from './schema.ts';

/** Emits definitions, reporting each name they use. */
export class DefinitionEmitter {
  readonly #schema: Schema;
  readonly #member: MemberEmitter;
  readonly #need: Need;
  readonly #listed: ReadonlySet<string>;

  /** @param listed - definitions that some array has as its elements */
  constructor(schema: Schema, listed: ReadonlySet<string>, need: Need) {
    this.#schema = schema;
    this.#need = need;
    this.#listed = listed;
    this.#member = new MemberEmitter(schema, need);
  }

  /** The whole text of a definition. */
  emit(definition: DefinitionNode): string {
    switch (definition.kind) {
      case 'const':
        return `/** XDR constant \`${definition.name}\`. */
export const ${definition.name} = ${definition.value};`;
      case 'enum':
        return this.#enum(definition);
      case 'struct':
        return this.#struct(definition) + this.#list(definition.name);
      case 'union':
        return this.#union(definition) + this.#list(definition.name);
      case 'typedef':
        return this.#typedef(definition) + this.#list(definition.name);
    }
  }

  #enum(definition: EnumNode): string {
    const name = typeName(definition.name);
    const values = definition.members.map((member) => member.value).sort((a, b) => a - b);
    const low = values[0] ?? 0;
    const high = values[values.length - 1] ?? 0;
    const dense = high - low + 1 === values.length && values.length > 1;
    const test = dense
      ? `value >= ${low} && value <= ${high}`
      : values.map((value) => `value === ${value}`).join(' || ');
    const codec = codecName(definition.name, definition.kind);
    return `/** XDR enum \`${definition.name}\`. */
export const ${name} = {
${definition.members.map((member) => `  ${member.name}: ${member.value},`).join('\n')}
} as const;
/** A value of {@link ${name}}. */
export type ${name} = (typeof ${name})[keyof typeof ${name}];

/** Codec of {@link ${name}}. */
export const ${codec}: ${this.#codecType()}<${name}> = /* @__PURE__ */ ${this.#runtime('enumeration')}('${definition.name}', read${name}, write${name}, ${name}, '${definition.prefix}');

/** Whether a number is a {@link ${name}}. */
export function is${name}(value: number): value is ${name} {
  return ${test};
}

/** Read a {@link ${name}}. */
export function read${name}(${this.#reader()}): ${name} {
  const value = r.int32();
  return is${name}(value) ? value : r.badEnum('${definition.name}', value);
}

/** Write a {@link ${name}}. */
export function write${name}(${this.#writer()}, v: ${name}): void {
  if (!is${name}(v)) w.badEnum('${definition.name}');
  w.int32(v);
}
`;
  }

  #struct(definition: StructNode): string {
    const name = typeName(definition.name);
    const member = this.#member;
    const fields = definition.fields.map((field) =>
      field.type.kind === 'optional'
        ? `  readonly ${field.name}?: ${member.tsType(field.type)};`
        : `  readonly ${field.name}: ${member.tsType(field.type)};`
    );
    const shapes = definition.fields.map(
      (field) => `['${field.name}', ${member.shape(field.type)}]`
    );
    const reads = definition.fields.map((field) => `${field.name}: ${member.read(field.type, 1)},`);
    const writes = definition.fields.map((field) => member.write(field.type, `v.${field.name}`));
    return `/** XDR struct \`${definition.name}\`. */
export interface ${name} {
${fields.join('\n')}
}

/** Codec of {@link ${name}}. */
export const ${name}: ${this.#codecType()}<${name}> = /* @__PURE__ */ ${this.#runtime('struct')}('${definition.name}', read${name}, write${name}, () => [${shapes.join(', ')}]);

/** Read a {@link ${name}} at depth \`d\`. */
export function read${name}(${this.#reader()}, d: number): ${name} {
  if (d > r.maxDepth) r.tooDeep();
  return {
    ${reads.join('\n    ')}
  };
}

/** Write a {@link ${name}}. */
export function write${name}(${this.#writer()}, v: ${name}): void {
  ${writes.join('\n  ')}
}
`;
  }

  #union(definition: UnionNode): string {
    const name = typeName(definition.name);
    const on = definition.discriminant.name;
    const tag = definition.discriminant.type;
    const tagDefinition = tag.kind === 'ref' ? this.#schema.get(tag.name) : undefined;
    const enumName =
      tagDefinition?.kind === 'enum'
        ? this.#use(typeName(tagDefinition.name), tagDefinition.name, 'value')
        : undefined;
    const signed = this.#schema.resolve(tag).kind !== 'unsigned_int';
    const members = enumName === undefined ? '' : `, ${enumName}`;
    return `/** XDR union \`${definition.name}\`. */
export type ${name} =
${definition.arms.map((arm) => this.#armType(arm, on, enumName)).join('\n')};

/** Codec of {@link ${name}}. */
export const ${name}: ${this.#codecType()}<${name}> = /* @__PURE__ */ ${this.#runtime('union')}('${definition.name}', read${name}, write${name}, '${on}', () => ({ tag: ${this.#member.shape(tag)}, arms: { ${this.#armShapes(definition)} } }));

/** Read a {@link ${name}} at depth \`d\`. */
export function read${name}(${this.#reader()}, d: number): ${name} {
  if (d > r.maxDepth) r.tooDeep();
  const ${on} = r.${signed ? 'int32' : 'uint32'}();
  switch (${on}) {
${definition.arms.map((arm) => this.#armRead(arm, on)).join('\n')}
    default:
      return r.badArm('${definition.name}', ${on}${members});
  }
}

/** Write a {@link ${name}}. */
export function write${name}(${this.#writer()}, v: ${name}): void {
  w.${signed ? 'int32' : 'uint32'}(v.${on});
  switch (v.${on}) {
${definition.arms.map((arm) => this.#armWrite(arm)).join('\n')}
    default:
      w.badArm('${definition.name}');
  }
}
`;
  }

  #armType(arm: ArmNode, on: string, enumName: string | undefined): string {
    const tags = arm.cases.map((item) =>
      enumName === undefined ? String(item.value) : `typeof ${enumName}.${item.name ?? ''}`
    );
    const value =
      arm.type === undefined
        ? 'readonly value?: undefined'
        : `readonly value: ${this.#member.tsType(arm.type)}`;
    return `  | { readonly ${on}: ${tags.join(' | ')}; ${value} }`;
  }

  #armShapes(definition: UnionNode): string {
    return definition.arms
      .flatMap((arm) =>
        arm.cases.map((item) => {
          const shape =
            arm.type === undefined
              ? 'null'
              : `['${arm.name ?? ''}', ${this.#member.shape(arm.type)}]`;
          return `${key(String(item.value)).replace(/^'(\d+)'$/, '$1')}: ${shape}`;
        })
      )
      .join(', ');
  }

  #armRead(arm: ArmNode, on: string): string {
    const body =
      arm.type === undefined ? `{ ${on} }` : `{ ${on}, value: ${this.#member.read(arm.type, 1)} }`;
    return `${caseLabels(arm)}\n      return ${body};`;
  }

  #armWrite(arm: ArmNode): string {
    const body = arm.type === undefined ? '' : `${this.#member.write(arm.type, 'v.value')}\n      `;
    return `${caseLabels(arm)}\n      ${body}return;`;
  }

  #typedef(definition: TypedefNode): string {
    const name = typeName(definition.name);
    const type = definition.type;
    const params = usesDepth(this.#schema, type) ? 'r, d' : 'r';
    return `/** XDR typedef \`${definition.name}\`. */
export type ${name} = ${this.#member.tsType(type)};

/** Codec of {@link ${name}}. */
export const ${name}: ${this.#codecType()}<${name}> = /* @__PURE__ */ ${this.#runtime('alias')}('${definition.name}', (${params}) => ${this.#member.read(type, 0)}, (w, v) => { ${this.#member.write(type, 'v')} }, () => ${this.#member.shape(type)});
`;
  }

  /** Reader and writer of arrays of a definition, where there are any. */
  #list(xdrName: string): string {
    if (!this.#listed.has(xdrName)) return '';
    const name = typeName(xdrName);
    const ref: TypeNode = { kind: 'ref', name: xdrName };
    return `
/** Read an array of {@link ${name}}, itself at depth \`d\`. */
export function read${name}List(${this.#reader()}, max: number, d: number): ${name}[] {
  const count = r.count(max, ${this.#schema.minSize(ref)}, d);
  const list: ${name}[] = [];
  for (let i = 0; i < count; i++) list.push(${this.#member.read(ref, 1)});
  return list;
}

/** Write an array of {@link ${name}}. */
export function write${name}List(${this.#writer()}, v: readonly ${name}[], max: number): void {
  w.count(v, max);
  for (const element of v) ${this.#member.write(ref, 'element')}
}
`;
  }

  #use(symbol: string, from: string, use: 'type' | 'value'): string {
    this.#need(symbol, from, use);
    return symbol;
  }

  #runtime(constructor: string): string {
    return this.#use(constructor, 'codec', 'value');
  }

  #codecType(): string {
    return this.#use('XdrCodec', 'codec', 'type');
  }

  #reader(): string {
    return `r: ${this.#use('XdrReader', 'reader', 'type')}`;
  }

  #writer(): string {
    return `w: ${this.#use('XdrWriter', 'writer', 'type')}`;
  }
}

function caseLabels(arm: ArmNode): string {
  return arm.cases
    .map((item) => `    case ${item.value}:${item.name === undefined ? '' : ` // ${item.name}`}`)
    .join('\n');
}

/** Whether reading the member passes a depth on. */
function usesDepth(schema: Schema, type: TypeNode): boolean {
  switch (type.kind) {
    case 'optional':
    case 'array':
    case 'var_array':
      return true;
    case 'ref': {
      const definition = schema.get(type.name);
      if (definition.kind === 'typedef') return usesDepth(schema, definition.type);
      return definition.kind === 'struct' || definition.kind === 'union';
    }
    default:
      return false;
  }
}
