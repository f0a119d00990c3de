/** XChaCha20-Poly1305: the kernel against noble and OpenSSL, and the automatic choice. @module */
import { createCipheriv } from 'node:crypto';
import { xchacha20poly1305 as noble } from '@noble/ciphers/chacha.js';
import { XChaCha20Poly1305 } from '../ts/crypto/xchacha20poly1305.ts';
import type { ChachaContract } from '../ts/kernel/chacha-contract.ts';
import { chachaKernel } from '../ts/kernel/chacha.ts';
import { fixed, type Fixed } from './engines.ts';
import type { Absent, Contender, Group } from './harness.ts';
import { calling, callingFixed, counting, sizeText, type Topic } from './topic.ts';

const simd = fixed(chachaKernel, 'simd');
const scalar = fixed(chachaKernel, 'scalar');

const KEY = counting(32, 3);
const NONCE = counting(24, 5);
const AAD = counting(16, 9);

function sealing(name: string, engine: Fixed<ChachaContract>, text: Uint8Array) {
  return callingFixed(name, engine, ({ seal }) => {
    const target = new Uint8Array(text.length + 16);
    seal(KEY, NONCE, AAD, text, target);
    return target;
  });
}

function opening(name: string, engine: Fixed<ChachaContract>, sealed: Uint8Array) {
  return callingFixed(name, engine, ({ open }) => {
    const target = new Uint8Array(sealed.length - 16);
    if (!open(KEY, NONCE, AAD, sealed, target)) throw new Error('the tag does not match');
    return target;
  });
}

/** OpenSSL has the cipher behind the derived key, which comes from the kernel. */
function host(text: Uint8Array): Contender | Absent {
  return callingFixed('node:crypto', simd, ({ deriveKey }) => {
    const inner = new Uint8Array(12);
    inner.set(NONCE.subarray(16), 4);
    const key = deriveKey(KEY, NONCE);
    const cipher = createCipheriv('chacha20-poly1305', key, inner, { authTagLength: 16 });
    cipher.setAAD(AAD, { plaintextLength: text.length });
    const out = new Uint8Array(text.length + 16);
    out.set(cipher.update(text));
    cipher.final();
    out.set(cipher.getAuthTag(), text.length);
    return out;
  });
}

function seal(size: number): Group {
  const text = counting(size);
  const cipher = new XChaCha20Poly1305(KEY);
  const fastest = ['tesserae, SIMD', 'node:crypto'];
  return {
    title: `sealing ${sizeText(size)}`,
    unit: 'texts',
    unitBytes: size,
    contenders: [
      calling('tesserae', () => cipher.seal(NONCE, text, AAD)),
      sealing('tesserae, SIMD', simd, text),
      sealing('tesserae, scalar', scalar, text),
      host(text),
      calling('@noble/ciphers', () => noble(KEY, NONCE, AAD).encrypt(text)),
    ],
    goals: [
      {
        name: 'against noble',
        ratio: ['tesserae', '@noble/ciphers'],
        ...(size === 1024 ? { goal: 5 } : {}),
      },
      { name: 'kernel against noble', ratio: ['tesserae, SIMD', '@noble/ciphers'] },
      {
        name: 'kernel against node:crypto',
        ratio: ['tesserae, SIMD', 'node:crypto'],
        ...(size <= 1024 ? { goal: 2 } : {}),
      },
      { name: 'the choice against the better', ratio: ['tesserae', fastest], goal: 0.85 },
    ],
  };
}

function open(size: number): Group {
  const cipher = new XChaCha20Poly1305(KEY);
  const sealed = cipher.seal(NONCE, counting(size), AAD);
  return {
    title: `opening ${sizeText(size)}`,
    unit: 'texts',
    unitBytes: size,
    chart: false,
    contenders: [
      calling('tesserae', () => cipher.open(NONCE, sealed, AAD)),
      opening('tesserae, SIMD', simd, sealed),
      opening('tesserae, scalar', scalar, sealed),
      calling('@noble/ciphers', () => noble(KEY, NONCE, AAD).decrypt(sealed)),
    ],
    goals: [
      {
        name: 'against noble',
        ratio: ['tesserae', '@noble/ciphers'],
        ...(size === 1024 ? { goal: 5 } : {}),
      },
    ],
  };
}

const SIZES = [64, 1024, 4096, 65536, 1 << 20];

/** XChaCha20-Poly1305. */
export const topic: Topic = {
  name: 'chacha',
  title: 'XChaCha20-Poly1305',
  about:
    'One call per text with 16 bytes of associated data, copies in and out and the result included. ' +
    '`tesserae` is the automatic choice: the kernel for short texts, node:crypto for long ones.',
  groups: [
    ...SIZES.map((size) => (): Group => seal(size)),
    ...[1024, 65536].map((size) => (): Group => open(size)),
  ],
};
