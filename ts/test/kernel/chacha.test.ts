/** The chacha kernel against its drafts, the Rust crate, noble, OpenSSL, and between engines. @module */
import { createCipheriv } from 'node:crypto';
import { xchacha20poly1305 as noble } from '@noble/ciphers/chacha.js';
import { equalBytes } from '../../base/bytes.ts';
import { fromHex, toHex } from '../../base/hex.ts';
import { SeededRandom } from '../../base/random.ts';
import { XChaCha20Poly1305 } from '../../crypto/xchacha20poly1305.ts';
import type { ChachaContract } from '../../kernel/chacha-contract.ts';
import { chachaOracle } from '../../kernel/chacha-oracle.ts';
import { chachaKernel } from '../../kernel/chacha.ts';
import { engineReport, forceEngine, forcedEngine } from '../../kernel/loader.ts';
import { assert, sameBytes, throwsCode } from '../support/assert.ts';
import { eachCase, loadGolden, type GoldenCase } from '../support/golden.ts';
import { sameLong } from '../support/long.ts';
import { seededBytes } from '../support/pangea.ts';
import { suite } from '../support/suite.ts';

const t = suite('kernel/chacha', import.meta.url);

/** Bytes of the kernel's first part of a text, of the others, and of associated data in one call. */
const FIRST = 65472;
const PART = 65536;
const AAD = 4096;

const random = new SeededRandom(8439);
const { contract } = chachaKernel.get();
const isOracle = forcedEngine() === 'ts';

function sealWith(
  { seal }: ChachaContract,
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  text: Uint8Array
): Uint8Array {
  const target = new Uint8Array(text.length + 16);
  seal(key, nonce, aad, text, target);
  return target;
}

const op = (name: string) => (item: GoldenCase) => item.in['op'] === name;
const hexIn = (item: GoldenCase, name: string): Uint8Array => fromHex(item.in[name] as string);

function seededIn(item: GoldenCase, name: string): Uint8Array {
  const { seed, length } = item.in[name] as { seed: number; length: number };
  return seededBytes(seed, length);
}

t('runs the engine that was asked for, and the SIMD build where relaxed SIMD is', () => {
  const forced = forcedEngine();
  assert.is(chachaKernel.get().engine, forced === 'relaxed' ? 'simd' : forced);
  const report = engineReport().find((item) => item.kernel === 'chacha');
  assert.match(report?.native ?? '', /go to node:crypto/);
});

t('[pangea/ces-xchacha20-poly1305-encryption] seals and opens as the Rust crate, to 5 MB', () => {
  eachCase(
    loadGolden('pangea', 'xchacha20poly1305'),
    (item) => {
      const [key, nonce] = [hexIn(item, 'key'), hexIn(item, 'nonce')];
      const [aad, text] = [seededIn(item, 'aad'), seededIn(item, 'text')];
      const sealed = new XChaCha20Poly1305(key).seal(nonce, text, aad);
      sameLong(sealed, item.out?.['sealed']);
      const target = new Uint8Array(text.length);
      assert.ok(contract.open(key, nonce, aad, sealed, target));
      assert.ok(equalBytes(target, text));
    },
    (item) =>
      op('seal')(item) && (!isOracle || (item.in['text'] as { length: number }).length < 1e6)
  );
});

t('[pangea/ces-xchacha20-poly1305-encryption] refuses what the Rust crate refuses', () => {
  eachCase(
    loadGolden('pangea', 'xchacha20poly1305'),
    (item) => {
      const cipher = new XChaCha20Poly1305(hexIn(item, 'key'));
      const code = item.error as 'AEAD_TAG' | 'AEAD_TRUNCATED';
      const run = (): Uint8Array =>
        cipher.open(hexIn(item, 'nonce'), hexIn(item, 'sealed'), hexIn(item, 'aad'));
      throwsCode(run, code);
    },
    op('open')
  );
});

t('derives keys as HChaCha20 of the Rust crate and of the draft', () => {
  eachCase(
    loadGolden('pangea', 'xchacha20poly1305'),
    (item) => {
      const derived = contract.deriveKey(hexIn(item, 'key'), hexIn(item, 'nonce'));
      sameBytes(derived, item.out?.['key'] as string);
    },
    op('hchacha20')
  );
  // draft-irtf-cfrg-xchacha-03 section 2.2.1
  const key = Uint8Array.from({ length: 32 }, (_, i) => i);
  const nonce = fromHex('000000090000004a0000000031415927');
  const expected = '82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc';
  sameBytes(contract.deriveKey(key, nonce), expected);
});

/** RFC 8439 appendix A.3, vectors 7 to 11: sums at the edges of the prime; r, message, tag; s is 0. */
const EDGES: readonly (readonly [r: string, message: string, tag: string])[] = [
  ['02', 'ff'.repeat(16), '03'],
  ['01', 'ff'.repeat(16) + 'f0' + 'ff'.repeat(15) + '11' + '00'.repeat(15), '05'],
  ['01', 'ff'.repeat(16) + 'fb' + 'fe'.repeat(15) + '01'.repeat(16), '00'],
  ['02', 'fd' + 'ff'.repeat(15), 'fa' + 'ff'.repeat(15)],
  [
    '0100000000000000' + '04',
    'e33594d7505e43b90000000000000000' +
      '3394d7505e4379cd01' +
      '00'.repeat(7) +
      '00'.repeat(16) +
      '01' +
      '00'.repeat(15),
    '1400000000000000' + '55',
  ],
];

t('authenticates at the edges of the prime, RFC 8439 appendix A.3', () => {
  for (const [r, message, tag] of EDGES) {
    const key = new Uint8Array(32);
    key.set(fromHex(r));
    sameBytes(contract.poly1305(key, fromHex(message)), tag.padEnd(32, '0'));
  }
  // Section 2.5.2.
  const key = fromHex('85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b');
  const text = new TextEncoder().encode('Cryptographic Forum Research Group');
  sameBytes(contract.poly1305(key, text), 'a8061dc1305136c6c22b8baf0c0127a9');
});

t('authenticates as the oracle for keys and messages that carry far', () => {
  const oracle = chachaOracle();
  for (let i = 0; i < 400; i++) {
    const length = random.below(70);
    // Mostly ones or zeros, so that sums come near the prime and near zero.
    const fill = (size: number): Uint8Array =>
      random.bytes(size).map((byte) => (byte < 100 ? 255 : byte < 200 ? 0 : byte));
    const [key, message] = [fill(32), fill(length)];
    sameBytes(contract.poly1305(key, message), oracle.poly1305(key, message));
  }
});

t(
  '[tesserae/kernel-engines-agree] agrees with noble for all sizes around blocks, groups and parts',
  () => {
    const sizes = [
      0, 1, 15, 16, 17, 48, 63, 64, 65, 128, 191, 192, 193, 255, 256, 257, 319, 320, 448,
    ];
    const large = [8127, 8128, 8129, FIRST - 1, FIRST, FIRST + 1, FIRST + PART, FIRST + PART + 1];
    for (const size of [...sizes, ...(isOracle ? [1000] : [...large, 300_000])]) {
      for (const aadSize of [0, 1, 16, 31, AAD, AAD + 1]) {
        const [key, nonce] = [random.bytes(32), random.bytes(24)];
        const [aad, text] = [random.bytes(aadSize), random.bytes(size)];
        const expected = noble(key, nonce, aad).encrypt(text);
        const sealed = sealWith(contract, key, nonce, aad, text);
        assert.ok(equalBytes(sealed, expected), `${size} bytes with ${aadSize}`);
        const opened = new Uint8Array(size);
        assert.ok(contract.open(key, nonce, aad, sealed, opened));
        sameBytes(opened, text);
      }
    }
  }
);

t('agrees with OpenSSL, which has the cipher behind the derived key', () => {
  for (const size of [0, 100, 5000]) {
    const [key, nonce] = [random.bytes(32), random.bytes(24)];
    const [aad, text] = [random.bytes(20), random.bytes(size)];
    const inner = new Uint8Array(12);
    inner.set(nonce.subarray(16), 4);
    const derived = contract.deriveKey(key, nonce);
    const cipher = createCipheriv('chacha20-poly1305', derived, inner, { authTagLength: 16 });
    cipher.setAAD(aad, { plaintextLength: size });
    const expected = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
    sameBytes(sealWith(contract, key, nonce, aad, text), new Uint8Array(expected));
  }
});

t('[tesserae/kernel-engines-agree] opens under one engine what another sealed', () => {
  const before = forcedEngine();
  const [key, nonce, aad, text] = [32, 24, 9, 777].map((size) => random.bytes(size)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const sealed = sealWith(contract, key, nonce, aad, text);
  try {
    for (const engine of ['ts', 'scalar', 'simd'] as const) {
      forceEngine(engine);
      sameBytes(new XChaCha20Poly1305(key).open(nonce, sealed, aad), text);
      sameBytes(new XChaCha20Poly1305(key).seal(nonce, text, aad), sealed);
    }
  } finally {
    forceEngine(before);
  }
});

t('finds any flipped bit, and writes nothing then', () => {
  const [key, nonce] = [random.bytes(32), random.bytes(24)];
  for (const size of [0, 20, ...(isOracle ? [] : [FIRST + 10])]) {
    const text = random.bytes(size);
    const aad = random.bytes(3);
    const sealed = sealWith(contract, key, nonce, aad, text);
    const target = new Uint8Array(size).fill(7);
    const untouched = toHex(target);
    const bits = 8 * sealed.length;
    const step = size > 1000 ? 99_991 : 1;
    for (let bit = bits - 1; bit >= 0; bit -= step) {
      const forged = sealed.slice();
      forged[bit >> 3] = (forged[bit >> 3] as number) ^ (1 << (bit & 7));
      assert.not(contract.open(key, nonce, aad, forged, target), `bit ${bit}`);
    }
    for (const wrong of [new Uint8Array(3), random.bytes(4)]) {
      assert.not(contract.open(key, nonce, wrong, sealed, target));
    }
    assert.is(toHex(target), untouched);
  }
});

t('seals and opens in place, short and long', () => {
  for (const size of [0, 100, ...(isOracle ? [] : [200_000])]) {
    const cipher = new XChaCha20Poly1305(random.bytes(32));
    const nonce = random.bytes(24);
    const text = random.bytes(size);
    const sealed = cipher.seal(nonce, text);
    const memory = new Uint8Array(size + 40);
    const area = memory.subarray(8, 8 + size + 16);
    area.set(text);
    cipher.sealInto(area, nonce, area.subarray(0, size));
    assert.ok(equalBytes(area, sealed));
    cipher.openInto(area.subarray(0, size), nonce, area);
    assert.ok(equalBytes(area.subarray(0, size), text));
    assert.ok(memory.subarray(0, 8).every((byte) => byte === 0));
    assert.ok(memory.subarray(24 + size).every((byte) => byte === 0));
  }
});

t('leaves its inputs as they were and returns bytes of its own', () => {
  const [key, nonce, aad, text] = [32, 24, 5, 300].map((size) => random.bytes(size)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const before = [key, nonce, aad, text].map(toHex);
  const cipher = new XChaCha20Poly1305(key);
  const sealed = cipher.seal(nonce, text, aad);
  const kept = sealed.slice();
  cipher.open(nonce, sealed, aad);
  assert.equal([key, nonce, aad, text].map(toHex), before);
  sameBytes(sealed, kept);
  assert.is(sealed.buffer.byteLength, 316);
  key.fill(0);
  sameBytes(cipher.seal(nonce, text, aad), kept, 'the key was copied');
});

t('refuses arguments of a wrong kind or size', () => {
  const cipher = new XChaCha20Poly1305(new Uint8Array(32));
  const nonce = new Uint8Array(24);
  const text = new Uint8Array(10);
  assert.throws(() => new XChaCha20Poly1305(text), /"key" must be 32 bytes, got 10/);
  assert.throws(() => cipher.seal(text, text), /"nonce" must be 24 bytes, got 10/);
  assert.throws(() => cipher.sealInto(text, nonce, text), /"target" must be 26 bytes, got 10/);
  assert.throws(() => cipher.openInto(text, nonce, text.slice(0, 20)), /AEAD_TRUNCATED/);
  assert.throws(() => cipher.openInto(text, nonce, nonce), /"target" must be 8 bytes, got 10/);
  const word = 'text' as unknown as Uint8Array;
  assert.throws(() => cipher.seal(nonce, word), /"text" must be a Uint8Array, got string/);
  assert.throws(() => cipher.seal(nonce, text, word), /"aad" must be a Uint8Array, got string/);
  cipher.wipe();
  assert.throws(() => cipher.seal(nonce, text), /has been wiped/);
});

t('[tesserae/kernel-faults] returns a code where a length does not fit', async () => {
  const builds = {
    scalar: (await import('../../kernel/generated/chacha-scalar.ts')).wasm,
    simd: (await import('../../kernel/generated/chacha-simd.ts')).wasm,
  };
  for (const [build, base64] of Object.entries(builds)) {
    const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    const call = (name: string, ...values: number[]): number =>
      (exports[name] as (...values: number[]) => number)(...values);
    for (const name of ['absorb', 'encrypt', 'decrypt', 'poly1305']) {
      for (const length of [PART + 1, -1, 2 ** 31 - 1]) {
        assert.is(call(name, length), -1, `${build} ${name} ${length}`);
      }
    }
    for (const name of ['seal', 'open']) {
      for (const [aad, length] of [
        [AAD + 1, 0],
        [0, FIRST + 1],
        [-1, 0],
        [0, -1],
      ] as const) {
        assert.is(call(name, aad, length), -1, `${build} ${name}`);
      }
    }
  }
});

t('leaves no key behind in its memory', async () => {
  for (const { wasm } of [
    await import('../../kernel/generated/chacha-scalar.ts'),
    await import('../../kernel/generated/chacha-simd.ts'),
  ]) {
    const bytes = new Uint8Array(Buffer.from(wasm, 'base64'));
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    const memory = new Uint8Array((exports['memory'] as WebAssembly.Memory).buffer);
    const at = (name: string): number => Number((exports[name] as WebAssembly.Global).value);
    const key = random.bytes(32);
    const nonce = random.bytes(24);
    const derived = toHex(contract.deriveKey(key, nonce));
    const oneTime = toHex(sealWith(contract, key, nonce, new Uint8Array(0), new Uint8Array(64)));
    memory.set(key, at('KEY'));
    memory.set(nonce, at('NONCE'));
    (exports['seal'] as (aad: number, length: number) => number)(0, 0);
    const image = toHex(memory);
    for (const secret of [toHex(key), derived, oneTime.slice(0, 64)]) {
      assert.not(image.includes(secret.slice(0, 32)));
      assert.not(image.includes(secret.slice(32, 64)));
    }
  }
});

t.run();
