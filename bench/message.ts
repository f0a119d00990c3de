/** Whole LXMF messages: packed and signed, unpacked and verified, against LXMF itself. @module */
import { packMessage, unpackMessage, verifyMessage, deliveryHash } from '../ts/lxmf/message.ts';
import { Identity } from '../ts/reticulum/identity.ts';
import type { Group } from './harness.ts';
import { calling, counting, type Bench, type Topic } from './topic.ts';

const SOURCE_KEY = counting(64, 1);
const DESTINATION_KEY = counting(64, 101);
const TIMESTAMP = 1_700_000_000.25;
const TITLE = new Uint8Array(0);
const CONTENT = counting(200);

const source = Identity.fromPrivateKey(SOURCE_KEY);
const draft = {
  destinationHash: deliveryHash(Identity.fromPrivateKey(DESTINATION_KEY)),
  timestamp: TIMESTAMP,
  title: TITLE,
  content: CONTENT,
};

const parameters = {
  source_key: SOURCE_KEY,
  destination_key: DESTINATION_KEY,
  timestamp: TIMESTAMP,
  title: TITLE,
  content: CONTENT,
};

async function packing(bench: Bench): Promise<Group> {
  return {
    title: 'Pack and sign 200 bytes of content',
    unit: 'messages',
    contenders: [
      calling('tesserae', () => packMessage(draft, source).packed),
      await bench.peer.contender('Python LXMF', 'message-pack', parameters),
    ],
    goals: [{ name: 'against LXMF', ratio: ['tesserae', 'Python LXMF'], goal: 1, above: true }],
  };
}

async function unpacking(bench: Bench): Promise<Group> {
  const { packed } = packMessage(draft, source);
  const { publicKey } = source;
  const known = Identity.fromPublicKey(publicKey);
  const unpack = (identity: Identity): Uint8Array => {
    const message = unpackMessage(packed);
    if (verifyMessage(message, identity) !== 'verified') throw new Error('it did not verify');
    return message.messageHash;
  };
  return {
    title: 'Unpack and verify 200 bytes of content',
    unit: 'messages',
    contenders: [
      calling('tesserae', () => unpack(Identity.fromPublicKey(publicKey))),
      calling('tesserae, identity at hand', () => unpack(known)),
      await bench.peer.contender('Python LXMF', 'message-unpack', { ...parameters, packed }),
    ],
    goals: [{ name: 'against LXMF', ratio: ['tesserae', 'Python LXMF'], goal: 1, above: true }],
  };
}

/** LXMF messages. */
export const topic: Topic = {
  name: 'message',
  title: 'LXMF messages',
  about:
    'A message for direct delivery without a stamp, between two fixed identities. Unpacking makes the ' +
    'sender',
  groups: [packing, unpacking],
};
