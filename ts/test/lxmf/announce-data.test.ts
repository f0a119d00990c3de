import { suite } from '../support/suite.ts';
import { assert, sameBytes, throwsCode } from '../support/assert.ts';
import { eachCase, loadGolden, type GoldenCase } from '../support/golden.ts';
import { numberOf } from '../support/lxmf.ts';
import { fromNotation } from '../support/notation.ts';
import { fromHex } from '../../base/hex.ts';
import { MsgpackFloat, mapGet, type MsgpackValue } from '../../codec/msgpack.ts';
import { decodeMsgpack } from '../../codec/msgpack-decode.ts';
import {
  compressionSupportFromAppData,
  decodeDeliveryAnnounceData,
  decodePropagationAnnounceData,
  displayNameFromAppData,
  encodeDeliveryAnnounceData,
  encodePropagationAnnounceData,
  isPropagationAnnounceData,
  propagationNameFromAppData,
  propagationStampCostFromAppData,
  stampCostFromAppData,
} from '../../lxmf/announce-data.ts';

const t = suite('lxmf/announce-data', import.meta.url);
const golden = loadGolden('lxmf', 'announce-data');
const node = loadGolden('lxmf', 'announce-data-node');
const op = (name: string) => (item: GoldenCase) => item.in['op'] === name;

function appData(item: GoldenCase): Uint8Array | undefined {
  const data = item.in['appData'];
  return typeof data === 'string' ? fromHex(data) : undefined;
}

t('[lxmf/lxmrouter-get-announce-app-data] writes what the router announces', () => {
  eachCase(
    golden,
    (item) => {
      const { displayName, stampCost } = item.in as {
        displayName: string | null;
        stampCost: number | null;
      };
      const make = (): Uint8Array =>
        encodeDeliveryAnnounceData({
          displayName: displayName ?? undefined,
          stampCost: stampCost ?? undefined,
        });
      if (item.error === undefined) sameBytes(make(), item.out?.['appData'] as string);
      else assert.throws(make, /"stampCost" must be an integer 0\.\.254/);
    },
    op('make')
  );
});

/** What a helper of the reference returned; an exception of Python's is a ProtocolError here. */
function sameHelper(
  run: () => unknown,
  expected: unknown,
  convert: (value: MsgpackValue) => unknown
): void {
  if ((expected as { raises?: string }).raises !== undefined) {
    throwsCode(run, 'LXMF_APP_DATA');
    return;
  }
  const value = fromNotation(expected);
  assert.equal(run(), value === null ? undefined : convert(value));
}

t(
  '[lxmf/display-name-from-app-data] [lxmf/stamp-cost-from-app-data] [lxmf/compression-support-from-app-data] [lxmf/supported-features] reads announces of every age as the reference',
  () => {
    eachCase(
      golden,
      (item) => {
        const data = appData(item);
        const out = item.out ?? {};
        sameHelper(
          () => displayNameFromAppData(data),
          out['displayName'],
          (value) => value
        );
        sameHelper(
          () => compressionSupportFromAppData(data),
          out['compression'],
          (value) => value
        );
        // A cost that is no integer can be asked of nobody.
        sameHelper(
          () => stampCostFromAppData(data),
          out['stampCost'],
          (value) => (typeof value === 'number' ? value : undefined)
        );
        if (item.error === undefined) decodeDeliveryAnnounceData(data);
        else throwsCode(() => decodeDeliveryAnnounceData(data), 'LXMF_APP_DATA');
      },
      op('read')
    );
  }
);

t(
  '[lxmf/pn-helpers-announce-data-name-cost] [lxmf/pn-announce-data-is-valid] [lxmf/pn-name-from-app-data] [lxmf/pn-stamp-cost-from-app-data] judges node announces as the reference',
  () => {
    eachCase(
      golden,
      (item) => {
        const data = appData(item);
        const out = item.out ?? {};
        const valid = (out['valid'] as { v: boolean }).v;
        if (data !== undefined) assert.is(isPropagationAnnounceData(data), valid);
        const name = fromNotation(out['name']);
        assert.equal(propagationNameFromAppData(data), name ?? undefined);
        const cost = propagationStampCostFromAppData(data);
        assert.is(cost, valid ? pythonNumber(fromNotation(out['stampCost'])) : undefined);
        if (!valid && data !== undefined) {
          throwsCode(() => decodePropagationAnnounceData(data), 'LXMF_APP_DATA');
        }
      },
      // A map that happens to have the keys 0..6 is indexed by the reference as if it were a list.
      (item) => op('read-node')(item) && item.id !== 'quirk-node-is-map'
    );
  }
);

/** The reference hands text and booleans through as they came; here they are numbers. */
function pythonNumber(value: MsgpackValue): number {
  if (value instanceof MsgpackFloat) return value.value;
  if (value instanceof Uint8Array) return Number(new TextDecoder().decode(value));
  return Number(value);
}

t('[lxmf/lxmrouter-propagation-node-announce] writes what a node announces', () => {
  eachCase(
    node,
    (item) => {
      const expected = fromHex(item.out?.['appData'] as string);
      const list = decodeMsgpack(expected) as MsgpackValue[];
      const data = decodePropagationAnnounceData(expected);
      assert.is(data.timebaseS, Math.trunc(numberOf(item.in['now'])));
      const options = (item.in['options'] ?? {}) as Record<string, unknown>;
      const name = options['name'] === undefined ? undefined : fromNotation(options['name']);
      assert.is(propagationNameFromAppData(expected), name === '' ? undefined : name);
      assert.is(mapGet(data.metadata, 0xfe), 'lxmd');
      // Limits keep the type that the node's owner gave them.
      const transferLimitKb = list[3] as number | MsgpackFloat;
      const syncLimitKb = list[4] as number | MsgpackFloat;
      sameBytes(encodePropagationAnnounceData({ ...data, transferLimitKb, syncLimitKb }), expected);
    },
    op('make-node')
  );
});

t.run();
