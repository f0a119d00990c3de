import { suite } from '../support/suite.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { millisOf } from '../support/endpoints.ts';
import { eachCase, loadGolden } from '../support/golden.ts';
import { hexOf, numberOf } from '../support/lxmf.ts';
import { fromNotation, toNotation } from '../support/notation.ts';
import { sealedLink } from '../support/sealed-link.ts';
import { fromHex, toHex } from '../../base/hex.ts';
import { sha256 } from '../../crypto/provider.ts';
import { Identity } from '../../reticulum/identity.ts';
import type { IncomingRequest } from '../../reticulum/link/incoming-request.ts';
import {
  decodeRequest,
  decodeResponse,
  encodeResponse,
} from '../../reticulum/link/request-wire.ts';
import { RequestStatus } from '../../reticulum/link/requests.ts';
import { PacketContext, decodePacket } from '../../reticulum/packet.ts';
import {
  RequestHandlers,
  RequestPolicy,
  isAllowed,
  requestPathHash,
  type RequestPolicyCode,
} from '../../reticulum/request-handlers.ts';
import { decodeAdvertisement } from '../../reticulum/resource/advertisement.ts';

const t = suite('reticulum/request', import.meta.url);
const golden = loadGolden('reticulum', 'request');

t('[reticulum/destination-request-handlers] hashes paths as the reference does', () => {
  eachCase(
    golden,
    (item) => sameBytes(requestPathHash(item.in['path'] as string), item.out?.['hash'] as string),
    (item) => item.in['op'] === 'path'
  );
});

t(
  '[reticulum/link-request] [reticulum/link-handle-request] [reticulum/link-handle-response] [reticulum/requestreceipt] [reticulum/requestreceipt-get-request-id] [reticulum/requestreceipt-response-received] [reticulum/requestreceipt-get-response] asks and answers in the reference’s bytes',
  () => {
    eachCase(
      golden,
      (item) => {
        const out = item.out ?? {};
        const asker = sealedLink(item);
        asker.link.rttMs = 250;
        const now = millisOf(item.in['now']);
        asker.random.use(item.in['draws'] as string[]);
        const path = item.in['path'] as string;
        const receipt = asker.link.request(path, fromNotation(item.in['data']), now);
        assert.is(asker.random.left, 0);
        sameBytes(receipt?.id, out['id'] as string);
        assert.is(receipt?.status, RequestStatus.SENT);
        assert.is(asker.link.requests.size, 1);
        const [frame] = asker.sentFrames() as [Uint8Array];
        if (typeof out['advertisement'] === 'string') {
          assert.is(decodePacket(frame).context, PacketContext.RESOURCE_ADV);
          const adv = asker.link.openBytes(decodePacket(frame).data) as Uint8Array;
          sameBytes(adv, out['advertisement']);
          const read = decodeAdvertisement(adv);
          assert.equal([read.isRequest, read.isResponse], [true, false]);
          return;
        }
        sameBytes(frame, out['packet'] as string);
        assert.ok(Math.abs((receipt?.timeoutMs ?? 0) - millisOf(out['timeout'])) < 1e-6);
        const packed = asker.link.openBytes(decodePacket(frame).data) as Uint8Array;
        sameBytes(packed, out['request'] as string);
        answer(item, asker, frame, now);
      },
      (item) => item.in['op'] === 'exchange'
    );
  }
);

type Item = Parameters<Parameters<typeof eachCase>[1]>[0];

/** The other end hears the request and answers; the asker hears the answer. */
function answer(
  item: Item,
  asker: ReturnType<typeof sealedLink>,
  frame: Uint8Array,
  now: number
): void {
  const out = item.out ?? {};
  const other = sealedLink(item);
  other.link.destination.requests.register('/path', {
    allow: RequestPolicy.ALLOW_ALL,
    autoCompress: false,
  });
  other.receive(frame);
  other.sentFrames();
  const [asked] = out['asked'] as Record<string, unknown>[];
  const event = other.events.find((one) => one.kind === 'request');
  const request = (event as { request: IncomingRequest }).request;
  sameBytes(request.id.slice(), asked?.['id'] as string);
  assert.is(request.path, asked?.['path']);
  assert.equal(toNotation(request.data), asked?.['data']);
  assert.is(request.requestedAtS, numberOf(asked?.['requestedAt']));
  other.random.use(item.in['answerDraws'] as string[]);
  assert.is(request.respond(fromNotation(item.in['answer']), now), true);
  assert.is(request.respond('again', now), false, 'one answer only');
  assert.is(other.random.left, 0);
  const [response] = other.sentFrames() as [Uint8Array];
  if (typeof out['responseAdvertisement'] === 'string') {
    const adv = other.link.openBytes(decodePacket(response).data) as Uint8Array;
    sameBytes(adv, out['responseAdvertisement']);
    assert.is(decodeAdvertisement(adv).isResponse, true);
    return;
  }
  sameBytes(response, out['responsePacket'] as string);
  const [waiting] = [...asker.link.requests.values()];
  asker.receive(response);
  assert.is(waiting?.status, RequestStatus.READY);
  assert.is(waiting?.responseBytes, out['responseSize']);
  assert.equal(toNotation(waiting?.response ?? null), item.in['answer']);
  assert.is(asker.link.requests.size, 0);
}

t('[reticulum/link-handle-response] packs responses as the reference does', () => {
  eachCase(
    golden,
    (item) => {
      const packed = encodeResponse(
        fromHex(item.out?.['id'] as string),
        fromNotation(item.in['answer'])
      );
      const expected = item.out?.['response'];
      if (typeof expected === 'string') sameBytes(packed, expected);
      else assert.is(toHex(sha256(packed)), (expected as { sha256: string }).sha256);
      sameBytes(decodeResponse(packed)?.id, item.out?.['id'] as string);
    },
    (item) => item.in['op'] === 'exchange' && item.out?.['response'] !== undefined
  );
});

t('[reticulum/destination-request-handlers] lets those ask whom the reference lets ask', () => {
  eachCase(
    golden,
    (item) => {
      const handlers = new RequestHandlers();
      handlers.register('/path', {
        allow: item.in['allow'] as RequestPolicyCode,
        allowed: (item.in['allowed'] as string[]).map(fromHex),
      });
      const handler = handlers.find(requestPathHash('/path'));
      const who = item.in['who'];
      const remote = typeof who === 'string' ? Identity.fromPublicKey(fromHex(who)) : undefined;
      assert.ok(handler !== undefined && isAllowed(handler, remote) === item.out?.['answered']);
    },
    (item) => item.in['op'] === 'policy'
  );
});

t('[reticulum/link-handle-request] asks nothing for a malformed request', () => {
  eachCase(
    golden,
    (item) => {
      const handlers = new RequestHandlers();
      handlers.register('/path', { allow: RequestPolicy.ALLOW_ALL });
      const request = decodeRequest(hexOf(item, 'plaintext'));
      assert.is(request === undefined ? undefined : handlers.find(request.pathHash), undefined);
    },
    (item) => item.in['op'] === 'request'
  );
});

t.run();
