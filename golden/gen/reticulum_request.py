"""Vectors of requests and responses over a link.

usage: python golden/gen/reticulum_request.py [--check | --compare]
"""

import RNS.vendor.umsgpack as umsgpack

from endpoints import L, Session
from harness import RNS, Topic, attempt, blob, identity, injected, main, stream, typed

D, P = RNS.Destination, RNS.Packet


def path_hashes(topic):
    for path in ("/offer", "/get", "/page/index.mu", "/", "/übergröße", "x" * 300):
        session_hash = RNS.Identity.truncated_hash(path.encode("utf-8"))
        topic.case(
            f"path-{len(path)}-{session_hash.hex()[:6]}",
            {"op": "path", "path": path},
            {"hash": session_hash.hex()},
        )


def opened(label, mtu=500):
    return Session(f"request/{label}", near=mtu, far=mtu).open()


def keys(link):
    return {"key": link.derived_key.hex(), "linkId": link.link_id.hex(), "mtu": link.mtu}


def exchanges(topic):
    """One request and its response, each as packet or as resource, by their size."""
    for name, data, answer in (
        ("nil", None, True),
        ("false", None, False),
        ("integer", 7, 1 << 40),
        ("float", 0.5, 1.0),
        ("text", "question", "answer"),
        ("bytes", b"\x00\x01", stream("request/answer", 40)),
        ("map", {"a": [1, b"2"], 3: None}, {"x": {"y": []}}),
        ("largest-packet", stream("request/largest", 431 - 29 - 3), b"ok"),
        ("smallest-resource", stream("request/largest", 431 - 29 - 2), b"ok"),
        ("largest-answer", 1, stream("request/answer", 431 - 19 - 3)),
        ("smallest-resource-answer", 1, stream("request/answer", 431 - 19 - 2)),
        ("both-resources", stream("request/both", 2000), stream("request/answer", 3000)),
    ):
        exchange(topic, name, data, answer)


def exchange(topic, name, data, answer):
    session = opened(name)
    a, b = session.initiator, session.responder
    asked = []

    def respond(path, value, request_id, remote_identity, requested_at):
        asked.append({"path": path, "data": typed(value), "requestedAt": typed(requested_at)})
        asked[-1]["id"] = request_id.hex()
        return answer

    session.destination.register_request_handler("/path", respond, allow=D.ALLOW_ALL, auto_compress=False)
    session.clock.advance(2)
    packed = umsgpack.packb(
        [session.clock.now, RNS.Identity.truncated_hash(b"/path"), data]
    )
    receipt, sent = session.step("request", lambda: a.request("/path", data))
    step = session.steps[-1]
    given = {
        "op": "exchange",
        **keys(a),
        "now": typed(session.clock.now),
        "path": "/path",
        "data": typed(data),
        "answer": typed(answer),
        "draws": step["draws"],
    }
    out = {"request": blob(packed), "id": receipt.request_id.hex()}
    if len(packed) <= a.mdu:
        out["packet"] = sent[0].raw.hex()
        answers, drawn = session.carry(sent, b)
        given["answerDraws"] = drawn.hex
        assert asked[0]["id"] == receipt.request_id.hex()
        out["asked"] = asked
        out["timeout"] = typed(receipt.timeout)
        response = umsgpack.packb([receipt.request_id, answer])
        out["response"] = blob(response)
        if len(response) <= b.mdu:
            out["responsePacket"] = answers[0].raw.hex()
            session.carry(answers, a)
            assert receipt.status == RNS.RequestReceipt.READY, name
            out["responseSize"] = receipt.response_size
        else:
            out["responseAdvertisement"] = answers[0].data.hex()
    else:
        out["advertisement"] = sent[0].data.hex()
    topic.case(f"exchange-{name}", given, out)


def policies(topic):
    who = identity("request/who")
    for name, allow, listed, identified, expected in (
        ("none", D.ALLOW_NONE, [], True, False),
        ("all", D.ALLOW_ALL, [], False, True),
        ("list-anonymous", D.ALLOW_LIST, [who.hash], False, False),
        ("list-member", D.ALLOW_LIST, [who.hash], True, True),
        ("list-stranger", D.ALLOW_LIST, [bytes(16)], True, False),
    ):
        session = opened(f"policy/{name}")
        asked = []
        session.destination.register_request_handler(
            "/path",
            lambda path, data, request_id, remote, at: asked.append(path) or b"yes",
            allow=allow,
            allowed_list=listed,
        )
        if identified:
            _, sent = session.step("identify", lambda: session.initiator.identify(who))
            session.carry(sent, session.responder)
        _, sent = session.step("request", lambda: session.initiator.request("/path", None))
        session.carry(sent, session.responder)
        assert bool(asked) == expected, name
        topic.case(
            f"policy-{name}",
            {
                "op": "policy",
                "allow": allow,
                "allowed": [one.hex() for one in listed],
                "who": who.get_public_key().hex() if identified else None,
            },
            {"answered": expected},
        )


def refusals(topic):
    session = opened("refused")
    asked = []
    session.destination.register_request_handler(
        "/path", lambda *given: asked.append(given[0]), allow=D.ALLOW_ALL
    )
    path = RNS.Identity.truncated_hash(b"/path")
    variants = {
        "not-a-list": umsgpack.packb({"a": 1}),
        "two-elements": umsgpack.packb([1.0, path]),
        "cut": umsgpack.packb([1.0, path, b"data"])[:-3],
        "unknown-path": umsgpack.packb([1.0, bytes(16), None]),
        "path-is-text": umsgpack.packb([1.0, "/path", None]),
        "empty": b"",
    }
    for name, plaintext in variants.items():
        with injected(f"request/refused/{name}"):
            packet = P(session.initiator, plaintext, context=P.REQUEST)
            packet.pack()
        attempt(lambda: session.carry([packet], session.responder))
        assert not asked, name
        topic.negative(
            f"request-neg-{name}",
            {"op": "request", "plaintext": plaintext.hex()},
            "RNS_REQUEST_FAILED",
            "nothing is asked and nothing answered",
        )


def build():
    symbol = "RNS/Link.py Link.request, Link.handle_request, RequestReceipt"
    topic = Topic("reticulum", "request", "rns", symbol, __file__)
    path_hashes(topic)
    exchanges(topic)
    policies(topic)
    refusals(topic)
    return topic


if __name__ == "__main__":
    main(build)
