/** Container v1: there and back, ranges, locks, streams, and what is refused. @module */
import { concat, equalBytes } from '../../base/bytes.ts';
import { toHex } from '../../base/hex.ts';
import { SeededRandom } from '../../base/random.ts';
import { openContainer, relockContainer } from '../../pangea/ces/container.ts';
import { decodeBytes } from '../../pangea/ces/decode.ts';
import {
  contentDigest,
  encode,
  type EncodeOptions,
  type EncodedManifest,
} from '../../pangea/ces/encode.ts';
import { decodeManifest, hashShard, shardHash } from '../../pangea/ces/manifest.ts';
import { assert, rejectsCode, sameBytes, throwsCode } from '../support/assert.ts';
import { StripeCodec } from '../../pangea/ces/stripe.ts';
import { MemoryShards, collect, streamOf } from '../support/shards.ts';
import { suite } from '../support/suite.ts';

const t = suite('pangea/container', import.meta.url);

const random = new SeededRandom(1);
const KEY = random.bytes(32);
const STRIPE = 4096;
/** Cheap enough for tests. */
const COST = { logN: 4, r: 8, p: 1 };

function options(more: Partial<EncodeOptions> = {}): EncodeOptions {
  return { locks: [{ key: KEY }], random, configuration: { stripeBytes: STRIPE }, ...more };
}

async function make(
  file: Uint8Array,
  more: Partial<EncodeOptions> = {}
): Promise<{ shards: MemoryShards; manifest: EncodedManifest }> {
  return collect(encode(streamOf(file, 1000), options(more)));
}

async function read(
  { shards, manifest }: { shards: MemoryShards; manifest: EncodedManifest },
  range: { start?: number; end?: number } = {}
): Promise<Uint8Array> {
  const container = await openContainer(manifest.bytes, { key: KEY });
  return decodeBytes(container, shards, range);
}

const text = (size: number): Uint8Array =>
  new TextEncoder()
    .encode('All work and no play makes a dull container. '.repeat(size))
    .slice(0, size);

t('files of every size around stripes come back', async () => {
  for (const size of [0, 1, 7, STRIPE - 1, STRIPE, STRIPE + 1, 3 * STRIPE, 3 * STRIPE + 5]) {
    for (const file of [random.bytes(size), text(size)]) {
      const made = await make(file);
      assert.is(made.manifest.fileBytes, size);
      assert.is(made.manifest.stripes, Math.max(1, Math.ceil(size / STRIPE)));
      sameBytes(await read(made), file, `${size} bytes`);
    }
  }
});

t('any loss and damage within the parity is read over', async () => {
  const file = random.bytes(2 * STRIPE + 100);
  const made = await make(file);
  for (let stripe = 0; stripe < 3; stripe++) {
    made.shards.lose({ stripe, shard: 0 });
    made.shards.damage({ stripe, shard: 3 }, 17);
    made.shards.lose({ stripe, shard: 9 });
    made.shards.damage({ stripe, shard: 7 }, 0);
  }
  sameBytes(await read(made), file);
});

t('too few good shards end the stream with the names of the bad ones', async () => {
  const made = await make(random.bytes(2 * STRIPE));
  for (const shard of [0, 2, 4]) made.shards.lose({ stripe: 1, shard });
  for (const shard of [1, 11]) made.shards.damage({ stripe: 1, shard });
  const error = await rejectsCode(() => read(made), 'PANGEA_STRIPE');
  assert.is(
    error.message,
    'PANGEA_STRIPE: stripe 1: 7 of 12 shards are good, 8 are needed; missing: 0, 2, 4; corrupt: 1, 11'
  );
  sameBytes((await read(made, { end: STRIPE })).slice(0, 0), '', 'the stripe before can be read');
});

t('reads no more shards than it needs, and only those of the range', async () => {
  const file = random.bytes(10 * STRIPE);
  const made = await make(file);
  const container = await openContainer(made.manifest.bytes, { key: KEY });
  const start = 3 * STRIPE + 10;
  const end = 5 * STRIPE + 1;
  sameBytes(await decodeBytes(container, made.shards, { start, end }), file.slice(start, end));
  assert.equal([...new Set(made.shards.reads.map(({ stripe }) => stripe))], [3, 4, 5]);
  assert.is(made.shards.reads.length, 3 * 8);
  made.shards.reads.length = 0;
  made.shards.lose({ stripe: 3, shard: 5 });
  await decodeBytes(container, made.shards, { start, end: start + 1 });
  const asked = made.shards.reads.map(({ shard }) => shard);
  assert.equal(asked, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

t('every range gives the bytes of the range', async () => {
  const file = random.bytes(2 * STRIPE + 50);
  const made = await make(file);
  const edges = [0, 1, STRIPE - 1, STRIPE, STRIPE + 1, 2 * STRIPE, file.length - 1, file.length];
  for (const start of edges) {
    for (const end of edges.filter((edge) => edge >= start)) {
      sameBytes(await read(made, { start, end }), file.slice(start, end), `${start}..${end}`);
    }
  }
  for (const range of [
    { start: -1 },
    { end: file.length + 1 },
    { start: 5, end: 4 },
    { start: 1.5 },
  ]) {
    let caught: unknown;
    await read(made, range).catch((error: unknown) => (caught = error));
    assert.ok(caught instanceof RangeError, JSON.stringify(range));
  }
});

t('keys and passphrases open it, others do not', async () => {
  const other = random.bytes(32);
  const locks = [{ key: KEY }, { passphrase: 'a quiet harbor', cost: COST }, { key: other }];
  const { manifest, shards } = await make(text(500), { locks });
  for (const unlock of [{ key: KEY }, { key: other }, { passphrase: 'a quiet harbor' }]) {
    const container = await openContainer(manifest.bytes, unlock);
    sameBytes(await decodeBytes(container, shards), text(500));
  }
  for (const unlock of [{ key: random.bytes(32) }, { passphrase: 'a quiet harbour' }]) {
    await rejectsCode(() => openContainer(manifest.bytes, unlock), 'PANGEA_LOCKED');
  }
});

t('a passphrase is the same however its letters are composed', async () => {
  const { manifest } = await make(text(5), { locks: [{ passphrase: 'caf\u00e9', cost: COST }] });
  const opened = await openContainer(manifest.bytes, { passphrase: 'cafe\u0301' });
  assert.is(opened.fileBytes, 5);
});

t('a passphrase that would take too much memory is not tried', async () => {
  const locks = [{ passphrase: 'x', cost: { logN: 12, r: 8, p: 1 } }];
  const { manifest } = await make(text(5), { locks });
  const unlock = { passphrase: 'x', mostMemoryBytes: (4 << 20) - 1 };
  await rejectsCode(() => openContainer(manifest.bytes, unlock), 'PANGEA_LIMIT');
  await openContainer(manifest.bytes, { passphrase: 'x', mostMemoryBytes: 4 << 20 });
});

t('locks can be changed without a shard being touched', async () => {
  const made = await make(text(9000), { attributes: text(30) });
  const next = random.bytes(32);
  const before = new Map(made.shards.kept);
  const bytes = await relockContainer(
    made.manifest.bytes,
    { key: KEY },
    [{ key: next }, { passphrase: 'new', cost: COST }],
    random
  );
  await rejectsCode(() => openContainer(bytes, { key: KEY }), 'PANGEA_LOCKED');
  const opened = await openContainer(bytes, { key: next });
  sameBytes(opened.manifest.address, made.manifest.address);
  sameBytes(opened.attributes, text(30));
  sameBytes(await decodeBytes(opened, made.shards), text(9000));
  assert.equal(made.shards.kept, before);
});

t('the address and the hashes are those of the shards, and nothing of the file shows', async () => {
  const file = text(3 * STRIPE);
  const [one, two] = [await make(file), await make(file)];
  const manifest = decodeManifest(one.manifest.bytes, { address: one.manifest.address });
  for (const [key, bytes] of one.shards.kept) {
    const [stripe, shard] = key.split('/').map(Number) as [number, number];
    sameBytes(shardHash(manifest, stripe, shard), hashShard(bytes));
    assert.not(
      equalBytes(bytes, two.shards.kept.get(key) as Uint8Array),
      'two files keys are alike'
    );
  }
  assert.not(equalBytes(one.manifest.address, two.manifest.address));
  assert.is(shardHash(manifest, 0, 12), undefined);
  assert.is(shardHash(manifest, 99, 0), undefined);
});

t('the same secret and file make the same shards, another secret others', async () => {
  const secret = random.bytes(32);
  const file = concat(text(STRIPE), random.bytes(STRIPE + 7));
  const digest = await contentDigest(streamOf(file, 333));
  const one = await make(file, { convergent: { secret, digest } });
  const two = await make(file, {
    convergent: { secret, digest },
    locks: [{ key: random.bytes(32) }],
  });
  sameBytes(one.manifest.address, two.manifest.address);
  assert.equal([...one.shards.kept].map(String), [...two.shards.kept].map(String));
  sameBytes(await read(one), file);
  const three = await make(file, { convergent: { secret: random.bytes(32), digest } });
  assert.not(equalBytes(one.manifest.address, three.manifest.address));
  const configuration = { stripeBytes: STRIPE, compressionLevel: 0 };
  const four = await make(file, { convergent: { secret, digest }, configuration });
  const opened = await openContainer(four.manifest.bytes, { key: KEY });
  const first = await openContainer(one.manifest.bytes, { key: KEY });
  assert.not(equalBytes(opened.keys.content, first.keys.content), 'another shape has another key');
});

t('a convergent container of another file than the digest is refused', async () => {
  const digest = await contentDigest(streamOf(text(10)));
  const convergent = { secret: random.bytes(32), digest };
  await rejectsCode(() => make(text(11), { convergent }), 'PANGEA_CONTAINER');
});

t('compression is by the kind of file, and can be turned off', async () => {
  const sealed = async (file: Uint8Array, more: Partial<EncodeOptions> = {}): Promise<number> => {
    const { manifest } = await make(file, more);
    return decodeManifest(manifest.bytes).stripes.reduce(
      (sum, entry) => sum + entry.sealedBytes,
      0
    );
  };
  const file = text(3 * STRIPE);
  const off = { stripeBytes: STRIPE, compressionLevel: 0 };
  assert.ok((await sealed(file)) < file.length / 4);
  assert.is(await sealed(file, { configuration: off }), file.length + 3 * 17);
  const zip = concat(Uint8Array.of(0x50, 0x4b, 3, 4), text(1000));
  assert.is(await sealed(zip), zip.length + 17);
  const noise = random.bytes(1000);
  assert.is(await sealed(noise), noise.length + 17, 'what does not get shorter is stored');
  // The name decides where the content does not.
  const plain = Uint8Array.from({ length: 1000 }, (_, i) => 128 + (i % 3));
  assert.ok((await sealed(plain)) < 100);
  assert.is(await sealed(plain, { path: 'a/film.mkv' }), plain.length + 17);
});

t('attributes are kept from strangers and come back', async () => {
  const attributes = new TextEncoder().encode('{"name":"holiday.jpg"}');
  const { manifest } = await make(text(10), { attributes });
  const opened = await openContainer(manifest.bytes, { key: KEY });
  sameBytes(opened.attributes, attributes);
  assert.not(toHex(manifest.bytes).includes(toHex(attributes.slice(0, 8))));
});

t('any change of the manifest is refused', async () => {
  const { manifest } = await make(text(STRIPE + 1), {
    locks: [{ key: KEY }, { passphrase: 'x', cost: COST }],
  });
  const { bytes } = manifest;
  for (let bit = 0; bit < 8 * bytes.length; bit += bit < 8 * 320 ? 1 : 101) {
    const changed = bytes.slice();
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
    let caught: unknown;
    await openContainer(changed, { key: KEY }).catch((error: unknown) => (caught = error));
    assert.match(
      String(caught),
      /PANGEA_(?:MANIFEST|ADDRESS|LOCKED)/,
      `bit ${bit} of byte ${bit >> 3}: ${String(caught)}`
    );
  }
  for (const length of [0, 1, 71, 72, 150, bytes.length - 33, bytes.length - 1]) {
    throwsCode(() => decodeManifest(bytes.slice(0, length)), 'PANGEA_MANIFEST');
  }
  throwsCode(() => decodeManifest(concat(bytes, Uint8Array.of(0))), 'PANGEA_MANIFEST');
  throwsCode(() => decodeManifest(bytes, { mostBytes: bytes.length - 1 }), 'PANGEA_LIMIT');
  throwsCode(() => decodeManifest(bytes, { address: new Uint8Array(32) }), 'PANGEA_ADDRESS');
});

t('names the field and the offset of a manifest that breaks a rule', async () => {
  const { manifest } = await make(text(5));
  const cases: [number, number, string][] = [
    [0, 0, 'manifest.magic: no manifest'],
    [4, 2, 'manifest.version: must be 1, is 2 (at byte 4)'],
    [5, 0, 'manifest.code: must be 1, is 0 (at byte 5)'],
    [8, 0, 'manifest.dataShards: must be 1..255, is 0 (at byte 8)'],
    [9, 255, 'manifest.parityShards: must be 1..248, is 255 (at byte 9)'],
    [10, 17, 'manifest.locks: must be 1..16, is 17 (at byte 10)'],
    [11, 2, 'manifest.flags: must be 0..1, is 2 (at byte 11)'],
    [15, 255, 'manifest.stripeBytes: must be 1024..67108864'],
    [38, 1, 'manifest.stripes: must be 1..1099511627776'],
    [72, 3, 'manifest.locks: a lock of an unknown kind (at byte 72)'],
  ];
  for (const [at, value, message] of cases) {
    const changed = manifest.bytes.slice();
    changed[at] = value;
    const error = throwsCode(() => decodeManifest(changed), 'PANGEA_MANIFEST', message);
    assert.ok(error.message.includes(message), error.message);
  }
});

t('shards of other stripes or files do not serve', async () => {
  const [one, two] = [await make(random.bytes(2 * STRIPE)), await make(random.bytes(2 * STRIPE))];
  const mixed = new MemoryShards();
  for (const key of one.shards.kept.keys()) {
    const [stripe, shard] = key.split('/').map(Number) as [number, number];
    const from =
      shard < 5 ? two.shards.kept.get(key) : one.shards.kept.get(`${1 - stripe}/${shard}`);
    mixed.kept.set(key, from as Uint8Array);
  }
  await rejectsCode(() => read({ shards: mixed, manifest: one.manifest }), 'PANGEA_STRIPE');
});

t('a maker who seals nonsense is found out, by stripe', async () => {
  const made = await make(random.bytes(2 * STRIPE));
  const opened = await openContainer(made.manifest.bytes, { key: KEY });
  const { manifest, keys } = opened;
  // As if the second stripe had been sealed as another one, of another length or another form.
  const cases: [(codec: StripeCodec) => ReturnType<StripeCodec['seal']>, RegExp][] = [
    [
      (codec) => codec.seal(random.bytes(STRIPE), { stripe: 0, isLast: true }, 0),
      /AEAD_TAG: stripe 1: tag/,
    ],
    [
      (codec) => codec.seal(random.bytes(STRIPE), { stripe: 1, isLast: false }, 0),
      /AEAD_TAG: stripe 1: tag/,
    ],
    [
      (codec) => codec.seal(random.bytes(STRIPE - 1), { stripe: 1, isLast: true }, 0),
      /PANGEA_CONTAINER: stripe 1: 4095 bytes where 4096 are due/,
    ],
    [
      (codec) => codec.seal(new Uint8Array(STRIPE * 9), { stripe: 1, isLast: true }, 3),
      /PANGEA_LIMIT: stripe 1: more than 4096 bytes/,
    ],
  ];
  for (const [seal, message] of cases) {
    const { sealedBytes, shards } = await seal(new StripeCodec(manifest, keys));
    const hashes = concat(...shards.map(hashShard));
    const stripes = manifest.stripes.map((entry, i) => (i === 1 ? { sealedBytes, hashes } : entry));
    shards.forEach((bytes, shard) => made.shards.kept.set(`1/${shard}`, bytes));
    const lying = { ...opened, manifest: { ...manifest, stripes } };
    let caught: unknown;
    await decodeBytes(lying, made.shards).catch((error: unknown) => (caught = error));
    assert.match(String(caught), message);
  }
});

t('refuses options that are out of range, before anything is read', () => {
  const start = (more: Partial<EncodeOptions>) => () => encode(streamOf(text(5)), options(more));
  assert.throws(start({ locks: [] }), /"locks" must name a key or a passphrase/);
  assert.throws(
    start({ locks: [{ key: new Uint8Array(16) }] }),
    /"locks\[0\].key" must be 32 bytes/
  );
  assert.throws(
    start({ locks: [{ passphrase: '' }] }),
    /"locks\[0\].passphrase" must not be empty/
  );
  assert.throws(
    start({ configuration: { stripeBytes: 1000 } }),
    /"stripeBytes" must be an integer/
  );
  assert.throws(start({ configuration: { dataShards: 250, parityShards: 7 } }), /"parityShards"/);
  assert.throws(start({ configuration: { compressionLevel: 20 } }), /"compressionLevel"/);
  assert.throws(start({ attributes: new Uint8Array(32769) }), /"attributes.length"/);
  const digest = new Uint8Array(32);
  const secret = new Uint8Array(8);
  assert.throws(start({ convergent: { secret, digest } }), /"convergent.secret" must be 32 bytes/);
});

t.run();
