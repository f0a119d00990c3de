// time limit: 240 s
import { suite } from '../support/suite.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { eachCase, loadGolden, type GoldenCase } from '../support/golden.ts';
import { hexOf } from '../support/lxmf.ts';
import { fromHex } from '../../base/hex.ts';
import { SeededRandom } from '../../base/random.ts';
import { prepareWorkblock, stampDigest, type Workblock } from '../../kernel/stamp.ts';
import { deliveryHash, packMessage, withStamp } from '../../lxmf/message.ts';
import { Identity } from '../../reticulum/identity.ts';
import {
  checkPeeringKey,
  checkPropagationStamp,
  checkStamp,
  digestMeetsCost,
  leadingZeroBits,
  messageWorkblock,
  mineStamp,
  peeringWorkblock,
  stampValid,
  stampValue,
} from '../../lxmf/stamp.ts';

const t = suite('lxmf/stamp', import.meta.url);
const golden = loadGolden('lxmf', 'stamp');
const op = (name: string) => (item: GoldenCase) => item.in['op'] === name;

/** Workblocks take milliseconds each, and many cases share one. */
const workblocks = new Map<string, Workblock>();
function workblockOf(item: GoldenCase): Workblock {
  const key = `${item.in['material'] as string}/${item.in['rounds'] as number}`;
  const known = workblocks.get(key);
  if (known !== undefined) return known;
  const made = prepareWorkblock(hexOf(item, 'material'), item.in['rounds'] as number);
  workblocks.set(key, made);
  return made;
}

t('[lxmf/lxstamper-stamp-workblock] the workblock ends in the reference’s digest', () => {
  eachCase(
    golden,
    (item) => {
      // SHA-256 of the whole workblock is the digest of an empty stamp after it.
      const digest = stampDigest(workblockOf(item), new Uint8Array());
      sameBytes(digest, item.out?.['sha256'] as string);
    },
    // No stamp has a workblock of no rounds.
    (item) => op('workblock')(item) && item.in['rounds'] !== 0
  );
});

t('[lxmf/lxstamper-stamp-value] values of stamps', () => {
  eachCase(
    golden,
    (item) => {
      const stamp = hexOf(item, 'stamp');
      assert.is(stampValue(workblockOf(item), stamp), item.out?.['value']);
      sameBytes(stampDigest(workblockOf(item), stamp), item.out?.['digest'] as string);
    },
    op('value')
  );
});

t(
  '[lxmf/lxstamper-stamp-valid] [lxmf/stamps-pow-generation-validation] stamps at, above and below a cost',
  () => {
    eachCase(
      golden,
      (item) => {
        const valid = (): boolean =>
          stampValid(workblockOf(item), hexOf(item, 'stamp'), item.in['cost'] as number);
        if (item.error === undefined) assert.is(valid(), item.out?.['valid']);
        else assert.throws(valid, /"costBits" must be an integer 0\.\.256/);
      },
      op('valid')
    );
  }
);

t('[lxmf/lxstamper-validate-pn-stamp] stamps of propagated messages', () => {
  eachCase(
    golden,
    (item) => {
      const checked = checkPropagationStamp(hexOf(item, 'data'), item.in['cost'] as number);
      if (item.error !== undefined) {
        assert.is(checked, undefined);
        return;
      }
      sameBytes(checked?.transientId, item.out?.['transientId'] as string);
      sameBytes(checked?.stamp, item.out?.['stamp'] as string);
      assert.is(checked?.value, item.out?.['value']);
    },
    op('validate-propagation')
  );
});

t('[lxmf/lxstamper-validate-peering-key] keys for peering', () => {
  eachCase(
    golden,
    (item) => {
      const material = hexOf(item, 'material');
      const cost = item.in['cost'] as number;
      const key = hexOf(item, 'key');
      const valid = checkPeeringKey(material.slice(0, 16), material.slice(16), key, cost);
      assert.is(valid, item.out?.['valid']);
    },
    (item) => op('validate-peering')(item) && (item.in['material'] as string).length === 64
  );
});

t('[lxmf/lxstamper-generate-stamp] a stamp that the reference found is found good', () => {
  eachCase(
    golden,
    (item) => {
      const stamp = fromHex(item.out?.['stamp'] as string);
      assert.ok(stampValid(workblockOf(item), stamp, item.in['cost'] as number));
      assert.is(stampValue(workblockOf(item), stamp), item.out?.['value']);
    },
    op('generate')
  );
});

t(
  '[lxmf/lxstamper-stamp-valid] a digest equal to the bound still counts, one above does not',
  () => {
    for (const cost of [1, 2, 8, 9, 17, 255, 256]) {
      const bound = digestOf(1n << BigInt(256 - cost));
      assert.ok(digestMeetsCost(bound, cost), `cost ${cost}`);
      if (cost < 256) assert.not(digestMeetsCost(digestOf((1n << BigInt(256 - cost)) + 1n), cost));
      assert.ok(digestMeetsCost(digestOf((1n << BigInt(256 - cost)) - 1n), cost));
    }
    assert.ok(digestMeetsCost(new Uint8Array(32).fill(255), 0));
    assert.is(leadingZeroBits(new Uint8Array(32)), 256);
  }
);

function digestOf(value: bigint): Uint8Array {
  return fromHex(value.toString(16).padStart(64, '0'));
}

t(
  '[lxmf/lxmessage-get-stamp] mined stamps are judged valid, and judged again after a change',
  () => {
    const random = new SeededRandom(6);
    const alice = Identity.generate(random);
    const plain = packMessage({ destinationHash: deliveryHash(alice), timestamp: 1 }, alice);
    assert.equal(checkStamp(plain, 1), { state: 'absent' });
    for (const cost of [0, 1, 5, 10]) {
      const stamp = mineStamp(messageWorkblock(plain.messageHash), cost, random);
      const check = checkStamp(withStamp(plain, stamp), cost);
      assert.is(check.state, 'valid');
      assert.ok((check as { value: number }).value >= cost);
    }
    const other = withStamp(plain, new Uint8Array(32));
    assert.is(checkStamp(other, 60).state, 'invalid');
  }
);

t('a peering key needs two identity hashes', () => {
  assert.throws(() => peeringWorkblock(new Uint8Array(15), new Uint8Array(16)), /"receiverHash"/);
  assert.throws(() => peeringWorkblock(new Uint8Array(16), new Uint8Array(17)), /"offererHash"/);
});

t.run();
