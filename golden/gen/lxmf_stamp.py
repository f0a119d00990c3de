"""Vectors of stamps: workblocks, values, validity, propagation stamps and peering keys.

usage: python golden/gen/lxmf_stamp.py [--check | --compare]

The stamps are found by counting, so that they come out the same; the reference then judges them.
"""

import functools
import hashlib
import itertools
import time

import LXMF.LXStamper as stamper

from harness import RNS, Topic, attempt, injected, main, stream

ROUNDS = {
    "message": stamper.WORKBLOCK_EXPAND_ROUNDS,
    "propagation": stamper.WORKBLOCK_EXPAND_ROUNDS_PN,
    "peering": stamper.WORKBLOCK_EXPAND_ROUNDS_PEERING,
}


@functools.lru_cache(maxsize=64)
def workblock(material, rounds):
    return stamper.stamp_workblock(material, expand_rounds=rounds)


def search(material, rounds, cost, prefix=b""):
    """The first stamp of a count that is worth `cost` exactly or more, and its value."""
    block = workblock(material, rounds)
    state = hashlib.sha256(block)
    head = (prefix or hashlib.sha256(material).digest())[:24]
    number = 0
    while True:
        stamp = head + number.to_bytes(8, "big")
        trial = state.copy()
        trial.update(stamp)
        if int.from_bytes(trial.digest(), "big") >> (256 - cost) == 0:
            assert stamper.stamp_valid(stamp, cost, block)
            return stamp, stamper.stamp_value(block, stamp)
        number += 1


def exact(material, rounds, cost):
    """The first stamp of a count whose value is `cost` and not more."""
    block = workblock(material, rounds)
    number = 0
    while True:
        stamp, value = search(
            material, rounds, cost, hashlib.sha256(material + bytes([number])).digest()
        )
        if value == cost:
            return stamp, block
        number += 1


def blocks(topic):
    materials = {
        "hash": stream("stamp/message", 32),
        "zero": bytes(32),
        "empty": b"",
        "identity": stream("stamp/half", 16),
        "peering": stream("stamp/peering", 32),
        "long": stream("stamp/long", 200),
    }
    for name, material in materials.items():
        for rounds in (3000, 1000, 257, 256, 129, 128, 25, 20, 2, 1, 0):
            if rounds > 300 and name in ("empty", "identity", "long"):
                continue
            block = workblock(material, rounds)
            out = {
                "length": len(block),
                "sha256": hashlib.sha256(block).hexdigest(),
                "first": block[:16].hex(),
                "last": block[-16:].hex(),
            }
            given = {"op": "workblock", "material": material.hex(), "rounds": rounds}
            topic.case(f"workblock-{name}-{rounds}", given, out)


def values(topic):
    for kind, rounds in ROUNDS.items():
        material = stream(f"stamp/value/{kind}", 32)
        block = workblock(material, rounds)
        for cost in range(1, 13):
            stamp, value = search(material, rounds, cost)
            digest = RNS.Identity.full_hash(block + stamp)
            given = {
                "op": "value",
                "material": material.hex(),
                "rounds": rounds,
                "stamp": stamp.hex(),
            }
            topic.case(f"value-{kind}-{cost}", given, {"value": value, "digest": digest.hex()})
        for size in (0, 1, 16, 31, 33, 55, 56, 64, 100):
            stamp = stream(f"stamp/odd/{kind}", size)
            given = {
                "op": "value",
                "material": material.hex(),
                "rounds": rounds,
                "stamp": stamp.hex(),
            }
            out = {
                "value": stamper.stamp_value(block, stamp),
                "digest": RNS.Identity.full_hash(block + stamp).hex(),
            }
            topic.case(
                f"value-{kind}-length-{size}", given, out, "the length of a stamp is not checked"
            )


def validity(topic):
    for kind, rounds in ROUNDS.items():
        material = stream(f"stamp/valid/{kind}", 32)
        for cost in (1, 2, 5, 8, 11):
            stamp, block = exact(material, rounds, cost)
            for target in sorted({0, cost - 1, cost, cost + 1, 255, 256}):
                given = {
                    "op": "valid",
                    "material": material.hex(),
                    "rounds": rounds,
                    "stamp": stamp.hex(),
                    "cost": target,
                }
                out = {"valid": stamper.stamp_valid(stamp, target, block)}
                topic.case(f"valid-{kind}-worth-{cost}-target-{target}", given, out)
    material = stream("stamp/valid/peering", 32)
    block = workblock(material, 25)
    for target in (257, 300):
        _, raised = attempt(lambda: stamper.stamp_valid(bytes(32), target, block))
        given = {
            "op": "valid",
            "material": material.hex(),
            "rounds": 25,
            "stamp": bytes(32).hex(),
            "cost": target,
        }
        topic.negative(
            f"valid-neg-target-{target}", given, "RangeError", f"{raised}: no such target"
        )


def propagation(topic):
    """validate_pn_stamp: LXMF data followed by a stamp over its hash."""
    for size in (113, 144, 200, 500):
        data = stream(f"stamp/pn/{size}", size)
        transient_id = RNS.Identity.full_hash(data)
        stamp, block = exact(transient_id, 1000, 9)
        whole = data + stamp
        for cost in (0, 8, 9, 10):
            judge_propagation(topic, f"{size}-cost-{cost}", whole, cost)
    data = stream("stamp/pn/200", 200)
    stamp, _ = exact(RNS.Identity.full_hash(data), 1000, 9)
    flipped = bytes([data[0] ^ 1]) + data[1:]
    judge_propagation(topic, "other-data", flipped + stamp, 9, "the stamp is for other data")
    judge_propagation(
        topic, "missing-stamp", data, 9, "the last 32 bytes of the data are taken as the stamp"
    )
    judge_propagation(topic, "zero-stamp", data + bytes(32), 9)
    judge_propagation(topic, "stamp-twice", data + stamp + stamp, 9)
    for size in (0, 1, 32, 112, 143, 144):
        whole = stream("stamp/pn/short", size)
        result = stamper.validate_pn_stamp(whole, 0)
        assert result == (None, None, None, None)
        given = {"op": "validate-propagation", "data": whole.hex(), "cost": 0}
        topic.negative(
            f"propagation-neg-{size}",
            given,
            "LXMF_STAMP",
            f"None: {size} bytes cannot hold a message and a stamp",
        )
    judge_propagation(topic, "smallest", stream("stamp/pn/smallest", 145), 0)


def judge_propagation(topic, name, whole, cost, note=None):
    transient_id, data, value, stamp = stamper.validate_pn_stamp(whole, cost)
    given = {"op": "validate-propagation", "data": whole.hex(), "cost": cost}
    if transient_id is None:
        refused = note or "the stamp is worth less"
        topic.negative(f"propagation-neg-{name}", given, "LXMF_STAMP", f"None: {refused}")
        return
    out = {
        "transientId": transient_id.hex(),
        "length": len(data),
        "value": value,
        "stamp": stamp.hex(),
    }
    topic.case(f"propagation-{name}", given, out, note)


def peering(topic):
    receiver, sender = stream("stamp/receiver", 16), stream("stamp/sender", 16)
    key, _ = exact(receiver + sender, 25, 10)
    cases = {
        "equal": (receiver + sender, key, 10, None),
        "below": (receiver + sender, key, 9, None),
        "above": (receiver + sender, key, 11, None),
        "swapped": (sender + receiver, key, 10, "the identity of the receiving node comes first"),
        "zero-cost": (receiver + sender, bytes(32), 0, None),
        "zero-key": (receiver + sender, bytes(32), 10, None),
    }
    for size in (0, 16, 31, 33):
        odd = stream("stamp/odd-key", size)
        cases[f"length-{size}"] = (receiver + sender, odd, 0, "lengths are not checked")
        cases[f"length-{size}-cost-10"] = (receiver + sender, odd, 10, None)
    for name, (material, proof, cost, note) in cases.items():
        given = {
            "op": "validate-peering",
            "material": material.hex(),
            "key": proof.hex(),
            "cost": cost,
        }
        out = {"valid": stamper.validate_peering_key(material, proof, cost)}
        topic.case(f"peering-{name}", given, out, note)


def generation(topic):
    """The reference's own search on one core, fed with draws; the first that fits is taken."""
    material = stream("stamp/generate", 32)
    kept = stamper.job_linux
    stamper.job_linux = stamper.job_simple
    try:
        for cost, rounds in ((1, 25), (4, 25), (5, 1000), (3, 3000)):
            with injected(f"stamp/generate/{cost}") as draws:
                # the search divides by the time it took, which a still clock would make zero
                tick = itertools.count(1700000000)
                time.time = lambda: next(tick)
                stamp, value = stamper.generate_stamp(material, cost, expand_rounds=rounds)
            given = {
                "op": "generate",
                "material": material.hex(),
                "cost": cost,
                "rounds": rounds,
                "draws": draws.hex,
            }
            out = {"stamp": stamp.hex(), "value": value}
            topic.case(
                f"generate-{cost}-{rounds}", given, out, "random stamps of 32 bytes until one fits"
            )
    finally:
        stamper.job_linux = kept


def build():
    topic = Topic("lxmf", "stamp", "lxmf", "LXMF/LXStamper.py", __file__)
    blocks(topic)
    values(topic)
    validity(topic)
    propagation(topic)
    peering(topic)
    generation(topic)
    return topic


if __name__ == "__main__":
    main(build)
