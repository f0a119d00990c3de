"""Vectors of radios on serial ports: what is written to TNCs and RNodes, and what their answers mean.

usage: python golden/gen/reticulum_radio.py [--check | --compare]

The interfaces of the reference get a port that keeps what is written and hands out given bytes.
"""

import types

from RNS.Interfaces.AX25KISSInterface import AX25KISSInterface
from RNS.Interfaces.KISSInterface import KISSInterface
from RNS.Interfaces.RNodeInterface import KISS, RNodeInterface
from RNS.Interfaces.SerialInterface import SerialInterface

from harness import RNS, Topic, attempt, main, stream

FEND = b"\xc0"


class Port:
    """A serial port whose input ends; it is closed then, which ends the reading loop."""

    def __init__(self, data=b""):
        self.data = bytearray(data)
        self.written = b""

    @property
    def is_open(self):
        return len(self.data) > 0

    @property
    def in_waiting(self):
        return len(self.data)

    def read(self, count):
        taken, self.data = bytes(self.data[:count]), self.data[count:]
        return taken

    def write(self, data):
        self.written += bytes(data)
        return len(data)

    def close(self):
        pass


def defaults():
    names = [name for name in dir(RNS.Reticulum) if name.startswith("_default_")]
    return types.SimpleNamespace(**{name: (lambda: 1) for name in names})


def make(kind, **options):
    """An interface of that kind with an open port, online."""
    RNS.Reticulum._Reticulum__instance = defaults()
    packets = []

    class Portless(kind):
        def open_port(self):
            self.serial = types.SimpleNamespace(is_open=True)

        def configure_device(self):
            pass

        def reconnect_port(self):
            pass

    configuration = RNS.vendor.configobj.ConfigObj()
    configuration["name"] = "radio"
    configuration["port"] = "/dev/none"
    for key, value in options.items():
        configuration[key] = str(value)
    owner = types.SimpleNamespace(inbound=lambda data, _: packets.append(bytes(data)))
    one = Portless(owner, configuration)
    one.packets = packets
    one.serial = Port()
    one.online = one.interface_ready = True
    return one


def read(one, data):
    one.serial = Port(data)
    one.readLoop()


def packet(size, label="packet"):
    return stream(f"radio/{label}", size)


PACKETS = {
    "plain": packet(40),
    "special": bytes([0xC0, 0xDB, 0xDC, 0xDD, 0x7E, 0x7D, 0x5E, 0x5D]) * 4,
    "largest": packet(500),
}


def build():
    topic = Topic(
        "reticulum",
        "radio",
        "rns",
        "RNS/Interfaces KISSInterface, AX25KISSInterface, RNodeInterface, SerialInterface",
        __file__,
    )
    serial(topic)
    tnc(topic)
    ax25(topic)
    rnode_settings(topic)
    rnode_commands(topic)
    rnode_reports(topic)
    return topic


def serial(topic):
    for name, data in PACKETS.items():
        one = make(SerialInterface)
        one.process_outgoing(data)
        frame = one.serial.written
        read(one, frame)
        assert one.packets == [data]
        topic.case(f"serial-{name}", {"op": "serial", "packet": data.hex()}, {"frame": frame.hex()})


def set_up(one):
    one.setPreamble(one.preamble)
    one.setTxTail(one.txtail)
    one.setPersistence(one.persistence)
    one.setSlotTime(one.slottime)
    one.setFlowControl(one.flow_control)
    return one.serial.written


def tnc(topic):
    settings = (
        {},
        {"preamble": 150, "txtail": 10, "persistence": 200, "slottime": 20},
        {"preamble": 0, "txtail": 0, "persistence": 0, "slottime": 0},
        {"preamble": 155, "txtail": 19, "persistence": 255, "slottime": 9},
        {"preamble": 99999, "txtail": 2560, "persistence": 999, "slottime": 2551},
        {"preamble": -10, "txtail": -1, "persistence": -5, "slottime": -20},
    )
    for turn, options in enumerate(settings):
        topic.case(
            f"tnc-setup-{turn + 1}",
            {"op": "tnc-setup", "options": options},
            {"written": set_up(make(KISSInterface, **options)).hex()},
        )
    for name, data in PACKETS.items():
        one = make(KISSInterface)
        one.process_outgoing(data)
        frame = one.serial.written
        read(one, frame)
        assert one.packets == [data]
        topic.case(f"tnc-{name}", {"op": "tnc", "packet": data.hex()}, {"frame": frame.hex()})


def ax25(topic):
    stations = (("NO1CLL", 0), ("abc", 15), ("Q1W2E", 7))
    for callsign, ssid in stations:
        for name, data in PACKETS.items():
            one = make(AX25KISSInterface, callsign=callsign, ssid=ssid)
            one.process_outgoing(data)
            frame = one.serial.written
            read(one, frame)
            assert one.packets == [data]
            topic.case(
                f"ax25-{callsign}-{name}",
                {"op": "ax25", "callsign": callsign, "ssid": ssid, "packet": data.hex()},
                {"frame": frame.hex()},
            )
    for callsign, ssid in (("AB", 0), ("TOOLONG", 0), ("", 0), ("GOOD", 16), ("GOOD", -1)):
        _, raised = attempt(lambda: make(AX25KISSInterface, callsign=callsign, ssid=ssid))
        assert raised == "ValueError"
        topic.negative(
            f"neg-ax25-{callsign}-{ssid}",
            {"op": "ax25", "callsign": callsign, "ssid": ssid},
            "RangeError",
            raised,
        )


RADIO = {
    "frequency": 867200000,
    "bandwidth": 125000,
    "txpower": 7,
    "spreadingfactor": 8,
    "codingrate": 5,
}


def rnode_settings(topic):
    edges = {
        "frequency": (137000000, 3000000000),
        "bandwidth": (7800, 1625000),
        "txpower": (0, 37),
        "spreadingfactor": (5, 12),
        "codingrate": (5, 8),
        "airtime_limit_short": (0.0, 100.0),
        "airtime_limit_long": (0.0, 100.0),
    }
    for key, (least, most) in edges.items():
        for value in (least, most):
            options = {**RADIO, key: value}
            make(RNodeInterface, **options)
            topic.case(f"rnode-{key}-{value}", {"op": "rnode-settings", "options": options}, {"good": True})
        for value in (least - 1, most + 1):
            options = {**RADIO, key: value}
            _, raised = attempt(lambda: make(RNodeInterface, **options))
            assert raised == "ValueError", (key, value)
            topic.negative(
                f"neg-rnode-{key}-{value}",
                {"op": "rnode-settings", "options": options},
                "RangeError",
                raised,
            )


def rnode_commands(topic):
    one = make(RNodeInterface, **RADIO)
    one.detect()
    topic.case("rnode-detect", {"op": "rnode-detect"}, {"written": one.serial.written.hex()})
    settings = (
        {},
        {"frequency": 3000000000, "bandwidth": 1625000, "txpower": 37},
        {"frequency": 868000000, "bandwidth": 500000, "txpower": 22, "spreadingfactor": 12},
        {"frequency": 0xC0DBDC0 + 137000000, "airtime_limit_short": 33.5, "airtime_limit_long": 1.92},
        {"airtime_limit_short": 100, "airtime_limit_long": 0.01},
    )
    for turn, changes in enumerate(settings):
        options = {**RADIO, **changes}
        one = make(RNodeInterface, **options)
        one.initRadio()
        topic.case(
            f"rnode-setup-{turn + 1}",
            {"op": "rnode-setup", "options": options},
            {"written": one.serial.written.hex()},
        )
    for display in (True, None):
        one = make(RNodeInterface, **RADIO)
        one.display = display
        one.disable_external_framebuffer()
        one.setRadioState(KISS.RADIO_STATE_OFF)
        one.leave()
        topic.case(
            f"rnode-leave-{'display' if display else 'plain'}",
            {"op": "rnode-leave", "hasDisplay": bool(display)},
            {"written": one.serial.written.hex()},
        )
    for name, data in PACKETS.items():
        one = make(RNodeInterface, **RADIO)
        one.process_outgoing(data)
        frame = one.serial.written
        read(one, frame)
        assert one.packets == [data]
        topic.case(f"rnode-{name}", {"op": "rnode", "packet": data.hex()}, {"frame": frame.hex()})


def state(one):
    battery = one.get_battery_state_string()
    contention = None
    if one.r_csma_cw_band is not None:
        contention = {"band": one.r_csma_cw_band, "min": one.r_csma_cw_min, "max": one.r_csma_cw_max}
    channel = None
    if one.r_noise_floor is not None:
        channel = {
            "airtimeShort": one.r_airtime_short,
            "airtimeLong": one.r_airtime_long,
            "loadShort": one.r_channel_load_short,
            "loadLong": one.r_channel_load_long,
            "rssiDbm": one.r_current_rssi,
            "noiseFloorDbm": one.r_noise_floor,
            "interferenceDbm": one.r_interference,
        }
    timing = None
    if one.r_symbol_time_ms is not None:
        timing = {
            "symbolTimeMs": one.r_symbol_time_ms,
            "symbolRate": one.r_symbol_rate,
            "preambleSymbols": one.r_preamble_symbols,
            "preambleTimeMs": one.r_premable_time_ms,
            "slotTimeMs": one.r_csma_slot_time_ms,
            "difsMs": one.r_csma_difs_ms,
        }
    found = {
        "detected": one.detected,
        "platform": one.platform,
        "mcu": one.mcu,
        "frequencyHz": one.r_frequency,
        "bandwidthHz": one.r_bandwidth,
        "txPowerDbm": one.r_txpower,
        "spreadingFactor": one.r_sf,
        "codingRate": one.r_cr,
        "radioOn": None if one.r_state is None else one.r_state == 1,
        "radioLocked": None if one.r_lock is None else one.r_lock != 0,
        "airtimeLimitShort": one.r_st_alock,
        "airtimeLimitLong": one.r_lt_alock,
        "rssiDbm": one.r_stat_rssi,
        "snrDb": one.r_stat_snr,
        "quality": getattr(one, "r_stat_q", None),
        "channel": channel,
        "timing": timing,
        "contention": contention,
        "battery": None if battery == "unknown" else {"state": battery, "percent": one.r_battery_percent},
        "temperatureC": one.r_temperature,
        "random": one.r_random,
        "bitrate": one.bitrate or None,
    }
    if one.maj_version or one.min_version:
        found["firmware"] = {"major": one.maj_version, "minor": one.min_version}
    said = (lambda key, value: value is not None and (value is not False or key == "radioOn"))
    return {key: value for key, value in found.items() if said(key, value)}


def rnode_reports(topic):
    def frame(command, data):
        return FEND + bytes([command]) + KISS.escape(bytes(data)) + FEND

    def case(name, *frames, note=None):
        one = make(RNodeInterface, **RADIO)
        data = b"".join(frames)
        read(one, data)
        given = {"op": "rnode-report", "bytes": data.hex()}
        topic.case(f"rnode-report-{name}", given, state(one), note)

    settings = (
        frame(KISS.CMD_FREQUENCY, (867200000).to_bytes(4, "big")),
        frame(KISS.CMD_BANDWIDTH, (125000).to_bytes(4, "big")),
        frame(KISS.CMD_TXPOWER, [7]),
        frame(KISS.CMD_SF, [8]),
        frame(KISS.CMD_CR, [5]),
        frame(KISS.CMD_RADIO_STATE, [1]),
    )
    case(
        "detected",
        frame(KISS.CMD_DETECT, [KISS.DETECT_RESP]),
        frame(KISS.CMD_FW_VERSION, [1, 74]),
        frame(KISS.CMD_PLATFORM, [KISS.PLATFORM_ESP32]),
        frame(KISS.CMD_MCU, [0x81]),
    )
    case("other-device", frame(KISS.CMD_DETECT, [0x00]))
    case("settings", *settings)
    case("settings-joined", *[one[:-1] for one in settings], FEND, note="frames share their marks")
    case("radio-off", frame(KISS.CMD_RADIO_STATE, [0]), frame(KISS.CMD_RADIO_LOCK, [1]))
    for sf, cr, bandwidth in ((5, 5, 500000), (7, 5, 125000), (12, 8, 7800), (10, 6, 250000)):
        case(
            f"bitrate-{sf}-{cr}-{bandwidth}",
            frame(KISS.CMD_SF, [sf]),
            frame(KISS.CMD_CR, [cr]),
            frame(KISS.CMD_BANDWIDTH, bandwidth.to_bytes(4, "big")),
        )
    case("escaped", frame(KISS.CMD_FREQUENCY, bytes([0x33, 0xC0, 0xDB, 0xC0])))
    case("airtime", frame(KISS.CMD_ST_ALOCK, [0x0D, 0x16]), frame(KISS.CMD_LT_ALOCK, [0x00, 0x64]))
    for sf in (7, 8, 12):
        for snr in (0x18, 0x00, 0xDC, 0x80, 0x7F, 0xF1):
            case(
                f"signal-{sf}-{snr}",
                frame(KISS.CMD_SF, [sf]),
                frame(KISS.CMD_STAT_RSSI, [57]),
                frame(KISS.CMD_STAT_SNR, [snr]),
            )
    case("channel", frame(KISS.CMD_STAT_CHTM, [0, 100, 1, 0, 2, 1, 3, 2, 50, 40, 0xFF]))
    case("interference", frame(KISS.CMD_STAT_CHTM, [9, 9, 8, 8, 7, 7, 6, 6, 60, 30, 90]))
    case("timing", frame(KISS.CMD_STAT_PHYPRM, [8, 0, 0, 122, 0, 18, 0, 147, 0, 24, 0, 48]))
    case("contention", frame(KISS.CMD_STAT_CSMA, [1, 0, 14]))
    case("battery", frame(KISS.CMD_STAT_BAT, [2, 87]))
    case("battery-over", frame(KISS.CMD_STAT_BAT, [1, 130]))
    case("temperature", frame(KISS.CMD_STAT_TEMP, [145]))
    case("temperature-odd", frame(KISS.CMD_STAT_TEMP, [250]), frame(KISS.CMD_RANDOM, [17]))
    case("short", frame(KISS.CMD_BANDWIDTH, [1, 2]), note="a frame that is too short says nothing")


if __name__ == "__main__":
    main(build)
