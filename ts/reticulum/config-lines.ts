/**
 * The lines of a configuration file: section headers, keys and values, with the same readings as the
 * reference's, in odd cases too.
 *
 * The reference matches each line against patterns that try one reading after the other. Here each
 * pattern is a small scanner that tries the readings in that order and remembers where it has failed, so
 * that no line takes more than quadratic time.
 * @module
 * @see RNS/vendor/configobj.py ConfigObj._parse, _handle_value, _multiline (configobj 5.0.9)
 */

/** A value as it stands in a file: one text, or a list of texts. */
export type ConfigValue = string | readonly string[];

/** A `[section]` or `[[subsection]]` line. */
export interface HeaderLine {
  readonly indent: string;
  readonly opened: number;
  readonly closed: number;
  readonly name: string;
}

/** A `key = …` line, up to where its value starts. */
export interface KeyLine {
  readonly indent: string;
  readonly key: string;
  /** Index of the value's first character. */
  readonly valueAt: number;
}

/** A value that ends on the line on which it starts. */
export interface ValueText {
  readonly value: ConfigValue;
  /** Index behind the value, where blanks and a comment may follow. */
  readonly end: number;
}

const QUOTES = ['"', "'"] as const;
const SPACES = new Set(
  '\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006' +
    '\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'
);

/** Whether a character is blank to Python's patterns. */
export function isBlank(character: string | undefined): boolean {
  return character !== undefined && SPACES.has(character);
}

/** The text without blanks at both ends. */
export function trimBlanks(text: string): string {
  const from = skipBlanks(text, 0);
  return text.slice(from, Math.max(from, skipBlanksBack(text, text.length)));
}

/** Whether a line holds nothing, or only a comment. */
export function isComment(line: string): boolean {
  const first = line[skipBlanks(line, 0)];
  return first === undefined || first === '#';
}

/** Read a section header; `undefined` when the line is none. */
export function readHeader(line: string): HeaderLine | undefined {
  const start = skipBlanks(line, 0);
  const starts: number[] = [];
  let at = start;
  while (line[at] === '[') {
    at = skipBlanks(line, at + 1);
    starts.push(at);
  }
  // As many brackets as possible open the header; fewer are tried when no name follows.
  for (let opened = starts.length; opened > 0; opened--) {
    const found = readName(line, starts[opened - 1] as number);
    if (found !== undefined) return { indent: line.slice(0, start), opened, ...found };
  }
  return undefined;
}

function readName(line: string, from: number): { name: string; closed: number } | undefined {
  const first = line[from];
  if (first === undefined || isBlank(first)) return undefined;
  if (first === '"' || first === "'") {
    for (let end = from + 2; end < line.length; end++) {
      if (line[end] !== first || trimBlanks(line.slice(from + 1, end)) === '') continue;
      const closed = countClosers(line, end + 1);
      if (closed !== undefined) return { name: line.slice(from + 1, end), closed };
    }
    return undefined;
  }
  for (let end = from + 1; end < line.length; end++) {
    const closed = countClosers(line, end);
    if (closed !== undefined) return { name: unquote(line.slice(from, end)), closed };
  }
  return undefined;
}

/** How many brackets close a header, when nothing but a comment follows them. */
function countClosers(line: string, from: number): number | undefined {
  let at = from;
  let closed = 0;
  for (;;) {
    const next = skipBlanks(line, at);
    if (line[next] !== ']') break;
    at = next + 1;
    closed += 1;
  }
  return closed > 0 && endsHere(line, at) ? closed : undefined;
}

/** Read the start of a line that sets a key; `undefined` when the line sets none. */
export function readKey(line: string): KeyLine | undefined {
  // A blank may be part of the key where no other reading is left.
  for (let at = skipBlanks(line, 0); at >= 0; at--) {
    const end = keyEnd(line, at);
    if (end === undefined) continue;
    const valueAt = skipBlanks(line, skipBlanks(line, end) + 1);
    return { indent: line.slice(0, at), key: unquote(line.slice(at, end)), valueAt };
  }
  return undefined;
}

/** Where a key that starts at `at` ends: before the blanks before an equals sign. */
function keyEnd(line: string, at: number): number | undefined {
  const first = line[at];
  if (first === undefined || first === '=') return undefined;
  if (first === '"' || first === "'") {
    for (let end = line.indexOf(first, at + 1); end >= 0; end = line.indexOf(first, end + 1)) {
      if (line[skipBlanks(line, end + 1)] === '=') return end + 1;
    }
    return undefined;
  }
  const equals = line.indexOf('=', at + 1);
  return equals < 0 ? undefined : Math.max(at + 1, skipBlanksBack(line, equals));
}

/** Read a value that is not in triple quotes; `undefined` when it is malformed. */
export function readValue(line: string, from: number): ValueText | undefined {
  const reader = new ListReader(line, from);
  const split = reader.read(from);
  if (split === undefined) {
    if (line[from] !== ',' || !endsHere(line, from + 1)) return undefined;
    return { value: [], end: from + 1 };
  }
  const { lastAt, last } = split;
  const isList = lastAt > from;
  if (!isList) {
    return last === undefined
      ? undefined
      : { value: unquote(line.slice(last.from, last.to)), end: last.to };
  }
  const items = splitItems(line.slice(from, lastAt));
  if (items === undefined) return undefined;
  if (last !== undefined && last.to > last.from)
    items.push(unquote(line.slice(last.from, last.to)));
  const end = last !== undefined && last.to > last.from ? last.to : skipBlanksBack(line, lastAt);
  return { value: items, end };
}

/** A text within a line. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** The items before the last one end at `lastAt`; `last` is absent when the list ends with a comma. */
interface Split {
  readonly lastAt: number;
  readonly last: Span | undefined;
}

/** Finds out where the last item of a list starts, or the only item of a value. */
class ListReader {
  readonly #line: string;
  readonly #start: number;
  readonly #failed = new Set<number>();

  constructor(line: string, start: number) {
    this.#line = line;
    this.#start = start;
  }

  /** Read the rest from `at`, which is where an item may start. */
  read(at: number): Split | undefined {
    if (this.#failed.has(at)) return undefined;
    const found = this.#readItem(at) ?? this.#readLast(at);
    if (found === undefined) this.#failed.add(at);
    return found;
  }

  /** An item that a comma follows, then the rest. */
  #readItem(at: number): Split | undefined {
    const line = this.#line;
    const first = line[at];
    for (const quote of QUOTES) {
      if (first !== quote) continue;
      for (let end = line.indexOf(quote, at + 1); end >= 0; end = line.indexOf(quote, end + 1)) {
        const found = this.#readAfter(end + 1);
        if (found !== undefined) return found;
      }
    }
    if (first === undefined || '\'",#'.includes(first)) return undefined;
    let end = at + 1;
    while (end < line.length && line[end] !== ',' && line[end] !== '#') end += 1;
    return line[end] === ',' ? this.#readAfter(end) : undefined;
  }

  /** A comma among blanks, then the rest. */
  #readAfter(from: number): Split | undefined {
    const comma = skipBlanks(this.#line, from);
    if (this.#line[comma] !== ',') return undefined;
    for (let at = skipBlanks(this.#line, comma + 1); at > comma; at--) {
      const found = this.read(at);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The last item, with nothing but a comment behind it. */
  #readLast(at: number): Split | undefined {
    const line = this.#line;
    const first = line[at];
    for (const quote of QUOTES) {
      if (first !== quote) continue;
      for (let end = line.indexOf(quote, at + 1); end >= 0; end = line.indexOf(quote, end + 1)) {
        if (endsHere(line, end + 1)) return { lastAt: at, last: { from: at, to: end + 1 } };
      }
    }
    if (first !== undefined && !'\'",#'.includes(first) && !isBlank(first)) {
      const hash = line.indexOf('#', at + 1);
      const to = skipBlanksBack(line, hash < 0 ? line.length : hash);
      if (!line.slice(at, to).includes(',')) return { lastAt: at, last: { from: at, to } };
    }
    if (!endsHere(line, at)) return undefined;
    const afterComma = at > this.#start && line[at - 1] === ',';
    return { lastAt: at, last: afterComma ? undefined : { from: at, to: at } };
  }
}

/** Cut the part of a list in which every item is followed by a comma; `undefined` when one is empty. */
function splitItems(text: string): string[] | undefined {
  const items: string[] = [];
  let at = 0;
  while (text.indexOf(',', at) >= 0) {
    const end = itemEnd(text, at);
    if (end === at) return undefined;
    items.push(unquote(text.slice(at, end)));
    at = skipBlanks(text, skipBlanks(text, end) + 1);
  }
  return items;
}

function itemEnd(text: string, at: number): number {
  const first = text[at] as string;
  if (first === '"' || first === "'") {
    for (let end = text.indexOf(first, at + 1); end >= 0; end = text.indexOf(first, end + 1)) {
      if (text[skipBlanks(text, end + 1)] === ',') return end + 1;
    }
  }
  const least = '\'",#'.includes(first) ? at : at + 1;
  return Math.max(least, skipBlanksBack(text, text.indexOf(',', least), at));
}

/** The triple quotes that start a value; `undefined` when none do. */
export function tripleQuoteAt(line: string, at: number): string | undefined {
  const three = line.slice(at, at + 3);
  return three === '"""' || three === "'''" ? three : undefined;
}

/** The closing quotes after `from` that nothing but a comment follows; -1 when there are none. */
export function findTripleEnd(line: string, from: number, quotes: string): number {
  for (let at = line.indexOf(quotes, from); at >= 0; at = line.indexOf(quotes, at + 1)) {
    if (endsHere(line, at + 3)) return at;
  }
  return -1;
}

/** Take one pair of equal quotes off; the text must not be empty. */
function unquote(text: string): string {
  const first = text[0];
  const quoted = (first === '"' || first === "'") && text.at(-1) === first;
  return quoted ? text.slice(1, -1) : text;
}

/** Whether only blanks and a comment follow. */
function endsHere(line: string, from: number): boolean {
  const next = line[skipBlanks(line, from)];
  return next === undefined || next === '#';
}

/** Index of the first character from `from` on that is no blank. */
export function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && isBlank(text[at])) at += 1;
  return at;
}

function skipBlanksBack(text: string, from: number, least = 0): number {
  let at = from;
  while (at > least && isBlank(text[at - 1])) at -= 1;
  return at;
}
