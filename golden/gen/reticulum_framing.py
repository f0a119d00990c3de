"""Vectors of packets on streams: HDLC and KISS as TCPClientInterface frames and reads them.

usage: python golden/gen/reticulum_framing.py [--check | --compare]

The interface gets a socket that hands out given chunks and keeps what is sent. `packets` are those
that reach Transport.inbound.
"""

import types

from RNS.Interfaces.TCPInterface import HDLC, KISS, TCPClientInterface

from harness import Topic, blob, main, stream

MTU = 600
IFAC = 16


class Socket:
    def __init__(self, chunks=()):
        self.chunks = list(chunks)
        self.sent = b""

    def recv(self, _):
        return self.chunks.pop(0) if self.chunks else b""

    def sendall(self, data):
        self.sent += bytes(data)


def interface(kiss, socket):
    one = TCPClientInterface.__new__(TCPClientInterface)
    one.packets = []
    # Empty packets, which only the older version hands on, go no further than inbound.
    keep = lambda data, _: one.packets.append(bytes(data)) if data else None
    one.owner = types.SimpleNamespace(inbound=keep)
    one.socket = socket
    one.kiss_framing = kiss
    one.HW_MTU, one.ifac_size = MTU, IFAC
    one.name, one.target_ip, one.target_port = "one", "127.0.0.1", 1
    one.online, one.detached, one.initiator = True, False, False
    one.rxb = one.txb = 0
    one.parent_interface = None
    one.teardown = lambda: None
    return one


def received(kiss, chunks):
    one = interface(kiss, Socket(chunks))
    one.read_loop()
    return one.packets


def sent(kiss, packet):
    one = interface(kiss, Socket())
    one.process_outgoing(packet)
    return one.socket.sent


def packet(size, label="packet"):
    return stream(f"framing/{label}", size)


def build():
    topic = Topic(
        "reticulum", "framing", "rns", "RNS/Interfaces/TCPInterface.py TCPClientInterface", __file__
    )
    for framing, kiss in (("hdlc", False), ("kiss", True)):
        encoding(topic, framing, kiss)
    hdlc(topic)
    kiss_frames(topic)
    return topic


def encoding(topic, framing, kiss):
    special = bytes([0x7E, 0x7D, 0x5E, 0x5D, 0xC0, 0xDB, 0xDC, 0xDD])
    packets = {
        "plain": packet(40),
        "all-bytes": bytes(range(256)),
        "special": special * 5,
        "only-flags": bytes([0x7E]) * 30,
        "only-escapes": bytes([0x7D]) * 30,
        "only-fend": bytes([0xC0]) * 30,
        "only-fesc": bytes([0xDB]) * 30,
        "largest": packet(MTU),
    }
    for name, data in packets.items():
        frame = sent(kiss, data)
        assert received(kiss, [frame]) == [data], name
        topic.case(
            f"{framing}-encode-{name}",
            {"op": "encode", "framing": framing, "packet": data.hex()},
            {"frame": blob(frame)},
        )


def decode(topic, framing, name, chunks, note=None):
    found = received(framing == "kiss", chunks)
    given = {
        "op": "decode",
        "framing": framing,
        "chunks": [chunk.hex() for chunk in chunks],
        "maxBytes": MTU + IFAC,
    }
    out = {"packets": [one.hex() for one in found]}
    if found:
        topic.case(f"{framing}-{name}", given, out, note)
    else:
        note = "dropped" if note is None else f"dropped: {note}"
        topic.negative(f"{framing}-neg-{name}", given, "RNS_PACKET", note, out)


def hdlc(topic):
    flag = bytes([HDLC.FLAG])
    escape = bytes([HDLC.ESC])
    a, b = packet(30, "a"), packet(45, "b")

    def frame(data):
        return flag + HDLC.escape(data) + flag

    def take(name, *chunks, note=None):
        decode(topic, "hdlc", name, list(chunks), note)

    take("two-frames", frame(a) + frame(b))
    take("shared-flag", frame(a) + frame(b)[1:])
    take("many-flags", flag * 5 + frame(a) + flag * 3 + frame(b) + flag * 2)
    take("byte-by-byte", *[bytes([byte]) for byte in frame(a) + frame(b)])
    take("split-at-escape", flag + a + escape, bytes([0x5E]) + b + flag)
    take("noise-before", b"noise" + frame(a), note="what comes before the first flag is ignored")
    take("noise-between", frame(a) + b"noise" + frame(b), note="noise between flags is a short frame")
    take("open-end", frame(a) + flag + b, note="the second frame is not closed")
    for size in (1, 18, 19):
        take(f"short-{size}", frame(packet(size)), note="no longer than a header")
    take("short-20", frame(packet(20)))
    for size in (MTU, MTU + IFAC - 1, MTU + IFAC):
        take(f"long-{size}", frame(packet(size)))
    take(f"long-{MTU + IFAC + 1}", frame(packet(MTU + IFAC + 1)), note="longer than the interface takes")
    take("long-then-good", frame(packet(MTU + IFAC + 1)) + frame(a))
    take("endless", flag + packet(3 * MTU), packet(3 * MTU), note="no flag ever comes")
    take("stray-escape", flag + a + escape + b"\x00" + b + flag, note="an escape before another byte stays")
    take("escape-at-end", flag + a + escape + flag)
    take("double-escape", flag + a + escape + escape + bytes([0x5D]) + b + flag)
    take("escaped-escape-then-mask", flag + a + escape + bytes([0x5D, 0x5E]) + b + flag)
    take("empty-chunks-of-flags", flag, flag, flag, a + flag)


def kiss_frames(topic):
    fend = bytes([KISS.FEND])
    fesc = bytes([KISS.FESC])
    a, b = packet(30, "a"), packet(45, "b")

    def frame(data, command=b"\x00"):
        return fend + command + KISS.escape(data) + fend

    def take(name, *chunks, note=None):
        decode(topic, "kiss", name, list(chunks), note)

    take("two-frames", frame(a) + frame(b))
    take("byte-by-byte", *[bytes([byte]) for byte in frame(a) + frame(b)])
    take("split-at-escape", fend + b"\x00" + a + fesc, bytes([0xDC]) + b + fend)
    take("noise-before", b"noise" + frame(a))
    take("other-port", frame(a, b"\x30"), note="the high nibble is the port of a TNC")
    take("open-end", frame(a) + fend + b"\x00" + b)
    take("stray-escape", fend + b"\x00" + a + fesc + b"\x00" + b + fend)
    take("other-command", frame(a, b"\x01"), note="not data")
    take("ready-command", frame(b"\x01", b"\x0f") + frame(a))
    take("no-data", frame(b"") + frame(a), note="an empty frame is no packet")


if __name__ == "__main__":
    main(build)
