import { suite } from '../support/suite.ts';
import { assert, sameBytes } from '../support/assert.ts';
import { Probe, hexes } from '../support/endpoints.ts';
import { eachCase, loadGolden, type GoldenCase } from '../support/golden.ts';
import { hexOf } from '../support/lxmf.ts';
import { fromHex } from '../../base/hex.ts';
import { Destination, ProofStrategy } from '../../reticulum/destination.ts';
import { Identity } from '../../reticulum/identity.ts';
import { decodePacket } from '../../reticulum/packet.ts';
import { ReceiptStatus, Receipts, type PacketReceipt } from '../../reticulum/receipts.ts';
import { hashOfFrame } from '../../reticulum/received-packet.ts';

const t = suite('reticulum/proof', import.meta.url);
const golden = loadGolden('reticulum', 'proof');
const NOW = 1_700_000_000_250;

function waiting(
  item: GoldenCase,
  identity: Identity
): { receipts: Receipts; receipt: PacketReceipt } {
  const { core } = new Probe(1064).reticulum;
  core.now = NOW;
  const receipts = new Receipts(core);
  const raw = hexOf(item, 'packet');
  const receipt = receipts.add(
    hashOfFrame(raw),
    decodePacket(raw).destinationHash,
    6000,
    (signature, hash) => identity.validate(signature, hash),
    () => undefined
  );
  return { receipts, receipt };
}

t(
  '[reticulum/packet-prove] [reticulum/identity-prove] [reticulum/proofdestination] [reticulum/packet-generate-proof-destination] [reticulum/destination-proof-strategy] proves a packet in the reference’s bytes',
  () => {
    eachCase(
      golden,
      (item) => {
        const identity = Identity.fromPrivateKey(hexOf(item, 'private'));
        const destination = Destination.create({
          direction: 'in',
          identity,
          appName: 'app',
          aspects: ['proof'],
        });
        destination.proofStrategy = ProofStrategy.PROVE_ALL;
        const probe = new Probe(1064, { implicitProofs: item.in['implicit'] as boolean });
        probe.reticulum.register(destination);
        probe.receive(hexOf(item, 'packet'), NOW);
        assert.equal(hexes(probe.sent()), [item.out?.['proof']]);
      },
      (item) => item.in['op'] === 'proof'
    );
  }
);

t(
  '[reticulum/packetreceipt] [reticulum/packetreceipt-validate-proof] [reticulum/packetreceipt-validate-proof-packet] [reticulum/packet-validate-proof] [reticulum/packet-validate-proof-packet] [reticulum/packetreceipt-get-status] [reticulum/packetreceipt-get-rtt] takes proofs of both lengths',
  () => {
    eachCase(
      golden,
      (item) => {
        const identity = Identity.fromPrivateKey(hexOf(item, 'private')).publicOnly();
        const { receipts, receipt } = waiting(item, identity);
        const proof = decodePacket(fromHex(item.out?.['proof'] as string));
        sameBytes(proof.destinationHash, item.out?.['address'] as string);
        assert.is(receipts.prove(proof.destinationHash, proof.data, false), receipt);
        assert.is(receipt.status, ReceiptStatus.DELIVERED);
        assert.is(receipt.rttMs, 0);
        assert.is(receipts.size, 0);
      },
      (item) => item.in['op'] === 'proof'
    );
  }
);

t('[reticulum/packetreceipt-validate-proof] refuses what the reference refuses', () => {
  eachCase(
    golden,
    (item) => {
      const identity = Identity.fromPublicKey(hexOf(item, 'public'));
      const { receipts, receipt } = waiting(item, identity);
      const outcome = receipts.prove(receipt.hash.subarray(0, 16), hexOf(item, 'data'), false);
      assert.ok(outcome === 'invalid' || outcome === 'unmatched');
      assert.is(receipt.status, ReceiptStatus.SENT);
      assert.is(receipts.size, 1);
    },
    (item) => item.in['op'] === 'validate'
  );
});

t.run();
