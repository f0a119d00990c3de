/**
 * The reference's connection tests on the virtual clock; T numbers follow the order of its
 * `overlay/test/OverlayTests.cpp` (v27). @module
 */
import { StellarMessage } from '../../stellar/xdr/message.ts';
import { ErrorCode, MessageType } from '../../stellar/xdr/overlay.ts';
import { NetworkPassphrase } from '../../stellar/overlay/network.ts';
import type { OverlayConfig } from '../../stellar/overlay/config.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { suite } from '../support/suite.ts';
import { World, type Line, type TestNode } from './overlay-world.ts';

const t = suite('overlay connections', import.meta.url);

t(
  '[stellar-overlay/future-enhancements-of-the-seed-loopbackpeer-in-process-peers-without-] [stellar-overlay/future-enhancements-of-the-seed-virtualclock-simulated-time-for-determ] [stellar-overlay/peer-recvhello] [stellar-overlay/peer-recvauth] [stellar-overlay/peer-isauthenticated] T1 two peers authenticate, and each knows the other in its role',
  () => {
    const world = new World();
    const line = world.pair();
    assert.is(line.a.knows(line.b), 'outbound');
    assert.is(line.b.knows(line.a), 'inbound');
    sameBytes(line.initiator.peer.nodeId, line.b.node.auth.nodeId);
    sameBytes(line.acceptor.peer.nodeId, line.a.node.auth.nodeId);
    assert.ok(line.hasFullCredit());
    // Each asks the other for the state of consensus, after its grant.
    for (const end of [line.initiator, line.acceptor]) {
      assert.equal(
        end.messages.map(({ type }) => type),
        [MessageType.GET_SCP_STATE]
      );
    }
  }
);

t('T2 an acceptor with port 0 is refused', () => {
  const world = new World();
  const line = world.connect(world.node(), world.node({ listeningPort: 0 }));
  world.network.crank();
  line.assertOver();
  assert.is(line.initiator.dropReason, 'bad address');
});

t('T2 an initiator with port 0 or one above 65535 is refused', () => {
  for (const listeningPort of [0, 65536]) {
    const world = new World();
    const line = world.connect(world.node({ listeningPort }), world.node());
    world.network.crank();
    line.assertOver();
    assert.is(line.acceptor.dropReason, 'bad address');
    assert.is(line.initiator.dropReason, 'ERR_CONF (bad address)');
  }
});

t('[stellar-overlay/peer-sendauth] T3 AUTH before HELLO authenticates nobody', () => {
  const world = new World();
  const [a, b] = [world.node(), world.node()];
  const line = world.connect(a, b);
  line.initiator.run(line.initiator.peer.sendAuth(world.network.now()));
  world.network.crank();
  line.assertOver();
  assert.is(line.acceptor.dropReason, 'out-of-order AUTH message');
  assert.is(a.knows(b), undefined);
  assert.is(b.knows(a), undefined);
});

t('T10 a peer whose MACs do not fit is told so and dropped', () => {
  const world = new World();
  const [a, b] = [world.node(), world.node()];
  const line = world.connect(a, b);
  line.initiator.damagesAuth = true;
  world.network.crank();
  line.assertOver();
  assert.is(line.initiator.dropReason, 'unexpected MAC');
  assert.is(line.initiator.peer.dropped?.code, ErrorCode.ERR_AUTH);
  assert.is(line.acceptor.dropReason, 'ERR_AUTH (unexpected MAC)');
  assert.is(a.knows(b), 'outbound');
  assert.is(b.knows(a), 'inbound');
});

/** A pair of which the acceptor has an address to share. */
function withPeers(): { world: World; line: Line; a: TestNode } {
  const world = new World();
  const [a, b] = [world.node(), world.node()];
  b.peersToSend = [{ ip: '1.1.1.1', port: 11625 }];
  const line = world.connect(a, b);
  world.network.crank();
  line.assertAuthenticated();
  return { world, line, a };
}

const PEERS: StellarMessage = { type: MessageType.PEERS, value: [] };

t(
  '[stellar-overlay/message-types-peers] [stellar-overlay/peer-sendpeers] T11 PEERS from the initiator ends the connection',
  () => {
    const { world, line, a } = withPeers();
    assert.equal(a.heard, [{ ip: '1.1.1.1', port: 11625 }]);
    line.initiator.send(PEERS);
    world.network.crankFor(1000);
    line.assertOver();
    assert.is(line.acceptor.dropReason, 'received PEERS');
  }
);

t('[stellar-overlay/peer-recvpeers] T11 a second PEERS ends the connection', () => {
  const { world, line } = withPeers();
  line.acceptor.send(PEERS);
  world.network.crankFor(1000);
  line.assertOver();
  assert.is(line.initiator.dropReason, 'too many msgs PEERS');
});

const PREFERS_ONLY: Partial<OverlayConfig> = { preferredPeersOnly: true };

t(
  '[stellar-overlay/overlaymanager-acceptauthenticatedpeer] T13 a node that takes preferred peers only rejects others, in both roles',
  () => {
    for (const strictIs of ['acceptor', 'initiator'] as const) {
      const world = new World();
      const [a, b] = [world.node(), world.node(PREFERS_ONLY)];
      const line = strictIs === 'acceptor' ? world.connect(a, b) : world.connect(b, a);
      world.network.crank();
      line.assertOver();
      assert.is(line[strictIs].dropReason, 'peer rejected');
      assert.is(line[strictIs].peer.dropped?.code, ErrorCode.ERR_LOAD);
      assert.is(a.knows(b), strictIs === 'acceptor' ? 'outbound' : 'inbound');
      assert.is(b.knows(a), strictIs === 'acceptor' ? 'inbound' : 'outbound');
    }
  }
);

t(
  '[stellar-overlay/overlaymanager-ispreferred] T14 a strict node takes a preferred peer, by key and by address, in both roles',
  () => {
    for (const strictCalls of [false, true]) {
      for (const by of ['key', 'address'] as const) {
        const world = new World();
        const a = world.node();
        const b = world.node({
          ...PREFERS_ONLY,
          ...(by === 'key'
            ? { preferredPeerKeys: [a.node.auth.nodeId] }
            : { preferredPeers: [`127.0.0.1:${a.node.config.listeningPort}`] }),
        });
        const line = strictCalls ? world.connect(b, a) : world.connect(a, b);
        world.network.crank();
        line.assertAuthenticated();
      }
    }
  }
);

/** Settings under which a node has one place, in the direction of `calls`. */
function onePlace(calls: boolean): Partial<OverlayConfig> {
  return calls
    ? { maxAdditionalPeerConnections: 0, targetPeerConnections: 1 }
    : { maxAdditionalPeerConnections: 1, targetPeerConnections: 0 };
}

t('T15 peers beyond the limit are rejected, in both directions', () => {
  for (const calls of [false, true]) {
    const world = new World();
    const [a, full, c] = [world.node(), world.node(onePlace(calls)), world.node()];
    const join = (other: TestNode): Line =>
      calls ? world.connect(full, other) : world.connect(other, full);
    const [first, second] = [join(a), join(c)];
    world.network.crank();
    first.assertAuthenticated();
    second.assertOver();
    const end = calls ? second.initiator : second.acceptor;
    assert.is(end.dropReason, 'peer rejected');
    assert.is(full.knows(c), calls ? 'outbound' : 'inbound');
  }
});

t(
  'T16 a preferred peer wins the only place, whether it comes first or second, in both directions',
  () => {
    for (const calls of [false, true]) {
      for (const preferredFirst of [false, true]) {
        const world = new World();
        const [a, c] = [world.node(), world.node()];
        const full = world.node({ ...onePlace(calls), preferredPeerKeys: [c.node.auth.nodeId] });
        const join = (other: TestNode): Line =>
          calls ? world.connect(full, other) : world.connect(other, full);
        const lines = preferredFirst ? [c, a].map(join) : [a, c].map(join);
        const [first, second] = lines as [Line, Line];
        world.network.crank();
        const [winner, loser] = preferredFirst ? [first, second] : [second, first];
        winner.assertAuthenticated();
        loser.assertOver();
        const end = calls ? loser.initiator : loser.acceptor;
        assert.is(
          end.dropReason,
          preferredFirst ? 'peer rejected' : 'preferred peer selected instead'
        );
      }
    }
  }
);

/** Four connections of a node with three pending places; the first two are held back. */
function fourLines(
  world: World,
  hub: TestNode,
  calls: boolean
): { lines: readonly Line[]; others: readonly TestNode[] } {
  const others = [0, 1, 2, 3].map(() => world.node());
  const lines = others.map((other, i) => {
    const line = calls ? world.connect(hub, other) : world.connect(other, hub);
    if (i < 2) line.initiator.setCorked(true);
    return line;
  });
  return { lines, others };
}

const THREE_PENDING: Partial<OverlayConfig> = {
  maxInboundPendingConnections: 3,
  maxOutboundPendingConnections: 3,
};

t(
  '[stellar-overlay/overlaymanager-maybeaddinboundconnection] [stellar-overlay/overlaymanager-havespaceforconnection] T17 inbound connections may be pending up to the limit',
  () => {
    const world = new World();
    const hub = world.node(THREE_PENDING);
    const { lines, others } = fourLines(world, hub, false);
    assert.is(lines[3]?.acceptor.dropReason, 'all pending inbound connections are taken');
    world.network.crankFor(5000);
    for (const i of [0, 1, 3]) (lines[i] as Line).assertOver();
    (lines[2] as Line).assertAuthenticated();
    assert.is(hub.node.metrics.meter('timeout.idle').count, 2);
    assert.is(hub.node.metrics.meter('inbound.reject').count, 1);
    assert.equal(
      others.map((other) => hub.knows(other)),
      [undefined, undefined, 'inbound', undefined]
    );
  }
);

t(
  '[stellar-overlay/overlaymanager-ispossiblypreferred] T18 two more may be pending from the address of a preferred peer',
  () => {
    const world = new World();
    const hub = world.node({ ...THREE_PENDING, preferredPeers: ['127.0.0.1:17'] });
    const { lines, others } = fourLines(world, hub, false);
    world.network.crankFor(5000);
    for (const i of [0, 1]) (lines[i] as Line).assertOver();
    for (const i of [2, 3]) (lines[i] as Line).assertAuthenticated();
    assert.is(hub.node.metrics.meter('timeout.idle').count, 2);
    assert.is(hub.node.metrics.meter('inbound.reject').count, 0);
    assert.is(hub.knows(others[3] as TestNode), 'inbound');
  }
);

t(
  '[stellar-overlay/overlaymanager-addoutboundconnection] [stellar-overlay/overlaymanager-canacceptoutboundpeer] T19 outbound connections may be pending up to the limit',
  () => {
    const world = new World();
    const hub = world.node(THREE_PENDING);
    const { lines, others } = fourLines(world, hub, true);
    assert.is(lines[3]?.initiator.dropReason, 'all outbound connections taken');
    world.network.crankFor(5000);
    for (const i of [0, 1, 3]) (lines[i] as Line).assertOver();
    (lines[2] as Line).assertAuthenticated();
    assert.is(hub.node.metrics.meter('timeout.idle').count, 2);
    assert.is(hub.node.metrics.meter('outbound.cancel').count, 1);
    assert.is(hub.knows(others[2] as TestNode), 'outbound');
  }
);

t('T20 a peer of another network is dropped without a word', () => {
  const world = new World();
  const [a, b] = [world.node(), world.node({ networkPassphrase: NetworkPassphrase.public })];
  const line = world.connect(a, b);
  world.network.crank();
  line.assertOver();
  assert.is(line.acceptor.dropReason, 'failed to verify auth cert');
  assert.is(line.initiator.dropReason, 'failed to verify auth cert', 'as told by the line alone');
  assert.is(b.node.metrics.sent(MessageType.ERROR_MSG).count, 0);
  assert.is(b.node.metrics.sent(MessageType.HELLO).count, 0);
});

t('T21 a peer with a certificate that does not fit is dropped without a word', () => {
  const world = new World();
  const [a, b] = [world.node(), world.node()];
  const line = world.connect(a, b);
  line.acceptor.peer.damagesCert = true;
  world.network.crank();
  line.assertOver();
  assert.is(line.initiator.dropReason, 'failed to verify auth cert');
  assert.is(a.node.metrics.sent(MessageType.ERROR_MSG).count, 0);
  assert.is(a.knows(b), undefined);
});

t('T22 a banned node is dropped without a word', () => {
  const world = new World();
  const [a, b] = [world.node(), world.node()];
  b.banned.add(String(a.node.auth.nodeId));
  const line = world.connect(a, b);
  world.network.crank();
  line.assertOver();
  assert.is(line.acceptor.dropReason, 'node is banned');
  assert.is(b.node.metrics.sent(MessageType.ERROR_MSG).count, 0);
});

t('T23 a peer with overlay versions above or below ours is refused', () => {
  for (const version of [43, 40]) {
    const world = new World();
    const [a, b] = [
      world.node(),
      world.node({ overlayVersion: version, overlayMinVersion: version }),
    ];
    const line = world.connect(a, b);
    world.network.crank();
    line.assertOver();
    assert.is(line.initiator.dropReason, 'wrong protocol version');
    assert.is(line.acceptor.dropReason, 'wrong protocol version');
    assert.is(a.knows(b), undefined);
    assert.is(b.knows(a), undefined);
  }
});

t(
  'ranges of overlay versions that meet in one version suffice, and older ones when configured',
  () => {
    const ranges: readonly [[number, number], [number, number], boolean][] = [
      [[41, 42], [42, 50], true],
      [[41, 42], [35, 41], true],
      [[41, 42], [35, 38], false],
      [[35, 42], [35, 38], true],
      [[35, 38], [35, 38], true],
    ];
    for (const [[lowA, highA], [lowB, highB], fits] of ranges) {
      const world = new World();
      const a = world.node({ overlayMinVersion: lowA, overlayVersion: highA });
      const b = world.node({ overlayMinVersion: lowB, overlayVersion: highB });
      const line = world.connect(a, b);
      world.network.crank();
      assert.is(line.isAuthenticated, fits, `${lowA}..${highA} with ${lowB}..${highB}`);
    }
  }
);

t(
  '[stellar-overlay/peer-getiotimeout] [stellar-overlay/peer-startrecurrenttimer] T24 a handshake that takes longer than 2 or 5 seconds ends the connection',
  () => {
    for (const seconds of [2, 5]) {
      const world = new World();
      const config = { authenticationTimeoutMs: seconds * 1000 };
      const [a, b] = [world.node(config), world.node(config)];
      const line = world.connect(a, b);
      line.initiator.setCorked(true);
      world.network.crankFor((seconds + 1) * 1000);
      world.network.crankFor(4000);
      line.assertOver();
      const idle = [a, b].map(({ node }) => node.metrics.meter('timeout.idle').count);
      assert.ok(idle.some((count) => count > 0));
      assert.is(a.knows(b), undefined);
      assert.is(b.knows(a), undefined);
    }
  }
);

t(
  '[stellar-overlay/peer-recurrenttimerexpired] T25 a peer that takes too long to take what it asked for is dropped',
  () => {
    for (const seconds of [60, 120, 150]) {
      const world = new World(seconds);
      const [a, b] = [world.node(), world.node({ stragglerTimeoutMs: seconds * 1000 })];
      const line = world.connect(a, b);
      const start = world.network.now();
      world.network.crank();
      line.assertAuthenticated();
      line.initiator.isStraggling = true;
      const request: StellarMessage = { type: MessageType.GET_TX_SET, value: new Uint8Array(32) };
      while (!line.isOver && world.network.now() < start + seconds * 3000) {
        line.initiator.send(request);
        world.network.crankFor(1000);
      }
      line.assertOver();
      assert.is(line.acceptor.dropReason, 'straggling (cannot keep up)');
      assert.is(a.node.metrics.meter('timeout.idle').count, 0);
      assert.is(b.node.metrics.meter('timeout.idle').count, 0);
      assert.is(b.node.metrics.meter('timeout.straggler').count, 1);
    }
  }
);

t(
  'T27 a second connection to the same node is refused, in both roles and while the first is pending',
  () => {
    for (const again of ['same', 'reverse'] as const) {
      const world = new World();
      const [a, b] = [world.node(), world.node()];
      const first = world.connect(a, b);
      world.network.crank();
      const second = again === 'same' ? world.connect(a, b) : world.connect(b, a);
      world.network.crank();
      first.assertAuthenticated();
      second.assertOver();
      const name = second.acceptor.dropReason ?? '';
      assert.match(name, /^already-connected peer: G[A-Z2-7]{4}$/);
      assert.is(second.acceptor.peer.dropped?.code, ErrorCode.ERR_CONF);
    }
    const world = new World();
    const [a, b] = [world.node(), world.node()];
    const lines = [world.connect(a, b), world.connect(a, b)];
    world.network.crank();
    assert.is(lines.filter((line) => line.isAuthenticated).length <= 1, true);
  }
);

t('a node does not connect to itself', () => {
  const world = new World();
  const a = world.node();
  const line = world.connect(a, a);
  world.network.crank();
  line.assertOver();
  assert.is(line.acceptor.dropReason, 'connecting to self');
});

t('AUTH without the flag for bytes is refused after our own AUTH', () => {
  for (const flags of [0, 100, 201]) {
    const reason = flagsRefusal(new World(), flags);
    assert.is(reason, 'flow control bytes disabled');
  }
});

/** Drive a handshake by hand up to an AUTH with those flags; the acceptor's reason for the end. */
function flagsRefusal(world: World, flags: number): string | undefined {
  const [a, b] = [world.node(), world.node()];
  const now = world.network.now();
  const here = a.node.initiate({ ip: '127.0.0.1', port: 1 }, now, { pipelined: true });
  const there = b.node.accept('127.0.0.1', now, { pipelined: true });
  const frames = (effects: ReturnType<typeof here.tick>): Uint8Array[] =>
    effects.flatMap((effect) => (effect.kind === 'write' ? [...effect.frames] : []));
  const [helloA] = frames(here.connected(now));
  const [helloB] = frames(there.receive(helloA as Uint8Array, now));
  // The AUTH that follows our HELLO is not delivered; another takes its place in the sequence.
  const [authA] = frames(here.receive(helloB as Uint8Array, now));
  assert.ok(authA !== undefined);
  const forged = world.forgeAuth(a, b, helloA as Uint8Array, helloB as Uint8Array, flags);
  const answer = frames(there.receive(forged, now));
  const types = answer.map((frame) => StellarMessage.decode(frame.subarray(16, -32)).type);
  assert.equal(types, [MessageType.AUTH, MessageType.ERROR_MSG]);
  return there.dropped?.reason;
}

t.run();
