"""Whether the running system uses a drive: booted from it, mounted, swapping on it, or holding it (LVM, RAID, crypt)."""

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from agent.sanitise.refusal import DriveRefused

BOOT_PLACES = (
    "/", "/boot", "/boot/efi", "/usr", "/cdrom", "/lib/live/mount/medium", "/run/archiso/bootmnt", "/run/initramfs/live",
    "/run/live/medium", "/run/live/persistence",
)  # fmt: skip
"""Where a running system keeps what it was started from: installed systems, Debian live, dracut live."""

ESCAPED = re.compile(rb"\\([0-7]{3})")


@dataclass(frozen=True)
class Use:
    """One thing the system does with a block device: where it is mounted, or `swap`."""

    number: str
    where: str


def uses(proc: Path = Path("/proc")) -> list[Use]:
    """Every mounted or swapped block device, by device number. Raise OSError when /proc does not tell."""
    found = []
    for line in (proc / "self/mountinfo").read_bytes().splitlines():
        fields = line.split(b" ")
        if len(fields) < 10 or b"-" not in fields:
            continue
        where, source = unescaped(fields[4]), unescaped(fields[fields.index(b"-") + 2])
        found.append(Use(fields[2].decode("ascii", "replace"), where))
        found += [Use(number, where) for number in numbers_of(source)]
    for line in (proc / "swaps").read_bytes().splitlines()[1:]:
        found += [Use(number, "swap") for number in numbers_of(unescaped(line.split()[0]))]
    for word in (proc / "cmdline").read_bytes().split():
        name, _, value = word.decode("utf-8", "replace").partition("=")
        if name == "root":
            found += [Use(number, "/") for number in numbers_of(root_device(value))]
    return found


def root_device(value: str) -> str:
    """The device node behind the kernel's `root=`: a path, or UUID=, LABEL=, PARTUUID=, PARTLABEL=."""
    kind, equals, name = value.partition("=")
    return f"/dev/disk/by-{kind.lower()}/{name}" if equals else value


def numbers_of(path: str) -> list[str]:
    """The device number of a block device node; none when the path is something else or not there."""
    if not path.startswith("/dev/"):
        return []
    try:
        found = os.stat(path)
    except OSError:
        return []
    if not stat.S_ISBLK(found.st_mode):
        return []
    return [f"{os.major(found.st_rdev)}:{os.minor(found.st_rdev)}"]


def unescaped(field: bytes) -> str:
    """A field of /proc/self/mountinfo or /proc/swaps, its octal escapes undone (proc(5))."""
    return ESCAPED.sub(lambda found: bytes([int(found[1], 8) & 0xFF]), field).decode("utf-8", "replace")


def parts_of(folder: Path) -> list[Path]:
    """The /sys folders of a disk and of its partitions."""
    return [folder, *(path.parent for path in sorted(folder.glob("*/partition")))]


def built_on(folder: Path) -> list[Path]:
    """The /sys folders of everything built on a disk or its partitions, however high: dm, md, bcache."""
    found: list[Path] = []
    waiting = parts_of(folder)
    while waiting:
        for holder in sorted((waiting.pop() / "holders").glob("*")):
            above = holder.resolve()
            if above not in found:
                found.append(above)
                waiting.append(above)
    return found


def refuse_used(folder: Path, used: list[Use]) -> None:
    """Raise DriveRefused when the disk at a /sys folder is booted from, mounted, swapped on or held.

    Its partitions and whatever is built on them count as the disk.
    """
    above = built_on(folder)
    numbers = {read_number(part) for part in [*parts_of(folder), *above]}
    wheres = sorted({use.where for use in used if use.number in numbers})
    booted = [where for where in wheres if where in BOOT_PLACES]
    if booted:
        raise DriveRefused("boot-disk", booted[0])
    if "swap" in wheres:
        raise DriveRefused("swap")
    if wheres:
        raise DriveRefused("mounted", wheres[0])
    if above:
        raise DriveRefused("held", above[0].name)


def read_number(folder: Path) -> str | None:
    """The `major:minor` of a /sys folder."""
    try:
        return (folder / "dev").read_text("ascii").strip()
    except OSError:
        return None


def refuse_loop_over_a_drive(folder: Path) -> None:
    """Raise DriveRefused when a loop device stands for a real device and not for a file: it would slip past every rule."""
    try:
        behind = (folder / "loop/backing_file").read_text("utf-8").strip()
    except OSError:
        raise DriveRefused("zero-length") from None
    if numbers_of(behind):
        raise DriveRefused("loop-over-a-drive", behind)
