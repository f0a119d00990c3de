"""Vectors of identities: keys, hashes, signatures, sealing, ratchet files, rnid's text forms.

usage: python golden/gen/reticulum_identity.py [--check | --compare]
"""

import contextlib
import io
import os
import sys

import RNS.Utilities.rnid as rnid
import RNS.vendor.umsgpack as umsgpack

import reticulum_sealing
import reticulum_signatures
from harness import RNS, STORAGE, Topic, attempt, forget, identity, injected, main, stream

D = RNS.Destination
PATH = os.path.join(STORAGE, "file")


def load(topic):
    for label in ("alice", "bob", "carol"):
        private = stream(f"identity/{label}", 64)
        loaded = RNS.Identity.from_bytes(private)
        out = {
            "public": loaded.get_public_key().hex(),
            "hash": loaded.hash.hex(),
            "private": loaded.get_private_key().hex(),
        }
        topic.case(f"load-{label}", {"op": "load-private", "private": private.hex()}, out)
        public = RNS.Identity(create_keys=False)
        public.load_public_key(loaded.get_public_key())
        given = {"op": "load-public", "public": loaded.get_public_key().hex()}
        topic.case(f"load-public-{label}", given, {"hash": public.hash.hex()})
    for name, private in {"zero": bytes(64), "ff": b"\xff" * 64}.items():
        loaded = RNS.Identity.from_bytes(private)
        out = {
            "public": loaded.get_public_key().hex(),
            "hash": loaded.hash.hex(),
            "private": loaded.get_private_key().hex(),
        }
        note = "X25519 clamps when it is used; the stored bytes stay as they are"
        topic.case(f"load-{name}", {"op": "load-private", "private": private.hex()}, out, note)
    for name, public in {
        "zero": bytes(64),
        "ff": b"\xff" * 64,
        "not-on-curve": bytes(32) + (2).to_bytes(32, "little"),
    }.items():
        loaded = RNS.Identity(create_keys=False)
        loaded.load_public_key(public)
        note = "any 64 bytes load; a key that is no point fails when it is used"
        topic.case(
            f"load-public-{name}",
            {"op": "load-public", "public": public.hex()},
            {"hash": loaded.hash.hex()},
            note,
        )
    with injected("identity/create") as draws:
        made = RNS.Identity()
    given = {"op": "create", "draws": draws.hex}
    topic.case(
        "create",
        given,
        {"private": made.get_private_key().hex(), "hash": made.hash.hex()},
        "X25519 first, then Ed25519",
    )


def wrong_sizes(topic):
    whole = stream("identity/alice", 65)
    for size in (0, 1, 31, 32, 33, 63, 65):
        assert attempt(lambda: RNS.Identity.from_bytes(whole[:size]))[0] is None
        given = {"op": "load-private", "private": whole[:size].hex()}
        topic.negative(f"load-neg-{size}", given, "RNS_IDENTITY_SIZE", f"not loaded: {size} bytes")
        with open(PATH, "wb") as file:
            file.write(whole[:size])
        assert RNS.Identity.from_file(PATH) is None
        given = {"op": "load-file", "bytes": whole[:size].hex()}
        topic.negative(
            f"file-neg-{size}", given, "RNS_IDENTITY_SIZE", f"not loaded: a file of {size} bytes"
        )
        loaded = RNS.Identity(create_keys=False)
        attempt(lambda: loaded.load_public_key(whole[:size]))
        assert loaded.hash is None
        given = {"op": "load-public", "public": whole[:size].hex()}
        topic.negative(
            f"load-public-neg-{size}", given, "RNS_IDENTITY_SIZE", f"no hash is set: {size} bytes"
        )
    os.unlink(PATH)
    owner = identity("identity/alice")
    owner.to_file(PATH)
    with open(PATH, "rb") as file:
        written = file.read()
    given = {"op": "save-file", "private": owner.get_private_key().hex()}
    owner.pub_to_file(PATH)
    with open(PATH, "rb") as file:
        public = file.read()
    topic.case("file-written", given, {"bytes": written.hex(), "publicBytes": public.hex()})
    RNS.Identity.from_bytes(written)
    topic.case("file-read", {"op": "load-file", "bytes": written.hex()}, {"hash": owner.hash.hex()})


NAMES = [
    ("lxmf", "delivery"),
    ("lxmf", "propagation"),
    ("lxmf", "propagation", "control"),
    ("rnstransport", "path", "request"),
    ("rnstransport", "probe"),
    ("app",),
    ("app", "a", "b", "c", "d"),
    ("nomadnetwork", "node"),
    ("", ""),
    ("app", ""),
    ("\u00e9", "\U0001f600"),
    ("UPPER", "Case"),
    ("with space", "and\ttab"),
]


def destinations(topic):
    alice, bob = identity("identity/alice"), identity("identity/bob")
    for number, (app, *aspects) in enumerate(NAMES):
        for who, owner in (("alice", alice), ("bob", bob), ("none", None)):
            name_hash = RNS.Identity.full_hash(D.expand_name(None, app, *aspects).encode("utf-8"))[
                :10
            ]
            out = {
                "name": D.expand_name(owner, app, *aspects),
                "nameHash": name_hash.hex(),
                "hash": D.hash(owner, app, *aspects).hex(),
            }
            given = {
                "op": "destination",
                "identityHash": None if owner is None else owner.hash.hex(),
                "app": app,
                "aspects": aspects,
            }
            note = "without an identity: the hash of a PLAIN destination" if owner is None else None
            topic.case(f"destination-{number}-{who}", given, out, note)
    for kind, value in (("PLAIN", D.PLAIN), ("GROUP", D.GROUP), ("SINGLE", D.SINGLE)):
        forget()
        owner = None if kind == "PLAIN" else alice
        made = D(owner, D.IN, value, "app", "aspect")
        given = {
            "op": "destination",
            "identityHash": None if owner is None else alice.hash.hex(),
            "app": "app",
            "aspects": ["aspect"],
        }
        out = {"name": made.name, "nameHash": made.name_hash.hex(), "hash": made.hash.hex()}
        topic.case(
            f"destination-type-{kind.lower()}",
            given,
            out,
            f"as the {kind} destination that the constructor makes",
        )
    forget()
    with injected("identity/group") as draws:
        made = D(None, D.IN, D.GROUP, "app", "aspect")
    given = {
        "op": "destination-new-identity",
        "app": "app",
        "aspects": ["aspect"],
        "draws": draws.hex,
    }
    out = {
        "name": made.name,
        "nameHash": made.name_hash.hex(),
        "hash": made.hash.hex(),
        "identityHash": made.identity.hash.hex(),
    }
    note = "an inbound GROUP or SINGLE without an identity gets a new one, whose hash also becomes an aspect"
    topic.case("destination-group-new-identity", given, out, note)
    for name, app, aspects in (
        ("app", "a.b", ["c"]),
        ("aspect", "a", ["b.c"]),
        ("last", "a", ["b", "."]),
    ):
        _, raised = attempt(lambda: D.hash(alice, app, *aspects))
        given = {
            "op": "destination",
            "identityHash": alice.hash.hex(),
            "app": app,
            "aspects": aspects,
        }
        topic.negative(
            f"destination-neg-dot-in-{name}",
            given,
            "RangeError",
            f"{raised}: dots join the parts of a name",
        )


def groups(topic):
    for bits, size in ((256, 64), (128, 32)):
        forget()
        group = D(identity("identity/alice"), D.IN, D.GROUP, "app", "group")
        key = stream(f"identity/group/{bits}", size)
        group.load_private_key(key)
        with injected(f"identity/group/{bits}") as draws:
            token = group.encrypt(b"for the group")
        assert group.decrypt(token) == b"for the group"
        given = {
            "op": "group-encrypt",
            "key": key.hex(),
            "plaintext": b"for the group".hex(),
            "draws": draws.hex,
        }
        topic.case(
            f"group-encrypt-{bits}",
            given,
            {"token": token.hex()},
            "the token alone, without an ephemeral key",
        )
    forget()
    group = D(identity("identity/alice"), D.IN, D.GROUP, "app", "group")
    with injected("identity/group/new") as draws:
        group.create_keys()
    topic.case(
        "group-create-keys",
        {"op": "group-create", "draws": draws.hex},
        {"key": group.get_private_key().hex()},
    )


def ratchet_destination():
    forget()
    return D(identity("identity/alice"), D.IN, D.SINGLE, "lxmf", "delivery")


def ratchet_files(topic):
    private = identity("identity/alice").get_private_key().hex()
    good = None
    for count in (0, 1, 3, 16):
        ratchets = [stream(f"identity/ratchet/{n}", 32) for n in range(count)]
        destination = ratchet_destination()
        destination.ratchets, destination.ratchets_path = ratchets, PATH
        destination._persist_ratchets()
        with open(PATH, "rb") as file:
            good = file.read()
        given = {
            "op": "ratchet-file-write",
            "private": private,
            "ratchets": [item.hex() for item in ratchets],
        }
        topic.case(
            f"ratchet-file-write-{count}",
            given,
            {"bytes": good.hex()},
            "signature over the packed list",
        )
        read_ratchets(topic, f"written-{count}", good)
        if count == 1:
            one = good
    content = umsgpack.unpackb(one)
    reordered = umsgpack.packb({"ratchets": content["ratchets"], "signature": content["signature"]})
    read_ratchets(topic, "reordered", reordered, "the order of the two keys does not matter")
    read_ratchets(
        topic, "more-keys", umsgpack.packb({**content, "more": 1}), "further keys are ignored"
    )
    read_ratchets(topic, "trailing", one + b"\x00", "bytes after the map are ignored")
    read_ratchets(
        topic,
        "odd-length-ratchet",
        signed_ratchets([b"short", bytes(33)]),
        "lengths are not checked on reading",
    )
    flipped = bytearray(one)
    flipped[-1] ^= 1
    read_ratchets(
        topic,
        "flipped-ratchet",
        bytes(flipped),
        "the signature does not fit",
        "RNS_RATCHET_SIGNATURE",
    )
    flipped = bytearray(one)
    flipped[20] ^= 1
    read_ratchets(
        topic,
        "flipped-signature",
        bytes(flipped),
        "the signature does not fit",
        "RNS_RATCHET_SIGNATURE",
    )
    short = umsgpack.packb({**content, "signature": content["signature"][:63]})
    read_ratchets(
        topic, "short-signature", short, "the signature does not fit", "RNS_RATCHET_SIGNATURE"
    )
    other = identity("identity/bob").sign(content["ratchets"])
    foreign = umsgpack.packb({**content, "signature": other})
    read_ratchets(
        topic, "other-identity", foreign, "signed by another identity", "RNS_RATCHET_SIGNATURE"
    )
    read_ratchets(topic, "cut", one[:-1], "ends within the map", "RNS_RATCHET_FILE")
    read_ratchets(
        topic, "cut-half", one[: len(one) // 2], "ends within the map", "RNS_RATCHET_FILE"
    )
    read_ratchets(topic, "empty", b"", "an empty file", "RNS_RATCHET_FILE")
    read_ratchets(topic, "not-a-map", umsgpack.packb(5), "an integer", "RNS_RATCHET_FILE")
    no_signature = umsgpack.packb({"ratchets": content["ratchets"]})
    note = "no exception: the key is missing, and the destination stays without ratchets"
    read_ratchets(topic, "no-signature", no_signature, note, "RNS_RATCHET_FILE")
    read_ratchets(topic, "list", umsgpack.packb([1, 2]), note, "RNS_RATCHET_FILE")
    garbage = signed_packed(b"\xc1")
    read_ratchets(
        topic, "signed-garbage", garbage, "well signed, but not MessagePack", "RNS_RATCHET_FILE"
    )


def signed_packed(packed):
    return umsgpack.packb(
        {"signature": identity("identity/alice").sign(packed), "ratchets": packed}
    )


def signed_ratchets(ratchets):
    return signed_packed(umsgpack.packb(ratchets))


def read_ratchets(topic, name, content, note=None, error=None):
    with open(PATH, "wb") as file:
        file.write(content)
    destination = ratchet_destination()
    with injected("identity/ratchet-read"):
        _, raised = attempt(lambda: destination.enable_ratchets(PATH))
    given = {
        "op": "ratchet-file-read",
        "public": destination.identity.get_public_key().hex(),
        "bytes": content.hex(),
    }
    if error is None:
        assert raised is None, name
        topic.case(
            f"ratchet-file-{name}",
            given,
            {"ratchets": [item.hex() for item in destination.ratchets]},
            note,
        )
        return
    assert destination.ratchets is None, name
    topic.negative(
        f"ratchet-file-neg-{name}", given, error, note if raised is None else f"{raised}: {note}"
    )


def run_rnid(*arguments):
    """What rnid prints, and its exit status."""
    stdout, kept = io.StringIO(), sys.argv
    sys.argv = ["rnid", *arguments]
    try:
        with contextlib.redirect_stdout(stdout):
            rnid.main()
        status = None
    except SystemExit as stop:
        status = stop.code
    finally:
        sys.argv = kept
    return stdout.getvalue(), status


def value_after(text, label):
    lines = [line for line in text.splitlines() if line.startswith(label)]
    return lines[0].split(" : ", 1)[1]


def exports(topic):
    for label in ("alice", "bob"):
        owner = identity(f"identity/{label}")
        owner.to_file(PATH)
        for encoding, flag in (("hex", "-F"), ("base32", "-B"), ("base64", "-b")):
            text, status = run_rnid("-i", PATH, "-x", "-X", flag)
            assert status == 0
            out = {
                "publicText": value_after(text, "Public Identity Keys"),
                "privateText": value_after(text, "Private Identity Keys"),
            }
            given = {"op": "export", "private": owner.get_private_key().hex(), "encoding": encoding}
            topic.case(f"export-{label}-{encoding}", given, out, f"rnid -x -X {flag}")
    text, status = run_rnid("-i", PATH, "-x", "-X")
    given = {"op": "export", "private": owner.get_private_key().hex(), "encoding": "hex"}
    out = {
        "publicText": value_after(text, "Public Identity Keys"),
        "privateText": value_after(text, "Private Identity Keys"),
    }
    topic.case("export-default", given, out, "rnid -x -X without a format")


def imports(topic):
    import base64

    private = identity("identity/alice").get_private_key()
    dashed = next(
        stream(f"identity/dashed/{n}", 64)
        for n in range(100)
        if b"-" in base64.urlsafe_b64encode(stream(f"identity/dashed/{n}", 64))
        and b"_" in base64.urlsafe_b64encode(stream(f"identity/dashed/{n}", 64))
    )
    b32, b64 = base64.b32encode(private).decode(), base64.urlsafe_b64encode(private).decode()
    texts = {
        "hex": private.hex(),
        "hex-upper": private.hex().upper(),
        "hex-cut": private.hex()[:-2],
        "hex-space": " " + private.hex(),
        "hex-inner-space": private.hex()[:2] + " " + private.hex()[3:],
        "hex-prefix": "0x" + private.hex(),
        "hex-not": "g" + private.hex()[1:],
        "base32": b32,
        "base32-lower": b32.lower(),
        "base32-no-padding": b32.rstrip("="),
        "base32-newline": b32 + "\n",
        "base64": b64,
        "base64-urlsafe": base64.urlsafe_b64encode(dashed).decode(),
        "base64-standard": base64.b64encode(dashed).decode(),
        "base64-no-padding": b64.rstrip("="),
        "base64-one-pad": b64.rstrip("=") + "=",
        "base64-three-pads": b64 + "=",
        "base64-newline": b64 + "\n",
        "base64-inner-space": b64[:10] + " " + b64[10:],
        "base64-foreign": b64[:10] + "!" + b64[10:],
        "base64-short": base64.urlsafe_b64encode(private[:63]).decode(),
        "empty": "",
        "word": "identity",
    }
    for name, text in texts.items():
        shown, status = run_rnid("-M", text, "-X")
        given = {"op": "import", "text": text}
        if status == 0:
            found = value_after(shown, "Private Identity Keys")
            topic.case(f"import-{name}", given, {"private": found}, shown.splitlines()[0])
        else:
            shown = shown.splitlines()[0] if shown else "no output"
            topic.negative(
                f"import-neg-{name}", given, "RNS_IDENTITY_KEY", f"exit status {status}: {shown}"
            )


def build():
    symbol = "RNS/Identity.py Identity, RNS/Destination.py Destination, RNS/Utilities/rnid.py main"
    topic = Topic("reticulum", "identity", "rns", symbol, __file__)
    load(topic)
    wrong_sizes(topic)
    destinations(topic)
    groups(topic)
    reticulum_signatures.add_cases(topic)
    reticulum_sealing.add_cases(topic)
    ratchet_files(topic)
    exports(topic)
    imports(topic)
    return topic


if __name__ == "__main__":
    main(build)
