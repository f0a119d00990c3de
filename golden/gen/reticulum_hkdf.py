"""Vectors of Reticulum's HKDF, whose block counter wraps to 0 after 255 blocks.

usage: python golden/gen/reticulum_hkdf.py [--check | --compare]
"""

import RNS.Cryptography

from harness import Topic, attempt, blob, main, stream

IKM = stream("hkdf/ikm", 32)
SALT = stream("hkdf/salt", 16)


def derive(length, ikm, salt, context):
    return RNS.Cryptography.hkdf(length=length, derive_from=ikm, salt=salt, context=context)


def given(length, ikm, salt, context):
    def text(value):
        return None if value is None else value.hex()

    return {"length": length, "ikm": text(ikm), "salt": text(salt), "context": text(context)}


def case(topic, name, length, ikm=IKM, salt=SALT, context=None, note=None):
    out = derive(length, ikm, salt, context)
    assert len(out) == length
    topic.case(name, given(length, ikm, salt, context), {"key": blob(out)}, note)


def build():
    topic = Topic("reticulum", "hkdf", "rns", "RNS/Cryptography/HKDF.py hkdf", __file__)
    for length in (1, 16, 31, 32, 33, 63, 64, 65, 96, 255, 256, 257, 512, 1000, 4096):
        case(topic, f"length-{length}", length)
    wraps = {
        8159: None,
        8160: "the last length that RFC 5869 allows: block 255",
        8161: "one byte of block 256, whose counter is 0",
        8191: None,
        8192: "block 256 whole",
        8193: "one byte of block 257, whose counter is 1",
        16384: "two turns of the counter",
        16385: None,
        70000: "more than eight turns",
    }
    for length, note in wraps.items():
        case(topic, f"length-{length}", length, note=note)
        case(topic, f"length-{length}-context", length, context=b"context")
    for size in (0, 1, 16, 32, 63, 64, 65, 100):
        note = "an empty salt is 32 zero bytes" if size == 0 else None
        case(topic, f"salt-{size}", 64, salt=stream("hkdf/salts", size), note=note)
    case(topic, "salt-none", 64, salt=None, note="no salt is 32 zero bytes")
    case(topic, "salt-zero-32", 64, salt=bytes(32), note="equal to an empty salt")
    for size in (1, 16, 31, 32, 33, 64, 65, 256, 1000):
        case(topic, f"ikm-{size}", 64, ikm=stream("hkdf/ikms", size))
    case(topic, "ikm-empty", 64, ikm=b"", note="empty bytes are accepted")
    case(topic, "ikm-and-salt-empty", 64, ikm=b"", salt=b"")
    for size in (0, 1, 31, 32, 55, 56, 64, 100):
        case(topic, f"context-{size}", 100, context=stream("hkdf/contexts", size))
    case(topic, "context-none-equals-empty", 100, context=None)
    for length in (0, -1):
        _, raised = attempt(lambda: derive(length, IKM, SALT, None))
        assert raised == "ValueError"
        topic.negative(
            f"neg-length-{length}",
            given(length, IKM, SALT, None),
            "RangeError",
            f"{raised}: no key of that length",
        )
    return topic


if __name__ == "__main__":
    main(build)
