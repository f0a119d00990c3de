"""Both ends of a link of the reference in one process, without threads or a network.

Packets that the reference would send are caught; a generator carries them to the other end by hand.
"""

import contextlib
import os
import threading
import time
import types

from harness import RNS, STORAGE, forget, identity, injected, typed

L = RNS.Link


class Medium:
    """An interface that a path leads over, and that packets are received on."""

    AUTOCONFIGURE_MTU = True
    FIXED_MTU = False
    OUT = True
    online = True
    mode = 1
    gravity = 0
    ifac_size = 0
    announce_rate_target = None
    reports_phy_stats = False

    def __init__(self, mtu=500, bitrate=10_000_000):
        self.HW_MTU = mtu
        self.bitrate = bitrate

    def __str__(self):
        return f"Medium[{self.HW_MTU}]"


INSTANCE = types.SimpleNamespace(
    shared_instance_interface=None,
    is_connected_to_shared_instance=False,
    get_first_hop_timeout=lambda destination_hash: RNS.Transport.first_hop_timeout(destination_hash),
    is_blackholed=lambda identity_hash: False,
    get_packet_rssi=lambda packet_hash: None,
    get_packet_snr=lambda packet_hash: None,
    get_packet_q=lambda packet_hash: None,
    _used_destination_data=lambda destination_hash: None,
)


class Clock:
    """A clock that a generator moves by hand."""

    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now

    def advance(self, seconds):
        self.now += seconds


def is_job(thread):
    """Whether a thread is a single job, not a loop that watches."""
    name = getattr(thread._target, "__name__", "")
    return "watchdog" not in name and "timeout_job" not in name


@contextlib.contextmanager
def caught(clock=None):
    """Catch what is sent; jobs run at once, loops that watch do not run at all."""
    sent = []
    real = (RNS.Transport.outbound, threading.Thread.start, time.time, RNS.Transport.owner)
    instance = RNS.Reticulum.__dict__["get_instance"]
    discovery = RNS.Reticulum.__dict__["link_mtu_discovery"]

    def outbound(packet):
        sent.append(packet)
        wants = packet.create_receipt and packet.packet_type == RNS.Packet.DATA
        kept = packet.context in (RNS.Packet.NONE, RNS.Packet.REQUEST, RNS.Packet.CHANNEL)
        packet.sent = True
        packet.sent_at = time.time()
        if wants and kept and packet.destination.type != RNS.Destination.PLAIN:
            packet.receipt = RNS.PacketReceipt(packet)
            RNS.Transport.receipts.append(packet.receipt)
        return True

    def start(thread):
        if is_job(thread):
            thread.run()

    RNS.Transport.outbound = staticmethod(outbound)
    RNS.Transport.owner = INSTANCE
    RNS.Reticulum.get_instance = staticmethod(lambda: INSTANCE)
    RNS.Reticulum.link_mtu_discovery = staticmethod(lambda: True)
    RNS.Reticulum.resourcepath = os.path.join(STORAGE, "resources")
    RNS.Reticulum.cachepath = os.path.join(STORAGE, "cache")
    for folder in (RNS.Reticulum.resourcepath, RNS.Reticulum.cachepath):
        os.makedirs(folder, exist_ok=True)
    threading.Thread.start = start
    if clock is not None:
        time.time = clock
    try:
        yield sent
    finally:
        RNS.Transport.outbound = staticmethod(real[0])
        threading.Thread.start, time.time, RNS.Transport.owner = real[1:]
        RNS.Reticulum.get_instance = instance
        RNS.Reticulum.link_mtu_discovery = discovery
        RNS.Transport.receipts.clear()


def received(raw, medium):
    """A packet as it comes in."""
    packet = RNS.Packet(None, raw)
    if not packet.unpack():
        return None
    packet.hops += 1
    packet.receiving_interface = medium
    return packet


def path_to(destination_hash, medium, hops=1):
    """Make the reference know a path."""
    RNS.Transport.path_table[destination_hash] = [
        time.time(), destination_hash, hops, time.time() + 3600, [], medium, bytes(32),
    ]


class Session:
    """A link between an initiator and a destination, step by step."""

    def __init__(self, label, owner=None, near=500, far=500, aspects=("x",), clock=None):
        forget()
        RNS.Transport.path_table.clear()
        self.label = label
        self.owner = owner or identity(f"{label}/owner")
        self.near, self.far = Medium(near), Medium(far)
        self.clock = clock or Clock(1700000000.25)
        self.aspects = aspects
        self.destination = RNS.Destination(
            self.owner, RNS.Destination.IN, RNS.Destination.SINGLE, "app", *aspects
        )
        public = RNS.Identity(create_keys=False)
        public.load_public_key(self.owner.get_public_key())
        self.target = RNS.Destination(
            public, RNS.Destination.OUT, RNS.Destination.SINGLE, "app", *aspects
        )
        path_to(self.target.hash, self.near)
        self.initiator = None
        self.responder = None
        self.steps = []

    def step(self, name, action, draw=None):
        """Run `action`; what it drew and sent is a step of the session."""
        with injected(f"{self.label}/{draw or name}") as draws, caught(self.clock) as sent:
            result = action()
        self.steps.append(
            {
                "step": name,
                "draws": draws.hex,
                "now": typed(self.clock.now),
                "sent": [packet.raw.hex() for packet in sent],
            }
        )
        return result, sent

    def open(self):
        """Link request, proof and round trip; 125 ms each way."""
        self.initiator, sent = self.step("open", lambda: L(self.target))
        request = sent[0].raw
        self.clock.advance(0.125)
        packet = received(request, self.far)
        packet.destination = self.destination

        def accept():
            clamp(packet)
            self.destination.receive(packet)
            return self.destination.links[-1] if self.destination.links else None

        self.responder, sent = self.step("accept", accept)
        if self.responder is None:
            return self
        proof = sent[0].raw
        self.clock.advance(0.125)
        _, sent = self.step(
            "prove", lambda: self.initiator.validate_proof(received(proof, self.near))
        )
        self.clock.advance(0.125)
        self.carry(sent, self.responder)
        return self

    def carry(self, sent, link):
        """Give packets to an end of the link; what it sends in turn is caught."""
        medium = self.near if link is self.initiator else self.far
        with injected(f"{self.label}/carry") as draws, caught(self.clock) as answers:
            for packet in sent:
                inbound = received(packet.raw, medium)
                inbound.link = link
                link.receive(inbound)
        return answers, draws


def clamp(packet):
    """What Transport does to the signalled MTU before a destination sees the request."""
    mtu = L.mtu_from_lr_packet(packet)
    limit = packet.receiving_interface.HW_MTU
    if mtu and limit < mtu:
        mode = L.mode_from_lr_packet(packet)
        packet.data = packet.data[:-3] + L.signalling_bytes(limit, mode)
