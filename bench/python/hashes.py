"""
Cases about hashes: the standard library's hashlib and hmac, and LXMF's own stamp functions.

Each case takes its input and returns (run, output): `run(units)` does that many units of work,
`output` is what one unit makes of the input.
"""

import hashlib
import hmac
import os


def stamp_midstate(workblock, stamp):
    """One unit: hash a copy of the workblock's state over a stamp that counts up."""
    base = hashlib.sha256(workblock)
    prefix = stamp[:28]

    def digest(tail):
        state = base.copy()
        state.update(tail)
        return state.digest()

    def run(units):
        for i in range(units):
            digest(prefix + i.to_bytes(4, "big"))

    return run, digest(stamp)


def stamp_lxmf(workblock, stamp):
    """One unit: a random stamp judged by LXMF, which hashes the whole workblock for it."""
    from LXMF import LXStamper

    def run(units):
        for _ in range(units):
            LXStamper.stamp_valid(os.urandom(32), 64, workblock)

    import RNS

    return run, RNS.Identity.full_hash(workblock + stamp)


def workblock_lxmf(material, rounds, stamp):
    """One unit: a workblock made by LXMF; the output is the digest of a stamp over it."""
    from LXMF import LXStamper

    def run(units):
        for _ in range(units):
            LXStamper.stamp_workblock(material, expand_rounds=rounds)

    block = LXStamper.stamp_workblock(material, expand_rounds=rounds)
    return run, hashlib.sha256(block + stamp).digest()


def hmac_sha256(key, message):
    """One unit: hmac.digest, the fastest form of the standard library."""

    def run(units):
        for _ in range(units):
            hmac.digest(key, message, "sha256")

    return run, hmac.digest(key, message, "sha256")


def hkdf_rns(length, ikm, salt, info):
    """One unit: the key derivation of RNS."""
    import RNS

    def derive():
        return RNS.Cryptography.hkdf(
            length=length, derive_from=ikm, salt=salt, context=info
        )

    def run(units):
        for _ in range(units):
            derive()

    return run, derive()


def blake2b(message, digest_size):
    """One unit: hashlib.blake2b."""

    def run(units):
        for _ in range(units):
            hashlib.blake2b(message, digest_size=digest_size).digest()

    return run, hashlib.blake2b(message, digest_size=digest_size).digest()


CASES = {
    "stamp-midstate": stamp_midstate,
    "stamp-lxmf": stamp_lxmf,
    "workblock-lxmf": workblock_lxmf,
    "hmac": hmac_sha256,
    "hkdf": hkdf_rns,
    "blake2b": blake2b,
}
