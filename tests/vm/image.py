"""The guest's system: a small Debian, packed as an initial file system, built once and kept in a cache."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.ground.postgres import locked

HERE = Path(__file__).parent
SUITE = "bookworm"
PACKAGES = (
    "python3",
    "python3-cryptography",
    "python3-psutil",
    "smartmontools",
    "dmidecode",
    "hdparm",
    "nvme-cli",
    "util-linux",
    "fdisk",
    "iproute2",
    "udev",
    "kmod",
    "zstd",
)


@dataclass(frozen=True)
class System:
    """A kernel, and the file system it starts with."""

    kernel: Path
    initrd: Path


def cache_folder() -> Path:
    """`ORDI_CACHE_DIR`, or the user's cache."""
    named = os.environ.get("ORDI_CACHE_DIR")
    return Path(named) if named else Path.home() / ".cache" / "ordi"


def guest_system() -> System:
    """The guest's system, from the cache when its recipe has not changed since."""
    recipe = repr((SUITE, PACKAGES, (HERE / "system.sh").read_text(), Path(__file__).read_text()))
    folder = cache_folder() / f"guest-{hashlib.sha256(recipe.encode()).hexdigest()[:16]}"
    system = System(folder / "vmlinuz", folder / "initrd")
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / "lock"):
        if not system.initrd.exists():
            _build(system)
    return system


def _build(system: System) -> None:
    with tempfile.TemporaryDirectory(dir=system.kernel.parent) as scratch:
        tar = Path(scratch) / "root.tar"
        hook = f'sh {HERE / "system.sh"} "$1" {system.kernel}'
        done = subprocess.run(
            [
                *("nice", "mmdebstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}"),
                *("--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/locale/*"),
                *(f"--customize-hook={hook}", SUITE, str(tar)),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=900,
        )
        assert done.returncode == 0, f"mmdebstrap could not build the guest:\n{done.stderr[-4000:]}"
        packed = Path(scratch) / "initrd"
        with (
            packed.open("wb") as out,
            subprocess.Popen(["nice", "zstd", "-q", "-T0", "-6"], stdin=subprocess.PIPE, stdout=out) as squeezer,
            tarfile.open(tar) as files,
        ):
            assert squeezer.stdin
            write_cpio(squeezer.stdin, entries_of(files))
            squeezer.stdin.close()
            assert squeezer.wait() == 0
        packed.rename(system.initrd)


@dataclass(frozen=True)
class Entry:
    """One file of an initial file system."""

    name: str
    mode: int
    content: bytes = b""
    device: tuple[int, int] = (0, 0)


def entries_of(files: tarfile.TarFile) -> Iterator[Entry]:
    """What a tar holds; a hard link becomes a copy, for cpio's own are awkward."""
    kinds = {
        tarfile.DIRTYPE: stat.S_IFDIR,
        tarfile.SYMTYPE: stat.S_IFLNK,
        tarfile.CHRTYPE: stat.S_IFCHR,
        tarfile.BLKTYPE: stat.S_IFBLK,
        tarfile.FIFOTYPE: stat.S_IFIFO,
    }
    for member in files:
        name = member.name.removeprefix("./").strip("/")
        if not name or name == ".":
            continue
        content = b""
        if member.isreg() or member.islnk():
            held = files.extractfile(member)
            assert held
            content = held.read()
        elif member.issym():
            content = member.linkname.encode()
        kind = kinds.get(member.type, stat.S_IFREG)
        yield Entry(name, kind | member.mode, content, (member.devmajor, member.devminor))


def entries_under(folder: Path, at: str) -> Iterator[Entry]:
    """A folder of this host (or one file), to be found at `at` in the guest; without compiled Python."""
    parents = Path(at).parents
    for parent in reversed(list(parents)[:-1]):
        yield Entry(str(parent), stat.S_IFDIR | 0o755)
    if folder.is_file():
        yield Entry(at, stat.S_IFREG | 0o755, folder.read_bytes())
        return
    yield Entry(at, stat.S_IFDIR | 0o755)
    for path in sorted(folder.rglob("*")):
        if "__pycache__" in path.parts:
            continue
        name = f"{at}/{path.relative_to(folder)}"
        if path.is_dir():
            yield Entry(name, stat.S_IFDIR | 0o755)
        else:
            yield Entry(name, stat.S_IFREG | (path.stat().st_mode & 0o777), path.read_bytes())


def write_cpio(out: IO[bytes], entries: Iterator[Entry]) -> None:
    """Write entries in the `newc` form the kernel unpacks."""
    number = 0
    for number, entry in enumerate([*entries, Entry("TRAILER!!!", 0)], start=1):
        name = entry.name.encode() + b"\0"
        links = 2 if stat.S_ISDIR(entry.mode) else 1
        fields = (number, entry.mode, 0, 0, links, 0, len(entry.content), 0, 0, *entry.device, len(name), 0)
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + name
        out.write(head + b"\0" * (-len(head) % 4))
        out.write(entry.content + b"\0" * (-len(entry.content) % 4))


def cpio(entries: Iterator[Entry]) -> bytes:
    """A small archive in memory, padded so that another may follow it."""
    out = io.BytesIO()
    write_cpio(out, entries)
    return out.getvalue() + b"\0" * (-len(out.getvalue()) % 512)
