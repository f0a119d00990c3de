/**
 * Zstandard with a limit on what comes out: the host's library where `node:zlib` has it, the reference
 * library built for WebAssembly elsewhere. The two may compress to different bytes; each reads the
 * other's. @module
 */
import { assertInteger, concat } from '../../base/bytes.ts';
import { ProtocolError } from '../../base/errors.ts';
import { builtin } from '../../kernel/native.ts';
import { zstdFrames, type ZstdFrame } from './zstd-frame.ts';

/** Levels that may be asked for; higher ones need memory out of proportion. */
export const ZSTD_LEVELS = { least: 1, most: 19 } as const;

type Done = (error: (Error & { code?: string }) | null, result: Uint8Array) => void;

/** The part of `node:zlib` that this module uses, typed by structure. */
interface HostZlib {
  zstdCompress?(data: Uint8Array, options: object, done: Done): void;
  zstdDecompress?(data: Uint8Array, options: object, done: Done): void;
  brotliDecompress?(data: Uint8Array, options: object, done: Done): void;
}

/** One way to compress and to decompress a whole frame. */
interface ZstdEngine {
  readonly name: 'node:zlib' | 'zstd-wasm';
  compress(data: Uint8Array, level: number): Promise<Uint8Array>;
  /** @param mostBytes - room for the output; more is an error */
  decompress(frame: ZstdFrame, mostBytes: number): Promise<Uint8Array>;
}

let loading: Promise<ZstdEngine> | undefined;
let wasmPlace: string | undefined;

/** Which library serves here: `node:zlib` or `zstd-wasm`. */
export async function zstdEngine(): Promise<'node:zlib' | 'zstd-wasm'> {
  return (await engine()).name;
}

/**
 * Say where a page finds `zstd.wasm`, before anything is compressed there. Bundlers that know
 * `new URL('./zstd.wasm', import.meta.url)` need no such hint.
 */
export function placeZstdWasm(url: string): void {
  wasmPlace = url;
}

function engine(): Promise<ZstdEngine> {
  loading ??= load();
  return loading;
}

async function load(): Promise<ZstdEngine> {
  const host = builtin('node:zlib') as HostZlib | undefined;
  return hostEngine(host) ?? (await wasmEngine());
}

/**
 * Compress into one frame.
 * @param level - 1 to 19
 */
export async function zstdCompress(data: Uint8Array, level: number): Promise<Uint8Array> {
  assertInteger('level', level, ZSTD_LEVELS.least, ZSTD_LEVELS.most);
  return (await engine()).compress(data, level);
}

/**
 * Decompress whole frames.
 * @param mostBytes - the most that may come out
 * @throws ProtocolError `PANGEA_LIMIT` when more would come out, `PANGEA_COMPRESSION` when it is not
 * zstd data
 */
export async function zstdDecompress(data: Uint8Array, mostBytes: number): Promise<Uint8Array> {
  const { decompress } = await engine();
  const parts: Uint8Array[] = [];
  let left = mostBytes;
  for (const frame of zstdFrames(data)) {
    // A head that announces too much is refused before any memory is taken.
    if (frame.isExact && frame.mostBytes > left) throw tooLong(mostBytes);
    const isBounded = frame.mostBytes <= left;
    const part = await decompress(frame, Math.min(left, frame.mostBytes)).catch(
      (error: unknown) => {
        // What exceeds the frame's own bound is damage, not size.
        throw isBounded && isLimit(error) ? broken(error) : error;
      }
    );
    left -= part.length;
    parts.push(part);
  }
  return parts.length === 1 ? (parts[0] as Uint8Array) : concat(...parts);
}

function tooLong(mostBytes: number): ProtocolError {
  return new ProtocolError('PANGEA_LIMIT', `more than ${mostBytes} bytes come out`);
}

function isLimit(error: unknown): boolean {
  return error instanceof ProtocolError && error.code === 'PANGEA_LIMIT';
}

function broken(cause: unknown): ProtocolError {
  return new ProtocolError('PANGEA_COMPRESSION', 'the compressed data is damaged', { cause });
}

/** A call of `node:zlib` as a promise; its own limit becomes ours. */
function calling(run: (done: Done) => void, mostBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    run((error, result) => {
      if (error === null) resolve(new Uint8Array(result));
      else reject(error.code === 'ERR_BUFFER_TOO_LARGE' ? tooLong(mostBytes) : broken(error));
    });
  });
}

/** `ZSTD_c_compressionLevel`. */
const LEVEL_PARAMETER = 100;

function hostEngine(host: HostZlib | undefined): ZstdEngine | undefined {
  const { zstdCompress: compress, zstdDecompress: decompress } = host ?? {};
  if (compress === undefined || decompress === undefined) return undefined;
  return {
    name: 'node:zlib',
    compress: (data, level) =>
      calling((done) => compress(data, { params: { [LEVEL_PARAMETER]: level } }, done), Infinity),
    // A limit of zero is refused by the host.
    decompress: ({ bytes }, mostBytes) =>
      calling(
        (done) => decompress(bytes, { maxOutputLength: Math.max(1, mostBytes) }, done),
        mostBytes
      ),
  };
}

/** The reference library says by this code that the output does not fit. */
const TOO_SMALL = /code -70$/;

async function wasmEngine(): Promise<ZstdEngine> {
  const library = await import('@bokuweb/zstd-wasm');
  const init: (url?: string) => Promise<void> = library.init;
  await init(wasmPlace);
  return {
    name: 'zstd-wasm',
    compress: (data, level) => Promise.resolve(library.compress(data, level)),
    decompress({ bytes }, mostBytes) {
      try {
        // The library takes the size from the head where it is told there, else from the option.
        const out = library.decompress(bytes, { defaultHeapSize: Math.max(1, mostBytes) });
        return Promise.resolve(out);
      } catch (error) {
        const isFull = error instanceof Error && TOO_SMALL.test(error.message);
        return Promise.reject(isFull ? tooLong(mostBytes) : broken(error));
      }
    },
  };
}

/**
 * Decompress a Brotli stream with the host's library.
 * @throws ProtocolError `PANGEA_COMPRESSION` when it is damaged or the host has no Brotli,
 * `PANGEA_LIMIT` when more than `mostBytes` would come out
 */
export async function brotliDecompress(data: Uint8Array, mostBytes: number): Promise<Uint8Array> {
  const host = builtin('node:zlib') as HostZlib | undefined;
  const decompress = host?.brotliDecompress;
  if (decompress === undefined) {
    throw new ProtocolError('PANGEA_COMPRESSION', 'this host has no Brotli');
  }
  const options = { maxOutputLength: Math.max(1, mostBytes) };
  const out = await calling((done) => decompress(data, options, done), mostBytes);
  if (out.length > mostBytes) throw tooLong(mostBytes);
  return out;
}
