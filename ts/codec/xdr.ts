/**
 * The face of every XDR type: a codec made of two generated straight-line functions, one that reads
 * and one that writes, and of the type's shape, which names the field when something is wrong.
 *
 * Start reading here; then `xdr-reader.ts`, `xdr-writer.ts`, and any generated file. @module
 */
import { ProtocolError } from '../base/errors.ts';
import { findBadValue, findFault } from './xdr-locate.ts';
import { XdrReader, type XdrLimits } from './xdr-reader.ts';
import type { ArmShape, XdrMember, XdrShape } from './xdr-shape.ts';
import { XdrWriter } from './xdr-writer.ts';

/** Encodes and decodes one XDR type. */
export interface XdrCodec<T> {
  /** Name of the type in the XDR files. */
  readonly name: string;
  /** What the type looks like; built at first use. */
  readonly shape: XdrShape;
  /**
   * Encode one value.
   * @throws RangeError or TypeError naming the field that its type cannot hold
   */
  encode(value: T): Uint8Array;
  /**
   * Decode one value that fills `bytes` exactly.
   *
   * Opaque members are views of `bytes`, not copies.
   * @throws ProtocolError `XDR_*` with the field path and the offset into `bytes`
   */
  decode(bytes: Uint8Array, limits?: XdrLimits): T;
  /**
   * Append one value to a writer; on an error the writer keeps what it had.
   * @throws RangeError or TypeError naming the field that its type cannot hold
   */
  encodeInto(writer: XdrWriter, value: T): void;
  /**
   * Decode the value at a reader's position and move past it.
   * @throws ProtocolError `XDR_*` with the field path and the offset into the reader's window
   */
  decodeFrom(reader: XdrReader): T;
}

/** The value type of a codec: `ValueOf<typeof StellarMessage>`. */
export type ValueOf<C> = C extends XdrCodec<infer T> ? T : never;

/** A generated reader; `depth` counts the value itself. */
type Read<T> = (reader: XdrReader, depth: number) => T;
/** A generated writer. */
type Write<T> = (writer: XdrWriter, value: T) => void;

/** The codec of a struct; `fields` in wire order. */
export function struct<T>(
  name: string,
  read: Read<T>,
  write: Write<T>,
  fields: () => readonly (readonly [string, XdrMember])[]
): XdrCodec<T> {
  return codec(name, read, write, () => ({ kind: 'struct', name, fields: fields() }));
}

/** The codec of a union; `arms` by the discriminant's value. */
export function union<T>(
  name: string,
  read: Read<T>,
  write: Write<T>,
  on: string,
  arms: () => { readonly tag: XdrMember; readonly arms: Readonly<Record<number, ArmShape>> }
): XdrCodec<T> {
  return codec(name, read, write, () => ({ kind: 'union', name, on, ...arms() }));
}

/** The codec of an enum; `prefix` is what its member names share. */
export function enumeration<T extends number>(
  name: string,
  read: Read<T>,
  write: Write<T>,
  members: Readonly<Record<string, T>>,
  prefix: string
): XdrCodec<T> {
  return codec(name, read, write, () => ({ kind: 'enum', name, members, prefix }));
}

/** The codec of a typedef. */
export function alias<T>(
  name: string,
  read: Read<T>,
  write: Write<T>,
  of: () => XdrMember
): XdrCodec<T> {
  return codec(name, read, write, () => ({ kind: 'alias', name, of: of() }));
}

// One writer is kept between calls. It is taken out while in use, so a getter that encodes in the
// middle of an encode gets its own.
let spare: XdrWriter | undefined;

function codec<T>(
  name: string,
  read: Read<T>,
  write: Write<T>,
  shape: () => XdrShape
): XdrCodec<T> {
  let built: XdrShape | undefined;
  const self: XdrCodec<T> = {
    name,
    get shape(): XdrShape {
      return (built ??= shape());
    },
    encode(value: T): Uint8Array {
      const writer = spare ?? new XdrWriter();
      spare = undefined;
      try {
        write(writer, value);
      } catch (error) {
        throw explainValue(error, self, value);
      }
      const bytes = writer.finish();
      if (writer.reset()) spare = writer;
      return bytes;
    },
    decode(bytes: Uint8Array, limits?: XdrLimits): T {
      const reader = new XdrReader(bytes, limits);
      let value: T;
      try {
        value = read(reader, 1);
      } catch (error) {
        throw explainInput(error, self, reader, 0);
      }
      reader.finish();
      return value;
    },
    encodeInto(writer: XdrWriter, value: T): void {
      const start = writer.at;
      try {
        write(writer, value);
      } catch (error) {
        writer.at = start;
        throw explainValue(error, self, value);
      }
    },
    decodeFrom(reader: XdrReader): T {
      const start = reader.at;
      try {
        return read(reader, 1);
      } catch (error) {
        throw explainInput(error, self, reader, start);
      }
    },
  };
  return self;
}

/** Add the field path to a refusal, by reading the same bytes again along the type's shape. */
function explainInput<T>(
  error: unknown,
  type: XdrCodec<T>,
  reader: XdrReader,
  start: number
): unknown {
  if (!(error instanceof ProtocolError) || !error.code.startsWith('XDR_')) return error;
  const found = findFault(type, reader.bytes, start, reader.limits);
  if (found === undefined) return error;
  return new ProtocolError(found.error.code, found.text, {
    at: found.path === '' ? undefined : found.path,
    offset: found.error.offset,
  });
}

/** Name the member that could not be written, by walking the value along the type's shape. */
function explainValue<T>(error: unknown, type: XdrCodec<T>, value: T): unknown {
  if (!(error instanceof TypeError) && !(error instanceof RangeError)) return error;
  const bad = findBadValue(type, value);
  if (bad === undefined) return error;
  const subject = bad.path === '' ? type.name : bad.path;
  return new RangeError(`"${subject}" must be ${bad.expected}, got ${bad.got}`, { cause: error });
}
