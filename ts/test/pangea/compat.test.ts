/** The Rust node's container: written byte for byte, and read with any loss. @module */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { concat } from '../../base/bytes.ts';
import { fromHex } from '../../base/hex.ts';
import { ScriptedRandom, SeededRandom, systemRandom } from '../../base/random.ts';
import {
  compressCompat,
  decodeCompat,
  decompressCompat,
  encodeCompat,
  packCompat,
  unpackCompat,
  type CompatAlgorithm,
} from '../../pangea/ces/compat.ts';
import { compressionLevel, typeOfContent } from '../../pangea/ces/file-type.ts';
import { isZstd, zstdFrames } from '../../pangea/ces/zstd-frame.ts';
import { zstdDecompress } from '../../pangea/ces/zstd.ts';
import { assert, rejectsCode, sameBytes, throwsCode } from '../support/assert.ts';
import { eachCase, loadGolden, type GoldenCase } from '../support/golden.ts';
import { sameLong } from '../support/long.ts';
import { seededFile } from '../support/pangea.ts';
import { suite } from '../support/suite.ts';

const t = suite('pangea/compat', import.meta.url);

const random = new SeededRandom(1125);
const golden = loadGolden('pangea', 'container');
const frame = new Uint8Array(
  readFileSync(new URL('../../../golden/pangea/container-frame.bin', import.meta.url))
);

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

interface Case {
  readonly algorithm: 'zstd' | 'brotli' | 'none';
  readonly level: number;
  readonly dataShards: number;
  readonly parityShards: number;
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly file: Uint8Array;
  readonly compressed: Uint8Array;
}

function caseOf(item: GoldenCase): Case {
  const input = item.in as unknown as Omit<Case, 'key' | 'nonce' | 'file' | 'compressed'>;
  const file = seededFile(item.in['file']);
  const compressed = item.out?.['compressed'];
  const long = input.algorithm === 'none' ? file : frame;
  return {
    ...input,
    key: fromHex(item.in['key'] as string),
    nonce: fromHex(item.in['nonce'] as string),
    file,
    compressed: typeof compressed === 'string' ? fromHex(compressed) : long,
  };
}

const isContainer = (item: GoldenCase): boolean => item.in['op'] === 'container';

/** How the reader must be set up for a case; `none` is told from raw files by no algorithm. */
function algorithmOf(item: GoldenCase): CompatAlgorithm {
  if (item.id.startsWith('no-compression')) return 'none';
  return item.in['algorithm'] === 'brotli' ? 'brotli' : 'zstd';
}

t(
  '[pangea/ces-4-byte-encrypted-length-prefix] makes the container of the Rust crates, shard for shard',
  () => {
    eachCase(
      golden,
      (item) => {
        const { compressed, nonce, ...key } = caseOf(item);
        sameLong(compressed, item.out?.['compressed']);
        const shards = packCompat(compressed, key, nonce);
        assert.is(shards[0]?.length, item.out?.['shardBytes']);
        assert.equal(shards.map(sha256), item.out?.['shards']);
        const container = concat(...shards.slice(0, key.dataShards));
        sameLong(container, item.out?.['container']);
        const view = new DataView(container.buffer);
        assert.is(view.getUint32(0, true), 24 + compressed.length + 16);
      },
      isContainer
    );
  }
);

t('[pangea/ces-zstd-compression-adaptive-level-3-9] takes each kind of file for what it is', () => {
  // The levels in the vectors are the node's by its table, not by a run of its detector.
  const items = golden.cases.filter((item) => isContainer(item) && algorithmOf(item) === 'zstd');
  assert.ok(items.length > 60);
  for (const item of items) {
    const { file, level, algorithm } = caseOf(item);
    assert.is(compressionLevel(typeOfContent(file)), level, item.id);
    assert.is(level === 0, algorithm === 'none', item.id);
  }
});

/** Losses that a container survives: the first data shards, the last ones, some of each kind. */
function losses(dataShards: number, parityShards: number): number[][] {
  const total = dataShards + parityShards;
  const all = Array.from({ length: total }, (_, shard) => shard);
  const some = new Set<number>();
  while (some.size < parityShards) some.add(random.below(total));
  return [
    [],
    all.slice(0, parityShards),
    all.slice(dataShards - parityShards, dataShards),
    all.slice(dataShards),
    [...some],
  ];
}

t(
  '[pangea/ces-zstd-compression-adaptive-level-3-9][pangea/ces-reconstruction-from-any-8-shards] reads what the Rust node wrote, also what it cannot read back',
  async () => {
    const items: GoldenCase[] = [];
    eachCase(golden, (item) => void items.push(item), isContainer);
    for (const item of items) {
      const { compressed, nonce, file, ...key } = caseOf(item);
      const shards = packCompat(compressed, key, nonce);
      assert.equal(shards.map(sha256), item.out?.['shards'], item.id);
      const ways = losses(key.dataShards, key.parityShards);
      // The largest ones are read whole and with one loss only.
      for (const lost of file.length > 100_000 ? ways.slice(0, 2) : ways) {
        const rest = shards.map((shard, i) => (lost.includes(i) ? undefined : shard));
        const read = await decodeCompat(rest, { ...key, algorithm: algorithmOf(item) });
        assert.is(sha256(read), item.out?.['contents'], `${item.id} without ${lost.join()}`);
      }
    }
  }
);

t('refuses what was changed, by code', async () => {
  const items: GoldenCase[] = [];
  eachCase(
    golden,
    (item) => void items.push(item),
    (item) => item.in['op'] === 'refuse'
  );
  for (const item of items) {
    const shards = (item.in['shards'] as string[]).map(fromHex);
    const { dataShards, parityShards } = item.in as unknown as Case;
    const key = fromHex(item.in['key'] as string);
    const code = item.error as 'AEAD_TAG' | 'PANGEA_CONTAINER';
    const reading = { key, dataShards, parityShards };
    throwsCode(() => unpackCompat(shards, reading), code, item.id);
    await rejectsCode(() => decodeCompat(shards, reading), code, item.id);
  }
});

t('any flipped bit of the container is refused, the zeros behind it excepted', () => {
  const key = { key: random.bytes(32), dataShards: 4, parityShards: 2 };
  const compressed = random.bytes(10);
  const shards = packCompat(compressed, key, random.bytes(24));
  const data = concat(...shards.slice(0, 4));
  const size = (shards[0] as Uint8Array).length;
  const end = 4 + 24 + 10 + 16;
  assert.ok(data.length > end, 'the case has padding');
  for (let bit = 0; bit < 8 * data.length; bit++) {
    const changed = shards.map((shard) => shard.slice());
    const shard = changed[Math.floor(bit / 8 / size)] as Uint8Array;
    const at = Math.floor(bit / 8) % size;
    shard[at] = (shard[at] as number) ^ (1 << (bit & 7));
    if (bit >> 3 >= end) sameBytes(unpackCompat(changed, key), compressed);
    else {
      assert.throws(
        () => unpackCompat(changed, key),
        /^ProtocolError: (?:AEAD_TAG|PANGEA_CONTAINER): |AEAD_TAG|PANGEA_CONTAINER/
      );
    }
  }
});

t('another key, other counts and too few shards are refused', async () => {
  const key = { key: random.bytes(32), dataShards: 8, parityShards: 4 };
  const shards = await encodeCompat(
    new TextEncoder().encode('Pangea '.repeat(90)),
    key,
    systemRandom
  );
  throwsCode(() => unpackCompat(shards, { ...key, key: random.bytes(32) }), 'AEAD_TAG');
  const other = { ...key, dataShards: 4, parityShards: 8 };
  assert.throws(() => unpackCompat(shards, other), /AEAD_TAG|PANGEA_CONTAINER/);
  const few = shards.map((shard, i) => (i % 2 === 0 || i === 1 ? shard : undefined));
  assert.is(
    throwsCode(() => unpackCompat(few, key), 'RS_TOO_FEW_SHARDS').message.includes('3, 5'),
    true
  );
  assert.throws(() => packCompat(new Uint8Array(1), key, new Uint8Array(12)), /"nonce" must be 24/);
  assert.throws(
    () => packCompat(new Uint8Array(1), { ...key, key: new Uint8Array(31) }, new Uint8Array(24)),
    /"key" must be 32 bytes, got 31/
  );
});

t(
  '[pangea/ces-zstd-compression-adaptive-level-3-9] files of every kind survive the way there and back',
  async () => {
    const samples = [
      new Uint8Array(0),
      fromHex('00'),
      new TextEncoder().encode('a line of text\n'.repeat(1000)),
      random.bytes(70_000),
      concat(fromHex('89504e470d0a1a0a'), random.bytes(999)),
      concat(fromHex('504b0304'), random.bytes(5000)),
      concat(fromHex('1f8b08'), random.bytes(100)),
      concat(fromHex('0000001866747970'), random.bytes(300)),
      new Uint8Array(3_000_000),
    ];
    for (const file of samples) {
      const key = { key: random.bytes(32), dataShards: 8, parityShards: 4 };
      const nonce = random.bytes(24);
      const shards = await encodeCompat(file, key, new ScriptedRandom([nonce]));
      const isRaw = compressionLevel(typeOfContent(file)) === 0;
      assert.is(isZstd(await compressCompat(file)), !isRaw);
      const rest = shards.map((shard, i) => (i % 3 === 0 ? undefined : shard));
      assert.is(sha256(await decodeCompat(rest, key)), sha256(file));
    }
  }
);

t('a bomb is stopped at the limit, whatever its head says', async () => {
  const zeros = new Uint8Array(40_000_000);
  const bomb = await compressCompat(zeros);
  assert.ok(bomb.length < 10_000, `${bomb.length} bytes`);
  await rejectsCode(() => decompressCompat(bomb, 'zstd', 1_000_000), 'PANGEA_LIMIT');
  assert.is((await decompressCompat(bomb)).length, zeros.length);
  // The Rust crates' frames do not tell their size.
  assert.not(zstdFrames(frame)[0]?.isExact);
  await rejectsCode(() => decompressCompat(frame, 'zstd', 1_199_999), 'PANGEA_LIMIT');
  assert.is((await decompressCompat(frame, 'zstd', 1_200_000)).length, 1_200_000);
  const zip = concat(fromHex('504b0304'), new Uint8Array(100));
  await rejectsCode(() => decompressCompat(zip, 'zstd', 103), 'PANGEA_LIMIT');
  await rejectsCode(() => decompressCompat(zip, 'none', 103), 'PANGEA_LIMIT');
});

t('damaged compressed data is refused, not passed on', async () => {
  const text = new TextEncoder().encode('damaged data '.repeat(500));
  const compressed = await compressCompat(text);
  for (const cut of [0, 1, 3, 4, 5, 8, compressed.length - 1]) {
    await rejectsCode(
      () => zstdDecompress(compressed.slice(0, cut), 1 << 20),
      'PANGEA_COMPRESSION'
    );
  }
  const trailing = concat(compressed, Uint8Array.of(1, 2, 3, 4));
  await rejectsCode(() => zstdDecompress(trailing, 1 << 20), 'PANGEA_COMPRESSION');
  await rejectsCode(() => decompressCompat(text, 'brotli'), 'PANGEA_COMPRESSION');
  await rejectsCode(() => decompressCompat(text), 'PANGEA_COMPRESSION');
});

t.run();
