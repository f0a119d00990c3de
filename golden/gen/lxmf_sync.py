"""Vectors of what clients and nodes ask of propagation nodes, and of the answers.

usage: python golden/gen/lxmf_sync.py [--check | --compare]

The requests go through the real RNS.Link.request up to the packet, which is caught instead of sent.
"""

import functools
import os
import types

import RNS.vendor.umsgpack as umsgpack
from LXMF.LXMPeer import LXMPeer

from harness import (
    LXMF,
    NOW,
    RNS,
    Topic,
    attempt,
    blob,
    forget,
    identity,
    injected,
    main,
    router,
    stream,
    typed,
)
from lxmf_stamp import search
from messages import delivery

CLIENT, OTHER, NODE = identity("sync/client"), identity("sync/other"), identity("sync/node")
IDS = [stream(f"sync/id/{number}", 32) for number in range(6)]


class Wire:
    """An established link as far as a request needs one; it keeps what would be sent."""

    def __init__(self):
        self.type, self.status, self.mtu, self.mdu = (
            RNS.Destination.LINK,
            RNS.Link.ACTIVE,
            500,
            10**9,
        )
        self.rtt, self.traffic_timeout_factor, self.hash = 0.1, 6, bytes(16)
        self.sent, self.identified, self.down = [], [], 0
        self.request = functools.partial(RNS.Link.request, self)

    def identify(self, who):
        self.identified.append(who.hash)

    def teardown(self):
        self.down += 1


def caught(link, call, now=NOW):
    """Run `call` and return the request data it would have sent over `link`."""
    kept, packets = RNS.Packet.send, []

    def send(packet):
        packets.append(packet)
        return False

    RNS.Packet.send = send
    try:
        with injected("sync/request", now=now):
            call()
    finally:
        RNS.Packet.send = kept
    assert all(packet.context == RNS.Packet.REQUEST for packet in packets)
    return [packet.data for packet in packets]


def shown(packed):
    time, path, data = umsgpack.unpackb(packed)
    return {"request": packed.hex(), "pathHash": path.hex(), "data": umsgpack.packb(data).hex()}


def paths(topic):
    for name, path in {
        "offer": LXMPeer.OFFER_REQUEST_PATH,
        "get": LXMPeer.MESSAGE_GET_PATH,
    }.items():
        out = {"pathHash": RNS.Identity.truncated_hash(path.encode()).hex()}
        topic.case(f"path-{name}", {"op": "path", "path": path}, out)
    names = (
        "NO_IDENTITY",
        "NO_ACCESS",
        "INVALID_KEY",
        "INVALID_DATA",
        "INVALID_STAMP",
        "THROTTLED",
        "NOT_FOUND",
        "TIMEOUT",
    )
    codes = {name: getattr(LXMPeer, f"ERROR_{name}") for name in names}
    out = {
        name: {"value": code, "packed": umsgpack.packb(code).hex()} for name, code in codes.items()
    }
    topic.case("error-codes", {"op": "errors"}, out, "a response is one of these integers, packed")
    signal = umsgpack.packb([LXMPeer.ERROR_INVALID_STAMP])
    topic.case(
        "stamp-rejection",
        {"op": "rejection"},
        {"packet": signal.hex()},
        "sent over the link before it closes, when an uploaded stamp is refused",
    )


def client_router(**options):
    forget()
    made = router("sync/client", **options)
    made.outbound_propagation_link = Wire()
    made.outbound_propagation_node = stream("sync/node-hash", 16)
    return made


def list_request(topic):
    for now in (NOW, 1700000000.0):
        client = client_router()
        link = client.outbound_propagation_link
        sent = caught(link, lambda: client.request_messages_from_propagation_node(CLIENT), now)
        assert link.identified == [CLIENT.hash] and len(sent) == 1
        note = "identify, then ask with nil and nil; the time is a float64"
        topic.case(
            f"list-request-{now}", {"op": "list-request", "now": typed(now)}, shown(sent[0]), note
        )


def get_requests(topic):
    cases = {
        "all": ({}, 0, IDS[:3], [], False, 1000),
        "some-held": ({}, 0, IDS[:4], [IDS[1], IDS[3]], False, 1000),
        "all-held": ({}, 0, IDS[:2], IDS[:2], False, 1000),
        "held-retained": ({}, 0, IDS[:4], [IDS[1], IDS[3]], True, 1000),
        "at-most-two": ({}, 2, IDS, [IDS[0]], False, 1000),
        "limit-256": ({"delivery_limit": 256}, 0, IDS[:1], [], False, 256),
        "limit-float": ({"delivery_limit": 0.5}, 0, IDS[:1], [], False, 0.5),
    }
    for name, (options, most, offered, held, retain, limit) in cases.items():
        client = client_router(**options)
        client.propagation_transfer_max_messages = most
        client.set_retain_node_lxms(retain)
        client.locally_delivered_transient_ids = {item: NOW for item in held}
        link = client.outbound_propagation_link
        receipt = types.SimpleNamespace(response=offered, link=link)
        sent = caught(link, lambda: client.message_list_response(receipt))
        given = {
            "op": "get-request",
            "now": typed(NOW),
            "listed": [item.hex() for item in offered],
            "held": [item.hex() for item in held],
            "retain": retain,
            "maxMessages": most,
            "limitKilobytes": typed(limit),
        }
        topic.case(
            f"get-request-{name}",
            given,
            shown(sent[0]),
            "wanted ids, held ids, the limit in kilobytes",
        )
    for name, response in {"nil": None, "int": 5, "text": "ids", "false": False}.items():
        client = client_router()
        link = client.outbound_propagation_link
        sent = caught(
            link,
            lambda: client.message_list_response(
                types.SimpleNamespace(response=response, link=link)
            ),
        )
        assert not sent and link.down == 1
        given = {"op": "get-request", "response": umsgpack.packb(response).hex()}
        topic.negative(
            f"list-response-neg-{name}",
            given,
            "LXMF_PROPAGATION",
            "the link is closed: no list of ids",
        )
    client = client_router()
    link = client.outbound_propagation_link
    sent = caught(
        link, lambda: client.message_list_response(types.SimpleNamespace(response=[], link=link))
    )
    assert not sent and client.propagation_transfer_state == LXMF.LXMRouter.PR_COMPLETE
    given = {"op": "get-request", "response": umsgpack.packb([]).hex()}
    topic.case(
        "list-response-empty",
        given,
        {"request": None, "state": client.propagation_transfer_state},
        "complete, nothing to ask for",
    )


def acknowledgements(topic):
    client = client_router()
    link = client.outbound_propagation_link
    messages = [stream(f"sync/message/{number}", 150) for number in range(2)]
    sent = caught(
        link,
        lambda: client.message_get_response(types.SimpleNamespace(response=messages, link=link)),
    )
    given = {"op": "acknowledge", "now": typed(NOW), "response": umsgpack.packb(messages).hex()}
    topic.case(
        "acknowledge",
        given,
        shown(sent[0]),
        "nil, then the hashes of what was received, which the node then deletes",
    )
    for state in ("NO_IDENTITY", "NO_ACCESS"):
        code = getattr(LXMPeer, f"ERROR_{state}")
        for name, step in (
            ("list", client.message_list_response),
            ("get", client.message_get_response),
        ):
            link = client.outbound_propagation_link = Wire()
            sent = caught(link, lambda: step(types.SimpleNamespace(response=code, link=link)))
            assert not sent and link.down == 1
            given = {"op": f"{name}-response", "response": umsgpack.packb(code).hex()}
            out = {"state": client.propagation_transfer_state}
            note = f"{state}: the link is closed"
            topic.negative(
                f"{name}-response-neg-{state.lower()}", given, "LXMF_PROPAGATION", note, out
            )


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


def peer_of(node, cost, messages, limits=(256, 10240), flexibility=3):
    """A peer of `node` with a mined peering key and unhandled messages, its link ready."""
    destination = RNS.Destination(
        OTHER, RNS.Destination.OUT, RNS.Destination.SINGLE, "lxmf", "propagation"
    )
    RNS.Identity.remember(bytes(32), destination.hash, OTHER.get_public_key(), None)
    RNS.Reticulum.get_instance = staticmethod(
        lambda: types.SimpleNamespace(_used_destination_data=lambda known: None)
    )
    peer = LXMPeer(node, destination.hash)
    key, value = search(OTHER.hash + node.identity.hash, 25, cost)
    peer.peering_cost, peer.peering_key = cost, [key, value]
    peer.propagation_transfer_limit, peer.propagation_sync_limit = limits
    peer.propagation_stamp_cost, peer.propagation_stamp_cost_flexibility = 16, flexibility
    peer.link, peer.state = Wire(), LXMPeer.LINK_READY
    for transient_id in messages:
        peer.add_unhandled_message(transient_id)
    return peer


def offers(topic):
    cases = {
        "one": ([(0, 300, 16)], (256, 10240)),
        "three-by-size": ([(0, 5000, 16), (1, 150, 16), (2, 300, 16)], (256, 10240)),
        "transfer-limit": ([(0, 1200, 16), (1, 150, 16)], (1, 10240)),
        "sync-limit": ([(0, 300, 16), (1, 400, 16), (2, 500, 16)], (256, 1)),
        "value-13": ([(0, 300, 13), (1, 310, 16)], (256, 10240)),
    }
    for name, (contents, limits) in cases.items():
        given, sent = offered(contents, limits)
        topic.case(
            f"offer-{name}",
            given,
            shown(sent[0]),
            "peering key, then ids from the lightest message on",
        )


def offered(contents, limits=(256, 10240), flexibility=3):
    """What a node offers of messages of given sizes and stamp values."""
    RNS.Transport.has_path = staticmethod(lambda destination_hash: True)
    forget()
    node = router("sync/offering")
    ids = [stored(node, number, size, CLIENT, value)[0] for number, size, value in contents]
    peer = peer_of(node, 8, ids, limits, flexibility)
    sent = caught(peer.link, peer.sync)
    rows = zip(ids, contents)
    given = {
        "op": "offer",
        "now": typed(NOW),
        "peeringKey": peer.peering_key[0].hex(),
        "messages": [
            {"transientId": item.hex(), "size": size + 32, "value": value}
            for item, (_, size, value) in rows
        ],
        "transferLimitKilobytes": limits[0],
        "syncLimitKilobytes": limits[1],
        "stampCost": peer.propagation_stamp_cost,
        "stampCostFlexibility": flexibility,
    }
    return given, sent


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


def build():
    symbol = "LXMF/LXMRouter.py message_list_response, message_get_request, offer_request, LXMF/LXMPeer.py sync"
    topic = Topic("lxmf", "sync", "lxmf", symbol, __file__)
    assert NODE.hash
    paths(topic)
    list_request(topic)
    get_requests(topic)
    acknowledgements(topic)
    answers(topic)
    offers(topic)
    offer_answers(topic)
    return topic


def build_values():
    """Which stamp values are offered; the older version offers every value."""
    topic = Topic(
        "lxmf", "sync-values", "lxmf", "LXMF/LXMPeer.py LXMPeer.sync", __file__, also=False
    )
    contents = [(number, 300 + number, value) for number, value in enumerate((20, 16, 13, 12, 0))]
    for flexibility in (0, 3, 16, 20):
        given, sent = offered(contents, flexibility=flexibility)
        note = "values below the peer's cost less its flexibility are not offered"
        topic.case(f"values-flexibility-{flexibility}", given, shown(sent[0]), note)
    given, sent = offered([(0, 300, 12)])
    topic.negative(
        "values-neg-too-low",
        given,
        "LXMF_PROPAGATION",
        f"{len(sent)} requests: nothing is left to offer",
    )
    return topic


if __name__ == "__main__":
    main(build, build_values)
