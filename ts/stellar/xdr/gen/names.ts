/** From XDR names to TypeScript names. @module */

/** TypeScript name of an XDR type: its own, upper-case first; `Error` would hide the global one. */
export function typeName(xdrName: string): string {
  if (xdrName === 'Error') return 'SError';
  return xdrName.charAt(0).toUpperCase() + xdrName.slice(1);
}

/** Name of the codec: the type's own, except that an enum's name stands for its constants. */
export function codecName(xdrName: string, kind: string): string {
  return kind === 'enum' ? `${typeName(xdrName)}Codec` : typeName(xdrName);
}

/** A property key in source text, quoted where it must be. */
export function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : `'${name}'`;
}
