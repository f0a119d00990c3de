/** HKDF-SHA256 as Reticulum derives its keys: 32 bytes in, 64 bytes out. @module */
import { hkdfSync } from 'node:crypto';
import { hkdf as nobleHkdf } from '@noble/hashes/hkdf.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { hkdfSha256 } from '../ts/kernel/hkdf.ts';
import { hmacKernel } from '../ts/kernel/hmac-engine.ts';
import { fixed } from './engines.ts';
import type { Group } from './harness.ts';
import { calling, callingFixed, counting, type Bench, type Topic } from './topic.ts';

const scalar = fixed(hmacKernel, 'scalar');
const LENGTH = 64;

async function group(bench: Bench): Promise<Group> {
  const ikm = counting(32);
  const salt = counting(32, 100);
  const info = counting(16, 200);
  return {
    title: 'HKDF from 32 to 64 bytes',
    unit: 'derivations',
    contenders: [
      calling('tesserae', () => hkdfSha256(LENGTH, ikm, salt, info)),
      callingFixed('tesserae, scalar kernel', scalar, (contract) => {
        const target = new Uint8Array(LENGTH);
        contract.hkdf(target, ikm, salt, info);
        return target;
      }),
      calling(
        'node:crypto, hkdfSync',
        () => new Uint8Array(hkdfSync('sha256', ikm, salt, info, LENGTH))
      ),
      calling('@noble/hashes', () => nobleHkdf(nobleSha256, ikm, salt, info, LENGTH)),
      await bench.peer.contender('Python RNS', 'hkdf', { length: LENGTH, ikm, salt, info }),
    ],
    goals: [
      { name: 'against hkdfSync', ratio: ['tesserae', 'node:crypto, hkdfSync'], goal: 1.4 },
      { name: 'against noble', ratio: ['tesserae', '@noble/hashes'], goal: 3.5 },
      { name: 'against RNS', ratio: ['tesserae', 'Python RNS'] },
    ],
  };
}

/** HKDF-SHA256. */
export const topic: Topic = {
  name: 'hkdf',
  title: 'HKDF-SHA256',
  about:
    'Input key material and salt of 32 bytes, info of 16 bytes, 64 bytes out: the key set-up of one ' +
    'encrypted packet or link. Copies in and out included.',
  groups: [group],
};
