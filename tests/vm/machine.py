"""`Vm`: start a machine with these disks, run a command in it, and read what it printed."""

from __future__ import annotations

import itertools
import shutil
import stat
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.vm.image import Entry, System, cpio, entries_under, guest_system

HERE = Path(__file__).parent
HOST = "10.0.2.2"
"""This host's loopback, as the guest sees it."""

MIB = 1 << 20


@dataclass
class Disk:
    """A disk of the machine: a file of this host, which a test may read back from outside."""

    path: Path
    serial: str
    bus: str = "sata"  # or nvme, usb
    model: str | None = None
    read_only: bool = False
    rate: int = 0  # bytes a second at most; 0 is as fast as it goes
    faults: str | None = None  # rules for QEMU's blkdebug: sectors that cannot be read, writes that fail
    extra: Mapping[str, str] = field(default_factory=dict)  # properties of the device (rotation_rate=1, wwn=…)

    def filled(self, size: int, content: bytes = b"") -> Disk:
        """Make the file: `size` bytes, `content` over and over (someone's data), or nothing."""
        with self.path.open("wb") as file:
            for _ in range(size // len(content) if content else 0):
                file.write(content)
            file.truncate(size)
        return self

    def arguments(self, number: int) -> list[str]:
        """QEMU's words for this disk."""
        node = f"disk{number}"
        source = str(self.path)
        if self.faults:
            rules = self.path.with_suffix(".faults")
            rules.write_text(self.faults)
            source = f"blkdebug:{rules}:{self.path}"
        drive = f"if=none,id={node},format=raw,file={source},cache=unsafe"
        if self.read_only:
            drive += ",readonly=on"
        if self.rate:
            drive += f",throttling.bps-total={self.rate}"
        device = {"sata": "ide-hd", "nvme": "nvme", "usb": "usb-storage"}[self.bus]
        words = [device, f"drive={node}", f"serial={self.serial}"]
        if self.bus == "sata":
            words.append(f"bus=ide.{number}")
            words.append(f"model={self.model or 'ORDI SATA'}")
        words += [f"{name}={value}" for name, value in self.extra.items()]
        return ["-drive", drive, "-device", ",".join(words)]


@dataclass(frozen=True)
class Ran:
    """What a machine did."""

    status: int
    output: str
    console: str
    seconds: float


class MachineStuck(AssertionError):
    """The machine did not end by itself in time, or ended without saying how its command went."""


@dataclass
class Vm:
    """A machine, off. Each `run` is one start: its disks keep what was written on them, its memory is lost."""

    folder: Path
    disks: Sequence[Disk] = ()
    memory_mib: int = 1024
    cpus: int = 2
    manufacturer: str = "LENOVO"
    product: str = "ThinkPad T480"
    serial: str = "PF0ORDI1"
    uuid: str = "6f0d7c1e-93b4-4d2f-8a55-1c1d7be0a001"
    clock: str = "utc"  # or a date: a battery that died
    system: System | None = None

    def run(
        self, command: str, *, files: Mapping[str, Path] | None = None, timeout: float = 300, quiet: bool = True
    ) -> Ran:
        """Start, run `command` (a shell script) in `/ordi`, switch off. `files`: guest path under it → host path."""
        words, (printed, status, console) = self._ready(command, files or {}, quiet=quiet)
        began = time.monotonic()
        self._start(words, timeout)
        seconds = time.monotonic() - began
        (self.folder / "initrd").unlink()
        said = console.read_text(errors="replace")
        answer = status.read_text(errors="replace").strip()
        output = printed.read_text(errors="replace")
        if not answer.isdigit():
            raise MachineStuck(f"no exit status after {seconds:.0f} s\n{said[-3000:]}\n---\n{output[-3000:]}")
        return Ran(int(answer), output, said, seconds)

    def cut(
        self, command: str, when: threading.Event, *, files: Mapping[str, Path] | None = None, timeout: float = 300
    ) -> str:
        """Start, run `command`, and cut the power when `when` is set; what the machine had printed by then."""
        words, (printed, _, console) = self._ready(command, files or {}, quiet=True)
        machine = subprocess.Popen(["nice", *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            if not when.wait(timeout):
                raise MachineStuck(f"nothing to cut after {timeout} s\n{console.read_text(errors='replace')[-3000:]}")
            assert machine.poll() is None, "it ended by itself"
        finally:
            machine.kill()
            machine.wait()
        return printed.read_text(errors="replace")

    def _ready(
        self, command: str, files: Mapping[str, Path], *, quiet: bool
    ) -> tuple[list[str], tuple[Path, Path, Path]]:
        """QEMU's words for one start, and the files it will print to: output, status, console."""
        system = self.system or guest_system()
        self.folder.mkdir(parents=True, exist_ok=True)
        initrd = self.folder / "initrd"
        self._pack(initrd, system, command, files)
        printed, status, console = (self.folder / name for name in ("output", "status", "console"))
        for file in (printed, status, console):
            file.write_bytes(b"")
        words = [
            *self._machine(),
            *("-kernel", str(system.kernel), "-initrd", str(initrd)),
            *("-append", f"console=ttyS0 panic=-1 random.trust_cpu=on {'quiet' if quiet else ''}"),
            *("-serial", f"file:{console}", "-serial", f"file:{printed}", "-serial", f"file:{status}"),
        ]
        return words, (printed, status, console)

    def _start(self, words: list[str], timeout: float) -> None:
        try:
            done = subprocess.run(
                ["nice", *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout
            )
        except subprocess.TimeoutExpired as late:
            seen = {name: (self.folder / name).read_text(errors="replace")[-3000:] for name in ("console", "output")}
            raise MachineStuck(f"still on after {timeout} s\n{seen['console']}\n---\n{seen['output']}") from late
        assert done.returncode == 0, done.stderr

    def _machine(self) -> list[str]:
        known = f"manufacturer={self.manufacturer},product={self.product},serial={self.serial},uuid={self.uuid}"
        disks = itertools.chain.from_iterable(disk.arguments(n) for n, disk in enumerate(self.disks))
        return [
            *("qemu-system-x86_64", "-nodefaults", "-no-reboot", "-display", "none"),
            *("-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", str(self.cpus)),
            *("-m", str(self.memory_mib), "-rtc", f"base={self.clock}", "-smbios", f"type=1,{known}"),
            *("-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,romfile="),
            *(("-device", "qemu-xhci") if any(disk.bus == "usb" for disk in self.disks) else ()),
            *disks,
        ]

    def _pack(self, initrd: Path, system: System, command: str, files: Mapping[str, Path]) -> None:
        ours = [
            Entry("init", stat.S_IFREG | 0o755, (HERE / "init.sh").read_bytes()),
            Entry("ordi", stat.S_IFDIR | 0o755),
            Entry("ordi/run", stat.S_IFREG | 0o755, command.encode() + b"\n"),
        ]
        for at, source in files.items():
            ours += entries_under(source, f"ordi/{at}")
        with initrd.open("wb") as out, system.initrd.open("rb") as base:
            out.write(cpio(iter(ours)))  # first, for it ends on a boundary where the compressed one may begin
            shutil.copyfileobj(base, out)
