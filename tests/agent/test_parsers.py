"""What tools print, real and absurd: read, or refused as unreadable, never a crash."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.encoding import clean, printable
from agent.parsers import lsblk, smartctl
from agent.parsers.power_supply import battery
from agent.parsers.reading import LARGEST_INTEGER, Unreadable, whole
from agent.sanitise.ioctls import read_ata_identity
from tests.ground.tiers import SAMPLES

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


def lines(*devices: dict[str, Any]) -> bytes:
    """lsblk's answer."""
    return json.dumps({"blockdevices": list(devices)}).encode()


def a_device(name: str = "sda", **changes: Any) -> dict[str, Any]:
    """One device of lsblk's answer."""
    told = {"name": name, "kname": name, "path": f"/dev/{name}", "type": "disk", "size": 500107862016, "rm": False}
    return {**told, "ro": False, "rota": True, "serial": " WD-WCC4N0 ", "tran": "sata", **changes}


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_unreadable(raw: bytes) -> None:
    for read in (lsblk.disks, smartctl.health):
        with contextlib.suppress(Unreadable):
            read(raw)


@given(ANYTHING, ANYTHING, ANYTHING)
def test_any_json_is_read_or_unreadable(one: object, two: object, three: object) -> None:
    device = {
        "name": one,
        "kname": two,
        "type": "disk",
        "size": three,
        "serial": one,
        "rm": two,
        "ro": three,
        "rota": one,
    }
    document = {
        "smartctl": one, "serial_number": two, "smart_status": {"passed": three}, "power_on_time": {"hours": one},
        "ata_smart_attributes": {"table": [two, {"id": three, "raw": {"value": one}}]},
        "nvme_smart_health_information_log": {"media_errors": two}, "scsi_error_counter_log": three,
    }  # fmt: skip
    lsblk.disks(json.dumps({"blockdevices": [device, one]}).encode())
    smartctl.health(json.dumps(document).encode())


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["type", "energy_full", "energy_full_design", "cycle_count", "capacity"]), st.text()
        )
    )
)
def test_any_battery_is_read(supplies: list[dict[str, str]]) -> None:
    battery(supplies)


@given(st.binary(min_size=512, max_size=512))
def test_any_ata_identity_is_read(raw: bytes) -> None:
    read_ata_identity(raw)


@given(st.text() | st.binary())
def test_no_name_of_hardware_reaches_a_terminal_alive(name: str | bytes) -> None:
    shown = printable(clean(name) or "")
    assert shown.isprintable()
    assert "\x1b" not in shown
    assert "\n" not in shown


def test_json_nested_beyond_reason_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        smartctl.health(b'{"a":' * 100000)


def test_memory_files_optical_and_floppy_are_no_drives() -> None:
    names = ["zram0", "ram1", "loop0", "sr0", "fd0", "nbd0", "md127", "dm-0", "mmcblk0boot0", "mmcblk0rpmb"]
    assert lsblk.disks(lines(*map(a_device, names))) == []
    assert [d.name for d in lsblk.disks(lines(*map(a_device, ["sda", "nvme0n1", "mmcblk0", "vda"])))] == [
        "sda", "nvme0n1", "mmcblk0", "vda",
    ]  # fmt: skip


def test_old_lsblk_writes_numbers_and_yes_as_text() -> None:
    (disk,) = lsblk.disks(lines(a_device(size="1024", rm="1", ro="0", rota="0")))
    assert (disk.bytes, disk.removable, disk.read_only, disk.rotational) == (1024, True, False, False)
    assert disk.serial == "WD-WCC4N0"


def test_a_drive_of_no_length_is_still_a_drive() -> None:
    assert lsblk.disks(lines(a_device(size=0)))[0].bytes == 0


def test_the_evidence_of_a_test_holds_the_test_disks_and_nothing_else() -> None:
    said = lsblk.as_test_drives(lines(a_device("sda"), a_device("loop3", type="loop", serial=None)), {"loop3": "S"})
    assert b"sda" not in said
    assert json.loads(said)["blockdevices"][0]["serial"] == "S"


def test_a_passing_drive_may_have_reallocated_sectors() -> None:
    table = [
        {"id": 5, "raw": {"value": 1400}},
        {"id": 188, "raw": {"value": 4295032833}},
        {"id": 197, "raw": {"value": 8}},
    ]
    health = smartctl.health(
        json.dumps({"smart_status": {"passed": True}, "ata_smart_attributes": {"table": table}}).encode()
    )
    assert (health.passed, health.reallocated, health.command_timeout, health.pending) == (True, 1400, 1, 8)


@pytest.mark.parametrize(("status", "asked"), [(0, True), (2, False), (1, False), (4, True), (8, True), (0xF8, True)])
def test_the_exit_status_is_a_bitmask_and_only_its_low_bits_mean_it_did_not_ask(status: int, asked: bool) -> None:
    assert smartctl.health(json.dumps({"smartctl": {"exit_status": status}}).encode()).asked is asked


def test_a_counter_beyond_whole_numbers_is_the_largest_one() -> None:
    assert whole(2**100) == LARGEST_INTEGER
    assert whole("9" * 300) == LARGEST_INTEGER
    assert [whole(v) for v in (-1, True, 1.5, float("nan"), "x", None, [], "²")] == [None] * 8


def test_two_batteries_are_one_and_a_mouse_is_none() -> None:
    own = {
        "type": "Battery",
        "energy_full": "20000000",
        "energy_full_design": "25000000",
        "capacity": "80",
        "cycle_count": "7",
    }
    worn = {**own, "energy_full": "10000000", "cycle_count": "310", "capacity": "60"}
    mouse = {"type": "Battery", "scope": "Device", "capacity": "5"}
    found = battery([own, worn, mouse, {"type": "Mains"}])
    assert found is not None
    assert (found.percent, found.full, found.full_design, found.cycles) == (70, 30000, 50000, 310)
    assert battery([mouse]) is None


def test_a_battery_that_counts_charge_is_read_too() -> None:
    found = battery(
        [{"type": "Battery", "charge_full": "4100000", "charge_full_design": "5000000", "charge_now": "2050000"}]
    )
    assert found is not None
    assert (found.percent, found.full, found.full_design, found.cycles) == (50, 4100, 5000, None)


def test_an_ata_drive_says_its_serial_model_and_world_wide_name() -> None:
    raw = bytearray(512)
    raw[20:40] = b"     WD-WCC4N0123456"
    raw[46:54] = b"80.00A80"
    raw[54:94] = b"WDC WD10EZEX".ljust(40)
    raw[174:176] = (0x4100).to_bytes(2, "little")
    for place, word in zip(range(216, 224, 2), (0x5001, 0x4EE2, 0x0A1B, 0x2C3D), strict=True):
        raw[place : place + 2] = word.to_bytes(2, "little")
    read = read_ata_identity(bytes(raw))
    assert (read.serial, read.firmware, read.model) == ("WD-WCC4N0123456", "80.00A80", "WDC WD10EZEX")
    assert read.wwn == "0x50014ee20a1b2c3d"


@pytest.mark.samples
def test_real_smartctl_outputs_are_all_read() -> None:
    files = sorted((SAMPLES / "smartctl-json").glob("*.json"))
    assert files
    for file in files:
        health = smartctl.health(file.read_bytes())
        assert health.model, file.name
        assert health.power_on_hours is not None, file.name
        kind = "nvme" if b"nvme_smart_health_information_log" in file.read_bytes() else "ata"
        assert (health.media_errors if kind == "nvme" else health.reallocated) is not None or kind == "ata", file.name
