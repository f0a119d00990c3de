"""Vectors of links: signalling, set-up, and the packets of an established one.

usage: python golden/gen/reticulum_link.py [--check | --compare]
"""

import types


from endpoints import L, Session, caught, received
from harness import RNS, Topic, attempt, identity, injected, main, stream, typed

P = RNS.Packet


def signalling(topic):
    for mtu in (500, 508, 1064, 1196, 8192, 16384, 262144, 524288, 2097151):
        topic.case(
            f"signalling-{mtu}",
            {"op": "signalling", "mtu": mtu, "mode": 1},
            {"bytes": L.signalling_bytes(mtu, 1).hex()},
        )
    link = L.__new__(L)
    for mtu in (500, 508, 564, 1064, 1196, 2048, 8192, 16384, 262144, 524288):
        link.mtu = mtu
        link.update_mdu()
        topic.case(f"mdu-{mtu}", {"op": "mdu", "mtu": mtu}, {"mdu": link.mdu})


def established(session):
    a, b = session.initiator, session.responder
    return {
        "linkId": a.link_id.hex(),
        "key": a.derived_key.hex(),
        "mtu": a.mtu,
        "mdu": a.mdu,
        "initiatorRtt": typed(a.rtt),
        "responderRtt": typed(b.rtt),
        "initiatorKeepalive": typed(a.keepalive),
        "responderKeepalive": typed(b.keepalive),
        "initiatorCost": a.establishment_cost,
        "responderCost": b.establishment_cost,
    }


def given(session):
    return {
        "private": session.owner.get_private_key().hex(),
        "app": "app",
        "aspects": list(session.aspects),
        "near": session.near.HW_MTU,
        "far": session.far.HW_MTU,
    }


def setups(topic):
    for near, far in ((500, 500), (8192, 8192), (8192, 1064), (1064, 262144), (524288, 524288)):
        session = Session(f"link/{near}-{far}", near=near, far=far).open()
        assert session.initiator.status == session.responder.status == L.ACTIVE
        topic.case(
            f"setup-{near}-{far}",
            {"op": "setup", **given(session)},
            {"steps": session.steps, "established": established(session)},
            "the smaller MTU of both ends counts",
        )


def old_style(topic):
    """A request without signalling, as early versions send it."""
    session = Session("link/unsignalled", near=8192, far=8192)
    with injected("link/unsignalled/keys"):
        keys = [RNS.Cryptography.X25519PrivateKey.generate() for _ in range(2)]
    public = b"".join(key.public_key().public_bytes() for key in keys)
    raw = bytes([0x02, 0]) + session.destination.hash + b"\x00" + public
    packet = received(raw, session.far)
    packet.destination = session.destination
    link, sent = session.step(
        "accept", lambda: session.destination.receive(packet) or session.destination.links[-1]
    )
    topic.case(
        "accept-unsignalled",
        {"op": "accept", **given(session), "packet": raw.hex()},
        {"steps": session.steps, "linkId": link.link_id.hex(), "mtu": link.mtu},
        "the proof is signalled nevertheless, with an MTU of 500",
    )


def packets(topic):
    session = Session("link/packets", near=8192, far=8192).open()
    a, b = session.initiator, session.responder
    who = identity("link/packets/who")
    session.destination.set_proof_strategy(RNS.Destination.PROVE_ALL)
    session.target.set_proof_strategy(RNS.Destination.PROVE_ALL)
    steps = session.steps
    session.clock.advance(1)
    _, sent = session.step("identify", lambda: a.identify(who))
    session.carry(sent, b)
    assert b.get_remote_identity().hash == who.hash
    for name, link, other in (("data-a", a, b), ("data-b", b, a)):
        for size in (1, 431, a.mdu):
            data = stream(f"link/{name}/{size}", size)
            _, sent = session.step(f"{name}-{size}", lambda: P(link, data).send())
            steps[-1]["data"] = data.hex() if size <= 431 else None
            steps[-1]["size"] = size
            steps[-1]["label"] = f"link/{name}/{size}"
            proof, _ = session.carry(sent, other)
            steps[-1]["proof"] = proof[0].raw.hex()
            receipt = sent[0].receipt
            inbound = received(proof[0].raw, session.near if link is a else session.far)
            inbound.link = link
            with caught(session.clock):
                assert receipt.validate_proof_packet(inbound)
    session.clock.advance(a.keepalive + 1)
    _, sent = session.step("keepalive", a.send_keepalive)
    answers, _ = session.carry(sent, b)
    steps[-1]["answer"] = answers[0].raw.hex()
    _, sent = session.step("close-a", a.teardown)
    session.carry(sent, b)
    assert b.status == L.CLOSED and b.teardown_reason == L.INITIATOR_CLOSED
    topic.case(
        "packets",
        {"op": "packets", **given(session), "who": who.get_private_key().hex()},
        {"steps": steps, "identity": who.hash.hex()},
    )
    session = Session("link/closed-by-destination").open()
    _, sent = session.step("close-b", session.responder.teardown)
    session.carry(sent, session.initiator)
    assert session.initiator.teardown_reason == L.DESTINATION_CLOSED
    topic.case(
        "close-by-destination",
        {"op": "packets", **given(session), "who": None},
        {"steps": session.steps, "identity": None},
    )


def keepalives(topic):
    for rtt in (0.0001, 0.02, 0.025, 0.5, 1.0, 1.75, 5.0):
        link = types.SimpleNamespace(rtt=rtt)
        L._Link__update_keepalive(link)
        topic.case(
            f"keepalive-{rtt}",
            {"op": "keepalive", "rtt": typed(rtt)},
            {"keepalive": typed(link.keepalive), "stale": typed(link.stale_time)},
        )


def refused_requests(topic):
    session = Session("link/refused", far=8192)
    keys = stream("link/refused/keys", 64)
    variants = {
        "short": keys[:63],
        "one-more": keys + b"\x00",
        "two-more": keys + b"\x20\x01",
        "long": keys + b"\x20\x01\xf4\x00",
        "aes-128": keys + bytes([0x00, 0x01, 0xF4]),
        "gcm": keys + bytes([0x40, 0x01, 0xF4]),
        "reserved": keys + bytes([0xE0, 0x01, 0xF4]),
    }
    for name, data in variants.items():
        raw = bytes([0x02, 0]) + session.destination.hash + b"\x00" + data
        packet = received(raw, session.far)
        packet.destination = session.destination
        with injected(f"link/refused/{name}"), caught(session.clock) as sent:
            attempt(lambda: session.destination.receive(packet))
        assert not sent and not session.destination.links, name
        topic.negative(
            f"request-neg-{name}",
            {"op": "request", "data": data.hex()},
            "RNS_LINK_REQUEST",
            "no answer",
        )


def refused_proofs(topic):
    def proof_of(session):
        session.initiator, sent = session.step("open", lambda: L(session.target))
        packet = received(sent[0].raw, session.far)
        packet.destination = session.destination
        _, sent = session.step("accept", lambda: session.destination.receive(packet))
        return sent[0].raw

    def outcome(session, raw):
        with injected("link/proof"), caught(session.clock):
            session.initiator.validate_proof(received(raw, session.near))
        return session.initiator.status

    base = Session("link/proof", near=8192, far=8192)
    raw = proof_of(base)
    variants = {
        "signature": (19, "signature does not hold"),
        "key": (19 + 64, "signature does not hold"),
        "mtu": (len(raw) - 1, "signalling is signed"),
    }
    for name, (at, note) in variants.items():
        broken = bytearray(raw)
        broken[at] ^= 1
        session = Session("link/proof", near=8192, far=8192)
        proof_of(session)
        assert outcome(session, bytes(broken)) != L.ACTIVE, name
        refuse_proof(topic, session, name, bytes(broken), note)
    for name, broken, note in (
        ("mode", raw[:-3] + bytes([raw[-3] ^ 0x60]) + raw[-2:], "the mode differs"),
        ("short", raw[:-4], "95 bytes"),
        ("unsigned-signalling", raw[:-3], "signalling cut off"),
        ("long", raw + b"\x00", "100 bytes"),
    ):
        session = Session("link/proof", near=8192, far=8192)
        proof_of(session)
        assert outcome(session, broken) != L.ACTIVE, name
        refuse_proof(topic, session, name, broken, note)


def refuse_proof(topic, session, name, raw, note):
    topic.negative(
        f"proof-neg-{name}",
        {
            "op": "proof",
            "public": session.owner.get_public_key().hex(),
            "linkId": session.initiator.link_id.hex(),
            "packet": raw.hex(),
        },
        "RNS_LINK_PROOF",
        f"the link does not become active: {note}",
    )


def build():
    topic = Topic("reticulum", "link", "rns", "RNS/Link.py Link", __file__)
    signalling(topic)
    keepalives(topic)
    setups(topic)
    old_style(topic)
    packets(topic)
    refused_requests(topic)
    refused_proofs(topic)
    return topic


if __name__ == "__main__":
    main(build)
