/**
 * Names as the JSON form of XDR writes them: snake_case, by the two rules that the Rust crate's output
 * passes through (`heck` for identifiers, then serde's own for enum variants).
 * @see rs-stellar-xdr `xdr-generator-rust/generator/src/naming.rs` (27.0.0) @module
 */
import type { EnumShape } from '../../../codec/xdr-shape.ts';

/** Key of a struct member. `type` is a keyword of Rust, and the crate's spelling of it is kept. */
export function fieldKey(name: string): string {
  const key = words(name).join('_').toLowerCase();
  return key === 'type' ? 'type_' : key;
}

/** Names of an enum's members by value, and back. */
export interface EnumNames {
  readonly byValue: ReadonlyMap<number, string>;
  readonly byName: ReadonlyMap<string, number>;
}

const known = /* @__PURE__ */ new WeakMap<EnumShape['members'], EnumNames>();

/** JSON names of an enum; computed once. */
export function enumNames(shape: EnumShape): EnumNames {
  const cached = known.get(shape.members);
  if (cached !== undefined) return cached;
  const entries = Object.entries(shape.members).map(
    ([name, value]) => [memberName(name, shape.prefix), value] as const
  );
  const names = {
    byValue: new Map(entries.map(([name, value]) => [value, name])),
    byName: new Map(entries),
  };
  known.set(shape.members, names);
  return names;
}

function memberName(name: string, prefix: string): string {
  const rest = name.slice(prefix.length);
  // An identifier cannot begin with a digit, so the prefix lends its first letter.
  const identifier = /^\d/.test(rest) ? `${prefix.charAt(0)}${rest}` : rest;
  const variant = words(identifier)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
    .join('');
  return variant.replace(/(?!^)[A-Z]/g, '_$&').toLowerCase();
}

/** Words of an identifier: cut at underscores, before `Xx`, and between lower and upper case. */
function words(name: string): string[] {
  return name
    .split(/[^A-Za-z0-9]+/)
    .flatMap((part) =>
      part
        .replace(/([A-Z][0-9]*)(?=[A-Z][a-z])/g, '$1 ')
        .replace(/([a-z][0-9]*)(?=[A-Z])/g, '$1 ')
        .split(' ')
    )
    .filter((word) => word !== '');
}
