/** The choice between kernel, host and noble for XChaCha20-Poly1305; all make the same bytes. @module */
import { xchacha20poly1305 as noble } from '@noble/ciphers/chacha.js';
import { equalBytes } from '../../base/bytes.ts';
import { fromHex } from '../../base/hex.ts';
import { SeededRandom } from '../../base/random.ts';
import { XChaCha20Poly1305 } from '../../crypto/xchacha20poly1305.ts';
import { CHACHA_NATIVE_FROM, chachaKernel } from '../../kernel/chacha.ts';
import { forceEngine } from '../../kernel/loader.ts';
import { nativeCrypto } from '../../kernel/native.ts';
import { assert, sameBytes, throwsCode } from '../support/assert.ts';
import { eachCase, loadGolden } from '../support/golden.ts';
import { sameLong } from '../support/long.ts';
import { seededBytes } from '../support/pangea.ts';
import { suite } from '../support/suite.ts';

const t = suite('crypto/xchacha20poly1305', import.meta.url);

const random = new SeededRandom(24);

/** Count the host's ciphers made while `run` runs. */
function ciphersMade(run: () => void): number {
  const native = nativeCrypto();
  if (native === undefined) throw new Error('these tests run where node:crypto is');
  const { createCipheriv } = native;
  let made = 0;
  native.createCipheriv = (...args) => {
    made += 1;
    return createCipheriv.apply(native, args);
  };
  try {
    run();
  } finally {
    native.createCipheriv = createCipheriv;
  }
  return made;
}

t('long texts go to the host, short ones and forced engines to the kernel', () => {
  const from = CHACHA_NATIVE_FROM[chachaKernel.get().engine];
  const cipher = new XChaCha20Poly1305(random.bytes(32));
  const seal = (size: number) => () =>
    void cipher.seal(new Uint8Array(24), new Uint8Array(size), new Uint8Array(3));
  seal(0)();
  assert.is(ciphersMade(seal(from - 1)), 0);
  assert.is(ciphersMade(seal(from)), 1);
  forceEngine('scalar');
  try {
    assert.is(ciphersMade(seal(from)), 0);
  } finally {
    forceEngine(undefined);
  }
});

t('[pangea/ces-xchacha20-poly1305-encryption] the host makes the bytes of the Rust crate', () => {
  eachCase(
    loadGolden('pangea', 'xchacha20poly1305'),
    (item) => {
      const text = item.in['text'] as { seed: number; length: number };
      const aad = item.in['aad'] as { seed: number; length: number };
      const cipher = new XChaCha20Poly1305(fromHex(item.in['key'] as string));
      const nonce = fromHex(item.in['nonce'] as string);
      const associated = seededBytes(aad.seed, aad.length);
      const sealed = cipher.seal(nonce, seededBytes(text.seed, text.length), associated);
      sameLong(sealed, item.out?.['sealed']);
      const opened = cipher.open(nonce, sealed, associated);
      assert.ok(equalBytes(opened, seededBytes(text.seed, text.length)));
    },
    (item) => item.in['op'] === 'seal'
  );
});

t('the host refuses any change and leaves the target alone', () => {
  const size = 3_000_000;
  const cipher = new XChaCha20Poly1305(random.bytes(32));
  const nonce = random.bytes(24);
  const text = new Uint8Array(size).fill(9);
  const aad = random.bytes(5);
  const sealed = cipher.seal(nonce, text, aad);
  for (const at of [0, 1 << 20, size - 1, size, size + 15]) {
    sealed[at] = (sealed[at] as number) ^ 1;
    const target = new Uint8Array(size);
    throwsCode(() => cipher.openInto(target, nonce, sealed, aad), 'AEAD_TAG');
    assert.ok(target.every((byte) => byte === 0));
    sealed[at] = (sealed[at] as number) ^ 1;
  }
  cipher.openInto(sealed.subarray(0, size), nonce, sealed, aad);
  assert.ok(
    sealed.subarray(0, size).every((byte) => byte === 9),
    'opened in place'
  );
});

t('a host whose library lacks the cipher is not asked for it', () => {
  const native = nativeCrypto();
  if (native === undefined) throw new Error('these tests run where node:crypto is');
  const { createCipheriv } = native;
  native.createCipheriv = () => {
    throw new Error('unknown cipher');
  };
  // A new epoch makes the façade choose anew.
  forceEngine(undefined);
  try {
    const [key, nonce, text] = [random.bytes(32), random.bytes(24), random.bytes(10_000)];
    const expected = new Uint8Array(noble(key, nonce).encrypt(text));
    sameBytes(new XChaCha20Poly1305(key).seal(nonce, text), expected);
    sameBytes(new XChaCha20Poly1305(key).open(nonce, expected), text);
  } finally {
    native.createCipheriv = createCipheriv;
    forceEngine(undefined);
  }
});

t.run();
