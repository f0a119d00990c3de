/** The `hmac` kernel as the loader sees it: builds, self-test, warm-up. @module */
import { equalBytes } from '../base/bytes.ts';
import { fromHex } from '../base/hex.ts';
import { wasm as scalar } from './generated/hmac-scalar.ts';
import { wasm as simd } from './generated/hmac-simd.ts';
import type { HmacContract, HmacExports } from './hmac-contract.ts';
import { hmacOracle } from './hmac-oracle.ts';
import { hmacOverWasm } from './hmac-wasm.ts';
import { defineKernel, forcedEngine, type Engine, type Kernel } from './loader.ts';
import { nativeCrypto } from './native.ts';

/** RFC 4231 section 4.3 (test case 2). */
const KNOWN = {
  key: '4a656665',
  message: '7768617420646f2079612077616e7420666f72206e6f7468696e673f',
  tag: '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
} as const;

/** RFC 5869 appendix A.1. */
const KNOWN_HKDF = {
  ikm: '0b'.repeat(22),
  salt: '000102030405060708090a0b0c',
  info: 'f0f1f2f3f4f5f6f7f8f9',
  out: '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
} as const;

/** Enough for V8 to begin replacing its baseline code, with a margin; 3 to 5 ms with the compiling. */
const WARM_ROUNDS = 30;

/** Message sizes in bytes from which the host's library serves instead of the kernel. */
export interface NativeFrom {
  /** One message, with the key already set up. */
  readonly single: number;
  /** One message, and the key set up for it alone. */
  readonly once: number;
  /** Each of four to seven messages of a batch that fill the same number of blocks. */
  readonly few: number;
  /** Each of eight or more such messages. */
  readonly batch: number;
}

/**
 * The sizes by engine, measured on x64 with SHA instructions: there the two are within 5 % of each
 * other at these sizes, and the better one is taken on either side. In batches that holds for the
 * counts that fill the kernel's lanes least well; with full lanes it is up to 20 % ahead there. On a
 * processor without such instructions the kernel would stay ahead for longer.
 */
export const HMAC_NATIVE_FROM: Readonly<Record<Engine, NativeFrom>> = {
  ts: { single: 0, once: 0, few: 0, batch: 0 },
  scalar: { single: 640, once: 448, few: 640, batch: 640 },
  simd: { single: 1088, once: 816, few: 1984, batch: 3072 },
  relaxed: { single: 1088, once: 816, few: 1984, batch: 3072 },
};

/** The sizes that hold here and now: never, where there is no such library or an engine is forced. */
export function nativeFrom(engine: Engine): NativeFrom {
  if (nativeCrypto() === undefined || forcedEngine() !== undefined) {
    return { single: Infinity, once: Infinity, few: Infinity, batch: Infinity };
  }
  return HMAC_NATIVE_FROM[engine];
}

/** The kernel; `HmacKey` and `hkdfSha256` are its public faces. */
export const hmacKernel: Kernel<HmacContract> = defineKernel<HmacContract, HmacExports>({
  name: 'hmac',
  builds: { scalar, simd },
  fromWasm: hmacOverWasm,
  oracle: hmacOracle,
  selfTest,
  warm,
  native(engine) {
    const { single, batch } = nativeFrom(engine);
    if (single === Infinity) return undefined;
    return `node:crypto from ${single} bytes a message, from ${batch} bytes in a batch`;
  },
});

function selfTest(contract: HmacContract): void {
  const states = new Uint32Array(16);
  contract.deriveStates(fromHex(KNOWN.key), states);
  const message = fromHex(KNOWN.message);
  const tag = fromHex(KNOWN.tag);
  // Eight side by side, four, and one alone.
  const tags = contract.macBatch(states, new Array<Uint8Array>(13).fill(message));
  tags.push(contract.mac(states, message));
  const okm = new Uint8Array(42);
  contract.hkdf(okm, fromHex(KNOWN_HKDF.ikm), fromHex(KNOWN_HKDF.salt), fromHex(KNOWN_HKDF.info));
  const verified = contract.verify(states, message, tag);
  tag[31] = (tag[31] as number) ^ 1;
  const forged = contract.verify(states, message, tag);
  tag[31] = (tag[31] as number) ^ 1;
  if (tags.some((each) => !equalBytes(each, tag)) || !verified || forged) {
    throw new Error('the self-test of HMAC failed');
  }
  if (!equalBytes(okm, fromHex(KNOWN_HKDF.out))) throw new Error('the self-test of HKDF failed');
}

function warm(contract: HmacContract): void {
  const states = new Uint32Array(16);
  const message = new Uint8Array(1000);
  const batch = new Array<Uint8Array>(12).fill(message);
  for (let i = 0; i < WARM_ROUNDS; i++) {
    contract.mac(states, message);
    if (i % 10 === 0) contract.macBatch(states, batch);
  }
}
