"""eMMC firmware erases: everything is unmapped through the open descriptor, then Sanitize empties what is unmapped (mmc-utils).

JEDEC JESD84-B51, 6.6.10 and 6.6.13: Sanitize removes what is no longer mapped, so it is worth nothing without the discard before it.
Neither reaches the boot areas (`areas.py`).
"""

import errno

from agent.parsers import extcsd
from agent.parsers.reading import Unreadable
from agent.sanitise import ioctls
from agent.sanitise.asking import Ended
from agent.sanitise.erasure import Worker

HOUR_S = 3600.0
COULD_NOT = (b"ioctl", b"Could not")
"""What mmc-utils writes on its error output when the drive did not take the switch."""


def sanitize(work: Worker) -> None:
    """Unmap all of the drive, then Sanitize it. Raise Ended however it ends short of that."""
    work.told.offered = registers(work).sanitizes
    if not work.told.offered:
        raise Ended("not-offered")
    work.mark()
    discard(work, secure=False)
    work.told.accepted = False
    said = work.ask("mmc", "sanitize", work.path, timeout_s=2 * HOUR_S)
    if said.status != 0 or any(words in said.err for words in COULD_NOT):
        raise Ended("refused", said.err.decode("utf-8", "replace").strip() or f"status {said.status}")
    work.told.accepted = True


def secure_trim(work: Worker) -> None:
    """Secure erase of all of the drive by the kernel: what older eMMC offer instead. Raise Ended."""
    work.told.offered = registers(work).secure_trims
    if not work.told.offered:
        raise Ended("not-offered")
    work.mark()
    discard(work, secure=True)


def discard(work: Worker, *, secure: bool) -> None:
    """Have the drive unmap everything, through the descriptor that was checked. Raise Ended when it does not take it."""
    request, name = (ioctls.BLKSECDISCARD, "BLKSECDISCARD") if secure else (ioctls.BLKDISCARD, "BLKDISCARD")
    began, failed = work.clock(), None
    work.told.accepted = False
    try:
        ioctls.discard(work.drive.descriptor, request, work.drive.identity.bytes)
    except OSError as refused:
        failed = errno.errorcode.get(refused.errno or 0, "")
        if refused.errno in (errno.ENODEV, errno.ENXIO):
            raise Ended("gone", failed) from refused
    work.told.steps.append(
        {
            "command": f"ioctl {name} {work.path}",
            "status": 0 if failed is None else 1,
            "stderr": failed,
            "stdout": None,
            "ms": int((work.clock() - began) * 1000),
        }
    )
    if failed is not None:
        raise Ended("refused", failed)
    work.told.accepted = True


def registers(work: Worker) -> extcsd.Emmc:
    """What the drive's registers offer. Raise Ended."""
    try:
        return extcsd.registers(work.ask("mmc", "extcsd", "read", work.path).out)
    except Unreadable as silent:
        raise Ended("unreadable", str(silent)) from silent
