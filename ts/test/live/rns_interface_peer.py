"""Interfaces of a running reference that a test talks to: one JSON request a line on stdin, one JSON answer
a line.

Started with a storage folder as its only argument. `start` takes the text of a configuration file, so the
test decides which interfaces there are. Without `start` it answers what needs no running instance.
"""

import bz2
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
from RNS.vendor.configobj import ConfigObj, ConfigObjError  # noqa: E402

try:
    from RNS._version import __version__ as rns_version
except ImportError:
    rns_version = "unknown"

heard = []
packets = []
kept = {}


def version(request):
    return {"rns": rns_version}


def until(ready, seconds):
    end = time.time() + seconds
    while time.time() < end:
        if ready():
            return True
        time.sleep(0.01)
    return ready()


class Announces:
    aspect_filter = None

    def received_announce(self, destination_hash, announced_identity, app_data):
        hops = RNS.Transport.hops_to(destination_hash)
        data = app_data.hex() if app_data else None
        heard.append({"destination": destination_hash.hex(), "appData": data, "hops": hops})


def start(request):
    os.makedirs(storage, exist_ok=True)
    with open(os.path.join(storage, "config"), "w", encoding="utf-8") as config:
        config.write(request["config"])
    kept["reticulum"] = RNS.Reticulum(storage, loglevel=int(os.environ.get("RNS_LOGLEVEL", "0")))
    RNS.Transport.register_announce_handler(Announces())
    plain = RNS.Destination(None, RNS.Destination.IN, RNS.Destination.PLAIN, "test", "raw")
    plain.set_packet_callback(lambda data, packet: packets.append(data.hex()))
    kept["plain"] = plain
    return {"rns": rns_version, "shared": kept["reticulum"].is_connected_to_shared_instance}


def interfaces(request):
    found = []
    for one in RNS.Transport.interfaces:
        found.append({
            "name": one.name,
            "label": str(one),
            "online": bool(one.online),
            "hwMtu": one.HW_MTU,
            "bitrate": one.bitrate,
            "violations": getattr(one, "ifac_violations", None),
            "rxb": one.rxb,
        })
    return {"interfaces": found}


def send_plain(request):
    """Send a packet to everyone; answers with its frame as it is without access code."""
    destination = RNS.Destination(None, RNS.Destination.OUT, RNS.Destination.PLAIN, "test", "raw")
    packet = RNS.Packet(destination, bytes.fromhex(request["data"]))
    packet.send()
    return {"frame": packet.raw.hex()}


def take_plain(request):
    """Packets to everyone that came in, once there are as many as asked for."""
    until(lambda: len(packets) >= request["count"], request.get("seconds", 10))
    taken = packets[:]
    packets.clear()
    return {"packets": taken}


def announce(request):
    identity = RNS.Identity.from_bytes(bytes.fromhex(request["private"]))
    if request["private"] not in kept:
        destination = RNS.Destination(
            identity, RNS.Destination.IN, RNS.Destination.SINGLE, "test", "host"
        )
        destination.set_proof_strategy(RNS.Destination.PROVE_ALL)
        destination.set_packet_callback(lambda data, packet: packets.append(data.hex()))
        kept[request["private"]] = destination
    destination = kept[request["private"]]
    destination.announce(app_data=bytes.fromhex(request["appData"]))
    return {"destination": destination.hash.hex()}


def await_announce(request):
    """Whether an announce of a destination came in, and how."""
    def found():
        return [one for one in heard if one["destination"] == request["destination"]]

    until(found, request.get("seconds", 10))
    return {"announces": found()}


def deliver(request):
    """Send a packet to a destination that announced itself, and wait for its proof."""
    address = bytes.fromhex(request["destination"])
    identity = RNS.Identity.recall(address)
    destination = RNS.Destination(
        identity, RNS.Destination.OUT, RNS.Destination.SINGLE, "test", "host"
    )
    receipt = RNS.Packet(destination, bytes.fromhex(request["data"])).send()
    until(lambda: receipt.status == RNS.PacketReceipt.DELIVERED, request.get("seconds", 10))
    return {"delivered": receipt.status == RNS.PacketReceipt.DELIVERED}


def tree(section):
    scalars = [[key, section[key]] for key in section.scalars]
    return [scalars, [[name, tree(section[name])] for name in section.sections]]


def config_tree(request):
    """A file as the reference reads it, or the line of its first error."""
    path = os.path.join(storage, "config-to-read")
    os.makedirs(storage, exist_ok=True)
    with open(path, "wb") as file:
        file.write(request["text"].encode("utf-8"))
    try:
        return {"tree": tree(ConfigObj(path))}
    except ConfigObjError as error:
        errors = getattr(error, "errors", None)
        return {"refused": True, "line": errors[0].line_number if errors else None}
    except Exception:
        return {"refused": True, "line": None}


def example_configs(request):
    """The example files that the reference carries, as it prints and writes them."""
    from RNS.Utilities import rnsd

    default = sys.modules["RNS.Reticulum"].__dict__["__default_rns_config__"]
    return {
        "example": rnsd.__dict__["__example_rns_config__"],
        "default": "\n".join(default) + "\n",
    }


def decompress(request):
    """What the reference makes of a compressed segment or chunk."""
    decompressor = bz2.BZ2Decompressor()
    data = decompressor.decompress(bytes.fromhex(request["stream"]), max_length=request["maxBytes"])
    return {"ended": decompressor.eof, "data": data.hex()}


def compress(request):
    return {"stream": bz2.compress(bytes.fromhex(request["data"])).hex()}


def cable(request):
    """Two pseudo-terminals joined as by a null-modem cable."""
    import pty
    import tty

    ends = []
    for _ in range(2):
        master, slave = pty.openpty()
        tty.setraw(slave)
        ends.append((master, slave, os.ttyname(slave)))

    def carry(source, target):
        try:
            while True:
                os.write(target, os.read(source, 4096))
        except OSError:
            pass

    for a, b in ((0, 1), (1, 0)):
        threading.Thread(target=carry, args=(ends[a][0], ends[b][0]), daemon=True).start()
    kept["cable"] = ends
    return {"ports": [name for _, _, name in ends]}


COMMANDS = {function.__name__: function for function in (
    version, start, interfaces, send_plain, take_plain, announce, await_announce, deliver, config_tree,
    example_configs, decompress, compress, cable)}

for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = COMMANDS[request["op"]](request)
    except BaseException as error:  # the reference ends its process where it panics
        traceback.print_exc()
        answer = {"error": f"{type(error).__name__}: {error}"}
    answers.write(json.dumps(answer) + "\n")
    answers.flush()

os._exit(0)  # the reference's threads and exit handlers have nothing left to do
