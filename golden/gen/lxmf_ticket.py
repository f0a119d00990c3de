"""Vectors of tickets: stamps made from them, their validation, how a router issues and keeps them.

usage: python golden/gen/lxmf_ticket.py [--check | --compare]
"""

import os

import RNS.vendor.umsgpack as umsgpack

from harness import NOW, RNS, Topic, forget, injected, main, router, stream, typed
from lxmf_stamp import search
from messages import RECEIVER, SENDER, craft, make, meet
from notation import typed as notation

DAY = 24 * 60 * 60
PEER = stream("ticket/peer", 16)
TICKETS = [stream(f"ticket/{number}", 16) for number in range(4)]


def derive(topic):
    for number, ticket in enumerate(TICKETS):
        for label in ("a", "b"):
            message_hash = stream(f"ticket/hash/{label}", 32)
            message = make()
            message.message_id, message.outbound_ticket = message_hash, ticket
            out = {"stamp": message.get_stamp().hex(), "value": message.stamp_value}
            given = {"op": "derive", "ticket": ticket.hex(), "messageHash": message_hash.hex()}
            topic.case(f"derive-{number}-{label}", given, out)


def validated(stamp, cost, tickets, message_hash):
    message = make()
    message.message_id, message.stamp = message_hash, stamp
    valid = message.validate_stamp(cost, tickets)
    return {"valid": valid, "value": message.stamp_value}


def validate(topic):
    message_hash = stream("ticket/validate", 32)
    right = RNS.Identity.truncated_hash(TICKETS[1] + message_hash)
    mined, value = search(message_hash, 3000, 8)
    odd = b"short"
    odd_stamp = RNS.Identity.truncated_hash(odd + message_hash)
    cases = {
        "only-ticket": (right, 16, [TICKETS[1]], None),
        "among-others": (right, 16, TICKETS, None),
        "last": (right, 16, [TICKETS[0], TICKETS[2], TICKETS[1]], None),
        "no-ticket-fits": (
            right,
            16,
            [TICKETS[0], TICKETS[2]],
            "then it is judged as proof of work",
        ),
        "no-tickets": (right, 16, None, None),
        "empty-list": (right, 16, [], None),
        "no-ticket-fits-cost-0": (right, 0, [TICKETS[0]], "at cost 0 any bytes are proof of work"),
        "no-stamp": (None, 8, TICKETS, None),
        "no-stamp-cost-0": (None, 0, None, "without a stamp nothing is valid"),
        "mined": (mined, value, None, None),
        "mined-with-tickets": (mined, value, TICKETS, "proof of work stands beside tickets"),
        "mined-too-low": (mined, value + 1, TICKETS, None),
        "32-bytes-of-ticket-hash": (
            RNS.Identity.full_hash(TICKETS[1] + message_hash),
            16,
            TICKETS,
            "only the first 16 bytes are a ticket's stamp",
        ),
        "15-bytes": (right[:15], 16, TICKETS, None),
        "odd-ticket": (odd_stamp, 16, [odd], "the length of a kept ticket is not checked here"),
        "swapped": (
            RNS.Identity.truncated_hash(message_hash + TICKETS[1]),
            16,
            TICKETS,
            "the ticket comes first",
        ),
    }
    for name, (stamp, cost, tickets, note) in cases.items():
        given = {
            "op": "validate",
            "messageHash": message_hash.hex(),
            "stamp": None if stamp is None else stamp.hex(),
            "cost": cost,
            "tickets": None if tickets is None else [ticket.hex() for ticket in tickets],
        }
        topic.case(f"validate-{name}", given, validated(stamp, cost, tickets, message_hash), note)


def precedence(topic):
    """get_stamp: a ticket of 16 bytes, else nothing without a cost, else a stamp that is there."""
    message_hash, stamp = stream("ticket/precedence", 32), stream("ticket/stamp", 32)
    cases = {
        "ticket-over-stamp": (TICKETS[0], 8, stamp, None),
        "ticket-over-no-cost": (TICKETS[0], None, None, None),
        "no-cost": (None, None, stamp, "a stamp that is there is not used without a cost"),
        "stamp": (None, 8, stamp, None),
        "short-ticket": (TICKETS[0][:15], 8, stamp, "a ticket of another length is passed over"),
        "long-ticket": (
            TICKETS[0] + b"\x00",
            8,
            stamp,
            "a ticket of another length is passed over",
        ),
        "short-ticket-no-cost": (TICKETS[0][:15], None, None, None),
    }
    for name, (ticket, cost, held, note) in cases.items():
        message = make()
        message.message_id, message.outbound_ticket = message_hash, ticket
        message.stamp_cost, message.stamp = cost, held
        made = message.get_stamp()
        given = {
            "op": "get-stamp",
            "messageHash": message_hash.hex(),
            "ticket": None if ticket is None else ticket.hex(),
            "cost": cost,
            "stamp": None if held is None else held.hex(),
        }
        out = {"stamp": None if made is None else made.hex(), "value": message.stamp_value}
        topic.case(f"get-{name}", given, out, note)


def tables(router_):
    return notation(router_.available_tickets)


def issue(topic):
    """generate_ticket over time: reuse, renewal below 14 days, one delivery a day."""
    forget()
    issuer = router("ticket/issuer")
    steps, out = [], []
    for name, after in (
        ("first", 0),
        ("again", 60),
        ("day-6", 6 * DAY),
        ("day-7", 7 * DAY),
        ("day-7-later", 7 * DAY + 1),
        ("day-8", 8 * DAY),
        ("day-20", 20 * DAY),
    ):
        with injected(f"ticket/issue/{name}", now=NOW + after) as draws:
            made = issuer.generate_ticket(PEER)
        steps.append({"now": typed(NOW + after), "draws": draws.hex})
        out.append({"expires": typed(made[0]), "ticket": made[1].hex()})
    given = {"op": "issue", "peer": PEER.hex(), "steps": steps}
    note = "21 days valid; reused while more than 14 days are left"
    topic.case("issue", given, {"issued": out, "tickets": tables(issuer)}, note)
    steps, out = [], []
    issuer.available_tickets["last_deliveries"][PEER] = NOW + 20 * DAY
    for after in (20 * DAY, 20 * DAY + 1, 21 * DAY - 1, 21 * DAY, 21 * DAY + 1):
        with injected(f"ticket/interval/{after}", now=NOW + after) as draws:
            made = issuer.generate_ticket(PEER)
        steps.append({"now": typed(NOW + after), "draws": draws.hex})
        out.append(None if made is None else {"expires": typed(made[0]), "ticket": made[1].hex()})
    given = {
        "op": "issue-after-delivery",
        "peer": PEER.hex(),
        "lastDelivery": typed(NOW + 20 * DAY),
        "steps": steps,
    }
    topic.case(
        "issue-after-delivery",
        given,
        {"issued": out},
        "none within a day of the last delivery; the older tickets are still there",
    )
    lookups = []
    for after in (0, 21 * DAY - 1, 21 * DAY, 28 * DAY, 41 * DAY, 42 * DAY, 60 * DAY):
        with injected("ticket/inbound", now=NOW + after):
            found = issuer.get_inbound_tickets(PEER)
        lookups.append(
            {
                "now": typed(NOW + after),
                "tickets": None if found is None else [ticket.hex() for ticket in found],
            }
        )
    given = {
        "op": "inbound",
        "tickets": tables(issuer),
        "peer": PEER.hex(),
        "times": [step["now"] for step in lookups],
    }
    topic.case(
        "inbound-over-time",
        given,
        {"found": [step["tickets"] for step in lookups]},
        "accepted until they expire",
    )
    with open(os.path.join(issuer.storagepath, "available_tickets"), "rb") as file:
        stored = file.read()
    assert umsgpack.unpackb(stored).keys() == {"outbound", "inbound", "last_deliveries"}
    topic.case(
        "file",
        {"op": "file", "bytes": stored.hex()},
        {"tickets": notation(umsgpack.unpackb(stored))},
        "storage file available_tickets, written when a ticket is issued",
    )


def clean(topic):
    forget()
    keeper = router("ticket/keeper")
    keeper.available_tickets = {
        "outbound": {
            stream("ticket/out/1", 16): [NOW + 10.0, TICKETS[0]],
            stream("ticket/out/2", 16): [NOW + 20.0, TICKETS[1]],
        },
        "inbound": {PEER: {TICKETS[2]: [NOW + 10.0], TICKETS[3]: [NOW + 20.0]}},
        "last_deliveries": {PEER: NOW},
    }
    before = tables(keeper)
    for after in (10, 11, 20, 21, 10 + 5 * DAY, 11 + 5 * DAY, 21 + 5 * DAY):
        with injected("ticket/clean", now=NOW + after):
            keeper.clean_available_tickets()
        given = {"op": "clean", "tickets": before, "now": typed(NOW + after)}
        topic.case(
            f"clean-{after}",
            given,
            {"tickets": tables(keeper)},
            "outbound until expiry, inbound five days longer",
        )
        before = tables(keeper)
    for after in (0, 9.5, 10, 11):
        keeper.available_tickets["outbound"] = {PEER: [NOW + 10.0, TICKETS[0]]}
        with injected("ticket/outbound", now=NOW + after):
            ticket, expires = keeper.get_outbound_ticket(PEER), keeper.get_outbound_ticket_expiry(
                PEER
            )
        given = {
            "op": "outbound",
            "expires": typed(NOW + 10.0),
            "ticket": TICKETS[0].hex(),
            "now": typed(NOW + after),
        }
        out = {
            "ticket": None if ticket is None else ticket.hex(),
            "expires": None if expires is None else typed(expires),
        }
        topic.case(f"outbound-{after}", given, out)


def receive(topic):
    """Which FIELD_TICKET entries of a delivered message a router remembers."""
    good = [NOW + 100.0, TICKETS[0]]
    entries = {
        "good": (good, None, None),
        "int-expiry": ([int(NOW) + 100, TICKETS[0]], None, None),
        "longer-list": ([*good, "more"], None, "only the first two are kept"),
        "expired": ([NOW, TICKETS[0]], "not kept: it expires now", None),
        "short": ([NOW + 100.0, TICKETS[0][:15]], "not kept: 15 bytes", None),
        "long": ([NOW + 100.0, TICKETS[0] + b"\x00"], "not kept: 17 bytes", None),
        "text": ([NOW + 100.0, "t" * 16], "not kept: not bytes", None),
        "one-element": ([NOW + 100.0], "not kept: one element", None),
        "map": ({0: NOW + 100.0, 1: TICKETS[0]}, "not kept: not a list", None),
        "nil": (None, "not kept: not a list", None),
        "text-expiry": (
            ["later", TICKETS[0]],
            "not kept, and the message is dropped: its expiry cannot be compared",
            None,
        ),
        "nil-expiry": (
            [None, TICKETS[0]],
            "not kept, and the message is dropped: its expiry cannot be compared",
            None,
        ),
    }
    for name, (entry, refusal, note) in entries.items():
        packed = make(content="c", fields={0x0C: entry})
        packed.pack()
        deliver(topic, name, packed.packed, refusal, note)
    unsigned = make(content="c", fields={0x0C: good})
    unsigned.pack()
    broken = bytearray(unsigned.packed)
    broken[40] ^= 1
    deliver(topic, "bad-signature", bytes(broken), "not kept: the signature is invalid", None)
    deliver(
        topic, "unknown-source", unsigned.packed, "not kept: the source is unknown", None, known=()
    )
    foreign = craft(umsgpack.packb([NOW, b"", b"c", {12.0: good}]))
    deliver(topic, "float-field", foreign, None, "12.0 is the same key as 12")


def deliver(topic, name, packed, refusal, note, known=(SENDER,)):
    known = meet(*known)
    inbox = router("ticket/inbox")
    inbox.register_delivery_identity(RECEIVER)
    with injected("ticket/deliver"):
        accepted = inbox.lxmf_delivery(packed)
    given = {
        "op": "receive",
        "private": RECEIVER.get_private_key().hex(),
        "known": known,
        "bytes": packed.hex(),
        "now": typed(NOW),
    }
    out = {"delivered": accepted, "outbound": notation(inbox.available_tickets["outbound"])}
    if refusal is None:
        assert inbox.available_tickets["outbound"]
        topic.case(f"receive-{name}", given, out, note)
        return
    assert not inbox.available_tickets["outbound"], name
    if accepted:
        topic.case(f"receive-ignored-{name}", given, out, refusal)
    else:
        topic.negative(f"receive-neg-{name}", given, "LXMF_PAYLOAD", refusal, out)


def build():
    symbol = "LXMF/LXMessage.py get_stamp, validate_stamp, LXMF/LXMRouter.py generate_ticket, remember_ticket"
    topic = Topic("lxmf", "ticket", "lxmf", symbol, __file__)
    derive(topic)
    validate(topic)
    precedence(topic)
    issue(topic)
    clean(topic)
    receive(topic)
    return topic


if __name__ == "__main__":
    main(build)
