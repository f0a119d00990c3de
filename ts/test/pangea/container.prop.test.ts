/** Laws of container v1 that hold for any file, shape and damage. @module */
import fc from 'fast-check';
import { SeededRandom } from '../../base/random.ts';
import { openContainer } from '../../pangea/ces/container.ts';
import { decodeBytes } from '../../pangea/ces/decode.ts';
import { contentDigest, encode } from '../../pangea/ces/encode.ts';
import { decodeManifest } from '../../pangea/ces/manifest.ts';
import { check, repair } from '../../pangea/ces/repair.ts';
import { ProtocolError } from '../../base/errors.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { collect, streamOf } from '../support/shards.ts';
import { suite } from '../support/suite.ts';

const t = suite('pangea/container properties', import.meta.url);

const STRIPE = 1024;

interface Case {
  readonly file: Uint8Array;
  readonly dataShards: number;
  readonly parityShards: number;
  readonly chunks: number[];
  readonly compressionLevel: number;
  readonly isConvergent: boolean;
  readonly seed: number;
}

const file = fc.oneof(
  fc.uint8Array({ maxLength: 4000, size: 'max' }),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 0, max: 90 }))
    .map(([part, times]) => Uint8Array.from(Array.from({ length: times }, () => [...part]).flat()))
);

const anyCase: fc.Arbitrary<Case> = fc.record({
  file,
  dataShards: fc.integer({ min: 1, max: 12 }),
  parityShards: fc.integer({ min: 1, max: 6 }),
  chunks: fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 5 }),
  compressionLevel: fc.constantFrom(0, 1, 9),
  isConvergent: fc.boolean(),
  seed: fc.nat(),
});

async function make(one: Case) {
  const random = new SeededRandom(one.seed);
  const key = random.bytes(32);
  const { dataShards, parityShards, compressionLevel } = one;
  const configuration = { dataShards, parityShards, compressionLevel, stripeBytes: STRIPE };
  const convergent = one.isConvergent
    ? { secret: random.bytes(32), digest: await contentDigest(streamOf(one.file)) }
    : undefined;
  const encoding = encode(streamOf(one.file, ...one.chunks), {
    ...{ locks: [{ key }], random, configuration },
    ...(convergent === undefined ? {} : { convergent }),
  });
  const made = await collect(encoding);
  return { ...made, key, total: dataShards + parityShards };
}

/** Places to lose or damage, at most as many in a stripe as the parity bears. */
function harm(
  { shards, total }: Awaited<ReturnType<typeof make>>,
  parityShards: number,
  stripes: number,
  seed: number
): string[] {
  const random = new SeededRandom(seed);
  const harmed = new Set<string>();
  for (let stripe = 0; stripe < stripes; stripe++) {
    for (let i = random.below(parityShards + 1); i > 0; i--) {
      const place = { stripe, shard: random.below(total) };
      const key = `${stripe}/${place.shard}`;
      if (harmed.has(key)) continue;
      harmed.add(key);
      if (random.below(2) === 0) shards.lose(place);
      else shards.damage(place, random.next());
    }
  }
  return [...harmed].sort();
}

t('a file comes back, whole and in any part, despite any bearable harm', async () => {
  await fc.assert(
    fc.asyncProperty(anyCase, fc.nat(), fc.nat(), fc.nat(), async (one, a, b, seed) => {
      const made = await make(one);
      harm(made, one.parityShards, made.manifest.stripes, seed);
      const container = await openContainer(made.manifest.bytes, { key: made.key });
      sameBytes(await decodeBytes(container, made.shards), one.file);
      const ends = [a, b].map((value) => value % (one.file.length + 1)).sort((x, y) => x - y);
      const [start = 0, end = 0] = ends;
      const part = await decodeBytes(container, made.shards, { start, end });
      sameBytes(part, one.file.slice(start, end));
    }),
    { numRuns: 60 }
  );
});

t('repair finds exactly the harm and undoes it', async () => {
  await fc.assert(
    fc.asyncProperty(anyCase, fc.nat(), async (one, seed) => {
      const made = await make(one);
      const before = new Map(made.shards.kept);
      const manifest = decodeManifest(made.manifest.bytes, { address: made.manifest.address });
      const harmed = harm(made, one.parityShards, made.manifest.stripes, seed);
      const found = (await check(manifest, made.shards)).damaged.flatMap(
        ({ stripe, missing, corrupt }) => [...missing, ...corrupt].map((s) => `${stripe}/${s}`)
      );
      assert.equal(found.sort(), harmed);
      const report = await repair(manifest, made.shards);
      assert.ok(report.isWhole);
      assert.equal(
        made.shards.writes.map(({ stripe, shard }) => `${stripe}/${shard}`).sort(),
        harmed
      );
      for (const [key, bytes] of before) sameBytes(made.shards.kept.get(key), bytes);
    }),
    { numRuns: 60 }
  );
});

t('no manifest that was changed or made up opens, and none crashes the reader', async () => {
  const wanted = ['PANGEA_MANIFEST', 'PANGEA_ADDRESS', 'PANGEA_LOCKED', 'PANGEA_LIMIT'];
  const refused = async (bytes: Uint8Array, key: Uint8Array): Promise<void> => {
    let caught: unknown;
    await openContainer(bytes, { key }).catch((error: unknown) => (caught = error));
    assert.ok(caught instanceof ProtocolError && wanted.includes(caught.code), String(caught));
  };
  await fc.assert(
    fc.asyncProperty(anyCase, fc.nat(), fc.integer({ min: 1, max: 255 }), async (one, at, flip) => {
      const { manifest, key } = await make(one);
      const changed = manifest.bytes.slice();
      changed[at % changed.length] = (changed[at % changed.length] as number) ^ flip;
      await refused(changed, key);
      await refused(manifest.bytes.slice(0, at % changed.length), key);
    }),
    { numRuns: 60 }
  );
  const front = fc.constantFrom([], [0x54, 0x43, 0x45, 0x53, 1, 1, 1, 1, 8, 4, 1, 0, 0, 4, 0, 0]);
  await fc.assert(
    fc.asyncProperty(front, fc.uint8Array({ maxLength: 600 }), async (head, tail) => {
      await refused(Uint8Array.of(...head, ...tail), new Uint8Array(32));
    })
  );
});

t.run();
