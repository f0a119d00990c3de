/**
 * What commands print: text in which nothing received can steer a terminal, JSON, dates and sizes.
 * @module
 */
import { ProtocolError } from '../base/errors.ts';
import { toHex } from '../base/hex.ts';

/** A value that prints as JSON; what is `undefined` is left out. */
export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

// Controls (C0, DEL, C1), line separators and marks that reorder text: harmless in a file, but a
// terminal obeys them, or shows something else than was written.
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** One line of text in which everything that steers a terminal is written as `\x1b` or `\u{202e}`. */
export function safeLine(text: string): string {
  return text.toWellFormed().replace(UNSAFE, escaped);
}

/** Text of several lines: as {@link safeLine}, but line feeds and tabs stay, and CR LF is a line feed. */
export function safeText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('\r\n', '\n')
    .replace(UNSAFE, (character) =>
      character === '\n' || character === '\t' ? character : escaped(character)
    );
}

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/** One line of JSON, in which what {@link safeLine} escapes is written as `\u....`. */
export function jsonLine(value: Json): string {
  const text = JSON.stringify(value).replace(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  );
  return `${text}\n`;
}

/** The message of an error as one line: no code, no stack, with the argument in front if it is known. */
export function errorLine(error: unknown): string {
  if (!(error instanceof Error)) return safeLine(String(error));
  const { message } = error;
  return safeLine(
    error instanceof ProtocolError ? message.replace(`${error.code}: `, '') : message
  );
}

/** Run a step and put the name of an argument in front of what it throws. */
export async function concerning<T>(argument: string, step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ProtocolError(error.code, error.message.replace(`${error.code}: `, ''), {
      at: argument,
      cause: error,
    });
  }
}

/** A point in time as `2026-11-20 14:46:48 UTC`; seconds that no calendar holds print as they are. */
export function dateText(seconds: number): string {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return `${seconds} s`;
  return date
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');
}

/** A hash as the reference prints it: hexadecimal in angle brackets. */
export function hashText(hash: Uint8Array): string {
  return `<${toHex(hash)}>`;
}

/** Lines of `label value` with the values in one column. */
export function table(rows: readonly (readonly [label: string, value: string])[]): string {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `${label.padEnd(width)}  ${value}\n`).join('');
}

/** A count of bytes as `512 B`, `10.24 kB` or `1.50 MB`, in steps of 1000 as the reference counts. */
export function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(2)} ${units[unit] as string}`;
}
