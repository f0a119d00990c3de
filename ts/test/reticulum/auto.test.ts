import { suite } from '../support/suite.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { eachCase, loadGolden, type GoldenCase } from '../support/golden.ts';
import { fromHex } from '../../base/hex.ts';
import { SeededRandom } from '../../base/random.ts';
import {
  AutoConstants,
  AutoDiscovery,
  isDeviceChosen,
  multicastAddress,
  peeringToken,
  withoutScope,
  type AutoEffect,
  type DiscoveryScope,
} from '../../reticulum/interface-auto.ts';
import { hwMtuOf, interfaceKind } from '../../reticulum/interface-types.ts';

const t = suite('reticulum/auto', import.meta.url);
const golden = loadGolden('reticulum', 'auto-interface');
const GROUP = AutoConstants.DEFAULT_GROUP_ID;
const WAIT = AutoConstants.PEERING_WAIT_MS;

const isOp =
  (...ops: string[]) =>
  (item: GoldenCase): boolean =>
    ops.includes(item.in['op'] as string);

t('[reticulum/interface-auto] groups, tokens and timing are those of the reference', () => {
  eachCase(
    golden,
    (item) => {
      const { op, groupId, scope, permanent, address } = item.in as {
        op: string;
        groupId: string;
        scope: DiscoveryScope;
        permanent: boolean;
        address: string;
      };
      if (op === 'group') {
        assert.is(multicastAddress(groupId, scope, permanent), item.out?.['address']);
      } else if (op === 'token') {
        sameBytes(peeringToken(groupId, address), item.out?.['token'] as string);
      } else if (op === 'scope') {
        assert.is(withoutScope(address), item.out?.['address']);
      } else {
        const constants = AutoConstants;
        assert.equal(item.out, {
          announceIntervalMs: constants.ANNOUNCE_INTERVAL_MS,
          dataPort: constants.DEFAULT_DATA_PORT,
          discoveryPort: constants.DEFAULT_DISCOVERY_PORT,
          groupId: constants.DEFAULT_GROUP_ID,
          hwMtu: hwMtuOf(interfaceKind('AutoInterface'), undefined),
          multicastEchoTimeoutMs: constants.MULTICAST_ECHO_TIMEOUT_MS,
          peerJobIntervalMs: constants.PEER_JOB_INTERVAL_MS,
          peeringTimeoutMs: constants.PEERING_TIMEOUT_MS,
          reversePeeringIntervalMs: constants.REVERSE_PEERING_INTERVAL_MS,
          unicastDiscoveryPort: constants.DEFAULT_DISCOVERY_PORT + 1,
        });
      }
    },
    isOp('group', 'token', 'scope', 'defaults')
  );
});

t('[reticulum/interface-auto] takes for peers those that the reference takes', () => {
  eachCase(
    golden,
    (item) => {
      const { groupId, address, data } = item.in as Record<string, string>;
      const discovery = new AutoDiscovery(groupId as string, 0);
      discovery.setAddresses([{ name: 'eth0', address: 'fe80::9' }], 0);
      discovery.receiveToken('eth0', address as string, fromHex(data as string), WAIT);
      const accepted = item.out?.['accepted'] as boolean;
      assert.equal(discovery.peers, accepted ? [address] : []);
      assert.is(discovery.badTokens, accepted ? 0 : 1);
    },
    isOp('heard')
  );
});

/** Some nodes on one network that carries everything at once. */
class Net {
  readonly nodes = new Map<string, AutoDiscovery>();
  readonly log: string[] = [];
  now = 0;
  /** Whether multicasts get through. */
  multicast = true;

  add(address: string): AutoDiscovery {
    const node = new AutoDiscovery(GROUP, this.now);
    node.setAddresses([{ name: 'eth0', address }], this.now);
    this.nodes.set(address, node);
    return node;
  }

  run(untilMs: number): void {
    for (;;) {
      for (const [address, node] of this.nodes)
        for (const e of node.drain()) this.carry(address, e);
      const due = Math.min(...[...this.nodes.values()].map((node) => node.due()));
      if (due > untilMs) break;
      this.now = due;
      for (const node of this.nodes.values()) if (node.due() <= due) node.tick(due);
    }
    this.now = untilMs;
  }

  carry(from: string, effect: AutoEffect): void {
    if (effect.kind !== 'announce') {
      if (effect.kind !== 'packet') this.log.push(`${this.now} ${from} ${effect.kind}`);
      return;
    }
    for (const [address, node] of this.nodes) {
      const heard = effect.to === undefined ? this.multicast : effect.to === address;
      if (heard) node.receiveToken('eth0', `${from}%eth0`, effect.token, this.now);
    }
  }
}

t(
  'neighbors find each other after the first wait, and lose each other after 22 s of silence',
  () => {
    const net = new Net();
    const a = net.add('fe80::a');
    const b = net.add('fe80::b');
    net.run(1900);
    assert.equal([a.peers, b.peers], [[], []]);
    net.run(3300);
    assert.equal([a.peers, b.peers], [['fe80::b'], ['fe80::a']]);
    net.nodes.delete('fe80::b');
    net.run(25_000);
    assert.equal(a.peers, ['fe80::b']);
    net.run(30_000);
    assert.equal(a.peers, []);
    assert.ok(net.log.some((line) => line.endsWith('fe80::a peer-removed')));
  }
);

t('peers stay over unicast when multicasts are lost, and the lost carrier is told once', () => {
  const net = new Net();
  const a = net.add('fe80::a');
  net.add('fe80::b');
  net.run(5000);
  net.multicast = false;
  net.run(60_000);
  assert.equal(a.peers, ['fe80::b']);
  const lost = net.log.filter((line) => line.endsWith('fe80::a carrier'));
  assert.is(lost.length, 1);
  net.multicast = true;
  net.run(70_000);
  assert.is(net.log.filter((line) => line.endsWith('fe80::a carrier')).length, 2);
});

t('packets of strangers and copies over a second interface are dropped', () => {
  const node = new AutoDiscovery(GROUP, 0);
  node.setAddresses([{ name: 'eth0', address: 'fe80::9' }], 0);
  const packets = (): Uint8Array[] =>
    node.drain().flatMap((effect) => (effect.kind === 'packet' ? [effect.data] : []));
  const data = Uint8Array.of(1, 2, 3);
  node.receiveData('fe80::a', data, WAIT);
  assert.is(packets().length, 0);
  for (const peer of ['fe80::a', 'fe80::b']) {
    node.receiveToken('eth0', peer, peeringToken(GROUP, peer), WAIT);
  }
  node.receiveData('fe80::a%eth0', data, WAIT);
  node.receiveData('fe80::b', data, WAIT + 700);
  node.receiveData('fe80::a', new Uint8Array(), WAIT + 700);
  assert.is(packets().length, 1);
  node.receiveData('fe80::b', data, WAIT + 751);
  assert.is(packets().length, 1);
});

t(
  'a system interface that goes or changes its address is closed, opened and announced anew',
  () => {
    const node = new AutoDiscovery(GROUP, 0);
    const kinds = (): string[] => node.drain().map(({ kind }) => kind);
    node.setAddresses([{ name: 'eth0', address: 'fe80::1' }], 0);
    node.tick(0);
    assert.equal(kinds(), ['open', 'announce']);
    node.receiveToken('eth0', 'fe80::5', peeringToken(GROUP, 'fe80::5'), WAIT);
    node.setAddresses([{ name: 'eth0', address: 'fe80::2%eth0' }], WAIT);
    node.setAddresses([{ name: 'eth0', address: 'fe80::2' }], WAIT);
    assert.equal(kinds(), ['peer-added', 'open']);
    node.setAddresses([], WAIT);
    assert.equal(kinds(), ['close', 'peer-removed']);
    assert.equal(node.peers, []);
  }
);

t('system interfaces are chosen as configured', () => {
  const all = { devices: [], ignoredDevices: ['eth1'] };
  assert.is(isDeviceChosen('eth0', all), true);
  assert.is(isDeviceChosen('eth1', all), false);
  assert.is(isDeviceChosen('lo0', all), false);
  const some = { devices: ['wlan0'], ignoredDevices: [] };
  assert.is(isDeviceChosen('wlan0', some), true);
  assert.is(isDeviceChosen('eth0', some), false);
});

t('peers are bounded, and random tokens never throw', () => {
  const node = new AutoDiscovery(GROUP, 0);
  node.setAddresses([{ name: 'eth0', address: 'fe80::9:9' }], 0);
  const random = new SeededRandom(5);
  for (let i = 0; i < 300; i++) {
    node.receiveToken('eth0', `fe80::${i.toString(16)}`, random.bytes(random.below(64)), WAIT);
  }
  assert.is(node.peers.length, 0);
  for (let i = 0; i < 1500; i++) {
    const address = `fe80::${i.toString(16)}`;
    node.receiveToken('eth0', address, peeringToken(GROUP, address), WAIT);
  }
  assert.is(node.peers.length, 1024);
});

t.run();
