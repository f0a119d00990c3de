"""Vectors of resources: segments made ready, advertisements, and transfers packet by packet.

usage: python golden/gen/reticulum_resource.py [--check | --compare]
"""

import sys

import RNS.vendor.umsgpack as umsgpack

from endpoints import L, Session, caught, received
from harness import RNS, Topic, attempt, blob, injected, main, stream, typed

P, R = RNS.Packet, RNS.Resource
ADV = sys.modules["RNS.Resource"].ResourceAdvertisement


def opened(label, mtu=500):
    return Session(f"resource/{label}", near=mtu, far=mtu).open()


def keys(link):
    return {"key": link.derived_key.hex(), "linkId": link.link_id.hex(), "mtu": link.mtu}


def describe(resource):
    raw = b"".join(part.raw for part in resource.parts)
    return {
        "hash": resource.hash.hex(),
        "randomHash": resource.random_hash.hex(),
        "originalHash": resource.original_hash.hex(),
        "expectedProof": resource.expected_proof.hex(),
        "transferSize": resource.size,
        "totalSize": resource.total_size,
        "parts": len(resource.parts),
        "compressed": resource.compressed,
        "frames": blob(raw),
        "hashmap": blob(resource.hashmap),
        "advertisement": ADV(resource).pack().hex(),
    }


def make(topic, name, size, note=None, mtu=500, data=None, **options):
    """A resource of `size` bytes; the data is `stream(label, size)` unless given."""
    link = opened("make", mtu).initiator
    label = f"resource/{name}"
    data = stream(label, size) if data is None else data
    with injected(label) as draws, caught() as _:
        resource = R(data, link, advertise=False, **options)
    given = {
        "op": "make",
        **keys(link),
        "label": label,
        "size": len(data),
        "data": data.hex() if len(data) <= 512 else None,
        "repeat": None,
        "draws": draws.hex,
        "metadata": typed(options["metadata"]) if "metadata" in options else None,
        "requestId": None,
        "isResponse": options.get("is_response", False),
        "autoCompress": options.get("auto_compress", True),
        "packed": None,
    }
    if options.get("request_id") is not None:
        given["requestId"] = options["request_id"].hex()
    if resource.compressed:
        import bz2

        whole = data
        if "metadata" in options:
            meta = umsgpack.packb(options["metadata"])
            whole = len(meta).to_bytes(3, "big") + meta + data
        given["packed"] = bz2.compress(whole).hex()
    topic.case(f"make-{name}", given, describe(resource), note)
    return resource


def made(topic):
    for size in (1, 2, 299, 300, 383, 384, 400, 401, 463, 464, 465, 928, 5000, 40000):
        make(topic, f"{size}", size, auto_compress=False)
    make(topic, "0", 0, "a stream of nothing but its random prefix", auto_compress=False)
    for mtu in (1064, 8192):
        for size in (1, 8000, 100_000):
            make(topic, f"{size}-mtu-{mtu}", size, mtu=mtu, auto_compress=False)
    make(topic, "incompressible", 600, "packing makes it longer, so it goes as it is")
    make(topic, "compressible", 0, "packed with bzip2", data=b"abcd" * 100)
    metadata = {"name": b"file.txt", "size": 5}
    make(topic, "metadata", 300, metadata=metadata, auto_compress=False)
    make(topic, "metadata-text", 20, metadata="note", auto_compress=False)
    make(topic, "metadata-packed", 0, metadata=metadata, data=b"text " * 90)
    request_id = stream("resource/request-id", 16)
    make(topic, "request", 700, request_id=request_id, auto_compress=False)
    make(topic, "response", 700, request_id=request_id, is_response=True, auto_compress=False)
    make(
        topic,
        "response-metadata",
        50,
        request_id=request_id,
        is_response=True,
        metadata={"name": "a"},
        auto_compress=False,
    )


def segments(topic):
    """Data that needs several segments, with metadata and without."""
    limit = R.MAX_EFFICIENT_SIZE
    for name, size, metadata in (
        ("exact", limit, None),
        ("one-more", limit + 1, None),
        ("two", 2 * limit, None),
        ("two-and-one", 2 * limit + 1, None),
        ("metadata", limit, {"n": 1}),
        ("metadata-fits", limit - 7, {"n": 1}),
    ):
        link = opened("segments", 8192).initiator
        label = f"resource/segments/{name}"
        data = stream(label, size)
        out, draws = [], []
        options = {} if metadata is None else {"metadata": metadata}
        with injected(label) as drawn, caught():
            resource = R(data, link, advertise=False, auto_compress=False, **options)
            while True:
                draws.append(drawn.hex[sum(len(one) for one in draws) :])
                out.append(
                    {
                        **describe(resource),
                        "index": resource.segment_index,
                        "segments": resource.total_segments,
                    }
                )
                if resource.segment_index == resource.total_segments:
                    break
                resource._Resource__prepare_next_segment()
                resource = resource.next_segment
        given = {
            "op": "segments",
            **keys(link),
            "label": label,
            "size": size,
            "metadata": None if metadata is None else typed(metadata),
            "draws": draws,
        }
        topic.case(f"segments-{name}", given, {"segments": out})


class Transfer:
    """A resource on its way between both ends of a session."""

    def __init__(self, label, size, mtu=500, window=None, **options):
        self.session = opened(label, mtu)
        self.a, self.b = self.session.initiator, self.session.responder
        self.label = f"resource/{label}/data"
        self.data = stream(self.label, size)
        with injected(f"resource/{label}/sender") as draws, caught(self.session.clock):
            self.sender = R(self.data, self.a, advertise=False, auto_compress=False, **options)
            self.sender.adv_sent = self.session.clock.now
            self.sender.started_transferring = self.session.clock.now
            self.sender.status = R.ADVERTISED
            self.a.register_outgoing_resource(self.sender)
        self.draws = draws.hex
        self.b.set_resource_strategy(L.ACCEPT_ALL)
        self.b.last_resource_window = window
        self.rounds = []
        self.done = []
        self.b.set_resource_concluded_callback(
            lambda resource: self.done.append([resource.status, resource.data.read()])
        )
        self.receiver = None

    def advertise(self):
        packet = P(self.a, ADV(self.sender).pack(), context=P.RESOURCE_ADV)
        with injected(f"{self.label}/adv"), caught(self.session.clock):
            packet.pack()
        sent = self.give(packet.raw, self.b)
        self.receiver = self.b.incoming_resources[0] if self.b.incoming_resources else None
        return sent

    def give(self, raw, link):
        medium = self.session.near if link is self.a else self.session.far
        inbound = received(raw, medium)
        inbound.link = link
        with injected(f"{self.label}/{len(self.rounds)}"), caught(self.session.clock) as sent:
            link.receive(inbound)
        return sent

    def note(self, request):
        window = self.receiver
        self.rounds.append(
            {
                "request": request.data.hex(),
                "window": window.window,
                "windowMax": window.window_max,
                "windowMin": window.window_min,
            }
        )


def run(transfer, delay=0.0, lose=(), hmus=None):
    """Carry a transfer through; every answer of the sender takes `delay` seconds."""
    requests = transfer.advertise()
    proof = None
    guard = 0
    while requests and guard < 500:
        guard += 1
        request = requests[0]
        transfer.note(request)
        transfer.session.clock.advance(delay)
        answers = transfer.give(request.raw, transfer.a)
        requests = []
        for answer in answers:
            if answer.context == P.RESOURCE_HMU:
                hmus is not None and hmus.append(answer.data.hex())
            for sent in transfer.give(answer.raw, transfer.b):
                if sent.context == P.RESOURCE_REQ:
                    requests.append(sent)
                elif sent.context == P.RESOURCE_PRF:
                    proof = sent
    return proof


def transfers(topic):
    for name, size, mtu, delay in (
        ("one-part", 100, 500, 0.0),
        ("slow-74", 74 * 464 - 100, 500, 0.0),
        ("slow-75", 75 * 464 - 100, 500, 0.0),
        ("slow-200", 200 * 464 - 100, 500, 0.0),
        ("steady-300", 300 * 464 - 100, 500, 0.5),
        ("fast-300", 300 * 464 - 100, 500, 0.01),
        ("very-slow-30", 30 * 464 - 100, 500, 30.0),
        ("large-mtu", 40 * 8156 - 100, 8192, 0.05),
    ):
        transfer = Transfer(f"transfer/{name}", size, mtu)
        hmus = []
        proof = run(transfer, delay, hmus=hmus)
        assert transfer.done[0] == [R.COMPLETE, transfer.data], name
        with injected("resource/proof"), caught(transfer.session.clock):
            transfer.sender.validate_proof(proof.data)
        assert transfer.sender.status == R.COMPLETE
        given = {
            "op": "transfer",
            **keys(transfer.a),
            "rtt": typed(transfer.b.rtt),
            "establishmentCost": transfer.b.establishment_cost,
            "label": transfer.label,
            "size": size,
            "draws": transfer.draws,
            "delay": typed(delay),
        }
        out = {
            "rounds": transfer.rounds,
            "hmus": hmus,
            "proof": proof.raw.hex(),
            "hash": transfer.sender.hash.hex(),
        }
        topic.case(f"transfer-{name}", given, out)


def cancels(topic):
    transfer = Transfer("cancel", 5000)
    transfer.advertise()
    with injected("resource/cancel/initiator") as draws, caught(transfer.session.clock) as sent:
        transfer.sender.cancel()
    out = {"context": sent[0].context, "plaintext": sent[0].data.hex(), "packet": sent[0].raw.hex()}
    topic.case("cancel-by-sender", {"op": "cancel", **keys(transfer.a), "draws": draws.hex}, out)
    transfer = Transfer("cancel", 5000)
    transfer.advertise()
    with injected("resource/cancel/receiver") as draws, caught(transfer.session.clock) as sent:
        transfer.receiver.cancel()
    out = {"context": sent[0].context, "plaintext": sent[0].data.hex(), "packet": sent[0].raw.hex()}
    topic.case("cancel-by-receiver", {"op": "cancel", **keys(transfer.a), "draws": draws.hex}, out)
    transfer.give(sent[0].raw, transfer.a)
    assert transfer.sender.status == R.REJECTED


class Stop(Exception):
    pass


def deadline(resource, clock):
    """Seconds until the watchdog of a resource acts, were nothing more to happen."""
    module = sys.modules["RNS.Resource"]
    real, cap = module.sleep, R.WATCHDOG_MAX_SLEEP
    slept = []

    def stop(seconds):
        slept.append(seconds)
        raise Stop

    module.sleep, R.WATCHDOG_MAX_SLEEP = stop, 10**9
    try:
        with caught(clock):
            attempt(resource._Resource__watchdog_job)
    finally:
        module.sleep, R.WATCHDOG_MAX_SLEEP = real, cap
    return slept[0]


def timings(topic):
    for mtu in (500, 8192):
        transfer = Transfer(f"timing/{mtu}", 20 * mtu, mtu)
        a, b, clock = transfer.a, transfer.b, transfer.session.clock
        requests = transfer.advertise()
        waits = {"advertised": deadline(transfer.sender, clock)}
        receiver = transfer.receiver
        waits["unanswered"] = deadline(receiver, clock)
        receiver.retries_left -= 3
        waits["unanswered-3-retries"] = deadline(receiver, clock)
        receiver.retries_left += 3
        clock.advance(0.2)
        for answer in transfer.give(requests[0].raw, transfer.a):
            for sent in transfer.give(answer.raw, transfer.b):
                requests.append(sent)
        waits["requests"] = deadline(transfer.sender, clock)
        waits["second-round"] = deadline(receiver, clock)
        receiver.waiting_for_hmu = True
        waits["second-round-hmu"] = deadline(receiver, clock)
        receiver.waiting_for_hmu = False
        rate = receiver.req_data_rtt_rate * 8
        transfer.sender.status = R.AWAITING_PROOF
        transfer.sender.last_part_sent = clock.now
        waits["proof"] = deadline(transfer.sender, clock)
        given = {
            "op": "timing",
            "mtu": mtu,
            "rtt": typed(a.rtt),
            "responderRtt": typed(b.rtt),
            "senderRtt": typed(transfer.sender.rtt),
            "establishmentCost": b.establishment_cost,
            "rate": typed(rate),
            "outstanding": receiver.outstanding_parts,
        }
        topic.case(f"timing-{mtu}", given, {key: typed(value) for key, value in waits.items()})


def advertisements(topic):
    good = {
        "t": 1000, "d": 900, "n": 3, "h": stream("adv/h", 32), "r": stream("adv/r", 4),
        "o": stream("adv/o", 32), "i": 1, "l": 1, "q": None, "f": 1, "m": stream("adv/m", 12),
    }
    for flags in range(64):
        adv = ADV.unpack(umsgpack.packb({**good, "f": flags, "q": bytes(16)}))
        out = {name: getattr(adv, name) for name in "ecsupx"}
        topic.case(
            f"flags-{flags}",
            {"op": "flags", "plaintext": umsgpack.packb({**good, "f": flags, "q": bytes(16)}).hex()},
            out,
        )
    limit = R.MAX_EFFICIENT_SIZE * 3
    variants = {
        "not-a-map": umsgpack.packb([1, 2]),
        "cut": umsgpack.packb(good)[:-20],
        "nothing": b"\xc1",
        "size-too-large": umsgpack.packb({**good, "t": limit + 1}),
        **{f"without-{key}": umsgpack.packb(without(good, key)) for key in good},
    }
    for name, plaintext in variants.items():
        _, raised = attempt(lambda: ADV.unpack(plaintext))
        assert raised is not None, name
        topic.negative(
            f"adv-neg-{name}",
            {"op": "advertisement", "plaintext": plaintext.hex()},
            "RNS_RESOURCE",
            f"{raised}; the link is torn down",
        )
    topic.case(
        "adv-largest",
        {"op": "flags", "plaintext": umsgpack.packb({**good, "t": limit}).hex()},
        {name: getattr(ADV.unpack(umsgpack.packb(good)), name) for name in "ecsupx"},
    )


def without(values, key):
    return {name: value for name, value in values.items() if name != key}


def build():
    symbol = "RNS/Resource.py Resource, ResourceAdvertisement"
    topic = Topic("reticulum", "resource", "rns", symbol, __file__)
    made(topic)
    segments(topic)
    transfers(topic)
    cancels(topic)
    timings(topic)
    advertisements(topic)
    return topic


if __name__ == "__main__":
    main(build)
