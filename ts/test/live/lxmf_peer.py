"""A running LXMF endpoint that a test talks to: one JSON request a line on stdin, one JSON answer a line.

Started with a storage folder as its only argument. It has no interfaces and opens no sockets.
"""

import json
import os
import sys
import traceback

storage = sys.argv[1]
answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)  # whatever the reference prints goes to stderr, never between the answers

os.makedirs(storage, exist_ok=True)
with open(os.path.join(storage, "config"), "w", encoding="utf-8") as config:
    config.write("[reticulum]\n  enable_transport = No\n  share_instance = No\n[logging]\n  loglevel = 0\n")

import RNS  # noqa: E402
import LXMF  # noqa: E402
import RNS.vendor.umsgpack as umsgpack  # noqa: E402

try:
    from RNS._version import __version__ as rns_version
    from LXMF._version import __version__ as lxmf_version
except ImportError:
    rns_version = lxmf_version = "unknown"

RNS.Reticulum(storage, loglevel=0)
delivered = []
state = {}


def unhex(text):
    return bytes.fromhex(text)


def describe(message):
    stamp = message.stamp
    return {
        "destinationHash": message.destination_hash.hex(),
        "sourceHash": message.source_hash.hex(),
        "messageHash": message.hash.hex(),
        "timestamp": message.timestamp,
        "title": message.title.hex(),
        "content": message.content.hex(),
        "fields": umsgpack.packb(message.fields).hex(),
        "stamp": stamp.hex() if isinstance(stamp, bytes) else None,
        "stampValid": message.stamp_valid,
        "stampValue": message.stamp_value,
        "verified": message.signature_validated,
        "reason": message.unverified_reason,
        "packed": message.packed.hex(),
    }


def start(request):
    identity = RNS.Identity.from_bytes(unhex(request["private"]))
    router = LXMF.LXMRouter(identity=identity, storagepath=os.path.join(storage, "lxmf"),
                            enforce_stamps=request.get("enforceStamps", False))
    destination = router.register_delivery_identity(identity, display_name=request.get("name"),
                                                    stamp_cost=request.get("stampCost"))
    router.register_delivery_callback(lambda message: delivered.append(describe(message)))
    state.update(identity=identity, router=router, destination=destination)
    return {"destinationHash": destination.hash.hex(), "rns": rns_version, "lxmf": lxmf_version}


def remember(request):
    public = unhex(request["public"])
    peer = RNS.Identity(create_keys=False)
    peer.load_public_key(public)
    destination_hash = RNS.Destination.hash(peer, "lxmf", "delivery")
    RNS.Identity.remember(None, destination_hash, public, None)
    state.setdefault("peers", {})[request["public"]] = peer
    return {"destinationHash": destination_hash.hex()}


def ingest(request):
    delivered.clear()
    result = state["router"].ingest_lxm_uri(request["uri"], signal_local_delivery="delivered",
                                            signal_duplicate="duplicate")
    return {"result": result if isinstance(result, (str, bool)) else str(result), "delivered": delivered}


def outbound(request):
    peer = state["peers"][request["public"]]
    destination = RNS.Destination(peer, RNS.Destination.OUT, RNS.Destination.SINGLE, "lxmf", "delivery")
    methods = {"paper": LXMF.LXMessage.PAPER, "direct": LXMF.LXMessage.DIRECT,
               "propagated": LXMF.LXMessage.PROPAGATED, "opportunistic": LXMF.LXMessage.OPPORTUNISTIC}
    fields = umsgpack.unpackb(unhex(request["fields"])) if request.get("fields") else None
    message = LXMF.LXMessage(destination, state["destination"], unhex(request["content"]),
                             unhex(request["title"]), fields=fields,
                             desired_method=methods[request["method"]],
                             stamp_cost=request.get("stampCost"))
    message.defer_stamp = False
    if request.get("ticket"):
        message.outbound_ticket = unhex(request["ticket"])
    return message


def make(request):
    message = outbound(request)
    message.pack()
    answer = describe(message)
    if request["method"] == "paper":
        answer["uri"] = message.as_uri()
    if request["method"] == "propagated":
        if request.get("propagationCost") is not None:
            message.get_propagation_stamp(request["propagationCost"])
            message.packed = None
            message.pack()
        answer["upload"] = message.propagation_packed.hex()
        answer["transientId"] = message.transient_id.hex()
    answer["container"] = message.packed_container().hex()
    if request.get("directory"):
        answer["file"] = message.write_to_directory(request["directory"])
    return answer


def unpack(request):
    return describe(LXMF.LXMessage.unpack_from_bytes(unhex(request["packed"])))


def read_file(request):
    with open(request["file"], "rb") as handle:
        message = LXMF.LXMessage.unpack_from_file(handle)
    if message is None:
        return {"message": None}
    return {"message": describe(message), "state": message.state, "method": message.method,
            "transportEncrypted": message.transport_encrypted,
            "transportEncryption": message.transport_encryption}


def judge_stamp(request):
    message = LXMF.LXMessage.unpack_from_bytes(unhex(request["packed"]))
    tickets = [unhex(ticket) for ticket in request.get("tickets", [])]
    valid = message.validate_stamp(request["cost"], tickets=tickets or None)
    return {"valid": bool(valid), "value": message.stamp_value}


def judge_propagation_stamp(request):
    from LXMF.LXStamper import validate_pn_stamp
    transient_id, _, value, _ = validate_pn_stamp(unhex(request["data"]), request["cost"])
    return {"valid": transient_id is not None, "value": value,
            "transientId": transient_id.hex() if transient_id else None}


def judge_peering_key(request):
    from LXMF.LXStamper import validate_peering_key
    return {"valid": validate_peering_key(unhex(request["id"]), unhex(request["key"]), request["cost"])}


def read_upload(request):
    time_s, messages = umsgpack.unpackb(unhex(request["upload"]))
    router = state["router"]
    data = messages[0][:-LXMF.LXStamper.STAMP_SIZE] if request["stamped"] else messages[0]
    delivered.clear()
    result = router.lxmf_propagation(data, signal_local_delivery="delivered", signal_duplicate="duplicate")
    return {"time": time_s, "count": len(messages), "result": str(result), "delivered": delivered}


def app_data(request):
    data = unhex(request["data"])
    from LXMF import LXMF as helpers
    return {"name": helpers.display_name_from_app_data(data), "cost": helpers.stamp_cost_from_app_data(data),
            "compression": helpers.compression_support_from_app_data(data)}


def node_app_data(request):
    data = unhex(request["data"])
    from LXMF import LXMF as helpers
    return {"valid": helpers.pn_announce_data_is_valid(data), "name": helpers.pn_name_from_app_data(data),
            "cost": helpers.pn_stamp_cost_from_app_data(data)}


def own_app_data(request):
    router = state["router"]
    return {"delivery": router.get_announce_app_data(state["destination"].hash).hex(),
            "node": router.get_propagation_node_app_data().hex()}


def identity_file(request):
    identity = RNS.Identity.from_file(request["file"])
    return {"hash": identity.hash.hex() if identity else None}


def write_identity_file(request):
    RNS.Identity.from_bytes(unhex(request["private"])).to_file(request["file"])
    return {}


def encrypt(request):
    peer = RNS.Identity(create_keys=False)
    peer.load_public_key(unhex(request["public"]))
    ratchet = unhex(request["ratchet"]) if request.get("ratchet") else None
    return {"token": peer.encrypt(unhex(request["plaintext"]), ratchet=ratchet).hex()}


def decrypt(request):
    identity = RNS.Identity.from_bytes(unhex(request["private"]))
    ratchets = [unhex(ratchet) for ratchet in request.get("ratchets", [])]
    plaintext = identity.decrypt(unhex(request["token"]), ratchets=ratchets or None)
    return {"plaintext": plaintext.hex() if plaintext is not None else None}


def validate(request):
    peer = RNS.Identity(create_keys=False)
    peer.load_public_key(unhex(request["public"]))
    return {"valid": peer.validate(unhex(request["signature"]), unhex(request["message"]))}


COMMANDS = {function.__name__: function for function in (
    start, remember, ingest, make, unpack, read_file, judge_stamp, judge_propagation_stamp,
    judge_peering_key, read_upload, app_data, node_app_data, own_app_data, identity_file,
    write_identity_file, encrypt, decrypt, validate)}

for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = COMMANDS[request["op"]](request)
    except Exception as error:
        traceback.print_exc()
        answer = {"error": f"{type(error).__name__}: {error}"}
    answers.write(json.dumps(answer) + "\n")
    answers.flush()

os._exit(0)  # the reference's threads and exit handlers have nothing left to do
