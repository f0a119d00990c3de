/**
 * The test titles that the sources register, read without running them: so a mark that names no row
 * is found before any run, and evidence of a test that is gone is found after. @module
 */
import { importsOf, resolveImport } from './imports.ts';
import { splitTitle } from './marks.ts';
import { code, type Token } from './source.ts';

/** A title as the source spells it. */
export interface Title {
  readonly file: string;
  readonly line: number;
  /** Literal text, or the pieces around the substitutions of a template. */
  readonly pieces: readonly string[];
  /** Marks whose text is wholly literal. */
  readonly marks: readonly string[];
  readonly skipped: boolean;
}

/** The titles of one file. */
export interface FileTitles {
  readonly file: string;
  readonly titles: readonly Title[];
  /** Files that it imports, by path. */
  readonly imports: readonly string[];
  /** Whether a title is computed in a way that the text does not show, so any title may occur. */
  readonly open: boolean;
}

/**
 * Find the titles of one file: first arguments of calls of a suite, which is a name bound to
 * `suite(...)` or a parameter of type `TestSuite`; `.skip` calls count as skipped.
 */
export function titlesOf(file: string, source: string): FileTitles {
  const tokens = code(source);
  const suites = suiteNames(tokens);
  const titles: Title[] = [];
  let open = false;
  for (let at = 0; at < tokens.length; at++) {
    const call = callAt(tokens, at, suites);
    if (call === undefined) continue;
    const pieces = literalAt(tokens, call.argument);
    if (pieces === undefined) open = true;
    else {
      const line = (tokens[at] as Token).line;
      titles.push({ file, line, pieces, marks: marksOf(pieces), skipped: call.skipped });
    }
  }
  const imports = importsOf(tokens).flatMap(
    ({ specifier }) => resolveImport(file, specifier) ?? []
  );
  return { file, titles, imports, open };
}

/** Whether one of `titles` may come out as `text`, the title without its marks. */
export function mayRegister(titles: readonly Title[], text: string): boolean {
  return titles.some((title) => patternOf(title).test(text));
}

function suiteNames(tokens: readonly Token[]): Set<string> {
  const names = new Set<string>();
  for (let at = 0; at + 2 < tokens.length; at++) {
    const [name, mark, target] = tokens.slice(at, at + 3) as [Token, Token, Token];
    if (name.kind !== 'word') continue;
    if (mark.text === '=' && target.text === 'suite' && tokens[at + 3]?.text === '(') {
      names.add(name.text);
    }
    if (mark.text === ':' && target.text === 'TestSuite') names.add(name.text);
  }
  return names;
}

function callAt(
  tokens: readonly Token[],
  at: number,
  suites: ReadonlySet<string>
): { argument: number; skipped: boolean } | undefined {
  const name = tokens[at] as Token;
  if (name.kind !== 'word' || !suites.has(name.text)) return undefined;
  const before = tokens[at - 1]?.text;
  if (before === '.' || before === '?.' || before === 'function') return undefined;
  if (tokens[at + 1]?.text === '(') return { argument: at + 2, skipped: false };
  const skip = tokens[at + 1]?.text === '.' && tokens[at + 2]?.text === 'skip';
  return skip && tokens[at + 3]?.text === '(' ? { argument: at + 4, skipped: true } : undefined;
}

/** The pieces of a literal argument; strings and templates joined by `+` count as one literal. */
function literalAt(tokens: readonly Token[], start: number): string[] | undefined {
  const pieces: string[] = [''];
  let at = start;
  for (;;) {
    const token = tokens[at];
    if (token === undefined) return undefined;
    if (token.kind === 'string') {
      pieces.push(`${pieces.pop() ?? ''}${token.text}`);
      at += 1;
    } else if (token.kind === 'template' && token.head === true) {
      pieces.push(`${pieces.pop() ?? ''}${token.text}`);
      for (at += 1; token.tail !== true; at++) {
        const next = tokens[at];
        if (next === undefined) return undefined;
        if (next.kind !== 'template' || next.depth !== token.depth || next.head === true) continue;
        pieces.push(next.text);
        if (next.tail === true) {
          at += 1;
          break;
        }
      }
    } else return undefined;
    if (tokens[at]?.text !== '+') break;
    at += 1;
  }
  // The argument has to end here: `cond ? 'a' : 'b'` and the like are not literals.
  return tokens[at]?.text === ',' || tokens[at]?.text === ')' ? pieces : undefined;
}

/** A stand-in for a substitution, which no mark can contain. */
const HOLE = '\u0000';

function marksOf(pieces: readonly string[]): string[] {
  return splitTitle(pieces.join(HOLE)).rows;
}

function patternOf(title: Title): RegExp {
  const { text } = splitTitle(title.pieces.join(HOLE));
  // A mark with a substitution stays in front of the text, where evidence does not have it.
  const plain = text.replace(new RegExp(`^(?:\\[[^\\]]*${HOLE}[^\\]]*\\]\\s*)+`), '');
  const escaped = plain.split(HOLE).map((piece) => piece.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${escaped.join('[\\s\\S]*')}$`);
}
