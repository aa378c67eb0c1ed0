"""What the machine is fitted with, from a /sys of our own; and a memory test that finds what was spoilt."""

from __future__ import annotations

import json
import mmap
from pathlib import Path

import pytest

from agent import fittings
from agent.config import BadConfiguration, load
from agent.inventory import gather
from agent.memory_test import CHUNK, amount, memory_test, tried
from agent.programs import ProgramFailed, Said

INPUTS = """I: Bus=0011 Vendor=0001 Product=0001 Version=ab41
N: Name="AT Translated Set 2 keyboard"
H: Handlers=sysrq kbd event3 leds
B: PROP=0
B: EV=120013
B: KEY=402000000 3803078f800d001 feffffdfffefffff fffffffffffffffe

I: Bus=0018 Vendor=04f3 Product=3147 Version=0100
N: Name="ELAN Touchpad"
H: Handlers=mouse1 event7
B: PROP=5
B: EV=b
B: KEY=e520 10000 0 0 0 0
B: ABS=2e0800000000003
"""
SCREEN = """
I: Bus=0018 Vendor=0000 Product=0000 Version=0100
N: Name="Goodix Capacitive TouchScreen"
H: Handlers=event9
B: PROP=2
B: ABS=260800000000003
"""


def put(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_a_camera_counts_once_and_a_sound_card_by_what_it_plays_and_hears(tmp_path: Path) -> None:
    sys = put(
        tmp_path,
        {
            "class/video4linux/video0/index": "0\n",
            "class/video4linux/video1/index": "1\n",
            "class/sound/pcmC0D0p/dev": "116:3",
            "class/sound/pcmC0D0c/dev": "116:4",
        },
    )
    assert fittings.cameras(sys) == 1
    assert fittings.sound(sys) == {"speakers": 1, "microphones": 1}


def test_keyboard_touchpad_and_touch_screen_are_told_apart(tmp_path: Path) -> None:
    listed = put(tmp_path, {"devices": INPUTS}) / "devices"
    assert fittings.inputs(listed) == {"keyboard": True, "touchpad": True, "touchscreen": False}
    listed.write_text(INPUTS + SCREEN)
    assert fittings.inputs(listed)["touchscreen"] is True
    assert fittings.inputs(tmp_path / "none") == {"keyboard": None, "touchpad": None, "touchscreen": None}


def test_networks_are_counted_and_never_named(tmp_path: Path) -> None:
    sys = put(
        tmp_path,
        {
            "class/net/wlp1s0/phy80211/index": "0",
            "class/net/eth0/type": "1",
            "class/net/eth0/device/uevent": "",
            "class/net/eth0/carrier": "1\n",
            "class/net/lo/type": "772",
        },
    )

    def heard(command: tuple[str, ...], _seconds: float) -> Said:
        assert command[:3] == ("iw", "dev", "wlp1s0")
        return Said(b"BSS aa:bb(on wlp1s0)\n\tSSID: Chez Nous\nBSS cc:dd(on wlp1s0)\n", b"", 0)

    told = fittings.network(sys, heard)
    assert told == {"wifi": 1, "wifi_networks": 2, "ethernet": 1, "ethernet_plugged": 1}

    def missing(command: tuple[str, ...], _seconds: float) -> Said:
        raise ProgramFailed(command, "tool-missing")

    assert fittings.network(sys, missing)["wifi_networks"] is None


def test_a_plug_of_two_speeds_is_one_plug(tmp_path: Path) -> None:
    root = "bus/usb/devices"
    sys = put(
        tmp_path,
        {
            f"{root}/1-0:1.0/usb1-port1/connect_type": "hotplug",
            f"{root}/1-0:1.0/usb1-port2/connect_type": "hardwired",
            f"{root}/1-0:1.0/usb1-port3/connect_type": "hotplug",
            f"{root}/2-0:1.0/usb2-port1/connect_type": "hotplug",
        },
    )
    ports = sys / root
    (ports / "1-0:1.0/usb1-port1/peer").symlink_to(ports / "2-0:1.0/usb2-port1")
    (ports / "2-0:1.0/usb2-port1/peer").symlink_to(ports / "1-0:1.0/usb1-port1")
    assert fittings.usb_ports(sys) == 2
    assert fittings.usb_ports(tmp_path / "empty") is None


def test_the_firmware_tells_its_chip_and_its_checked_start(tmp_path: Path) -> None:
    sys = put(tmp_path, {"class/tpm/tpm0/tpm_version_major": "2\n"})
    assert (fittings.tpm(sys), fittings.secure_boot(sys)) == ("2", None)
    variable = sys / fittings.SECURE_BOOT
    variable.parent.mkdir(parents=True)
    variable.write_bytes(b"\x06\0\0\0\x01")
    assert fittings.secure_boot(sys) is True


def test_this_machine_tells_what_it_has() -> None:
    told = json.loads(fittings.fittings())
    assert {"cameras", "wifi", "tpm", "uefi", "screens"} <= set(told)
    assert "fittings" in gather(load({}))["raw"]


def test_memory_that_keeps_what_it_is_given_has_no_error() -> None:
    percents: list[int] = []
    found = tried(8 * CHUNK, 60, percents.append)
    assert (found.bytes, found.patterns, found.errors, found.whole) == (8 * CHUNK, 5, 0, True)
    assert percents[-1] == 100


def test_one_bit_that_changes_is_an_error_at_each_pattern() -> None:
    def spoil(memory: mmap.mmap) -> None:
        memory[3 * CHUNK + 17] ^= 0x08

    assert tried(8 * CHUNK, 60, lambda percent: None, spoil).errors == 5


def test_a_memory_test_ends_when_its_time_is_over() -> None:
    found = tried(8 * CHUNK, -1, lambda percent: None)
    assert (found.patterns, found.whole) == (0, False)


def test_memory_is_tested_only_when_the_image_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "memory_test" not in gather(load({}))["raw"]
    monkeypatch.setattr("agent.memory_test.amount", lambda: 2 * CHUNK)
    assert "memory_test" in gather(load({"ORDI_MEMORY_TEST": "5"}))["raw"]
    assert json.loads(memory_test(5))["errors"] == 0
    with pytest.raises(BadConfiguration):
        load({"ORDI_MEMORY_TEST": "long"})


def test_the_system_keeps_a_share_of_its_memory() -> None:
    assert amount() % CHUNK == 0
