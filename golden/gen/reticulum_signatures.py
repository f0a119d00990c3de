"""Signature cases for golden/reticulum/identity.json; reticulum_identity.py runs them."""

import edwards

from harness import RNS, identity, stream


def verdict(public, signature, message):
    """What Identity.validate says, given the Ed25519 half of a public key."""
    signer = RNS.Identity(create_keys=False)
    signer.load_public_key(identity("signatures/other").pub_bytes + public)
    return signer.validate(signature, message)


def validate(topic, name, public, signature, message, note=None):
    given = {
        "op": "validate",
        "signingPublic": public.hex(),
        "signature": signature.hex(),
        "message": message.hex(),
    }
    topic.case(f"validate-{name}", given, {"valid": verdict(public, signature, message)}, note)


def sign_cases(topic):
    signer = identity("signatures/signer")
    public = signer.sig_pub_bytes
    for size in (0, 1, 32, 111, 112, 127, 128, 1000):
        message = stream("signatures/message", size)
        signature = signer.sign(message)
        given = {"op": "sign", "private": signer.get_private_key().hex(), "message": message.hex()}
        topic.case(f"sign-{size}", given, {"signature": signature.hex()})
        validate(topic, f"good-{size}", public, signature, message)


def damaged(topic):
    signer = identity("signatures/signer")
    public, message = signer.sig_pub_bytes, b"message"
    signature = signer.sign(message)
    for at in (0, 31, 32, 62, 63):
        broken = bytearray(signature)
        broken[at] ^= 0x01
        validate(topic, f"flipped-{at}", public, bytes(broken), message)
    for bit in (0x20, 0x40, 0x80):
        broken = bytearray(signature)
        broken[63] ^= bit
        validate(
            topic,
            f"flipped-63-{bit:02x}",
            public,
            bytes(broken),
            message,
            "S is above the group order",
        )
    broken = bytearray(signature)
    broken[31] ^= 0x80
    validate(topic, "flipped-sign-of-r", public, bytes(broken), message)
    validate(topic, "other-message", public, signature, b"messagf")
    validate(topic, "longer-message", public, signature, message + b"\x00")
    validate(topic, "empty-message", public, signature, b"")
    validate(topic, "other-key", identity("signatures/other").sig_pub_bytes, signature, message)
    for size in (0, 1, 32, 63):
        validate(topic, f"length-{size}", public, signature[:size], message)
    for size in (65, 96, 128):
        validate(topic, f"length-{size}", public, signature + bytes(size - 64), message)
    validate(topic, "zero-signature", public, bytes(64), message)


def non_canonical(topic):
    signer = identity("signatures/signer")
    public, message = signer.sig_pub_bytes, b"message"
    signature = signer.sign(message)
    s = int.from_bytes(signature[32:], "little")
    for times in (1, 2, 8):
        bigger = s + times * edwards.L
        if bigger < 2**256:
            altered = signature[:32] + bigger.to_bytes(32, "little")
            validate(
                topic,
                f"s-plus-{times}l",
                public,
                altered,
                message,
                "S reduced modulo the order would fit",
            )
    negative = signature[:32] + (edwards.L - s).to_bytes(32, "little")
    validate(topic, "s-negated", public, negative, message)
    point = edwards.decode(public)
    opposite = edwards.encode((edwards.P - point[0], point[1]))
    validate(topic, "key-negated", opposite, signature, message)
    validate(topic, "key-not-on-curve", (2).to_bytes(32, "little"), signature, message)
    validate(topic, "key-ff", b"\xff" * 32, signature, message)
    validate(topic, "r-not-on-curve", public, (2).to_bytes(32, "little") + signature[32:], message)


def encodings():
    """Small-order points as canonical bytes, then every other encoding that decodes to one."""
    points = edwards.torsion()
    canonical = [edwards.encode(point) for point in points]
    others = []
    for y in (0, 1, edwards.P - 1, edwards.P, edwards.P + 1):
        for sign in (0, 1):
            data = (y | sign << 255).to_bytes(32, "little")
            if data not in canonical and edwards.decode(data) in points:
                others.append(data)
    # x = 0 has no sign; decoders that skip this check read the point all the same
    for y in (1, edwards.P - 1, edwards.P + 1):
        data = (y | 1 << 255).to_bytes(32, "little")
        if data not in canonical and data not in others:
            others.append(data)
    return canonical, others


def small_order(topic):
    """S = 0 with A and R of small order: valid for some messages, whoever signs."""
    canonical, others = encodings()
    zero = bytes(32)
    for n, public in enumerate(canonical + others):
        kind = f"a{n}" if n < 8 else f"a-odd{n - 8}"
        found = {}
        for turn in range(64):
            message = f"small order {turn}".encode()
            for r in canonical:
                found.setdefault(verdict(public, r + zero, message), (r + zero, message))
            if len(found) == 2:
                break
        for valid, (signature, message) in sorted(found.items()):
            name = f"small-order-{kind}-{'accepted' if valid else 'refused'}"
            validate(topic, name, public, signature, message, "A and R of small order, S = 0")
    for n, r in enumerate(others):
        for public in canonical[:1]:
            validate(
                topic, f"small-order-r-odd{n}", public, r + zero, b"message", "R in an odd encoding"
            )


def mixed_order(topic):
    """A or R with a component of small order: cofactored and cofactorless rules part here."""
    seed = stream("signatures/mixed", 32)
    scalar, _ = edwards.scalar_of(seed)
    nonce = int.from_bytes(stream("signatures/nonce", 32), "little") % edwards.L
    honest = edwards.multiply(scalar, edwards.BASE)
    for order, torsion in ((2, 4), (4, 2), (8, 1)):
        point = edwards.torsion()[torsion]
        public = edwards.encode(edwards.add(honest, point))
        found = {}
        for turn in range(200):
            message = f"mixed order {turn}".encode()
            signature = edwards.sign(scalar, public, message, nonce)
            found.setdefault(verdict(public, signature, message), (signature, message))
            if len(found) == 2:
                break
        assert len(found) == 2
        for valid, (signature, message) in sorted(found.items()):
            name = f"mixed-order-a{order}-{'accepted' if valid else 'refused'}"
            note = "A = aB + T: valid only where the challenge cancels T; the cofactored equation always holds"
            validate(topic, name, public, signature, message, note)
        plain = edwards.encode(honest)
        r_point = edwards.add(edwards.multiply(nonce, edwards.BASE), point)
        signature = edwards.sign(scalar, plain, b"mixed", nonce, r_point)
        note = "R = rB + T: the cofactored equation holds, the plain one does not"
        validate(topic, f"mixed-order-r{order}", plain, signature, b"mixed", note)
    signature = edwards.sign(scalar, edwards.encode(honest), b"zero nonce", 0)
    validate(
        topic,
        "r-identity",
        edwards.encode(honest),
        signature,
        b"zero nonce",
        "R is the neutral point, the equation holds",
    )
    big = (edwards.P + 1).to_bytes(32, "little")
    s = edwards.challenge(big, edwards.encode(honest), b"zero nonce") * scalar % edwards.L
    signature = big + s.to_bytes(32, "little")
    validate(
        topic,
        "r-identity-odd",
        edwards.encode(honest),
        signature,
        b"zero nonce",
        "R is the neutral point written as P + 1",
    )


def add_cases(topic):
    sign_cases(topic)
    damaged(topic)
    non_canonical(topic)
    small_order(topic)
    mixed_order(topic)
