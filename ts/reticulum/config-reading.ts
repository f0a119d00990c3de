/**
 * Typed values out of a section, with an error that names file, line and key where the reference raises
 * one, and a warning where it falls back in silence.
 * @module
 * @see RNS/vendor/configobj.py as_bool, as_int, as_float, as_list (configobj 5.0.9)
 */
import { fromHex } from '../base/hex.ts';
import type { ConfigSection } from './config-file.ts';
import { trimBlanks } from './config-lines.ts';
import { TRUNCATED_HASH_BYTES } from './identity.ts';

/** Something in a file that is ignored, which its author may not expect. */
export interface ConfigWarning {
  /** File and line. */
  readonly place: string;
  readonly key: string;
  readonly text: string;
}

const TRUTHS: Readonly<Record<string, boolean>> = {
  yes: true,
  no: false,
  on: true,
  off: false,
  '1': true,
  '0': false,
  true: true,
  false: false,
};

/** Reads one section and remembers which of its keys were asked for. */
export class SectionReader {
  readonly section: ConfigSection;
  readonly #warnings: ConfigWarning[];
  readonly #asked = new Set<string>();

  /** @param warnings - where warnings are added */
  constructor(section: ConfigSection, warnings: ConfigWarning[]) {
    this.section = section;
    this.#warnings = warnings;
  }

  /** One text. @throws ProtocolError `RNS_CONFIG` on a list */
  text(key: string): string | undefined {
    const value = this.#get(key);
    if (value === undefined || typeof value === 'string') return value;
    throw this.section.error(key, 'must be one value, not a list');
  }

  /** A text that is not empty. @throws ProtocolError `RNS_CONFIG` when it is */
  filled(key: string): string | undefined {
    const value = this.text(key);
    if (value === '') throw this.section.error(key, 'must not be empty');
    return value;
  }

  /** Texts; a single one is a list of one. */
  list(key: string): readonly string[] | undefined {
    const value = this.#get(key);
    return typeof value === 'string' ? [value] : value;
  }

  /** Yes or no, in the reference's words and whatever case. @throws ProtocolError `RNS_CONFIG` otherwise */
  bool(key: string): boolean | undefined {
    const value = this.text(key);
    if (value === undefined) return undefined;
    const lower = value.toLowerCase();
    if (Object.hasOwn(TRUTHS, lower)) return TRUTHS[lower];
    throw this.section.error(key, `must be yes or no, got "${value}"`);
  }

  /**
   * A whole number; one that `accept` refuses is ignored, with a warning.
   * @throws ProtocolError `RNS_CONFIG` when it is no whole number
   */
  int(key: string, accept: Check = anyNumber): number | undefined {
    const value = this.text(key);
    if (value === undefined) return undefined;
    const number = readInt(value);
    if (number === undefined) {
      throw this.section.error(key, `must be a whole number, got "${value}"`);
    }
    return this.#accepted(key, number, accept);
  }

  /**
   * A number; one that `accept` refuses is ignored, with a warning.
   * @throws ProtocolError `RNS_CONFIG` when it is no number
   */
  float(key: string, accept: Check = anyNumber): number | undefined {
    const value = this.text(key);
    if (value === undefined) return undefined;
    const number = readFloat(value);
    if (number === undefined) throw this.section.error(key, `must be a number, got "${value}"`);
    return this.#accepted(key, number, accept);
  }

  /** A TCP or UDP port. @throws ProtocolError `RNS_CONFIG` outside 0..65535 */
  port(key: string): number | undefined {
    const value = this.int(key);
    if (value === undefined || (value >= 0 && value <= 65535)) return value;
    throw this.section.error(key, `must be a port 0..65535, got ${value}`);
  }

  /**
   * Truncated hashes of 16 bytes, each once.
   * @throws ProtocolError `RNS_CONFIG` when one is not 32 hexadecimal digits
   */
  hashes(key: string): Uint8Array[] | undefined {
    const texts = this.list(key);
    if (texts === undefined) return undefined;
    const unique = new Map<string, Uint8Array>();
    for (const text of texts) unique.set(text.toLowerCase(), this.#hash(key, text));
    return [...unique.values()];
  }

  /** Take keys for known without reading them. */
  know(...keys: readonly string[]): void {
    for (const key of keys) this.#asked.add(key);
  }

  /** Note that a key's value is not used. */
  warn(key: string, text: string): void {
    const { file } = this.section;
    const line = this.section.lineOf(key);
    const place = line === undefined ? file.fileName : `${file.fileName}:${line}`;
    this.#warnings.push({ place, key, text });
  }

  /** Warn of every key that was not asked for; call it last. */
  warnOfUnknown(): void {
    for (const key of this.section.keys()) {
      if (!this.#asked.has(key)) this.warn(key, 'is not known and is ignored');
    }
  }

  #get(key: string): string | readonly string[] | undefined {
    this.#asked.add(key);
    return this.section.get(key);
  }

  #accepted(key: string, value: number, accept: Check): number | undefined {
    if (accept(value)) return value;
    this.warn(key, `${value} is out of range and is ignored`);
    return undefined;
  }

  #hash(key: string, text: string): Uint8Array {
    const digits = TRUNCATED_HASH_BYTES * 2;
    if (/^[0-9a-f]*$/i.test(text) && text.length === digits) return fromHex(text);
    throw this.section.error(key, `must be ${digits} hexadecimal digits, got "${text}"`);
  }
}

/** Whether a number is in range. */
export type Check = (value: number) => boolean;

const anyNumber: Check = () => true;

/** Accepts numbers above zero. */
export const positive: Check = (value) => value > 0;

/** Accepts zero and numbers above it. */
export const notNegative: Check = (value) => value >= 0;

/** A whole number as Python's `int` reads it, in ASCII digits; `undefined` when it is none. */
export function readInt(text: string): number | undefined {
  const trimmed = trimBlanks(text);
  if (!/^[+-]?\d+(?:_\d+)*$/.test(trimmed)) return undefined;
  const value = Number(trimmed.replaceAll('_', ''));
  return Number.isSafeInteger(value) ? value : undefined;
}

/** A number as Python's `float` reads it, in ASCII digits; `undefined` when it is none. */
export function readFloat(text: string): number | undefined {
  const trimmed = trimBlanks(text).toLowerCase();
  if (/^[+-]?inf(?:inity)?$/.test(trimmed)) return trimmed.startsWith('-') ? -Infinity : Infinity;
  if (/^[+-]?nan$/.test(trimmed)) return Number.NaN;
  const digits = String.raw`\d+(?:_\d+)*`;
  const number = new RegExp(
    `^[+-]?(?:${digits}\\.?(?:${digits})?|\\.${digits})(?:e[+-]?${digits})?$`
  );
  return number.test(trimmed) ? Number(trimmed.replaceAll('_', '')) : undefined;
}
