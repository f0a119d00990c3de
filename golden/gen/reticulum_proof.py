"""Vectors of proofs: what proves that a packet arrived, and what a receipt makes of it.

usage: python golden/gen/reticulum_proof.py [--check | --compare]
"""

from endpoints import Medium, caught, received
from harness import RNS, Topic, forget, identity, injected, main, stream

D, P = RNS.Destination, RNS.Packet
OWNER = identity("proof/owner")


def public(one):
    out = RNS.Identity(create_keys=False)
    out.load_public_key(one.get_public_key())
    return out


def sent_and_proven(name, implicit):
    """A packet, the proof that the reference gives for it, and the receipt that waits for it."""
    forget()
    receiver = D(OWNER, D.IN, D.SINGLE, "app", "proof")
    sender = D(public(OWNER), D.OUT, D.SINGLE, "app", "proof")
    RNS.Reticulum.should_use_implicit_proof = staticmethod(lambda: implicit)
    with injected(f"proof/{name}"), caught() as sent:
        RNS.Packet(sender, stream("proof/data", 20)).send()
        packet = sent[0]
        inbound = received(packet.raw, Medium())
        inbound.destination = receiver
        inbound.prove()
    return packet, sent[1]


def receipt_of(packet):
    with caught():
        receipt = RNS.PacketReceipt(packet)
    return receipt


def proofs(topic):
    for implicit in (True, False):
        name = "implicit" if implicit else "explicit"
        packet, proof = sent_and_proven(name, implicit)
        receipt = receipt_of(packet)
        inbound = received(proof.raw, Medium())
        assert receipt.validate_proof_packet(inbound) and receipt.status == receipt.DELIVERED
        topic.case(
            f"proof-{name}",
            {
                "op": "proof",
                "private": OWNER.get_private_key().hex(),
                "packet": packet.raw.hex(),
                "implicit": implicit,
            },
            {"proof": proof.raw.hex(), "address": proof.destination.hash.hex()},
        )


def refusals(topic):
    packet, proof = sent_and_proven("explicit", False)
    data = proof.data
    other = identity("proof/other")
    variants = {
        "flipped-signature": data[:40] + bytes([data[40] ^ 1]) + data[41:],
        "flipped-hash": bytes([data[0] ^ 1]) + data[1:],
        "cut": data[:-1],
        "longer": data + b"\x00",
        "hash-only": data[:32],
        "other-signer": data[:32] + other.sign(data[:32]),
        "implicit-other-signer": other.sign(data[:32]),
        "implicit-flipped": bytes([data[32] ^ 1]) + data[33:],
        "implicit-cut": data[32:-1],
    }
    for name, bad in variants.items():
        receipt = receipt_of(packet)
        assert not receipt.validate_proof(bad), name
        topic.negative(
            f"proof-neg-{name}",
            {
                "op": "validate",
                "public": OWNER.get_public_key().hex(),
                "packet": packet.raw.hex(),
                "data": bad.hex(),
            },
            "RNS_UNPROVEN",
            "False",
        )


def build():
    symbol = "RNS/Identity.py Identity.prove, RNS/Packet.py PacketReceipt"
    topic = Topic("reticulum", "proof", "rns", symbol, __file__)
    proofs(topic)
    refusals(topic)
    return topic


if __name__ == "__main__":
    main(build)
