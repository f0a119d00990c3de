"""Vectors of AutoInterface: multicast addresses, peering tokens, and who becomes a peer when.

usage: python golden/gen/reticulum_auto.py [--check | --compare]

The reference's interface is made without sockets; its clock and its system interfaces are given.
"""

import types

from RNS.Interfaces.AutoInterface import AutoInterface

from harness import RNS, Topic, main


class NetInfo:
    AF_INET6 = 10

    def interfaces(self):
        return []


def interface(**options):
    """An AutoInterface with no system interface, so that it opens nothing."""
    RNS.Reticulum._Reticulum__instance = defaults()
    RNS.Interfaces.netinfo = NetInfo()
    configuration = RNS.vendor.configobj.ConfigObj()
    configuration["name"] = "auto"
    for key, value in options.items():
        configuration[key] = value
    return AutoInterface(types.SimpleNamespace(inbound=None), configuration)


def defaults():
    names = [name for name in dir(RNS.Reticulum) if name.startswith("_default_")]
    return types.SimpleNamespace(**{name: (lambda: 1) for name in names})


GROUPS = ("reticulum", "", "my own group", "ünïcode ☂", "g" * 200)
SCOPES = ("link", "admin", "site", "organisation", "global")
ADDRESSES = (
    "fe80::1",
    "fe80::a00:27ff:fe4e:66a1",
    "fe80::ffff:ffff:ffff:ffff",
    "fe80::1%eth0",
    "fe80:4::a00:27ff:fe4e:66a1",
    "fe80::2%en5",
)


def build():
    topic = Topic(
        "reticulum", "auto-interface", "rns", "RNS/Interfaces/AutoInterface.py AutoInterface", __file__
    )
    for group in GROUPS:
        for scope in SCOPES if group == "reticulum" else SCOPES[:1]:
            for kind in ("temporary", "permanent"):
                one = interface(group_id=group, discovery_scope=scope, multicast_address_type=kind)
                topic.case(
                    f"group-{len(topic.cases)}",
                    {"op": "group", "groupId": group, "scope": scope, "permanent": kind == "permanent"},
                    {"address": one.mcast_discovery_address},
                )
    one = interface()
    topic.case(
        "ports",
        {"op": "defaults"},
        {
            "discoveryPort": one.discovery_port,
            "unicastDiscoveryPort": one.unicast_discovery_port,
            "dataPort": one.data_port,
            "hwMtu": one.HW_MTU,
            "groupId": one.group_id.decode(),
            "announceIntervalMs": int(one.announce_interval * 1000),
            "peerJobIntervalMs": int(one.peer_job_interval * 1000),
            "peeringTimeoutMs": int(one.peering_timeout * 1000),
            "reversePeeringIntervalMs": round(one.reverse_peering_interval * 1000),
            "multicastEchoTimeoutMs": int(one.multicast_echo_timeout * 1000),
        },
    )
    for address in ADDRESSES:
        topic.case(
            f"scope-{len(topic.cases)}",
            {"op": "scope", "address": address},
            {"address": one.descope_linklocal(address)},
        )
    tokens(topic)
    return topic


def tokens(topic):
    """What discovery_handler accepts: the token of the address from which it came."""

    def heard(group, data, source):
        one = interface(group_id=group)
        one.final_init_done = True
        found = []
        one.add_peer = lambda address, ifname: found.append(address)

        class Over(Exception):
            pass

        class Socket:
            left = [(data, (source, 1, 0, 2))]

            def recvfrom(self, _):
                if not self.left:
                    raise Over
                return self.left.pop()

        try:
            one.discovery_handler(Socket(), "eth0", announce=False)
        except Over:
            pass
        return bool(found)

    for group in GROUPS:
        for address in ADDRESSES[:3]:
            token = RNS.Identity.full_hash(group.encode("utf-8") + address.encode("utf-8"))
            assert heard(group, token, address)
            topic.case(
                f"token-{len(topic.cases)}",
                {"op": "token", "groupId": group, "address": address},
                {"token": token.hex()},
            )
    group, address = GROUPS[0], ADDRESSES[1]
    token = RNS.Identity.full_hash(group.encode() + address.encode())
    assert heard(group, token + b"more", address)
    topic.case(
        "token-longer",
        {"op": "heard", "groupId": group, "address": address, "data": (token + b"more").hex()},
        {"accepted": True},
        "what follows the token is ignored",
    )
    bad = {
        "other-group": (b"other" + address.encode(), address),
        "other-address": (group.encode() + b"fe80::1", address),
    }
    for name, (material, source) in bad.items():
        data = RNS.Identity.full_hash(material)
        assert not heard(group, data, source)
        refuse(topic, name, group, source, data)
    for name, data in (("short", token[:31]), ("one-byte", b"\x00")):
        assert not heard(group, data, address)
        refuse(topic, name, group, address, data)


def refuse(topic, name, group, source, data):
    topic.negative(
        f"neg-token-{name}",
        {"op": "heard", "groupId": group, "address": source, "data": data.hex()},
        "RNS_PACKET",
        "ignored",
        {"accepted": False},
    )


if __name__ == "__main__":
    main(build)
