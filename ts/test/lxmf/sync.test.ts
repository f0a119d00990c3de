import { suite } from '../support/suite.ts';
import { assert, sameBytes, throwsCode } from '../support/assert.ts';
import { eachCase, loadGolden, type GoldenCase } from '../support/golden.ts';
import { fromNotation } from '../support/notation.ts';
import { fromHex, toHex } from '../../base/hex.ts';
import { MsgpackFloat, encodeMsgpack, type MsgpackValue } from '../../codec/msgpack.ts';
import { decodeMsgpack } from '../../codec/msgpack-decode.ts';
import { PropagationError } from '../../lxmf/constants.ts';
import {
  getRequest,
  offerRequest,
  readGetRequest,
  readOfferResponse,
} from '../../lxmf/propagated.ts';

const t = suite('lxmf/sync', import.meta.url);
const golden = loadGolden('lxmf', 'sync');
/** Cases of one operation that end in a request or an answer. */
const op = (name: string) => (item: GoldenCase) =>
  item.in['op'] === name &&
  (item.out?.['data'] ?? item.out?.['response']) !== undefined &&
  item.error === undefined;
const data = (item: GoldenCase): MsgpackValue =>
  decodeMsgpack(fromHex(item.out?.['data'] as string));

t(
  '[lxmf/pn-directory-list-get-ack-helpers] [lxmf/peer-sync-codecs-offer-get-ack] list, get and acknowledge as the reference asks',
  () => {
    eachCase(
      golden,
      (item) => {
        assert.equal(readGetRequest(data(item)), { kind: 'list' });
        sameBytes(encodeMsgpack(getRequest({ kind: 'list' })), item.out?.['data'] as string);
      },
      op('list-request')
    );
    eachCase(
      golden,
      (item) => {
        const request = readGetRequest(data(item));
        sameBytes(encodeMsgpack(getRequest(request)), item.out?.['data'] as string);
        if (request.kind !== 'get') return;
        const held = item.in['held'] as string[];
        const limit = fromNotation(item.in['limitKilobytes']);
        assert.is(request.limitKb ?? null, limit instanceof MsgpackFloat ? limit.value : limit);
        for (const want of request.wants) assert.not(held.includes(toHex(want)));
      },
      op('get-request')
    );
    eachCase(
      golden,
      (item) => {
        const request = readGetRequest(data(item));
        assert.is(request.kind, 'acknowledge');
        sameBytes(encodeMsgpack(getRequest(request)), item.out?.['data'] as string);
      },
      op('acknowledge')
    );
  }
);

t('[lxmf/peer-sync-codecs-offer-get-ack] offers carry the peering key and the ids', () => {
  eachCase(
    golden,
    (item) => {
      const [key, ids] = data(item) as [Uint8Array, Uint8Array[]];
      assert.is(toHex(key), item.in['peeringKey']);
      const known = (item.in['messages'] as { transientId: string }[]).map((m) => m.transientId);
      for (const id of ids) assert.ok(known.includes(toHex(id)));
      sameBytes(encodeMsgpack(offerRequest(key, ids)), item.out?.['data'] as string);
    },
    op('offer')
  );
});

t('[lxmf/peer-sync-codecs-offer-get-ack] answers to offers are told apart', () => {
  eachCase(
    golden,
    (item) => {
      const response = decodeMsgpack(fromHex(item.out?.['response'] as string));
      const read = readOfferResponse(response);
      const kind = response === true ? 'all' : response === false ? 'none' : 'some';
      assert.is(read.kind, kind);
    },
    op('answer-offer')
  );
  for (const code of Object.values(PropagationError)) {
    assert.equal(readOfferResponse(code), { kind: 'error', code });
  }
  assert.equal(readOfferResponse(1), { kind: 'all' });
  assert.equal(readOfferResponse(0), { kind: 'none' });
  throwsCode(() => readOfferResponse('all'), 'LXMF_PROPAGATION');
});

t.run();
