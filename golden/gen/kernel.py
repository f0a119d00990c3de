"""Vectors of the kernels that have their reference in Python's standard library: BLAKE2b.

usage: python golden/gen/kernel.py [--check]

Needs no packages. A message is given as hexadecimal, or as `{"length": N}` for N bytes of which
number i is i modulo 251. `--check` compares the cases with the file and writes nothing.
"""

import hashlib
import json
import pathlib
import platform
import sys

MADE = "2026-11-20"
OUT = pathlib.Path(__file__).resolve().parent.parent / "kernel" / "blake2b.json"

# Around the block of 128 bytes, and around the 16384 bytes that the kernel takes in one call.
SIZES = (0, 1, 2, 63, 64, 65, 127, 128, 129, 255, 256, 257, 1000)
LARGE = (16256, 16383, 16384, 16385, 16512, 32768, 32769, 65535, 65536, 65537, 100000)
DIGESTS = (1, 16, 20, 28, 32, 33, 48, 63, 64)
KEYS = (1, 16, 32, 63, 64)


def counting(size):
    return bytes(i % 251 for i in range(size))


def key_of(size):
    return bytes((7 * i + 1) % 256 for i in range(size))


def case(name, message, digest_size, key=b"", note=None):
    given = {"digestBytes": digest_size, "key": key.hex()}
    given["message"] = message.hex() if len(message) <= 300 else {"length": len(message)}
    digest = hashlib.blake2b(message, digest_size=digest_size, key=key).hexdigest()
    out = {"id": name, "in": given, "out": {"digest": digest}}
    return out if note is None else {**out, "note": note}


def refusal(name, digest_size, key):
    try:
        hashlib.blake2b(b"", digest_size=digest_size, key=key)
    except ValueError as error:
        given = {"digestBytes": digest_size, "key": key.hex(), "message": ""}
        return {"id": name, "in": given, "error": "RangeError", "note": f"ValueError: {error}"}
    raise SystemExit(f"{name}: the reference accepted it")


def cases():
    for size in SIZES:
        yield case(f"plain-32-{size}", counting(size), 32)
        yield case(f"plain-64-{size}", counting(size), 64)
        yield case(f"keyed-32-{size}", counting(size), 32, key_of(32))
    for size in LARGE:
        yield case(f"plain-32-{size}", counting(size), 32)
        yield case(f"plain-64-{size}", counting(size), 64)
    yield case("keyed-32-100000", counting(100000), 32, key_of(32))
    for digest_size in DIGESTS:
        yield case(f"digest-{digest_size}", counting(200), digest_size)
    for key_size in KEYS:
        for size in (0, 1, 128, 129):
            name = f"key-{key_size}-message-{size}"
            note = "the key's block is the last one" if size == 0 else None
            yield case(name, counting(size), 64, key_of(key_size), note)
    yield refusal("neg-digest-0", 0, b"")
    yield refusal("neg-digest-65", 65, b"")
    yield refusal("neg-key-65", 32, key_of(65))


def text_of(rows):
    head = {
        "format": 1,
        "generator": "golden/gen/kernel.py",
        "made": MADE,
        "source": {
            "program": "python-hashlib",
            "symbol": "hashlib.blake2b",
            "version": platform.python_version(),
        },
        "stack": "kernel",
        "topic": "blake2b",
    }
    compact = lambda value: json.dumps(value, sort_keys=True, separators=(",", ":"))
    body = ",\n".join("  " + compact(row) for row in rows)
    rest = ",\n".join(f" {json.dumps(name)}: {compact(head[name])}" for name in sorted(head))
    return '{\n "cases": [\n' + body + "\n ],\n" + rest + "\n}\n"


def main():
    rows = list(cases())
    if sys.argv[1:] == ["--check"]:
        same = OUT.exists() and json.loads(OUT.read_text("utf-8"))["cases"] == rows
        print(f"{'same' if same else 'DIFFERS'} kernel/blake2b ({len(rows)} cases)")
        sys.exit(0 if same else 1)
    if sys.argv[1:]:
        sys.exit(f"usage: {sys.argv[0]} [--check]")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(text_of(rows), "utf-8")
    print(f"{OUT.name}: {len(rows)} cases, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
