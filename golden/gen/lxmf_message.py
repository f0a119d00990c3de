"""Vectors of messages: packed by the reference, and what it reads from its own and foreign bytes.

usage: python golden/gen/lxmf_message.py [--check | --compare]
"""

import RNS.vendor.umsgpack as umsgpack

import lxmf_foreign
from harness import LXMF, Topic, blob, main, stream
from lxmf_stamp import search
from messages import RECEIVER, SENDER, LXMessage, describe, make, meet, request
from notation import from_bits, repeated_bytes, repeated_text, time_value

HASH = stream("message/other-hash", 32)
SMALL = stream("message/small", 16)

FIELDS = {
    "EMBEDDED_LXMS": [stream("message/embedded", 60)],
    "TELEMETRY": umsgpack.packb({1: 1700000000, 2: [b"\x00\x01", 1.5]}),
    "TELEMETRY_STREAM": [
        [SMALL, 1700000000, b"\x80", ["antenna", b"\xff\x00\x00", b"\x00\x00\x00"]]
    ],
    "ICON_APPEARANCE": ["account", b"\xff\xff\xff", b"\x00\x80\xff"],
    "FILE_ATTACHMENTS": [
        ["note.txt", b"attached text"],
        ["\u00e9\u4f60.bin", stream("message/file", 40)],
    ],
    "IMAGE": ["webp", stream("message/image", 50)],
    "AUDIO": [LXMF.AM_OPUS_OGG, stream("message/audio", 50)],
    "THREAD": HASH,
    "COMMANDS": [{1: ["arg", 2]}, {0x10: None}],
    "RESULTS": [{1: "done"}, True],
    "GROUP": SMALL,
    "TICKET": [1701814400.25, SMALL],
    "EVENT": {"kind": "joined", 1: b"\x01"},
    "RNR_REFS": [[SMALL, "name"]],
    "RENDERER": LXMF.RENDERER_MICRON,
    "REPLY_TO": HASH,
    "REPLY_QUOTE": "quoted \u00e9".encode("utf-8"),
    "REACTION": {LXMF.REACTION_TO: HASH, LXMF.REACTION_CONTENT: "\U0001f44d".encode("utf-8")},
    "COMMENT": {LXMF.COMMENT_FOR: HASH},
    "CONTINUATION": {LXMF.CONTINUATION_OF: HASH},
    "CUSTOM_TYPE": b"application/x",
    "CUSTOM_DATA": stream("message/custom", 30),
    "CUSTOM_META": {"version": 1},
    "NON_SPECIFIC": None,
    "DEBUG": ["trace", 1, 2.5, False],
}


def pack(topic, name, note=None, ticket=None, cost=None, **parts):
    """Pack once, then read back with both sides known: it must verify and hold the same."""
    message = make(**parts)
    extra = {}
    if ticket is not None:
        message.outbound_ticket, message.defer_stamp = ticket, False
        extra["ticket"] = ticket.hex()
    if cost is not None:
        first = make(**parts)
        first.pack()
        stamp, _ = search(first.hash, 3000, cost)
        message.stamp, message.stamp_cost, message.defer_stamp = stamp, cost, False
        extra.update({"stamp": stamp.hex(), "stampCost": cost})
    message.pack()
    meet(SENDER, RECEIVER)
    read = LXMessage.unpack_from_bytes(message.packed)
    assert read.signature_validated and read.hash == message.hash, name
    out = {"packed": blob(message.packed), "hash": message.hash.hex(), "size": message.packed_size}
    if message.stamp is not None:
        out["stamp"] = message.stamp.hex()
    topic.case(f"pack-{name}", request("pack", **parts, **extra), out, note)
    return message


def texts(topic):
    pack(topic, "empty")
    pack(topic, "ascii", title="Title", content="Content of the message")
    pack(
        topic,
        "ascii-bytes",
        "bytes pass unchanged",
        title=b"Title",
        content=b"Content of the message",
    )
    pack(topic, "title-only", title="Only a title")
    pack(topic, "content-only", content="Only content")
    pack(
        topic,
        "utf8",
        title="\u00c4\u00d6 \u4f60\u597d",
        content="\U0001f600 \u0645\u0631\u062d\u0628\u0627 e\u0301",
    )
    pack(topic, "controls", content="line\r\nline\ttab\x00nul\x7f")
    pack(topic, "binary", title=b"\xff\xfe\x00", content=bytes(range(256)))
    pack(topic, "lone-surrogate-bytes", content=b"\xed\xa0\x80")
    for size in (31, 32, 255, 256, 319, 320, 65535, 65536):
        pack(topic, f"content-{size}", content=repeated_bytes(0x61, size))
    pack(topic, "content-text-1000", content=repeated_text("x", 1000))
    pack(topic, "title-300", title=repeated_bytes(0x74, 300), content=b"c")


def times(topic):
    floats = {
        "integral": 1700000000.0,
        "micro": 1700000000.123456,
        "nano": 1700000000.1234567,
        "zero": 0.0,
        "minus-zero": -0.0,
        "negative": -1.5,
        "small": 1e-9,
        "large": 1e18,
        "inf": float("inf"),
        "nan": from_bits("7ff8000000000000"),
    }
    for name, value in floats.items():
        pack(topic, f"time-{name}", content="t", timestamp=value)
    pack(topic, "time-int", "a time set as an integer stays one", content="t", timestamp=1700000000)
    pack(topic, "time-int-large", content="t", timestamp=2**40)


def every_field(topic):
    for name, value in FIELDS.items():
        pack(
            topic,
            f"field-{name.lower()}",
            content="f",
            fields={getattr(LXMF, f"FIELD_{name}"): value},
        )
    whole = {getattr(LXMF, f"FIELD_{name}"): value for name, value in FIELDS.items()}
    pack(topic, "fields-all", content="all", fields=whole)
    backwards = dict(reversed(list(whole.items())))
    pack(topic, "fields-all-reversed", "insertion order is kept", content="all", fields=backwards)


def field_shapes(topic):
    shapes = {
        "none": None,
        "empty": {},
        "int-keys": {0: 0, 1: 1, 127: 2, 128: 3, 255: 4, 256: 5, 65536: 6, -1: 7},
        "order": {5: "five", 1: "one", 3: "three", "z": 1, "a": 2},
        "str-keys": {"key": "value", "": "", "1": 1, "__proto__": 2},
        "bin-keys": {b"key": b"value", b"": b"", SMALL: 1},
        "mixed-keys": {
            1: "int",
            "1": "str",
            b"1": "bin",
            1.5: "float",
            None: "nil",
            (1, 2): "list",
        },
        "bool-keys": {True: "yes", False: "no"},
        "floats": {1: 1.0, 2: -0.0, 3: 0.1, 4: float("inf"), 5: 1e300},
        "bigints": {1: 2**53, 2: 2**53 + 1, 3: 2**64 - 1, 4: -(2**63), 5: 2**63},
        "nested": {1: {2: {3: [{4: [[], {}, [[None]]]}]}}},
        "wide": {1: list(range(20)), 2: {n: str(n) for n in range(20)}},
        "ext": {
            1: umsgpack.Ext(5, b"\x01\x02\x03"),
            2: umsgpack.Ext(-2, b""),
            3: time_value(1700000000, 5),
        },
        "types": {1: [None, True, False, 0, -1, 1.5, "text", b"bytes", [], {}]},
        "large-bin": {5: [["big.bin", stream("message/big", 1200)]]},
    }
    for name, fields in shapes.items():
        pack(topic, f"fields-{name}", content="shape", fields=fields)


def stamps(topic):
    for number in range(3):
        ticket = stream(f"message/ticket/{number}", 16)
        pack(
            topic,
            f"ticket-{number}",
            "the stamp is the ticket's",
            ticket=ticket,
            content=f"ticket {number}",
        )
    for cost in (1, 2, 4, 8, 12):
        pack(
            topic,
            f"stamp-{cost}",
            "the stamp is proof of work",
            cost=cost,
            content=f"cost {cost}",
            fields={1: "f"},
        )
    pack(topic, "stamp-empty", cost=3)
    pack(
        topic,
        "stamp-fields",
        cost=3,
        fields={"b": 1.0, 2: {b"k": [1, 2**40]}},
        title=b"\x00\xff",
        content="s",
    )
    pack(topic, "stamp-time-int", cost=3, timestamp=1700000000, content="s")


def read_back(topic):
    """The reference's own messages, read with more or less known about their sides."""
    plain = make(title="Title", content="Content", fields={1: "a"})
    plain.pack()
    ticket = make(title="Title", content="Content", fields={1: "a"})
    ticket.outbound_ticket, ticket.defer_stamp = SMALL, False
    ticket.pack()
    for name, message in (("plain", plain), ("ticket", ticket)):
        for who, known in (
            ("both", (SENDER, RECEIVER)),
            ("source", (SENDER,)),
            ("destination", (RECEIVER,)),
            ("nobody", ()),
        ):
            given = {"op": "unpack", "known": meet(*known), "bytes": message.packed.hex()}
            note = None if SENDER in known else "unverified reason 1: the source is unknown"
            topic.case(
                f"unpack-{name}-known-{who}",
                given,
                describe(LXMessage.unpack_from_bytes(message.packed)),
                note,
            )
    known = meet(SENDER, RECEIVER)
    places = {
        "destination": 0,
        "signature-r": 32,
        "signature-s": 64,
        "timestamp": 98,
        "title": 108,
        "content": 115,
    }
    places["fields"] = len(plain.packed) - 1
    for name, at in places.items():
        broken = bytearray(plain.packed)
        broken[at] ^= 0x01
        given = {"op": "unpack", "known": known, "bytes": broken.hex()}
        out = describe(LXMessage.unpack_from_bytes(bytes(broken)))
        assert out["unverifiedReason"] == LXMessage.SIGNATURE_INVALID
        topic.case(
            f"unpack-flipped-{name}", given, out, "unverified reason 2: the signature is invalid"
        )
    broken = bytearray(plain.packed)
    broken[16] ^= 0x01
    given = {"op": "unpack", "known": known, "bytes": broken.hex()}
    out = describe(LXMessage.unpack_from_bytes(bytes(broken)))
    topic.case("unpack-flipped-source", given, out, "unverified reason 1: no such source is known")
    broken = bytearray(ticket.packed)
    broken[-1] ^= 0x01
    given = {"op": "unpack", "known": known, "bytes": broken.hex()}
    out = describe(LXMessage.unpack_from_bytes(bytes(broken)))
    assert out["signatureValidated"]
    topic.case("unpack-flipped-stamp", given, out, "the signature does not cover the stamp")
    return plain, ticket


def build():
    symbol = "LXMF/LXMessage.py LXMessage.pack, LXMessage.unpack_from_bytes"
    topic = Topic("lxmf", "message", "lxmf", symbol, __file__)
    texts(topic)
    times(topic)
    every_field(topic)
    field_shapes(topic)
    stamps(topic)
    plain, ticket = read_back(topic)
    lxmf_foreign.add_cases(topic, plain, ticket)
    return topic


if __name__ == "__main__":
    main(build)
