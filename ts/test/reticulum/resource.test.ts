import { suite } from '../support/suite.ts';
import { assert, sameBytes, throwsCode } from '../support/assert.ts';
import { millisOf } from '../support/endpoints.ts';
import { eachCase, loadGolden, type GoldenCase } from '../support/golden.ts';
import { hexOf } from '../support/lxmf.ts';
import { fromNotation } from '../support/notation.ts';
import { stream } from '../support/stream.ts';
import { sealedLink, type SealedLink } from '../support/sealed-link.ts';
import { concat } from '../../base/bytes.ts';
import { fromHex, toHex } from '../../base/hex.ts';
import { sha256 } from '../../crypto/provider.ts';
import type { MsgpackValue } from '../../codec/msgpack.ts';
import type { Compression } from '../../reticulum/compression.ts';
import { ResourceStrategy } from '../../reticulum/link/constants.ts';
import { PacketContext, decodePacket } from '../../reticulum/packet.ts';
import { decodeAdvertisement } from '../../reticulum/resource/advertisement.ts';
import { PROCESSING_GRACE_MS, ResourceStatus } from '../../reticulum/resource/constants.ts';
import { OutgoingResource, type ResourceOptions } from '../../reticulum/resource/outgoing.ts';
import { bytesSource } from '../../reticulum/resource/source.ts';
import { partWaitMs, proofWaitMs, requestWaitMs } from '../../reticulum/resource/timing.ts';

const t = suite('reticulum/resource', import.meta.url);
const golden = loadGolden('reticulum', 'resource');

/** Bytes as the vectors hold them: whole, or by digest and ends when they are long. */
function sameBlob(actual: Uint8Array, expected: unknown, note: string): void {
  if (typeof expected === 'string') return sameBytes(actual, expected, note);
  const { length, sha256: digest } = expected as { length: number; sha256: string };
  assert.is(actual.length, length, note);
  assert.is(toHex(sha256(actual)), digest, note);
}

/** Packs exactly what the reference packed, and unpacks it again. */
function recordedCompression(unpacked: Uint8Array, packed: Uint8Array): Compression {
  return {
    compress: () => packed,
    decompress: (data, maxBytes) => {
      sameBytes(data, packed);
      assert.ok(unpacked.length <= maxBytes);
      return unpacked;
    },
  };
}

function optionsOf(item: GoldenCase): ResourceOptions {
  const requestId = item.in['requestId'];
  return {
    metadata: item.in['metadata'] === null ? undefined : fromNotation(item.in['metadata']),
    requestId: typeof requestId === 'string' ? fromHex(requestId) : undefined,
    isResponse: item.in['isResponse'] as boolean,
    autoCompress: item.in['autoCompress'] as boolean,
  };
}

/** The frames, hash map and advertisement of the present segment, as the link sends them. */
function sentSegment(
  link: SealedLink,
  resource: OutgoingResource
): { frames: Uint8Array[]; adv: Uint8Array } {
  resource.advertise();
  const adv = link.openSent(PacketContext.RESOURCE_ADV);
  const frames: Uint8Array[] = [];
  const { hash } = resource;
  // Ask for everything, as a receiver would who had the whole map.
  for (let turn = 0; frames.length < resource.parts; turn++) {
    const before = frames.length;
    frames.push(...link.askForParts(resource, hash, before, turn));
    if (frames.length === before) throw new Error('the resource sends no more parts');
  }
  return { frames, adv };
}

t(
  '[reticulum/resource] [reticulum/resource-advertise] [reticulum/resource-get-map-hash] [reticulum/resourceadvertisement] [reticulum/resourceadvertisement-pack] [reticulum/resource-get-hash] [reticulum/resource-get-parts] [reticulum/resource-get-transfer-size] [reticulum/resource-get-data-size] [reticulum/resource-metadata] [reticulum/resource-is-compressed] makes the reference’s segments from the same draws',
  () => {
    eachCase(
      golden,
      (item) => {
        const out = item.out ?? {};
        const data =
          typeof item.in['data'] === 'string'
            ? hexOf(item, 'data')
            : stream(item.in['label'] as string, item.in['size'] as number);
        const packed = item.in['packed'];
        const link = sealedLink(
          item,
          typeof packed === 'string' ? recordedCompression(data, fromHex(packed)) : undefined
        );
        link.random.use(item.in['draws'] as string[]);
        const resource = new OutgoingResource(link.link, bytesSource(data), optionsOf(item));
        assert.is(link.random.left, 0, 'a draw was not used');
        sameBytes(resource.hash, out['hash'] as string);
        assert.is(resource.transferBytes, out['transferSize']);
        assert.is(resource.totalBytes, out['totalSize']);
        assert.is(resource.parts, out['parts']);
        assert.is(resource.compressed, out['compressed']);
        const { frames, adv } = sentSegment(link, resource);
        sameBytes(adv, out['advertisement'] as string);
        sameBlob(concat(...frames), out['frames'], 'frames');
        const read = decodeAdvertisement(adv);
        sameBytes(read.randomHash, out['randomHash'] as string);
        sameBytes(read.originalHash, out['originalHash'] as string);
        const proof = fromHex(out['expectedProof'] as string);
        assert.is(resource.receiveProof(proof.map((byte) => byte ^ 1)), false);
        assert.is(resource.receiveProof(proof), true);
        assert.is(resource.status, ResourceStatus.COMPLETE);
        assert.is(resource.progress, 1);
      },
      (item) => item.in['op'] === 'make'
    );
  }
);

t(
  '[reticulum/resource-segments] [reticulum/resource-get-segments] cuts data above 1 MiB into the reference’s segments',
  () => {
    eachCase(
      golden,
      (item) => {
        const segments = item.out?.['segments'] as Record<string, unknown>[];
        const data = stream(item.in['label'] as string, item.in['size'] as number);
        const link = sealedLink(item);
        const draws = item.in['draws'] as string[][];
        link.random.use(draws[0] as string[]);
        const metadata: MsgpackValue | undefined =
          item.in['metadata'] === null ? undefined : fromNotation(item.in['metadata']);
        const resource = new OutgoingResource(link.link, bytesSource(data), { metadata });
        for (const [i, out] of segments.entries()) {
          assert.is(resource.segmentIndex, out['index']);
          assert.is(resource.totalSegments, out['segments']);
          sameBytes(resource.hash, out['hash'] as string, `hash of segment ${i + 1}`);
          sameBytes(resource.originalHash, out['originalHash'] as string);
          const { frames, adv } = sentSegment(link, resource);
          sameBytes(adv, out['advertisement'] as string, `advertisement ${i + 1}`);
          sameBlob(concat(...frames), out['frames'], `frames of segment ${i + 1}`);
          if (i + 1 < segments.length) link.random.use(draws[i + 1] as string[]);
          resource.receiveProof(fromHex(out['expectedProof'] as string));
          link.sentFrames();
        }
        assert.is(resource.status, ResourceStatus.COMPLETE);
      },
      (item) => item.in['op'] === 'segments'
    );
  }
);

interface Round {
  request: string;
  window: number;
  windowMax: number;
  windowMin: number;
}

t(
  '[reticulum/resource-accept] [reticulum/resource-request-next] [reticulum/resource-request] [reticulum/resource-receive-part] [reticulum/resource-hashmap-update] [reticulum/resource-hashmap-update-packet] [reticulum/resource-windowing] [reticulum/resource-assemble] [reticulum/resource-prove] [reticulum/resource-validate-proof] asks round by round for what the reference asks for',
  () => {
    eachCase(
      golden,
      (item) => {
        const rounds = item.out?.['rounds'] as Round[];
        const data = stream(item.in['label'] as string, item.in['size'] as number);
        const delayMs = millisOf(item.in['delay']);
        const sender = sealedLink(item);
        const receiver = sealedLink(item);
        receiver.link.rttMs = millisOf(item.in['rtt']);
        receiver.link.establishmentBytes = item.in['establishmentCost'] as number;
        receiver.link.resourceStrategy = ResourceStrategy.ACCEPT_ALL;
        sender.random.use(item.in['draws'] as string[]);
        const resource = new OutgoingResource(sender.link, bytesSource(data), {});
        assert.is(sender.random.left, 0);
        sender.send(resource);
        receiver.deliver(PacketContext.RESOURCE_ADV, sender.openSent(PacketContext.RESOURCE_ADV));
        const hmus: string[] = [];
        for (const [i, round] of rounds.entries()) {
          const note = `round ${i + 1}`;
          const segment = receiver.link.resources.incoming[0]?.segment;
          assert.equal(
            [segment?.window.size, segment?.window.max, segment?.window.min],
            [round.window, round.windowMax, round.windowMin],
            note
          );
          const request = receiver.openSent(PacketContext.RESOURCE_REQ);
          sameBytes(request, round.request, note);
          receiver.advance(delayMs);
          sender.advance(delayMs);
          sender.deliver(PacketContext.RESOURCE_REQ, request);
          for (const frame of sender.sentFrames()) {
            const packet = decodePacket(frame);
            if (packet.context === PacketContext.RESOURCE_HMU) {
              const update = sender.link.openBytes(packet.data) as Uint8Array;
              hmus.push(toHex(update));
            }
            receiver.receive(frame);
          }
        }
        assert.equal(hmus, item.out?.['hmus']);
        const [proof] = receiver.sentFrames();
        sameBytes(proof, item.out?.['proof'] as string);
        const [concluded] = receiver.concluded();
        assert.is(concluded?.status, ResourceStatus.COMPLETE);
        sameBytes(concluded?.data.slice(), data);
        sender.receive(proof as Uint8Array);
        assert.is(resource.status, ResourceStatus.COMPLETE);
      },
      (item) => item.in['op'] === 'transfer'
    );
  }
);

t(
  '[reticulum/resource-cancel] [reticulum/link-cancel-outgoing-resource] cancels in the reference’s words',
  () => {
    eachCase(
      golden,
      (item) => {
        const link = sealedLink(item);
        link.random.use(item.in['draws'] as string[]);
        const plaintext = fromHex(item.out?.['plaintext'] as string);
        link.link.sendSealed(item.out?.['context'] as number, plaintext);
        sameBytes(link.sentFrames()[0], item.out?.['packet'] as string);
        assert.is(plaintext.length, 32);
      },
      (item) => item.in['op'] === 'cancel'
    );
  }
);

t(
  '[reticulum/resource-timeouts] [reticulum/resource-watchdog-job] [reticulum/resource-update-eifr] waits as long as the reference',
  () => {
    eachCase(
      golden,
      (item) => {
        const sdu = (item.in['mtu'] as number) - 36;
        const rttMs = millisOf(item.in['rtt']);
        const cost = item.in['establishmentCost'] as number;
        const setupRate = (cost * 8 * 1000) / millisOf(item.in['responderRtt']);
        const outstanding = item.in['outstanding'] as number;
        const rateBps = millisOf(item.in['rate']) / 1000;
        const unanswered = {
          sdu,
          rateBps: setupRate,
          outstanding: 4,
          awaitsHashmap: false,
          factor: 4,
          answered: false,
        };
        const second = { sdu, rateBps, outstanding, factor: 2, retriesUsed: 0, answered: true };
        const waits: Record<string, number> = {
          advertised: rttMs * 6 + PROCESSING_GRACE_MS,
          unanswered: partWaitMs({ ...unanswered, retriesUsed: 0 }),
          'unanswered-3-retries': partWaitMs({ ...unanswered, retriesUsed: 3 }),
          'second-round': partWaitMs({ ...second, awaitsHashmap: false }),
          'second-round-hmu': partWaitMs({ ...second, awaitsHashmap: true }),
          requests: requestWaitMs(millisOf(item.in['senderRtt'])),
          proof: proofWaitMs(millisOf(item.in['senderRtt'])),
        };
        for (const [name, typed] of Object.entries(item.out ?? {})) {
          const difference = Math.abs((waits[name] as number) - millisOf(typed));
          // The reference's clock counts whole microseconds at best.
          assert.ok(difference < 0.01, `${name}: ${waits[name]} and ${millisOf(typed)}`);
        }
      },
      (item) => item.in['op'] === 'timing'
    );
  }
);

t(
  '[reticulum/resourceadvertisement-unpack] [reticulum/resourceadvertisement-is-request] [reticulum/resourceadvertisement-is-response] [reticulum/resourceadvertisement-has-metadata] [reticulum/resourceadvertisement-is-compressed] [reticulum/resourceadvertisement-read-request-id] reads every combination of flags',
  () => {
    eachCase(
      golden,
      (item) => {
        const adv = decodeAdvertisement(hexOf(item, 'plaintext'));
        const out = item.out ?? {};
        assert.equal(
          [
            adv.encrypted,
            adv.compressed,
            adv.split,
            adv.isRequest,
            adv.isResponse,
            adv.hasMetadata,
          ],
          ['e', 'c', 's', 'u', 'p', 'x'].map((flag) => out[flag])
        );
      },
      (item) => item.in['op'] === 'flags'
    );
  }
);

t(
  '[reticulum/resourceadvertisement-unpack] refuses advertisements that the reference refuses',
  () => {
    eachCase(
      golden,
      (item) => {
        throwsCode(() => decodeAdvertisement(hexOf(item, 'plaintext')), 'RNS_RESOURCE');
      },
      (item) => item.in['op'] === 'advertisement'
    );
  }
);

t.run();
