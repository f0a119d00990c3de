/**
 * Mutated frames in every state of a connection: nothing may throw past its edge, and nothing may
 * stay behind. `TESSERAE_FUZZ` is the number of frames, 100,000 unless it says otherwise. @module
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { concat } from '../../base/bytes.ts';
import { SeededRandom, type Random } from '../../base/random.ts';
import { encodeRecord } from '../../codec/record-marking.ts';
import { LocalNode } from '../../stellar/overlay/local-node.ts';
import { MessageMac } from '../../stellar/overlay/mac.ts';
import type { Peer } from '../../stellar/overlay/peer.ts';
import { PeerRole, type PeerEffect } from '../../stellar/overlay/peer-contract.ts';
import { StellarMessage } from '../../stellar/xdr/message.ts';
import { MessageType } from '../../stellar/xdr/overlay.ts';
import { assert } from '../support/assert.ts';
import { suite } from '../support/suite.ts';
import { hashes, scpMessage, transaction } from './overlay-world.ts';

const t = suite('overlay fuzz', import.meta.url);

const COUNT = Number(process.env['TESSERAE_FUZZ'] ?? 100_000);
const NOW = 1_700_000_000_000;
/** The same nonce for every connection, so that one handshake serves for all of them. */
const same: Random = { bytes: (length) => new Uint8Array(length).fill(7) };

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const sample: readonly StellarMessage[] = [
  transaction(1),
  scpMessage(1, 5n),
  hashes('advert', 20),
  hashes('demand', 3),
  { type: MessageType.GET_TX_SET, value: new Uint8Array(32) },
  { type: MessageType.GET_SCP_QUORUMSET, value: new Uint8Array(32) },
  { type: MessageType.GET_SCP_STATE, value: 5 },
  { type: MessageType.SEND_MORE_EXTENDED, value: { numMessages: 10, numBytes: 10_000 } },
  { type: MessageType.SEND_MORE, value: { numMessages: 10 } },
  { type: MessageType.SCP_QUORUMSET, value: { threshold: 1, validators: [], innerSets: [] } },
  { type: MessageType.DONT_HAVE, value: { type: 6, reqHash: new Uint8Array(32) } },
  { type: MessageType.PEERS, value: [] },
  { type: MessageType.AUTH, value: { flags: 200 } },
  { type: MessageType.ERROR_MSG, value: { code: 0, msg: new Uint8Array(9).fill(65) } },
];
const encoded = sample.map((message) => ({
  type: message.type,
  bytes: StellarMessage.encode(message),
}));

const a = new LocalNode({ seed: new Uint8Array(32).fill(1), random: same });
const b = new LocalNode({ seed: new Uint8Array(32).fill(2), random: same });
/** Another one, because a node has one connection to each node only. */
const c = new LocalNode({ seed: new Uint8Array(32).fill(3), random: same });

const framesOf = (effects: readonly PeerEffect[]): Uint8Array[] =>
  effects.flatMap((effect) => (effect.kind === 'write' ? [...effect.frames] : []));

const caller = a.initiate({ ip: '1.1.1.1', port: 1 }, NOW, { pipelined: true });
const [hello] = framesOf(caller.connected(NOW)) as [Uint8Array];
caller.abandon('set aside', NOW);

/** A peer of a node that has got so far, and the MACs of its other side. */
function peerAt(
  node: LocalNode,
  state: 'connected' | 'hello' | 'auth'
): { peer: Peer; mac: MessageMac } {
  const peer = node.accept('2.2.2.2', NOW, { pipelined: true });
  const mac = new MessageMac();
  if (state === 'connected') return { peer, mac };
  peer.receive(hello, NOW);
  const nonce = same.bytes(32);
  mac.setSendKey(a.auth.sendingKey(node.auth.publicKey, nonce, nonce, PeerRole.WE_CALLED_REMOTE));
  if (state === 'hello') return { peer, mac };
  const auth = StellarMessage.encode({ type: MessageType.AUTH, value: { flags: 200 } });
  peer.receive(mac.seal(MessageType.AUTH, auth), NOW);
  assert.ok(peer.isAuthenticated, peer.dropped?.reason ?? 'no reason');
  return { peer, mac };
}

/** A few changes of the kinds that broke decoders before: bits, words, cuts, repeats. */
function mutated(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  let out: Uint8Array = bytes.slice();
  for (let changes = random.below(4); changes >= 0; changes--) {
    const at = random.below(Math.max(1, out.length));
    switch (random.below(6)) {
      case 0:
        out[at] = (out[at] ?? 0) ^ (1 << random.below(8));
        break;
      case 1:
        out[at] = random.below(256);
        break;
      case 2:
        if (out.length >= 4) {
          const word = [0, 1, 0x7fffffff, 0x80000000, 0xffffffff][random.below(5)] as number;
          const offset = Math.min(at & ~3, (out.length - 4) & ~3);
          new DataView(out.buffer, out.byteOffset).setUint32(offset, word);
        }
        break;
      case 3:
        out = out.slice(0, at);
        break;
      case 4:
        out = concat(out, random.bytes(random.below(64)));
        break;
      default:
        out = concat(out.subarray(0, at), out.subarray(at >> 1));
    }
  }
  return out;
}

t(
  '[stellar-overlay/future-enhancements-of-the-seed-protocol-fuzzing-of-message-parsing] mutated frames in every state never throw, and leave nothing behind',
  () => {
    const seed = Number(process.env['TESSERAE_FUZZ_SEED'] ?? 20261120);
    const random = new SeededRandom(seed);
    const ends = new Map<string, number>();
    let live = peerAt(b, 'auth');
    let heapBefore = 0;
    for (let i = 0; i < COUNT; i++) {
      if (i === Math.floor(COUNT / 10)) {
        collect();
        heapBefore = process.memoryUsage().heapUsed;
      }
      const raw = random.below(2) === 0;
      const gotHello = raw && random.below(8) === 0;
      const early = raw ? peerAt(c, gotHello ? 'hello' : 'connected') : live;
      const { type, bytes } = encoded[random.below(encoded.length)] as (typeof encoded)[number];
      // What is not raw is sealed with the right key, so that what is inside is looked at.
      const frame = raw
        ? rawFrame(gotHello ? early.mac.seal(type, bytes) : hello, random)
        : early.mac.seal(type, mutated(bytes, random));
      try {
        work(early.peer, early.peer.receive(frame, NOW + i));
      } catch (error) {
        throw new Error(`frame ${i} of seed ${seed}`, { cause: error });
      }
      const { dropped } = early.peer;
      if (dropped !== undefined) ends.set(dropped.reason, (ends.get(dropped.reason) ?? 0) + 1);
      if (raw) early.peer.abandon('enough', NOW + i);
      else if (dropped !== undefined) live = peerAt(b, 'auth');
    }
    live.peer.abandon('enough', NOW);
    for (const expected of ['received corrupt XDR', 'error during read', 'unexpected MAC']) {
      assert.ok((ends.get(expected) ?? 0) > 0, `"${expected}" never happened`);
    }
    for (const { connections, scheduled } of [b, c]) {
      assert.is(connections.pending.length + connections.authenticated.length, 0);
      assert.is(scheduled.size, 0);
    }
    collect();
    const growth = process.memoryUsage().heapUsed - heapBefore;
    // What is seen of messages is remembered up to a limit; connections are not.
    assert.ok(growth < 32 << 20, `${growth} bytes more than at a tenth`);
  },
  Math.max(60_000, COUNT)
);

/** A frame with mutations inside or anywhere. */
function rawFrame(frame: Uint8Array, random: SeededRandom): Uint8Array {
  if (random.below(4) === 0) return mutated(frame, random);
  const body = mutated(frame.subarray(4), random);
  return body.length === 0 ? frame : encodeRecord(body);
}

/** Process every message at once, as a program would. */
function work(peer: Peer, effects: readonly PeerEffect[]): void {
  for (const effect of effects) {
    if (effect.kind === 'message') work(peer, peer.processed(effect.received, NOW));
    else if (effect.kind === 'write') work(peer, peer.written(effect.frames.length, NOW));
  }
}

t('a stream in pieces of any size gives what it gives in one piece', () => {
  const random = new SeededRandom(3);
  for (let round = 0; round < 200; round++) {
    const { peer, mac } = peerAt(b, 'auth');
    const stream = concat(
      // All different: a copy of a message in processing would be dropped.
      ...Array.from({ length: 8 }, (_, i) => {
        const message = i % 2 === 0 ? transaction(i) : scpMessage(i, 5n);
        return mac.seal(message.type, StellarMessage.encode(message));
      })
    );
    let messages = 0;
    for (let at = 0; at < stream.length;) {
      const size = 1 + random.below(random.below(4) === 0 ? 600 : 5);
      const piece = stream.slice(at, at + size);
      at += size;
      for (const effect of peer.receive(piece, NOW)) {
        if (effect.kind !== 'message') continue;
        messages += 1;
        peer.processed(effect.received, NOW);
      }
    }
    assert.is(messages, 8);
    assert.is(peer.dropped, undefined);
    peer.abandon('enough', NOW);
  }
});

t.run();
