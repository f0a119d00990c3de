"""Vectors of announces: packets that a destination makes, and what validation says of them.

usage: python golden/gen/reticulum_announce.py [--check | --compare]
"""

import os

from harness import NOW, RNS, STORAGE, Topic, forget, identity, injected, main, stream, typed
from reticulum_sealing import ratchet_public

D = RNS.Destination
OWNER = identity("announce/owner")
APP_DATA = bytes.fromhex("93c405416c696365109100")
PATH = os.path.join(STORAGE, "announce-ratchets")
RATCHET = stream("announce/ratchet", 32)


def destination(app="lxmf", aspects=("delivery",), ratchet=None):
    forget()
    made = D(OWNER, D.IN, D.SINGLE, app, *aspects)
    if ratchet is not None:
        if os.path.exists(PATH):
            os.unlink(PATH)
        made.enable_ratchets(PATH)
        made.ratchets, made.latest_ratchet_time = [ratchet], NOW
    return made


def announced(
    name, app="lxmf", aspects=("delivery",), ratchet=None, app_data=None, now=NOW, response=False
):
    """The packed announce and the draws it took."""
    made = destination(app, aspects, ratchet)
    with injected(f"announce/{name}", now=now) as draws:
        packet = made.announce(app_data=app_data, path_response=response, send=False)
        packet.pack()
    return packet, draws


def validated(raw, known=None):
    """Unpack and validate; what is remembered then, or None."""
    forget()
    packet = RNS.Packet(None, raw)
    packet.receiving_interface = None
    if known is not None:
        RNS.Identity.remember(bytes(32), known[0], known[1], None)
    if not packet.unpack():
        return None
    with injected("announce/validate"):
        if not RNS.Identity.validate_announce(packet):
            return None
    entry = RNS.Identity.known_destinations[packet.destination_hash]
    ratchet = RNS.Identity.known_ratchets.get(packet.destination_hash)
    return {
        "destinationHash": packet.destination_hash.hex(),
        "identityHash": RNS.Identity.truncated_hash(entry[2]).hex(),
        "public": entry[2].hex(),
        "appData": None if entry[3] is None else entry[3].hex(),
        "ratchet": None if ratchet is None else ratchet.hex(),
        "packetHash": packet.packet_hash.hex(),
    }


def make(topic, name, note=None, **options):
    packet, draws = announced(name, **options)
    ratchet, app_data = options.get("ratchet"), options.get("app_data")
    given = {
        "op": "announce",
        "private": OWNER.get_private_key().hex(),
        "app": options.get("app", "lxmf"),
        "aspects": list(options.get("aspects", ("delivery",))),
        "ratchet": None if ratchet is None else ratchet_public(ratchet).hex(),
        "appData": None if app_data is None else app_data.hex(),
        "now": typed(options.get("now", NOW)),
        "pathResponse": options.get("response", False),
        "draws": draws.hex,
    }
    out = {
        "data": packet.data.hex(),
        "packet": packet.raw.hex(),
        "packetHash": packet.packet_hash.hex(),
    }
    topic.case(f"make-{name}", given, out, note)
    read(topic, f"made-{name}", packet.raw)
    return packet.raw


def read(topic, name, raw, note=None):
    out = validated(raw)
    assert out is not None, name
    topic.case(f"read-{name}", {"op": "validate", "packet": raw.hex()}, out, note)


def refuse(topic, name, raw, error, note, known=None):
    assert validated(raw, known) is None, name
    given = {"op": "validate", "packet": raw.hex()}
    if known is not None:
        given["known"] = [{"destinationHash": known[0].hex(), "public": known[1].hex()}]
    topic.negative(f"read-neg-{name}", given, error, f"False: {note}")


def made_cases(topic):
    plain = make(topic, "plain", "no app data, no ratchet: 148 bytes of data")
    full = make(topic, "app-data", app_data=APP_DATA)
    make(topic, "ratchet", "the context flag is set", ratchet=RATCHET)
    both = make(topic, "ratchet-app-data", ratchet=RATCHET, app_data=APP_DATA)
    make(topic, "empty-app-data", app_data=b"")
    make(topic, "long-app-data", app_data=stream("announce/long", 300))
    make(topic, "path-response", "the context is 0b", app_data=APP_DATA, response=True)
    make(topic, "path-response-ratchet", app_data=APP_DATA, response=True, ratchet=RATCHET)
    make(topic, "propagation", app="lxmf", aspects=("propagation",), app_data=APP_DATA)
    make(topic, "other-app", app="nomadnetwork", aspects=("node",), app_data=b"Node name")
    for label, now in {
        "zero": 0.0,
        "fraction": 1700000000.999,
        "2-32": 2.0**32,
        "largest": 2.0**40 - 1,
    }.items():
        make(topic, f"time-{label}", "whole seconds in 5 bytes", now=now, app_data=APP_DATA)
    return plain, full, both


def damage(topic, raw, kind, ratchet):
    regions = {"public": 19, "public-last": 82, "name-hash": 83, "random": 93, "time": 102}
    at = 103
    if ratchet:
        regions["ratchet"], at = 110, 135
    regions.update(
        {
            "signature": at,
            "signature-last": at + 63,
            "app-data": at + 64,
            "app-data-last": len(raw) - 1,
        }
    )
    for region, place in regions.items():
        broken = bytearray(raw)
        broken[place] ^= 0x01
        note = f"a bit of the {region} differs"
        refuse(topic, f"{kind}-flipped-{region}", bytes(broken), "RNS_ANNOUNCE_SIGNATURE", note)
    broken = bytearray(raw)
    broken[2] ^= 0x01
    refuse(
        topic,
        f"{kind}-flipped-destination",
        bytes(broken),
        "RNS_ANNOUNCE_SIGNATURE",
        "the destination hash is signed",
    )
    broken = bytearray(raw)
    broken[0] ^= 0x20
    refuse(
        topic,
        f"{kind}-flipped-context-flag",
        bytes(broken),
        "RNS_ANNOUNCE_SIGNATURE",
        "read with a ratchet where there is none, or without",
    )
    hops = bytearray(raw)
    hops[1] = 5
    read(topic, f"{kind}-hops", bytes(hops), "hops are not signed")
    refuse(
        topic,
        f"{kind}-longer",
        raw + b"\x00",
        "RNS_ANNOUNCE_SIGNATURE",
        "a byte too many belongs to the app data",
    )


def truncated(topic, raw, kind, fixed):
    """Announce data shorter than its fixed part."""
    for length in sorted({19, 20, 50, 83, 93, 103, fixed - 64, fixed - 1}):
        error = "RNS_TRUNCATED"
        refuse(topic, f"{kind}-cut-{length}", raw[:length], error, f"{length - 19} bytes of data")
    for length in (0, 1, 2, 10, 18):
        refuse(topic, f"{kind}-cut-{length}", raw[:length], "RNS_TRUNCATED", "no whole header")
    if len(raw) > fixed:
        refuse(
            topic,
            f"{kind}-cut-app-data",
            raw[: len(raw) - 1],
            "RNS_ANNOUNCE_SIGNATURE",
            "app data cut short",
        )
        refuse(
            topic,
            f"{kind}-without-app-data",
            raw[:fixed],
            "RNS_ANNOUNCE_SIGNATURE",
            "app data cut off",
        )


def signed(destination_hash, public, name_hash, app_data=b"", signer=OWNER):
    """A packet whose signature is right for any destination hash."""
    random = stream("announce/random", 5) + int(NOW).to_bytes(5, "big")
    signature = signer.sign(destination_hash + public + name_hash + random + app_data)
    data = public + name_hash + random + signature + app_data
    return b"\x01\x00" + destination_hash + b"\x00" + data


def mismatches(topic):
    name_hash = RNS.Identity.full_hash(b"lxmf.delivery")[:10]
    right, public = D.hash(OWNER, "lxmf", "delivery"), OWNER.get_public_key()
    read(
        topic,
        "crafted",
        signed(right, public, name_hash, b"any"),
        "the same layout, signed by hand",
    )
    wrong = D.hash(OWNER, "lxmf", "propagation")
    refuse(
        topic,
        "other-destination",
        signed(wrong, public, name_hash),
        "RNS_ANNOUNCE_DESTINATION",
        "well signed, but the hash is not that of name and key",
    )
    refuse(
        topic,
        "random-destination",
        signed(stream("announce/hash", 16), public, name_hash),
        "RNS_ANNOUNCE_DESTINATION",
        "well signed, but the hash is not that of name and key",
    )
    refuse(
        topic,
        "other-name-hash",
        signed(right, public, stream("announce/name", 10)),
        "RNS_ANNOUNCE_DESTINATION",
        "well signed, but the hash is not that of name and key",
    )
    other = identity("announce/other")
    foreign = signed(right, public, name_hash, signer=other)
    refuse(topic, "other-signer", foreign, "RNS_ANNOUNCE_SIGNATURE", "signed by another identity")
    good = signed(right, public, name_hash)
    note = "the destination is known with another public key"
    refuse(
        topic,
        "known-with-other-key",
        good,
        "RNS_ANNOUNCE_KEY",
        note,
        known=(right, other.get_public_key()),
    )
    assert validated(good, known=(right, public)) is not None
    for hops in (127, 128, 255):
        far = bytes([good[0], hops]) + good[2:]
        if hops < 128:
            read(topic, f"hops-{hops}", far)
        else:
            refuse(topic, f"hops-{hops}", far, "RNS_TRUNCATED", "128 hops and more are not read")
    header2 = bytes([good[0] | 0x50, 3]) + stream("announce/transport", 16) + good[2:]
    read(
        topic,
        "header-2",
        header2,
        "in transport, with the transport identity before the destination",
    )
    data = bytes([good[0] & 0xFC]) + good[1:]
    refuse(topic, "not-an-announce", data, "RNS_ANNOUNCE_SIGNATURE", "the packet type is DATA")


def build():
    symbol = "RNS/Destination.py Destination.announce, RNS/Identity.py Identity.validate_announce"
    topic = Topic("reticulum", "announce", "rns", symbol, __file__)
    plain, full, both = made_cases(topic)
    damage(topic, full, "app-data", ratchet=False)
    damage(topic, both, "both", ratchet=True)
    truncated(topic, plain, "plain", 167)
    truncated(topic, both, "both", 199)
    mismatches(topic)
    return topic


if __name__ == "__main__":
    main(build)
