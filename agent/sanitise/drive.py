"""Find the drive a job names, refuse it for every reason there is, open it, and keep checking it is the same one."""

import errno
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from agent.jobs import Job
from agent.parsers.lsblk import NO_DRIVE
from agent.sanitise import ioctls
from agent.sanitise.identity import SYSFS, Identity, identify
from agent.sanitise.refusal import DriveRefused
from agent.sanitise.usage import Use, refuse_loop_over_a_drive, refuse_used, uses

LARGEST_SECTOR = 65536


@dataclass(frozen=True)
class Drive:
    """A drive opened for one job: O_DIRECT and O_EXCL, so nobody else has it meanwhile."""

    descriptor: int
    identity: Identity
    test_serials: Mapping[str, str] = field(repr=False)

    def refuse_changed(self) -> None:
        """Raise DriveRefused when the drive behind the descriptor is not the one that was checked any more."""
        try:
            now = identify(self.descriptor, self.identity.path, self.test_serials, wanted=self.identity.serial)
        except OSError as gone:
            raise DriveRefused("changed", errno.errorcode.get(gone.errno or 0, "")) from gone
        if now != self.identity:
            raise DriveRefused("changed", f"{self.identity.bytes} {now.bytes}")


def grown(drive: Drive, whole: int) -> Drive:
    """The same drive once it shows `whole` bytes. Raise DriveRefused when anything else of it changed."""
    now = identify(drive.descriptor, drive.identity.path, drive.test_serials, wanted=drive.identity.serial)
    same = replace(drive.identity, bytes=whole, disk_sequence=now.disk_sequence)
    if now != same:
        raise DriveRefused("changed", f"{drive.identity.bytes} {now.bytes}")
    return Drive(drive.descriptor, now, drive.test_serials)


def candidates(test_serials: Mapping[str, str]) -> list[str]:
    """Paths of every drive a job may name. In a test: the named loop devices and nothing else; otherwise no loop device."""
    if test_serials:
        return [f"/dev/{name}" for name in test_serials]
    names = sorted(path.name for path in (SYSFS / "block").glob("*"))
    return [f"/dev/{name}" for name in names if not NO_DRIVE.match(name)]


def look(path: str, test_serials: Mapping[str, str], *, wanted: str | None = None) -> Identity | None:
    """Who the drive at `path` is, without disturbing it; None when it is not there or does not answer."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except PermissionError as refused:
        raise DriveRefused("not-permitted", path) from refused
    except OSError:
        return None
    try:
        return identify(descriptor, path, test_serials, wanted=wanted)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def find(job: Job, test_serials: Mapping[str, str]) -> Identity:
    """The one drive the job names, by serial. Raise DriveRefused: none, more than one, or only its WWN is here."""
    seen = [found for path in candidates(test_serials) if (found := look(path, test_serials, wanted=job.serial))]
    named = [drive for drive in seen if drive.known_as(job.serial)]
    if len(named) > 1 and job.wwn:
        named = [drive for drive in named if drive.has_wwn(job.wwn)] or named
    if len(named) > 1:
        raise DriveRefused("ambiguous", " ".join(drive.path for drive in named))
    if named:
        return named[0]
    if job.wwn and any(drive.has_wwn(job.wwn) for drive in seen):
        raise DriveRefused("wrong-serial")
    raise DriveRefused("no-such-drive")


def refuse_unfit(identity: Identity, job: Job, used: list[Use]) -> None:
    """Raise DriveRefused unless the drive is the job's and may be written."""
    folder = (SYSFS / "dev/block" / identity.number).resolve()
    if (folder / "partition").exists() or (identity.transport != "loop" and NO_DRIVE.match(identity.name)):
        raise DriveRefused("no-such-drive", identity.name)
    if identity.bytes == 0:
        raise DriveRefused("zero-length")
    if identity.transport == "loop":
        refuse_loop_over_a_drive(folder)
    refuse_used(folder, used)
    if identity.read_only:
        raise DriveRefused("read-only")
    if identity.removable:
        raise DriveRefused("removable", identity.transport or "")
    if not identity.known_as(job.serial):
        raise DriveRefused("wrong-serial")
    if job.wwn and not identity.has_wwn(job.wwn):
        raise DriveRefused("wrong-wwn")
    if identity.bytes not in (job.size, job.whole):
        raise DriveRefused("wrong-size", str(identity.bytes))
    if identity.logical_sector > LARGEST_SECTOR or identity.bytes % identity.logical_sector:
        raise DriveRefused("wrong-size", f"{identity.bytes} by {identity.logical_sector}")


@contextmanager
def opened(job: Job, found: Identity, test_serials: Mapping[str, str], *, write: bool) -> Iterator[Drive]:
    """Open the drive `find` found and check everything again on the descriptor. Raise DriveRefused.

    Nothing is written here: whoever writes calls `refuse_changed` right before.
    """
    try:
        refuse_unfit(found, job, uses())
    except OSError as blind:
        raise DriveRefused("not-permitted", str(blind)) from blind
    flags = (os.O_RDWR if write else os.O_RDONLY) | os.O_DIRECT | os.O_EXCL | os.O_CLOEXEC
    try:
        descriptor = os.open(found.path, flags)
    except OSError as refused:
        raise refusal_of(refused) from refused
    try:
        try:
            identity = identify(descriptor, found.path, test_serials, wanted=job.serial)
            used = uses()
        except OSError as gone:
            raise DriveRefused("changed", str(gone)) from gone
        if identity != found:
            refuse_unfit(identity, job, used)
            raise DriveRefused("changed", f"{found.bytes} {identity.bytes}")
        refuse_unfit(identity, job, used)
        yield Drive(descriptor, identity, test_serials)
    finally:
        os.close(descriptor)


def refusal_of(failure: OSError) -> DriveRefused:
    """Why a drive would not open."""
    name = errno.errorcode.get(failure.errno or 0, "")
    if failure.errno == errno.EBUSY:
        return DriveRefused("held", name)
    if failure.errno == errno.EROFS:
        return DriveRefused("read-only", name)
    if failure.errno in (errno.EACCES, errno.EPERM):
        return DriveRefused("not-permitted", name)
    return DriveRefused("no-such-drive", name)


def flush(descriptor: int) -> None:
    """Make the drive keep what it was given, and the kernel forget it. Raise OSError."""
    os.fsync(descriptor)
    ioctls.flush_buffers(descriptor)
