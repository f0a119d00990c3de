import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { concat } from '../base/bytes.ts';
import { ProtocolError } from '../base/errors.ts';
import { fromHex } from '../base/hex.ts';
import { decodeImage } from '../qr/image.ts';
import { pngChunk, pngChunks, PNG_SIGNATURE, type PngChunk } from '../qr/pngchunk.ts';
import { assert } from './support/assert.ts';
import { eachCase, loadGolden } from './support/golden.ts';
import { suite } from './support/suite.ts';

const t = suite('qr images, mutated', import.meta.url);
const LIMIT = 4096;

const seeds: Uint8Array[] = [];
t.before(() => {
  eachCase(loadGolden('qr', 'png'), (item) => void seeds.push(fromHex(item.in['png'] as string)));
});

/** Decode, and insist that the outcome is a bounded picture or a coded refusal. */
async function tame(bytes: Uint8Array): Promise<void> {
  try {
    const image = await decodeImage(bytes, { maxPixels: LIMIT });
    assert.ok(image.width * image.height <= LIMIT);
    assert.is(image.data.length, image.width * image.height * 4);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    assert.is(error.code, 'IMAGE_FORMAT');
  }
}

/** A well-formed file again, with fresh checksums, so that damage reaches past the chunk layer. */
function rebuilt(chunks: readonly PngChunk[]): Uint8Array {
  return concat(PNG_SIGNATURE, ...chunks.map((chunk) => pngChunk(chunk.type, chunk.data)));
}

const patches = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 });

function patched(bytes: Uint8Array, list: readonly (readonly [number, number])[]): Uint8Array {
  const out = bytes.slice();
  for (const [at, value] of list) if (out.length > 0) out[at % out.length] = value;
  return out;
}

t('overwritten bytes anywhere in a file', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), patches, async (pick, list) => {
      await tame(patched(seeds[pick % seeds.length] as Uint8Array, list));
    }),
    { numRuns: 600 }
  );
});

t('damaged chunks behind valid checksums', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), patches, async (pick, which, list) => {
      const chunks = [...pngChunks(seeds[pick % seeds.length] as Uint8Array)];
      const index = which % chunks.length;
      const chunk = chunks[index] as PngChunk;
      chunks[index] = { ...chunk, data: patched(chunk.data, list) };
      await tame(rebuilt(chunks));
    }),
    { numRuns: 600 }
  );
});

t('chunks dropped, doubled, swapped and cut', async () => {
  const edit = fc.tuple(fc.constantFrom('drop', 'double', 'swap', 'cut'), fc.nat(), fc.nat());
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.array(edit, { maxLength: 5 }), async (pick, edits) => {
      const chunks = [...pngChunks(seeds[pick % seeds.length] as Uint8Array)];
      for (const [kind, a, b] of edits) {
        if (chunks.length === 0) break;
        const at = a % chunks.length;
        const chunk = chunks[at] as PngChunk;
        if (kind === 'drop') chunks.splice(at, 1);
        else if (kind === 'double') chunks.splice(at, 0, chunk);
        else if (kind === 'swap') chunks.push(...chunks.splice(at, 1));
        else chunks[at] = { ...chunk, data: chunk.data.subarray(0, b % (chunk.data.length + 1)) };
      }
      await tame(rebuilt(chunks));
    }),
    { numRuns: 600 }
  );
});

t('random headers over random pixel data', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 13, maxLength: 13 }),
      fc.uint8Array({ maxLength: 400 }),
      fc.boolean(),
      async (header, raw, small) => {
        const head = header.slice();
        // Half of the runs get a header that passes, so that the pixel layer is reached.
        if (small) {
          head.set([0, 0, 0, 1 + ((header[3] as number) % 16)], 0);
          head.set([0, 0, 0, 1 + ((header[7] as number) % 16)], 4);
          head[8] = [1, 2, 4, 8, 16][(header[8] as number) % 5] as number;
          head[9] = [0, 2, 3, 4, 6][(header[9] as number) % 5] as number;
          head.set([0, 0, (header[12] as number) & 1], 10);
        }
        const data = new Uint8Array(deflateSync(raw));
        const chunks = [
          ['IHDR', head],
          ['PLTE', raw.slice(0, raw.length - (raw.length % 3)).subarray(0, 768)],
          ['IDAT', data],
          ['IEND', new Uint8Array(0)],
        ] as const;
        await tame(concat(PNG_SIGNATURE, ...chunks.map(([type, body]) => pngChunk(type, body))));
      }
    ),
    { numRuns: 600 }
  );
});

t('bytes that are not a PNG at all', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (bytes, signed) => {
      await tame(signed ? concat(PNG_SIGNATURE, bytes) : bytes);
    }),
    { numRuns: 400 }
  );
});

t.run();
