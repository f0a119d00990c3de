/**
 * Peers on real sockets of this machine; T numbers follow the reference's
 * `overlay/test/TCPPeerTests.cpp` (v27). @module
 */
import { connect as connectSocket } from 'node:net';
import { utf8 } from '../../base/bytes.ts';
import { systemRandom } from '../../base/random.ts';
import { recordHeader } from '../../codec/record-marking.ts';
import { connectPeer, listenForPeers, type TcpDoor } from '../../host/node/stellar-tcp.ts';
import type { OverlayConfig } from '../../stellar/overlay/config.ts';
import { layOutFrame } from '../../stellar/overlay/frame.ts';
import { LocalNode } from '../../stellar/overlay/local-node.ts';
import type { Drop, Received } from '../../stellar/overlay/peer-contract.ts';
import type { PeerListener, PeerRunner } from '../../stellar/overlay/peer-runner.ts';
import { StellarMessage } from '../../stellar/xdr/message.ts';
import { ErrorCode, MessageType } from '../../stellar/xdr/overlay.ts';
import { assert, rejectsCode } from '../support/assert.ts';
import { suite } from '../support/suite.ts';
import { transaction } from './overlay-world.ts';

const t = suite('overlay on TCP', import.meta.url);

let nodes = 0;
const makeNode = (config: Partial<OverlayConfig> = {}): LocalNode =>
  new LocalNode({
    seed: new Uint8Array(32).fill(++nodes),
    random: systemRandom,
    config: { listeningPort: 30_000 + nodes, ...config },
  });

/** What one side of a connection heard, and a promise for each turn of it. */
class Ear {
  readonly messages: StellarMessage[] = [];
  readonly authenticated: Promise<PeerRunner>;
  readonly dropped: Promise<Drop>;
  readonly closed: Promise<void>;
  readonly listener: PeerListener;

  constructor(onMessage?: (received: Received) => void | Promise<void>) {
    let authenticated: PeerListener['authenticated'];
    let dropped: PeerListener['dropped'];
    let closed: PeerListener['closed'];
    this.authenticated = new Promise((resolve) => (authenticated = resolve));
    this.dropped = new Promise((resolve) => (dropped = resolve));
    this.closed = new Promise((resolve) => (closed = () => resolve()));
    this.listener = {
      authenticated: (peer) => authenticated?.(peer),
      dropped: (drop, peer) => dropped?.(drop, peer),
      closed: (peer) => closed?.(peer),
      message: (received) => {
        this.messages.push(received.message);
        return onMessage?.(received);
      },
    };
  }
}

interface Joined {
  readonly a: LocalNode;
  readonly b: LocalNode;
  readonly earA: Ear;
  readonly earB: Ear;
  readonly peerA: PeerRunner;
  readonly peerB: PeerRunner;
  readonly door: TcpDoor;
}

async function join(
  configA: Partial<OverlayConfig> = {},
  configB: Partial<OverlayConfig> = {},
  earB: Ear = new Ear()
): Promise<Joined> {
  const [a, b] = [makeNode(configA), makeNode(configB)];
  const earA = new Ear();
  const door = await listenForPeers(b, { host: '127.0.0.1', port: 0 }, earB.listener);
  connectPeer(a, { port: door.port }, earA.listener);
  const [peerA, peerB] = await Promise.all([earA.authenticated, earB.authenticated]);
  return { a, b, earA, earB, peerA, peerB, door };
}

/** Both sides are closed, and the door. */
async function over({ earA, earB, door }: Joined): Promise<void> {
  await Promise.all([earA.closed, earB.closed, door.close()]);
}

t(
  '[stellar-overlay/peer-tcppeer-initiate] [stellar-overlay/peer-tcppeer-accept] [stellar-overlay/peer-tcppeer-connected] [stellar-overlay/peerdoor-start] [stellar-overlay/peerdoor-acceptnextpeer] [stellar-overlay/peerdoor-close] two nodes authenticate and know each other by listening port',
  async () => {
    const joined = await join();
    assert.is(joined.peerB.peer.toString(), `127.0.0.1:${joined.a.config.listeningPort}`);
    assert.is(joined.b.connections.liveInbound, 1);
    assert.is(joined.a.connections.outboundAuthenticated.length, 1);
    assert.is(joined.b.connections.inboundAuthenticated.length, 1);
    joined.peerA.close(ErrorCode.ERR_MISC, 'done');
    const drop = await joined.earB.dropped;
    assert.equal(drop, { reason: 'ERR_MISC (done)', direction: 'remote-dropped-us', code: 0 });
    await over(joined);
    assert.is(joined.a.connections.authenticated.length, 0);
    assert.is(joined.b.connections.authenticated.length, 0);
  }
);

t(
  '[stellar-overlay-tests/upstream-tests-tcppeer-3-test-case-5-section] [stellar-overlay/peerdoor-handleknock] T65 a node without places takes no connection and opens none',
  async () => {
    const none = { maxInboundPendingConnections: 0, maxOutboundPendingConnections: 0 };
    const [a, b] = [makeNode(), makeNode(none)];
    const earB = new Ear();
    const door = await listenForPeers(b, { host: '127.0.0.1', port: 0 }, earB.listener);
    const earA = new Ear();
    connectPeer(a, { port: door.port }, earA.listener);
    const { reason } = await earA.dropped;
    assert.match(reason, /^error reading message header: (End of file|ECONNRESET|EPIPE)$/);
    await earA.closed;
    assert.is(a.metrics.meter('outbound.attempt').count, 1);
    assert.is(b.metrics.meter('inbound.attempt').count, 1);
    assert.is(b.metrics.meter('inbound.reject').count, 1);
    assert.is(b.connections.pending.length, 0);
    assert.not(b.connections.hasOutboundSpace);
    const earNone = new Ear();
    connectPeer(b, { port: door.port }, earNone.listener);
    assert.is((await earNone.dropped).reason, 'all outbound connections taken');
    assert.is(b.metrics.meter('inbound.attempt').count, 1, 'no socket was opened');
    await door.close();
  }
);

t(
  '[stellar-overlay-tests/upstream-tests-tcppeer-3-test-case-5-section] [stellar-overlay/peer-tcppeer-sendmessage] [stellar-overlay/peer-tcppeer-drop] [stellar-overlay/peer-tcppeer-shutdown] [stellar-overlay/peer-senderroranddrop] T66 what was sent before the end arrives, the reason included',
  async () => {
    const joined = await join();
    const { a, peerA, earB } = joined;
    await until(() => peerA.peer.unwritten === 0);
    const written = a.metrics.meter('message.write').count;
    peerA.send({ type: MessageType.GET_SCP_STATE, value: 77 });
    peerA.close(ErrorCode.ERR_MISC, 'test drop');
    assert.is((await earB.dropped).reason, 'ERR_MISC (test drop)');
    const last = earB.messages[earB.messages.length - 1];
    assert.equal(last, { type: MessageType.GET_SCP_STATE, value: 77 });
    await over(joined);
    assert.is(a.metrics.meter('message.write').count, written + 2);
  }
);

/** Send raw frames from an authenticated peer; what each side says of the end. */
async function malformed(
  make: () => readonly Uint8Array[]
): Promise<{ a: Drop; b: Drop; read: number }> {
  const joined = await join();
  const { peerA, b } = joined;
  // Both have sent what follows the handshake.
  await until(() => b.metrics.meter('message.read').count === 4);
  const read = b.metrics.meter('message.read').count;
  const now = Date.now();
  const effects = make().flatMap((frame) => [...peerA.peer.sendRaw(frame, now)]);
  peerA.runEffects(effects);
  const [dropA, dropB] = await Promise.all([joined.earA.dropped, joined.earB.dropped]);
  await over(joined);
  return { a: dropA, b: dropB, read: b.metrics.meter('message.read').count - read };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

t(
  '[stellar-overlay-tests/upstream-tests-tcppeer-3-test-case-5-section] [stellar-overlay/peer-tcppeer-readheaderhandler] [stellar-overlay/messagecodec-max-unauth-message-size] T67 a record above the limit ends the connection in silence',
  async () => {
    const large = await malformed(() => [recordHeader((1 << 24) + 1)]);
    assert.is(large.b.reason, 'error during read');
    assert.is(large.b.code, undefined);
    assert.match(large.a.reason, /^error reading message header/);
    assert.is(large.read, 0);
  }
);

t(
  '[stellar-overlay-tests/upstream-tests-tcppeer-3-test-case-5-section] [stellar-overlay/peer-tcppeer-recvmessage] [stellar-overlay/peer-tcppeer-readbodyhandler] T67 a wrong sequence number is told, and nothing more is read',
  async () => {
    const message = StellarMessage.encode(transaction());
    const late = await malformed(() => [layOutFrame(message, 0n), layOutFrame(message, 99n)]);
    assert.is(late.b.reason, 'unexpected auth sequence');
    assert.equal(late.a, {
      reason: 'ERR_AUTH (unexpected auth sequence)',
      direction: 'remote-dropped-us',
      code: ErrorCode.ERR_AUTH,
    });
    assert.is(late.read, 1);
  }
);

t(
  '[stellar-overlay-tests/upstream-tests-tcppeer-3-test-case-5-section] T67 bytes that are no message are told, and nothing more is read',
  async () => {
    const zeros = new Uint8Array(4 + 0xff);
    zeros.set(recordHeader(0xff));
    const corrupt = await malformed(() => [zeros, zeros]);
    assert.is(corrupt.b.reason, 'received corrupt XDR');
    assert.is(corrupt.a.reason, 'ERR_DATA (received corrupt XDR)');
    assert.is(corrupt.read, 1);
  }
);

t(
  '[stellar-overlay-tests/upstream-tests-tcppeer-3-test-case-5-section] T68 a peer that sends more than its credit is dropped',
  async () => {
    const hold = new Ear(() => new Promise(() => undefined));
    const joined = await join({}, { floodReadingCapacity: 1, sendMoreBatch: 1 }, hold);
    const now = Date.now();
    for (const i of [1, 2]) {
      joined.peerA.runEffects(joined.peerA.peer.sendUncontrolled(transaction(i), now));
    }
    const drop = await joined.earB.dropped;
    assert.is(drop.reason, 'unexpected flood message, peer at capacity');
    await over(joined);
  }
);

t(
  'before authentication 4096 bytes are the most, and a record of nothing is too little',
  async () => {
    for (const [length, ends] of [
      [4096, false],
      [4097, true],
      [0, true],
    ] as const) {
      const node = makeNode({ authenticationTimeoutMs: 1000 });
      const ear = new Ear();
      const door = await listenForPeers(node, { host: '127.0.0.1', port: 0 }, ear.listener);
      const socket = connectSocket({ port: door.port, host: '127.0.0.1' });
      const header = new Uint8Array(4);
      new DataView(header.buffer).setUint32(0, 0x80000000 + length);
      socket.write(header);
      if (ends) {
        assert.is((await ear.dropped).reason, 'error during read');
      } else {
        socket.end();
        assert.is((await ear.dropped).reason, 'error reading message header: End of file');
      }
      socket.destroy();
      await Promise.all([ear.closed, door.close()]);
    }
  }
);

t(
  '[stellar-overlay/peer-tcppeer-messagesender] [stellar-overlay/peer-tcppeer-writehandler] [stellar-overlay/peer-timestampedmessage] messages that wait for a write go out together, within the limits of a batch',
  async () => {
    const joined = await join({ maxBatchWriteCount: 10 });
    const { peerA, a, earB } = joined;
    await until(() => peerA.peer.unwritten === 0);
    const before = a.metrics.meter('async.write').count;
    for (let i = 0; i < 101; i++)
      peerA.send({ type: MessageType.GET_TX_SET, value: new Uint8Array(32) });
    await until(() => peerA.peer.unwritten === 0);
    const writes = a.metrics.meter('async.write').count - before;
    assert.is(writes, 11, 'one at once, then ten at a time');
    assert.is(a.metrics.timer('delay.write-queue').count, a.metrics.meter('message.write').count);
    peerA.close(ErrorCode.ERR_MISC, 'done');
    await over(joined);
    assert.ok(earB.messages.length > 0);
  }
);

t(
  '[stellar-overlay/peer-tcppeer-scheduleread] a slow program slows its peer down and loses nothing',
  async () => {
    let most = 0;
    let open = 0;
    const slow = new Ear(async () => {
      open += 1;
      most = Math.max(most, open);
      await new Promise((resolve) => setTimeout(resolve, 1));
      open -= 1;
    });
    const joined = await join({}, {}, slow);
    const count = 1500;
    for (let i = 0; i < count; i++) joined.peerA.send(transaction(i));
    const received = (): number =>
      slow.messages.filter(({ type }) => type === MessageType.TRANSACTION).length;
    await until(() => received() === count);
    assert.ok(most <= 201, `${most} messages in processing`);
    assert.is(joined.b.metrics.meter('flood.unique-recv').count, count * 220);
    joined.peerB.close(ErrorCode.ERR_MISC, 'done');
    await over(joined);
  }
);

t('a port that nobody listens on, and one that is taken, are told by name', async () => {
  const node = makeNode();
  const door = await listenForPeers(node, { host: '127.0.0.1', port: 0 });
  const error = await rejectsCode(
    () => listenForPeers(node, { host: '127.0.0.1', port: door.port }),
    'HOST_NETWORK'
  );
  assert.match(error.message, /EADDRINUSE/);
  await door.close();
  const ear = new Ear();
  connectPeer(makeNode(), { port: door.port }, ear.listener);
  assert.is((await ear.dropped).reason, 'unable to connect: ECONNREFUSED');
  await ear.closed;
});

t('an error text longer than the field is a mistake of the caller', async () => {
  const joined = await join();
  assert.throws(() => joined.peerA.close(ErrorCode.ERR_MISC, 'x'.repeat(101)), /at most 100 bytes/);
  assert.is(utf8('done').length, 4);
  joined.peerA.close(ErrorCode.ERR_MISC, 'done');
  await over(joined);
});

t.run();
