"""Vectors of packets: flags, headers, hashes, sizes, and what each type of destination sends.

usage: python golden/gen/reticulum_packet.py [--check | --compare]
"""

from endpoints import Medium, caught, path_to, received
from harness import NOW, RNS, Topic, attempt, forget, identity, injected, main, stream, typed

D, P = RNS.Destination, RNS.Packet
OWNER = identity("packet/owner")


def public(one):
    out = RNS.Identity(create_keys=False)
    out.load_public_key(one.get_public_key())
    return out


def headers(topic):
    """Every combination of the flag bits, read back by the reference."""
    address, transport = stream("packet/address", 16), stream("packet/transport", 16)
    for flags in range(128):
        raw = bytes([flags, flags % 128])
        raw += transport + address if flags & 0x40 else address
        raw += bytes([flags]) + b"data"
        packet = RNS.Packet(None, raw)
        assert packet.unpack()
        topic.case(
            f"header-{flags:02x}",
            {"op": "unpack", "packet": raw.hex()},
            {
                "headerType": packet.header_type,
                "contextFlag": packet.context_flag,
                "transportType": packet.transport_type,
                "destinationType": packet.destination_type,
                "packetType": packet.packet_type,
                "hops": packet.hops,
                "context": packet.context,
                "transportId": None if packet.transport_id is None else packet.transport_id.hex(),
                "destinationHash": packet.destination_hash.hex(),
                "data": packet.data.hex(),
                "hash": packet.packet_hash.hex(),
                "truncatedHash": packet.getTruncatedHash().hex(),
            },
        )


def malformed(topic):
    raw = bytes([0, 0]) + stream("packet/address", 16) + b"\x00data"
    long = bytes([0x40, 0]) + stream("packet/transport", 16) + raw[2:]
    variants = {
        "empty": b"",
        "one-byte": b"\x00",
        "header-only": raw[:18],
        "hops-128": raw[:1] + b"\x80" + raw[2:],
        "hops-255": raw[:1] + b"\xff" + raw[2:],
        "long-header-cut": long[:34],
    }
    for name, bad in variants.items():
        packet = RNS.Packet(None, bad)
        assert not packet.unpack(), name
        error = "RNS_PACKET" if "hops" in name else "RNS_TRUNCATED"
        topic.negative(f"unpack-neg-{name}", {"op": "unpack", "packet": bad.hex()}, error, "False")


def destinations(topic):
    """Packets to each type of destination, opened again by the reference."""
    for size in (1, 100, 383, 399):
        forget()
        receiver = D(OWNER, D.IN, D.SINGLE, "app", "single")
        sender = D(public(OWNER), D.OUT, D.SINGLE, "app", "single")
        send(topic, f"single-{size}", sender, receiver, size)
    for size in (1, 464, 481):
        forget()
        receiver = D(None, D.IN, D.PLAIN, "app", "plain")
        sender = D(None, D.OUT, D.PLAIN, "app", "plain")
        send(topic, f"plain-{size}", sender, receiver, size)
    for size in (1, 431):
        forget()
        key = stream("packet/group", 64)
        receiver = D(OWNER, D.IN, D.GROUP, "app", "group")
        sender = D(public(OWNER), D.OUT, D.GROUP, "app", "group")
        receiver.load_private_key(key)
        sender.load_private_key(key)
        send(topic, f"group-{size}", sender, receiver, size, group=key)
    for kind, size in (("single", 400), ("plain", 482), ("group", 432)):
        too_large(topic, kind, size)


def send(topic, name, sender, receiver, size, group=None):
    data = stream(f"packet/{name}", size)
    got = []
    receiver.set_packet_callback(lambda plaintext, packet: got.append(plaintext))
    with injected(f"packet/{name}") as draws, caught() as sent:
        RNS.Packet(sender, data).send()
    raw = sent[0].raw
    inbound = received(raw, Medium())
    assert receiver.receive(inbound) and got == [data], name
    topic.case(
        f"send-{name}",
        {
            "op": "send",
            "type": sender.type,
            "public": OWNER.get_public_key().hex(),
            "private": OWNER.get_private_key().hex(),
            "aspects": [name.split("-")[0]],
            "group": None if group is None else group.hex(),
            "data": data.hex(),
            "draws": draws.hex,
        },
        {"packet": raw.hex(), "hash": sent[0].packet_hash.hex(), "destinationHash": sender.hash.hex()},
    )


def too_large(topic, kind, size):
    forget()
    types = {"single": D.SINGLE, "plain": D.PLAIN, "group": D.GROUP}
    owner = None if kind == "plain" else public(OWNER)
    sender = D(owner, D.OUT, types[kind], "app", kind)
    if kind == "group":
        sender.load_private_key(stream("packet/group", 64))
    with injected(f"packet/large/{kind}"), caught():
        _, raised = attempt(lambda: RNS.Packet(sender, bytes(size)).send())
    assert raised is not None, kind
    topic.negative(
        f"send-neg-{kind}-{size}",
        {"op": "send", "type": types[kind], "size": size, "aspects": [kind]},
        "RangeError",
        f"{raised}: more than 500 bytes",
    )


def transports(topic):
    """What a packet becomes when the path has more than one hop."""
    forget()
    sender = D(public(OWNER), D.OUT, D.SINGLE, "app", "single")
    for hops in (1, 2, 5):
        medium = Medium()
        path_to(sender.hash, medium, hops)
        next_hop = stream("packet/next-hop", 16)
        RNS.Transport.path_table[sender.hash][1] = next_hop
        out = []
        medium.process_outgoing = out.append
        with injected(f"packet/transport/{hops}") as draws:
            packet = RNS.Packet(sender, b"data", create_receipt=False)
            packet.pack()
            getattr(RNS.Transport, "_outbound", RNS.Transport.outbound)(packet)
        topic.case(
            f"transport-{hops}",
            {
                "op": "transport",
                "packet": packet.raw.hex(),
                "hops": hops,
                "nextHop": next_hop.hex(),
                "draws": draws.hex,
            },
            {"sent": out[0].hex()},
        )
    RNS.Transport.path_table.clear()


def path_requests(topic):
    forget()
    wanted, tag = stream("packet/wanted", 16), stream("packet/tag", 16)
    RNS.Reticulum.transport_enabled = staticmethod(lambda: False)
    with injected("packet/path-request") as draws, caught() as sent:
        RNS.Transport.request_path(wanted, tag=tag)
    topic.case(
        "path-request",
        {"op": "path-request", "wanted": wanted.hex(), "tag": tag.hex(), "draws": draws.hex},
        {"packet": sent[0].raw.hex()},
    )
    with injected("packet/path-request-drawn") as draws, caught() as sent:
        RNS.Transport.request_path(wanted)
    topic.case(
        "path-request-drawn",
        {"op": "path-request", "wanted": wanted.hex(), "tag": None, "draws": draws.hex},
        {"packet": sent[0].raw.hex()},
        "the tag is the truncated hash of 16 random bytes",
    )


def sizes(topic):
    names = {
        "MTU": RNS.Reticulum.MTU,
        "MDU": RNS.Reticulum.MDU,
        "HEADER_MAXSIZE": RNS.Reticulum.HEADER_MAXSIZE,
        "PLAIN_MDU": P.PLAIN_MDU,
        "ENCRYPTED_MDU": P.ENCRYPTED_MDU,
        "PATHFINDER_M": RNS.Transport.PATHFINDER_M,
    }
    topic.case("sizes", {"op": "sizes"}, names)
    contexts = {
        name: getattr(P, name)
        for name in sorted(vars(P))
        if name.isupper() and isinstance(getattr(P, name), int) and name in CONTEXTS
    }
    topic.case("contexts", {"op": "contexts"}, contexts)


CONTEXTS = """NONE RESOURCE RESOURCE_ADV RESOURCE_REQ RESOURCE_HMU RESOURCE_PRF RESOURCE_ICL RESOURCE_RCL
CACHE_REQUEST REQUEST RESPONSE PATH_RESPONSE COMMAND COMMAND_STATUS CHANNEL KEEPALIVE LINKIDENTIFY
LINKCLOSE LINKPROOF LRRTT LRPROOF""".split()


def build():
    topic = Topic("reticulum", "packet", "rns", "RNS/Packet.py Packet", __file__)
    assert NOW and typed(0)
    headers(topic)
    malformed(topic)
    destinations(topic)
    transports(topic)
    path_requests(topic)
    sizes(topic)
    return topic


if __name__ == "__main__":
    main(build)
