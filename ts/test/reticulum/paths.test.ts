import { suite } from '../support/suite.ts';
import { assert, sameBytes, throwsCode } from '../support/assert.ts';
import { InterfaceMode, InterfaceState, mtuForBitrate } from '../../reticulum/interface.ts';
import {
  KnownDestinations,
  UNUSED_EXPIRY_MS,
  UNUSED_LINGER_MS,
} from '../../reticulum/known-destinations.ts';
import { MAX_HOPS } from '../../reticulum/packet.ts';
import {
  ACCESS_POINT_PATH_EXPIRY_MS,
  MAX_RANDOM_BLOBS,
  PATH_EXPIRY_MS,
  PathState,
  PathTable,
  ROAMING_PATH_EXPIRY_MS,
  type PathCandidate,
} from '../../reticulum/paths.ts';
import { concat, utf8 } from '../../base/bytes.ts';

const t = suite('reticulum/paths', import.meta.url);

const HERE = new Uint8Array(16).fill(1);
const NOW = 1_700_000_000_000;

/** A random hash that says when the announce was made. */
function blob(emittedS: number, random = 0): Uint8Array {
  const out = new Uint8Array(10).fill(random, 0, 5);
  new DataView(out.buffer).setUint32(6, emittedS);
  return out;
}

function table(): { paths: PathTable; vias: InterfaceState[] } {
  const vias = [
    new InterfaceState(1, { name: 'full' }, NOW),
    new InterfaceState(2, { name: 'heavier', gravity: 2 }, NOW),
    new InterfaceState(3, { name: 'access point', mode: InterfaceMode.ACCESS_POINT }, NOW),
    new InterfaceState(4, { name: 'roaming', mode: InterfaceMode.ROAMING }, NOW),
  ];
  return { paths: new PathTable(new Map(vias.map((via) => [via.id, via]))), vias };
}

function candidate(via: InterfaceState, hops: number, randomBlob: Uint8Array): PathCandidate {
  const nextHop = new Uint8Array(16).fill(hops);
  return { destinationHash: HERE, nextHop, hops, randomBlob, packetHash: new Uint8Array(32), via };
}

t(
  '[reticulum/transport-better-path] [reticulum/announce-replay] an announce replaces a path by hops, age and emission time',
  () => {
    const { paths, vias } = table();
    const [full] = vias as [InterfaceState];
    const offer = (hops: number, emittedS: number, random = 0, now = NOW): boolean =>
      paths.offer(candidate(full, hops, blob(emittedS, random)), now);
    assert.is(paths.hopsTo(HERE), MAX_HOPS);
    assert.is(offer(3, 100), true, 'unknown');
    assert.is(offer(3, 100), false, 'the same announce');
    assert.is(offer(2, 100), false, 'nearer, but not newer');
    assert.is(offer(3, 101, 1), true, 'newer over the same distance');
    assert.is(offer(2, 102, 2), true, 'newer and nearer');
    assert.is(offer(5, 102, 3), false, 'farther and not newer');
    assert.is(offer(5, 103, 4), true, 'farther, but newer');
    assert.is(offer(5, 102, 5), false, 'older');
    assert.is(offer(9, 50, 6, NOW + PATH_EXPIRY_MS), true, 'the path has expired');
    assert.is(offer(9, 50, 6, NOW + 3 * PATH_EXPIRY_MS), false, 'expired, but heard before');
    assert.is(paths.hopsTo(HERE), 9);
  }
);

t(
  '[reticulum/transport-mark-path-unresponsive] [reticulum/transport-path-is-unresponsive] [reticulum/transport-mark-path-responsive] an unresponsive path gives way to a longer one of the same announce',
  () => {
    const { paths, vias } = table();
    const [full] = vias as [InterfaceState];
    paths.offer(candidate(full, 2, blob(100)), NOW);
    assert.is(paths.offer(candidate(full, 4, blob(100)), NOW), false);
    assert.is(paths.mark(HERE, PathState.UNRESPONSIVE), true);
    assert.is(paths.isUnresponsive(HERE), true);
    assert.is(paths.offer(candidate(full, 4, blob(100)), NOW), true);
    assert.is(paths.isUnresponsive(HERE), false);
    assert.is(paths.mark(new Uint8Array(16), PathState.RESPONSIVE), false);
  }
);

t(
  '[reticulum/transport-path-gravity] the same announce over a heavier interface moves the path there',
  () => {
    const { paths, vias } = table();
    const [full, heavier] = vias as [InterfaceState, InterfaceState];
    paths.offer(candidate(full, 2, blob(100)), NOW);
    assert.is(paths.offer(candidate(heavier, 2, blob(100)), NOW), true);
    assert.is(paths.get(HERE)?.interfaceId, heavier.id);
    assert.is(paths.offer(candidate(full, 2, blob(100)), NOW), false);
    assert.is(paths.interfaceTo(HERE), heavier);
  }
);

t(
  '[reticulum/transport-path-table-expiry] paths are forgotten after a week, a day or six hours unused',
  () => {
    for (const [index, expiry] of [
      [0, PATH_EXPIRY_MS],
      [2, ACCESS_POINT_PATH_EXPIRY_MS],
      [3, ROAMING_PATH_EXPIRY_MS],
    ] as const) {
      const { paths, vias } = table();
      paths.offer(candidate(vias[index] as InterfaceState, 2, blob(100)), NOW);
      assert.is(paths.earliestExpiry(), NOW + expiry);
      assert.is(paths.cull(NOW + expiry), 0);
      const entry = paths.get(HERE);
      if (entry !== undefined) paths.touch(entry, NOW + 1000);
      assert.is(paths.cull(NOW + expiry + 1000), 0, 'use keeps it');
      assert.is(paths.cull(NOW + expiry + 1001), 1);
      assert.is(paths.size, 0);
    }
  }
);

t('[reticulum/transport-expire-path] a path over an interface that is gone is forgotten', () => {
  const interfaces = new Map<number, InterfaceState>();
  const via = new InterfaceState(1, { name: 'x' }, NOW);
  interfaces.set(1, via);
  const paths = new PathTable(interfaces);
  paths.offer(candidate(via, 2, blob(100)), NOW);
  interfaces.delete(1);
  assert.is(paths.cull(NOW), 1);
  assert.is(paths.expire(HERE), false);
});

t(
  '[reticulum/announce-random-blob-timebase] 64 random hashes are remembered for each destination',
  () => {
    const { paths, vias } = table();
    const [full] = vias as [InterfaceState];
    for (let i = 1; i <= 100; i++) {
      assert.is(paths.offer(candidate(full, 2, blob(i, i)), NOW), true);
    }
    const blobs = paths.get(HERE)?.randomBlobs ?? [];
    assert.is(blobs.length, MAX_RANDOM_BLOBS);
    sameBytes(blobs.at(-1), blob(100, 100));
    sameBytes(blobs[0], blob(37, 37));
  }
);

t('the path table never grows past its limit', () => {
  const via = new InterfaceState(1, { name: 'x' }, NOW);
  const paths = new PathTable(new Map([[1, via]]), 10);
  for (let i = 0; i < 50; i++) {
    const destinationHash = new Uint8Array(16).fill(i);
    paths.offer({ ...candidate(via, 2, blob(i)), destinationHash }, NOW);
  }
  assert.is(paths.size, 10);
});

t(
  '[reticulum/identity-remember] [reticulum/identity-recall] [reticulum/identity-recall-app-data] [reticulum/identity-retain] [reticulum/identity-clean-known-destinations] known destinations are kept while they are of use',
  () => {
    const known = new KnownDestinations();
    const key = (n: number): Uint8Array => new Uint8Array(64).fill(n);
    const at = (n: number): Uint8Array => new Uint8Array(16).fill(n);
    for (let n = 1; n <= 4; n++)
      known.remember(new Uint8Array(32), at(n), key(n), utf8(`${n}`), NOW);
    sameBytes(known.recall(at(2), NOW + 1000)?.publicKey, key(2));
    sameBytes(known.recallAppData(at(3), NOW + 1000), utf8('3'));
    assert.is(known.recall(at(9), NOW), undefined);
    assert.is(known.recallIdentity(known.recall(at(1), NOW)?.hash ?? at(0), NOW)?.publicKey[0], 1);
    assert.is(known.retain(at(3)), true);
    const none = (): boolean => false;
    // 1, 2: used; 3: kept for good; 4: never used.
    assert.equal(known.clean(none, NOW + UNUSED_LINGER_MS), []);
    assert.equal(known.clean(none, NOW + UNUSED_LINGER_MS + 1), [at(4)]);
    assert.equal(
      known.clean(() => true, NOW + 2 * UNUSED_EXPIRY_MS),
      []
    );
    assert.equal(known.clean(none, NOW + UNUSED_EXPIRY_MS + 500), [at(1)]);
    assert.equal(known.clean(none, NOW + UNUSED_EXPIRY_MS + 1001), [at(2)]);
    assert.is(known.size, 1);
    assert.is(known.unretain(at(3), NOW), true);
    assert.equal(known.clean(none, NOW + UNUSED_EXPIRY_MS + 1), [at(3)]);
    assert.throws(() => known.remember(at(1), at(1), at(1), undefined, NOW), RangeError);
  }
);

t(
  '[reticulum/identity-known-destinations-file] the file of known destinations is read back as it was written',
  () => {
    const known = new KnownDestinations();
    const at = (n: number): Uint8Array => new Uint8Array(16).fill(n);
    known.remember(
      new Uint8Array(32).fill(8),
      at(1),
      new Uint8Array(64).fill(1),
      utf8('data'),
      NOW
    );
    known.remember(
      new Uint8Array(32).fill(9),
      at(2),
      new Uint8Array(64).fill(2),
      undefined,
      NOW + 500
    );
    known.use(at(1), NOW + 1500);
    known.retain(at(2));
    const again = new KnownDestinations();
    assert.is(again.decode(known.encode()), 2);
    assert.equal([...again.values()], [...known.values()]);
    throwsCode(() => again.decode(Uint8Array.of(0xc1)), 'RNS_KNOWN_FILE');
    throwsCode(() => again.decode(Uint8Array.of(0x90)), 'RNS_KNOWN_FILE');
    assert.is(
      again.decode(concat(Uint8Array.of(0x81, 0x01, 0x02))),
      0,
      'odd entries are passed over'
    );
  }
);

t(
  '[reticulum/interface-hw-mtu] [reticulum/interface-optimise-mtu] an MTU follows from the bit rate',
  () => {
    assert.equal(
      [62_499, 62_500, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000].map(mtuForBitrate),
      [undefined, 1024, 2048, 16384, 32768, 524288]
    );
    const slow = new InterfaceState(1, { name: 'x', hwMtu: 1064 }, NOW);
    assert.is(slow.linkMtu, 500, 'an MTU that is not to be discovered');
    assert.is(slow.frameLimit, 1064);
  }
);

t.run();
