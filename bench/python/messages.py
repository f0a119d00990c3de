"""
Cases about whole messages, done by LXMF and RNS themselves: pack and sign, unpack and verify.

A Reticulum instance without interfaces runs meanwhile, in a folder of its own that is removed at
the end, because LXMF asks it about blocked sources while it unpacks.
"""

import shutil
import tempfile

CONFIG = """[reticulum]
enable_transport = No
share_instance = No
respond_to_probes = No

[logging]
loglevel = 0

[interfaces]
"""

folder = None


def network():
    """Start the instance once; later calls find it running."""
    global folder
    import RNS

    if folder is None:
        folder = tempfile.mkdtemp(prefix="bench-rns-")
        with open(f"{folder}/config", "w", encoding="utf-8") as file:
            file.write(CONFIG)
        RNS.Reticulum(configdir=folder, loglevel=RNS.LOG_CRITICAL)
    return RNS


def parties(source_key, destination_key):
    """The two lxmf.delivery destinations of the case; both identities are known."""
    RNS = network()
    ends = []
    for key in (source_key, destination_key):
        identity = RNS.Identity.from_bytes(key)
        end = RNS.Destination(
            identity, RNS.Destination.OUT, RNS.Destination.SINGLE, "lxmf", "delivery"
        )
        RNS.Identity.remember(bytes(32), end.hash, identity.get_public_key(), None)
        ends.append(end)
    return ends


def message_of(source, destination, timestamp, title, content):
    from LXMF import LXMessage

    message = LXMessage(
        destination, source, content, title, desired_method=LXMessage.DIRECT
    )
    message.timestamp = timestamp
    return message


def message_pack(source_key, destination_key, timestamp, title, content):
    """One unit: make a message object, pack and sign it for direct delivery."""
    source, destination = parties(source_key, destination_key)

    def pack():
        message = message_of(source, destination, timestamp, title, content)
        message.pack()
        return message.packed

    def run(units):
        for _ in range(units):
            pack()

    return run, pack()


def message_unpack(source_key, destination_key, timestamp, title, content, packed):
    """One unit: unpack a message of a known source and verify its signature."""
    from LXMF import LXMessage

    parties(source_key, destination_key)

    def unpack():
        message = LXMessage.unpack_from_bytes(packed)
        if not message.signature_validated or message.content != content:
            raise ValueError("the message did not verify")
        return message

    def run(units):
        for _ in range(units):
            unpack()

    return run, unpack().hash


def close():
    """Remove the instance's folder."""
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


CASES = {"message-pack": message_pack, "message-unpack": message_unpack}
