/**
 * Serves the page on this machine: `node --import tsx ts/demo/serve.ts`, port 4242 or PORT.
 * Only what was built is served, with the page's policy, and only to this machine. @module
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { buildPage } from './build.ts';
import { pageHeaders } from './policy.ts';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  svg: 'image/svg+xml',
  wasm: 'application/wasm',
  webmanifest: 'application/manifest+json',
};

const HOST = '127.0.0.1';
const USUAL_PORT = 4242;

/** How the page is served. */
export interface ServeOptions {
  /** 0 picks a free one. */
  readonly port: number;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Whether the policy allows WebAssembly. */
  readonly wasm?: boolean;
}

/** A running server. */
export interface RunningServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serve built files on the loopback interface. Rejects when the port is taken. */
export function serveFiles(options: ServeOptions): Promise<RunningServer> {
  const server = createServer((request, response) => answer(request, response, options));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, HOST, () => {
      const { port } = server.address() as AddressInfo;
      resolve({ url: `http://${HOST}:${port}/`, close: () => closed(server) });
    });
  });
}

function answer(request: IncomingMessage, response: ServerResponse, options: ServeOptions): void {
  const headers = { ...pageHeaders({ wasm: options.wasm ?? true }) };
  const say = (status: number, text: string): void => {
    response.writeHead(status, { ...headers, 'content-type': TYPES['txt'] }).end(text);
  };
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return say(405, 'only GET and HEAD\n');
  }
  const path = (request.url ?? '/').replace(/[?#].*$/s, '').slice(1);
  const name = path === '' ? 'index.html' : path;
  const bytes = options.files.get(name);
  if (bytes === undefined) return say(404, 'no such file\n');
  const type = TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
  response.writeHead(200, { ...headers, 'content-type': type, 'content-length': bytes.length });
  response.end(request.method === 'HEAD' ? undefined : withPolicy(name, bytes, options));
}

/** The page repeats the policy for servers that send none; both must say the same. */
function withPolicy(name: string, bytes: Uint8Array, { wasm }: ServeOptions): Uint8Array {
  if (name !== 'index.html' || wasm !== false) return bytes;
  // Same length: the header with the length has been sent.
  const word = " 'wasm-unsafe-eval'";
  const text = new TextDecoder().decode(bytes).replace(word, ' '.repeat(word.length));
  return new TextEncoder().encode(text);
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function portFrom(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return USUAL_PORT;
  const port = Number(text);
  return Number.isInteger(port) && port >= 0 && port <= 65535 ? port : undefined;
}

async function main(): Promise<number> {
  const port = portFrom(process.env['PORT']);
  if (port === undefined) {
    process.stderr.write(`PORT must be a number from 0 to 65535, got "${process.env['PORT']}"\n`);
    return 2;
  }
  const { hosted } = await buildPage();
  try {
    const { url } = await serveFiles({ port, files: hosted });
    process.stdout.write(`paper messages at ${url} (stop with Ctrl+C)\n`);
    return 0;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason =
      code === 'EADDRINUSE'
        ? `port ${port} is taken; choose another with PORT=${port + 1}`
        : `cannot listen on port ${port}: ${(error as Error).message}`;
    process.stderr.write(`${reason}\n`);
    return 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main();
