/** BLAKE2b: the kernel against OpenSSL, noble, hash-wasm and hashlib. @module */
import { createHash } from 'node:crypto';
import { blake2b as noble } from '@noble/hashes/blake2.js';
import { createBLAKE2b } from 'hash-wasm';
import { Blake2b, blake2b, blake2bKernel } from '../ts/kernel/blake2b.ts';
import { fixed } from './engines.ts';
import type { Group } from './harness.ts';
import { calling, callingFixed, counting, sizeText, type Bench, type Topic } from './topic.ts';

const plain = fixed(blake2bKernel, 'ts');

async function digest32(bench: Bench, size: number): Promise<Group> {
  const message = counting(size);
  const other = await createBLAKE2b(256);
  return {
    title: `BLAKE2b-256 of ${sizeText(size)}`,
    unit: 'messages',
    unitBytes: size,
    contenders: [
      calling('tesserae', () => blake2b(message, 32)),
      calling('hash-wasm', () => other.init().update(message).digest('binary')),
      calling('@noble/hashes', () => noble(message, { dkLen: 32 })),
      callingFixed('tesserae, plain TypeScript', plain, ({ hash }) => hash(message, 32)),
      await bench.peer.contender('Python hashlib', 'blake2b', { message, digest_size: 32 }),
    ],
    goals: [
      { name: 'against noble', ratio: ['tesserae', '@noble/hashes'], goal: 12 },
      { name: 'against hash-wasm', ratio: ['tesserae', 'hash-wasm'] },
      { name: 'against hashlib', ratio: ['tesserae', 'Python hashlib'] },
    ],
  };
}

function digest64(size: number): Group {
  const message = counting(size);
  return {
    title: `BLAKE2b-512 of ${sizeText(size)}`,
    unit: 'messages',
    unitBytes: size,
    contenders: [
      calling('tesserae', () => blake2b(message, 64)),
      calling('tesserae, incremental', () => new Blake2b(64).update(message).digest()),
      calling('node:crypto', () => createHash('blake2b512').update(message).digest()),
    ],
    goals: [
      {
        name: 'against node:crypto',
        ratio: ['tesserae', 'node:crypto'],
        ...(size <= 1024 ? { goal: 2 } : {}),
      },
      { name: 'in parts against node:crypto', ratio: ['tesserae, incremental', 'node:crypto'] },
    ],
  };
}

/** BLAKE2b. */
export const topic: Topic = {
  name: 'blake2b',
  title: 'BLAKE2b',
  about:
    'One call per message, copies in and out included. `tesserae` is the scalar WebAssembly kernel ' +
    'for every length: node:crypto offers the 64-byte digest alone, and is not faster on the whole.',
  groups: [
    ...[64, 1024, 65536, 1 << 20].map(
      (size) =>
        (bench: Bench): Promise<Group> =>
          digest32(bench, size)
    ),
    ...[64, 256, 1024, 16384, 1 << 20].map((size) => (): Group => digest64(size)),
  ],
};
