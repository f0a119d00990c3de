"""Vectors of announce data: what routers announce, and what the helpers read from it.

usage: python golden/gen/lxmf_announce_data.py [--check | --compare]

Two files: announce-data.json, and announce-data-node.json with the data that a propagation node
writes, which holds the version of the program.
"""

import LXMF.LXMF as fields
import RNS.vendor.umsgpack as umsgpack

from harness import Topic, attempt, forget, injected, main, router, typed
from messages import RECEIVER

HELPERS = {
    "displayName": fields.display_name_from_app_data,
    "stampCost": fields.stamp_cost_from_app_data,
    "compression": fields.compression_support_from_app_data,
}
NODE_HELPERS = {
    "name": fields.pn_name_from_app_data,
    "stampCost": fields.pn_stamp_cost_from_app_data,
    "valid": fields.pn_announce_data_is_valid,
}


def ask(helpers, data):
    """Every helper's answer; an exception is written {"raises": its name}."""
    out = {}
    for name, helper in helpers.items():
        value, raised = attempt(lambda: helper(data))
        out[name] = typed(value) if raised is None else {"raises": raised}
    return out


def announced(topic):
    """What a router with one delivery identity announces."""
    names = {
        "none": None,
        "empty": "",
        "ascii": "Alice",
        "utf8": "\u00c4lice \u4f60\u597d \U0001f600",
        "spaces": "  padded  ",
        "nul": "a\x00b",
        "long": "n" * 300,
    }
    for label, name in names.items():
        for cost in (None, 0, 1, 16, 127, 128, 254, 255, 300):
            if label not in ("ascii", "none") and cost not in (None, 16):
                continue
            forget()
            made = router("announce/router")
            destination = made.register_delivery_identity(RECEIVER, display_name=name)
            accepted = (
                made.set_inbound_stamp_cost(destination.hash, cost) if cost is not None else True
            )
            data = (
                made.get_announce_app_data(destination.hash) if accepted or cost is None else None
            )
            given = {"op": "make", "displayName": name, "stampCost": cost}
            if data is None:
                topic.negative(
                    f"make-neg-{label}-{cost}",
                    given,
                    "RangeError",
                    "False: a cost above 254 is not set",
                )
                continue
            note = "a cost below 1 means none" if cost == 0 else None
            topic.case(f"make-{label}-{cost}", given, {"appData": data.hex()}, note)
            read(topic, f"made-{label}-{cost}", data)


def read(topic, name, data, note=None):
    out = ask(HELPERS, data)
    given = {"op": "read", "appData": None if data is None else data.hex()}
    raises = [key for key, value in out.items() if "raises" in value]
    if raises:
        said = ", ".join(f"{out[key]['raises']} from {key}" for key in raises)
        topic.negative(
            f"read-neg-{name}",
            given,
            "LXMF_APP_DATA",
            said if note is None else f"{said}: {note}",
            out,
        )
    else:
        topic.case(f"read-{name}", given, out, note)


def readable(topic):
    packed = umsgpack.packb
    read(topic, "nothing", None)
    read(topic, "empty", b"")
    read(topic, "old-name", b"Alice", "before 0.5.0 the data was the name itself")
    read(
        topic,
        "old-utf8",
        "\u00c4lice \U0001f600".encode("utf-8"),
        "before 0.5.0 the data was the name itself",
    )
    read(topic, "old-spaces", b" Alice\x00 ", "old names are not trimmed")
    read(topic, "old-bad-utf8", b"Al\xffce", "an old name that is not UTF-8")
    read(topic, "old-first-byte-8f", b"\x8fAlice", "not the head of an array, and not UTF-8 either")
    for name, value in {
        "0": [],
        "1": [b"Alice"],
        "1-nil": [None],
        "2": [b"Alice", 16],
        "2-nil": [None, None],
        "3": [b"Alice", 16, [0]],
        "3-no-functions": [b"Alice", 16, []],
        "3-other-functions": [b"Alice", 16, [1, 2]],
        "3-more-functions": [b"Alice", 16, [5, 0, 7]],
        "3-false": [b"Alice", 16, [False]],
        "3-float-zero": [b"Alice", 16, [0.0]],
        "3-map": [b"Alice", 16, {0: True}],
        "3-int": [b"Alice", 16, 0],
        "3-nil": [b"Alice", 16, None],
        "4": [b"Alice", 16, [0], "more"],
        "20": [b"Alice", 16, [0]] + [None] * 17,
        "cost-text": [b"Alice", "16", [0]],
        "cost-float": [b"Alice", 16.5, [0]],
        "cost-negative": [b"Alice", -1, [0]],
        "cost-300": [b"Alice", 300, [0]],
        "cost-true": [b"Alice", True, [0]],
        "cost-bytes": [b"Alice", b"\x10", [0]],
        "name-text": ["Alice", 16, [0]],
        "name-int": [5, 16, [0]],
        "name-list": [[b"Alice"], 16, [0]],
        "name-bad-utf8": [b"Al\xffce", 16, [0]],
        "name-empty": [b"", 16, [0]],
        "name-spaces": [b"  Alice \t\n", 16, [0]],
        "name-nul": [b"\x00Al\x00ice\x00", 16, [0]],
        "name-nul-then-space": [b"\x00 Alice \x00", 16, [0]],
        "name-unicode-space": ["\u2003Alice\u00a0\u3000".encode(), 16, [0]],
        "name-zero-width": ["\u200bAlice\ufeff".encode(), 16, [0]],
        "name-control-space": [b"\x1cAlice\x1f\x85".replace(b"\x85", "\u0085".encode()), 16, [0]],
    }.items():
        read(topic, f"list-{name}", packed(value))
    read(topic, "list-array16", b"\xdc\x00\x03" + packed([b"Alice", 16, [0]])[1:])
    read(
        topic,
        "list-array32",
        b"\xdd\x00\x00\x00\x03" + packed([b"Alice", 16, [0]])[1:],
        "dd is not tried as an array",
    )
    read(
        topic,
        "list-trailing",
        packed([b"Alice", 16, [0]]) + b"\xff\xff",
        "further bytes are ignored",
    )
    whole = packed([b"Alice", 16, [0]])
    for length in range(1, len(whole)):
        read(topic, f"list-cut-{length}", whole[:length])
    read(topic, "list-reserved", b"\x93\xc1\xc1\xc1")
    read(topic, "list-text-not-utf8", b"\x93\xa1\xff\x10\x90")
    read(topic, "map", packed({0: b"Alice"}), "a map is taken for an old name")
    read(topic, "one-byte-90", b"\x90")
    read(topic, "one-byte-9f", b"\x9f")
    read(topic, "one-byte-dc", b"\xdc")


NODE = [False, 1700000000, True, 256, 10240, [16, 3, 18], {fields.PN_META_NAME: b"Node"}]


def node(topic, name, data, note=None, quirk=False):
    """A node's data that is not valid counts as a refusal."""
    out = ask(NODE_HELPERS, data)
    given = {"op": "read-node", "appData": None if data is None else data.hex()}
    raises = any("raises" in value for value in out.values())
    if out["valid"] == typed(True) and not raises:
        topic.case(f"{'quirk-node' if quirk else 'node'}-{name}", given, out, note)
    else:
        topic.negative(f"node-neg-{name}", given, "LXMF_APP_DATA", note or "not valid", out)


def nodes(topic):
    def change(index, value):
        return umsgpack.packb([*NODE[:index], value, *NODE[index + 1 :]])

    node(topic, "good", umsgpack.packb(NODE))
    node(topic, "disabled", change(2, False))
    node(topic, "more-elements", umsgpack.packb(NODE + ["more", 1]))
    node(topic, "trailing", umsgpack.packb(NODE) + b"\xff", "further bytes are ignored")
    node(topic, "nothing", None, "no data")
    for length in range(7):
        node(topic, f"elements-{length}", umsgpack.packb(NODE[:length]), f"{length} elements")
    node(topic, "empty", b"", "no data")
    good = umsgpack.packb(NODE)
    for length in (1, 5, 9, 15, len(good) - 1):
        node(topic, f"cut-{length}", good[:length], "ends within")
    odd = {
        "nil": None,
        "text": "5",
        "text-word": "five",
        "float": 5.7,
        "float-nan": float("nan"),
        "float-inf": float("inf"),
        "bytes": b"5",
        "bytes-word": b"five",
        "list": [5],
        "map": {},
        "true": True,
        "negative": -5,
    }
    for place, index in {"timebase": 1, "transfer-limit": 3, "sync-limit": 4}.items():
        for kind, value in odd.items():
            quirk = isinstance(value, (str, bytes))
            note = (
                "read with int(), which also reads digits in text" if quirk else "read with int()"
            )
            node(topic, f"{place}-{kind}", change(index, value), note, quirk)
    for kind, value in {
        "nil": None,
        "zero": 0,
        "one": 1,
        "two": 2,
        "float-one": 1.0,
        "text": "yes",
        "list": [],
    }.items():
        node(topic, f"state-{kind}", change(2, value), "compared with == to True and False")
    for kind, value in odd.items():
        for index, place in enumerate(("cost", "flexibility", "peering-cost")):
            costs = [*NODE[5][:index], value, *NODE[5][index + 1 :]]
            quirk = isinstance(value, (str, bytes))
            note = "read with int(), but given as it is"
            node(topic, f"{place}-{kind}", change(5, costs), note, quirk)
    for kind, value in {
        "nil": None,
        "int": 16,
        "empty": [],
        "one": [16],
        "two": [16, 3],
        "four": [16, 3, 18, 1],
        "map": {0: 16, 1: 3, 2: 18},
        "bytes": b"\x10\x03\x12",
        "text": "abc",
    }.items():
        node(topic, f"costs-{kind}", change(5, value), "a list of at least three")
    for kind, value in {
        "nil": None,
        "empty": {},
        "list": [],
        "bytes": b"",
        "other": {5: b"x"},
        "name-text": {1: "Node"},
        "name-nil": {1: None},
        "name-int": {1: 5},
        "name-bad-utf8": {1: b"\xff"},
        "name-empty": {1: b""},
        "name-spaces": {1: b" Node \x00"},
        "name-float-key": {1.0: b"Node"},
        "name-true-key": {True: b"Node"},
        "name-text-key": {"1": b"Node"},
    }.items():
        node(topic, f"metadata-{kind}", change(6, value), "a map; the name is under 1")
    for kind, value in {"nil": None, "true": True, "text": "x", "int": 5}.items():
        node(topic, f"legacy-{kind}", change(0, value), "the first element is not looked at")
    for kind, value in {
        "map": {n: NODE[n] for n in range(7)},
        "text": "seven..",
        "bytes": b"seven..",
        "int": 7,
        "nil": None,
        "map-7-other": {str(n): n for n in range(7)},
    }.items():
        data = umsgpack.packb(value)
        if kind == "map":
            out = ask(NODE_HELPERS, data)
            note = "a map with the keys 0..6 is indexed as if it were a list"
            topic.case("quirk-node-is-map", {"op": "read-node", "appData": data.hex()}, out, note)
        else:
            node(topic, f"is-{kind}", data, "not a list")
    node(topic, "array16", b"\xdc\x00\x07" + good[1:])
    node(
        topic,
        "delivery-data",
        umsgpack.packb([b"Alice", 16, [0]]),
        "data of a delivery destination",
    )
    node(topic, "old-format", umsgpack.packb([True, 1700000000, 256]), "data of an older version")


def node_made(topic):
    settings = {
        "default": {},
        "name": {"name": "Node \u00e9"},
        "name-empty": {"name": ""},
        "costs": {"propagation_cost": 20, "propagation_cost_flexibility": 0, "peering_cost": 26},
        "cost-low": {"propagation_cost": 5},
        "limits": {"propagation_limit": 1000, "sync_limit": 5000},
        "limits-float": {"propagation_limit": 256.5, "sync_limit": 300.25},
        "sync-below-transfer": {"propagation_limit": 1000, "sync_limit": 10},
        "static-only": {"from_static_only": True},
    }
    for name, options in settings.items():
        for enabled in (False, True):
            forget()
            made = router("announce/node", **options)
            made.propagation_node = enabled
            with injected("announce/node", now=1700000000.9):
                data = made.get_propagation_node_app_data()
            given = {"op": "make-node", "enabled": enabled, "now": typed(1700000000.9)}
            given["options"] = {key: typed(value) for key, value in options.items()}
            out = {
                "appData": data.hex(),
                "value": typed(umsgpack.unpackb(data)),
                **ask(NODE_HELPERS, data),
            }
            topic.case(
                f"make-{name}-{'enabled' if enabled else 'disabled'}",
                given,
                out,
                "the time is cut to whole seconds",
            )
    cut = data[:-1]
    topic.negative(
        "read-neg-cut",
        {"op": "read-node", "appData": cut.hex()},
        "LXMF_APP_DATA",
        "not valid",
        ask(NODE_HELPERS, cut),
    )


def build():
    symbol = "LXMF/LXMF.py display_name_from_app_data and others, LXMF/LXMRouter.py get_announce_app_data"
    topic = Topic("lxmf", "announce-data", "lxmf", symbol, __file__)
    announced(topic)
    readable(topic)
    nodes(topic)
    return topic


def build_node():
    symbol = "LXMF/LXMRouter.py LXMRouter.get_propagation_node_app_data"
    topic = Topic("lxmf", "announce-data-node", "lxmf", symbol, __file__, also=False)
    node_made(topic)
    return topic


if __name__ == "__main__":
    main(build, build_node)
