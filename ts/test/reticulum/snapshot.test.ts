import { suite } from '../support/suite.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { linked } from '../support/sim.ts';
import { LinkStatus, ResourceStrategy } from '../../reticulum/link/constants.ts';
import { snapshotOf, snapshotOfLink } from '../../reticulum/snapshot.ts';

const t = suite('reticulum/snapshot', import.meta.url);

t(
  '[reticulum/reticulum-get-interface-stats] [reticulum/reticulum-get-path-table] [reticulum/reticulum-get-rate-table] [reticulum/reticulum-get-link-count] a snapshot shows every table and state, and does not change afterwards',
  () => {
    const { network, a, b, inbound, outbound, link, peer } = linked(1, { delayMs: 50, mtu: 1064 });
    inbound.requests.register('/x', { allow: 1 });
    peer.resourceStrategy = ResourceStrategy.ACCEPT_ALL;
    peer.channel().register(1);
    a.act((reticulum, now) => {
      link.request('/x', 'data', now);
      link.send(Uint8Array.of(1), now);
      link.sendResource(new Uint8Array(80_000), now, { autoCompress: false });
      link.sendResource(new Uint8Array(10), now);
      link.channel().send(1, Uint8Array.of(1), now);
      reticulum.requestPath(new Uint8Array(16), now);
      reticulum.blackhole.add(new Uint8Array(16).fill(2), undefined, 'spam');
    });
    network.run(400);
    const near = snapshotOf(a.reticulum);
    const far = snapshotOf(b.reticulum);
    const text = JSON.stringify(near);
    assert.is(near.atMs, a.reticulum.core.now);
    assert.is(near.dueMs, a.reticulum.due());
    const [face] = near.interfaces;
    assert.equal([face?.name, face?.online, face?.linkMtu], ['a/0', true, 1064]);
    assert.equal([face?.counters.announcesIn, face?.counters.pathRequestsOut], [1, 1]);
    const [path] = near.paths;
    sameBytes(path?.destinationHash, outbound.hash);
    assert.is(path?.hops, 1);
    sameBytes(near.known[0]?.publicKey, inbound.identity?.publicKey ?? '');
    const [one] = near.links;
    assert.equal(
      [one?.initiator, one?.status, one?.mtu, one?.rttMs],
      [true, LinkStatus.ACTIVE, 1064, 100]
    );
    assert.is(one?.requests[0]?.path, '/x');
    assert.equal(
      one?.resources.map(({ direction, totalSegments }) => [direction, totalSegments]),
      [
        ['out', 1],
        ['out', 1],
      ]
    );
    const progress = one?.resources[0]?.progress ?? 0;
    assert.ok(progress > 0 && progress < 1);
    assert.equal([one?.channel?.sendSequence, one?.channel?.outstanding], [1, 0]);
    assert.is(near.receipts.length, 1);
    assert.equal([near.pathRequests, near.blackhole[0]?.reason], [1, 'spam']);
    assert.equal(far.destinations[0]?.requestPaths, ['/x']);
    sameBytes(far.destinations[0]?.hash, inbound.hash);
    const [incoming] = far.links[0]?.resources ?? [];
    assert.is(incoming?.direction, 'in');
    assert.ok((incoming?.window ?? 0) >= 4);
    assert.is(far.links[0]?.channel?.receiveSequence, 1);
    network.run(60_000);
    assert.is(JSON.stringify(near), text);
    assert.is(snapshotOfLink(link).resources.length, 0);
  }
);

t.run();
