"""Message bytes that the reference did not pack, for golden/lxmf/message.json.

Ids that start with `quirk-` record accidents of Python that another program need not share.
"""

import RNS.vendor.umsgpack as umsgpack

from harness import NOW, RNS, attempt, stream
from messages import RECEIVER, SENDER, STRANGER, LXMessage, craft, delivery, describe, meet
from notation import float_bits

KNOWN = (SENDER, RECEIVER)
STAMP = stream("foreign/stamp", 32)
TIME = "cb" + float_bits(NOW)
TITLE, CONTENT = "c4055469746c65", "c407436f6e74656e74"
PLAIN = [NOW, b"Title", b"Content", {}]

CODES = {
    "InsufficientDataException": "MSGPACK_TRUNCATED",
    "InvalidStringException": "MSGPACK_UTF8",
    "ReservedCodeException": "MSGPACK_RESERVED",
    "DuplicateKeyException": "MSGPACK_KEY",
    "UnhashableKeyException": "MSGPACK_KEY",
    "UnsupportedTimestampException": "MSGPACK_TIMESTAMP",
}


def read(topic, name, data, note=None, valid=None, prefix="unpack"):
    given = {"op": "unpack", "known": meet(*KNOWN), "bytes": data.hex()}
    out = describe(LXMessage.unpack_from_bytes(data))
    if valid is not None:
        assert out["signatureValidated"] == valid, (name, out)
    topic.case(f"{prefix}-{name}", given, out, note)


def refuse(topic, name, data, note, error=None, prefix="unpack-neg"):
    given = {"op": "unpack", "known": meet(*KNOWN), "bytes": data.hex()}
    _, raised = attempt(lambda: LXMessage.unpack_from_bytes(data))
    assert raised is not None, name
    error = error or CODES.get(raised, "LXMF_PAYLOAD")
    # cutting a dict is a TypeError before Python 3.12 and a KeyError since
    shown = "TypeError or KeyError" if name == "payload-map-5" else raised
    topic.negative(f"{prefix}-{name}", given, error, f"{shown}: {note}")


def bare(text):
    return bytes.fromhex(text.replace(" ", ""))


def other_encodings(topic):
    """Without a stamp the received bytes are hashed as they are, so any encoding verifies."""
    shapes = {
        "array16": f"dc0004 {TIME} {TITLE} {CONTENT} 80",
        "array32": f"dd00000004 {TIME} {TITLE} {CONTENT} 80",
        "bin16": f"94 {TIME} c500055469746c65 c60000000 7436f6e74656e74 80".replace(
            "c60000000 7", "c600000007"
        ),
        "map16": f"94 {TIME} {TITLE} {CONTENT} de0000",
        "map32": f"94 {TIME} {TITLE} {CONTENT} df00000000",
        "wide-key": f"94 {TIME} {TITLE} {CONTENT} 81cd0001a161",
        "wide-str": f"94 {TIME} {TITLE} {CONTENT} 8101d90161",
        "float32-time": f"94 ca4eca7e20 {TITLE} {CONTENT} 80",
        "uint64-time": f"94 cf000000006553f100 {TITLE} {CONTENT} 80",
        "float32-field": f"94 {TIME} {TITLE} {CONTENT} 8101ca3f800000",
        "key-order": f"94 {TIME} {TITLE} {CONTENT} 820300 0100",
        "list-key-twice": f"94 {TIME} {TITLE} {CONTENT} 82910100910101",
    }
    for name, text in shapes.items():
        payload = bare(text)
        read(topic, f"foreign-{name}", craft(payload), "hashed as received", valid=True)
        value = umsgpack.unpackb(payload)
        again = umsgpack.packb(value)
        stamped = (
            bytes([0x95]) + bare(text)[len(bare(text)) - len(body(payload)) :] + b"\xc4\x20" + STAMP
        )
        note = "with a stamp the first four elements are encoded again, and that is hashed"
        read(topic, f"foreign-stamped-{name}", craft(stamped, again), note, valid=True)
        if again != payload:
            note = (
                "the sender hashed its own encoding of four elements, which a stamp does not allow"
            )
            read(
                topic,
                f"foreign-stamped-verbatim-{name}",
                craft(stamped, payload),
                note,
                valid=False,
            )


def body(payload):
    """What follows the head of an array."""
    return payload[{0xDC: 3, 0xDD: 5}.get(payload[0], 1) :]


def element_counts(topic):
    packed = umsgpack.packb
    hashed = packed(PLAIN)
    for extra in ([STAMP, 1], [STAMP, None, {"x": 1}], [STAMP] * 12):
        whole = packed(PLAIN + extra)
        count = 4 + len(extra)
        note = "the fifth is the stamp, the rest is ignored"
        read(topic, f"elements-{count}", craft(whole, hashed), note, valid=True)
    for count in range(4):
        refuse(
            topic,
            f"elements-{count}",
            craft(packed(PLAIN[:count])),
            f"{count} elements",
            "LXMF_PAYLOAD",
        )
    stamps = {
        "nil": None,
        "str": "stamp",
        "int": 5,
        "list": [STAMP],
        "empty": b"",
        "short": STAMP[:16],
        "long": STAMP * 2,
        "false": False,
        "map": {1: 2},
    }
    for name, stamp in stamps.items():
        whole = packed(PLAIN + [stamp])
        read(
            topic,
            f"stamp-{name}",
            craft(whole, hashed),
            "the fifth element is the stamp, whatever it is",
            valid=True,
        )


def element_types(topic):
    def variant(index, value):
        return craft(umsgpack.packb([*PLAIN[:index], value, *PLAIN[index + 1 :]]))

    times = {
        "int": 1700000000,
        "str": "now",
        "nil": None,
        "bin": b"now",
        "list": [1],
        "bool": True,
        "negative": -5,
    }
    for name, value in times.items():
        read(topic, f"time-{name}", variant(0, value), "the time is not checked", valid=True)
    texts = {
        "str": "Text \u00e9",
        "nil": None,
        "int": 5,
        "float": 1.5,
        "list": [b"a"],
        "map": {1: 2},
        "bool": False,
    }
    for name, value in texts.items():
        read(
            topic,
            f"title-{name}",
            variant(1, value),
            "the title is not checked and stays what it is",
            valid=True,
        )
        read(
            topic,
            f"content-{name}",
            variant(2, value),
            "the content is not checked and stays what it is",
            valid=True,
        )
    read(topic, "fields-nil", variant(3, None), "nil fields read as an empty map", valid=True)
    others = {
        "list": [],
        "list-full": [1],
        "int": 0,
        "one": 1,
        "str": "",
        "bin": b"",
        "false": False,
        "true": True,
        "float": 0.0,
    }
    for name, value in others.items():
        refuse(
            topic,
            f"fields-{name}",
            variant(3, value),
            "fields must be a map or nil",
            "LXMF_PAYLOAD",
        )
    refuse(
        topic,
        "fields-ext",
        variant(3, umsgpack.Ext(5, b"")),
        "fields must be a map or nil",
        "LXMF_PAYLOAD",
    )


def payload_types(topic):
    packed = umsgpack.packb
    for name, value in {
        "nil": None,
        "true": True,
        "int": 7,
        "float": 1.5,
        "ext": umsgpack.Ext(5, b"abcd"),
    }.items():
        refuse(
            topic,
            f"payload-{name}",
            craft(packed(value)),
            "the payload is no array",
            "LXMF_PAYLOAD",
        )
    for name, value in {
        "str": "abcd",
        "str-5": "abcde",
        "bin": b"abcd",
        "bin-5": b"abcde",
        "str-empty": "",
    }.items():
        refuse(
            topic,
            f"payload-{name}",
            craft(packed(value)),
            "the payload is no array",
            "LXMF_PAYLOAD",
        )
    refuse(topic, "payload-map-empty", craft(b"\x80"), "the payload is no array", "LXMF_PAYLOAD")
    refuse(
        topic,
        "payload-map-str-keys",
        craft(packed({"a": 1, "b": 2, "c": 3, "d": 4})),
        "the payload is no array",
        "LXMF_PAYLOAD",
    )
    refuse(
        topic,
        "payload-map-5",
        craft(packed({0: NOW, 1: b"t", 2: b"c", 3: {}, 4: STAMP})),
        "the payload is no array",
        "LXMF_PAYLOAD",
    )
    by_index = craft(packed(dict(enumerate(PLAIN))))
    read(
        topic,
        "payload-map-by-index",
        by_index,
        "a map with the keys 0..3 is indexed as if it were an array",
        prefix="quirk",
    )


def malformed(topic):
    def fields(text):
        return craft(bare(f"94 {TIME} {TITLE} {CONTENT} {text}"))

    refuse(topic, "reserved", craft(b"\xc1"), "reserved code")
    refuse(topic, "reserved-in-fields", fields("8101c1"), "reserved code")
    refuse(topic, "utf8-in-fields", fields("8101a1ff"), "a text that is not UTF-8")
    refuse(topic, "utf8-in-key", fields("81a1ff01"), "a text that is not UTF-8")
    refuse(
        topic,
        "utf8-title",
        craft(bare(f"94 {TIME} a1ff {CONTENT} 80")),
        "a title written as text that is not UTF-8",
    )
    refuse(topic, "duplicate-field", fields("8201000101"), "the same field twice")
    refuse(
        topic,
        "duplicate-field-widths",
        fields("820100cd000101"),
        "the same field twice, in two widths",
    )
    refuse(topic, "duplicate-field-true", fields("820100c301"), "True equals 1")
    refuse(topic, "map-as-key", fields("818000"), "a map as key")
    refuse(topic, "timestamp-ext", fields("8101d4ff00"), "a timestamp of 1 byte")


def trailing(topic):
    payload = umsgpack.packb(PLAIN)
    read(
        topic,
        "trailing",
        craft(payload) + b"\x00",
        "bytes after the payload are hashed, so the signature fails",
        valid=False,
    )
    read(
        topic,
        "trailing-signed",
        craft(payload + b"\xc1\x00"),
        "a sender may sign them, and they are ignored otherwise",
        valid=True,
    )
    stamped = umsgpack.packb(PLAIN + [STAMP])
    read(
        topic,
        "trailing-stamped",
        craft(stamped, payload) + b"\xff\xff",
        "with a stamp they are not hashed",
        valid=True,
    )


def truncated(topic, plain, ticket):
    packed = plain.packed
    for length in (0, 1, 15, 16, 17, 31, 32, 33, 64, 95, 96):
        refuse(
            topic, f"cut-{length}", packed[:length], f"{length} bytes: no payload", "LXMF_TRUNCATED"
        )
    for length in range(97, len(packed)):
        refuse(
            topic,
            f"cut-{length}",
            packed[:length],
            f"{length} of {len(packed)} bytes",
            "MSGPACK_TRUNCATED",
        )
    for length in (len(ticket.packed) - 1, len(ticket.packed) - 16, len(ticket.packed) - 18):
        refuse(
            topic,
            f"cut-stamp-{length}",
            ticket.packed[:length],
            f"{length} of {len(ticket.packed)} bytes",
            "MSGPACK_TRUNCATED",
        )


def other_signers(topic):
    payload = umsgpack.packb(PLAIN)
    read(
        topic,
        "signed-by-stranger",
        delivery(RECEIVER).hash + delivery(SENDER).hash + craft(payload, by=STRANGER)[32:],
        "signed by another identity",
        valid=False,
    )
    read(topic, "from-stranger", craft(payload, by=STRANGER), "the source is unknown", valid=False)
    read(
        topic,
        "to-stranger",
        craft(payload, to=STRANGER),
        "a destination that is not known does not matter",
        valid=True,
    )
    read(topic, "to-self", craft(payload, to=SENDER), "sender and receiver are one", valid=True)
    head = delivery(RECEIVER).hash + delivery(SENDER).hash
    unhashed = head + SENDER.sign(head + payload) + payload
    read(
        topic,
        "signed-without-hash",
        unhashed,
        "the message hash belongs into the signed part",
        valid=False,
    )
    over_stamp = umsgpack.packb(PLAIN + [STAMP])
    read(
        topic,
        "signed-with-stamp",
        craft(over_stamp),
        "the stamp does not belong into the signed part",
        valid=False,
    )
    known = meet(RECEIVER)
    other_hash = RNS.Destination.hash(SENDER, "nomadnetwork", "node")
    RNS.Identity.remember(bytes(32), other_hash, SENDER.get_public_key(), None)
    known.append({"destinationHash": other_hash.hex(), "public": SENDER.get_public_key().hex()})
    part = delivery(RECEIVER).hash + other_hash + payload
    data = part[:32] + SENDER.sign(part + RNS.Identity.full_hash(part)) + payload
    out = describe(LXMessage.unpack_from_bytes(data))
    assert out["signatureValidated"] and out["sourceHash"] != other_hash.hex()
    note = "a source hash that is known as another destination is reported as that identity's lxmf.delivery hash"
    topic.case(
        "quirk-source-of-other-aspect",
        {"op": "unpack", "known": known, "bytes": data.hex()},
        out,
        note,
    )


def add_cases(topic, plain, ticket):
    other_encodings(topic)
    element_counts(topic)
    element_types(topic)
    payload_types(topic)
    malformed(topic)
    trailing(topic)
    truncated(topic, plain, ticket)
    other_signers(topic)
