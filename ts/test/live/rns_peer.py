"""A running Reticulum endpoint that a test talks to: one JSON request a line on stdin, one JSON answer a line.

Started with a storage folder as its only argument. The first request, `start`, opens one TCP interface on
127.0.0.1, as server or client.
"""

import hashlib
import json
import os
import sys
import threading
import time
import traceback

storage = sys.argv[1]
answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)  # whatever the reference prints goes to stderr, never between the answers

import RNS  # noqa: E402
import RNS.vendor.umsgpack as umsgpack  # noqa: E402

try:
    from RNS._version import __version__ as rns_version
except ImportError:
    rns_version = "unknown"

D = RNS.Destination
TYPES = {"single": D.SINGLE, "group": D.GROUP, "plain": D.PLAIN}
PROOFS = {"none": D.PROVE_NONE, "app": D.PROVE_APP, "all": D.PROVE_ALL}

happened = []
changed = threading.Condition()
destinations = {}
links = {}
resources = {}


def stream(label, size):
    """`size` bytes named by `label`: SHA-256(label, block number as 4 bytes), joined and cut."""
    out = bytearray()
    block = 0
    while len(out) < size:
        out += hashlib.sha256(label.encode("utf-8") + block.to_bytes(4, "big")).digest()
        block += 1
    return bytes(out[:size])


def content(request):
    """The bytes that a request speaks of: given, or named by label and size."""
    if "data" in request:
        return bytes.fromhex(request["data"])
    data = stream(request["label"], min(request["size"], 65536))
    return (data * (request["size"] // max(len(data), 1) + 1))[: request["size"]]


def tell(kind, **fields):
    with changed:
        happened.append({"kind": kind, "at": time.time(), **fields})
        changed.notify_all()


def digest(data):
    return {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def until(ready, seconds=30):
    """Wait until `ready()` is true; whether it became so."""
    end = time.time() + seconds
    while time.time() < end:
        if ready():
            return True
        time.sleep(0.005)
    return ready()


def start(request):
    os.makedirs(storage, exist_ok=True)
    if request["role"] == "server":
        kind = f"type = TCPServerInterface\n  listen_ip = 127.0.0.1\n  listen_port = {request['port']}"
    else:
        kind = f"type = TCPClientInterface\n  target_host = 127.0.0.1\n  target_port = {request['port']}"
    with open(os.path.join(storage, "config"), "w", encoding="utf-8") as config:
        config.write(
            f"[reticulum]\n  enable_transport = {request.get('transport', 'No')}\n  share_instance = No\n"
            f"  use_implicit_proof = {request.get('implicitProofs', 'Yes')}\n"
            f"[logging]\n  loglevel = {request.get('loglevel', 0)}\n[interfaces]\n [[wire]]\n  enabled = yes\n  {kind}\n"
        )
    RNS.Reticulum(storage, loglevel=request.get("loglevel", 0))
    RNS.Transport.register_announce_handler(Announces())
    return {"rns": rns_version}


class Announces:
    aspect_filter = None
    receive_path_responses = True

    def received_announce(self, destination_hash, announced_identity, app_data):
        tell(
            "announce",
            hash=destination_hash.hex(),
            public=announced_identity.get_public_key().hex(),
            appData=None if app_data is None else app_data.hex(),
            hops=RNS.Transport.hops_to(destination_hash),
        )


def destination(request):
    """A destination of this endpoint."""
    identity = None
    if "private" in request:
        identity = RNS.Identity.from_bytes(bytes.fromhex(request["private"]))
    made = D(identity, D.IN, TYPES[request.get("type", "single")], request["app"], *request["aspects"])
    if "groupKey" in request:
        made.load_private_key(bytes.fromhex(request["groupKey"]))
    if request.get("ratchets"):
        made.enable_ratchets(os.path.join(storage, "ratchets-" + made.hexhash))
        made.set_ratchet_interval(1)
        if request.get("enforce"):
            made.enforce_ratchets()
    made.set_proof_strategy(PROOFS[request.get("proof", "none")])
    made.set_packet_callback(
        lambda data, packet: tell(
            "packet",
            data=data.hex(),
            hash=made.hexhash,
            ratchet=None if packet.ratchet_id is None else packet.ratchet_id.hex(),
        )
    )
    made.set_proof_requested_callback(lambda packet: bool(request.get("proves")))
    made.set_link_established_callback(lambda link: adopt(link, request.get("accept", "all")))
    for path, answer in request.get("paths", {}).items():
        made.register_request_handler(path, responder(answer), allow=D.ALLOW_ALL, auto_compress=answer.get("compress", True))
    for path in request.get("listPaths", []):
        made.register_request_handler(
            path,
            lambda path, data, request_id, remote, at: b"known",
            allow=D.ALLOW_LIST,
            allowed_list=[bytes.fromhex(one) for one in request["allowed"]],
        )
    destinations[made.hexhash] = made
    return {"hash": made.hexhash}


def responder(answer):
    def respond(path, data, request_id, remote_identity, requested_at):
        tell("request", path=path, size=len(data) if hasattr(data, "__len__") else None)
        if "echo" in answer:
            return data
        if "nothing" in answer:
            return None
        return content({"label": path, "size": data if "asked" in answer else answer["size"]})

    return respond


def adopt(link, accept="all"):
    key = link.link_id.hex()
    links[key] = link
    strategies = {"all": RNS.Link.ACCEPT_ALL, "none": RNS.Link.ACCEPT_NONE, "app": RNS.Link.ACCEPT_APP}
    link.set_resource_strategy(strategies[accept])
    link.set_resource_callback(lambda advertisement: False)
    link.set_resource_started_callback(lambda resource: keep(key, resource))
    link.set_resource_concluded_callback(lambda resource: concluded(key, resource))
    link.set_packet_callback(lambda data, packet: tell("link-packet", link=key, data=data.hex()))
    link.set_remote_identified_callback(
        lambda _, identity: tell("identified", link=key, hash=identity.hash.hex())
    )
    link.set_link_closed_callback(
        lambda closed: tell("closed", link=key, reason=getattr(closed, "teardown_reason", None))
    )
    tell("link", link=key, rtt=link.rtt, mtu=link.mtu)


def keep(key, resource):
    resources[resource.hash.hex()] = resource
    tell("resource-started", link=key, hash=resource.hash.hex())


def concluded(key, resource):
    fields = {"link": key, "status": resource.status, "hash": resource.hash.hex()}
    if resource.status == RNS.Resource.COMPLETE:
        fields.update(digest(resource.data.read()))
        fields["metadata"] = None if resource.metadata is None else umsgpack.packb(resource.metadata).hex()
        fields["compressed"] = resource.compressed
    tell("resource", **fields)


def take(request):
    """The first event of a kind, waited for; it is taken out of the list."""
    end = time.time() + request.get("seconds", 30)
    with changed:
        while True:
            for event in happened:
                if event["kind"] == request["kind"]:
                    happened.remove(event)
                    return event
            left = end - time.time()
            if left <= 0:
                raise TimeoutError(f"no {request['kind']} among {[one['kind'] for one in happened]}")
            changed.wait(left)


def count(request):
    with changed:
        return {"count": sum(1 for event in happened if event["kind"] == request["kind"])}


def forget(request):
    """Drop the events of some kinds."""
    with changed:
        happened[:] = [event for event in happened if event["kind"] not in request["kinds"]]
    return {}


def announce(request):
    app_data = request.get("appData")
    destinations[request["hash"]].announce(None if app_data is None else bytes.fromhex(app_data))
    return {}


def path(request):
    wanted = bytes.fromhex(request["hash"])
    RNS.Transport.request_path(wanted)
    found = until(lambda: RNS.Transport.has_path(wanted), request.get("seconds", 15))
    return {"found": found, "hops": RNS.Transport.hops_to(wanted)}


def known(request):
    wanted = bytes.fromhex(request["hash"])
    ratchet = RNS.Identity.get_ratchet(wanted)
    identity = RNS.Identity.recall(wanted)
    return {
        "public": None if identity is None else identity.get_public_key().hex(),
        "ratchet": None if ratchet is None else ratchet.hex(),
    }


def target(request):
    kind = request.get("type", "single")
    identity = None
    if kind != "plain":
        identity = RNS.Identity(create_keys=False)
        identity.load_public_key(bytes.fromhex(request["public"]))
    out = D(identity, D.OUT, TYPES[kind], request["app"], *request["aspects"])
    if "groupKey" in request:
        out.load_private_key(bytes.fromhex(request["groupKey"]))
    return out


def send(request):
    packet = RNS.Packet(target(request), content(request))
    receipt = packet.send()
    if not receipt:
        return {"status": None}
    until(lambda: receipt.status != RNS.PacketReceipt.SENT, request.get("seconds", 10))
    return {"status": receipt.status}


def link(request):
    made = RNS.Link(target(request))
    established = until(lambda: made.status == RNS.Link.ACTIVE, request.get("seconds", 15))
    if established:
        adopt(made, request.get("accept", "all"))
    return {"established": established, "link": made.link_id.hex(), "mtu": made.mtu, "rtt": made.rtt}


def asks_timed(request):
    """Ask one after the other; how long all took, and how many were lost."""
    one = links[request["link"]]
    lost = 0
    began = time.time()
    for _ in range(request["count"]):
        done = threading.Event()
        receipt = one.request(request["path"], None, lambda _: done.set(), lambda _: done.set(), timeout=60)
        if not done.wait(request.get("wait", 0.5)) or receipt.status != RNS.RequestReceipt.READY:
            lost += 1
    return {"seconds": time.time() - began, "lost": lost}


def links_timed(request):
    """Set links up one after the other; how long all took."""
    out = target(request)
    began = time.time()
    for _ in range(request["count"]):
        made = RNS.Link(out)
        if not until_fast(lambda: made.status == RNS.Link.ACTIVE):
            raise TimeoutError("a link was not established")
        made.teardown()
    return {"seconds": time.time() - began}


def until_fast(ready, seconds=15):
    end = time.time() + seconds
    while time.time() < end:
        if ready():
            return True
        time.sleep(0.0002)
    return False


def identify(request):
    links[request["link"]].identify(RNS.Identity.from_bytes(bytes.fromhex(request["private"])))
    return {}


def link_send(request):
    receipt = RNS.Packet(links[request["link"]], content(request)).send()
    until(lambda: receipt.status != RNS.PacketReceipt.SENT, request.get("seconds", 10))
    return {"status": receipt.status}


def ask(request):
    """A request over a link, waited for."""
    data = umsgpack.unpackb(bytes.fromhex(request["value"])) if "value" in request else content(request)
    done = threading.Event()
    out = {}

    def answered(receipt):
        response = receipt.response
        if isinstance(response, bytes):
            out.update(digest(response))
        elif hasattr(response, "read"):
            out.update(digest(response.read()))
            out["metadata"] = umsgpack.packb(receipt.metadata).hex()
        else:
            out["value"] = umsgpack.packb(response).hex()
        done.set()

    receipt = links[request["link"]].request(
        request["path"], data, answered, lambda _: done.set(), timeout=request.get("timeout")
    )
    done.wait(request.get("seconds", 60))
    return {"status": receipt.status, **out}


def resource(request):
    """Send a resource; with `wait` until it is concluded."""
    done = threading.Event()
    options = {}
    if "metadata" in request:
        options["metadata"] = umsgpack.unpackb(bytes.fromhex(request["metadata"]))
    made = RNS.Resource(
        content(request),
        links[request["link"]],
        auto_compress=request.get("compress", False),
        callback=lambda one: tell("sent-resource", status=one.status) or done.set(),
        **options,
    )
    resources[made.hash.hex()] = made
    if request.get("wait", True):
        done.wait(request.get("seconds", 60))
    return {"status": made.status, "hash": made.hash.hex(), "compressed": made.compressed}


def cancel(request):
    resources[request["hash"]].cancel()
    return {"status": resources[request["hash"]].status}


class Note(RNS.MessageBase if hasattr(RNS, "MessageBase") else RNS.Channel.MessageBase):
    MSGTYPE = 0x0101

    def __init__(self, data=b""):
        self.data = data

    def pack(self):
        return self.data

    def unpack(self, raw):
        self.data = raw


def channel(request):
    """Open the channel of a link, and tell of its messages and of stream 1."""
    key = request["link"]
    made = links[key].get_channel()
    made.register_message_type(Note)
    made.add_message_handler(lambda message: note(key, message))
    links[key].reader = RNS.Buffer.create_reader(1, made, lambda ready: tell("stream-ready", link=key))
    links[key].writer = RNS.Buffer.create_writer(2, made)
    return {"mdu": made.mdu}


def note(key, message):
    if not isinstance(message, Note):
        return False
    tell("message", link=key, data=message.data.hex())
    return True


def channel_send(request):
    made = links[request["link"]].get_channel()
    for i in range(request["count"]):
        if not until_fast(made.is_ready_to_send, 30):
            raise TimeoutError("the channel is not ready")
        made.send(Note(i.to_bytes(4, "big") + bytes(request["size"] - 4)))
    until(lambda: len(made._tx_ring) == 0, 30)
    return {"left": len(made._tx_ring)}


def stream_write(request):
    writer = links[request["link"]].writer
    data = content(request)
    end = time.time() + 30
    while data and time.time() < end:
        taken = writer.raw.write(data)
        data = data[taken or 0 :]
        if not taken:
            time.sleep(0.001)
    if request.get("end"):
        writer.raw.close()
    return {"left": len(data)}


def stream_read(request):
    reader = links[request["link"]].reader
    got = bytearray()
    end = time.time() + 30
    while len(got) < request["size"] and time.time() < end:
        got += reader.raw.read(65536) or b""
        time.sleep(0.001)
    return digest(bytes(got))


def close(request):
    links[request["link"]].teardown()
    return {}


def link_state(request):
    one = links[request["link"]]
    return {"status": one.status, "reason": getattr(one, "teardown_reason", None)}


def main():
    table = {
        "start": start, "destination": destination, "take": take, "forget": forget, "count": count, "announce": announce,
        "path": path, "known": known, "send": send, "link": link, "links-timed": links_timed,
        "asks-timed": asks_timed,
        "identify": identify, "link-send": link_send, "ask": ask, "resource": resource, "cancel": cancel,
        "channel": channel, "channel-send": channel_send, "stream-write": stream_write,
        "stream-read": stream_read, "close": close, "link-state": link_state,
    }
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = table[request["op"]](request)
        except Exception as error:
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
    os._exit(0)


main()
