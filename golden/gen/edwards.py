"""Just enough arithmetic on edwards25519 to build keys and signatures that no honest signer makes.

Whether they count as valid is then for the reference to say.
"""

import hashlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)
IDENTITY = (0, 1)


def add(a, b):
    (x1, y1), (x2, y2) = a, b
    t = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + t, -1, P)
    y = (y1 * y2 + x1 * x2) * pow(1 - t, -1, P)
    return (x % P, y % P)


def multiply(scalar, point):
    out = IDENTITY
    while scalar:
        if scalar & 1:
            out = add(out, point)
        point = add(point, point)
        scalar >>= 1
    return out


def encode(point):
    x, y = point
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decode(data):
    """The point of 32 bytes, or None; y is not required to be below P."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, (number & (2**255 - 1)) % P
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P != u:
        x = x * SQRT_M1 % P
    if v * x * x % P != u:
        return None
    return (P - x if x & 1 != sign else x, y)


BASE = decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def torsion():
    """The eight points whose order divides 8, as multiples of one of order 8."""
    y = 2
    while True:
        candidate = decode(y.to_bytes(32, "little"))
        y += 1
        if candidate is None:
            continue
        point = multiply(L, candidate)
        if multiply(4, point) != IDENTITY:
            return [multiply(n, point) for n in range(8)]


def scalar_of(seed):
    """Secret scalar and prefix of an Ed25519 seed (RFC 8032, section 5.1.5)."""
    digest = hashlib.sha512(seed).digest()
    number = int.from_bytes(digest[:32], "little")
    number &= (1 << 254) - 8
    return number | 1 << 254, digest[32:]


def challenge(r, public, message):
    return int.from_bytes(hashlib.sha512(r + public + message).digest(), "little") % L


def sign(scalar, public, message, nonce, r_point=None):
    """A signature with a chosen nonce, and with R replaced where `r_point` is given."""
    r = encode(multiply(nonce, BASE) if r_point is None else r_point)
    s = (nonce + challenge(r, public, message) * scalar) % L
    return r + s.to_bytes(32, "little")
