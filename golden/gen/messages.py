"""Making LXMessages with the reference and writing down what it holds after reading one."""

import base64

from harness import LXMF, NOW, RNS, attempt, forget, identity, injected, know, stream, typed
from notation import plain

LXMessage = LXMF.LXMessage
D = RNS.Destination

SENDER = identity("message/sender")
RECEIVER = identity("message/receiver")
STRANGER = identity("message/stranger")

METHODS = {
    "opportunistic": LXMessage.OPPORTUNISTIC,
    "direct": LXMessage.DIRECT,
    "propagated": LXMessage.PROPAGATED,
    "paper": LXMessage.PAPER,
}


def delivery(owner):
    """The outbound lxmf.delivery destination of an identity."""
    return D(owner, D.OUT, D.SINGLE, "lxmf", "delivery")


def make(title=b"", content=b"", fields=None, timestamp=NOW, method=None, to=None, by=None):
    message = LXMessage(
        delivery(RECEIVER) if to is None else to,
        delivery(SENDER) if by is None else by,
        content=plain(content),
        title=plain(title),
        fields=fields,
        desired_method=method,
    )
    message.timestamp = timestamp
    return message


def request(op, title=b"", content=b"", fields=None, timestamp=NOW, **more):
    """The `in` of a case that makes a message: private key of the sender, public of the receiver."""
    given = {
        "op": op,
        "source": SENDER.get_private_key().hex(),
        "destination": RECEIVER.get_public_key().hex(),
        "title": typed(title),
        "content": typed(content),
        "fields": typed(fields),
        "timestamp": typed(timestamp),
    }
    given.update(more)
    return given


def describe(message):
    """What a message that was read holds."""
    return {
        "destinationHash": message.destination_hash.hex(),
        "sourceHash": message.source_hash.hex(),
        "hash": message.hash.hex(),
        "timestamp": typed(message.timestamp),
        "title": typed(message.title),
        "content": typed(message.content),
        "fields": typed(message.fields),
        "stamp": typed(message.stamp),
        "signatureValidated": message.signature_validated,
        "unverifiedReason": message.unverified_reason,
    }


def meet(*identities):
    """Forget everyone, then know these; the `known` of a case."""
    forget()
    known = []
    for owner in identities:
        destination_hash = know(owner)
        known.append(
            {"destinationHash": destination_hash.hex(), "public": owner.get_public_key().hex()}
        )
    return known


def craft(payload, hashed=None, to=None, by=None):
    """A message around any payload, signed over `hashed` where that differs from the payload."""
    by = SENDER if by is None else by
    head = delivery(RECEIVER if to is None else to).hash + delivery(by).hash
    part = head + (payload if hashed is None else hashed)
    signature = by.sign(part + RNS.Identity.full_hash(part))
    return head + signature + payload


def unpadded(data):
    return base64.urlsafe_b64encode(data).decode("ascii").replace("=", "")


__all__ = [
    "LXMessage",
    "METHODS",
    "RECEIVER",
    "SENDER",
    "STRANGER",
    "attempt",
    "craft",
    "delivery",
    "describe",
    "injected",
    "make",
    "meet",
    "request",
    "stream",
    "unpadded",
]
