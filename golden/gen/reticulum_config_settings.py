"""Vectors of the options of a configuration file: what the reference makes of each.

usage: python golden/gen/reticulum_config_settings.py [--check | --compare]

The reference takes in whole files, but opens no socket or device: interfaces are made by constructors
that set no more than the assumptions of their class. The files that the reference carries as examples
stand here without their comments, which are its own.
"""

import os
import re
import shutil
import sys
import tempfile

import RNS.Utilities.rnsd as rnsd
from RNS.vendor.configobj import ConfigObj

from harness import RNS, Topic, attempt, main

EXAMPLE = rnsd.__dict__["__example_rns_config__"]


def without_comments(text):
    """Comments as bare marks, so that lines and structure stay."""
    return re.sub(r"^(\s*)#.*$", r"\1#", text, flags=re.MULTILINE)


def uncommented(text):
    """Lines of the form `# key = value`, as if their author had taken the mark away."""
    return re.sub(r"^(\s*)# ?([a-z_]+ = )", r"\1\2", text, flags=re.MULTILINE)


def start(text):
    """Let the reference take in a file's [reticulum] and [logging]; returns the instance or raises."""
    folder = tempfile.mkdtemp()
    reticulum = RNS.Reticulum
    reticulum._Reticulum__instance = None
    with open(os.path.join(folder, "config"), "w", encoding="utf-8") as file:
        file.write(text)
    try:
        return reticulum(configdir=folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def prepare():
    """Keep the reference from opening anything; interfaces are made without their media."""
    reticulum = RNS.Reticulum
    reticulum._Reticulum__start_local_interface = standalone
    reticulum.exit_handler = staticmethod(lambda: None)
    RNS.Transport.start = staticmethod(lambda owner: setattr(RNS.Transport, "owner", owner))
    RNS.Transport.internal_identity = staticmethod(lambda: RNS.Identity.from_bytes(bytes(range(64))))
    RNS.Transport.identity = RNS.Identity.from_bytes(bytes(range(64)))
    for name in ("enable_discovery", "discover_interfaces", "enable_blackhole_updater"):
        setattr(RNS.Transport, name, staticmethod(lambda: None))
    RNS.Identity.load_known_destinations = staticmethod(lambda: None)
    RNS.Identity._clean_ratchets = staticmethod(lambda: None)
    RNS.Transport.add_interface = staticmethod(added.append)
    RNS.panic = panic
    for module, names in MADE_WITHOUT_MEDIA.items():
        holder = getattr(RNS.Interfaces, module)
        for name in names:
            setattr(holder, name, bare(getattr(holder, name)))


def tree(section):
    scalars = [[key, section[key]] for key in section.scalars]
    return [scalars, [[name, tree(section[name])] for name in section.sections]]


added = []

MADE_WITHOUT_MEDIA = {
    "TCPInterface": ("TCPClientInterface", "TCPServerInterface"),
    "BackboneInterface": ("BackboneInterface", "BackboneClientInterface"),
    "UDPInterface": ("UDPInterface",),
    "AutoInterface": ("AutoInterface",),
    "PipeInterface": ("PipeInterface",),
    "RNodeInterface": ("RNodeInterface",),
    "KISSInterface": ("KISSInterface",),
    "SerialInterface": ("SerialInterface",),
}


def panic():
    raise RuntimeError("panic")


def standalone(self):
    self.is_shared_instance = False
    self.is_standalone_instance = True
    self.is_connected_to_shared_instance = False


def bare(kind):
    """The same class, with a constructor that opens nothing."""

    def __init__(self, owner, configuration):
        RNS.Interfaces.Interface.Interface.__init__(self)
        self.name = configuration["name"]
        self.bitrate = getattr(kind, "BITRATE_GUESS", self.bitrate)
        self.IN = True

    members = {"__init__": __init__, "__str__": lambda self: self.name, "final_init": lambda self: None}
    return type(kind.__name__, (kind,), members)


LIMITS = {
    "maxHeldAnnounces": "ic_max_held_announces",
    "burstHoldS": "ic_burst_hold",
    "burstFrequencyNewHz": "ic_burst_freq_new",
    "burstFrequencyHz": "ic_burst_freq",
    "pathRequestBurstFrequencyNewHz": "ic_pr_burst_freq_new",
    "pathRequestBurstFrequencyHz": "ic_pr_burst_freq",
    "newTimeS": "ic_new_time",
    "burstPenaltyS": "ic_burst_penalty",
    "heldReleaseIntervalS": "ic_held_release_interval",
    "egressPathRequestFrequencyHz": "ec_pr_freq",
}


def settings(text):
    RNS.loglevel = 3
    RNS.logtimestamps = True
    RNS.Transport.remote_management_allowed = []
    if hasattr(RNS.Reticulum, "_force_shared_instance_bitrate"):
        del RNS.Reticulum._force_shared_instance_bitrate
    added.clear()
    instance = start(text)

    def private(name):
        return getattr(RNS.Reticulum, f"_Reticulum__{name}", None)

    def each(values):
        return [value.hex() for value in values]

    out = {
        "shareInstance": instance.share_instance,
        "instanceName": instance.local_socket_path,
        "sharedInstanceType": instance.shared_instance_type,
        "sharedInstancePort": instance.local_interface_port,
        "instanceControlPort": instance.local_control_port,
        "rpcKey": instance.rpc_key.hex(),
        "forceSharedInstanceBitrateBps": getattr(
            RNS.Reticulum, "_force_shared_instance_bitrate", None
        ),
        "enableTransport": private("transport_enabled"),
        "staticTransportIdentity": private("static_transport_identity"),
        "localHopsDelta": private("local_hops_delta"),
        "linkMtuDiscovery": private("link_mtu_discovery"),
        "useImplicitProof": private("use_implicit_proof"),
        "enableRemoteManagement": private("remote_management_enabled"),
        "remoteManagementAllowed": each(RNS.Transport.remote_management_allowed),
        "enableInterfaceManagement": private("interface_management_enabled"),
        "respondToProbes": private("allow_probes"),
        "panicOnInterfaceError": RNS.Reticulum.panic_on_interface_error,
        "defaultGravity": instance._default_gravity(),
        "discoverInterfaces": private("discover_interfaces"),
        "requiredDiscoveryValue": private("required_discovery_value") or 16,
        "interfaceDiscoverySources": each(private("interface_sources")),
        "autoconnect": {
            "most": int(private("autoconnect_discovered_interfaces")),
            "unverifiedImplementations": private("autoconnect_unverified"),
            "mode": private("autoconnect_interface_mode"),
            "gravity": private("autoconnect_interface_gravity"),
            "announcesToInternal": private("autoconnect_announces_to_internal"),
        },
        "publishBlackhole": private("publish_blackhole"),
        "blackholeSources": each(private("blackhole_sources")),
        "blackholeUpdateIntervalMs": int(private("blackhole_update_interval") * 1000),
        "announceRate": {
            "targetS": instance._default_ar_target(),
            "penaltyS": instance._default_ar_penalty(),
            "grace": instance._default_ar_grace(),
        },
        "egressControl": bool(instance._default_egress_control()),
        "ingress": {name: getattr(instance, f"_default_{own}")() for name, own in LIMITS.items()},
        "queueLengths": {
            "data": private("inbound_data_queue_length") or 1024,
            "announces": private("inbound_announce_queue_length") or 128,
            "pathRequests": private("inbound_pr_queue_length") or 128,
            "ingressLimited": private("inbound_il_queue_length") or 8,
        },
        "logLevel": RNS.loglevel,
        "logTimestamps": RNS.logtimestamps,
    }
    return out, [interface(one) for one in added]


DISCOVERY = {
    "stampValue": "discovery_stamp_value",
    "name": "discovery_name",
    "lxmfAddress": "discovery_lxmf_address",
    "encrypt": "discovery_encrypt",
    "reachableOn": "reachable_on",
    "publishIfac": "discovery_publish_ifac",
    "locationCommand": "discovery_location",
    "latitude": "discovery_latitude",
    "longitude": "discovery_longitude",
    "height": "discovery_height",
    "frequency": "discovery_frequency",
    "bandwidth": "discovery_bandwidth",
    "modulation": "discovery_modulation",
}


def interface(one):
    def text(value):
        return value.hex() if isinstance(value, bytes) else value

    key = getattr(one, "ifac_key", None)
    found = {
        "name": one.name,
        "type": type(one).__name__,
        "mode": one.mode,
        "gravity": one.gravity,
        "outgoing": one.OUT,
        "bitrateBps": one.bitrate,
        "hwMtu": one.HW_MTU if one.AUTOCONFIGURE_MTU else None,
        "ifacBytes": one.ifac_size,
        "ifacKey": key.hex() if key is not None else None,
        "ingressControl": one.ingress_control,
        "egressControl": bool(one.egress_control),
        "ingress": {name: getattr(one, own) for name, own in LIMITS.items()},
        "announceRateTargetS": one.announce_rate_target,
        "announceRateGrace": one.announce_rate_grace,
        "announceRatePenaltyS": one.announce_rate_penalty,
        "announceCap": one.announce_cap,
        "bootstrapOnly": one.bootstrap_only,
        "recursivePathRequests": one.recursive_prs,
        "announcesFromInternal": one.announces_from_internal,
        "announcesToInternal": one.announces_to_internal,
        "discovery": None,
    }
    if one.discoverable:
        found["discovery"] = {
            name: text(getattr(one, own, None)) for name, own in DISCOVERY.items()
        }
        found["discovery"]["announceIntervalMs"] = one.discovery_announce_interval * 1000
    return found


HASH_A, HASH_B = "521c87a83afb8f29e4455e77930b973b", "9fb6d773498fb3feda407ed8ef2c3229"

# Every option of [reticulum], with values that show what is made of them.
OPTIONS = {
    "share_instance": ["no", "yes"],
    "instance_name": ["other"],
    "shared_instance_type": ["tcp", "TCP", "unix", "carrier"],
    "shared_instance_port": ["40000"],
    "instance_control_port": ["40001"],
    "rpc_key": ["e5c032d3ec4e64a6aca9927ba8ab7333", "no key", ""],
    "enable_transport": ["yes", "no"],
    "static_transport_identity": ["yes"],
    "local_hops_delta": ["yes"],
    "link_mtu_discovery": ["no"],
    "use_implicit_proof": ["no"],
    "enable_remote_management": ["yes"],
    "remote_management_allowed": [HASH_A, f"{HASH_A}, {HASH_B}", f"{HASH_A}, {HASH_A}", HASH_A.upper()],
    "enable_interface_management": ["no"],
    "respond_to_probes": ["yes"],
    "force_shared_instance_bitrate": ["9600"],
    "panic_on_interface_error": ["yes"],
    "default_gravity": ["5", "-5"],
    "discover_interfaces": ["yes"],
    "required_discovery_value": ["14", "0", "-1"],
    "interface_discovery_sources": [HASH_A],
    "autoconnect_discovered_interfaces": ["3", "0", "-1"],
    "autoconnect_unverified_implementations": ["yes"],
    "autoconnect_interface_mode": ["gw", "AP", "ptp", "nonsense"],
    "autoconnect_interface_gravity": ["2"],
    "autoconnect_announces_to_internal": ["yes", "no"],
    "publish_blackhole": ["yes"],
    "blackhole_sources": [HASH_A, f"{HASH_A}, {HASH_B}"],
    "blackhole_update_interval": ["30", "1", "2.5"],
    "default_ar_target": ["7200", "0", "-1"],
    "default_ar_penalty": ["60", "0", "-1"],
    "default_ar_grace": ["2", "0", "-1"],
    "ic_max_held_announces": ["10", "0", "-1"],
    "ic_burst_hold": ["1.5", "0", "-1"],
    "ic_burst_freq_new": ["1.5"],
    "ic_burst_freq": ["2.5"],
    "ic_pr_burst_freq_new": ["4.5"],
    "ic_pr_burst_freq": ["5.5"],
    "ic_new_time": ["60"],
    "ic_burst_penalty": ["70"],
    "ic_held_release_interval": ["80"],
    "ec_pr_freq": ["9.5"],
    "egress_control": ["yes", "no"],
    "qlen_in_data": ["2", "0"],
    "qlen_in_announce": ["3", "-1"],
    "qlen_in_pr": ["4"],
    "qlen_in_il": ["5"],
    "unknown_option": ["anything"],
}

REFUSED_OPTIONS = {
    "share_instance": ["maybe", "", "yes, no"],
    "enable_transport": ["2"],
    "shared_instance_port": ["many", "1.5"],
    "remote_management_allowed": ["abcd", HASH_A[:-1] + "z", ""],
    "blackhole_sources": [f"{HASH_A}, abcd"],
    "interface_discovery_sources": ["x" * 32],
    "default_gravity": ["heavy"],
    "ic_burst_hold": ["long"],
    "autoconnect_discovered_interfaces": ["yes"],
    "blackhole_update_interval": ["daily"],
    "qlen_in_data": ["2.5"],
}

TYPES = (
    "TCPClientInterface", "TCPServerInterface", "BackboneInterface", "BackboneClientInterface",
    "UDPInterface", "AutoInterface", "PipeInterface",
)

COMMON = {
    "mode": ["full", "access_point", "accesspoint", "AP", "pointtopoint", "ptp", "roaming", "boundary",
             "gateway", "gw", "internal", "nonsense"],
    "interface_mode": ["ap", "roaming", "boundary", "full"],
    "gravity": ["3", "-2"],
    "outgoing": ["no", "yes"],
    "ifac_size": ["128", "64", "8", "7", "0", "-8", "20", "512"],
    "ingress_control": ["no"],
    "egress_control": ["yes"],
    "bitrate": ["5", "4", "0", "62500", "62499", "1000000", "2000000", "5000000", "10000000", "100000000",
                "200000000", "400000000", "750000000", "1000000000", "999999999"],
    "announce_rate_target": ["100", "0", "-1"],
    "announce_rate_grace": ["3", "0", "-1"],
    "announce_rate_penalty": ["50", "0", "-1"],
    "announce_cap": ["1", "100", "0", "101", "-1", "0.5"],
    "bootstrap_only": ["yes"],
    "recursive_prs": ["yes"],
    "announces_from_internal": ["no"],
    "announces_to_internal": ["yes", "no"],
    "ic_max_held_announces": ["7", "0"],
    "ic_burst_hold": ["1.5"],
    "ic_burst_freq_new": ["2.5"],
    "ic_burst_freq": ["3.5"],
    "ic_pr_burst_freq_new": ["4.5"],
    "ic_pr_burst_freq": ["5.5"],
    "ec_pr_freq": ["6.5"],
    "ic_new_time": ["7.5"],
    "ic_burst_penalty": ["8.5"],
    "ic_held_release_interval": ["9.5"],
    "network_name": ["net", "", "None", "none"],
    "networkname": ["net"],
    "passphrase": ["secret words", "", "None"],
    "pass_phrase": ["secret words"],
    "latitude": ["north"],
}

REFUSED_COMMON = {
    "enabled": ["perhaps"],
    "gravity": ["up"],
    "ifac_size": ["large"],
    "ingress_control": ["sometimes"],
    "bitrate": ["fast"],
    "announce_cap": ["two"],
    "announce_rate_target": ["often"],
    "outgoing": ["later"],
    "ic_new_time": ["soon"],
}

WHOLE_INTERFACES = {
    "both-spellings": "networkname = old\nnetwork_name = new\npassphrase = old\npass_phrase = new",
    "both-modes": "mode = gw\ninterface_mode = ap",
    "rates": "announce_rate_target = 100\nannounce_rate_grace = 1\nannounce_rate_penalty = 2",
    "discoverable": "discoverable = yes",
    "discoverable-full": "discoverable = yes\nmode = gw\nannounce_interval = 30\n"
    "discovery_stamp_value = 12\ndiscovery_name = A place\ndiscovery_encrypt = yes\n"
    "reachable_on = example.org\npublish_ifac = yes\nnetwork_name = n\nlatitude = 1.5\nlongitude = -2\n"
    "height = 3\ndiscovery_frequency = 868000000\ndiscovery_bandwidth = 125000\n"
    f"discovery_modulation = 1\nlocation_cmd = /bin/true\ndiscovery_lxmf_address = {HASH_A}",
    "discoverable-often": "discoverable = yes\nannounce_interval = 1\nmode = internal",
    "discoverable-quiet": "discoverable = yes\nignore_config_warnings = yes",
    "discoverable-address": "discoverable = yes\ndiscovery_lxmf_address = abcd",
}


def build():
    topic = Topic(
        "reticulum",
        "config-settings",
        "rns",
        "RNS/Reticulum.py __apply_config, _synthesize_interface",
        __file__,
        also=False,
    )
    prepare()
    base, _ = settings("")
    topic.case("defaults", {"op": "settings", "text": ""}, {"settings": base})
    example = without_comments(EXAMPLE)
    for name, text in (("example", example), ("example-uncommented", uncommented_example())):
        found, made = settings(text)
        topic.case(
            f"rnsd-{name}",
            {"op": "settings", "text": text},
            {"settings": changed(found, base), "interfaces": [one["name"] for one in made]},
        )
    default = "\n".join(sys.modules["RNS.Reticulum"].__dict__["__default_rns_config__"]) + "\n"
    text = without_comments(default)
    found, made = settings(text)
    topic.case(
        "default-config",
        {"op": "default", "text": text},
        {"settings": changed(found, base), "tree": tree(ConfigObj(text.splitlines()))},
        "the file that the reference writes at its first start",
    )
    for option, values in OPTIONS.items():
        for turn, value in enumerate(values):
            text = f"[reticulum]\n{option} = {value}\n"
            found, _ = settings(text)
            topic.case(
                f"option-{option}-{turn + 1}",
                {"op": "settings", "text": text},
                {"settings": changed(found, base)},
            )
    for level in ("0", "4", "8", "9", "-1"):
        text = f"[logging]\nloglevel = {level}\nlogtimestamps = no\n"
        found, _ = settings(text)
        topic.case(
            f"loglevel-{level}", {"op": "settings", "text": text}, {"settings": changed(found, base)}
        )
    for option, values in REFUSED_OPTIONS.items():
        for turn, value in enumerate(values):
            refuse(topic, f"neg-{option}-{turn + 1}", f"[reticulum]\n{option} = {value}\n", option)
    refuse(topic, "neg-loglevel", "[logging]\nloglevel = chatty\n", "loglevel")
    interfaces(topic)
    return topic


def uncommented_example():
    """The example with every option of [reticulum] taken in, but the one that makes a file."""
    head, rest = EXAMPLE.split("[logging]", 1)
    head = without_comments(uncommented(head)).replace("network_identity", "# network_identity")
    return head + "[logging]" + without_comments(rest)


def changed(found, base):
    """What differs from the defaults."""
    return {key: value for key, value in found.items() if value != base[key]}


def refuse(topic, name, text, key):
    _, raised = attempt(lambda: settings(text))
    given = {"op": "settings", "text": text, "key": key}
    if raised is None:
        # An option that only the newer version knows.
        topic.case(name, given, {"accepted": True})
    else:
        topic.negative(name, given, "RNS_CONFIG", raised)


def interface_text(kind, body, head=""):
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return f"{head}[interfaces]\n  [[One]]\n    type = {kind}\n{lines}"


def interfaces(topic):
    def one(text):
        _, made = settings(text)
        (found,) = made
        return found

    for kind in TYPES:
        extra = "\ntarget_host = 127.0.0.1\ntarget_port = 1" if kind.endswith("ClientInterface") else ""
        text = interface_text(kind, "enabled = yes" + extra)
        topic.case(f"kind-{kind}", {"op": "interface", "text": text}, {"interface": one(text)})
    base = one(interface_text("TCPClientInterface", "enabled = yes"))
    for option, values in COMMON.items():
        for turn, value in enumerate(values):
            text = interface_text("TCPClientInterface", f"enabled = yes\n{option} = {value}")
            topic.case(
                f"interface-{option}-{turn + 1}",
                {"op": "interface", "text": text},
                {"changed": changed(one(text), base)},
            )
    for name, body in WHOLE_INTERFACES.items():
        text = interface_text("TCPClientInterface", "enabled = yes\n" + body)
        topic.case(
            f"interface-{name}", {"op": "interface", "text": text}, {"changed": changed(one(text), base)}
        )
    transport = "[reticulum]\nenable_transport = yes\ndefault_ar_target = 500\ndefault_gravity = 4\n"
    for name, body in (
        ("defaults", ""),
        ("own-rate", "announce_rate_target = 100"),
        ("own-grace", "announce_rate_grace = 9"),
    ):
        text = interface_text("TCPClientInterface", "enabled = yes\n" + body, transport)
        topic.case(
            f"transport-{name}", {"op": "interface", "text": text}, {"changed": changed(one(text), base)}
        )
    limits = "[reticulum]\nic_burst_hold = 99\nec_pr_freq = 1\negress_control = yes\n"
    text = interface_text("TCPClientInterface", "enabled = yes\nec_pr_freq = 2", limits)
    topic.case(
        "interface-limits-of-instance",
        {"op": "interface", "text": text},
        {"changed": changed(one(text), base)},
    )
    for words in ("enabled = no", "", "interface_enabled = no", "interface_enabled = no\nenabled = no"):
        text = interface_text("TCPClientInterface", words)
        assert settings(text)[1] == []
        topic.case(f"disabled-{len(topic.cases)}", {"op": "interface", "text": text}, {"none": True})
    for words in ("interface_enabled = yes", "interface_enabled = no\nenabled = yes"):
        text = interface_text("TCPClientInterface", words)
        topic.case(
            f"enabled-{len(topic.cases)}",
            {"op": "interface", "text": text},
            {"changed": changed(one(text), base)},
        )
    for option, values in REFUSED_COMMON.items():
        for turn, value in enumerate(values):
            body = f"{option} = {value}" if option == "enabled" else f"enabled = yes\n{option} = {value}"
            refuse(
                topic,
                f"neg-interface-{option}-{turn + 1}",
                interface_text("TCPClientInterface", body),
                option,
            )
    text = "[interfaces]\n  [[One]]\n    enabled = yes\n"
    refuse(topic, "neg-interface-no-type", text, "type")


if __name__ == "__main__":
    main(build)
