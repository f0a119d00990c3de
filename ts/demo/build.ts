/**
 * Builds the page: static files for any web server, and one file that opens from disk. Same sources in,
 * same bytes out.
 *
 * usage: build.ts [--out FOLDER]   (default .build/demo; the single file is demo.html in it) @module
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build, type BuildOptions, type Metafile } from 'esbuild';
import { contentPolicy } from './policy.ts';

/** A built page: file names and their bytes; the first file is the page itself. */
export interface BuiltPage {
  /** Files to host; `index.html` is the page. */
  readonly hosted: ReadonlyMap<string, Uint8Array>;
  /** The page as a single file. */
  readonly single: string;
}

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));
const wasmFile = join(root, 'node_modules/zxing-wasm/dist/reader/zxing_reader.wasm');

const COMMON: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  write: false,
  charset: 'utf8',
  legalComments: 'none',
  target: ['es2022', 'chrome114', 'firefox115', 'safari16.4'],
  logLevel: 'error',
  metafile: true,
};

/** Every package that went into a bundle, for the file of licenses. */
type Packages = Set<string>;

async function bundle(
  entry: string,
  packages: Packages,
  define: Record<string, string> = {}
): Promise<string> {
  const result = await build({
    ...COMMON,
    entryPoints: [entry],
    format: 'iife',
    platform: 'browser',
    define,
  });
  collectPackages(result.metafile, packages);
  const [output] = result.outputFiles ?? [];
  if (output === undefined) throw new Error(`${entry} gave no output`);
  return output.text;
}

function collectPackages(metafile: Metafile | undefined, packages: Packages): void {
  for (const input of Object.keys(metafile?.inputs ?? {})) {
    const match = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (match?.[1] !== undefined) packages.add(match[1]);
  }
}

/** Build both forms of the page in memory. */
export async function buildPage(): Promise<BuiltPage> {
  const packages: Packages = new Set();
  const [page, single, stampWorker, scanWorker, style] = await Promise.all([
    bundle('ts/demo/page.ts', packages),
    bundle('ts/demo/single.ts', packages),
    bundle('ts/host/browser/stamp-worker.ts', packages),
    bundle('ts/demo/worker/scan.ts', packages),
    bundleStyle(),
  ]);
  const licenses = licenseTexts(packages);
  const wasm = new Uint8Array(readFileSync(wasmFile));
  const files = new Map<string, Uint8Array>();
  const add = (name: string, content: string | Uint8Array): void => {
    files.set(name, typeof content === 'string' ? new TextEncoder().encode(content) : content);
  };
  add('index.html', hostedHtml());
  add('page.css', style);
  add('page.js', page);
  add('stamp-worker.js', stampWorker);
  add('scan-worker.js', scanWorker);
  add('zxing_reader.wasm', wasm);
  for (const name of ['manifest.webmanifest', 'icon.svg', 'icon-maskable.svg'])
    add(name, asset(name));
  add('licenses.txt', licenses);
  add(
    'offline.js',
    await bundle('ts/demo/worker/offline.ts', packages, { BUILD: precache(files) })
  );
  return {
    hosted: files,
    single: singleHtml({ script: single, style, stampWorker, scanWorker, wasm, licenses }),
  };
}

async function bundleStyle(): Promise<string> {
  const result = await build({ ...COMMON, entryPoints: ['ts/demo/style/page.css'] });
  return result.outputFiles?.[0]?.text.trim() ?? '';
}

/** Version and list for the service worker; the page is known as the folder it is in. */
function precache(files: ReadonlyMap<string, Uint8Array>): string {
  const hash = createHash('sha256');
  for (const [name, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${name} ${bytes.length}\n`).update(bytes);
  }
  const names = [...files.keys()].map((name) => (name === 'index.html' ? './' : name));
  return JSON.stringify({ version: hash.digest('hex').slice(0, 16), files: names });
}

function hostedHtml(): string {
  const head = [
    '<link rel="icon" href="icon.svg" type="image/svg+xml" />',
    '<link rel="manifest" href="manifest.webmanifest" />',
    '<link rel="stylesheet" href="page.css" />',
    '<script src="page.js" defer></script>',
  ];
  return html({ policy: contentPolicy(), head: head.join('\n    '), tail: '' });
}

interface SingleParts {
  readonly script: string;
  readonly style: string;
  readonly stampWorker: string;
  readonly scanWorker: string;
  readonly wasm: Uint8Array;
  readonly licenses: string;
}

function singleHtml(parts: SingleParts): string {
  const { script, style, stampWorker, scanWorker } = parts;
  const zxingWasm = gzipSync(parts.wasm, { level: 9 }).toString('base64');
  // A data block is not run; escaping `<` keeps its text from ending it.
  const enclosed = JSON.stringify({ stampWorker, scanWorker, zxingWasm }).replaceAll(
    '<',
    '\\u003c'
  );
  const icon = btoa(asset('icon.svg'));
  const inline = { script: sourceHash(script), style: sourceHash(style) };
  const head = [
    `<link rel="icon" href="data:image/svg+xml;base64,${icon}" />`,
    `<style>${style}</style>`,
    // In the head, because the page replaces all that is in its body.
    `<script type="application/json" id="enclosed">${enclosed}</script>`,
  ];
  const tail = [`<script>${script}</script>`, `<!--\n${parts.licenses.replaceAll('--', '- -')}-->`];
  return html({ policy: contentPolicy({ inline }), head: head.join('\n'), tail: tail.join('\n') });
}

function sourceHash(source: string): string {
  return `'sha256-${createHash('sha256').update(source).digest('base64')}'`;
}

function html(parts: Readonly<Record<'policy' | 'head' | 'tail', string>>): string {
  return asset('index.html').replace(
    /\{\{(policy|head|tail)\}\}/g,
    (_, name: 'policy' | 'head' | 'tail') => parts[name]
  );
}

function asset(name: string): string {
  return readFileSync(join(here, 'static', name), 'utf8');
}

/** The terms of everything that is inside the files, as those terms ask for. */
function licenseTexts(packages: Packages): string {
  const own = `tesserae\n\n${readFileSync(join(root, 'LICENSE'), 'utf8').trim()}\n`;
  const others = [...packages].sort().map((name) => {
    const folder = join(root, 'node_modules', name);
    const { license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      license?: string;
    };
    return `${name} (${license ?? 'see below'})\n\n${licenseOf(folder)}\n`;
  });
  return [own, ...others].join(`\n${'-'.repeat(72)}\n\n`);
}

function licenseOf(folder: string): string {
  for (const name of ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license']) {
    try {
      return readFileSync(join(folder, name), 'utf8').trim();
    } catch {
      // Packages spell the name differently; the next spelling is tried.
    }
  }
  return 'The package states no terms beyond the name above.';
}

/** Write both forms of the page into a folder, which is emptied first. */
export function writePage(page: BuiltPage, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  for (const [name, bytes] of page.hosted) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
  writeFileSync(join(folder, 'demo.html'), page.single);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { out: { type: 'string' } } });
  const out = values.out ?? join(root, '.build/demo');
  const page = await buildPage();
  writePage(page, out);
  const sizes = [...page.hosted].map(([name, bytes]) => `${name} ${bytes.length}`);
  process.stdout.write(`${out}: ${sizes.join(', ')}, demo.html ${page.single.length}\n`);
}
