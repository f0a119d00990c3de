/**
 * A configuration file as its lines: what is not changed is written back byte for byte.
 * @module
 * @see RNS/vendor/configobj.py ConfigObj._parse (configobj 5.0.9)
 */
import { ProtocolError } from '../base/errors.ts';
import {
  findTripleEnd,
  isComment,
  readHeader,
  readKey,
  readValue,
  skipBlanks,
  tripleQuoteAt,
  type ConfigValue,
} from './config-lines.ts';

/** A key with its value, and the text around the value. */
export interface EntryNode {
  readonly kind: 'entry';
  readonly key: string;
  /** Number of the line on which it starts, from 1. */
  readonly line: number;
  readonly indent: string;
  /** Everything up to the value. */
  readonly before: string;
  value: ConfigValue;
  /** The value as it is written. */
  written: string;
  /** Everything after the value: blanks, a comment, the line's end. */
  readonly after: string;
}

/** The line that starts a section. */
export interface HeaderNode {
  readonly kind: 'header';
  readonly name: string;
  readonly depth: number;
  readonly line: number;
  readonly indent: string;
  readonly text: string;
}

/** Lines without meaning: blank ones and comments. */
export interface OtherNode {
  readonly kind: 'other';
  readonly text: string;
}

/** One line of a file, or the lines of one value in triple quotes. */
export type ConfigNode = EntryNode | HeaderNode | OtherNode;

/** Largest file that is read, in characters. */
export const MAX_CONFIG_CHARACTERS: number = 4 * 1024 * 1024;

/**
 * Read a file's lines, one after the other, so that the first of several errors is the one reported.
 * @throws ProtocolError `RNS_CONFIG` with file and line when a line is malformed, or the file too large
 */
export function* readDocument(text: string, fileName: string): Generator<ConfigNode, void> {
  if (text.length > MAX_CONFIG_CHARACTERS) {
    throw new ProtocolError('RNS_CONFIG', 'file is too large', { at: fileName });
  }
  const lines = splitLines(text);
  for (let index = 0; index < lines.length;) {
    const refuse = (what: string): never => {
      throw configError(what, fileName, index + 1);
    };
    const { content, ending } = lines[index] as Line;
    if (isComment(content)) {
      yield { kind: 'other', text: content + ending };
      index += 1;
      continue;
    }
    const header = readHeader(content);
    if (header !== undefined) {
      const { name, indent, opened, closed } = header;
      if (opened !== closed) refuse('brackets of the section header do not match');
      const text = content + ending;
      yield { kind: 'header', name, depth: opened, line: index + 1, indent, text };
      index += 1;
      continue;
    }
    const { node, taken } = readEntry(lines, index, refuse);
    yield node;
    index += taken;
  }
}

/** The text of a file from its lines. */
export function writeDocument(nodes: readonly ConfigNode[]): string {
  return nodes.map((node) => textOf(node)).join('');
}

/** An error of a file, with its place. `path` names section and key. */
export function configError(
  what: string,
  fileName: string,
  line: number | undefined,
  path = ''
): ProtocolError {
  const place = line === undefined ? fileName : `${fileName}:${line}`;
  return new ProtocolError('RNS_CONFIG', what, { at: path === '' ? place : `${place} ${path}` });
}

function textOf(node: ConfigNode): string {
  return node.kind === 'entry' ? node.before + node.written + node.after : node.text;
}

interface Line {
  readonly content: string;
  readonly ending: string;
}

/** Lines end with a line feed only; carriage returns before it belong to the ending. */
function splitLines(text: string): Line[] {
  const lines: Line[] = [];
  for (let at = 0; at < text.length;) {
    const feed = text.indexOf('\n', at);
    const next = feed < 0 ? text.length : feed + 1;
    let end = next;
    while (end > at && (text[end - 1] === '\n' || text[end - 1] === '\r')) end -= 1;
    lines.push({ content: text.slice(at, end), ending: text.slice(end, next) });
    at = next;
  }
  return lines;
}

function readEntry(
  lines: readonly Line[],
  index: number,
  refuse: (what: string) => never
): { node: EntryNode; taken: number } {
  const { content, ending } = lines[index] as Line;
  const found = readKey(content) ?? refuse('neither a section nor a key with a value');
  const { key, indent, valueAt } = found;
  const base = {
    kind: 'entry',
    key,
    indent,
    line: index + 1,
    before: content.slice(0, valueAt),
  } as const;
  const quotes = tripleQuoteAt(content, valueAt);
  if (quotes !== undefined) {
    const { value, written, after, taken } = readTriple(lines, index, valueAt, quotes, refuse);
    return { node: { ...base, value, written, after }, taken };
  }
  const read = readValue(content, valueAt) ?? refuse(`value of "${key}" is malformed`);
  const written = content.slice(valueAt, read.end);
  const after = content.slice(read.end) + ending;
  return { node: { ...base, value: read.value, written, after }, taken: 1 };
}

/** Read a value in triple quotes, which may go on over lines. */
function readTriple(
  lines: readonly Line[],
  index: number,
  valueAt: number,
  quotes: string,
  refuse: (what: string) => never
): { value: string; written: string; after: string; taken: number } {
  const first = lines[index] as Line;
  const textAt = valueAt + quotes.length;
  const end = findTripleEnd(first.content, textAt, quotes);
  if (end >= 0) {
    return {
      value: first.content.slice(textAt, end),
      written: first.content.slice(valueAt, end + quotes.length),
      after: first.content.slice(end + quotes.length) + first.ending,
      taken: 1,
    };
  }
  if (first.content.includes(quotes, textAt)) refuse('text follows the closing quotes');
  let value = first.content.slice(textAt);
  let written = first.content.slice(valueAt) + first.ending;
  for (let next = index + 1; next < lines.length; next++) {
    const { content, ending } = lines[next] as Line;
    if (!content.includes(quotes)) {
      value += `\n${content}`;
      written += content + ending;
      continue;
    }
    const close = findTripleEnd(content, 0, quotes);
    if (close < 0) refuse('text follows the closing quotes');
    const stop = close + quotes.length;
    return {
      value: `${value}\n${content.slice(0, close)}`,
      written: written + content.slice(0, stop),
      after: content.slice(stop) + ending,
      taken: next - index + 1,
    };
  }
  return refuse('triple quotes are not closed');
}

/** What a comment behind a value holds, without its mark; empty when there is none. */
export function inlineComment(entry: EntryNode): string {
  const at = skipBlanks(entry.after, 0);
  return entry.after[at] === '#' ? entry.after.slice(at + 1).trim() : '';
}
