/** Repair: finds what is missing and wrong by hash, makes exactly that anew, and proves it. @module */
import { SeededRandom } from '../../base/random.ts';
import { openContainer } from '../../pangea/ces/container.ts';
import { decodeBytes } from '../../pangea/ces/decode.ts';
import { encode } from '../../pangea/ces/encode.ts';
import {
  AddressHash,
  decodeManifest,
  hashShard,
  type Manifest,
} from '../../pangea/ces/manifest.ts';
import { check, repair, type RepairReport } from '../../pangea/ces/repair.ts';
import { assert, rejectsCode, sameBytes } from '../support/assert.ts';
import { MemoryShards, collect, streamOf } from '../support/shards.ts';
import { suite } from '../support/suite.ts';

const t = suite('pangea/repair', import.meta.url);

const random = new SeededRandom(16);
const KEY = random.bytes(32);
const STRIPE = 2048;

async function make(size: number): Promise<{
  file: Uint8Array;
  shards: MemoryShards;
  original: ReadonlyMap<string, Uint8Array>;
  manifest: Manifest;
  bytes: Uint8Array;
}> {
  const file = random.bytes(size);
  const configuration = { stripeBytes: STRIPE };
  const encoding = encode(streamOf(file, 999), { locks: [{ key: KEY }], random, configuration });
  const { shards, manifest } = await collect(encoding);
  return {
    file,
    shards,
    original: new Map(shards.kept),
    manifest: decodeManifest(manifest.bytes, { address: manifest.address }),
    bytes: manifest.bytes,
  };
}

function sameShards(shards: MemoryShards, original: ReadonlyMap<string, Uint8Array>): void {
  assert.is(shards.kept.size, original.size);
  for (const [key, bytes] of original) sameBytes(shards.kept.get(key), bytes, key);
}

const whole = { isWhole: true, isReadable: true, damaged: [] };

t('a whole container is left alone', async () => {
  const { shards, manifest } = await make(3 * STRIPE);
  const report = await repair(manifest, shards);
  assert.equal(report, { ...whole, stripes: 3 });
  assert.equal(shards.writes, []);
});

t('missing and corrupt shards are made anew, exactly those, without a key', async () => {
  const { shards, original, manifest } = await make(4 * STRIPE + 5);
  shards.lose({ stripe: 0, shard: 0 });
  shards.damage({ stripe: 0, shard: 11 }, 3);
  for (const shard of [1, 4, 6, 9]) shards.lose({ stripe: 2, shard });
  shards.damage({ stripe: 4, shard: 7 }, 8);
  const report = await repair(manifest, shards);
  const expected: RepairReport = {
    stripes: 5,
    isWhole: true,
    isReadable: true,
    damaged: [
      { stripe: 0, missing: [0], corrupt: [11], canRepair: true, replaced: [0, 11] },
      { stripe: 2, missing: [1, 4, 6, 9], corrupt: [], canRepair: true, replaced: [1, 4, 6, 9] },
      { stripe: 4, missing: [], corrupt: [7], canRepair: true, replaced: [7] },
    ],
  };
  assert.equal(report, expected);
  const written = report.damaged.flatMap(({ stripe, replaced }) =>
    replaced.map((shard) => ({ stripe, shard }))
  );
  assert.equal(shards.writes, written);
  sameShards(shards, original);
  assert.equal(await repair(manifest, shards), { ...whole, stripes: 5 });
});

t('checking changes nothing', async () => {
  const { shards, manifest } = await make(STRIPE);
  shards.lose({ stripe: 0, shard: 2 });
  const before = new Map(shards.kept);
  const report = await check(manifest, shards);
  assert.equal(report.damaged, [
    { stripe: 0, missing: [2], corrupt: [], canRepair: true, replaced: [] },
  ]);
  assert.not(report.isWhole);
  assert.ok(report.isReadable);
  assert.equal(shards.writes, []);
  assert.equal(shards.kept, before);
});

t('a stripe beyond repair is reported and left alone, the others are mended', async () => {
  const { shards, original, manifest } = await make(3 * STRIPE);
  for (const shard of [0, 1, 2, 3, 4]) shards.lose({ stripe: 1, shard });
  shards.lose({ stripe: 2, shard: 8 });
  const report = await repair(manifest, shards);
  assert.not(report.isWhole);
  assert.not(report.isReadable);
  assert.equal(report.damaged, [
    { stripe: 1, missing: [0, 1, 2, 3, 4], corrupt: [], canRepair: false, replaced: [] },
    { stripe: 2, missing: [8], corrupt: [], canRepair: true, replaced: [8] },
  ]);
  assert.equal(shards.writes, [{ stripe: 2, shard: 8 }]);
  for (const [key, bytes] of shards.kept) sameBytes(bytes, original.get(key) as Uint8Array);
});

t('stripes of another encoding of the same file never mix in', async () => {
  const one = await make(STRIPE);
  const again = encode(streamOf(one.file), {
    locks: [{ key: KEY }],
    random,
    configuration: { stripeBytes: STRIPE },
  });
  const two = await collect(again);
  // A healer that encodes anew and overwrites some shards: here they count as corrupt.
  for (const shard of [0, 3, 8]) {
    one.shards.kept.set(`0/${shard}`, two.shards.kept.get(`0/${shard}`) as Uint8Array);
  }
  const report = await repair(one.manifest, one.shards);
  assert.equal(report.damaged[0]?.corrupt, [0, 3, 8]);
  sameShards(one.shards, one.original);
});

t('only the stripes asked for are looked at', async () => {
  const { shards, manifest } = await make(4 * STRIPE);
  shards.lose({ stripe: 0, shard: 0 });
  shards.lose({ stripe: 3, shard: 0 });
  const report = await repair(manifest, shards, { stripes: [3, 1] });
  assert.is(report.stripes, 2);
  assert.equal(
    report.damaged.map(({ stripe }) => stripe),
    [3]
  );
  assert.not(shards.kept.has('0/0'));
  let caught: unknown;
  await repair(manifest, shards, { stripes: [4] }).catch((error: unknown) => (caught = error));
  assert.match(String(caught), /RangeError: "stripes" must be integers 0..3, got 4/);
});

t('what is put back can be read again with the worst loss of the rest', async () => {
  const { shards, manifest, file, bytes } = await make(2 * STRIPE);
  for (const shard of [0, 1, 2, 3]) shards.lose({ stripe: 0, shard });
  await repair(manifest, shards);
  for (const shard of [4, 5, 6, 7]) shards.lose({ stripe: 0, shard });
  const container = await openContainer(bytes, { key: KEY });
  sameBytes(await decodeBytes(container, shards), file);
});

t('hashes that belong to no stripe are noticed before anything is replaced', async () => {
  const { shards, manifest } = await make(100);
  // A manifest whose maker lied about one shard: every hash is right, but they are no code word.
  const false_ = random.bytes((shards.kept.get('0/10') as Uint8Array).length);
  const hashes = (manifest.stripes[0]?.hashes ?? new Uint8Array(0)).slice();
  hashes.set(hashShard(false_), 10 * 32);
  const stripes = [{ sealedBytes: manifest.stripes[0]?.sealedBytes ?? 0, hashes }];
  const address = new AddressHash(manifest);
  stripes.forEach((entry) => address.add(entry));
  const lying: Manifest = { ...manifest, stripes, address: address.finish() };
  shards.lose({ stripe: 0, shard: 1 });
  shards.lose({ stripe: 0, shard: 10 });
  await rejectsCode(() => repair(lying, shards), 'PANGEA_STRIPE');
  assert.equal(shards.writes, []);
});

t('a signal ends repair between stripes, and progress is told', async () => {
  const { shards, manifest } = await make(5 * STRIPE);
  const abort = new AbortController();
  const reason = new Error('stop');
  const told: number[] = [];
  const watching = repair(manifest, shards, {
    signal: abort.signal,
    onProgress: ({ stripes }) => {
      told.push(stripes);
      if (stripes === 2) abort.abort(reason);
    },
  });
  let caught: unknown;
  await watching.catch((error: unknown) => (caught = error));
  assert.is(caught, reason);
  assert.equal(told, [1, 2]);
});

t.run();
