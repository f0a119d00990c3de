/** Addresses, settings, metrics and small parts of the overlay. @module */
import { SeededRandom } from '../../base/random.ts';
import {
  addressFromXdr,
  addressToXdr,
  compareAddresses,
  formatAddress,
  isEmptyAddress,
  isLocalhost,
  isPrivateAddress,
  parseAddress,
  sameAddress,
  splitHostPort,
} from '../../stellar/overlay/address.ts';
import { BoundedMap } from '../../stellar/overlay/bounded-map.ts';
import {
  COUNTER_NAMES,
  DurationTimer,
  METER_NAMES,
  OverlayMetrics,
  TIMER_NAMES,
} from '../../stellar/overlay/metrics.ts';
import { QueryLimit } from '../../stellar/overlay/query-limit.ts';
import { VirtualNetwork } from '../../stellar/overlay/virtual-network.ts';
import { WriteQueue } from '../../stellar/overlay/write-queue.ts';
import { MessageType } from '../../stellar/xdr/overlay.ts';
import { assert } from '../support/assert.ts';
import { suite } from '../support/suite.ts';
import { transaction, World } from './overlay-world.ts';

const t = suite('overlay parts', import.meta.url);

t(
  '[stellar-overlay/peerbareaddress-peerbareaddress] [stellar-overlay/peerbareaddress-getip] [stellar-overlay/peerbareaddress-getport] [stellar-overlay/peerbareaddress-tostring] addresses are IPv4 with a port, and nothing else',
  () => {
    assert.equal(parseAddress('1.2.3.4:11625'), { ip: '1.2.3.4', port: 11625 });
    assert.equal(parseAddress('1.2.3.4'), { ip: '1.2.3.4', port: 11625 });
    assert.equal(parseAddress('1.2.3.4', 99), { ip: '1.2.3.4', port: 99 });
    assert.equal(parseAddress('001.2.3.4:1'), { ip: '1.2.3.4', port: 1 });
    const bad = ['', ':1', '1.2.3', '1.2.3.256:1', '1.2.3.4:0', '1.2.3.4:65536', '1.2.3.4:123456'];
    for (const text of [...bad, 'host', '1.2.3.4:', '::1', '1.2.3.4:1x']) {
      assert.is(parseAddress(text), undefined, text);
    }
    assert.equal(splitHostPort('core-1.example.org:11625'), {
      host: 'core-1.example.org',
      port: 11625,
    });
    assert.is(splitHostPort('no spaces'), undefined);
    assert.is(formatAddress({ ip: '1.2.3.4', port: 5 }), '1.2.3.4:5');
  }
);

t(
  '[stellar-overlay/peerbareaddress-isempty] [stellar-overlay/peerbareaddress-isprivate] [stellar-overlay/peerbareaddress-islocalhost] private, local and empty addresses are told',
  () => {
    const at = (ip: string): { ip: string; port: number } => ({ ip, port: 1 });
    for (const ip of ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.9.9']) {
      assert.ok(isPrivateAddress(at(ip)), ip);
    }
    for (const ip of ['11.0.0.1', '172.15.0.1', '172.32.0.1', '192.169.0.1', '127.0.0.1', '']) {
      assert.not(isPrivateAddress(at(ip)), ip);
    }
    assert.ok(isLocalhost(at('127.0.0.1')));
    assert.not(isLocalhost(at('127.0.0.2')));
    assert.ok(isEmptyAddress(at('')));
    assert.not(isEmptyAddress(at('1.2.3.4')));
  }
);

t(
  '[stellar-overlay/peerbareaddress-operator-operator] addresses are equal by both parts and ordered by port first',
  () => {
    const list = ['2.2.2.2:1', '1.1.1.1:2', '10.1.1.1:2', '1.1.1.1:3'].map((text) =>
      parseAddress(text)
    );
    for (const [i, a] of list.entries()) {
      for (const [j, b] of list.entries()) {
        if (a === undefined || b === undefined) throw new Error('no address');
        assert.is(Math.sign(compareAddresses(a, b)), Math.sign(i - j));
        assert.is(sameAddress(a, b), i === j);
      }
    }
  }
);

t('addresses go through XDR, except those that PEERS should not carry', () => {
  const address = { ip: '1.2.3.4', port: 11625 };
  assert.equal(addressFromXdr(addressToXdr(address, 3)), address);
  assert.is(addressFromXdr({ ...addressToXdr(address), port: 0 }), undefined);
  assert.is(addressFromXdr({ ...addressToXdr(address), port: 65536 }), undefined);
  const six = { ip: { type: 1 as const, value: new Uint8Array(16) }, port: 1, numFailures: 0 };
  assert.is(addressFromXdr(six), undefined);
  assert.throws(() => addressToXdr({ ip: 'host', port: 1 }), /IPv4/);
});

t('of the addresses that a peer sends, private, local, impossible and our own are left out', () => {
  const world = new World();
  const [a, b] = [world.node({ listeningPort: 11700 }), world.node()];
  b.peersToSend = [
    { ip: '10.0.0.1', port: 1 },
    { ip: '127.0.0.1', port: 5 },
    { ip: '127.0.0.1', port: 11700 },
    { ip: '8.8.8.8', port: 11625 },
  ];
  world.connect(a, b);
  world.network.crank();
  assert.equal(a.heard, [{ ip: '8.8.8.8', port: 11625 }]);
  const c = world.node({ allowPrivateAddresses: true, allowLocalhost: true, listeningPort: 11700 });
  world.connect(c, b);
  world.network.crank();
  assert.equal(c.heard.map(formatAddress), ['10.0.0.1:1', '127.0.0.1:5', '8.8.8.8:11625']);
});

t(
  '[stellar-overlay/overlaymetrics-overlaymetrics] [stellar-overlay/overlaymetrics-all-meter-timer-counter-fields] every metric of the reference is there under its name, and every message counts',
  () => {
    const metrics = new OverlayMetrics();
    const names = [...METER_NAMES, ...TIMER_NAMES, ...COUNTER_NAMES];
    assert.is(new Set(names).size, names.length);
    const counts = metrics.counts();
    assert.is(Object.keys(counts).length, names.length);
    const some = ['overlay.message.read', 'overlay.send.flood-advert', 'overlay.recv.scp-prepare'];
    for (const name of [...some, 'overlay.flood.unfulfilled-unknown', 'overlay.outbound.cancel']) {
      assert.is(counts[name], 0, name);
    }
    for (const type of Object.values(MessageType)) metrics.sent(type).mark();
    assert.is(metrics.meter('send.txset').count, 2);
    assert.is(metrics.meter('send.send-more').count, 2);
    assert.throws(() => metrics.meter('send.nothing'), /send\.nothing/);
  }
);

t(
  '[stellar-overlay/peer-peermetrics-struct] percentiles look at the last five minutes only',
  () => {
    const timer = new DurationTimer();
    assert.is(timer.p75(0), 0);
    for (let i = 1; i <= 4; i++) timer.update(i * 10, 1000);
    assert.is(timer.p75(1000), 30);
    assert.is(timer.p75(302_000), 0);
    timer.update(7, 302_000);
    assert.is(timer.p75(302_000), 7);
    assert.is(timer.maxMs, 40);
    assert.is(timer.sumMs, 107);
  }
);

t(
  '[stellar-overlay/peer-getjsoninfo] [stellar-overlay/flowcontrol-getflowcontroljsoninfo] [stellar-overlay/peer-getlifetime] [stellar-overlay/peer-getaddress] [stellar-overlay/peer-tostring] [stellar-overlay/peer-getrole] a peer describes itself as the reference does',
  () => {
    const world = new World();
    const line = world.pair();
    for (let i = 0; i < 3; i++) line.initiator.send(transaction(i));
    world.network.crankFor(7500);
    const { peer } = line.initiator;
    const compact = peer.jsonInfo(true, world.network.now());
    assert.equal(compact, {
      address: '127.0.0.1:20001',
      elapsed: 7,
      latency: 0,
      ver: 'tesserae',
      olver: 42,
      flow_control: {
        local_capacity: { reading: 201, flood: 200 },
        peer_capacity: 197,
        local_capacity_bytes: { reading: (1 << 24) + 4 + (1 << 20), flood: 300_000 },
        peer_capacity_bytes: 300_000 - 660,
      },
    });
    const full = peer.jsonInfo(false, world.network.now());
    assert.is(full.message_write, peer.metrics.messageWrite);
    assert.is(full.byte_write, peer.metrics.byteWrite);
    assert.equal(full.pull_mode, { pull_latency: 0, demand_timeouts: 0 });
    assert.is(peer.toString(), '127.0.0.1:20001');
    assert.is(peer.role, 1);
  }
);

t('a map that is full forgets one entry for each that is added, never the new one', () => {
  const map = new BoundedMap<number, string>(10, new SeededRandom(1));
  for (let i = 0; i < 1000; i++) {
    map.set(i, String(i));
    assert.ok(map.size <= 10);
    assert.is(map.get(i), String(i));
  }
  assert.is(map.size, 10);
  map.set(0, 'again');
  assert.is(map.get(0), 'again');
  map.clear();
  assert.is(map.size, 0);
  assert.throws(() => new BoundedMap(0, new SeededRandom(1)), /limit/);
});

t('a window of queries begins with the first query after the last window', () => {
  const limit = new QueryLimit();
  const ask = (now: number): boolean => {
    const allowed = limit.allows(1000, 2, now);
    if (allowed) limit.note();
    return allowed;
  };
  assert.equal([ask(5), ask(6), ask(7), ask(1004), ask(1005)], [true, true, false, false, true]);
});

t('writes are cut at the count and at the bytes, and finished in order', () => {
  const queue = new WriteQueue({ maxCount: 3, maxBytes: 100 }, false);
  for (let i = 0; i < 7; i++) queue.push(new Uint8Array(10).fill(i), undefined, i);
  assert.is(queue.nextWrite(10).length, 3);
  assert.is(queue.nextWrite(10).length, 0, 'one at a time');
  assert.is(queue.length, 7);
  assert.is(queue.written(2).length, 2);
  assert.not(queue.hasNext);
  assert.is(queue.written(1)[0]?.frame[0], 2);
  assert.throws(() => queue.written(1), /count/);
  queue.push(new Uint8Array(200), undefined, 11);
  assert.is(queue.nextWrite(12).length, 3);
  queue.written(3);
  assert.is(queue.nextWrite(13).length, 2, 'the frame that exceeds the bytes goes along');
});

t('virtual time does what is due in order, and lets nothing run away', () => {
  const network = new VirtualNetwork(0);
  const seen: string[] = [];
  network.after(20, () => seen.push('late'));
  network.after(10, () => {
    seen.push('early');
    network.post(() => seen.push('next'));
  });
  network.at(10, () => seen.push('same'));
  network.crankFor(15);
  assert.equal(seen, ['early', 'same', 'next']);
  assert.is(network.now(), 15);
  network.crankFor(5);
  assert.equal(seen.slice(3), ['late']);
  const again = (): void => network.post(again);
  again();
  assert.throws(() => network.crank(100), /100 events/);
});

t.run();
