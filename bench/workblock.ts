/** Making the workblock of a message stamp, up to the midstate from which the search starts. @module */
import { createHash } from 'node:crypto';
import { hkdf as nobleHkdf } from '@noble/hashes/hkdf.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { prepareWorkblock, stampDigest, stampKernel, type Workblock } from '../ts/kernel/stamp.ts';
import { fixed } from './engines.ts';
import type { Absent, Contender, Group } from './harness.ts';
import { counting, type Bench, type Topic } from './topic.ts';
import { ROUNDS, nodeWorkblock, workblockWith } from './workblocks.ts';

const scalar = fixed(stampKernel, 'scalar');

const MATERIAL = counting(32, 3);
/** What a workblock is compared by: the kernel keeps its midstate alone. */
const STAMP = counting(32, 50);

/** A contender that makes a workblock per unit; `digest` hashes the stamp behind one. */
function making<T>(name: string, make: () => T, digest: (made: T) => Uint8Array): Contender {
  return {
    name,
    output: () => digest(make()),
    run: (units) => {
      for (let i = 0; i < units; i++) make();
    },
  };
}

function makingScalar(): Contender | Absent {
  const name = 'tesserae, scalar kernel';
  if ('absent' in scalar) return { name, absent: scalar.absent };
  const { contract } = scalar;
  const make = (): Workblock => {
    const midstate = new Uint8Array(32);
    contract.mixRounds(midstate, MATERIAL, 0, ROUNDS);
    return { rounds: ROUNDS, midstate };
  };
  return making(name, make, (workblock) => stampDigest(workblock, STAMP));
}

async function group(bench: Bench): Promise<Group> {
  return {
    title: `Workblock of ${String(ROUNDS)} rounds`,
    unit: 'workblocks',
    contenders: [
      making(
        'tesserae',
        () => prepareWorkblock(MATERIAL, ROUNDS),
        (workblock) => stampDigest(workblock, STAMP)
      ),
      makingScalar(),
      making(
        'node:crypto, hkdfSync and createHash',
        () => createHash('sha256').update(nodeWorkblock(MATERIAL, ROUNDS)),
        (hash) => new Uint8Array(hash.update(STAMP).digest())
      ),
      making(
        '@noble/hashes',
        () => nobleSha256.create().update(workblockWith(nobleSha256, hkdf, MATERIAL, ROUNDS)),
        (hash) => hash.update(STAMP).digest()
      ),
      await bench.peer.contender('Python LXMF', 'workblock-lxmf', {
        material: MATERIAL,
        rounds: ROUNDS,
        stamp: STAMP,
      }),
    ],
    goals: [
      {
        name: 'against node:crypto',
        ratio: ['tesserae', 'node:crypto, hkdfSync and createHash'],
        goal: 5,
      },
      { name: 'against noble', ratio: ['tesserae', '@noble/hashes'], goal: 8 },
      { name: 'SIMD against scalar', ratio: ['tesserae', 'tesserae, scalar kernel'] },
      { name: 'against LXMF', ratio: ['tesserae', 'Python LXMF'] },
    ],
  };
}

const NO_INFO = new Uint8Array(0);

const hkdf = (ikm: Uint8Array, salt: Uint8Array, length: number): Uint8Array =>
  nobleHkdf(nobleSha256, ikm, salt, NO_INFO, length);

/** Workblocks. */
export const topic: Topic = {
  name: 'workblock',
  title: 'LXMF workblocks',
  about:
    'The workblock of a message stamp: 3000 key derivations of 256 bytes each, then the SHA-256 state ' +
    'after those 768,000 bytes. LXMF makes the bytes alone here; it hashes them again for every try.',
  groups: [group],
};
