/** What a source file reaches: static, dynamic and re-exported modules, and worker files by URL. @module */
import type { Token } from './source.ts';

/** One way in which a file reaches another. */
export interface Import {
  /** The text between the quotes; `undefined` when it is computed. */
  readonly specifier: string | undefined;
  readonly line: number;
  /** `url` is `new URL('./file.ts', import.meta.url)`, as worker files are named. */
  readonly how: 'static' | 'dynamic' | 'require' | 'url';
}

/** List the imports in `tokens`, which must hold no comments. Types count: knowing is knowing. */
export function importsOf(tokens: readonly Token[]): Import[] {
  return tokens.flatMap((token, at) => {
    if (token.kind !== 'word' || isProperty(tokens, at)) return [];
    const found =
      token.text === 'import'
        ? fromImport(tokens, at)
        : token.text === 'export'
          ? fromExport(tokens, at)
          : token.text === 'require'
            ? fromCall(tokens, at, 'require')
            : token.text === 'URL'
              ? fromUrl(tokens, at)
              : undefined;
    return found === undefined ? [] : [{ ...found, line: token.line }];
  });
}

type Found = Omit<Import, 'line'>;

function isProperty(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1]?.text;
  return before === '.' || before === '?.';
}

function fromImport(tokens: readonly Token[], at: number): Found | undefined {
  const next = tokens[at + 1];
  if (next === undefined || next.text === '.' || next.text === ':') return undefined;
  if (next.text === '(') return fromCall(tokens, at, 'dynamic');
  if (next.kind === 'string') return { specifier: next.text, how: 'static' };
  return fromClause(tokens, at + 1);
}

function fromExport(tokens: readonly Token[], at: number): Found | undefined {
  let next = at + 1;
  if (tokens[next]?.text === 'type') next += 1;
  const text = tokens[next]?.text;
  return text === '*' || text === '{' ? fromClause(tokens, next) : undefined;
}

/** Find `from '...'` before the statement ends. */
function fromClause(tokens: readonly Token[], start: number): Found | undefined {
  for (let at = start; at < tokens.length; at++) {
    const token = tokens[at] as Token;
    if (token.text === ';' && token.kind === 'punct') return undefined;
    if (token.kind !== 'word' || token.text !== 'from') continue;
    const next = tokens[at + 1];
    if (next?.kind === 'string') return { specifier: next.text, how: 'static' };
    // `export { a }` without a source ends at its bracket; the next `from` is another statement's.
    if (next === undefined) return undefined;
  }
  return undefined;
}

function fromCall(
  tokens: readonly Token[],
  at: number,
  how: 'dynamic' | 'require'
): Found | undefined {
  if (tokens[at + 1]?.text !== '(') return undefined;
  const argument = tokens[at + 2];
  const literal = argument?.kind === 'string' || isWholeTemplate(argument);
  const end = tokens[at + 3]?.text;
  const whole = literal && (end === ')' || end === ',');
  return { specifier: whole ? argument?.text : undefined, how };
}

function fromUrl(tokens: readonly Token[], at: number): Found | undefined {
  const [open, path] = [tokens[at + 1], tokens[at + 2]];
  if (open?.text !== '(' || path?.kind !== 'string') return undefined;
  return /^\.{1,2}\/.*\.[cm]?[jt]s$/.test(path.text)
    ? { specifier: path.text, how: 'url' }
    : undefined;
}

function isWholeTemplate(token: Token | undefined): boolean {
  return token?.kind === 'template' && token.head === true && token.tail === true;
}

/** The path of a relative import from the root of the repository; `undefined` for packages. */
export function resolveImport(file: string, specifier: string | undefined): string | undefined {
  if (specifier === undefined || !/^\.{1,2}(\/|$)/.test(specifier)) return undefined;
  const parts = file.split('/').slice(0, -1);
  for (const piece of specifier.split('/')) {
    if (piece === '..') parts.pop();
    else if (piece !== '.' && piece !== '') parts.push(piece);
  }
  return parts.join('/');
}

/** The package of a bare specifier: `@noble/hashes/sha2.js` is of `@noble/hashes`. */
export function packageOf(specifier: string): string {
  const pieces = specifier.split('/');
  return pieces.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}
