import { suite } from '../support/suite.ts';
import { assert, sameBytes, throwsCode } from '../support/assert.ts';
import { Probe, destinationPair, hexes, millisOf } from '../support/endpoints.ts';
import { eachCase, loadGolden, type GoldenCase } from '../support/golden.ts';
import { hexOf } from '../support/lxmf.ts';
import { stream } from '../support/stream.ts';
import { fromHex } from '../../base/hex.ts';
import { ProofStrategy } from '../../reticulum/destination.ts';
import { Identity } from '../../reticulum/identity.ts';
import {
  LinkStatus,
  STALE_FACTOR,
  TeardownReason,
  keepaliveFor,
} from '../../reticulum/link/constants.ts';
import type { Link } from '../../reticulum/link/link.ts';
import {
  decodeLinkProof,
  decodeLinkRequest,
  decodeSignalling,
  encodeSignalling,
  linkMdu,
} from '../../reticulum/link/wire.ts';
import { decodePacket } from '../../reticulum/packet.ts';

const t = suite('reticulum/link', import.meta.url);
const golden = loadGolden('reticulum', 'link');

interface Step {
  step: string;
  draws: string[];
  now: unknown;
  sent: string[];
  size?: number;
  label?: string;
  proof?: string;
  answer?: string;
}

/** Both ends of a vector's link. */
class Ends {
  readonly a: Probe;
  readonly b: Probe;
  readonly owner: Identity;
  readonly pair: ReturnType<typeof destinationPair>;
  link!: Link;
  accepted!: Link;

  constructor(item: GoldenCase) {
    this.owner = Identity.fromPrivateKey(hexOf(item, 'private'));
    this.pair = destinationPair(
      this.owner,
      item.in['app'] as string,
      item.in['aspects'] as string[]
    );
    this.a = new Probe(item.in['near'] as number);
    this.b = new Probe(item.in['far'] as number);
    this.b.reticulum.register(this.pair.inbound);
  }

  /** Set the link up as the vector has it, and compare every frame. */
  open(steps: readonly Step[]): void {
    const [open, accept, prove] = steps as [Step, Step, Step];
    const start = millisOf(open.now);
    this.a.knowPath(this.pair.outbound.hash, start);
    this.a.random.use(open.draws);
    this.link = this.a.reticulum.openLink(this.pair.outbound, start);
    assert.equal(hexes(this.a.sent()), open.sent, 'link request');
    this.b.random.use(accept.draws);
    this.b.receive(fromHex(open.sent[0] as string), millisOf(accept.now));
    assert.equal(hexes(this.b.sent()), accept.sent, 'link proof');
    this.accepted = [...this.b.reticulum.links.values()][0] as Link;
    assert.is(this.accepted.status, LinkStatus.HANDSHAKE);
    this.a.random.use(prove.draws);
    this.a.receive(fromHex(accept.sent[0] as string), millisOf(prove.now));
    assert.equal(hexes(this.a.sent()), prove.sent, 'round trip');
    assert.is(this.a.random.left + this.b.random.left, 0, 'a draw was not used');
    this.b.receive(fromHex(prove.sent[0] as string), millisOf(prove.now) + 125);
    this.b.sent();
  }
}

t(
  '[reticulum/link-signalling-bytes] [reticulum/link-mode-byte] signals MTU and mode as the reference does',
  () => {
    eachCase(
      golden,
      (item) => {
        const mtu = item.in['mtu'] as number;
        const bytes = encodeSignalling(mtu, item.in['mode'] as number);
        sameBytes(bytes, item.out?.['bytes'] as string);
        assert.equal(decodeSignalling(bytes), { mtu, mode: 1 });
      },
      (item) => item.in['op'] === 'signalling'
    );
  }
);

t('[reticulum/link-update-mdu] reckons the largest plaintext as the reference does', () => {
  eachCase(
    golden,
    (item) => assert.is(linkMdu(item.in['mtu'] as number), item.out?.['mdu']),
    (item) => item.in['op'] === 'mdu'
  );
});

t('[reticulum/link-keepalive-timing] keeps alive at the reference’s intervals', () => {
  eachCase(
    golden,
    (item) => {
      const keepalive = keepaliveFor(millisOf(item.in['rtt']));
      assert.ok(Math.abs(keepalive - millisOf(item.out?.['keepalive'])) < 1e-6);
      assert.ok(Math.abs(keepalive * STALE_FACTOR - millisOf(item.out?.['stale'])) < 1e-6);
    },
    (item) => item.in['op'] === 'keepalive'
  );
});

t(
  '[reticulum/link] [reticulum/link-handshake] [reticulum/link-prove] [reticulum/link-validate-request] [reticulum/link-validate-proof] [reticulum/link-rtt-packet] [reticulum/link-set-link-id] [reticulum/link-mtu-discovery] [reticulum/link-get-mtu] [reticulum/link-get-mdu] sets links up frame by frame as the reference does',
  () => {
    eachCase(
      golden,
      (item) => {
        const ends = new Ends(item);
        ends.open(item.out?.['steps'] as Step[]);
        const out = item.out?.['established'] as Record<string, unknown>;
        const { link, accepted } = ends;
        sameBytes(link.id, out['linkId'] as string);
        sameBytes(accepted.id, out['linkId'] as string);
        for (const end of [link, accepted]) {
          assert.is(end.status, LinkStatus.ACTIVE);
          assert.is(end.mtu, out['mtu']);
          assert.is(end.mdu, out['mdu']);
        }
        assert.is(link.rttMs, millisOf(out['initiatorRtt']));
        assert.is(accepted.rttMs, millisOf(out['responderRtt']));
        assert.ok(Math.abs(link.keepaliveMs - millisOf(out['initiatorKeepalive'])) < 1e-6);
        assert.ok(Math.abs(accepted.keepaliveMs - millisOf(out['responderKeepalive'])) < 1e-6);
        assert.is(link.establishmentBytes, out['initiatorCost']);
        assert.is(accepted.establishmentBytes, out['responderCost']);
        assert.is(ends.a.of('link-established').length, 1);
        assert.is(ends.b.of('link-established').length, 1);
        sameBytes(link.remoteIdentity?.hash, ends.owner.hash);
        assert.is(accepted.remoteIdentity, undefined);
      },
      (item) => item.in['op'] === 'setup'
    );
  }
);

t(
  '[reticulum/link-link-id-from-lr-packet] [reticulum/link-mtu-from-lr-packet] answers a request without signalling',
  () => {
    eachCase(
      golden,
      (item) => {
        const ends = new Ends(item);
        const [step] = item.out?.['steps'] as [Step];
        ends.b.random.use(step.draws);
        ends.b.receive(hexOf(item, 'packet'), millisOf(step.now));
        assert.equal(hexes(ends.b.sent()), step.sent);
        const [link] = [...ends.b.reticulum.links.values()];
        sameBytes(link?.id, item.out?.['linkId'] as string);
        assert.is(link?.mtu, item.out?.['mtu']);
      },
      (item) => item.in['op'] === 'accept'
    );
  }
);

t(
  '[reticulum/link-identify] [reticulum/link-receive] [reticulum/link-prove-packet] [reticulum/link-encrypt] [reticulum/link-decrypt] [reticulum/link-sign] [reticulum/link-validate] [reticulum/link-send-keepalive] [reticulum/link-teardown] [reticulum/link-teardown-packet] [reticulum/packetreceipt-validate-link-proof] exchanges the packets of an established link',
  () => {
    eachCase(
      golden,
      (item) => {
        const ends = new Ends(item);
        const steps = item.out?.['steps'] as Step[];
        ends.open(steps);
        ends.pair.inbound.proofStrategy = ProofStrategy.PROVE_ALL;
        ends.pair.outbound.proofStrategy = ProofStrategy.PROVE_ALL;
        for (const step of steps.slice(3)) play(ends, step, item);
      },
      (item) => item.in['op'] === 'packets'
    );
  }
);

function play(ends: Ends, step: Step, item: GoldenCase): void {
  const now = millisOf(step.now);
  const { a, b, link, accepted } = ends;
  const byB = step.step.startsWith('data-b') || step.step === 'close-b';
  const [from, to] = byB ? [b, a] : [a, b];
  from.random.use(step.draws);
  switch (step.step) {
    case 'identify':
      assert.is(link.identify(Identity.fromPrivateKey(hexOf(item, 'who')), now), true);
      break;
    case 'keepalive':
      // Left alone, the initiator pings by itself, and the other end answers.
      from.reticulum.tick(now);
      break;
    case 'close-a':
    case 'close-b':
      (byB ? accepted : link).close(now);
      break;
    default: {
      const data = stream(step.label as string, step.size as number);
      assert.ok((byB ? accepted : link).send(data, now) !== undefined);
    }
  }
  assert.equal(hexes(from.sent()), step.sent, step.step);
  to.receive(fromHex(step.sent[0] as string), now);
  if (step.step === 'identify') {
    sameBytes(to.last('link-identified').identity.hash, item.out?.['identity'] as string);
  } else if (step.answer !== undefined) {
    assert.equal(hexes(to.sent()), [step.answer]);
    from.receive(fromHex(step.answer), now);
  } else if (step.proof !== undefined) {
    assert.equal(hexes(to.sent()), [step.proof]);
    sameBytes(to.last('link-packet').data, stream(step.label as string, step.size as number));
    from.receive(fromHex(step.proof), now);
    assert.is(from.last('receipt').receipt.status, 2);
  } else if (step.step.startsWith('close')) {
    const [own, other] = byB ? [accepted, link] : [link, accepted];
    const reason = byB ? TeardownReason.DESTINATION_CLOSED : TeardownReason.INITIATOR_CLOSED;
    assert.equal([own.reason, other.reason], [reason, reason]);
    assert.is(to.of('link-closed').length, 1);
  }
}

t('[reticulum/link-validate-request] refuses link requests of another size or mode', () => {
  eachCase(
    golden,
    (item) => {
      throwsCode(() => decodeLinkRequest(hexOf(item, 'data')), 'RNS_LINK_REQUEST');
    },
    (item) => item.in['op'] === 'request'
  );
});

t(
  '[reticulum/link-validate-proof] [reticulum/link-mode-from-lp-packet] [reticulum/link-mtu-from-lp-packet] refuses link proofs that the reference refuses',
  () => {
    eachCase(
      golden,
      (item) => {
        const identity = Identity.fromPublicKey(hexOf(item, 'public'));
        const { data } = decodePacket(hexOf(item, 'packet'));
        throwsCode(() => decodeLinkProof(data, identity, hexOf(item, 'linkId')), 'RNS_LINK_PROOF');
      },
      (item) => item.in['op'] === 'proof'
    );
  }
);

t.run();
