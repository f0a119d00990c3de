"""MessagePack values written as JSON without losing what their type was; see golden/README.md."""

import datetime
import struct

import RNS.vendor.umsgpack as umsgpack

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


class Repeated:
    """A long value given by a rule: the reference gets `value`, the file holds `rule`."""

    def __init__(self, value, rule):
        self.value = value
        self.rule = rule


def repeated_bytes(byte, length):
    return Repeated(bytes([byte]) * length, {"t": "bin", "fill": f"{byte:02x}", "length": length})


def repeated_text(char, length):
    return Repeated(char * length, {"t": "str", "fill": char, "length": length})


def repeated_item(item, length):
    return Repeated([item] * length, {"t": "arr", "fill": typed(item), "length": length})


def counted_map(length):
    """The map {0: 0, 1: 1, ...}."""
    return Repeated({n: n for n in range(length)}, {"t": "map", "count": length})


def plain(value):
    """The value that the reference gets."""
    return value.value if isinstance(value, Repeated) else value


def float_bits(value):
    return struct.pack(">d", value).hex()


def from_bits(bits):
    return struct.unpack(">d", bytes.fromhex(bits))[0]


def time_value(seconds, microseconds=0):
    return EPOCH + datetime.timedelta(seconds=seconds, microseconds=microseconds)


def typed(value):
    """The notation of one value."""
    if isinstance(value, Repeated):
        return value.rule
    if value is None:
        return {"t": "nil"}
    if isinstance(value, bool):
        return {"t": "bool", "v": value}
    if isinstance(value, int):
        return {"t": "int", "v": str(value)}
    if isinstance(value, float):
        return {"t": "float", "bits": float_bits(value)}
    if isinstance(value, str):
        return {"t": "str", "v": value}
    if isinstance(value, (bytes, bytearray)):
        return {"t": "bin", "v": bytes(value).hex()}
    if isinstance(value, (list, tuple)):
        return {"t": "arr", "v": [typed(item) for item in value]}
    if isinstance(value, dict):
        return {"t": "map", "v": [[typed(key), typed(item)] for key, item in value.items()]}
    if isinstance(value, umsgpack.Ext):
        return {"t": "ext", "type": value.type, "data": value.data.hex()}
    if isinstance(value, datetime.datetime):
        delta = value - EPOCH
        seconds = delta.days * 86400 + delta.seconds
        return {"t": "time", "s": str(seconds), "us": delta.microseconds}
    raise TypeError(f"no notation for {type(value)}")
