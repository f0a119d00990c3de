"""Every public constant of LXMF, read from the running modules.

usage: python golden/gen/lxmf_constants.py [--check | --compare]
"""

import LXMF.LXMF as fields
from LXMF.LXMPeer import LXMPeer
from LXMF.LXMRouter import LXMRouter
import LXMF.LXStamper as stamper

from harness import LXMF, RNS, Topic, main, typed

SCALARS = (bool, int, float, str, bytes)
RETICULUM = {
    "Reticulum": (
        RNS.Reticulum,
        ("MTU", "MDU", "HEADER_MINSIZE", "HEADER_MAXSIZE", "IFAC_MIN_SIZE", "TRUNCATED_HASHLENGTH"),
    ),
    "Identity": (
        RNS.Identity,
        (
            "KEYSIZE",
            "RATCHETSIZE",
            "RATCHET_EXPIRY",
            "TOKEN_OVERHEAD",
            "HASHLENGTH",
            "SIGLENGTH",
            "NAME_HASH_LENGTH",
            "TRUNCATED_HASHLENGTH",
            "DERIVED_KEY_LENGTH",
        ),
    ),
    "Destination": (
        RNS.Destination,
        (
            "SINGLE",
            "GROUP",
            "PLAIN",
            "LINK",
            "PROVE_NONE",
            "PROVE_APP",
            "PROVE_ALL",
            "ALLOW_NONE",
            "ALLOW_ALL",
            "ALLOW_LIST",
            "IN",
            "OUT",
            "RATCHET_COUNT",
            "RATCHET_INTERVAL",
            "PR_TAG_WINDOW",
        ),
    ),
    "Packet": (
        RNS.Packet,
        (
            "DATA",
            "ANNOUNCE",
            "LINKREQUEST",
            "PROOF",
            "HEADER_1",
            "HEADER_2",
            "MDU",
            "ENCRYPTED_MDU",
            "PLAIN_MDU",
        ),
    ),
    "Link": (RNS.Link, ("MDU",)),
}


def constants(holder):
    """Upper-case names that hold a plain value, in the order of their names."""
    names = (name for name in sorted(vars(holder)) if name.isupper() and not name.startswith("_"))
    return {
        name: getattr(holder, name) for name in names if isinstance(getattr(holder, name), SCALARS)
    }


def group(topic, name, found, note=None):
    assert found, name
    given = {"op": "constants", "of": name, "names": list(found)}
    topic.case(name, given, {key: typed(value) for key, value in found.items()}, note)


def build():
    symbol = "LXMF/LXMF.py, LXMessage.py, LXStamper.py, LXMPeer.py, LXMRouter.py: upper-case names"
    topic = Topic("lxmf", "constants", "lxmf", symbol, __file__, also=False)
    everything = constants(fields)
    prefixes = sorted({name.split("_")[0] for name in everything})
    for prefix in prefixes:
        found = {name: value for name, value in everything.items() if name.split("_")[0] == prefix}
        group(topic, f"LXMF.{prefix}", found)
    group(topic, "LXMessage", constants(LXMF.LXMessage))
    group(
        topic,
        "LXStamper",
        {k: v for k, v in constants(stamper).items() if k != "USE_WORKER_MANAGER"},
    )
    group(topic, "LXMPeer", constants(LXMPeer))
    group(topic, "LXMRouter", constants(LXMRouter))
    for name, (holder, names) in RETICULUM.items():
        group(
            topic,
            f"RNS.{name}",
            {key: getattr(holder, key) for key in sorted(names)},
            "of Reticulum, beside it",
        )
    missing = "FIELD_NOT_ALLOCATED"
    assert not hasattr(fields, missing)
    topic.negative(
        "neg-unknown",
        {"op": "constants", "of": "LXMF.FIELD", "names": [missing]},
        "RangeError",
        "AttributeError: no such name",
    )
    return topic


if __name__ == "__main__":
    main(build)
