/** The search for LXMF stamps: tries per second of one thread, and of two. @module */
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { createSHA256 } from 'hash-wasm';
import { concat, equalBytes } from '../ts/base/bytes.ts';
import { systemRandom } from '../ts/base/random.ts';
import { StampPool } from '../ts/host/node/stamp-pool.ts';
import { StampSearch, prepareWorkblock, stampDigest, stampKernel } from '../ts/kernel/stamp.ts';
import { fixed } from './engines.ts';
import type { Absent, Contender, Group } from './harness.ts';
import { counting, type Bench, type Topic } from './topic.ts';
import { ROUNDS, nodeWorkblock } from './workblocks.ts';

const scalar = fixed(stampKernel, 'scalar');

const MATERIAL = counting(32, 3);
const PREFIX = counting(28, 50);
/** High enough that no search ever ends. */
const NEVER = 128;
/** Found after a moment, to compare what the engines find. */
const EASY = 14;
/** Tries of one call into a kernel, as in `StampSearch`. */
const CALL_TRIES = 1 << 17;

/** Long enough that the end of a search, when a worker waits for the other, hardly counts. */
const POOL_COST = 24;
const POOL_MEASUREMENT_S = 0.5;

const workblock = prepareWorkblock(MATERIAL, ROUNDS);
const BITS = (ROUNDS * 256 + 32) * 8;

/** The `n`-th stamp that every contender tries. */
function stampAt(n: number): Uint8Array {
  const stamp = concat(PREFIX, new Uint8Array(4));
  new DataView(stamp.buffer).setUint32(28, n);
  return stamp;
}

/** A contender that makes one digest per try, from a state after the workblock. */
function hashing(name: string, digest: (stamp: Uint8Array) => Uint8Array): Contender {
  const stamp = stampAt(0);
  const view = new DataView(stamp.buffer);
  let n = 0;
  return {
    name,
    output: () => new Uint8Array(digest(stampAt(1))),
    run: (units) => {
      for (let i = 0; i < units; i++) {
        view.setUint32(28, n++);
        digest(stamp);
      }
    },
  };
}

function searching(): Contender {
  const search = new StampSearch(workblock, NEVER, PREFIX);
  return {
    name: 'tesserae',
    output: () => stampDigest(workblock, stampAt(1)),
    run: (units) => void search.run(units),
  };
}

function searchingScalar(): Contender | Absent {
  const name = 'tesserae, scalar kernel';
  if ('absent' in scalar) return { name, absent: scalar.absent };
  const { contract } = scalar;
  let next = 0;
  return {
    name,
    run: (units) => {
      for (let left = units; left > 0; left -= CALL_TRIES) {
        contract.search(workblock.midstate, PREFIX, BITS, next, Math.min(left, CALL_TRIES), -1);
        next = (next + CALL_TRIES) % 2 ** 32;
      }
    },
  };
}

/** Both kernels find the same stamp, the first that fits, and node:crypto agrees that it does. */
function checkSearch(block: Uint8Array): void {
  const found = new StampSearch(workblock, EASY, PREFIX).run(1 << 24);
  if (found === undefined) throw new Error('no stamp found');
  const digest = createHash('sha256').update(block).update(found).digest();
  if (digest.readUInt32BE() >>> (32 - EASY) !== 0) throw new Error('the stamp does not fit');
  if ('absent' in scalar) return;
  const mask = -1 << (32 - EASY);
  const at = scalar.contract.search(workblock.midstate, PREFIX, BITS, 0, 1 << 24, mask);
  if (!equalBytes(stampAt(at), found)) throw new Error('the scalar kernel finds another stamp');
}

async function oneThread(bench: Bench): Promise<Group> {
  const block = nodeWorkblock(MATERIAL, ROUNDS);
  const node = createHash('sha256').update(block);
  const noble = nobleSha256.create().update(block);
  const scratch = nobleSha256.create();
  const other = await createSHA256();
  const saved = other.init().update(block).save();
  const input = { workblock: block, stamp: stampAt(1) };
  return {
    title: 'Search in one thread',
    unit: 'tries',
    check: () => checkSearch(block),
    contenders: [
      searching(),
      searchingScalar(),
      hashing('node:crypto, copy of a midstate', (stamp) => node.copy().update(stamp).digest()),
      hashing('@noble/hashes, clone of a midstate', (stamp) =>
        noble._cloneInto(scratch).update(stamp).digest()
      ),
      hashing('hash-wasm, saved midstate', (stamp) =>
        other.load(saved).update(stamp).digest('binary')
      ),
      await bench.peer.contender('Python hashlib, copy of a midstate', 'stamp-midstate', input),
      await bench.peer.contender('Python LXMF', 'stamp-lxmf', input),
    ],
    goals: [
      {
        name: 'against node:crypto with a midstate',
        ratio: ['tesserae', 'node:crypto, copy of a midstate'],
        goal: 20,
      },
      {
        name: 'against noble with a midstate',
        ratio: ['tesserae', '@noble/hashes, clone of a midstate'],
        goal: 8,
      },
      { name: "against LXMF's own loop", ratio: ['tesserae', 'Python LXMF'], goal: 4000 },
      {
        name: 'SIMD against scalar',
        ratio: ['tesserae', 'tesserae, scalar kernel'],
        goal: 2,
      },
      { name: 'against hash-wasm', ratio: ['tesserae', 'hash-wasm, saved midstate'] },
      {
        name: 'against hashlib with a midstate',
        ratio: ['tesserae', 'Python hashlib, copy of a midstate'],
      },
    ],
  };
}

/** Searches by a pool until at least `units` stamps were tried; how many it came to. */
function pooled(name: string, pool: StampPool): Contender {
  return {
    name,
    run: async (units) => {
      let done = 0;
      while (done < units) {
        done += (await pool.search(workblock, POOL_COST, { random: systemRandom })).tries;
      }
      return done;
    },
  };
}

function threads(): Group {
  const one = new StampPool({ workers: 1 });
  const two = new StampPool({ workers: 2 });
  const pair = 'tesserae, two workers';
  return {
    title: `Searches of cost ${String(POOL_COST)} by a pool`,
    unit: 'tries',
    clock: 'wall',
    measurementS: POOL_MEASUREMENT_S,
    contenders: [
      pooled('tesserae, one worker', one),
      availableParallelism() < 2
        ? { name: pair, absent: 'this machine has one processor' }
        : pooled(pair, two),
    ],
    goals: [{ name: 'two workers against one', ratio: [pair, 'tesserae, one worker'], goal: 1.8 }],
    close: async () => {
      await Promise.all([one.close(), two.close()]);
    },
  };
}

/** Stamps. */
export const topic: Topic = {
  name: 'stamp',
  title: 'LXMF stamps',
  about:
    'A try is one candidate stamp judged. LXMF hashes the workblock of 768,000 bytes anew for each; ' +
    'the others start from the SHA-256 state after it, and making it is measured apart. A pool is ' +
    'measured in whole searches, the start and the end of each included.',
  groups: [oneThread, threads],
};
