/** Zstandard by a host's own library; on a Node without one, a stand-in with its interface. @module */
import { SeededRandom } from '../../base/random.ts';
import { builtin } from '../../kernel/native.ts';
import { assert, rejectsCode, sameBytes } from '../support/assert.ts';
import { suite } from '../support/suite.ts';

const t = suite('pangea/zstd by the host', import.meta.url);

type Done = (error: Error | null, result?: Uint8Array) => void;

interface Host {
  zstdCompress?(data: Uint8Array, options: { params: Record<number, number> }, done: Done): void;
  zstdDecompress?(data: Uint8Array, options: { maxOutputLength: number }, done: Done): void;
}

const host = builtin('node:zlib') as Host;
const levels: number[] = [];

if (host.zstdCompress === undefined) {
  const library = await import('@bokuweb/zstd-wasm');
  await library.init();
  const LEVEL = 100;
  host.zstdCompress = (data, { params }, done) => {
    levels.push(params[LEVEL] as number);
    done(null, Buffer.from(library.compress(data, params[LEVEL] as number)));
  };
  host.zstdDecompress = (data, { maxOutputLength }, done) => {
    try {
      const out = library.decompress(data, { defaultHeapSize: 1 << 20 });
      const error = Object.assign(new RangeError('too large'), { code: 'ERR_BUFFER_TOO_LARGE' });
      if (out.length > maxOutputLength) done(error);
      else done(null, Buffer.from(out));
    } catch (error) {
      done(error as Error);
    }
  };
}

const { zstdCompress, zstdDecompress, zstdEngine } = await import('../../pangea/ces/zstd.ts');

t(
  '[pangea/ces-zstd-compression-adaptive-level-3-9] the host compresses and decompresses',
  async () => {
    assert.is(await zstdEngine(), 'node:zlib');
    const data = new TextEncoder().encode('by the host '.repeat(100));
    const compressed = await zstdCompress(data, 6);
    if (levels.length > 0) assert.equal(levels, [6]);
    assert.ok(compressed.length < 100);
    sameBytes(await zstdDecompress(compressed, data.length), data);
    await rejectsCode(() => zstdDecompress(compressed, data.length - 1), 'PANGEA_LIMIT');
    const damaged = await zstdCompress(new SeededRandom(2).bytes(5000), 1);
    damaged[4] = (damaged[4] as number) ^ 0x20;
    await rejectsCode(() => zstdDecompress(damaged, 100_000), 'PANGEA_COMPRESSION');
  }
);

t.run();
