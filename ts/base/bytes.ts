/**
 * Byte-array operations shared by every layer. All results are `Uint8Array`, never `Buffer`.
 * Bottom layer. @module
 */

/** Concatenate parts into one fresh array. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const part of parts) size += part.length;
  const out = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/** Compare two arrays; stops at the first difference, so never use it on secrets. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Compare two arrays without branching on their content; only the lengths may leak. */
export function equalConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

/** Order two arrays by unsigned byte value, shorter first on a shared prefix. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Overwrite a secret whose lifetime has ended. */
export function wipe(...secrets: readonly Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0);
}

const encoder = /* @__PURE__ */ new TextEncoder();

/** Encode text as UTF-8; a lone surrogate is a `TypeError`, as in Python, never U+FFFD. */
export function utf8(text: string): Uint8Array {
  if (!text.isWellFormed()) throw new TypeError('"text" must not contain lone surrogates');
  return encoder.encode(text);
}

/** Decode strict UTF-8 and keep a leading byte-order mark; `undefined` when the bytes are invalid. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // The only failure of a fatal decoder is invalid input, which is a normal negative here.
    return undefined;
  }
}

/** Assert that `value` is a `Uint8Array` of one of the allowed lengths; names the argument otherwise. */
export function assertBytes(
  name: string,
  value: unknown,
  ...lengths: readonly number[]
): asserts value is Uint8Array {
  if (!(value instanceof Uint8Array)) {
    throw new TypeError(`"${name}" must be a Uint8Array, got ${describe(value)}`);
  }
  if (lengths.length > 0 && !lengths.includes(value.length)) {
    throw new RangeError(`"${name}" must be ${lengths.join(' or ')} bytes, got ${value.length}`);
  }
}

/** Assert that `value` is an integer in `min..max`; names the argument otherwise. */
export function assertInteger(
  name: string,
  value: unknown,
  min: number,
  max: number
): asserts value is number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    const got = typeof value === 'number' ? String(value) : describe(value);
    throw new RangeError(`"${name}" must be an integer ${min}..${max}, got ${got}`);
  }
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? (value.constructor?.name ?? 'an object') : typeof value;
}
