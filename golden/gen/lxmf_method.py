"""Vectors of delivery method and representation: what fits a packet, what becomes a resource.

usage: python golden/gen/lxmf_method.py [--check | --compare]

The limits differ between versions, so these cases stand for one version only.
"""

from harness import NOW, RNS, Topic, attempt, injected, main, stream
from messages import METHODS, RECEIVER, D, LXMessage, delivery, make, request
from notation import repeated_bytes, typed

NAMES = {number: name for name, number in METHODS.items()}


def destination(kind):
    if kind == "plain":
        return D(None, D.OUT, D.PLAIN, "lxmf", "delivery")
    if kind == "group":
        group = D(RECEIVER, D.OUT, D.GROUP, "lxmf", "delivery")
        group.load_private_key(stream("method/group", 64))
        return group
    return delivery(RECEIVER)


def select(topic, method, size, kind="single", note=None, title=b"", fields=None):
    content = repeated_bytes(0x61, size)
    parts = {"title": title, "content": content, "fields": fields}
    message = make(method=METHODS.get(method), to=destination(kind), **parts)
    name = f"{method}-{kind}-{size}" + (f"-title-{len(title)}" if title else "")
    if fields:
        name += f"-field-{len(fields[1])}"
    with injected(f"method/{name}") as draws:
        _, raised = attempt(message.pack)
    given = request(
        "select",
        **parts,
        desiredMethod=method,
        destinationType=kind,
        now=typed(NOW),
        draws=draws.hex,
    )
    if kind == "group":
        given["groupKey"] = stream("method/group", 64).hex()
    size_of = len(message.packed) - 96 - 16
    if raised is not None:
        quirk = raised == "UnboundLocalError"
        error = "LXMF_PAPER_TOO_LARGE" if method == "paper" else "LXMF_TOO_LARGE"
        prefix = "quirk-neg" if quirk else "neg"
        said = note or f"a packed payload of {size_of} bytes beyond the fixed 16"
        topic.negative(f"{prefix}-{name}", given, error, f"{raised}: {said}")
        return
    message.determine_transport_encryption()
    out = {
        "method": NAMES[message.method],
        "desiredMethod": NAMES[message.desired_method],
        "representation": {1: "packet", 2: "resource", 5: "paper"}[message.representation],
        "payloadBeyond16": size_of,
        "packedSize": message.packed_size,
        "transportEncrypted": message.transport_encrypted,
        "transportEncryption": message.transport_encryption,
    }
    if message.propagation_packed is not None:
        out["propagationPackedSize"] = len(message.propagation_packed)
    if message.paper_packed is not None:
        out["paperPackedSize"] = len(message.paper_packed)
    if message.method == LXMessage.OPPORTUNISTIC:
        out.update(packet(name, message))
    topic.case(name, given, out, note)


def packet(name, message):
    """The Reticulum packet of an opportunistic message, made with draws of its own."""
    with injected(f"method/{name}/packet") as draws:
        made = RNS.Packet(message.destination, message.packed[16:])
        made.pack()
    return {"packetSize": len(made.raw), "packetDraws": draws.hex, "packet": made.raw.hex()}


def opportunistic(topic):
    limit = LXMessage.ENCRYPTED_PACKET_MAX_CONTENT
    for size in (0, 1, 100, 255, 256, limit - 1, limit):
        select(topic, "opportunistic", size)
    for size in (limit + 1, limit + 8, limit + 9, 319, 320, 1000):
        select(topic, "opportunistic", size, note="falls back to direct delivery")
    select(topic, "opportunistic", limit - 10, title=b"t" * 10)
    select(topic, "opportunistic", limit - 9, title=b"t" * 10, note="falls back to direct delivery")
    select(topic, "opportunistic", 200, fields={1: stream("method/field", 82)})
    select(
        topic,
        "opportunistic",
        200,
        fields={1: stream("method/field", 100)},
        note="falls back to direct delivery",
    )
    plain = LXMessage.PLAIN_PACKET_MAX_CONTENT
    for size in (100, plain - 1, plain):
        select(topic, "opportunistic", size, kind="plain")
    for size in (plain + 1, 1000):
        select(topic, "opportunistic", size, kind="plain")
    select(topic, "opportunistic", 10, kind="group", note="no limit is set for a group")


def links(topic):
    limit = LXMessage.LINK_PACKET_MAX_CONTENT
    for method in ("direct", "none"):
        for size in (0, 255, 256, limit - 1, limit, limit + 1, 1000, 70000):
            select(topic, method, size)
    select(topic, "direct", limit - 10, title=b"t" * 10)
    select(topic, "direct", limit - 9, title=b"t" * 10)
    select(topic, "direct", 10, kind="group")
    select(topic, "direct", 10, kind="plain")
    for size in range(0, 256):
        message = make(method=LXMessage.PROPAGATED, content=b"a" * size)
        with injected("method/probe"):
            message.pack()
        if message.representation == LXMessage.RESOURCE:
            break
    for near in (0, size - 16, size - 1, size, size + 1, 300, 1000, 5000):
        select(topic, "propagated", near, note="the whole upload must fit the packet")
    select(topic, "propagated", 10, kind="group")
    select(topic, "propagated", 10, kind="plain")


def paper(topic):
    for size in (0, 100, 2015, 2016):
        select(topic, "paper", size)
    select(topic, "paper", 10, kind="group")
    select(topic, "paper", 10, kind="plain")


def build():
    topic = Topic(
        "lxmf", "method", "lxmf", "LXMF/LXMessage.py LXMessage.pack", __file__, also=False
    )
    opportunistic(topic)
    links(topic)
    paper(topic)
    return topic


if __name__ == "__main__":
    main(build)
