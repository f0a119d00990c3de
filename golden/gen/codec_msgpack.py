"""Vectors of MessagePack as RNS/vendor/umsgpack.py writes and reads it.

usage: python golden/gen/codec_msgpack.py [--check | --compare]
"""

import RNS.vendor.umsgpack as umsgpack

import codec_decoding
from harness import Topic, attempt, blob, main
from notation import (
    counted_map,
    from_bits,
    plain,
    repeated_bytes,
    repeated_item,
    repeated_text,
    time_value,
    typed,
)

Ext = umsgpack.Ext


def encode(topic, name, value, note=None):
    packed = umsgpack.packb(plain(value))
    topic.case(
        f"encode-{name}", {"op": "encode", "value": typed(value)}, {"bytes": blob(packed)}, note
    )


def refuse_encode(topic, name, value, note):
    _, error = attempt(lambda: umsgpack.packb(value))
    assert error == "UnsupportedTypeException", error
    given = {"op": "encode", "value": typed(value)}
    topic.negative(f"encode-neg-{name}", given, "RangeError", f"{error}: {note}")


def encode_scalars(topic):
    for value in (None, True, False):
        encode(topic, str(value).lower(), value)
    edges = [
        0,
        1,
        127,
        128,
        255,
        256,
        32767,
        32768,
        65535,
        65536,
        2**31 - 1,
        2**31,
        2**32 - 1,
        2**32,
    ]
    edges += [2**53 - 1, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1]
    for value in edges:
        encode(topic, f"int-{value}", value)
    edges = [1, 31, 32, 33, 127, 128, 129, 255, 256, 32767, 32768, 32769, 65536, 2**31 - 1, 2**31]
    edges += [2**31 + 1, 2**32, 2**53 - 1, 2**53, 2**53 + 1, 2**63 - 1, 2**63]
    for value in edges:
        encode(topic, f"int-minus-{value}", -value)
    refuse_encode(topic, "int-2-64", 2**64, "one above the largest unsigned integer")
    refuse_encode(topic, "int-minus-2-63-1", -(2**63) - 1, "one below the smallest signed integer")
    floats = {
        "zero": 0.0,
        "minus-zero": -0.0,
        "one": 1.0,
        "integral": 1700000000.0,
        "fraction": 0.1,
        "minus": -1.5,
        "timestamp": 1700000000.123456,
        "smallest": 5e-324,
        "largest": 1.7976931348623157e308,
        "2-53": 9007199254740992.0,
        "inf": float("inf"),
        "minus-inf": float("-inf"),
        "nan": from_bits("7ff8000000000000"),
        "minus-nan": from_bits("fff8000000000000"),
        "nan-payload": from_bits("7ff8000000001234"),
    }
    for name, value in floats.items():
        encode(topic, f"float-{name}", value)


def encode_strings(topic):
    for text in (
        "",
        "a",
        "key",
        "\u00e9",
        "\u4f60\u597d",
        "\U0001f600",
        "nul\x00in",
        'line\nbreak\t"quote"\\',
    ):
        encode(topic, f"str-{text.encode('utf-8').hex() or 'empty'}", text)
    for length in (31, 32, 33, 255, 256, 65535, 65536):
        encode(topic, f"str-length-{length}", repeated_text("a", length))
    encode(topic, "str-length-31-in-bytes", "\u00e9" * 15 + "a", "16 characters, 31 bytes of UTF-8")
    encode(topic, "str-length-32-in-bytes", "\u00e9" * 16, "16 characters, 32 bytes of UTF-8")
    for value in (b"", b"\x00", b"bytes", bytes(range(32))):
        encode(topic, f"bin-{value.hex()[:16] or 'empty'}", value)
    for length in (31, 32, 255, 256, 65535, 65536):
        encode(topic, f"bin-length-{length}", repeated_bytes(0x61, length))


def encode_containers(topic):
    encode(topic, "arr-empty", [])
    encode(topic, "arr-mixed", [1, 1.0, "1", b"1", True, None, [], {}])
    encode(topic, "arr-nested", [[[[[[]]]]], [[1], [2, [3, [4]]]]])
    for length in (15, 16, 65535, 65536):
        encode(topic, f"arr-length-{length}", repeated_item(0, length))
    encode(topic, "map-empty", {})
    for length in (15, 16, 65535, 65536):
        encode(topic, f"map-length-{length}", counted_map(length))
    encode(topic, "map-order", {3: "c", 1: "a", "z": 0, 2: "b", "a": 1}, "insertion order is kept")
    encode(topic, "map-int-keys", {0: 0, 127: 1, 128: 2, -1: 3, -33: 4, 2**64 - 1: 5, -(2**63): 6})
    encode(
        topic, "map-str-keys", {"": 0, "1": 1, "key": 2, "\u00e9": 3, "__proto__": 4, "length": 5}
    )
    encode(topic, "map-bin-keys", {b"": 0, b"1": 1, bytes(16): 2})
    encode(topic, "map-str-and-bin-key", {"a": 1, b"a": 2, 97: 3}, "three different keys")
    encode(topic, "map-float-keys", {0.5: 1, -0.5: 2, 1e300: 3, float("inf"): 4})
    encode(topic, "map-float-key-integral", {2.0: "float", 3: "int"})
    encode(topic, "map-bool-nil-keys", {True: 1, False: 0, None: 2})
    encode(
        topic,
        "map-tuple-keys",
        {(1, 2): "a", (): "b", ("x", (1, (2,))): "c"},
        "a tuple is an array",
    )
    encode(topic, "map-ext-key", {Ext(1, b"\x00"): 1, Ext(1, b"\x01"): 2, Ext(2, b"\x00"): 3})
    encode(topic, "map-time-key", {time_value(0): 0, time_value(1): 1})
    encode(
        topic,
        "map-2-53-keys",
        {2**53: 0, 2**53 + 1: 1, float(2**53) + 2: 2},
        "exact, not as floats",
    )
    encode(topic, "map-nested", {1: {2: {3: {4: {}}}}, "l": [{"m": [{}]}]})


def encode_extensions(topic):
    for length in (0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 255, 256):
        encode(
            topic,
            f"ext-length-{length}",
            Ext(5, bytes(range(256))[:length] + bytes(max(0, length - 256))),
        )
    for kind in (0, 1, 127, -2, -128):
        encode(topic, f"ext-type-{kind}", Ext(kind, b"\xaa"))
    big = Ext(5, b"a" * 65535)
    topic.case(
        "encode-ext-length-65535",
        {"op": "encode", "value": {"t": "ext", "type": 5, "fill": "61", "length": 65535}},
        {"bytes": blob(umsgpack.packb(big))},
    )
    big = Ext(5, b"a" * 65536)
    topic.case(
        "encode-ext-length-65536",
        {"op": "encode", "value": {"t": "ext", "type": 5, "fill": "61", "length": 65536}},
        {"bytes": blob(umsgpack.packb(big))},
    )
    times = [
        (0, 0),
        (1, 0),
        (2**32 - 1, 0),
        (2**32, 0),
        (0, 1),
        (1700000000, 999999),
        (2**34 - 1, 0),
    ]
    times += [(2**34 - 1, 999999), (2**34, 0), (2**34, 1), (-1, 0), (-1, 1), (-62135596800, 0)]
    times += [(253402300799, 999999)]
    for seconds, micros in times:
        encode(topic, f"time-{seconds}-{micros}", time_value(seconds, micros))


def build():
    topic = Topic(
        "codec",
        "msgpack",
        "umsgpack (rns vendor)",
        "RNS/vendor/umsgpack.py packb, unpackb",
        __file__,
    )
    encode_scalars(topic)
    encode_strings(topic)
    encode_containers(topic)
    encode_extensions(topic)
    codec_decoding.add_cases(topic)
    return topic


if __name__ == "__main__":
    main(build)
