"""The erase a drive does by itself, asked for before the overwrite. What came of it is told; nothing is claimed from it here."""

import errno
import threading
from collections.abc import Callable
from functools import partial

from agent.sanitise import ata, emmc, nvme
from agent.sanitise.asking import Ended, Tools
from agent.sanitise.drive import Drive
from agent.sanitise.erasure import Erasure, Worker
from agent.sanitise.markers import look_again
from agent.sanitise.overwrite import Stopped
from agent.sanitise.transfer import DriveGone

TECHNIQUES: dict[str, Callable[[Worker], None]] = {
    "ata-sanitize-block-erase": partial(ata.sanitize, way="block-erase"),
    "ata-sanitize-crypto-scramble": partial(ata.sanitize, way="crypto-scramble"),
    "ata-sanitize-overwrite": partial(ata.sanitize, way="overwrite"),
    "ata-security-erase": partial(ata.security_erase, enhanced=False),
    "ata-security-erase-enhanced": partial(ata.security_erase, enhanced=True),
    "nvme-sanitize-block-erase": partial(nvme.sanitize, way="block-erase"),
    "nvme-sanitize-crypto-erase": partial(nvme.sanitize, way="crypto-erase"),
    "nvme-format-user-data-erase": partial(nvme.format_nvm, way="user-data-erase"),
    "nvme-format-crypto-erase": partial(nvme.format_nvm, way="crypto-erase"),
    "emmc-sanitize": emmc.sanitize,
    "emmc-secure-trim": emmc.secure_trim,
}
"""What a job may name; each is followed by the overwrite, which proves and stays."""

UNFIT = ("gone", "timed-out", "busy")
"""After these the drive answers nothing, or is still erasing: there is nothing to overwrite yet."""


def erase(
    drive: Drive,
    told: Erasure,
    *,
    watch: Callable[[int], None],
    stop: threading.Event,
    tools: Tools,
) -> None:
    """Ask the drive's firmware for `told.technique`, with marks before and after; all that happens is in `told`.

    `watch` hears percents. Raise Stopped, or DriveGone when no overwrite can follow.
    """
    work = Worker(drive, told, tools, watch, stop)
    began = work.clock()
    try:
        TECHNIQUES[told.technique](work)
        look_again(drive, told.markers)
        told.ending = "completed"
    except Ended as ended:
        told.ending, told.why = ended.how, ended.why or None
        if told.accepted and told.ending not in UNFIT:
            try:
                look_again(drive, told.markers)
            except OSError:
                told.ending = "gone"
    except OSError as lost:
        told.ending, told.why = "gone", errno.errorcode.get(lost.errno or 0, "")
    except Stopped:
        told.ending = "interrupted"
        raise
    finally:
        told.ms = int((work.clock() - began) * 1000)
    if told.ending in UNFIT:
        raise DriveGone(errno.ENODEV if told.ending == "gone" else errno.EBUSY, f"firmware-{told.ending}")
