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
 * A value as it is written after `before`, lists with commas.
 * @param before - the start of the line: indentation, key and equals sign
 * @throws RangeError when no way of quoting reads back as the same value
 */
export function quoteValue(value: ConfigValue, before = 'key = '): string {
  const written = tryQuote(value, before);
  if (written === undefined) throw new RangeError('the value cannot be quoted');
  return written;
}

/**
 * A line that sets a key, up to and with its value.
 * @throws RangeError when no way of quoting reads back as the same key and value
 */
export function quoteEntry(
  indent: string,
  key: string,
  value: ConfigValue
): { before: string; written: string } {
  for (const name of namesOf(key)) {
    const before = `${indent}${name} = `;
    const found = readKey(`${before}x`);
    if (found?.key !== key || found.indent !== indent) continue;
    const written = tryQuote(value, before);
    if (written !== undefined) return { before, written };
  }
  throw new RangeError('the key or its value cannot be quoted');
}

/**
 * The line of a section's header.
 * @throws RangeError when no way of quoting reads back as the same name
 */
export function quoteHeader(indent: string, name: string, depth: number): string {
  for (const way of namesOf(name)) {
    const line = indent + '['.repeat(depth) + way + ']'.repeat(depth);
    const found = /[\r\n]/.test(line) ? undefined : readHeader(line);
    if (found?.name === name && found.opened === depth && found.closed === depth) return line;
  }
  throw new RangeError('the name cannot be quoted');
}

function tryQuote(value: ConfigValue, before: string): string | undefined {
  const texts = typeof value === 'string' ? [value] : value;
  if (texts.some((text) => hasReference(text))) {
    throw new RangeError('a value with "%(…)s" cannot be written: it would be replaced on reading');
  }
  const ways =
    typeof value === 'string'
      ? waysOf(value)
      : [listOf(value, plain), listOf(value, () => undefined)];
  return ways.find((way) => readsBack(before, way, value));
}

function namesOf(name: string): string[] {
  const bare = name === '' ? undefined : plain(name);
  return [...(bare === undefined ? [] : [bare]), `"${name}"`, `'${name}'`];
}

function waysOf(text: string): string[] {
  const both = text.includes(DOUBLE) && text.includes(SINGLE);
  const triples = [`'''${text}'''`, `"""${text}"""`];
  if (text.includes('"""')) triples.reverse();
  if (both || text.includes('\n')) return triples;
  return [...[plain(text), quoted(text)].filter((way) => way !== undefined), ...triples];
}

function listOf(items: readonly string[], bare: (item: string) => string | undefined): string {
  if (items.length === 0) return ',';
  const written = items.map((item) => bare(item) ?? quoted(item) ?? `"${item}"`);
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

function readsBack(before: string, written: string, value: ConfigValue): boolean {
  const [first = '', ...rest] = (before + written).split('\n');
  if (isComment(first) || readHeader(first) !== undefined) return false;
  if (readKey(first)?.valueAt !== before.length) return false;
  const quotes = tripleQuoteAt(first, before.length);
  if (quotes !== undefined) {
    // Carriage returns at the end of a line do not survive.
    if (typeof value !== 'string' || /\r(?:\n|$)/.test(value)) return false;
    return endsOnce([first.slice(before.length + quotes.length), ...rest], quotes);
  }
  if (rest.length > 0 || first.includes('\r')) return false;
  const read = readValue(first, before.length);
  if (read === undefined || read.end !== first.length) return false;
  if (typeof value === 'string') return read.value === value;
  return (
    typeof read.value !== 'string' &&
    read.value.length === value.length &&
    read.value.every((item, i) => item === value[i])
  );
}

/** Whether a text in triple quotes is closed at its end, and not before. */
function endsOnce(lines: readonly string[], quotes: string): boolean {
  return lines.every((line, i) => {
    if (i < lines.length - 1) return !line.includes(quotes);
    return findTripleEnd(line, 0, quotes) === line.length - quotes.length;
  });
}
