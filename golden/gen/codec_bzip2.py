"""Vectors of bzip2 as the reference uses it: one stream, decompressed up to a bound.

usage: python golden/gen/codec_bzip2.py [--check | --compare]

RNS/Resource.py and RNS/Buffer.py call Python's bz2 (libbz2): they compress at level 9, and decompress
with BZ2Decompressor and max_length, refusing what has not reached the end of its stream. Long inputs
are given by a recipe that the tests follow too:

- `stream`: stream(label, length) of the harness.
- `fill`: the bytes of `unit` repeated and cut to `length`.
- `words`: words of a list drawn by stream(label, ...), two bytes a draw, joined by spaces and cut.
- `letters`: one letter for each `bits` bits of stream(label, ...), low bits first.
- `fibonacci`: the Fibonacci word over a and b.
"""

import bz2

from RNS.Buffer import RawChannelWriter

from harness import RNS, Topic, attempt, blob, main, stream

SEGMENT = RNS.Resource.MAX_EFFICIENT_SIZE
CHUNK = RawChannelWriter.MAX_CHUNK_LEN

WORDS = (
    "path link packet announce hash key node over under with from into proof relay mesh radio "
    "signal token identity transport interface destination resource request response channel "
    "buffer ratchet stamp ticket message field peer sync offer store"
).split()


def recipe(kind, length, **options):
    return {"kind": kind, "length": length, **options}


def made(given):
    """The bytes that a recipe stands for."""
    kind, length = given["kind"], given["length"]
    if kind == "stream":
        return stream(given["label"], length)
    if kind == "fill":
        unit = bytes.fromhex(given["unit"])
        return (unit * (length // len(unit) + 1))[:length]
    if kind == "letters":
        bits = given["bits"]
        drawn = stream(given["label"], (length * bits + 7) // 8)
        each = 8 // bits
        mask = (1 << bits) - 1
        return bytes(97 + (drawn[i // each] >> (i % each * bits) & mask) for i in range(length))
    if kind == "words":
        out = bytearray()
        drawn = stream(given["label"], length)
        turn = 0
        while len(out) < length:
            low, high = drawn[turn], drawn[turn + 1]
            # Small numbers are drawn most often, as in a language.
            out += WORDS[low * high * len(WORDS) // 65536].encode() + b" "
            turn += 2
        return bytes(out[:length])
    a, b = b"a", b"ab"
    while len(b) < length:
        a, b = b, b + a
    return b[:length]


def bounded(data, limit):
    decompressor = bz2.BZ2Decompressor()
    out = decompressor.decompress(data, max_length=limit)
    return out, decompressor.eof


def small():
    yield "empty", b""
    yield "one-byte", b"\x07"
    yield "all-bytes", bytes(range(256))
    yield "all-bytes-falling", bytes(reversed(range(256)))
    for size in (2, 3, 4, 5, 6, 8, 9, 254, 255, 256, 257, 258, 259, 260, 510, 511, 514):
        yield f"run-{size}", b"\xaa" * size
    yield "runs-beside", b"aaaa" + b"bbbb" + b"aaaaa" + b"c" + b"dddddddd"
    yield "run-then-count-byte", b"aaaa" + b"\x00\x01\x02" + b"aaaa" + b"\x03"
    yield "period-two", b"ab" * 300
    yield "period-three", b"abc" * 300
    yield "text", made(recipe("words", 400, label="bzip2/small"))
    yield "random", stream("bzip2/random", 700)


LARGE = {
    "zeros-segment": recipe("fill", SEGMENT, unit="00"),
    "period-long": recipe("fill", 250_000, unit=stream("bzip2/unit", 70).hex()),
    "fibonacci": recipe("fibonacci", 300_000),
    "words-chunk": recipe("words", CHUNK, label="bzip2/chunk"),
    "words-segment": recipe("words", SEGMENT, label="bzip2/segment"),
    "letters-two": recipe("letters", 100_000, bits=1, label="bzip2/two"),
}


def build():
    symbol = "RNS/Resource.py assemble, RNS/Buffer.py StreamDataMessage.unpack (libbz2)"
    topic = Topic("codec", "bzip2", "rns", symbol, __file__)
    for name, data in small():
        given = {"op": "decompress", "stream": bz2.compress(data).hex()}
        topic.case(name, given, {"data": blob(data)})
    for name, given in LARGE.items():
        packed = bz2.compress(made(given))
        topic.case(
            name,
            {"op": "decompress", "stream": packed.hex()},
            {"recipe": given, "data": blob(made(given))},
        )
    levels(topic)
    sizes(topic)
    bounds(topic)
    refusals(topic)
    flips(topic)
    return topic


def levels(topic):
    given = recipe("words", 120_000, label="bzip2/levels")
    for level in range(1, 10):
        packed = bz2.compress(made(given), level)
        note = "two blocks" if level == 1 else None
        topic.case(
            f"level-{level}",
            {"op": "decompress", "stream": packed.hex()},
            {"recipe": given, "data": blob(made(given))},
            note,
        )
    for size in (99_980, 99_981, 99_982):
        given = recipe("letters", size, bits=2, label="bzip2/edge")
        topic.case(
            f"block-edge-{size}",
            {"op": "decompress", "stream": bz2.compress(made(given), 1).hex()},
            {"recipe": given, "data": blob(made(given))},
            "a block of level 1 takes 99 981 bytes before it is full",
        )


def sizes(topic):
    """What libbz2 makes of inputs, in bytes: the measure for another compressor."""
    inputs = {
        **LARGE,
        "random-segment": recipe("stream", SEGMENT, label="bzip2/random-segment"),
        "random-small": recipe("stream", 100, label="bzip2/random-small"),
        "words-small": recipe("words", 200, label="bzip2/words-small"),
        "letters-sixteen": recipe("letters", 500_000, bits=4, label="bzip2/sixteen"),
        "words-many": recipe("words", 2_000_000, label="bzip2/many"),
    }
    for name, given in inputs.items():
        data = made(given)
        for level in (9, 1):
            topic.case(
                f"size-{name}-{level}",
                {"op": "compress", "recipe": given, "level": level},
                {"size": len(bz2.compress(data, level)), "data": blob(data)},
            )


def bounds(topic):
    inputs = {
        "zeros": recipe("fill", 100_000, unit="00"),
        "words": recipe("words", CHUNK, label="bzip2/bounds"),
        "letters": recipe("letters", CHUNK, bits=1, label="bzip2/bounds"),
    }
    for name, given in inputs.items():
        data = made(given)
        packed = bz2.compress(data)
        for limit in (len(data) + 1, len(data)):
            out, eof = bounded(packed, limit)
            assert eof and out == data
            topic.case(
                f"bound-{name}-{limit}",
                {"op": "decompress", "stream": packed.hex(), "maxBytes": limit},
                {"recipe": given, "data": blob(data)},
            )
        for limit in (len(data) - 1, len(data) // 2, 1):
            out, eof = bounded(packed, limit)
            assert not eof and out == data[:limit]
            topic.negative(
                f"neg-bound-{name}-{limit}",
                {"op": "decompress", "stream": packed.hex(), "maxBytes": limit},
                "BZIP2_LIMIT",
                "the reference stops at max_length and refuses what has not ended",
            )
    bomb = bz2.compress(bytes(45_000_000))
    given = {"op": "decompress", "stream": bomb.hex(), "maxBytes": CHUNK}
    topic.negative("neg-bomb", given, "BZIP2_LIMIT", "45 MB of zeros in few bytes")
    packed = bz2.compress(b"first stream")
    for name, rest in (("junk", b"after"), ("stream", bz2.compress(b"second stream"))):
        out, eof = bounded(packed + rest, 1000)
        assert eof and out == b"first stream"
        topic.case(
            f"after-the-end-{name}",
            {"op": "decompress", "stream": (packed + rest).hex()},
            {"data": out.hex()},
            "what follows the first stream is ignored",
        )


def refusals(topic):
    packed = bz2.compress(made(recipe("words", 3000, label="bzip2/damaged")))

    def refuse(name, data, code, note=None):
        result, raised = attempt(lambda: bounded(data, 1 << 26))
        assert raised is not None or not result[1], name
        answer = raised or "no end of stream"
        note = answer if note is None else f"{answer}; {note}"
        topic.negative(f"neg-{name}", {"op": "decompress", "stream": data.hex()}, code, note)

    def with_bits(data, at, width, value):
        whole = int.from_bytes(data, "big")
        shift = len(data) * 8 - at - width
        whole &= ~(((1 << width) - 1) << shift)
        return (whole | value << shift).to_bytes(len(data), "big")

    refuse("no-bytes", b"", "BZIP2_TRUNCATED")
    for size in (1, 4, 10, 14, 18, 40, len(packed) // 2, len(packed) - 4, len(packed) - 1):
        refuse(f"cut-{size}", packed[:size], "BZIP2_TRUNCATED")
    refuse("magic", b"BZj9" + packed[4:], "BZIP2_MAGIC")
    for level in (b"0", b":", b"\x00"):
        refuse(f"level-{level.hex()}", b"BZh" + level + packed[4:], "BZIP2_MAGIC")
    refuse("block-magic", packed[:6] + b"\x00" + packed[7:], "BZIP2_MAGIC")
    refuse("block-crc", with_bits(packed, 80, 32, 12345), "BZIP2_CRC")
    refuse("stream-crc", packed[:-3] + bytes([packed[-3] ^ 16]) + packed[-2:], "BZIP2_CRC")
    empty = bz2.compress(b"")
    refuse("empty-crc", empty[:-1] + b"\x01", "BZIP2_CRC")
    refuse(
        "randomized",
        with_bits(packed, 112, 1, 1),
        "BZIP2_RANDOMIZED",
        "the reference reads such blocks, which nothing has written since bzip2 0.9.5",
    )
    refuse("origin", with_bits(packed, 113, 24, 3001), "BZIP2_DATA", "the block has 3000 bytes")
    refuse("no-bytes-used", with_bits(packed, 137, 16, 0), "BZIP2_TABLE")
    one = bz2.compress(b"a")
    tables = 137 + 16 + 16
    for count in (0, 1, 7):
        refuse(f"tables-{count}", with_bits(one, tables, 3, count), "BZIP2_TABLE")
    refuse("no-selectors", with_bits(one, tables + 3, 15, 0), "BZIP2_TABLE")
    refuse("selector", with_bits(one, tables + 18, 3, 7), "BZIP2_TABLE", "names a third table of two")
    lengths = tables + 18 + 1
    for length in (0, 21, 31):
        refuse(f"code-length-{length}", with_bits(one, lengths, 5, length), "BZIP2_TABLE")


def flips(topic):
    """Every stream that differs in one bit: refused, unless the bit is one that nobody reads."""
    for name, data in (("text", made(recipe("words", 60, label="bzip2/flips"))), ("run", b"z" * 300)):
        packed = bytearray(bz2.compress(data))
        survivors = []
        for bit in range(len(packed) * 8):
            packed[bit // 8] ^= 128 >> bit % 8
            result, raised = attempt(lambda: bounded(bytes(packed), 1 << 20))
            if raised is None and result[1]:
                assert result[0] == data
                survivors.append(bit)
            packed[bit // 8] ^= 128 >> bit % 8
        topic.case(
            f"flips-{name}",
            {"op": "flips", "stream": bytes(packed).hex()},
            {"data": data.hex(), "survivors": survivors},
            "bits that may be flipped without harm",
        )


if __name__ == "__main__":
    main(build)
