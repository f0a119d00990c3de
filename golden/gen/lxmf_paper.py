"""Vectors of paper messages: sealed bytes, URIs, sizes, and what ingesting a URI does.

usage: python golden/gen/lxmf_paper.py [--check | --compare]
"""

from harness import (
    RNS,
    Topic,
    attempt,
    blob,
    forget,
    injected,
    know,
    main,
    router,
    stream,
)
from messages import (
    RECEIVER,
    SENDER,
    STRANGER,
    LXMessage,
    delivery,
    describe,
    make,
    request,
    unpadded,
)
from notation import repeated_bytes
from reticulum_sealing import ratchet_public

RATCHET = stream("paper/ratchet", 32)


def paper(name, ratchet=None, to=None, **parts):
    """A packed paper message and the draws it took."""
    forget()
    destination = delivery(RECEIVER) if to is None else to
    if ratchet is not None:
        RNS.Identity.known_ratchets[destination.hash] = ratchet_public(ratchet)
    message = make(method=LXMessage.PAPER, to=destination, **parts)
    with injected(f"paper/{name}") as draws:
        message.pack()
    return message, draws


def pack(topic, name, note=None, ratchet=None, **parts):
    message, draws = paper(name, ratchet, **parts)
    given = request("pack", **parts, draws=draws.hex)
    given["ratchet"] = None if ratchet is None else ratchet_public(ratchet).hex()
    out = {
        "packed": blob(message.packed),
        "hash": message.hash.hex(),
        "paperPacked": blob(message.paper_packed),
        "size": len(message.paper_packed),
        "uri": message.as_uri(finalise=False),
        "method": message.method,
        "representation": message.representation,
        "ratchetId": None if message.ratchet_id is None else message.ratchet_id.hex(),
    }
    if len(out["uri"]) > 3000:
        raise ValueError("too long for a QR code")
    message.as_uri()
    out["stateAfterUri"] = message.state
    topic.case(f"pack-{name}", given, out, note)
    return message


def packed_cases(topic):
    pack(topic, "empty")
    pack(topic, "short", title="Title", content="Paper content")
    pack(topic, "fields", content="c", fields={1: [b"a"], "k": 1.5})
    pack(topic, "utf8", title="\u00e9", content="\u4f60\u597d \U0001f600")
    pack(topic, "ratchet", ratchet=RATCHET, title="Title", content="To a ratchet")
    pack(topic, "ratchet-empty", ratchet=RATCHET)
    for size in (100, 500, 1000):
        pack(topic, f"content-{size}", content=repeated_bytes(0x61, size))
    for extra in range(16):
        pack(
            topic,
            f"block-{extra:02d}",
            "every length of URI, padding removed",
            content=b"b" * extra,
        )


def limits(topic):
    """The largest content without title and fields, and the largest with some."""
    fits = largest(lambda size: {"content": repeated_bytes(0x61, size)})
    assert fits == 2015, fits
    pack(
        topic,
        "largest",
        f"{fits} bytes of content without title and fields fit",
        content=repeated_bytes(0x61, fits),
    )
    pack(topic, "largest-ratchet", ratchet=RATCHET, content=repeated_bytes(0x61, fits))
    refuse(topic, "largest-plus-1", content=repeated_bytes(0x61, fits + 1))
    refuse(topic, "content-3000", content=repeated_bytes(0x61, 3000))
    fits = largest(
        lambda size: {"title": "Title", "content": repeated_bytes(0x61, size), "fields": {1: "f"}}
    )
    pack(
        topic,
        "largest-with-fields",
        f"{fits} bytes of content",
        title="Title",
        content=repeated_bytes(0x61, fits),
        fields={1: "f"},
    )
    refuse(
        topic,
        "largest-with-fields-plus-1",
        title="Title",
        content=repeated_bytes(0x61, fits + 1),
        fields={1: "f"},
    )


def largest(parts):
    low, high = 0, 4000
    while low < high:
        middle = (low + high + 1) // 2
        _, raised = attempt(lambda: paper("probe", **parts(middle)))
        low, high = (middle, high) if raised is None else (low, middle - 1)
    return low


def refuse(topic, name, **parts):
    message = make(method=LXMessage.PAPER, **parts)
    with injected(f"paper/{name}") as draws:
        _, raised = attempt(message.pack)
    assert raised == "TypeError"
    given = request("pack", **parts, draws=draws.hex, ratchet=None)
    out = {"size": len(message.paper_packed)}
    note = f"{raised}: larger than {LXMessage.PAPER_MDU} bytes"
    topic.negative(f"pack-neg-{name}", given, "LXMF_PAPER_TOO_LARGE", note, out)


class Inbox:
    """A router that owns the receiver's delivery destination and keeps what arrives."""

    def __init__(self, known=(SENDER,), ratchets=(), enforce=False):
        forget()
        self.router = router("paper/router", enforce_ratchets=enforce)
        self.destination = self.router.register_delivery_identity(RECEIVER)
        self.destination.ratchets = list(ratchets)
        for owner in known:
            know(owner)
        self.messages, self.seen = [], []
        self.router.register_delivery_callback(self.messages.append)
        self.propagate = self.router.lxmf_propagation
        self.router.lxmf_propagation = self._watch

    def _watch(self, data, **options):
        self.seen.append(data)
        return self.propagate(data, **options)

    def ingest(self, uri, **options):
        self.messages.clear()
        self.seen.clear()
        with injected("paper/ingest"):
            result = self.router.ingest_lxm_uri(
                uri, signal_local_delivery="delivered", signal_duplicate="duplicate", **options
            )
        out = {"result": result}
        if self.seen:
            out["bytes"] = blob(self.seen[0])
        if self.messages:
            out["message"] = describe(self.messages[0])
            if self.messages[0].ratchet_id is not None:
                out["ratchetId"] = self.messages[0].ratchet_id.hex()
        return out


def asked(uri, ratchets=(), enforce=False, known=(SENDER,)):
    return {
        "op": "ingest",
        "private": RECEIVER.get_private_key().hex(),
        "known": [owner.get_public_key().hex() for owner in known],
        "ratchets": [item.hex() for item in ratchets],
        "enforceRatchets": enforce,
        "uri": uri,
    }


def delivered(topic, name, uri, note=None, **options):
    out = Inbox(**options).ingest(uri)
    assert out["result"] == "delivered" and "message" in out, (name, out)
    topic.case(f"ingest-{name}", asked(uri, **options), out, note)


def refused(topic, name, uri, error, note, prefix="ingest-neg", **options):
    out = Inbox(**options).ingest(uri)
    assert "message" not in out, (name, out)
    topic.negative(f"{prefix}-{name}", asked(uri, **options), error, note, out)


def spellings(topic):
    message, _ = paper("spelling", title="Title", content="Spelled in many ways!")
    uri = message.as_uri(finalise=False)
    text = uri[6:]
    assert "-" in text and "_" in text and len(text) % 4 != 0, text
    middle = len(text) // 2
    ways = {
        "plain": (uri, None),
        "trailing-slash": (uri + "/", "slashes are removed"),
        "many-slashes": (
            "lxm://" + "/".join(text[i : i + 20] for i in range(0, len(text), 20)),
            "slashes are removed",
        ),
        "padded": (uri + "=" * (-len(text) % 4), "padding may be there"),
        "padding-too-long": (uri + "====", "more padding than needed"),
        "standard-plus": (uri.replace("-", "+"), "the + of the standard alphabet is read as -"),
        "scheme-twice": ("lxm://" + uri, "every occurrence of the scheme is removed"),
        "scheme-inside": (
            "lxm://" + text[:middle] + "lxm://" + text[middle:],
            "every occurrence of the scheme is removed",
        ),
        "newline": (uri + "\n", "foreign characters are skipped"),
        "newlines-inside": (
            "lxm://" + text[:40] + "\r\n" + text[40:],
            "foreign characters are skipped",
        ),
        "space-inside": ("lxm://" + text[:40] + " " + text[40:], "foreign characters are skipped"),
        "foreign-inside": (
            "lxm://" + text[:41] + "!*.~" + text[41:],
            "foreign characters are skipped",
        ),
        "query": (uri + "?", "foreign characters are skipped"),
    }
    for name, (way, note) in ways.items():
        delivered(topic, name, way, note)
    delivered(topic, "source-unknown", uri, "unverified reason 1", known=())
    note = "the scheme passes the test in any case, but only lower case is removed: its letters shift the bytes"
    for name, scheme in (("upper", "LXM://"), ("mixed", "Lxm://")):
        refused(
            topic,
            f"scheme-{name}",
            scheme + text,
            "LXMF_NOT_ADDRESSED",
            note,
            prefix="quirk-ingest",
        )
    refused(topic, "scheme-missing", text, "LXMF_URI", "False: no scheme")
    refused(topic, "scheme-one-slash", "lxm:/" + text, "LXMF_URI", "False: no scheme")
    refused(topic, "scheme-lxma", "lxma://" + text, "LXMF_URI", "False: another scheme")
    refused(topic, "scheme-space", " " + uri, "LXMF_URI", "False: leading space")
    refused(topic, "no-data", "lxm://", "LXMF_TRUNCATED", "False: no data")
    refused(topic, "empty", "", "LXMF_URI", "False: no scheme")
    refused(
        topic,
        "non-ascii",
        uri + "\u00e9",
        "LXMF_URI",
        "False: ValueError within, text beyond ASCII",
    )
    cut = middle // 4 * 4 + 2
    padded = "lxm://" + text[:cut] + "==" + text[cut:]
    refused(
        topic,
        "pad-inside",
        padded,
        "RNS_DECRYPT",
        "True: decoding stops at the padding, half is left",
    )
    for cut in (1, 2, 3, 4):
        shorter = uri[:-cut]
        if len(shorter[6:]) % 4 == 1:
            refused(
                topic,
                f"cut-{cut}",
                shorter,
                "LXMF_URI",
                "False: binascii.Error within, a lone character is left",
            )
        else:
            refused(
                topic, f"cut-{cut}", shorter, "RNS_DECRYPT", "True although nothing could be opened"
            )
    slashed, note = (
        uri.replace("_", "/"),
        "True: the / of the standard alphabet is removed with the others",
    )
    assert len(text.replace("_", "")) % 4 != 1
    refused(topic, "standard-slash", slashed, "RNS_DECRYPT", note)
    return uri


def addressing(topic, uri):
    other, _ = paper("other", to=delivery(STRANGER), content="for another")
    refused(
        topic,
        "not-addressed",
        other.as_uri(finalise=False),
        "LXMF_NOT_ADDRESSED",
        "True although nothing is delivered",
    )
    sealed, _ = paper("swapped", to=delivery(STRANGER), content="for another")
    swapped = delivery(RECEIVER).hash + sealed.paper_packed[16:]
    refused(
        topic,
        "sealed-for-another",
        "lxm://" + unpadded(swapped),
        "RNS_DECRYPT",
        "True although nothing could be opened",
    )
    for size in (16, 111):
        short = (delivery(RECEIVER).hash + bytes(200))[:size]
        refused(
            topic,
            f"short-{size}",
            "lxm://" + unpadded(short),
            "LXMF_TRUNCATED",
            f"False: {size} of at least 112 bytes",
        )
    smallest = (delivery(RECEIVER).hash + bytes(200))[:112]
    refused(
        topic,
        "short-112",
        "lxm://" + unpadded(smallest),
        "RNS_DECRYPT",
        "True although nothing could be opened",
    )
    with injected("paper/garbage"):
        noise = delivery(RECEIVER).hash + RECEIVER.encrypt(b"no message at all")
    refused(
        topic,
        "no-message",
        "lxm://" + unpadded(noise),
        "LXMF_TRUNCATED",
        "delivered says the router, but no message could be read",
    )
    inbox = Inbox()
    first, second, third = (
        inbox.ingest(uri),
        inbox.ingest(uri),
        inbox.ingest(uri, allow_duplicate=True),
    )
    given = asked(uri)
    given["op"] = "ingest-repeatedly"
    out = {
        "first": first["result"],
        "second": second["result"],
        "allowingDuplicates": third["result"],
    }
    topic.case("ingest-twice", given, out, "the second time it is known")


def ratcheted(topic):
    message, _ = paper("ratcheted", ratchet=RATCHET, content="to a ratchet")
    uri = message.as_uri(finalise=False)
    older = [stream(f"paper/older/{n}", 32) for n in range(2)]
    delivered(topic, "ratchet", uri, ratchets=[*older, RATCHET])
    delivered(topic, "ratchet-enforced", uri, ratchets=[RATCHET], enforce=True)
    refused(
        topic,
        "ratchet-gone",
        uri,
        "RNS_DECRYPT",
        "True although nothing could be opened",
        ratchets=older,
    )
    refused(topic, "ratchet-none", uri, "RNS_DECRYPT", "True although nothing could be opened")
    plain, _ = paper("unratcheted", content="to the identity")
    uri = plain.as_uri(finalise=False)
    delivered(topic, "identity-key-with-ratchets", uri, ratchets=[RATCHET])
    refused(
        topic,
        "identity-key-enforced",
        uri,
        "RNS_DECRYPT",
        "True although nothing could be opened",
        ratchets=[RATCHET],
        enforce=True,
    )


def decoding(topic):
    """Short texts, to show what the router's base64 step makes of them."""
    inbox = Inbox()
    texts = [
        "",
        "A",
        "AA",
        "AAA",
        "AAAA",
        "AAAAA",
        "AB",
        "AAE",
        "__8",
        "--8",
        "+w",
        "_w",
        "AA==",
        "AA=",
        "A=",
        "A==",
        "A===",
    ]
    texts += [
        "=",
        "==",
        "====",
        "AAAA=",
        "AAAA==",
        "AAAA====",
        "AA=A",
        "AA==AAAA",
        "AAA=AAAA",
        "AAA=AAA",
        "A=AA",
        "A=AAA",
        "=AAAA",
    ]
    texts += [
        "AA A",
        "AA\nA",
        "AA\tAA",
        "A!A@A#A$",
        "AAAA AAAA",
        "a/b/c/d",
        "//////",
        "A-_/+",
        "%41%41",
        "AAAA%3D",
        "\u00e9",
        "AA\u00e9A",
        "\x00AAAA",
    ]
    for number, text in enumerate(texts):
        out = inbox.ingest("lxm://" + text)
        given = {"op": "decode", "uri": "lxm://" + text}
        if "bytes" in out:
            topic.case(f"decode-{number:02d}", given, {"bytes": out["bytes"]})
        else:
            topic.negative(
                f"decode-neg-{number:02d}", given, "LXMF_URI", "False: the base64 step raises"
            )


def build():
    symbol = "LXMF/LXMessage.py LXMessage.as_uri, LXMF/LXMRouter.py LXMRouter.ingest_lxm_uri"
    topic = Topic("lxmf", "paper", "lxmf", symbol, __file__)
    packed_cases(topic)
    limits(topic)
    uri = spellings(topic)
    addressing(topic, uri)
    ratcheted(topic)
    decoding(topic)
    return topic


if __name__ == "__main__":
    main(build)
