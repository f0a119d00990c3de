/** The `chacha` kernel (XChaCha20-Poly1305) as the loader sees it: builds, self-test, warm-up. @module */
import { equalBytes } from '../base/bytes.ts';
import { fromHex } from '../base/hex.ts';
import type { ChachaContract, ChachaExports } from './chacha-contract.ts';
import { chachaOracle } from './chacha-oracle.ts';
import { chachaOverWasm } from './chacha-wasm.ts';
import { wasm as scalar } from './generated/chacha-scalar.ts';
import { wasm as simd } from './generated/chacha-simd.ts';
import { defineKernel } from './loader.ts';
import type { Kernel } from './loader.ts';

/**
 * Text sizes in bytes from which the host's ChaCha20-Poly1305 serves instead of the kernel; the key
 * for each nonce still comes from the kernel. Measured on x64 with AVX2, by engine.
 */
export const CHACHA_NATIVE_FROM: Readonly<Record<'ts' | 'scalar' | 'simd' | 'relaxed', number>> = {
  ts: 0,
  scalar: 4096,
  simd: 5632,
  relaxed: 5632,
};

/** The kernel; `crypto/xchacha20poly1305.ts` is its public face. */
export const chachaKernel: Kernel<ChachaContract> = defineKernel<ChachaContract, ChachaExports>({
  name: 'chacha',
  builds: { scalar, simd },
  fromWasm: chachaOverWasm,
  oracle: chachaOracle,
  selfTest,
  warm,
  native: (engine) =>
    `texts of ${CHACHA_NATIVE_FROM[engine]} bytes and more go to node:crypto where there is one`,
});

/** draft-irtf-cfrg-xchacha-03 appendix A.3.1. */
const KNOWN = {
  text:
    '4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a20496620492063' +
    '6f756c64206f6666657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73' +
    '637265656e20776f756c642062652069742e',
  aad: '50515253c0c1c2c3c4c5c6c7',
  key: '808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f',
  nonce: '404142434445464748494a4b4c4d4e4f5051525354555657',
  sealed:
    'bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39' +
    'ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9' +
    '21f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49',
} as const;

function selfTest(contract: ChachaContract): void {
  const key = fromHex(KNOWN.key);
  const nonce = fromHex(KNOWN.nonce);
  const aad = fromHex(KNOWN.aad);
  const text = fromHex(KNOWN.text);
  const sealed = new Uint8Array(text.length + 16);
  contract.seal(key, nonce, aad, text, sealed);
  const opened = new Uint8Array(text.length);
  const isOpened = contract.open(key, nonce, aad, sealed, opened);
  const isRight = equalBytes(sealed, fromHex(KNOWN.sealed)) && equalBytes(opened, text);
  sealed[sealed.length - 1] = (sealed[sealed.length - 1] as number) ^ 128;
  if (!isRight || !isOpened || contract.open(key, nonce, aad, sealed, opened)) {
    throw new Error('the self-test of XChaCha20-Poly1305 failed');
  }
}

/** Calls that V8 needs before its optimizing compiler takes over, with a margin. */
const WARM_ROUNDS = 24;

function warm(contract: ChachaContract): void {
  const key = new Uint8Array(32);
  const nonce = new Uint8Array(24);
  const aad = new Uint8Array(16);
  const sealed = new Uint8Array(4096 + 16);
  for (let i = 0; i < WARM_ROUNDS; i++) {
    contract.seal(key, nonce, aad, sealed.subarray(0, 4096), sealed);
    contract.open(key, nonce, aad, sealed, sealed);
  }
}
