"""Vectors of the encrypted token: iv(16) | AES-CBC with PKCS7 | HMAC-SHA256(32).

usage: python golden/gen/reticulum_token.py [--check | --compare]
"""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from RNS.Cryptography import HMAC, Token

from harness import Topic, attempt, blob, injected, main, stream

KEYS = {256: stream("token/key/256", 64), 128: stream("token/key/128", 32)}


def split(key):
    return key[: len(key) // 2], key[len(key) // 2 :]


def sealed(key, iv, padded):
    """A token whose padded plaintext is chosen freely; the HMAC is right."""
    signing, encryption = split(key)
    encryptor = Cipher(algorithms.AES(encryption), modes.CBC(iv)).encryptor()
    signed = iv + encryptor.update(padded) + encryptor.finalize()
    return signed + HMAC.new(signing, signed).digest()


def authentic(key, signed):
    """Any bytes under a right HMAC."""
    return signed + HMAC.new(split(key)[0], signed).digest()


def encrypt(topic, name, key, plaintext):
    with injected(f"token/{name}") as draws:
        token = Token(key).encrypt(plaintext)
    assert Token(key).decrypt(token) == plaintext
    given = {"op": "encrypt", "key": key.hex(), "plaintext": plaintext.hex(), "draws": draws.hex}
    topic.case(f"encrypt-{name}", given, {"token": blob(token)})


def decrypt(topic, name, key, token, note):
    plaintext = Token(key).decrypt(token)
    given = {"op": "decrypt", "key": key.hex(), "token": token.hex()}
    topic.case(f"decrypt-{name}", given, {"plaintext": plaintext.hex()}, note)


def refuse(topic, name, key, token, error, note):
    _, raised = attempt(lambda: Token(key).decrypt(token))
    assert raised is not None, name
    given = {"op": "decrypt", "key": key.hex(), "token": token.hex()}
    topic.negative(f"decrypt-neg-{name}", given, error, f"{raised}: {note}")


def padding(topic):
    key, iv = KEYS[256], stream("token/padding/iv", 16)
    block = stream("token/padding/block", 32)
    lax = {
        "pad-0": (block[:31] + b"\x00", "a last byte of 0 removes nothing"),
        "pad-1": (block[:31] + b"\x01", "the ordinary padding of 1"),
        "pad-3-foreign": (block[:31] + b"\x03", "only the last byte is looked at: three bytes go"),
        "pad-16-foreign": (block[:31] + b"\x10", "sixteen bytes go, whatever they are"),
        "pad-16-one-block": (block[:15] + b"\x10", "nothing is left"),
        "pad-0-one-block": (bytes(16), "sixteen zero bytes stay"),
    }
    for name, (padded, note) in lax.items():
        decrypt(topic, name, key, sealed(key, iv, padded), note)
    for last in (17, 32, 128, 255):
        token = sealed(key, iv, block[:31] + bytes([last]))
        refuse(topic, f"pad-{last}", key, token, "TOKEN_PADDING", "padding above 16")
    small = sealed(KEYS[128], iv, block[:31] + b"\x11")
    refuse(topic, "128-pad-17", KEYS[128], small, "TOKEN_PADDING", "padding above 16")


def damage(topic):
    for bits, key in KEYS.items():
        iv = stream(f"token/damage/{bits}", 16)
        token = sealed(key, iv, b"fifteen bytes..\x01" + bytes([16]) * 16)
        for place, at in {
            "iv": 0,
            "iv-last": 15,
            "ciphertext": 16,
            "ciphertext-last": 47,
            "hmac": 48,
            "hmac-last": 79,
        }.items():
            broken = bytearray(token)
            broken[at] ^= 0x01
            refuse(
                topic, f"{bits}-flipped-{place}", key, bytes(broken), "TOKEN_HMAC", "a bit differs"
            )
        broken = bytearray(token)
        broken[79] ^= 0x80
        refuse(topic, f"{bits}-flipped-high-bit", key, bytes(broken), "TOKEN_HMAC", "a bit differs")
        refuse(topic, f"{bits}-longer", key, token + b"\x00", "TOKEN_HMAC", "a byte too many")
        for length in (79, 78, 64, 48, 47, 33):
            refuse(
                topic,
                f"{bits}-cut-{length}",
                key,
                token[:length],
                "TOKEN_HMAC",
                f"only {length} of 80 bytes",
            )
        for length in (32, 31, 16, 1, 0):
            refuse(
                topic,
                f"{bits}-cut-{length}",
                key,
                token[:length],
                "TOKEN_TRUNCATED",
                f"{length} bytes cannot hold an HMAC and more",
            )
        other = stream(f"token/other/{bits}", len(key))
        refuse(topic, f"{bits}-other-key", other, token, "TOKEN_HMAC", "made with another key")
        swapped = split(key)[1] + split(key)[0]
        refuse(
            topic,
            f"{bits}-swapped-key",
            swapped,
            token,
            "TOKEN_HMAC",
            "signing and encryption half swapped",
        )
        mixed = split(key)[0] + split(other)[1]
        _, raised = attempt(lambda: Token(mixed).decrypt(token))
        assert raised == "ValueError"
        refuse(
            topic,
            f"{bits}-other-encryption-half",
            mixed,
            token,
            "TOKEN_PADDING",
            "the HMAC fits, the plaintext is noise",
        )


def odd_sizes(topic):
    key, iv = KEYS[256], stream("token/odd/iv", 16)
    refuse(
        topic,
        "no-ciphertext",
        key,
        authentic(key, iv),
        "TOKEN_CIPHERTEXT",
        "iv and HMAC only, right HMAC",
    )
    for size in (1, 15, 17, 31):
        token = authentic(key, iv + stream("token/odd", size))
        refuse(
            topic,
            f"ciphertext-{size}",
            key,
            token,
            "TOKEN_CIPHERTEXT",
            "not whole blocks, right HMAC",
        )
    for size in (1, 8, 15):
        token = authentic(key, iv[:size])
        refuse(
            topic, f"iv-{size}", key, token, "TOKEN_CIPHERTEXT", "shorter than an iv, right HMAC"
        )


def keys(topic):
    for size in (0, 16, 31, 33, 48, 63, 65, 128):
        key = stream("token/bad-key", size)
        _, raised = attempt(lambda: Token(key))
        assert raised == "ValueError", raised
        given = {"op": "encrypt", "key": key.hex(), "plaintext": "00", "draws": []}
        topic.negative(f"key-neg-{size}", given, "CRYPTO_KEY", f"{raised}: a key of {size} bytes")


def build():
    symbol = "RNS/Cryptography/Token.py Token.encrypt, Token.decrypt"
    topic = Topic("reticulum", "token", "rns", symbol, __file__)
    for bits, key in KEYS.items():
        for size in range(65):
            encrypt(topic, f"{bits}-{size:02d}", key, stream(f"token/{bits}/plaintext", size))
        for size in (255, 256, 383, 1000):
            encrypt(topic, f"{bits}-{size}", key, stream(f"token/{bits}/plaintext", size))
        encrypt(topic, f"{bits}-pad-like", key, bytes([16]) * 16)
    padding(topic)
    damage(topic)
    odd_sizes(topic)
    keys(topic)
    return topic


if __name__ == "__main__":
    main(build)
