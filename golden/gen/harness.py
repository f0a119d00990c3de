"""What every generator shares: the reference without a network, injected randomness and clock, and
files that come out the same on every run.

The generators call the reference program only. Whatever it would draw from the operating system is
handed to it from a labelled stream and recorded, in draw order, as an input of the case.
"""

import atexit
import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import threading
import time
import types

import LXMF
import RNS
from RNS.Cryptography import Proxies

from notation import typed

MADE = "2026-11-20"
GOLDEN = pathlib.Path(__file__).resolve().parent.parent
VERSIONS = {"rns": RNS.__version__, "lxmf": LXMF.__version__}
PINNED = {"rns": "1.5.7", "lxmf": "1.2.1"}
OLD = {"rns": "1.4.2", "lxmf": "1.0.1"}

# A hexadecimal string in a case is at most this many bytes; longer output is kept as its digest.
LARGEST_HEX = 4096

NOW = 1700000000.25


# ---------------------------------------------------------------- the reference, on its own


def isolate():
    """Give the reference an empty storage folder and no interfaces, threads or log lines."""
    folder = tempfile.mkdtemp(prefix="golden-")
    RNS.loglevel = -1
    RNS.logdest = RNS.LOG_CALLBACK
    RNS.logcall = lambda text: None
    RNS.trace_exception = lambda error: None
    RNS.Reticulum.storagepath = folder
    RNS.Transport.owner = types.SimpleNamespace(is_connected_to_shared_instance=False)

    def clean():
        for thread in threading.enumerate():
            if thread is not threading.current_thread():
                thread.join(2)
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(clean)
    return folder


STORAGE = isolate()


def forget():
    """Drop every destination, identity and ratchet that earlier cases left behind."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(2)
    RNS.Transport.destinations.clear()
    for name in ("destinations_map", "blackholed_identities"):
        if hasattr(RNS.Transport, name):
            getattr(RNS.Transport, name).clear()
    RNS.Identity.known_destinations.clear()
    RNS.Identity.known_ratchets.clear()
    shutil.rmtree(os.path.join(STORAGE, "ratchets"), ignore_errors=True)


def know(identity, app_data=None):
    """Make the reference know an identity as if its delivery destination had announced itself."""
    destination_hash = RNS.Destination.hash(identity, "lxmf", "delivery")
    RNS.Identity.remember(bytes(32), destination_hash, identity.get_public_key(), app_data)
    return destination_hash


# ---------------------------------------------------------------- injected randomness and clock


def stream(label, size):
    """`size` bytes named by `label`: SHA-256(label, block number as 4 bytes), joined and cut."""
    out = bytearray()
    block = 0
    while len(out) < size:
        out += hashlib.sha256(label.encode("utf-8") + block.to_bytes(4, "big")).digest()
        block += 1
    return bytes(out[:size])


class Draws:
    """A source of randomness that remembers what it gave."""

    def __init__(self, label, given=()):
        self.label = label
        self.given = list(given)
        self.made = []

    def take(self, size):
        turn = len(self.made)
        value = self.given[turn] if turn < len(self.given) else None
        if value is None or len(value) != size:
            value = stream(f"{self.label}/draw/{turn}", size)
        self.made.append(value)
        return value

    @property
    def hex(self):
        return [value.hex() for value in self.made]


@contextlib.contextmanager
def injected(label, now=NOW, given=()):
    """Replace the system's randomness, key generation, clock and sleep for the main thread."""
    draws = Draws(label, given)
    main = threading.current_thread()
    real = (os.urandom, time.time, time.sleep)
    keys = (Proxies.X25519PrivateKeyProxy, Proxies.Ed25519PrivateKeyProxy)
    makers = [key.__dict__["generate"] for key in keys]

    def urandom(size):
        return draws.take(size) if threading.current_thread() is main else real[0](size)

    def generate(cls):
        return cls.from_private_bytes(draws.take(32))

    os.urandom = urandom
    time.time = lambda: now
    time.sleep = lambda seconds: None
    for key in keys:
        key.generate = classmethod(generate)
    try:
        yield draws
    finally:
        os.urandom, time.time, time.sleep = real
        for key, maker in zip(keys, makers):
            key.generate = maker


@contextlib.contextmanager
def without_hooks():
    """Keep constructors of the reference from installing signal and exit handlers or threads."""
    kept = (atexit.register, signal.signal, threading.Thread.start)
    atexit.register = lambda *args, **kwargs: None
    signal.signal = lambda *args: None
    threading.Thread.start = lambda thread: None
    try:
        yield
    finally:
        atexit.register, signal.signal, threading.Thread.start = kept


def identity(label):
    """An identity whose two private keys are `stream(label, 64)`."""
    return RNS.Identity.from_bytes(stream(label, 64))


def router(label, **options):
    """A real LXMRouter with its own folder, whose job thread does not run."""
    folder = os.path.join(STORAGE, "router-" + hashlib.sha256(label.encode()).hexdigest()[:12])
    shutil.rmtree(folder, ignore_errors=True)
    with without_hooks():
        return LXMF.LXMRouter(identity=identity(label), storagepath=folder, **options)


def attempt(call):
    """Result and exception name of a call: exactly one of them is None, or the result is None."""
    try:
        return call(), None
    except Exception as error:  # the reference's choice of exception is what is recorded
        return None, type(error).__name__


# ---------------------------------------------------------------- bytes and files


def blob(value):
    """Bytes as hexadecimal, or as digest and ends when they are long."""
    if value is None:
        return None
    value = bytes(value)
    if len(value) <= LARGEST_HEX:
        return value.hex()
    return {
        "length": len(value),
        "sha256": hashlib.sha256(value).hexdigest(),
        "first": value[:16].hex(),
        "last": value[-16:].hex(),
    }


class Topic:
    """One file of cases. `also` says that the older pair of programs yields the same cases."""

    def __init__(self, stack, topic, program, symbol, generator, also=True):
        self.stack, self.topic, self.program = stack, topic, program
        self.symbol, self.generator, self.also = symbol, pathlib.Path(generator).name, also
        self.cases = []
        self._ids = set()

    def case(self, name, given, out, note=None):
        self._add({"id": name, "in": given, "out": out}, note)

    def negative(self, name, given, error, note, out=None):
        """A refusal: `error` is this package's code, `note` what the reference does."""
        case = {"id": name, "in": given, "error": error}
        if out is not None:
            case["out"] = out
        self._add(case, note)

    def _add(self, case, note):
        if case["id"] in self._ids:
            raise ValueError(f"case id {case['id']} is used twice")
        self._ids.add(case["id"])
        if note is not None:
            case["note"] = note
        self.cases.append(json.loads(json.dumps(case)))

    @property
    def path(self):
        return GOLDEN / self.stack / f"{self.topic}.json"

    def text(self):
        key = "lxmf" if self.program == "lxmf" else "rns"
        source = {"program": self.program, "version": VERSIONS[key], "symbol": self.symbol}
        if self.also:
            source["alsoChecked"] = [f"{key} {OLD[key]}"]
        head = {
            "format": 1,
            "generator": f"golden/gen/{self.generator}",
            "made": MADE,
            "source": source,
            "stack": self.stack,
            "topic": self.topic,
        }
        rows = ",\n".join("  " + compact(case) for case in self.cases)
        rest = ",\n".join(f" {json.dumps(name)}: {compact(head[name])}" for name in sorted(head))
        return '{\n "cases": [\n' + rows + "\n ],\n" + rest + "\n}\n"


def compact(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def main(*builders):
    """Build the topics and write them, or compare them with the files that are there."""
    mode = sys.argv[1] if len(sys.argv) > 1 else ""
    if mode not in ("", "--check", "--compare"):
        sys.exit(f"usage: {sys.argv[0]} [--check | --compare]")
    wanted = OLD if mode == "--compare" else PINNED
    if VERSIONS != wanted:
        sys.exit(f"needs {wanted}, found {VERSIONS}")
    bad = 0
    for build in builders:
        forget()
        bad += finish(build(), mode)
    sys.stdout.flush()
    sys.exit(1 if bad else 0)


def finish(topic, mode):
    text = topic.text()
    if len(text) > 1_000_000:
        sys.exit(f"{topic.path.name} has {len(text)} bytes")
    label = f"{topic.stack}/{topic.topic}"
    if mode == "--compare":
        return compare(topic, label)
    before = topic.path.read_text("utf-8") if topic.path.exists() else None
    if mode == "--check":
        same = before == text
        print(f"{'same' if same else 'DIFFERS'} {label} ({len(topic.cases)} cases)")
        return 0 if same else 1
    topic.path.parent.mkdir(parents=True, exist_ok=True)
    topic.path.write_text(text, "utf-8")
    print(f"{'kept' if before == text else 'wrote'} {label} ({len(topic.cases)} cases)")
    return 0


def compare(topic, label):
    """Under the older pair: the cases must equal the file's when the file says so, else differ."""
    stored = json.loads(topic.path.read_text("utf-8"))
    theirs = {case["id"]: case for case in stored["cases"]}
    ours = {case["id"]: case for case in topic.cases}
    differ = [name for name in sorted({*theirs, *ours}) if theirs.get(name) != ours.get(name)]
    said = "alsoChecked" in stored["source"]
    print(f"{label}: {len(theirs)} cases, {len(differ)} differ")
    for name in differ:
        print(f"  {name}")
        print(f"    newer {compact(theirs.get(name))[:600]}")
        print(f"    older {compact(ours.get(name))[:600]}")
    if said == (not differ):
        return 0
    print(f"  alsoChecked is {'given' if said else 'missing'}, which is wrong")
    return 1


__all__ = [
    "LXMF",
    "NOW",
    "RNS",
    "STORAGE",
    "Topic",
    "attempt",
    "blob",
    "forget",
    "identity",
    "injected",
    "know",
    "main",
    "router",
    "stream",
    "typed",
    "without_hooks",
]
