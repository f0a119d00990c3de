/** HMAC-SHA256: single messages, batches, and whether the automatic choice is right. @module */
import { createHmac, createSecretKey, hash } from 'node:crypto';
import { hmac as nobleHmac } from '@noble/hashes/hmac.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { createHMAC, createSHA256 } from 'hash-wasm';
import { concat } from '../ts/base/bytes.ts';
import { hmacKernel } from '../ts/kernel/hmac-engine.ts';
import type { HmacContract } from '../ts/kernel/hmac-contract.ts';
import { HmacKey } from '../ts/kernel/hmac.ts';
import { fixed, type Fixed } from './engines.ts';
import type { Absent, Contender, Group } from './harness.ts';
import { calling, callingFixed, counting, sizeText, type Bench, type Topic } from './topic.ts';

const simd = fixed(hmacKernel, 'simd');
const scalar = fixed(hmacKernel, 'scalar');

const KEY = counting(32, 7);
const BATCH = 32;

/** HMAC out of two one-shot hashes, the other fast form of node:crypto: no objects to set up. */
function twoHashes(key: Uint8Array, messageBytes: number): (message: Uint8Array) => Buffer {
  const inner = Buffer.alloc(64 + messageBytes, 0x36);
  const outer = Buffer.alloc(64 + 32, 0x5c);
  key.forEach((byte, i) => {
    inner[i] = byte ^ 0x36;
    outer[i] = byte ^ 0x5c;
  });
  return (message) => {
    inner.set(message, 64);
    outer.set(hash('sha256', inner, 'buffer'), 64);
    return hash('sha256', outer, 'buffer');
  };
}

function underEngine(name: string, engine: Fixed<HmacContract>, message: Uint8Array) {
  const states = new Uint32Array(16);
  if ('contract' in engine) engine.contract.deriveStates(KEY, states);
  return callingFixed(name, engine, (contract) => contract.mac(states, message));
}

function batchUnderEngine(
  name: string,
  engine: Fixed<HmacContract>,
  messages: readonly Uint8Array[]
): Contender | Absent {
  const states = new Uint32Array(16);
  if ('contract' in engine) engine.contract.deriveStates(KEY, states);
  if ('absent' in engine) return { name, absent: engine.absent };
  return batching(name, () => engine.contract.macBatch(states, messages));
}

/** A contender whose unit is a batch; the output joins its tags. */
function batching(name: string, call: () => readonly Uint8Array[]): Contender {
  return {
    name,
    output: () => concat(...call()),
    run: (units) => {
      for (let i = 0; i < units; i++) call();
    },
  };
}

async function single(bench: Bench, size: number, goal: number): Promise<Group> {
  const message = counting(size);
  const key = new HmacKey(KEY);
  const handle = createSecretKey(KEY);
  const hashes = twoHashes(KEY, size);
  const started = nobleHmac.create(nobleSha256, KEY);
  const other = await createHMAC(createSHA256(), KEY);
  return {
    title: `HMAC of ${sizeText(size)}`,
    unit: 'messages',
    unitBytes: size,
    contenders: [
      calling('tesserae', () => key.mac(message)),
      underEngine('tesserae, scalar kernel', scalar, message),
      calling('node:crypto, createHmac', () =>
        createHmac('sha256', handle).update(message).digest()
      ),
      calling('node:crypto, two hashes', () => hashes(message)),
      calling('hash-wasm', () => other.init().update(message).digest('binary')),
      calling('@noble/hashes', () => nobleHmac(nobleSha256, KEY, message)),
      calling('@noble/hashes, midstates', () => started._cloneInto().update(message).digest()),
      await bench.peer.contender('Python hmac', 'hmac', { key: KEY, message }),
    ],
    goals: [
      {
        name: 'against the best form of node:crypto',
        ratio: ['tesserae', ['node:crypto, createHmac', 'node:crypto, two hashes']],
        goal,
      },
      { name: 'against hash-wasm', ratio: ['tesserae', 'hash-wasm'] },
      { name: 'against noble with midstates', ratio: ['tesserae', '@noble/hashes, midstates'] },
      { name: 'against Python', ratio: ['tesserae', 'Python hmac'] },
    ],
  };
}

function batch(size: number, goal: number | undefined): Group {
  const messages = Array.from({ length: BATCH }, (_, i) => counting(size, i));
  const key = new HmacKey(KEY);
  const handle = createSecretKey(KEY);
  const hashes = twoHashes(KEY, size);
  return {
    title: `HMAC of ${String(BATCH)} messages of ${sizeText(size)}`,
    unit: 'batches',
    unitBytes: BATCH * size,
    contenders: [
      batching('tesserae', () => key.macBatch(messages)),
      batchUnderEngine('tesserae, scalar kernel', scalar, messages),
      batching('node:crypto, createHmac', () =>
        messages.map((message) => createHmac('sha256', handle).update(message).digest())
      ),
      batching('node:crypto, two hashes', () => messages.map(hashes)),
    ],
    goals: [
      {
        name: 'against the best form of node:crypto',
        ratio: ['tesserae', ['node:crypto, createHmac', 'node:crypto, two hashes']],
        ...(goal === undefined ? {} : { goal }),
      },
    ],
  };
}

/** The automatic choice never loses much against the engine that it did not take. */
function choice(size: number): Group {
  const message = counting(size);
  const key = new HmacKey(KEY);
  const handle = createSecretKey(KEY);
  return {
    title: `Choice for one message of ${sizeText(size)}`,
    unit: 'messages',
    unitBytes: size,
    chart: false,
    contenders: [
      calling('tesserae', () => key.mac(message)),
      underEngine('tesserae, kernel', simd, message),
      calling('node:crypto', () => createHmac('sha256', handle).update(message).digest()),
    ],
    goals: [
      {
        name: 'against the better engine',
        ratio: ['tesserae', ['tesserae, kernel', 'node:crypto']],
        goal: 0.9,
      },
    ],
  };
}

function batchChoice(size: number): Group {
  const messages = Array.from({ length: BATCH }, (_, i) => counting(size, i));
  const key = new HmacKey(KEY);
  const handle = createSecretKey(KEY);
  return {
    title: `Choice for ${String(BATCH)} messages of ${sizeText(size)}`,
    unit: 'batches',
    unitBytes: BATCH * size,
    chart: false,
    contenders: [
      batching('tesserae', () => key.macBatch(messages)),
      batchUnderEngine('tesserae, kernel', simd, messages),
      batching('node:crypto', () =>
        messages.map((message) => createHmac('sha256', handle).update(message).digest())
      ),
    ],
    goals: [
      {
        name: 'against the better engine',
        ratio: ['tesserae', ['tesserae, kernel', 'node:crypto']],
        goal: 0.9,
      },
    ],
  };
}

const CHOICE_SIZES = [0, 16, 64, 200, 512, 1024, 1536, 2048, 4096, 16384, 65536];

/** HMAC-SHA256. */
export const topic: Topic = {
  name: 'hmac',
  title: 'HMAC-SHA256',
  about:
    'With a key at hand, copies in and out included. `tesserae` is `HmacKey`, which chooses between ' +
    'the WebAssembly kernel and node:crypto by the size of the message.',
  groups: [
    ...(
      [
        [64, 2.5],
        [200, 2.5],
        [1024, 1],
      ] as const
    ).map(
      ([size, goal]) =>
        (bench: Bench): Promise<Group> =>
          single(bench, size, goal)
    ),
    ...(
      [
        [64, 4],
        [200, 4],
        [1024, undefined],
      ] as const
    ).map(
      ([size, goal]) =>
        (): Group =>
          batch(size, goal)
    ),
    ...CHOICE_SIZES.map((size) => (): Group => choice(size)),
    ...CHOICE_SIZES.map((size) => (): Group => batchChoice(size)),
  ],
};
