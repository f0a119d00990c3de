import { suite } from '../support/suite.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { eachCase, loadGolden, type GoldenCase } from '../support/golden.ts';
import { sameLong } from '../support/long.ts';
import { labelled } from '../support/recipe.ts';
import { fromHex } from '../../base/hex.ts';
import { SeededRandom } from '../../base/random.ts';
import { InterfaceAccessCode, deriveIfacKey, type NetworkSecret } from '../../reticulum/ifac.ts';
import { ReceivedPacket } from '../../reticulum/received-packet.ts';

const t = suite('reticulum/ifac', import.meta.url);
const golden = loadGolden('reticulum', 'ifac');

const isOp =
  (op: string) =>
  (item: GoldenCase): boolean =>
    item.in['op'] === op;

function secretOf(item: GoldenCase): NetworkSecret {
  const { networkName, passphrase } = item.in as Record<string, string | null>;
  return { networkName: networkName ?? undefined, passphrase: passphrase ?? undefined };
}

function codeOf(item: GoldenCase): InterfaceAccessCode {
  return InterfaceAccessCode.of(secretOf(item), item.in['sizeBytes'] as number);
}

function packetOf(given: unknown): Uint8Array {
  if (typeof given === 'string') return fromHex(given);
  const { label, length } = given as { label: string; length: number };
  const raw = labelled(label, length - 2);
  return Uint8Array.of(0x08, 0x02, ...raw);
}

t('[reticulum/ifac-key] derives the key of a network from its name and passphrase', () => {
  eachCase(
    golden,
    (item) => {
      if (item.error !== undefined) {
        assert.throws(() => deriveIfacKey(secretOf(item)), /must be given/);
        return;
      }
      const key = deriveIfacKey(secretOf(item));
      sameBytes(key, item.out?.['key'] as string);
      const code = new InterfaceAccessCode(key, 16);
      sameBytes(code.signature, item.out?.['signature'] as string);
    },
    isOp('key')
  );
});

t('[reticulum/ifac-sign-mask] signs and masks as the reference, at every size and length', () => {
  eachCase(
    golden,
    (item) => {
      const packet = packetOf(item.in['packet']);
      const before = packet.slice();
      const frame = codeOf(item).seal(packet);
      sameLong(frame, item.out?.['frame']);
      sameBytes(packet, before);
      sameBytes(codeOf(item).open(frame), packet);
    },
    isOp('seal')
  );
});

t('[reticulum/ifac-verify-unmask] drops what the reference drops', () => {
  eachCase(
    golden,
    (item) => {
      const frame = fromHex(item.in['frame'] as string);
      const before = frame.slice();
      const secret = secretOf(item);
      if (secret.networkName === undefined && secret.passphrase === undefined) {
        assert.is(ReceivedPacket.read(frame, 1), undefined);
      } else {
        assert.is(codeOf(item).open(frame), undefined);
      }
      sameBytes(frame, before);
    },
    isOp('open')
  );
});

t('a code of a wrong size is the caller’s mistake', () => {
  const key = deriveIfacKey({ passphrase: 'x' });
  for (const size of [0, 65, 1.5]) {
    assert.throws(() => new InterfaceAccessCode(key, size), /"sizeBytes" must be an integer 1..64/);
  }
});

t('random frames never open and never throw', () => {
  const random = new SeededRandom(3);
  const code = InterfaceAccessCode.of({ networkName: 'n', passphrase: 'p' }, 16);
  for (let round = 0; round < 500; round++) {
    const frame = random.bytes(random.below(120));
    if (frame.length > 0) frame[0] = (frame[0] as number) | 0x80;
    assert.is(code.open(frame), undefined);
  }
});

t.run();
