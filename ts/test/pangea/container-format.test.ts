/**
 * Container v1 against docs/container-v1.md: the vector given there, and a second reader written from
 * that document alone, on other libraries. @module
 */
import { readFileSync } from 'node:fs';
import { scryptSync } from 'node:crypto';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { blake2b } from '@noble/hashes/blake2.js';
import { toHex } from '../../base/hex.ts';
import { ScriptedRandom, SeededRandom } from '../../base/random.ts';
import { contentDigest, encode, type EncodeOptions } from '../../pangea/ces/encode.ts';
import { zstdDecompress } from '../../pangea/ces/zstd.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { MemoryShards, collect, streamOf } from '../support/shards.ts';
import { suite } from '../support/suite.ts';

const t = suite('pangea/container format', import.meta.url);

const document = readFileSync(new URL('../../../docs/container-v1.md', import.meta.url), 'utf8');
const vector = document.slice(document.indexOf('## A vector')).split('\n');
const given = (size: number, byte: number): Uint8Array => new Uint8Array(size).fill(byte);
const counting = (size: number, step: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, i) => i * step);

const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const label = (word: string): Uint8Array => new TextEncoder().encode(`tesserae/ces/1 ${word}\0`);
const hash = (...parts: readonly Uint8Array[]): Uint8Array =>
  blake2b(join(...parts), { dkLen: 32 });
const keyed = (key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array =>
  blake2b(join(...parts), { dkLen: 32, key });

function little(value: number, size: number): Uint8Array {
  const out = new Uint8Array(size);
  for (let i = 0, rest = value; i < size; i++, rest = Math.floor(rest / 256)) out[i] = rest % 256;
  return out;
}

function big(bytes: Uint8Array): number {
  return bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
}

interface ReadBack {
  readonly file: Uint8Array;
  readonly attributes: Uint8Array;
  readonly address: Uint8Array;
}

/** Read a container by the document; all data shards must be there. */
async function readByDocument(
  manifest: Uint8Array,
  shards: MemoryShards,
  unlock: { key?: Uint8Array; passphrase?: string }
): Promise<ReadBack> {
  let at = 0;
  const take = (size: number): Uint8Array => manifest.slice(at, (at += size));
  assert.is(new TextDecoder().decode(take(4)), 'TCES');
  assert.equal([...take(4)], [1, 1, 1, 1]);
  const [k = 0, m = 0, lockCount = 0, flags = 0] = take(4);
  const stripeBytes = big(take(4));
  const fileId = take(16);
  const stripeCount = big(take(8));
  const address = take(32);
  let fileKey: Uint8Array | undefined;
  for (let i = 0; i < lockCount; i++) {
    const kind = big(take(1));
    const [logN = 0, r = 0, p = 0] = kind === 2 ? take(3) : [0, 0, 0];
    const salt = kind === 2 ? take(16) : undefined;
    const [nonce, sealed] = [take(24), take(48)];
    const key =
      salt === undefined
        ? unlock.key
        : unlock.passphrase === undefined
          ? undefined
          : scryptSync(unlock.passphrase.normalize('NFKC'), salt, 32, { N: 2 ** logN, r, p });
    if (key === undefined) continue;
    const context = join(label('lock'), Uint8Array.of(kind, logN, r, p), fileId);
    fileKey = xchacha20poly1305(new Uint8Array(key), nonce, context).decrypt(sealed);
  }
  if (fileKey === undefined) throw new Error('no lock opens');
  const owner = fileKey;
  const derived = (word: string): Uint8Array => keyed(owner, label(word), fileId);
  sameBytes(keyed(derived('manifest'), manifest.slice(0, -32)), manifest.slice(-32));

  const head = take(big(take(2)));
  const headContext = join(label('head'), fileId, address);
  const opened = xchacha20poly1305(derived('head'), head.slice(0, 24), headContext).decrypt(
    head.slice(24)
  );
  const fileBytes = big(opened.slice(0, 8));

  const parts: Uint8Array[] = [];
  const stripeHashes: Uint8Array[] = [];
  for (let i = 0; i < stripeCount; i++) {
    const sealedBytes = big(take(4));
    const hashes = Array.from({ length: k + m }, () => take(32));
    stripeHashes.push(hash(label('stripe'), little(i, 8), little(sealedBytes, 4), ...hashes));
    const own = hashes.map((expected, shard) => {
      const bytes = shards.kept.get(`${i}/${shard}`) as Uint8Array;
      sameBytes(hash(bytes), expected);
      assert.is(bytes.length, Math.ceil(sealedBytes / k));
      return bytes;
    });
    const all = join(...own.slice(0, k));
    assert.ok(all.subarray(sealedBytes).every((byte) => byte === 0));
    const sealed = all.slice(0, sealedBytes);
    const last = Uint8Array.of(i === stripeCount - 1 ? 1 : 0);
    const context = join(label('stripe'), fileId, little(i, 8), last);
    const nonce = flags === 1 ? sealed.slice(0, 24) : join(fileId, little(i, 8));
    const cipher = xchacha20poly1305(derived('content'), nonce, context);
    const frame = cipher.decrypt(flags === 1 ? sealed.slice(24) : sealed);
    if (flags === 1) {
      sameBytes(nonce, blake2b(join(context, frame), { dkLen: 24, key: derived('nonces') }));
    }
    const body = frame.slice(1);
    const plain = frame[0] === 1 ? await zstdDecompress(body, stripeBytes) : body;
    assert.is(plain.length, Math.min(stripeBytes, fileBytes - i * stripeBytes));
    parts.push(plain);
  }
  assert.is(at, manifest.length - 32);
  const rootParts = [
    label('root'),
    Uint8Array.of(1, k, m),
    ...stripeHashes,
    little(stripeCount, 8),
  ];
  sameBytes(hash(...rootParts), address);
  return { file: join(...parts), attributes: opened.slice(8), address };
}

t('makes the vector of the document', async () => {
  const random = new ScriptedRandom([
    given(32, 0x11),
    given(16, 0x22),
    given(24, 0x33),
    given(24, 0x44),
  ]);
  const key = counting(32, 1);
  const file = counting(1500, 7);
  const shape = { dataShards: 4, parityShards: 2, stripeBytes: 1024, compressionLevel: 0 };
  const { shards, manifest } = await collect(
    encode(streamOf(file), { locks: [{ key }], random, configuration: shape })
  );
  assert.is(random.left, 0);
  const line = (name: string, value: string): void => {
    const found = vector.find((one) => one.trim().startsWith(name)) ?? 'no such line';
    assert.ok(found.includes(` ${value}`), `${name}: ${value}, the document has\n${found}`);
  };
  line('address ', toHex(manifest.address));
  line(`manifest, ${manifest.bytes.length} bytes`, toHex(hash(manifest.bytes)));
  line('stripe 0, shard 0', toHex((shards.kept.get('0/0') as Uint8Array).slice(0, 32)));
  line('stripe 1, shard 5', toHex((shards.kept.get('1/5') as Uint8Array).slice(-16)));
  sameBytes((await readByDocument(manifest.bytes, shards, { key })).file, file);
});

t('what is written can be read by the document alone', async () => {
  const random = new SeededRandom(77);
  const key = random.bytes(32);
  const text = new TextEncoder().encode('read by the document alone; '.repeat(300));
  const passphrase = 'na\u00efve';
  const locks = [{ key }, { passphrase, cost: { logN: 3, r: 2, p: 2 } }];
  const attributes = random.bytes(40);
  for (const file of [new Uint8Array(0), text, random.bytes(3000)]) {
    const convergent = {
      secret: random.bytes(32),
      digest: await contentDigest(streamOf(file, 500)),
    };
    for (const more of [{}, { convergent }] as Partial<EncodeOptions>[]) {
      const configuration = { dataShards: 3, parityShards: 2, stripeBytes: 1024 };
      const options = { locks, random, attributes, configuration, ...more };
      const { shards, manifest } = await collect(encode(streamOf(file, 700), options));
      for (const unlock of [{ key }, { passphrase }]) {
        const back = await readByDocument(manifest.bytes, shards, unlock);
        sameBytes(back.file, file);
        sameBytes(back.attributes, attributes);
        sameBytes(back.address, manifest.address);
      }
    }
  }
});

t.run();
