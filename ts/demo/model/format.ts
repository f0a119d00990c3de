/** Numbers, times and hashes as people read them. @module */
import { toHex } from '../../base/hex.ts';

/** `1 byte`, `2,210 bytes`. */
export function bytesText(count: number): string {
  return `${integer(count)} ${Math.abs(count) === 1 ? 'byte' : 'bytes'}`;
}

/** An integer with separators, the same in every locale. */
export function integer(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** A count with a unit prefix and three digits: `950`, `1.25 M`, `36.1 k`. */
export function short(value: number): string {
  for (const [unit, size] of [
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
  ] as const) {
    if (value >= size) return `${(value / size).toPrecision(3)} ${unit}`;
  }
  return String(Math.round(value));
}

/** A length of time in words: `less than a second`, `8 seconds`, `3 minutes`, `2 hours`. */
export function duration(seconds: number): string {
  if (seconds < 1) return 'less than a second';
  if (seconds < 90) return plural(Math.round(seconds), 'second');
  if (seconds < 90 * 60) return plural(Math.round(seconds / 60), 'minute');
  if (seconds < 36 * 3600) return plural(Math.round(seconds / 3600), 'hour');
  return plural(Math.round(seconds / 86400), 'day');
}

/** A length of time that is not known exactly: `about 8 seconds`, `less than a second`. */
export function about(seconds: number): string {
  return seconds < 1 ? duration(seconds) : `about ${duration(seconds)}`;
}

/** `1 second`, `2 seconds`. */
export function plural(count: number, noun: string): string {
  return `${integer(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** A moment in the reader's own time zone, such as `20 November 2026, 16:08`; `unknown time` if it is none. */
export function moment(seconds: number, locale = 'en-GB'): string {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return 'unknown time';
  return date.toLocaleString(locale, {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  });
}

/** A day for a file name: `2026-11-20`, in the reader's own time zone. */
export function dayStamp(ms: number): string {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** A hash in angle brackets, as Reticulum programs print it. */
export function hashText(hash: Uint8Array): string {
  return `<${toHex(hash)}>`;
}

/** The ends of a hash, enough to tell addresses apart at a glance: `6b3362bd…8d75`. */
export function shortHash(hash: Uint8Array): string {
  const text = toHex(hash);
  return `${text.slice(0, 8)}…${text.slice(-4)}`;
}

/** Millimeters a module with two decimals. */
export function millimeters(value: number): string {
  return value.toFixed(2);
}

/** Whether a text is `size` bytes in hexadecimal. */
export function isHash(text: string, size: number): boolean {
  return text.length === size * 2 && /^[0-9a-f]+$/i.test(text);
}

/** The chance that a search of `expected` tries on average has ended after `tries`, 0 to 1. */
export function chanceWithin(tries: number, expected: number): number {
  return 1 - Math.exp(-tries / expected);
}
