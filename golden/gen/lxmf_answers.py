"""What a propagation node answers, for golden/lxmf/sync.json; lxmf_sync.py runs these cases."""

import os

import RNS.vendor.umsgpack as umsgpack
from LXMF.LXMPeer import LXMPeer

from harness import NOW, RNS, attempt, blob, forget, identity, injected, router, stream
from lxmf_stamp import search
from messages import delivery

CLIENT, OTHER = identity("sync/client"), identity("sync/other")
IDS = [stream(f"sync/id/{number}", 32) for number in range(6)]


def stored(node, number, size, owner, value=14):
    """Put a message into a node's store."""
    folder = os.path.join(node.storagepath, "messages")
    os.makedirs(folder, exist_ok=True)
    data = delivery(owner).hash + stream(f"sync/stored/{number}", size - 16)
    whole = data + stream(f"sync/stamp/{number}", 32)
    transient_id = RNS.Identity.full_hash(data)
    path = os.path.join(folder, f"{transient_id.hex()}_{NOW}_{value}")
    with open(path, "wb") as file:
        file.write(whole)
    node.propagation_entries[transient_id] = [
        delivery(owner).hash,
        path,
        NOW,
        len(whole),
        [],
        [],
        value,
    ]
    return transient_id, data


def answers(topic):
    """message_get_request on a node that holds some messages."""
    forget()
    sizes = [(0, 300, CLIENT), (1, 150, CLIENT), (2, 5000, CLIENT), (3, 200, OTHER)]

    def fresh():
        forget()
        node = router("sync/node")
        return node, [stored(node, number, size, owner) for number, size, owner in sizes]

    node, held = fresh()
    ids = [transient_id for transient_id, _ in held]
    store = [
        {"data": data.hex(), "owner": owner.hash.hex()}
        for (_, data), (_, _, owner) in zip(held, sizes)
    ]
    asks = {
        "list": [None, None],
        "want-one": [[ids[0]], [], 1000],
        "want-order": [[ids[2], ids[0], ids[1]], [], 1000],
        "want-of-another": [[ids[3], ids[0]], [], 1000],
        "want-unknown": [[IDS[0]], [], 1000],
        "want-nothing": [[], [], 1000],
        "no-limit": [[ids[2], ids[1]], []],
        "limit-small": [ids[:3], [], 1],
        "limit-exact": [[ids[1]], [], 0.222],
        "limit-below": [[ids[1]], [], 0.221],
        "limit-nil": [[ids[1]], [], None],
        "have": [None, [ids[0], ids[1]]],
        "have-of-another": [None, [ids[3]]],
        "have-and-want": [[ids[1]], [ids[0]], 1000],
        "have-then-want-same": [[ids[0]], [ids[0]], 1000],
    }
    for name, data in asks.items():
        node, _ = fresh()
        with injected("sync/answer"):
            answer = node.message_get_request("/get", data, b"", CLIENT, NOW)
        given = {
            "op": "answer-get",
            "identity": CLIENT.hash.hex(),
            "store": store,
            "data": umsgpack.packb(data).hex(),
        }
        left = [
            transient_id.hex() for transient_id in ids if transient_id in node.propagation_entries
        ]
        out = {"response": blob(umsgpack.packb(answer)), "left": left}
        topic.case(f"answer-{name}", given, out)
    node, _ = fresh()
    assert (
        node.message_get_request("/get", [None, None], b"", None, NOW) == LXMPeer.ERROR_NO_IDENTITY
    )
    given = {
        "op": "answer-get",
        "identity": None,
        "store": [],
        "data": umsgpack.packb([None, None]).hex(),
    }
    topic.negative(
        "answer-neg-no-identity",
        given,
        "LXMF_PROPAGATION",
        "f0: not identified",
        {"response": "ccf0"},
    )
    node.set_authentication(True)
    assert (
        node.message_get_request("/get", [None, None], b"", CLIENT, NOW) == LXMPeer.ERROR_NO_ACCESS
    )
    given = {
        "op": "answer-get",
        "identity": CLIENT.hash.hex(),
        "authenticationRequired": True,
        "store": [],
        "data": umsgpack.packb([None, None]).hex(),
    }
    topic.negative(
        "answer-neg-no-access",
        given,
        "LXMF_PROPAGATION",
        "f1: not on the list of those allowed",
        {"response": "ccf1"},
    )
    for name, data in {
        "nil": None,
        "int": 5,
        "empty": [],
        "one": [None],
        "text-ids": ["abc", None, 5],
        "int-ids": [5, None, 5],
    }.items():
        node, _ = fresh()
        with injected("sync/answer"):
            answer, raised = attempt(
                lambda: node.message_get_request("/get", data, b"", CLIENT, NOW)
            )
        assert raised is None
        given = {
            "op": "answer-get",
            "identity": CLIENT.hash.hex(),
            "store": [],
            "data": umsgpack.packb(data).hex(),
        }
        if answer is None:
            topic.negative(
                f"answer-neg-{name}", given, "LXMF_PROPAGATION", "None, so no response is sent"
            )
        else:
            topic.case(
                f"answer-odd-{name}", given, {"response": umsgpack.packb(answer).hex(), "left": []}
            )


def offer_answers(topic):
    forget()
    node = router("sync/receiving", peering_cost=8)
    held = [stored(node, number, 200, CLIENT)[0] for number in range(2)]
    key, _ = search(node.identity.hash + OTHER.hash, 25, 8)
    wrong, _ = search(OTHER.hash + node.identity.hash, 25, 8, stream("sync/wrong", 24))
    shared = {
        "op": "answer-offer",
        "nodeIdentity": node.identity.hash.hex(),
        "peerIdentity": OTHER.hash.hex(),
        "peeringCost": 8,
        "held": [item.hex() for item in held],
    }
    cases = {
        "wants-all": [key, IDS[:2]],
        "wants-none": [key, held],
        "wants-some": [key, [held[0], IDS[0], held[1], IDS[1]]],
        "empty": [key, []],
        "more-elements": [key, IDS[:1], "more"],
    }
    for name, data in cases.items():
        with injected("sync/offered"):
            answer = node.offer_request("/offer", data, b"", bytes(16), OTHER, NOW)
        out = {"response": umsgpack.packb(answer).hex()}
        topic.case(
            f"answer-offer-{name}",
            {**shared, "data": umsgpack.packb(data).hex()},
            out,
            "True: all, False: none, else the list of wanted ids",
        )
    refusals = {
        "wrong-key": ([wrong, IDS[:1]], "f3: a key for the other direction"),
        "zero-key": ([bytes(32), IDS[:1]], "f3: no proof of work"),
        "short": ("x", "f4: less than two elements"),
        "text-key": (["key", IDS[:1]], "None, so no response is sent"),
        "ids-int": ([key, 5], "None, so no response is sent"),
        "one-element": ([key], "None, so no response is sent"),
        "nil": (None, "None, so no response is sent"),
    }
    for name, (data, note) in refusals.items():
        with injected("sync/offered"):
            answer = node.offer_request("/offer", data, b"", bytes(16), OTHER, NOW)
        given = {**shared, "data": umsgpack.packb(data).hex()}
        out = {"response": None if answer is None else umsgpack.packb(answer).hex()}
        assert (answer is None) == note.startswith("None"), (name, answer)
        topic.negative(f"answer-offer-neg-{name}", given, "LXMF_PROPAGATION", note, out)
    assert (
        node.offer_request("/offer", [key, []], b"", bytes(16), None, NOW)
        == LXMPeer.ERROR_NO_IDENTITY
    )
    given = {**shared, "peerIdentity": None, "data": umsgpack.packb([key, []]).hex()}
    topic.negative(
        "answer-offer-neg-no-identity",
        given,
        "LXMF_PROPAGATION",
        "f0: not identified",
        {"response": "ccf0"},
    )


def add_cases(topic):
    answers(topic)
    offer_answers(topic)
