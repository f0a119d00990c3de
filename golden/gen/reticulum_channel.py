"""Vectors of channels and buffers: envelopes, sequences, windows, timeouts, stream messages.

usage: python golden/gen/reticulum_channel.py [--check | --compare]
"""

import bz2
import types

from RNS.Buffer import RawChannelWriter, StreamDataMessage
from RNS.Channel import Channel, Envelope, MessageBase, MessageState

from endpoints import Session, caught
from harness import Topic, attempt, injected, main, stream, typed


class Note(MessageBase):
    MSGTYPE = 0x0101

    def __init__(self, data=b""):
        self.data = data

    def pack(self):
        return self.data

    def unpack(self, raw):
        self.data = raw


def kind(number):
    return type("Kind", (Note,), {"MSGTYPE": number})


class Outlet:
    """A link that takes messages and proves them when it is told to."""

    def __init__(self, rtt, mdu=431):
        self.rtt, self.mdu, self.is_usable = rtt, mdu, True
        self.link = types.SimpleNamespace(rtt=rtt)
        self.sent = []
        self.closed = False

    def send(self, raw):
        packet = types.SimpleNamespace(
            raw=raw, receipt=types.SimpleNamespace(timeout=None, set_timeout=None), state=1, at=None
        )
        packet.receipt.set_timeout = lambda seconds: setattr(packet.receipt, "timeout", seconds)
        packet.id = len(self.sent)
        self.sent.append(packet)
        return packet

    def resend(self, packet):
        return packet

    def get_packet_state(self, packet):
        return MessageState(packet.state)

    def set_packet_timeout_callback(self, packet, callback, timeout=None):
        packet.timed_out = callback
        if timeout:
            packet.receipt.timeout = timeout

    def set_packet_delivered_callback(self, packet, callback):
        packet.delivered = callback

    def get_packet_id(self, packet):
        return packet.id

    def timed_out(self):
        self.closed = True


def envelopes(topic):
    for number, sequence, size in (
        (0x0101, 0, 0),
        (0x0101, 1, 5),
        (0x0000, 65535, 1),
        (0xEFFF, 300, 425),
        (0xFF00, 7, 20),
    ):
        data = stream(f"channel/{number}/{size}", size)
        envelope = Envelope(None, message=kind(number)(data), sequence=sequence)
        topic.case(
            f"envelope-{number:04x}-{sequence}-{size}",
            {"op": "envelope", "type": number, "sequence": sequence, "data": data.hex()},
            {"raw": envelope.pack().hex()},
        )
    for name, raw in (("cut", "010100000"), ("empty", "")):
        raw = bytes.fromhex(raw if len(raw) % 2 == 0 else raw + "0")
        envelope = Envelope(None, raw=raw)
        _, raised = attempt(lambda: envelope.unpack({0x0101: Note}))
        assert raised is not None
        topic.negative(
            f"envelope-neg-{name}", {"op": "open", "raw": raw.hex()}, "RNS_CHANNEL", raised
        )


def sequences(topic):
    """Which messages are delivered, and in which order, for sequence numbers as they come in."""
    for name, start, arriving in (
        ("in-order", 0, [0, 1, 2, 3]),
        ("reordered", 0, [1, 0, 3, 2]),
        ("gap", 0, [2, 3, 4, 1, 0]),
        ("duplicates", 0, [0, 0, 1, 1, 0]),
        ("old", 10, [9, 8, 10]),
        ("far-ahead", 0, [48, 49, 0]),
        ("wrap", 65534, [65534, 65535, 0, 1]),
        ("wrap-reordered", 65534, [0, 65535, 65534, 1]),
        ("wrap-old", 65534, [65533, 65534, 65535, 0]),
        ("wrap-window", 65530, [41, 42, 43, 65530]),
    ):
        channel = Channel(Outlet(0.1))
        channel.register_message_type(Note)
        channel._next_rx_sequence = start
        got = []
        channel.add_message_handler(lambda message: got.append(int.from_bytes(message.data, "big")))
        for sequence in arriving:
            raw = Envelope(None, message=Note(sequence.to_bytes(2, "big")), sequence=sequence).pack()
            channel._receive(raw)
        topic.case(
            f"sequence-{name}",
            {"op": "sequence", "start": start, "arriving": arriving},
            {"delivered": got, "next": channel._next_rx_sequence},
        )


def windows(topic):
    """The window after each message that is delivered (d) or not proven in time (t)."""
    for name, rtt, events in (
        ("fast", 0.02, "d" * 60),
        ("medium", 0.4, "d" * 20),
        ("slow", 1.0, "d" * 20),
        ("very-slow", 1.5, "d" * 5),
        ("losses", 0.02, "d" * 20 + "t" * 4 + "d" * 5 + "t" * 3 + "d" * 10),
        ("early-losses", 0.3, "tdtdddtttddddd"),
    ):
        outlet = Outlet(rtt)
        channel = Channel(outlet)
        states = []
        for event in events:
            channel.send(Note(b"x"))
            packet = outlet.sent[-1]
            if event == "d":
                packet.state = 2
                packet.delivered(packet)
            else:
                packet.timed_out(packet)
                # Proven at its second try, without counting for the window.
                packet.state = 2
                channel._tx_ring.clear()
            states.append([channel.window, channel.window_max, channel.window_min])
        topic.case(
            f"window-{name}",
            {"op": "window", "rtt": typed(rtt), "events": events},
            {"states": states},
        )


def timeouts(topic):
    for rtt in (0.001, 0.02, 0.5, 2.0):
        outlet = Outlet(rtt)
        channel = Channel(outlet)
        rows = []
        for ring in (0, 1, 5, 48):
            channel._tx_ring.clear()
            channel._tx_ring.extend(range(ring))
            rows.append([channel._get_packet_timeout_time(tries) for tries in range(1, 6)])
        topic.case(
            f"timeout-{rtt}",
            {"op": "timeout", "rtt": typed(rtt), "rings": [0, 1, 5, 48]},
            {"seconds": [[typed(one) for one in row] for row in rows]},
        )


def streams(topic):
    for stream_id, size, eof in ((0, 0, False), (0, 0, True), (1, 5, False), (16383, 423, True)):
        data = stream(f"stream/{size}", size)
        message = StreamDataMessage(stream_id, data, eof)
        topic.case(
            f"stream-{stream_id}-{size}-{'end' if eof else 'more'}",
            {"op": "stream", "streamId": stream_id, "data": data.hex(), "end": eof, "packed": False},
            {"raw": message.pack().hex()},
        )
    data = b"abcd" * 500
    message = StreamDataMessage(9, bz2.compress(data), False, True)
    read = StreamDataMessage()
    read.unpack(message.pack())
    assert read.data == data and read.stream_id == 9
    topic.case(
        "stream-packed",
        {
            "op": "stream",
            "streamId": 9,
            "data": bz2.compress(data).hex(),
            "end": False,
            "packed": True,
        },
        {"raw": message.pack().hex(), "unpacked": data.hex()},
    )


def writes(topic):
    """How a writer cuts what it is given; without packing, for what does not pack."""
    for size in (1, 32, 33, 423, 424, 1000, 20000):
        outlet = Outlet(0.1)
        channel = Channel(outlet)
        writer = RawChannelWriter(3, channel)
        data = stream("write", size)
        taken = writer.write(data)
        topic.case(
            f"write-{size}",
            {"op": "write", "streamId": 3, "mdu": 431, "size": size, "label": "write"},
            {"taken": taken, "raw": outlet.sent[0].raw.hex()},
        )


def packets(topic):
    """A message over a real link, and the proof that it arrived."""
    session = Session("channel/link", near=500, far=500).open()
    a, b = session.initiator, session.responder
    for link in (a, b):
        link.get_channel().register_message_type(Note)
    got = []
    b.get_channel().add_message_handler(lambda message: got.append(message.data.hex()))
    _, sent = session.step("send", lambda: a.get_channel().send(Note(b"hello")))
    step = session.steps[-1]
    proof, _ = session.carry(sent, b)
    assert got == [b"hello".hex()]
    topic.case(
        "packet",
        {
            "op": "packet",
            "key": a.derived_key.hex(),
            "linkId": a.link_id.hex(),
            "signer": session.owner.get_private_key().hex(),
            "type": Note.MSGTYPE,
            "data": b"hello".hex(),
            "draws": step["draws"],
        },
        {"packet": sent[0].raw.hex(), "proof": proof[0].raw.hex(), "mdu": a.get_channel().mdu},
    )


def build():
    symbol = "RNS/Channel.py Channel, Envelope; RNS/Buffer.py StreamDataMessage, RawChannelWriter"
    topic = Topic("reticulum", "channel", "rns", symbol, __file__)
    with injected("channel"), caught():
        envelopes(topic)
        sequences(topic)
        windows(topic)
        timeouts(topic)
        streams(topic)
        writes(topic)
    packets(topic)
    return topic


if __name__ == "__main__":
    main(build)
