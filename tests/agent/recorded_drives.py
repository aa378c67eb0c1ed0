"""Drives that answer hdparm and nvme-cli as recorded, over a real loop device whose bytes change when the firmware erases.

Lines that vary are those of hdparm's source (do_sanitize_cmd, do_set_security) and of libnvme's Sanitize Status log page.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from agent.programs import Said

RECORDED = Path(__file__).with_name("recorded")
SSD = (RECORDED / "hdparm-I-ssd.txt").read_text()
ABORTED = "SG_IO: bad/missing sense data, sb[]:  70 00 0b 00 00 00 00 0a 04 41 40 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n"
"""Recorded from a drive that aborted the command; hdparm's status was 0."""


EXTCSD = (RECORDED / "extcsd.txt").read_text()
REFUSED_BY_MMC = "ioctl: Connection timed out\nCould not write 0x01 to EXT_CSD[165] in %s\n"
"""mmc-utils' do_sanitize, when the switch is not taken."""


@dataclass
class Firmware:
    """A drive's firmware, with the fault a test asks for.

    `erases`: what really happens to the bytes. `running`: how many polls see it at work. `complains`: the word of a
    command answered with a sense error and status 0. `vanishes`: gone once it is asked to erase. `slow`: never done in time.
    """

    path: str = ""
    erases: bool = True
    running: int = 2
    ended_well: bool = True
    complains: str = ""
    vanishes: bool = False
    slow: bool = False
    frozen: bool = False
    locked: bool = False
    enabled: bool = False
    keeps_password: bool = False
    sanitize_frozen: bool = False
    features: tuple[str, ...] = ("BLOCK_ERASE_EXT", "CRYPTO_SCRAMBLE_EXT", "OVERWRITE_EXT")
    sanicap: int = 0b11
    oacs: int = 0b10
    fna: int = 0b100
    status: int = 0x0101
    """SSTAT: as most drives come, "done" from some earlier time."""
    extcsd: str = EXTCSD
    mmc_complains: bool = False
    sleeps: bool = True
    freezes_again: bool = False
    slept: float = 0.0
    visible: int = 0
    """Sectors; 0 is all that the loop device shows."""
    native: int = 0
    real: int = 0
    grows: bool = True
    """Whether the kernel sees the drive's new size at once."""
    asked: list[str] = field(default_factory=list)
    left: int = 0

    def __call__(self, command: tuple[str, ...], timeout_s: float) -> Said:
        """Answer one command."""
        line = " ".join(command)
        self.asked.append(line)
        if self.complains and self.complains in line:
            return Said(b"\n", ABORTED.encode(), 0)
        tool = {"hdparm": self._hdparm, "mmc": self._mmc, "rtcwake": self._sleep}.get(command[0], self._nvme)
        return tool(line)

    def _mmc(self, line: str) -> Said:
        if "extcsd" in line:
            return Said(self.extcsd.encode(), b"", 0)
        if self.mmc_complains:
            return Said(b"", REFUSED_BY_MMC.encode() % self.path.encode(), 1)
        return self._start("")

    def _sleep(self, _line: str) -> Said:
        """Sleep, as rtcwake has a machine do it; what the BIOS froze is thawed when it wakes."""
        if self.sleeps:
            self.slept += 15.0
            self.frozen = self.frozen and self.freezes_again
        return Said(b'rtcwake: wakeup from "mem" using /dev/rtc0\n', b"", 0)

    def _hdparm(self, line: str) -> Said:
        if "-I" in line.split():
            return Said(self.identify().encode(), b"", 0)
        if "-N" in line.split() or "--dco" in line:
            return self._hides(line)
        if "--sanitize-status" in line:
            return Said(self._status().encode(), b"", 0)
        if "--sanitize" in line:
            return self._start("Operation started in background\n")
        if "--security-set-pass" in line:
            self.enabled = True
        if "--security-erase" in line:
            if self.slow:
                return Said(b"", b"", None)
            said = self._start("")
            self.enabled = self.enabled and (self.keeps_password or said.status != 0)
            return said
        if ("--security-disable" in line or "--security-unlock" in line) and self.keeps_password:
            return Said(b"", ABORTED.encode(), 0)
        if "--security-disable" in line:
            self.enabled = False
        return Said(b"\n", b"", 0)

    def _hides(self, line: str) -> Said:
        """SET MAX ADDRESS and the overlay, as hdparm prints them; what is lifted shows on the real loop device."""
        if "--dco-identify" in line:
            return Said(f"DCO Revision: 0x0002\n\tReal max sectors: {self.real}\n".encode(), b"", 0)
        if "--dco-restore" in line:
            self.native = self.real
        elif " p" in line:
            self.visible = self.native
            if self.grows:
                self._grow(self.visible)
        hidden = "enabled" if self.visible < self.native else "disabled"
        return Said(f" max sectors   = {self.visible}/{self.native}, HPA is {hidden}\n".encode(), b"", 0)

    def _grow(self, sectors: int) -> None:
        behind = subprocess.run(
            ["losetup", "--noheadings", "--output", "BACK-FILE", self.path], check=True, capture_output=True, text=True
        ).stdout.strip()
        os.truncate(behind, sectors * 512)
        subprocess.run(["losetup", "--set-capacity", self.path], check=True)

    def _nvme(self, line: str) -> Said:
        if "id-ctrl" in line:
            told = json.loads((RECORDED / "nvme-id-ctrl-qemu.json").read_text())
            told |= {"sanicap": self.sanicap, "oacs": self.oacs, "fna": self.fna}
            return Said(json.dumps(told).encode(), b"", 0)
        if "sanitize-log" in line:
            busy = self.left > 0
            self.left -= busy
            status = 0x0002 if busy else self.status if not self.ended_well or self.left == 0 else 0x0003
            progress = 0x8000 if busy else 0xFFFF
            return Said(struct.pack("<HHI", progress, status, 2).ljust(512, b"\0"), b"", 0)
        if "format" in line:
            return self._start("Success formatting namespace:1\n")
        return self._start("")

    def _start(self, out: str) -> Said:
        if self.vanishes:
            return Said(b"", f"{self.path}: No such device or address\n".encode(), 6)
        if self.erases:
            descriptor = os.open(self.path, os.O_WRONLY)
            os.pwrite(descriptor, bytes(os.lseek(descriptor, 0, os.SEEK_END)), 0)
            os.fsync(descriptor)
            os.close(descriptor)
        self.left = self.running
        return Said(out.encode(), b"", 0)

    def _status(self) -> str:
        if self.sanitize_frozen:
            return "Issuing SANITIZE_STATUS command\nSanitize status:\n    State:    SD1 Sanitize Frozen\n"
        if self.slow and "--sanitize-block" in "".join(self.asked):
            self.left = 2
        if self.left:
            self.left -= 1
            return "Sanitize status:\n    State:    SD2 Sanitize operation In Process\n    Progress: 0x8000 (50%)\n"
        ended = "    Last Sanitize Operation Completed Without Error\n" if self.ended_well else ""
        return f"Issuing SANITIZE_STATUS command\nSanitize status:\n    State:    SD0 Sanitize Idle\n{ended}"

    def identify(self) -> str:
        """`hdparm -I` of this drive as it is now."""
        text = SSD
        for name in ("BLOCK_ERASE_EXT", "CRYPTO_SCRAMBLE_EXT", "OVERWRITE_EXT"):
            if name not in self.features:
                text = text.replace(f"\t   *\t{name} command\n", "")
        for word in ("frozen", "locked", "enabled"):
            if getattr(self, word):
                text = text.replace(f"\tnot\t{word}\n", f"\t\t{word}\n")
        return text
