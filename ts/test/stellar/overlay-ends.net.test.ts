/** How connections end, what pings measure, and what bad lines do; on the virtual clock. @module */
import { ErrorCode, MessageType } from '../../stellar/xdr/overlay.ts';
import { assert } from '../support/assert.ts';
import { suite } from '../support/suite.ts';
import { World } from './overlay-world.ts';

const t = suite('overlay ends', import.meta.url);

t(
  '[stellar-overlay/peer-drop] a dropped connection stays open for five seconds, so that the reason arrives',
  () => {
    const world = new World();
    const line = world.pair();
    const { peer } = line.initiator;
    const now = world.network.now();
    peer.sendErrorAndDrop(ErrorCode.ERR_MISC, 'enough', now);
    const effects = peer.takeEffects();
    assert.equal(
      effects.map(({ kind }) => kind),
      ['write', 'dropped']
    );
    assert.is(peer.due(), now + 5000);
    assert.equal(peer.tick(now + 4999), []);
    assert.equal(peer.tick(now + 5000), [{ kind: 'close' }]);
    assert.is(peer.due(), null);
    assert.equal(peer.send({ type: MessageType.GET_SCP_STATE, value: 0 }, now), []);
  }
);

t(
  '[stellar-overlay/peer-recverror] text of an error that a peer sends cannot steer a terminal',
  () => {
    const world = new World();
    const line = world.pair();
    line.initiator.sendErrorAndDrop(ErrorCode.ERR_LOAD, 'no\u001b[31m room\u0007!');
    world.network.crank();
    assert.is(line.acceptor.dropReason, 'ERR_LOAD (no**31m room**)');
    assert.is(line.acceptor.peer.dropped?.direction, 'remote-dropped-us');
  }
);

t(
  '[stellar-overlay/overlaymanager-shutdown] a node that shuts down tells its peers and takes no new ones',
  () => {
    const world = new World();
    const line = world.pair();
    line.a.node.connections.shutdown(world.network.now());
    world.network.crank();
    line.assertOver();
    assert.is(line.acceptor.dropReason, 'ERR_MISC (shutdown)');
    const late = world.connect(world.node(), line.a);
    assert.is(late.acceptor.dropReason, 'all pending inbound connections are taken');
  }
);

t(
  '[stellar-overlay/peer-pingpeer] [stellar-overlay/peer-maybeprocesspingresponse] [stellar-overlay/peer-getping] a ping asks for a quorum set that there is not, and the answer gives the latency',
  () => {
    const world = new World();
    const line = world.pair();
    for (const end of [line.initiator, line.acceptor]) end.latencyMs = 40;
    assert.is(line.initiator.peer.ping.latencyMs, 24 * 3600 * 1000);
    world.network.crankFor(5100);
    assert.is(line.initiator.peer.ping.latencyMs, 80);
    assert.is(line.acceptor.peer.ping.latencyMs, 80);
    assert.is(line.a.node.metrics.timer('connection.latency').maxMs, 80);
  }
);

t(
  'a quorum set that answers a ping by its hash counts as well, and an unknown hash does not',
  () => {
    const world = new World();
    const line = world.pair();
    line.acceptor.setCorked(true);
    world.network.crankFor(5000);
    assert.ok(line.initiator.peer.ping.isUnderWay);
    line.acceptor.sendUncontrolled({
      type: MessageType.DONT_HAVE,
      value: { type: MessageType.SCP_QUORUMSET, reqHash: new Uint8Array(32) },
    });
    assert.ok(line.initiator.peer.ping.isUnderWay);
  }
);

t(
  '[stellar-overlay/future-enhancements-of-the-seed-end-to-end-tests-with-several-nodes] damaged, lost, doubled and reordered frames end a connection by name and never by exception',
  () => {
    const knobs = [
      'damageProbability',
      'dropProbability',
      'duplicateProbability',
      'reorderProbability',
    ] as const;
    for (const knob of knobs) {
      for (let seed = 1; seed <= 20; seed++) {
        const world = new World(seed);
        const line = world.pair();
        line.initiator[knob] = 0.3;
        line.initiator.maxQueueDepth = knob === 'reorderProbability' ? 3 : 0;
        for (let i = 0; i < 60 && !line.isOver; i++) {
          line.initiator.send({ type: MessageType.GET_SCP_STATE, value: i });
          world.network.crankFor(100);
        }
        line.assertOver();
        const reason = line.acceptor.dropReason ?? '';
        assert.ok(
          ['unexpected MAC', 'unexpected auth sequence', 'received corrupt XDR'].includes(reason) ||
            /^ERR_\w+ \(/.test(reason) ||
            reason === 'unexpected flood message, peer at capacity',
          `${knob} ${seed}: ${reason}`
        );
      }
    }
  }
);

t.run();
