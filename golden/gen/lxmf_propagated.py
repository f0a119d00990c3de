"""Vectors of propagated messages: sealed data, transient ids, uploads with and without a stamp.

usage: python golden/gen/lxmf_propagated.py [--check | --compare]
"""

import RNS.vendor.umsgpack as umsgpack

from harness import NOW, RNS, Topic, blob, forget, injected, know, main, router, stream, typed
from lxmf_stamp import search
from messages import RECEIVER, SENDER, STRANGER, LXMessage, delivery, describe, make, request
from notation import repeated_bytes
from reticulum_sealing import ratchet_public

RATCHET = stream("propagated/ratchet", 32)
NODE = "propagated/node"


def prepared(name, ratchet=None, **parts):
    forget()
    destination = delivery(RECEIVER)
    if ratchet is not None:
        RNS.Identity.known_ratchets[destination.hash] = ratchet_public(ratchet)
    return make(method=LXMessage.PROPAGATED, to=destination, **parts)


def result(message):
    data = umsgpack.unpackb(message.propagation_packed)[1][0]
    bare = data[:-32] if message.propagation_stamp is not None else data
    assert RNS.Identity.full_hash(bare) == message.transient_id
    return {
        "packed": blob(message.packed),
        "hash": message.hash.hex(),
        "lxmfData": blob(bare),
        "transientId": message.transient_id.hex(),
        "propagationPacked": blob(message.propagation_packed),
        "representation": {1: "packet", 2: "resource"}[message.representation],
        "ratchetId": None if message.ratchet_id is None else message.ratchet_id.hex(),
    }


def pack(topic, name, note=None, ratchet=None, cost=None, now=NOW, **parts):
    """Pack; with a cost, mine the propagation stamp for the transient id and pack again."""
    message = prepared(name, ratchet, **parts)
    with injected(f"propagated/{name}", now=now) as draws:
        message.pack()
    extra = {
        "draws": draws.hex,
        "now": typed(now),
        "ratchet": None if ratchet is None else ratchet_public(ratchet).hex(),
    }
    if cost is not None:
        before = message.transient_id
        stamp, value = search(before, 1000, cost)
        message.propagation_stamp, message.packed = stamp, None
        with injected(f"propagated/{name}/again", now=now) as again:
            message.pack()
        assert message.transient_id == before and not again.made
        extra.update({"propagationStamp": stamp.hex(), "propagationStampValue": value})
    topic.case(f"pack-{name}", request("pack", **parts, **extra), result(message), note)
    return message


def packed_cases(topic):
    pack(topic, "empty")
    pack(topic, "short", title="Title", content="Propagated content")
    pack(topic, "fields", content="c", fields={1: [b"a"], "k": 1.5, 6: ["webp", b"\x00\x01"]})
    pack(topic, "ratchet", ratchet=RATCHET, content="To a ratchet")
    pack(
        topic,
        "integral-time",
        "the upload's time is a float64 even when whole",
        now=1700000000.0,
        content="c",
    )
    for size in (112, 113, 1000, 5000):
        pack(topic, f"content-{size}", content=repeated_bytes(0x61, size))
    for cost in (1, 8, 13):
        note = "the stamp follows the sealed data, which stays as it was"
        pack(topic, f"stamped-{cost}", note, cost=cost, content=f"cost {cost}")
    pack(topic, "stamped-ratchet", cost=4, ratchet=RATCHET, content="both")
    pack(topic, "stamped-1000", cost=4, content=repeated_bytes(0x61, 1000))


def repacking(topic):
    """A message stamp that is attached later changes the payload, so the data is sealed again."""
    message = prepared("repack", content="stamped later")
    steps, out = [], []
    with injected("propagated/repack/1") as draws:
        message.pack()
    steps.append({"do": "pack", "draws": draws.hex})
    out.append(result(message))
    stamp, _ = search(message.hash, 3000, 4)
    message.stamp, message.stamp_cost, message.defer_stamp, message.packed = stamp, 4, False, None
    with injected("propagated/repack/2") as draws:
        message.pack(payload_updated=True)
    steps.append({"do": "attach-stamp", "stamp": stamp.hex(), "draws": draws.hex})
    out.append(result(message))
    assert out[0]["transientId"] != out[1]["transientId"] and out[0]["hash"] == out[1]["hash"]
    proof, _ = search(message.transient_id, 1000, 4)
    message.propagation_stamp, message.packed = proof, None
    with injected("propagated/repack/3") as draws:
        message.pack()
    steps.append(
        {"do": "attach-propagation-stamp", "propagationStamp": proof.hex(), "draws": draws.hex}
    )
    out.append(result(message))
    assert out[1]["transientId"] == out[2]["transientId"] and not draws.made
    given = request("repack", content="stamped later", now=typed(NOW), steps=steps)
    topic.case("repack", given, {"after": out}, "draws only where the data is sealed")


class Client:
    """A router that owns the receiver's destination and reads what a node hands out."""

    def __init__(self, ratchets=()):
        forget()
        self.router = router(NODE)
        self.router.register_delivery_identity(RECEIVER).ratchets = list(ratchets)
        know(SENDER)
        self.messages = []
        self.router.register_delivery_callback(self.messages.append)

    def take(self, data):
        self.messages.clear()
        with injected("propagated/take"):
            said = self.router.lxmf_propagation(
                data, signal_local_delivery="delivered", signal_duplicate="duplicate"
            )
        out = {"result": said}
        if self.messages:
            out["message"] = describe(self.messages[0])
            out["message"]["method"] = self.messages[0].method
        return out


def asked(data, ratchets=()):
    return {
        "op": "receive",
        "private": RECEIVER.get_private_key().hex(),
        "known": [SENDER.get_public_key().hex()],
        "ratchets": [item.hex() for item in ratchets],
        "data": data.hex(),
    }


def received(topic):
    message = prepared("receive", title="Title", content="From a node")
    with injected("propagated/receive"):
        message.pack()
    data = umsgpack.unpackb(message.propagation_packed)[1][0]
    topic.case(
        "receive-good",
        asked(data),
        Client().take(data),
        "data as /get hands it out: without the stamp",
    )
    ratcheted = prepared("receive-ratchet", ratchet=RATCHET, content="From a node")
    with injected("propagated/receive-ratchet"):
        ratcheted.pack()
    sealed = umsgpack.unpackb(ratcheted.propagation_packed)[1][0]
    topic.case("receive-ratchet", asked(sealed, [RATCHET]), Client([RATCHET]).take(sealed))
    client = Client()
    out = {"first": client.take(data)["result"], "second": client.take(data)["result"]}
    topic.case(
        "receive-twice", {**asked(data), "op": "receive-twice"}, out, "known by its transient id"
    )
    refused(topic, "ratchet-gone", sealed, "RNS_DECRYPT", "True although nothing could be opened")
    refused(
        topic,
        "with-stamp",
        data + stream("propagated/stamp", 32),
        "RNS_DECRYPT",
        "True: the stamp would have to be cut off first",
    )
    flipped = bytearray(data)
    flipped[60] ^= 1
    refused(
        topic, "flipped", bytes(flipped), "RNS_DECRYPT", "True although nothing could be opened"
    )
    other = delivery(STRANGER).hash + data[16:]
    refused(
        topic, "not-addressed", other, "LXMF_NOT_ADDRESSED", "True although nothing is delivered"
    )
    for size in (0, 16, 111):
        refused(
            topic,
            f"short-{size}",
            data[:size],
            "LXMF_TRUNCATED",
            f"False: {size} of at least 112 bytes",
        )
    refused(topic, "short-112", data[:112], "RNS_DECRYPT", "True although nothing could be opened")


def refused(topic, name, data, error, note):
    out = Client().take(data)
    assert "message" not in out, name
    topic.negative(f"receive-neg-{name}", asked(data), error, note, out)


def build():
    symbol = "LXMF/LXMessage.py LXMessage.pack, LXMF/LXMRouter.py LXMRouter.lxmf_propagation"
    topic = Topic("lxmf", "propagated", "lxmf", symbol, __file__)
    packed_cases(topic)
    repacking(topic)
    received(topic)
    return topic


if __name__ == "__main__":
    main(build)
