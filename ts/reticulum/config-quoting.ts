/**
 * How keys and values are written so that they read back the same: plain where possible, else in quotes.
 * @module
 * @see RNS/vendor/configobj.py ConfigObj._quote (configobj 5.0.9)
 */
import { hasReference } from './config-interpolation.ts';
import {
  findTripleEnd,
  isBlank,
  isComment,
  readHeader,
  readKey,
  readValue,
  tripleQuoteAt,
  type ConfigValue,
} from './config-lines.ts';

const DOUBLE = '"';
const SINGLE = "'";
/**
 * A value as it is written, lists with commas.
 * @throws RangeError when no way of quoting reads back as the same value
 */
export function quoteValue(value: ConfigValue): string {
  const texts = typeof value === 'string' ? [value] : value;
  if (texts.some((text) => hasReference(text))) {
    throw new RangeError('a value with "%(…)s" cannot be written: it would be replaced on reading');
  }
  const ways = typeof value === 'string' ? waysOf(value) : [list(value)];
  const written = ways.find((way) => readsBack(way, value));
  if (written === undefined) throw new RangeError('the value cannot be quoted');
  return written;
}

/**
 * The name of a key or section as it is written.
 * @throws RangeError when no way of quoting reads back as the same name
 */
export function quoteName(name: string, kind: 'key' | 'section' = 'key'): string {
  const ways = [name === '' ? '""' : plain(name), `"${name}"`, `'${name}'`];
  const written = ways.find((way) => way !== undefined && namesBack(way, name, kind));
  if (written === undefined) throw new RangeError('the name cannot be quoted');
  return written;
}

function waysOf(text: string): string[] {
  const both = text.includes(DOUBLE) && text.includes(SINGLE);
  const triples = [`'''${text}'''`, `"""${text}"""`];
  if (text.includes('"""')) triples.reverse();
  if (both || text.includes('\n')) return triples;
  return [...[plain(text), quoted(text)].filter((way) => way !== undefined), ...triples];
}

function list(items: readonly string[]): string {
  if (items.length === 0) return ',';
  const written = items.map((item) => plain(item) ?? quoted(item) ?? `"${item}"`);
  return written.length === 1 ? `${written[0]},` : written.join(', ');
}

/** The text without quotes, where it may stand so. */
function plain(text: string): string | undefined {
  if (text === '' || text.includes('#') || text.includes(',')) return undefined;
  const ends = [text[0] as string, text.at(-1) as string];
  const needsQuotes = (end: string): boolean => isBlank(end) || end === DOUBLE || end === SINGLE;
  return ends.some(needsQuotes) ? undefined : text;
}

function quoted(text: string): string | undefined {
  if (!text.includes(DOUBLE)) return `"${text}"`;
  return text.includes(SINGLE) ? undefined : `'${text}'`;
}

function readsBack(written: string, value: ConfigValue): boolean {
  const quotes = tripleQuoteAt(written, 0);
  if (quotes !== undefined) return readsBackTriple(written, value, quotes);
  if (/[\r\n]/.test(written)) return false;
  const line = `key = ${written}`;
  const read = readValue(line, readKey(line)?.valueAt ?? 0);
  if (read === undefined || read.end !== line.length) return false;
  if (typeof value === 'string') return read.value === value;
  return (
    typeof read.value !== 'string' &&
    read.value.length === value.length &&
    read.value.every((item, i) => item === value[i])
  );
}

function readsBackTriple(written: string, value: ConfigValue, quotes: string): boolean {
  // Carriage returns at the end of a line do not survive.
  if (typeof value !== 'string' || /\r(?:\n|$)/.test(value)) return false;
  const lines = written.split('\n');
  const last = lines.length - 1;
  return lines.every((line, i) => {
    const from = i === 0 ? quotes.length : 0;
    if (i < last) return !line.includes(quotes, from);
    return findTripleEnd(line, from, quotes) === line.length - quotes.length;
  });
}

function namesBack(written: string, name: string, kind: 'key' | 'section'): boolean {
  if (/[\r\n]/.test(written)) return false;
  if (kind === 'section') {
    const header = readHeader(`[${written}]`);
    return header?.name === name && header.opened === 1 && header.closed === 1;
  }
  const line = `${written} = x`;
  const found = readKey(line);
  const isKey = !isComment(line) && readHeader(line) === undefined;
  return isKey && found?.key === name && found.valueAt === line.length - 1;
}
