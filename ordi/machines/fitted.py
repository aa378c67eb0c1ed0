"""What a bench report says the machine is fitted with and what the agent measured: pure readings. Nothing told is nothing known."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from ordi.machines.health import Health, assess
from ordi.machines.reports import Report, parse_json

_ENABLED, _DISABLED = "enabled", "disabled"


@dataclass(frozen=True)
class Fitted:
    """What is fitted and measured; None: the report does not say."""

    cameras: int | None = None
    speakers: int | None = None
    microphones: int | None = None
    keyboard: bool | None = None
    touchpad: bool | None = None
    touchscreen: bool | None = None
    wifi: int | None = None
    wifi_networks: int | None = None
    ethernet: int | None = None
    ethernet_plugged: int | None = None
    usb_ports: int | None = None
    screens: int | None = None
    cores: int | None = None
    tpm: int | None = None
    """1 or 2; 0 when the system shows none: there is none, or it is off in the firmware."""
    uefi: bool | None = None
    secure_boot: bool | None = None
    wpbt: bool | None = None
    """Its firmware puts a program into Windows: Absolute does, others too."""
    temperature_c: int | None = None
    battery_wear: int | None = None
    """How much of its capacity the battery has lost, in percent."""
    battery_cycles: int | None = None
    memory_tested: int | None = None
    """Bytes tried with one pattern at the least."""
    memory_errors: int | None = None
    drives: str | None = None
    """The verdict on its drives' own counters: good, watch, repair."""
    bios_password: bool | None = None

    def told(self) -> str:
        """As it is stored."""
        return json.dumps({name: value for name, value in asdict(self).items() if value is not None}, sort_keys=True)


def stored(text: str) -> Fitted:
    """What was stored. What a later version no longer knows is left out."""
    kept = parse_json(text.encode())
    names = {one.name for one in fields(Fitted)}
    return Fitted(**{name: value for name, value in kept.items() if name in names}) if kept else Fitted()


def read_fitted(report: Report, dmi: Mapping[str, Mapping[str, str]]) -> Fitted:
    """All that a report says of it."""
    told = report.json_of("fittings")
    told = told if isinstance(told, dict) else {}
    counted = report.json_of("psutil")
    health = _health(report)
    wear, cycles = _battery(report)
    test = report.json_of("memory_test")
    test = test if isinstance(test, dict) and (_count(test.get("patterns")) or 0) > 0 else {}
    screens = told.get("screens")
    tables = told.get("acpi")
    return Fitted(
        cameras=_count(told.get("cameras")),
        speakers=_count(told.get("speakers")),
        microphones=_count(told.get("microphones")),
        keyboard=_flag(told.get("keyboard")),
        touchpad=_flag(told.get("touchpad")),
        touchscreen=_flag(told.get("touchscreen")),
        wifi=_count(told.get("wifi")),
        wifi_networks=_count(told.get("wifi_networks")),
        ethernet=_count(told.get("ethernet")),
        ethernet_plugged=_count(told.get("ethernet_plugged")),
        usb_ports=_count(told.get("usb_ports")),
        screens=min(len(screens), 16) if isinstance(screens, list) else None,
        cores=_count(counted.get("cpu_count")) if isinstance(counted, dict) else None,
        tpm={"1": 1, "2": 2}.get(str(told.get("tpm")), 0) if "tpm" in told else None,
        uefi=_uefi(told, report),
        secure_boot=_flag(told.get("secure_boot")),
        wpbt="WPBT" in tables if isinstance(tables, list) else None,
        temperature_c=_count(told.get("temperature_c"), 150),
        battery_wear=wear,
        battery_cycles=cycles,
        memory_tested=_count(test.get("bytes"), 1 << 53),
        memory_errors=_count(test.get("errors"), 1 << 30),
        drives=None if health == Health.UNKNOWN else str(health),
        bios_password=_password(dmi),
    )


def _uefi(told: Mapping[str, Any], report: Report) -> bool | None:
    """Started by UEFI, or dmidecode's word that the firmware knows it; started the old way, it may know it all the same."""
    knows = told.get("uefi") is True or b"\tUEFI is supported" in report.sources.get("dmidecode", b"")
    return True if knows else None


def _password(dmi: Mapping[str, Mapping[str, str]]) -> bool | None:
    """SMBIOS type 24: whether the firmware is behind a password. Implemented by few; `Unknown` says nothing."""
    record = dmi.get("Hardware Security", {})
    said = {record.get(name, "").casefold() for name in ("Administrator Password Status", "Power-On Password Status")}
    if _ENABLED in said:
        return True
    return False if _DISABLED in said and said <= {_DISABLED, "not implemented"} else None


def _health(report: Report) -> Health:
    """The verdict on the counters of every drive that smartctl read."""
    documents = [report.json_of(name) for name in sorted(report.sources) if name.startswith("smartctl:")]
    drives = [_counters(one) for one in documents if isinstance(one, dict)]
    return assess({"drives": drives}).parts["drive"] if drives else Health.UNKNOWN


_ATA = {5: "reallocated", 187: "reported_uncorrect", 188: "command_timeout", 197: "pending", 198: "offline_uncorrect"}
_NVME = ("critical_warning", "available_spare", "percentage_used", "media_errors")


def _counters(document: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes that `health` judges, from smartctl's JSON."""
    found: dict[str, Any] = {}
    status = document.get("smart_status")
    if isinstance(status, dict) and isinstance(status.get("passed"), bool):
        found["passed"] = status["passed"]
    table = document.get("ata_smart_attributes")
    rows = table.get("table") if isinstance(table, dict) else None
    for row in (one for one in rows if isinstance(one, dict)) if isinstance(rows, list) else ():
        raw = row.get("raw")
        value = _count(raw.get("value"), 1 << 48) if isinstance(raw, dict) else None
        name = _ATA.get(_count(row.get("id")) or 0)
        if value is not None and name is not None:
            # 188 packs three counters of 16 bits on some makes: the lowest is the count
            found[name] = value & 0xFFFF if name == "command_timeout" and value > 0xFFFF else value
    log = document.get("nvme_smart_health_information_log")
    if isinstance(log, dict):
        told = {name: _count(log.get(name), 1 << 48) for name in _NVME}
        found |= {name: value for name, value in told.items() if value is not None}
    return found


def _battery(report: Report) -> tuple[int | None, int | None]:
    """Wear in percent and cycles of the machine's batteries together; nothing where it has none or they do not say."""
    supplies = report.json_of("power_supply")
    own = [
        one
        for one in (supplies if isinstance(supplies, list) else [])
        if isinstance(one, dict) and str(one.get("scope", "")).casefold() != "device" and one.get("present") != "0"
    ]
    for unit in ("energy", "charge"):
        full = [_digits(one.get(f"{unit}_full")) for one in own]
        design = [_digits(one.get(f"{unit}_full_design")) for one in own]
        if own and all(full) and all(design):
            whole = 100 * sum(filter(None, full)) // sum(filter(None, design))
            cycles = [count for one in own if (count := _digits(one.get("cycle_count")))]
            return max(0, 100 - whole), max(cycles) if cycles else None
    return None, None


def _digits(value: Any) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _count(value: Any, most: int = 10_000) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None
