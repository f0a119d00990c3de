/**
 * A small tokenizer for TypeScript and JavaScript sources, so that the checks read code and not
 * comments or strings: no pattern is matched against raw text where a token will do. @module
 */

/** What a {@link Token} is; a template is cut at its substitutions, whose tokens lie in between. */
export type TokenKind = 'word' | 'number' | 'string' | 'template' | 'regex' | 'punct' | 'comment';

/** One piece of source text. */
export interface Token {
  readonly kind: TokenKind;
  /** The text; for strings and templates what stands between the quotes, escapes resolved. */
  readonly text: string;
  /** Line number, from 1. */
  readonly line: number;
  /** Nesting of brackets of any kind around the token; 0 at the top of a module. */
  readonly depth: number;
  /** For a template piece: whether it opens and whether it closes the literal. */
  readonly head?: boolean;
  readonly tail?: boolean;
}

const WORD_START = /[\p{ID_Start}$_#@]/u;
const WORD = /[\p{ID_Start}\p{ID_Continue}$_\u200c\u200d#@]+/uy;
const NUMBER = /(?:0[xob][\da-f_]+|\d[\d_]*(?:\.[\d_]+)?(?:e[+-]?\d+)?)n?/iy;
const PUNCT = /=>|\?\.(?!\d)|\?\?=?|\.\.\.|[=!]==?|&&=?|\|\|=?|\*\*=?|\+\+|--|[\s\S]/y;
/** A slash after one of these words starts a regular expression. */
const BEFORE_REGEX = new Set(
  'return typeof case in of delete void throw new else do instanceof yield await'.split(' ')
);
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', '0': '\0' };

/** Cut `source` into tokens, comments included; never throws, even on text that is not code. */
export function tokenize(source: string): Token[] {
  return new Scanner(source).run();
}

/** The tokens without the comments. */
export function code(source: string): Token[] {
  return tokenize(source).filter((token) => token.kind !== 'comment');
}

class Scanner {
  readonly #source: string;
  readonly #tokens: Token[] = [];
  /** Open brackets; a template substitution is noted as a grave accent. */
  readonly #open: string[] = [];
  #at = 0;
  #line = 1;
  #last: Token | undefined;

  constructor(source: string) {
    this.#source = source;
  }

  run(): Token[] {
    if (this.#source.startsWith('#!')) this.#skipTo('\n');
    while (this.#at < this.#source.length) this.#next();
    return this.#tokens;
  }

  #next(): void {
    const c = this.#source[this.#at] as string;
    if (c === '\n') {
      this.#line += 1;
      this.#at += 1;
    } else if (/\s/.test(c)) this.#at += 1;
    else if (this.#source.startsWith('//', this.#at)) this.#comment('\n', 0);
    else if (this.#source.startsWith('/*', this.#at)) this.#comment('*/', 2);
    else if (c === '"' || c === "'") this.#string(c);
    else if (c === '`') {
      this.#at += 1;
      this.#template(true);
    } else if (c === '}' && this.#open.at(-1) === '`') {
      this.#open.pop();
      this.#at += 1;
      this.#template(false);
    } else if (c === '/' && this.#regexMayStart() && this.#regex()) return;
    else if (WORD_START.test(c)) this.#take('word', WORD);
    else if (/\d/.test(c)) this.#take('number', NUMBER);
    else this.#punct();
  }

  #emit(kind: TokenKind, text: string, ends?: { head: boolean; tail: boolean }): void {
    const token = { kind, text, line: this.#line, depth: this.#open.length, ...ends };
    this.#tokens.push(token);
    if (kind !== 'comment') this.#last = token;
  }

  #take(kind: TokenKind, pattern: RegExp): void {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#source)?.[0] ?? (this.#source[this.#at] as string);
    this.#emit(kind, text);
    this.#at += text.length;
  }

  #punct(): void {
    PUNCT.lastIndex = this.#at;
    const text = PUNCT.exec(this.#source)?.[0] as string;
    // A closing bracket has the depth of its opening one.
    if (/^[)\]}]$/.test(text)) this.#open.pop();
    this.#emit('punct', text);
    if (/^[([{]$/.test(text)) this.#open.push(text);
    this.#at += text.length;
  }

  #comment(end: string, keep: number): void {
    const found = this.#source.indexOf(end, this.#at + 2);
    const stop = found < 0 ? this.#source.length : found + keep;
    const text = this.#source.slice(this.#at, stop);
    this.#emit('comment', text);
    this.#count(text);
    this.#at = stop;
  }

  #string(quote: string): void {
    let text = '';
    let at = this.#at + 1;
    for (; at < this.#source.length; at++) {
      const c = this.#source[at] as string;
      if (c === quote || c === '\n') break;
      if (c === '\\') {
        const [piece, length] = escape(this.#source, at);
        text += piece;
        at += length - 1;
      } else text += c;
    }
    this.#emit('string', text);
    this.#count(this.#source.slice(this.#at, at));
    this.#at = at + 1;
  }

  #template(head: boolean): void {
    let text = '';
    let at = this.#at;
    let tail = true;
    for (; at < this.#source.length; at++) {
      const c = this.#source[at] as string;
      if (c === '`') break;
      if (c === '$' && this.#source[at + 1] === '{') {
        tail = false;
        break;
      }
      if (c === '\\') {
        const [piece, length] = escape(this.#source, at);
        text += piece;
        at += length - 1;
      } else text += c;
    }
    this.#emit('template', text, { head, tail });
    this.#count(this.#source.slice(this.#at, at));
    this.#at = at + (tail ? 1 : 2);
    if (!tail) this.#open.push('`');
  }

  #regexMayStart(): boolean {
    const last = this.#last;
    if (last === undefined) return true;
    if (last.kind === 'word') return BEFORE_REGEX.has(last.text);
    return last.kind === 'punct' && last.text !== ')' && last.text !== ']';
  }

  /** Take a regular expression; false when the slash has no partner on its line. */
  #regex(): boolean {
    const found = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;
    found.lastIndex = this.#at;
    const text = found.exec(this.#source)?.[0];
    if (text === undefined) return false;
    this.#emit('regex', text);
    this.#at += text.length;
    return true;
  }

  #count(text: string): void {
    for (const c of text) if (c === '\n') this.#line += 1;
  }

  #skipTo(end: string): void {
    const found = this.#source.indexOf(end);
    this.#at = found < 0 ? this.#source.length : found;
  }
}

/** The value of the escape at `at`, and how many characters it takes. */
function escape(source: string, at: number): [string, number] {
  const unicode = /\\(?:u\{([\da-f]+)\}|u([\da-f]{4})|x([\da-f]{2}))/iy;
  unicode.lastIndex = at;
  const match = unicode.exec(source);
  if (match !== null) {
    const digits = match[1] ?? match[2] ?? match[3] ?? '';
    return [String.fromCodePoint(Math.min(parseInt(digits, 16), 0x10ffff)), match[0].length];
  }
  const c = source[at + 1] ?? '';
  if (c === '\n') return ['', 2];
  return [ESCAPES[c] ?? c, 2];
}
