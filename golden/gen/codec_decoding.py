"""Reading cases for golden/codec/msgpack.json; codec_msgpack.py runs them."""

import io

import RNS.vendor.umsgpack as umsgpack

from harness import attempt, blob
from notation import time_value, typed

Ext = umsgpack.Ext

CODES = {
    "InsufficientDataException": "MSGPACK_TRUNCATED",
    "ReservedCodeException": "MSGPACK_RESERVED",
    "InvalidStringException": "MSGPACK_UTF8",
    "DuplicateKeyException": "MSGPACK_KEY",
    "UnhashableKeyException": "MSGPACK_KEY",
    "UnsupportedTimestampException": "MSGPACK_TIMESTAMP",
    "OverflowError": "MSGPACK_TIMESTAMP",
}

# One of everything, so that each of its prefixes breaks off somewhere else.
SAMPLE = [
    None,
    True,
    200,
    -40000,
    2**40,
    1.5,
    "text",
    "t" * 40,
    b"bytes",
    [1, [2, "three"]],
    {"key": 1, 2: b"\x00", (1, "a"): None},
    Ext(5, b"\x01\x02\x03"),
    Ext(7, b"\x01\x02\x03\x04"),
    time_value(1700000000, 250000),
]


def decode(topic, name, packed, note=None):
    packed = bytes.fromhex(packed) if isinstance(packed, str) else packed
    value = umsgpack.unpackb(packed)
    again = umsgpack.packb(value)
    out = {"value": typed(value), "reencoded": blob(again)}
    taken = consumed(packed)
    if taken != len(packed):
        out["consumed"] = taken
    topic.case(f"decode-{name}", {"op": "decode", "bytes": packed.hex()}, out, note)


def consumed(packed):
    stream = io.BytesIO(packed)
    umsgpack.unpack(stream)
    return stream.tell()


def refuse(topic, name, packed, note):
    packed = bytes.fromhex(packed) if isinstance(packed, str) else packed
    _, error = attempt(lambda: umsgpack.unpackb(packed))
    assert error is not None, f"{name} was accepted"
    given = {"op": "decode", "bytes": packed.hex()}
    topic.negative(f"decode-neg-{name}", given, CODES[error], f"{error}: {note}")


def decode_shapes(topic):
    decode(
        topic,
        "wide-ints",
        "9acc05cd0005ce00000005cf0000000000000005d005d10005d200000005d30000000000000005d0ffd1ffff",
    )
    decode(
        topic,
        "wide-negative",
        "94d2ffffffffd3ffffffffffffffffd0e0d1ff80",
        "shrink when written again",
    )
    decode(
        topic,
        "int64-edges",
        "94cfffffffffffffffffd38000000000000000d37fffffffffffffffcf8000000000000000",
    )
    decode(
        topic, "2-53", "94cf0020000000000000cf0020000000000001d3ffe0000000000000d3ffdfffffffffffff"
    )
    decode(
        topic,
        "float64",
        "94cb3ff0000000000000cb8000000000000000cb7ff0000000000000cbfff0000000000000",
    )
    decode(topic, "float64-nan", "93cb7ff8000000000000cbfff8000000000001cb7ff8000000001234")
    decode(topic, "float64-signalling-nan", "cb7ff0000000000001", "the bits pass through")
    decode(
        topic,
        "float32",
        "95ca3f800000ca3dcccccdca80000000ca7f800000caff800000",
        "written again as float64",
    )
    decode(topic, "float32-timestamp", "ca4ecaa7e0", "a float32 timestamp keeps its rounded value")
    decode(topic, "float32-subnormal", "92ca00000001ca7f7fffff")
    decode(topic, "float32-nan", "93ca7fc00000caffc00000ca7fc00001")
    decode(
        topic,
        "float32-signalling-nan",
        "ca7f800001",
        "widening sets the quiet bit (x86-64 and ARM)",
    )
    decode(topic, "wide-str", "94d900d90161da000161db0000000161")
    decode(topic, "wide-bin", "94c400c40161c5000161c60000000161")
    decode(topic, "wide-arr", "93dc0000dc000101dd00000001c0")
    decode(topic, "wide-map", "93de0000de00010102df00000001a16101")
    decode(topic, "wide-ext", "93c70105aac8000105aac90000000105aa", "written again as fixext")
    decode(
        topic,
        "ext-8-16",
        "94c70205aabbc70405aabbccddc70805aabbccddeeff0011c71005000102030405060708090a0b0c0d0e0f",
    )
    decode(topic, "ext-empty", "c70005")
    decode(topic, "utf8", "94a2c3a9a3e4bda0a4f09f9880a4f48fbfbf")
    decode(topic, "sample", umsgpack.packb(SAMPLE))
    decode(topic, "depth-64", b"\x91" * 64 + b"\xc0")
    decode(topic, "depth-256", b"\x91" * 256 + b"\xc0")
    decode(topic, "depth-256-map", b"\x81\x00" * 256 + b"\xc0")
    decode(topic, "trailing", "01ff", "bytes after the value are ignored")
    decode(topic, "trailing-array", "9201a161c1c1c1", "even bytes that could not be decoded")


def decode_keys(topic):
    decode(
        topic,
        "keys-all-types",
        "8a02a169a173a173c40162c40162ca3f000000a166c3a174c0a16e920102a161d40500a165d6ff00000000a164c2a178",
    )
    decode(topic, "keys-str-bin-int", "83a16101c40161026103", "equal bytes, different types")
    decode(
        topic, "keys-list-nested", "8192019102a161", "lists in keys become tuples at every level"
    )
    decode(
        topic,
        "keys-list-overwrites",
        "839101a1619101a162a17801",
        "an equal list key overwrites in silence, at the first place",
    )
    decode(
        topic,
        "keys-list-bool-overwrites",
        "829101a16191c3a162",
        "[True] equals [1]; the first spelling of the key stays",
    )
    decode(
        topic,
        "keys-list-float-overwrites",
        "829101a16191cb3ff0000000000000a162",
        "[1.0] equals [1]",
    )
    decode(
        topic,
        "keys-nan",
        "82cb7ff800000000000001cb7ff800000000000002",
        "NaN equals nothing, so both stay",
    )
    decode(
        topic,
        "keys-2-53",
        "82cf002000000000000101cb434000000000000002",
        "2^53+1 and the float 2^53 differ",
    )
    decode(topic, "keys-ext", "83d4010001d4010102d4020003")
    decode(topic, "keys-empty-list-and-str", "8390a161a0a162c400a163")
    refuse(topic, "key-duplicate-int", "8201010102", "same integer")
    refuse(topic, "key-duplicate-int-widths", "820101cc0102", "same integer in another width")
    refuse(topic, "key-duplicate-bool-int", "8201a161c3a162", "True equals 1")
    refuse(topic, "key-duplicate-false-zero", "82c2a16100a162", "0 equals False")
    refuse(topic, "key-duplicate-float-int", "8201a161cb3ff0000000000000a162", "1.0 equals 1")
    refuse(topic, "key-duplicate-float32-int", "8201a161ca3f800000a162", "1.0 as float32 equals 1")
    refuse(topic, "key-duplicate-minus-zero", "8200a161cb8000000000000000a162", "-0.0 equals 0")
    refuse(
        topic,
        "key-duplicate-2-53",
        "82cf0020000000000000a161cb4340000000000000a162",
        "2^53 as integer and float",
    )
    refuse(topic, "key-duplicate-str", "82a161a161a161a162", "same text")
    refuse(topic, "key-duplicate-bin", "82c40161a161c40161a162", "same bytes")
    refuse(topic, "key-duplicate-nil", "82c001c002", "nil twice")
    refuse(topic, "key-duplicate-ext", "82d4050001d4050002", "same extension")
    refuse(
        topic,
        "key-duplicate-time",
        "82d6ff0000000001d7ff000000000000000002",
        "same time in another width",
    )
    refuse(
        topic, "key-duplicate-no-value", "82010101", "the key is judged before its value is read"
    )
    refuse(topic, "key-map", "818001", "a map cannot be hashed")
    refuse(topic, "key-list-with-map", "81918001", "nor a list that holds one")
    refuse(
        topic, "key-list-with-inner-map", "81919181010203", "nor a list in a list that holds one"
    )


def decode_times(topic):
    decode(topic, "time-32", "93d6ff00000000d6ff6553f100d6ffffffffff")
    decode(
        topic, "time-64", "d7ff3b9ac9fc6553f100", "nanoseconds 249,999,999 are cut to microseconds"
    )
    decode(
        topic,
        "time-64-nanos",
        "d7ff00000ffc6553f100",
        "1,023 ns: one microsecond, the rest is lost",
    )
    decode(
        topic,
        "time-64-below-micro",
        "d7ff00000f9c6553f100",
        "999 ns: none, so it is written again in 4 bytes",
    )
    decode(topic, "time-64-zero-nanos", "d7ff000000006553f100", "written again in 4 bytes")
    decode(
        topic,
        "time-64-overflow",
        "d7fffffffffc6553f100",
        "nanoseconds above 10^9 carry into the seconds",
    )
    decode(topic, "time-64-largest", "d7ffee6b27ffffffffff", "34-bit seconds")
    decode(
        topic,
        "time-96",
        "c70cff0ee6b28000000000 6553f100".replace(" ", ""),
        "written again in 8 bytes",
    )
    decode(topic, "time-96-negative", "c70cff00000000ffffffffffffffff")
    decode(topic, "time-96-negative-micro", "c70cff000003e8ffffffffffffffff")
    decode(
        topic, "time-96-overflow", "c70cffffffffff0000000000000000", "4,294,967,295 ns carry 4 s"
    )
    decode(topic, "time-96-year-1", "c70cff00000000fffffff1886e0900")
    decode(topic, "time-96-year-9999", "c70cff3b9ac9ff0000003afff4417f")
    decode(topic, "time-wide-head", "c70cff000000000000000000000000")
    decode(topic, "time-ext8-4", "c704ff00000001", "any head of the right length will do")
    refuse(topic, "time-length-0", "c700ff", "no timestamp has 0 bytes")
    refuse(topic, "time-length-1", "d4ff00", "no timestamp has 1 byte")
    refuse(topic, "time-length-2", "d5ff0000", "no timestamp has 2 bytes")
    refuse(topic, "time-length-16", "d8ff" + "00" * 16, "no timestamp has 16 bytes")
    refuse(topic, "time-length-5", "c705ff0000000000", "no timestamp has 5 bytes")
    refuse(topic, "time-year-0", "c70cff00000000fffffff1886e08ff", "one second before the year 1")
    refuse(
        topic, "time-year-10000", "c70cff000000000000003afff44180", "one second after the year 9999"
    )
    refuse(
        topic,
        "time-year-10000-by-nanos",
        "c70cff3b9aca000000003afff4417f",
        "the nanoseconds carry past the year 9999",
    )
    refuse(topic, "time-int64-max", "c70cff000000007fffffffffffffff", "no date")
    refuse(topic, "time-int64-min", "c70cff000000008000000000000000", "no date")


def decode_malformed(topic):
    refuse(topic, "empty", b"", "no byte at all")
    refuse(topic, "reserved", "c1", "reserved code")
    refuse(topic, "reserved-in-array", "9301c102", "reserved code as element")
    refuse(topic, "reserved-as-key", "81c101", "reserved code as key")
    for name, text in {
        "lone-continuation": "a180",
        "overlong": "a2c0af",
        "overlong-nul": "a2c080",
        "surrogate": "a3eda080",
        "above-10ffff": "a4f4908080",
        "cut": "a2e4bd",
        "ff": "a1ff",
        "in-key": "81a1ff01",
        "latin1": "a4636166e9",
    }.items():
        refuse(topic, f"utf8-{name}", text, "not UTF-8")
    heads = {
        "uint8": "cc",
        "uint16": "cd00",
        "uint32": "ce000000",
        "uint64": "cf00000000000000",
        "int8": "d0",
        "int16": "d100",
        "int32": "d2000000",
        "int64": "d300000000000000",
        "float32": "ca000000",
        "float64": "cb00000000000000",
        "fixstr": "a161"[:2],
        "str8": "d9",
        "str8-body": "d90261",
        "str16": "da00",
        "str16-body": "da000261",
        "str32": "db000000",
        "str32-body": "db0000000261",
        "bin8": "c4",
        "bin8-body": "c40200",
        "bin16": "c500",
        "bin16-body": "c5000200",
        "bin32": "c6000000",
        "bin32-body": "c60000000200",
        "fixext1": "d4",
        "fixext1-body": "d405",
        "fixext16-body": "d805" + "00" * 15,
        "ext8": "c7",
        "ext8-type": "c701",
        "ext8-body": "c7020500",
        "ext16": "c800",
        "ext16-body": "c800020500",
        "ext32": "c9000000",
        "ext32-body": "c9000000020500",
        "fixarr": "9201",
        "arr16": "dc00",
        "arr16-body": "dc000201",
        "arr32": "dd000000",
        "arr32-body": "dd0000000201",
        "fixmap": "81",
        "fixmap-value": "8101",
        "map16": "de00",
        "map16-body": "de00010 1".replace(" ", ""),
        "map32": "df000000",
        "map32-body": "df0000000101",
    }
    for name, text in heads.items():
        refuse(topic, f"cut-{name}", text, "ends within the value")
    refuse(topic, "claims-arr32", "ddffffffff01", "4,294,967,295 elements announced, one there")
    refuse(topic, "claims-map32", "dfffffffff0101", "4,294,967,295 pairs announced, one there")
    refuse(topic, "claims-str32", "dbffffffff61", "4 GiB of text announced, one byte there")
    refuse(topic, "claims-bin32", "c6ffffffff61", "4 GiB of bytes announced, one byte there")
    refuse(topic, "claims-ext32", "c9ffffffff0561", "4 GiB of extension announced, one byte there")
    refuse(
        topic, "claims-nested", "dd0fffffff" * 8, "arrays that announce more than is there, nested"
    )
    packed = umsgpack.packb(SAMPLE)
    for length in range(len(packed)):
        _, error = attempt(lambda: umsgpack.unpackb(packed[:length]))
        assert error == "InsufficientDataException", (length, error)
    topic.negative(
        "prefix-neg-sample",
        {"op": "prefixes", "bytes": packed.hex()},
        "MSGPACK_TRUNCATED",
        "InsufficientDataException: for each of the shorter prefixes, from 0 bytes to all but one",
    )
    deep = b"\x91" * 1000 + b"\xc0"
    _, error = attempt(lambda: umsgpack.unpackb(deep))
    assert error == "RecursionError"
    topic.negative(
        "decode-neg-depth-1000",
        {"op": "decode", "bytes": deep.hex()},
        "MSGPACK_LIMIT",
        "RecursionError: the interpreter's own limit; see golden/README.md for where it lies",
    )


def add_cases(topic):
    decode_shapes(topic)
    decode_keys(topic)
    decode_times(topic)
    decode_malformed(topic)
