import { suite } from '../support/suite.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { SeededRandom } from '../../base/random.ts';
import { HashMap, bytesOfKey, hashKey } from '../../reticulum/hash-map.ts';
import { SEEN_MAX, SeenHashes } from '../../reticulum/seen.ts';
import { Blackhole } from '../../reticulum/blackhole.ts';
import { RateWindow } from '../../reticulum/ingress.ts';

const t = suite('reticulum/tables', import.meta.url);

t('keys stand for any bytes', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  sameBytes(bytesOfKey(hashKey(bytes)), bytes);
  assert.is(hashKey(bytes), hashKey(bytes.slice()));
});

t('a full table lets its oldest entry go, and says so', () => {
  const gone: number[] = [];
  const map = new HashMap<number>(3, (value) => void gone.push(value));
  for (let i = 0; i < 5; i++) map.set(Uint8Array.of(i), i);
  map.set(Uint8Array.of(3), 33);
  assert.equal([...map.values()], [2, 33, 4]);
  assert.equal(gone, [0, 1]);
  assert.is(map.get(Uint8Array.of(0)), undefined);
  assert.equal(
    [...map.entries()].map(([hash]) => hash[0]),
    [2, 3, 4]
  );
  assert.is(map.delete(Uint8Array.of(2)), true);
  assert.is(map.delete(Uint8Array.of(2)), false);
  map.clear();
  assert.is(map.size, 0);
});

t(
  '[reticulum/transport-duplicate-filter] [reticulum/transport-add-packet-hash] remembers packet hashes in two generations',
  () => {
    const random = new SeededRandom(3);
    const hashes = Array.from({ length: 3000 }, () => random.bytes(32));
    const seen = new SeenHashes(2000);
    for (const hash of hashes) seen.add(hash);
    // The newest thousand at least, and never more than the limit.
    for (const hash of hashes.slice(-1000)) assert.is(seen.has(hash), true);
    assert.ok(seen.size <= 2000, String(seen.size));
    assert.is(seen.has(hashes[0] as Uint8Array), false);
    assert.is(seen.has(random.bytes(32)), false);
    const last = hashes.at(-1) as Uint8Array;
    seen.delete(last);
    assert.is(seen.has(last), false);
    seen.add(last);
    seen.add(last);
    assert.is(seen.has(last), true);
    assert.is(SEEN_MAX, 1_000_000);
  }
);

t('a table of hashes stays right through growth and deletion', () => {
  const random = new SeededRandom(9);
  const seen = new SeenHashes();
  const model = new Set<string>();
  const all: Uint8Array[] = [];
  for (let round = 0; round < 20_000; round++) {
    if (random.below(3) > 0 || all.length === 0) {
      const hash = random.bytes(16);
      all.push(hash);
      seen.add(hash);
      model.add(hashKey(hash));
    } else {
      const hash = all[random.below(all.length)] as Uint8Array;
      seen.delete(hash);
      model.delete(hashKey(hash));
    }
  }
  assert.is(seen.size, model.size);
  for (const hash of all) assert.is(seen.has(hash), model.has(hashKey(hash)));
});

t(
  '[reticulum/transport-blackhole-identity] [reticulum/transport-unblackhole-identity] an identity is shut out for good or for a time',
  () => {
    const blackhole = new Blackhole();
    const [good, bad] = [new Uint8Array(16).fill(1), new Uint8Array(16).fill(2)];
    assert.is(blackhole.add(bad, 1000, 'spam'), true);
    assert.is(blackhole.add(bad), false);
    assert.is(blackhole.has(good, 0), false);
    assert.is(blackhole.has(bad, 1000), true);
    assert.is(blackhole.has(bad, 1001), false);
    assert.is(blackhole.size, 0);
    blackhole.add(bad);
    assert.is(blackhole.has(bad, 1e15), true);
    assert.is(blackhole.remove(bad), true);
    assert.is(blackhole.has(bad, 0), false);
  }
);

t(
  '[reticulum/interface-incoming-announce-frequency] counts events in a second once there are three',
  () => {
    const rate = new RateWindow();
    rate.add(0);
    rate.add(500);
    assert.is(rate.frequencyHz(1000), 0);
    rate.add(1000);
    assert.is(rate.frequencyHz(1000), 3);
    assert.is(rate.frequencyHz(2000), 1.5);
    for (let i = 0; i < 100; i++) rate.add(2000);
    assert.is(rate.samples, 48);
  }
);

t.run();
