/** XChaCha20-Poly1305 on a host with neither WebAssembly nor a library of its own. @module */
import { SeededRandom } from '../../base/random.ts';
import { assert, sameBytes, throwsCode } from '../support/assert.ts';
import { suite } from '../support/suite.ts';

const t = suite('crypto/xchacha20poly1305 without WebAssembly', import.meta.url);

// Before anything asks what this host has.
Reflect.deleteProperty(globalThis, 'WebAssembly');
Reflect.defineProperty(process, 'getBuiltinModule', { value: undefined });

const { XChaCha20Poly1305 } = await import('../../crypto/xchacha20poly1305.ts');
const { chachaOracle } = await import('../../kernel/chacha-oracle.ts');
const { chachaKernel } = await import('../../kernel/chacha.ts');
const { nativeCrypto } = await import('../../kernel/native.ts');

t('[tesserae/kernel-without-webassembly] seals, opens and refuses as the oracle', () => {
  assert.is(nativeCrypto(), undefined);
  assert.is(chachaKernel.get().engine, 'ts');
  const random = new SeededRandom(5);
  const oracle = chachaOracle();
  for (const size of [0, 1, 64, 1000]) {
    const [key, nonce] = [random.bytes(32), random.bytes(24)];
    const [aad, text] = [random.bytes(10), random.bytes(size)];
    const cipher = new XChaCha20Poly1305(key);
    const sealed = cipher.seal(nonce, text, aad);
    const expected = new Uint8Array(size + 16);
    oracle.seal(key, nonce, aad, text, expected);
    sameBytes(sealed, expected);
    sameBytes(cipher.open(nonce, sealed, aad), text);
    sealed[size] = (sealed[size] as number) ^ 1;
    throwsCode(() => cipher.open(nonce, sealed, aad), 'AEAD_TAG');
  }
});

t.run();
