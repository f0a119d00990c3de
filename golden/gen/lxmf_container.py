"""Vectors of stored messages: packed_container and unpack_from_file.

usage: python golden/gen/lxmf_container.py [--check | --compare]
"""

import io
import os

import RNS.vendor.umsgpack as umsgpack

from harness import STORAGE, Topic, attempt, blob, injected, main, stream, typed
from messages import METHODS, RECEIVER, SENDER, LXMessage, describe, make, meet, request
from notation import repeated_bytes

KNOWN = (SENDER, RECEIVER)
STATES = {
    name: getattr(LXMessage, name.upper())
    for name in (
        "generating",
        "outbound",
        "sending",
        "sent",
        "delivered",
        "rejected",
        "cancelled",
        "failed",
    )
}


def packed(method=None, ratchet=None, **parts):
    message = make(method=METHODS.get(method), **parts)
    with injected(f"container/{method}"):
        message.pack()
    return message


def written(topic):
    for method in METHODS:
        message = packed(method, content="stored")
        for described in (False, True):
            if described:
                message.determine_transport_encryption()
            write(topic, f"{method}-{'described' if described else 'plain'}", message, method)
    message = packed("direct", content="stored")
    message.determine_transport_encryption()
    for name, state in STATES.items():
        message.state = state
        write(topic, f"state-{name}", message, "direct")
    large = packed("direct", content=repeated_bytes(0x61, 1000))
    write(topic, "large", large, "direct", content=repeated_bytes(0x61, 1000))


def write(topic, name, message, method, content="stored"):
    container = message.packed_container()
    given = request(
        "write",
        content=content,
        method=method,
        state=message.state,
        transportEncrypted=message.transport_encrypted,
        transportEncryption=message.transport_encryption,
    )
    out = {"bytes": blob(container), "fileName": message.hash.hex()}
    path = message.write_to_directory(STORAGE)
    assert os.path.basename(path) == out["fileName"]
    with open(path, "rb") as file:
        assert file.read() == container
    topic.case(
        f"write-{name}", given, out, "keys in this order; the file is named by the message hash"
    )
    read(topic, f"written-{name}", container)


def outcome(content):
    known = meet(*KNOWN)
    message, raised = attempt(lambda: LXMessage.unpack_from_file(io.BytesIO(content)))
    assert raised is None
    return {"op": "read", "known": known, "bytes": content.hex()}, message


def read(topic, name, content, note=None):
    given, message = outcome(content)
    assert message is not None, name
    out = {
        "message": describe(message),
        "state": typed(message.state),
        "method": typed(message.method),
        "transportEncrypted": typed(message.transport_encrypted),
        "transportEncryption": typed(message.transport_encryption),
    }
    topic.case(f"read-{name}", given, out, note)


def refuse(topic, name, content, error, note):
    given, message = outcome(content)
    assert message is None, name
    topic.negative(f"read-neg-{name}", given, error, f"None: {note}")


def container(**changes):
    message = packed("direct", title="Title", content="stored")
    message.determine_transport_encryption()
    message.state = LXMessage.DELIVERED
    whole = umsgpack.unpackb(message.packed_container())
    whole.update(changes)
    return {key: value for key, value in whole.items() if value is not ...}


def variations(topic):
    read(topic, "good", umsgpack.packb(container()))
    for key in ("state", "transport_encrypted", "transport_encryption", "method"):
        note = f"without {key}: the default of a message that was read"
        read(topic, f"without-{key}", umsgpack.packb(container(**{key: ...})), note)
    only = {"lxmf_bytes": container()["lxmf_bytes"]}
    read(topic, "only-bytes", umsgpack.packb(only))
    reverse = dict(reversed(list(container().items())))
    read(topic, "other-order", umsgpack.packb(reverse), "the order of the keys does not matter")
    read(topic, "more-keys", umsgpack.packb(container(more=1)), "further keys are ignored")
    read(
        topic, "trailing", umsgpack.packb(container()) + b"\xff", "bytes after the map are ignored"
    )
    for text in ("AES-128", "AES-256", "Curve25519", "Unencrypted", "anything", ""):
        content = umsgpack.packb(container(transport_encryption=text))
        note = "LXMF 1.0.1 writes AES-128 for group destinations" if text == "AES-128" else None
        read(topic, f"description-{text.lower() or 'empty'}", content, note)
    odd = {
        "state": [99, "sent", None],
        "method": [0, 99, None, "direct"],
        "transport_encrypted": [None, 1, "yes"],
        "transport_encryption": [None, 5],
    }
    for key, values in odd.items():
        for number, value in enumerate(values):
            read(
                topic,
                f"odd-{key}-{number}",
                umsgpack.packb(container(**{key: value})),
                "values are not checked",
            )
    broken = bytearray(container()["lxmf_bytes"])
    broken[40] ^= 1
    read(
        topic,
        "bad-signature",
        umsgpack.packb(container(lxmf_bytes=bytes(broken))),
        "the message is read, unverified reason 2",
    )


def malformed(topic):
    good = umsgpack.packb(container())
    refuse(
        topic,
        "without-bytes",
        umsgpack.packb(container(lxmf_bytes=...)),
        "LXMF_CONTAINER",
        "no lxmf_bytes",
    )
    for name, value in {"nil": None, "int": 5, "text": "message", "list": []}.items():
        content = umsgpack.packb(container(lxmf_bytes=value))
        refuse(topic, f"bytes-{name}", content, "LXMF_CONTAINER", "lxmf_bytes are not bytes")
    content = umsgpack.packb(container(lxmf_bytes=b""))
    refuse(topic, "bytes-empty", content, "LXMF_TRUNCATED", "lxmf_bytes are empty")
    content = umsgpack.packb(container(lxmf_bytes=container()["lxmf_bytes"][:90]))
    refuse(topic, "bytes-cut", content, "LXMF_TRUNCATED", "90 bytes of message")
    content = umsgpack.packb(container(lxmf_bytes=container()["lxmf_bytes"][:-1]))
    refuse(topic, "bytes-cut-payload", content, "MSGPACK_TRUNCATED", "the payload ends early")
    for length in (0, 1, 2, 20, 60, len(good) - 1):
        refuse(
            topic,
            f"cut-{length}",
            good[:length],
            "MSGPACK_TRUNCATED",
            f"{length} of {len(good)} bytes",
        )
    for name, value in {
        "list": [1, 2],
        "int": 5,
        "nil": None,
        "text": "lxmf_bytes",
        "bin": b"lxmf_bytes",
        "map-empty": {},
    }.items():
        refuse(
            topic, f"is-{name}", umsgpack.packb(value), "LXMF_CONTAINER", "no map with lxmf_bytes"
        )
    refuse(
        topic,
        "bin-key",
        umsgpack.packb({b"lxmf_bytes": container()["lxmf_bytes"]}),
        "LXMF_CONTAINER",
        "the keys are text",
    )
    refuse(topic, "reserved", b"\xc1", "MSGPACK_RESERVED", "reserved code")
    refuse(
        topic,
        "raw-message",
        container()["lxmf_bytes"],
        "LXMF_CONTAINER",
        "a message that is in no container",
    )
    value, _ = attempt(lambda: umsgpack.unpackb(stream("container/noise", 100)))
    assert isinstance(value, int)
    refuse(
        topic,
        "noise",
        stream("container/noise", 100),
        "LXMF_CONTAINER",
        "noise that reads as an integer",
    )


def build():
    symbol = "LXMF/LXMessage.py LXMessage.packed_container, LXMessage.unpack_from_file"
    topic = Topic("lxmf", "container", "lxmf", symbol, __file__)
    written(topic)
    variations(topic)
    malformed(topic)
    return topic


if __name__ == "__main__":
    main(build)
