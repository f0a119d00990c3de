"""Encryption cases for golden/reticulum/identity.json; reticulum_identity.py runs them."""

import types

from RNS.Cryptography import HMAC, X25519PrivateKey, X25519PublicKey, hkdf

from harness import RNS, attempt, blob, identity, injected, stream
from reticulum_token import authentic, sealed

OWNER = identity("sealing/owner")
RATCHETS = [stream(f"sealing/ratchet/{n}", 32) for n in range(4)]

# Public keys whose shared secret is zero whatever the private key is (RFC 7748, section 6.1).
LOW_ORDER = {
    "zero": bytes(32),
    "one": (1).to_bytes(32, "little"),
    "order-8": bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    "order-8-twist": bytes.fromhex(
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"
    ),
    "p-minus-1": (2**255 - 20).to_bytes(32, "little"),
    "p": (2**255 - 19).to_bytes(32, "little"),
    "p-plus-1": (2**255 - 18).to_bytes(32, "little"),
    "zero-high-bit": (2**255).to_bytes(32, "little"),
}


def ratchet_public(private):
    return RNS.Identity._ratchet_public_bytes(private)


def load_public(public):
    out = RNS.Identity(create_keys=False)
    out.load_public_key(public)
    return out


def encrypt(topic, name, plaintext, ratchet=None, note=None):
    public = OWNER.get_public_key()
    with injected(f"sealing/{name}") as draws:
        token = load_public(public).encrypt(plaintext, ratchet=ratchet)
    given = {
        "op": "encrypt",
        "public": public.hex(),
        "ratchet": None if ratchet is None else ratchet.hex(),
        "plaintext": plaintext.hex(),
        "draws": draws.hex,
    }
    topic.case(f"encrypt-{name}", given, {"token": blob(token)}, note)
    return token


def refuse_encrypt(topic, name, public, ratchet, error, note):
    with injected(f"sealing/{name}") as draws:
        _, raised = attempt(lambda: load_public(public).encrypt(b"plaintext", ratchet=ratchet))
    assert raised is not None, name
    given = {
        "op": "encrypt",
        "public": public.hex(),
        "ratchet": None if ratchet is None else ratchet.hex(),
        "plaintext": b"plaintext".hex(),
        "draws": draws.hex,
    }
    topic.negative(f"encrypt-neg-{name}", given, error, f"{raised}: {note}")


def outcome(token, private=None, ratchets=None, enforce=False):
    receiver = types.SimpleNamespace(latest_ratchet_id=b"unset")
    owner = OWNER if private is None else RNS.Identity.from_bytes(private)
    plaintext = owner.decrypt(
        token, ratchets=ratchets, enforce_ratchets=enforce, ratchet_id_receiver=receiver
    )
    return plaintext, receiver.latest_ratchet_id


def request(token, private=None, ratchets=None, enforce=False):
    return {
        "op": "decrypt",
        "private": (OWNER.get_private_key() if private is None else private).hex(),
        "token": token.hex(),
        "ratchets": [ratchet.hex() for ratchet in ratchets or []],
        "enforceRatchets": enforce,
    }


def decrypt(topic, name, token, note=None, **options):
    plaintext, ratchet_id = outcome(token, **options)
    assert plaintext is not None, name
    out = {
        "plaintext": blob(plaintext),
        "ratchetId": None if ratchet_id is None else ratchet_id.hex(),
    }
    topic.case(f"decrypt-{name}", request(token, **options), out, note)


def refuse(topic, name, token, note, **options):
    plaintext, ratchet_id = outcome(token, **options)
    assert plaintext is None, name
    topic.negative(f"decrypt-neg-{name}", request(token, **options), "RNS_DECRYPT", f"None: {note}")


def token_key(ephemeral_public, private=None):
    """The 64-byte token key that the owner derives from an ephemeral public key."""
    private = X25519PrivateKey.from_private_bytes(OWNER.prv_bytes if private is None else private)
    shared = private.exchange(X25519PublicKey.from_public_bytes(ephemeral_public))
    return hkdf(length=64, derive_from=shared, salt=OWNER.hash, context=None)


def encrypt_cases(topic):
    tokens = {}
    for size in (0, 1, 15, 16, 17, 31, 32, 100, 383):
        plaintext = stream("sealing/plaintext", size)
        tokens[size] = encrypt(topic, f"identity-{size}", plaintext)
        encrypt(topic, f"ratchet-{size}", plaintext, ratchet_public(RATCHETS[0]))
        decrypt(topic, f"identity-{size}", tokens[size])
    high = bytearray(ratchet_public(RATCHETS[1]))
    high[31] |= 0x80
    encrypt(
        topic,
        "ratchet-high-bit",
        b"plaintext",
        bytes(high),
        "the top bit of a public key is ignored",
    )
    encrypt(
        topic,
        "ratchet-non-canonical",
        b"plaintext",
        (2**255 - 19 + 9).to_bytes(32, "little"),
        "P + 9 is read as 9",
    )
    public = OWNER.get_public_key()
    for name, key in LOW_ORDER.items():
        note = "the shared secret would be zero"
        refuse_encrypt(
            topic, f"low-order-{name}", key + public[32:], None, "CRYPTO_LOW_ORDER", note
        )
    refuse_encrypt(
        topic,
        "low-order-ratchet",
        public,
        bytes(32),
        "CRYPTO_LOW_ORDER",
        "the shared secret would be zero",
    )
    for size in (0, 31, 33, 64):
        refuse_encrypt(
            topic, f"ratchet-size-{size}", public, bytes([9]) * size, "CRYPTO_KEY", "not 32 bytes"
        )
    with injected("sealing/no-key"):
        _, raised = attempt(lambda: RNS.Identity(create_keys=False).encrypt(b"plaintext"))
    given = {"op": "encrypt", "public": "", "ratchet": None, "plaintext": "00", "draws": []}
    topic.negative(
        "encrypt-neg-no-public-key",
        given,
        "RNS_IDENTITY_SIZE",
        f"{raised}: no public key is loaded",
    )
    return tokens


def ratchet_cases(topic, tokens):
    for private in RATCHETS:
        public = ratchet_public(private)
        out = {"public": public.hex(), "ratchetId": RNS.Identity._get_ratchet_id(public).hex()}
        topic.case(
            f"ratchet-id-{private.hex()[:8]}", {"op": "ratchet-id", "private": private.hex()}, out
        )
    to_ratchet = {}
    for n, private in enumerate(RATCHETS):
        with injected(f"sealing/to-ratchet/{n}"):
            to_ratchet[n] = OWNER.encrypt(
                f"for ratchet {n}".encode(), ratchet=ratchet_public(private)
            )
        decrypt(topic, f"ratchet-{n}-of-4", to_ratchet[n], ratchets=RATCHETS)
        decrypt(topic, f"ratchet-{n}-of-4-enforced", to_ratchet[n], ratchets=RATCHETS, enforce=True)
    decrypt(topic, "ratchet-last-listed", to_ratchet[0], ratchets=RATCHETS[::-1])
    decrypt(
        topic,
        "identity-key-with-ratchets",
        tokens[16],
        "no ratchet fits, the identity's key does",
        ratchets=RATCHETS,
    )
    decrypt(
        topic,
        "odd-ratchets-skipped",
        to_ratchet[2],
        "ratchets that are not keys are passed over",
        ratchets=[b"", bytes(31), bytes(33), RATCHETS[2]],
    )
    refuse(
        topic,
        "identity-key-enforced",
        tokens[16],
        "made for the identity's key, ratchets are enforced",
        ratchets=RATCHETS,
        enforce=True,
    )
    refuse(
        topic,
        "enforced-without-ratchets",
        tokens[16],
        "ratchets are enforced and there are none",
        enforce=True,
    )
    refuse(topic, "unknown-ratchet", to_ratchet[3], "its ratchet is gone", ratchets=RATCHETS[:3])
    refuse(
        topic,
        "unknown-ratchet-enforced",
        to_ratchet[3],
        "its ratchet is gone",
        ratchets=RATCHETS[:3],
        enforce=True,
    )
    refuse(
        topic, "ratchet-token-without-ratchets", to_ratchet[0], "the identity's key does not fit"
    )


def damage_cases(topic, tokens):
    token = tokens[17]
    assert len(token) == 112
    places = {
        "ephemeral": 0,
        "iv": 32,
        "ciphertext": 48,
        "ciphertext-last": 79,
        "hmac": 80,
        "hmac-last": 111,
    }
    for name, at in places.items():
        broken = bytearray(token)
        broken[at] ^= 0x01
        refuse(topic, f"flipped-{name}", bytes(broken), f"a bit of the {name} differs")
    broken = bytearray(token)
    broken[31] ^= 0x80
    decrypt(topic, "ephemeral-high-bit", bytes(broken), "the top bit of a public key is ignored")
    for length in (111, 96, 80, 79, 65, 64, 63, 48, 34, 33, 32, 31, 16, 1, 0):
        refuse(topic, f"cut-{length}", token[:length], f"{length} of 112 bytes")
    refuse(topic, "longer", token + b"\x00", "a byte too many")
    refuse(
        topic,
        "other-identity",
        token,
        "another identity's key",
        private=identity("sealing/other").get_private_key(),
    )
    wrong_salt = OWNER.prv_bytes + identity("sealing/other").sig_prv_bytes
    refuse(
        topic,
        "other-salt",
        token,
        "the right X25519 key, but the identity hash is the salt",
        private=wrong_salt,
    )
    for name, key in LOW_ORDER.items():
        key_of_zero = hkdf(length=64, derive_from=bytes(32), salt=OWNER.hash, context=None)
        crafted = key + sealed(key_of_zero, bytes(16), b"zero secret....\x01")
        refuse(
            topic,
            f"low-order-{name}",
            crafted,
            "ValueError within: sealed with the key of a zero secret",
        )
    private = RNS.Identity(create_keys=False)
    private.load_public_key(OWNER.get_public_key())
    _, raised = attempt(lambda: private.decrypt(token))
    given = {
        "op": "decrypt",
        "public": OWNER.get_public_key().hex(),
        "token": token.hex(),
        "ratchets": [],
        "enforceRatchets": False,
    }
    topic.negative(
        "decrypt-neg-no-private-key", given, "RNS_NO_PRIVATE_KEY", f"{raised}: a public identity"
    )


def padding_cases(topic):
    ephemeral = ratchet_public(stream("sealing/padding", 32))
    key, iv, block = (
        token_key(ephemeral),
        stream("sealing/padding/iv", 16),
        stream("sealing/block", 32),
    )
    for last in (0, 1, 3, 16):
        crafted = ephemeral + sealed(key, iv, block[:31] + bytes([last]))
        decrypt(topic, f"padding-{last}", crafted, "only the last byte is looked at")
    for last in (17, 255):
        refuse(
            topic,
            f"padding-{last}",
            ephemeral + sealed(key, iv, block[:31] + bytes([last])),
            "padding above 16",
        )
    refuse(topic, "no-ciphertext", ephemeral + authentic(key, iv), "iv and HMAC only, right HMAC")
    refuse(
        topic, "half-block", ephemeral + authentic(key, iv + block[:8]), "half a block, right HMAC"
    )
    refuse(
        topic, "empty-signed", ephemeral + HMAC.new(key[:32], b"").digest(), "an HMAC of nothing"
    )


def add_cases(topic):
    tokens = encrypt_cases(topic)
    ratchet_cases(topic, tokens)
    damage_cases(topic, tokens)
    padding_cases(topic)
