"""What the machine is fitted with, counted from /sys: cameras, sound, touch, radio, plugs, firmware, heat. No name of a network is told."""

import contextlib
import re
from pathlib import Path

from agent.encoding import canonical, read_name
from agent.heat import processor_temperature
from agent.programs import ProgramFailed, Runner, hear

SYS = Path("/sys")
INPUTS = Path("/proc/bus/input/devices")
SECURE_BOOT = "firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
POINTER, DIRECT = 1 << 0, 1 << 1
"""INPUT_PROP_POINTER and INPUT_PROP_DIRECT (linux/input-event-codes.h): a touchpad, a touch screen."""
ABS_MT_POSITION_X = 0x35
ETHERNET = "1"
"""ARPHRD_ETHER."""
QUICK_S = 20.0
NOTED_TABLES = ("WPBT", "MSDM")
"""ACPI tables whose mere presence tells something: a program the firmware puts into Windows, a Windows licence of the maker."""


def fittings() -> bytes:
    """What is fitted, as JSON: counts and codes; null where this system does not tell."""
    return canonical(
        {
            "cameras": cameras(),
            **sound(),
            **inputs(),
            **network(),
            "usb_ports": usb_ports(),
            "screens": screens(),
            "tpm": tpm(),
            "uefi": (SYS / "firmware/efi").is_dir(),
            "secure_boot": secure_boot(),
            "acpi": [name for name in NOTED_TABLES if (SYS / "firmware/acpi/tables" / name).exists()],
            "temperature_c": processor_temperature(),
        }
    )


def cameras(sys: Path = SYS) -> int:
    """Cameras: video devices of index 0; a camera's other ones carry what is said of its picture."""
    return sum(1 for one in (sys / "class/video4linux").glob("video*") if read_name(one / "index") == "0")


def sound(sys: Path = SYS) -> dict[str, int]:
    """Outputs and inputs of the sound cards, those of a screen's plug left out where a card has others."""
    names = [one.name for one in (sys / "class/sound").glob("pcmC*D*")]
    return {
        "speakers": sum(1 for name in names if name.endswith("p")),
        "microphones": sum(1 for name in names if name.endswith("c")),
    }


def inputs(listed: Path = INPUTS) -> dict[str, bool | None]:
    """Whether there are a keyboard, a touchpad and a touch screen, from what the kernel says of each input device."""
    try:
        text = listed.read_text(errors="replace")
    except OSError:
        return {"keyboard": None, "touchpad": None, "touchscreen": None}
    keyboard = touchpad = touchscreen = False
    for device in text.split("\n\n"):
        bits = dict(re.findall(r"^B: (\w+)=([0-9a-f ]+?) *$", device, re.MULTILINE))
        kind, absolute = words(bits.get("PROP", "0")), words(bits.get("ABS", "0"))
        touchpad |= bool(kind & POINTER and absolute)
        touchscreen |= bool(kind & DIRECT and absolute >> ABS_MT_POSITION_X & 1)
        keyboard |= " kbd" in device and typing(words(bits.get("KEY", "0")))
    return {"keyboard": keyboard, "touchpad": touchpad, "touchscreen": touchscreen}


def words(hexadecimal: str) -> int:
    """A bitmap as the kernel prints it: words of 64 bits, the highest first."""
    found = 0
    for part in hexadecimal.split():
        found = found << 64 | int(part, 16)
    return found


def typing(keys: int) -> bool:
    """Whether a device has the letters: KEY_Q (16) to KEY_P (25)."""
    row = ((1 << 10) - 1) << 16
    return keys & row == row


def network(sys: Path = SYS, run: Runner = hear) -> dict[str, int | None]:
    """Radio and cable interfaces, and how many networks the radio hears: a count, never a name."""
    radios, cables, plugged = [], 0, 0
    for one in sorted((sys / "class/net").glob("*")):
        if (one / "phy80211").exists() or (one / "wireless").exists():
            radios.append(one.name)
        elif read_name(one / "type") == ETHERNET and (one / "device").exists():
            cables += 1
            plugged += read_name(one / "carrier") == "1"
    heard = [count for count in (networks(name, run) for name in radios) if count is not None]
    return {
        "wifi": len(radios),
        "wifi_networks": max(heard) if heard else None,
        "ethernet": cables,
        "ethernet_plugged": plugged,
    }


def networks(interface: str, run: Runner = hear) -> int | None:
    """How many networks an interface hears; None when nothing here can ask it."""
    for command, line in (
        (("iw", "dev", interface, "scan"), rb"^BSS "),
        (("nmcli", "-t", "-f", "SIGNAL", "dev", "wifi", "list", "ifname", interface), rb"^\d+$"),
    ):
        with contextlib.suppress(ProgramFailed):
            said = run(command, QUICK_S)
            if said.status == 0:
                return len(re.findall(line, said.out, re.MULTILINE))
    return None


def usb_ports(sys: Path = SYS) -> int | None:
    """Plugs a person can reach; a fast plug is two ports of the kernel, told as peers. None where the firmware does not tell."""
    plugs = set()
    for port in (sys / "bus/usb/devices").glob("*/*-port*"):
        if read_name(port / "connect_type") == "hotplug":
            peer = port / "peer"
            plugs.add(frozenset({port.resolve(), peer.resolve()} if peer.exists() else {port.resolve()}))
    return len(plugs) or None


def screens(sys: Path = SYS) -> list[dict[str, str | bool]]:
    """The video plugs, the built-in panel among them, and whether a screen is there."""
    found: list[dict[str, str | bool]] = []
    for one in sorted((sys / "class/drm").glob("card*-*")):
        kind = re.sub(r"^card\d+-|-\d+$", "", one.name)
        found.append({"kind": kind[:24], "connected": read_name(one / "status") == "connected"})
    return found[:16]


def tpm(sys: Path = SYS) -> str | None:
    """The version of the security chip: `2` or `1`; None when the system shows none: absent, or off in the firmware."""
    return next((read_name(one / "tpm_version_major") for one in sorted((sys / "class/tpm").glob("tpm*"))), None)


def secure_boot(sys: Path = SYS) -> bool | None:
    """Whether this start was checked (the variable's fifth byte, UEFI 2.10, 3.3); None without the variable."""
    try:
        told = (sys / SECURE_BOOT).read_bytes()
    except OSError:
        return None
    return told[4] == 1 if len(told) == 5 else None
