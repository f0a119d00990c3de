"""Vectors of interface access codes: the network's key, sealed packets, and frames that are dropped.

usage: python golden/gen/reticulum_ifac.py [--check | --compare]

An interface of no medium is added to the reference, which derives its key; packets then go through
Transport.transmit, and frames through Transport.inbound up to where a packet would be made.
"""

import types

from RNS.Interfaces.Interface import Interface

from harness import RNS, Topic, blob, main, stream

# Frames that reach this interface's end of Transport.transmit, and packets past the access check.
sent = []
accepted = []


class Medium(Interface):
    DEFAULT_IFAC_SIZE = 16

    def __init__(self):
        self.name = "medium"
        self.HW_MTU = 524288
        self.protocol_violations = self.ifac_violations = 0

    def process_outgoing(self, data):
        sent.append(bytes(data))

    def __str__(self):
        return "Medium"


class Arrived(Exception):
    pass


def packet(_, raw):
    accepted.append(bytes(raw))
    raise Arrived


def interface(name=None, key=None, size=None):
    """An interface as the reference sets it up, open where no secret is given."""
    medium = Medium()
    owner = types.SimpleNamespace(
        is_connected_to_shared_instance=False,
        ifac_salt=RNS.Reticulum.IFAC_SALT,
        _default_gravity=lambda: 0,
    )
    RNS.Reticulum._add_interface(
        owner, medium, ifac_netname=name, ifac_netkey=key, ifac_size=size
    )
    return medium


def seal(medium, raw):
    sent.clear()
    RNS.Transport.transmit(medium, raw)
    (frame,) = sent
    return frame


def open_frame(medium, frame):
    """The packet in a frame, or None when the reference drops it."""
    accepted.clear()
    try:
        RNS.Transport.inbound(frame, medium)
    except Arrived:
        pass
    return accepted[0] if accepted else None


def prepare():
    RNS.Transport.ready = True
    RNS.Transport.identity = RNS.Identity.from_bytes(stream("ifac/transport", 64))
    RNS.Transport.add_interface = lambda medium: None
    RNS.Packet = packet


NAME, KEY = "net", "pass"


def packed(size, label="packet"):
    """A packet of `size` bytes: a data packet's flags, some hops, and random bytes."""
    return (b"\x08\x02" + stream(f"ifac/{label}", size))[:size]


def given(name, key, **rest):
    return {"networkName": name, "passphrase": key, **rest}


def build():
    topic = Topic("reticulum", "ifac", "rns", "RNS/Transport.py transmit, inbound", __file__)
    prepare()
    keys(topic)
    sealed(topic)
    refused(topic)
    return topic


def keys(topic):
    pairs = (
        ("both", NAME, KEY),
        ("name", NAME, None),
        ("passphrase", None, KEY),
        ("swapped", KEY, NAME),
        ("utf-8", "Nätverk ☂", "пароль"),
        ("spaces", " net ", "a longer passphrase, with a comma"),
        ("long", "n" * 300, "p" * 1000),
    )
    for case, name, key in pairs:
        medium = interface(name, key)
        topic.case(
            f"key-{case}",
            given(name, key, op="key"),
            {"key": medium.ifac_key.hex(), "signature": medium.ifac_signature.hex()},
        )
    medium = interface()
    assert getattr(medium, "ifac_identity", None) is None
    topic.negative(
        "neg-key-neither",
        given(None, None, op="key"),
        "TypeError",
        "the reference leaves such an interface open",
    )


def sealed(topic):
    def case(name, raw, size, note=None):
        medium = interface(NAME, KEY, size)
        frame = seal(medium, raw)
        assert open_frame(medium, frame) == raw, name
        topic.case(
            name,
            given(NAME, KEY, op="seal", sizeBytes=size, packet=raw_of(raw)),
            {"frame": blob(frame)},
            note,
        )

    def raw_of(raw):
        return raw.hex() if len(raw) <= 600 else {"length": len(raw), "label": "ifac/packet"}

    for size in (1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 48, 63, 64):
        case(f"size-{size}", packed(100), size)
    for length in (3, 4, 19, 20, 35, 36, 500, 501):
        case(f"length-{length}", packed(length), 16)
        case(f"length-{length}-small", packed(length), 1)
    notes = {
        8143: "a mask of 8159 bytes",
        8144: "a mask of 8160 bytes: the last before the counter of HKDF wraps",
        8145: "a mask of 8161 bytes: one past the wrap",
        8192: None,
        16320: None,
        16384: None,
        40000: "almost five turns of the counter",
    }
    for length, note in notes.items():
        case(f"length-{length}", packed(length), 16, note)
    for flags in (0x00, 0x01, 0x02, 0x03, 0x0F, 0x50, 0x51, 0x7F):
        case(f"flags-{flags:02x}", bytes([flags]) + packed(60)[1:], 16)
    medium = interface(NAME, None, 8)
    raw = packed(50)
    topic.case(
        "name-only",
        given(NAME, None, op="seal", sizeBytes=8, packet=raw.hex()),
        {"frame": seal(medium, raw).hex()},
    )


def refused(topic):
    def refuse(name, medium, secrets, frame, size, note):
        assert open_frame(medium, frame) is None, name
        topic.negative(
            f"neg-{name}",
            {**secrets, "op": "open", "sizeBytes": size, "frame": frame.hex()},
            "RNS_IFAC",
            note,
        )

    raw = packed(60)
    for size in (1, 8, 16, 64):
        medium = interface(NAME, KEY, size)
        secrets = given(NAME, KEY)
        frame = seal(medium, raw)
        refuse(f"no-flag-{size}", medium, secrets, raw, size, "a packet without a code is dropped")
        unflagged = bytes([frame[0] & 0x7F]) + frame[1:]
        refuse(f"flag-cleared-{size}", medium, secrets, unflagged, size, "dropped")
        short = frame[: 2 + size]
        refuse(f"short-{size}", medium, secrets, short, size, "nothing is left behind the code")
        for at in sorted({1, 2, 1 + size, 2 + size, len(frame) - 1}):
            changed = bytearray(frame)
            changed[at] ^= 0x10
            if size == 1 and open_frame(medium, bytes(changed)) is not None:
                continue
            refuse(f"changed-{size}-{at}", medium, secrets, bytes(changed), size, "dropped")
    medium = interface(NAME, KEY, 16)
    frame = seal(medium, raw)
    others = {
        "other-passphrase": (NAME, "other", 16),
        "other-name": ("other", KEY, 16),
        "no-name": (None, KEY, 16),
        "other-size": (NAME, KEY, 8),
    }
    for name, (network, key, size) in others.items():
        refuse(name, interface(network, key, size), given(network, key), frame, size, "dropped")
    refuse("open-interface", interface(), given(None, None), frame, 0, "an open interface drops it")


if __name__ == "__main__":
    main(build)
