/** Zstandard: frames outlined without decompressing, limits, and both libraries. @module */
import { concat } from '../../base/bytes.ts';
import { fromHex } from '../../base/hex.ts';
import { SeededRandom } from '../../base/random.ts';
import { builtin } from '../../kernel/native.ts';
import { isZstd, zstdFrames } from '../../pangea/ces/zstd-frame.ts';
import {
  brotliDecompress,
  zstdCompress,
  zstdDecompress,
  zstdEngine,
} from '../../pangea/ces/zstd.ts';
import { assert, rejectsCode, sameBytes, throwsCode } from '../support/assert.ts';
import { suite } from '../support/suite.ts';

const t = suite('pangea/zstd', import.meta.url);

const random = new SeededRandom(8878);
const text = new TextEncoder().encode('a frame of text, '.repeat(400));

/** A frame by hand: head without a size, then blocks (last flag and kind set by the caller). */
const head = fromHex('28b52ffd' + '00' + '58');
const block = (isLast: boolean, kind: number, size: number, ...body: readonly number[]) => {
  const value = (size << 3) | (kind << 1) | Number(isLast);
  return Uint8Array.of(value & 255, (value >> 8) & 255, value >> 16, ...body);
};

t('[pangea/ces-zstd-compression-adaptive-level-3-9] every level comes back', async () => {
  for (const level of [1, 3, 6, 9, 19]) {
    const compressed = await zstdCompress(text, level);
    assert.ok(isZstd(compressed) && compressed.length < text.length / 10);
    sameBytes(await zstdDecompress(compressed, text.length), text);
  }
  for (const data of [new Uint8Array(0), random.bytes(1), random.bytes(200_000)]) {
    sameBytes(await zstdDecompress(await zstdCompress(data, 3), data.length), data);
  }
  for (const level of [0, 20, 2.5]) {
    let caught: unknown;
    await zstdCompress(text, level).catch((error: unknown) => (caught = error));
    assert.match(String(caught), /RangeError: "level" must be an integer 1..19/);
  }
});

t('uses the host library where there is one', async () => {
  const host = builtin('node:zlib') as { zstdCompress?: unknown };
  const expected = host.zstdCompress === undefined ? 'zstd-wasm' : 'node:zlib';
  assert.is(await zstdEngine(), expected);
});

t('reads frames one after the other, and passes over what is to be skipped', async () => {
  const skippable = fromHex('502a4d18' + '03000000' + 'aabbcc');
  const [one, two] = [await zstdCompress(text, 1), await zstdCompress(random.bytes(10), 1)];
  const frames = zstdFrames(concat(skippable, one, skippable, two));
  assert.equal(
    frames.map(({ bytes }) => bytes.length),
    [one.length, two.length]
  );
  const all = await zstdDecompress(concat(one, skippable, one), 2 * text.length);
  sameBytes(all, concat(text, text));
  await rejectsCode(() => zstdDecompress(concat(one, one), 2 * text.length - 1), 'PANGEA_LIMIT');
  sameBytes(await zstdDecompress(skippable, 0), '');
});

t('knows the most that a frame can come to', async () => {
  const handmade = concat(
    head,
    block(false, 0, 3, 1, 2, 3),
    block(false, 1, 1000, 7),
    block(true, 0, 0)
  );
  const [frame] = zstdFrames(handmade);
  assert.is(frame?.mostBytes, 1003);
  assert.not(frame?.isExact);
  const expected = concat(Uint8Array.of(1, 2, 3), new Uint8Array(1000).fill(7));
  sameBytes(await zstdDecompress(handmade, 1003), expected);
  await rejectsCode(() => zstdDecompress(handmade, 1002), 'PANGEA_LIMIT');
  // Heads that tell the size in one, two, four and eight bytes.
  for (const [field, size] of [
    ['2003', 3],
    ['600300', 259],
    ['a003000100', 65539],
    ['e0' + '0300000001000000', 2 ** 32 + 3],
  ] as const) {
    const exact = concat(fromHex('28b52ffd' + field), block(true, 0, 3, 1, 2, 3));
    const [outline] = zstdFrames(exact);
    assert.is(outline?.mostBytes, size);
    assert.ok(outline?.isExact);
  }
});

t('a head that announces too much is refused before any memory is taken', async () => {
  const huge = concat(fromHex('28b52ffd' + 'e0' + 'ffffffffffff0f00'), block(true, 0, 0));
  assert.is(zstdFrames(huge)[0]?.mostBytes, 0xfffffffffffff);
  await rejectsCode(() => zstdDecompress(huge, 1 << 30), 'PANGEA_LIMIT');
});

t('a frame that is longer or shorter than its head says is damaged', async () => {
  const longer = concat(fromHex('28b52ffd' + '20' + '02'), block(true, 0, 3, 1, 2, 3));
  await rejectsCode(() => zstdDecompress(longer, 1000), 'PANGEA_COMPRESSION');
  const shorter = concat(fromHex('28b52ffd' + '20' + '04'), block(true, 0, 3, 1, 2, 3));
  await rejectsCode(() => zstdDecompress(shorter, 1000), 'PANGEA_COMPRESSION');
});

t('refuses by offset what is no frame', () => {
  const cases: [Uint8Array, RegExp][] = [
    [new Uint8Array(0), /is empty/],
    [fromHex('28b52f'), /ends 1 bytes early \(at byte 0\)/],
    [fromHex('00000000'), /has no frame here \(at byte 0\)/],
    [concat(head.slice(0, 4), fromHex('08')), /sets a reserved bit \(at byte 4\)/],
    [concat(head.slice(0, 4), fromHex('01' + '58' + '05')), /needs a dictionary/],
    [concat(head, block(true, 3, 1, 0)), /a reserved kind \(at byte 6\)/],
    [concat(head, block(true, 0, 131073)), /a block that is too large/],
    [concat(head, block(true, 0, 5, 1)), /ends 4 bytes early/],
    [concat(head, block(false, 0, 0)), /ends 3 bytes early/],
    [concat(head, block(true, 0, 0), Uint8Array.of(1)), /ends 3 bytes early/],
    [fromHex('502a4d18' + 'ffffffff'), /early/],
    [concat(fromHex('28b52ffd' + '04' + '58'), block(true, 0, 0)), /ends 4 bytes early/],
  ];
  for (const [data, message] of cases) {
    assert.match(throwsCode(() => zstdFrames(data), 'PANGEA_COMPRESSION').message, message);
  }
});

t('damage anywhere is refused or makes other bytes, never more than the limit', async () => {
  const compressed = await zstdCompress(text, 9);
  for (let i = 0; i < 300; i++) {
    const changed = compressed.slice();
    const at = random.below(changed.length);
    changed[at] = (changed[at] as number) ^ (1 + random.below(255));
    try {
      const out = await zstdDecompress(changed, 10_000);
      assert.ok(out.length <= 10_000);
    } catch (error) {
      assert.match(String(error), /PANGEA_(?:COMPRESSION|LIMIT)/);
    }
  }
});

t('Brotli has the same limits', async () => {
  const host = builtin('node:zlib') as { brotliCompressSync(data: Uint8Array): Uint8Array };
  const compressed = new Uint8Array(host.brotliCompressSync(text));
  sameBytes(await brotliDecompress(compressed, text.length), text);
  await rejectsCode(() => brotliDecompress(compressed, text.length - 1), 'PANGEA_LIMIT');
  await rejectsCode(() => brotliDecompress(compressed.slice(0, 9), 9999), 'PANGEA_COMPRESSION');
});

t.run();
