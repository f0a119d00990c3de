"""Vectors of ratchet rotation: which ratchets a destination holds at which time.

usage: python golden/gen/reticulum_ratchets.py [--check | --compare]
"""

import os

from harness import RNS, STORAGE, Topic, attempt, forget, identity, injected, main, stream

D = RNS.Destination
PATH = os.path.join(STORAGE, "rotating")
START = 1700000000


def enabled(retained=None, interval=None):
    forget()
    if os.path.exists(PATH):
        os.unlink(PATH)
    destination = D(identity("ratchets/owner"), D.IN, D.SINGLE, "lxmf", "delivery")
    with injected("ratchets/enable"):
        destination.enable_ratchets(PATH)
    if retained is not None:
        assert destination.set_retained_ratchets(retained)
    if interval is not None:
        assert destination.set_ratchet_interval(interval)
    return destination


def rotate(topic, name, destination, delays, note):
    given, out = [], []
    for after in delays:
        with injected(f"ratchets/{name}/{after}", now=float(START + after)) as draws:
            destination.rotate_ratchets()
        given.append({"now": START + after, "draws": draws.hex})
        out.append([item.hex()[:16] for item in destination.ratchets])
    options = {
        "op": "rotate",
        "intervalSeconds": destination.ratchet_interval,
        "retained": destination.retained_ratchets,
        "steps": given,
    }
    topic.case(name, options, {"firstBytesOfRatchets": out}, note)


def build():
    symbol = "RNS/Destination.py Destination.rotate_ratchets, set_retained_ratchets"
    topic = Topic("reticulum", "ratchet-rotation", "rns", symbol, __file__, also=False)
    delays = (0, 1, 1799, 1800, 1800.5, 3600, 3601, 10000, 20000)
    note = "a new ratchet only when more than the interval has passed; the newest is first"
    rotate(topic, "default-interval", enabled(), delays, note)
    note = "the oldest beyond the retained number are dropped"
    rotate(topic, "retained-3", enabled(retained=3), (0, 2000, 4000, 6000, 8000, 10000), note)
    rotate(topic, "interval-60", enabled(interval=60), (0, 60, 61, 121, 122), "a shorter interval")
    destination = enabled()
    destination.ratchets = [stream(f"ratchets/full/{n}", 32) for n in range(D.RATCHET_COUNT)]
    with injected("ratchets/full", now=float(START)) as draws:
        destination.rotate_ratchets()
    given = {"op": "rotate-full", "before": D.RATCHET_COUNT, "now": START, "draws": draws.hex}
    out = {
        "after": len(destination.ratchets),
        "first": destination.ratchets[0].hex(),
        "oldestDropped": True,
    }
    assert stream(f"ratchets/full/{D.RATCHET_COUNT - 1}", 32) not in destination.ratchets
    topic.case("default-retained", given, out, "512 are kept")
    for value in (0, -1):
        assert destination.set_retained_ratchets(value) is False
        topic.negative(
            f"neg-retained-{value}",
            {"op": "set-retained", "value": value},
            "RangeError",
            "False: not set",
        )
        assert destination.set_ratchet_interval(value) is False
        topic.negative(
            f"neg-interval-{value}",
            {"op": "set-interval", "value": value},
            "RangeError",
            "False: not set",
        )
    forget()
    _, raised = attempt(
        D(identity("ratchets/owner"), D.IN, D.SINGLE, "lxmf", "delivery").rotate_ratchets
    )
    topic.negative(
        "neg-not-enabled",
        {"op": "rotate-not-enabled"},
        "RangeError",
        f"{raised}: ratchets are not enabled",
    )
    return topic


if __name__ == "__main__":
    main(build)
