"""Vectors of what clients and nodes ask of propagation nodes, and of the answers.

usage: python golden/gen/lxmf_sync.py [--check | --compare]

The requests go through the real RNS.Link.request up to the packet, which is caught instead of sent.
"""

import functools
import types

import RNS.vendor.umsgpack as umsgpack
from LXMF.LXMPeer import LXMPeer

import lxmf_answers
from harness import (
    LXMF,
    NOW,
    RNS,
    Topic,
    forget,
    injected,
    main,
    router,
    stream,
    typed,
)
from lxmf_answers import CLIENT, IDS, OTHER, stored
from lxmf_stamp import search


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


def build():
    symbol = "LXMF/LXMRouter.py message_list_response, message_get_request, offer_request, LXMF/LXMPeer.py sync"
    topic = Topic("lxmf", "sync", "lxmf", symbol, __file__)
    paths(topic)
    list_request(topic)
    get_requests(topic)
    acknowledgements(topic)
    lxmf_answers.add_cases(topic)
    offers(topic)
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
