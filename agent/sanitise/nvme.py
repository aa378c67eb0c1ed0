"""NVMe firmware erases through nvme-cli: Sanitize, and Format with an erase. Only what the controller's own bits offer.

Emulated and faulty controllers answer "Success" to what they do not offer: the bits are read first, the marks afterwards.
"""

import re
from pathlib import Path

from agent.parsers import nvme
from agent.parsers.reading import Unreadable
from agent.sanitise.asking import Ended
from agent.sanitise.erasure import Worker
from agent.sanitise.identity import SYSFS

HOUR_S = 3600.0

ACTIONS = {"block-erase": "2", "crypto-erase": "4"}
"""Sanitize actions (NVM Express Base Specification 2.0, figure 303)."""

SETTINGS = {"user-data-erase": "1", "crypto-erase": "2"}
"""Secure Erase Settings of Format NVM."""


NAMESPACE = re.compile(r"(?P<controller>nvme\d+)n\d+")


def neighbours(name: str, folder: Path = SYSFS / "block") -> list[str]:
    """The other namespaces of the controller of `name`: Sanitize, and Format on many, erase those too."""
    found = NAMESPACE.fullmatch(name)
    if found is None:
        return []
    beside = (path.name for path in folder.glob(f"{found['controller']}n*"))
    return sorted(one for one in beside if one != name and NAMESPACE.fullmatch(one))


def refuse_neighbours(work: Worker) -> None:
    """Raise Ended when the erase would reach a drive that the job does not name."""
    beside = neighbours(work.drive.identity.name)
    if beside:
        raise Ended("not-offered", f"would erase {' '.join(beside)} too")


def sanitize(work: Worker, way: str) -> None:
    """Run one NVMe Sanitize to its end. Raise Ended however it ends short of that."""
    work.told.offered = way in controller(work).sanitize
    if not work.told.offered:
        raise Ended("not-offered")
    refuse_neighbours(work)
    before = log(work, keep=True)
    work.told.state_before = before.mark
    if before.state == "running":
        raise Ended("busy")
    work.mark()
    order(work, "sanitize", f"--sanact={ACTIONS[way]}")
    deadline = work.clock() + 2 * HOUR_S
    while True:
        now = log(work)
        work.told.polls += 1
        work.told.state_after = now.mark
        if now.state != "running":
            break
        work.told.seen_running = True
        work.watch(now.percent or 0)
        work.pause(deadline)
    if now.state != "done":
        raise Ended("failed", now.state)


def format_nvm(work: Worker, way: str) -> None:
    """Run Format NVM with an erase; the command ends when it is done. Raise Ended."""
    offers = controller(work)
    work.told.offered = offers.formats_crypto if way == "crypto-erase" else offers.formats
    if not work.told.offered:
        raise Ended("not-offered")
    refuse_neighbours(work)
    work.mark()
    order(work, "format", f"--ses={SETTINGS[way]}", "--force", timeout_s=2 * HOUR_S)


def controller(work: Worker) -> nvme.Controller:
    """What the controller offers. Raise Ended."""
    said = work.ask("nvme", "id-ctrl", work.path, "--output-format=json")
    try:
        return nvme.controller(said.out)
    except Unreadable as silent:
        raise Ended("unreadable", str(silent)) from silent


def log(work: Worker, *, keep: bool = False) -> nvme.SanitizeLog:
    """How the Sanitize goes. Raise Ended when the controller does not tell."""
    said = work.ask("nvme", "sanitize-log", work.path, "--output-format=binary", keep=keep)
    try:
        return nvme.sanitize_log(said.out)
    except Unreadable as silent:
        raise Ended("unreadable", str(silent)) from silent


def order(work: Worker, verb: str, *words: str, timeout_s: float = 120.0) -> None:
    """Give the controller a command. Raise Ended when it refuses."""
    work.told.accepted = False
    said = work.ask("nvme", verb, work.path, *words, timeout_s=timeout_s)
    if said.status != 0 or b"NVMe status" in said.err:
        raise Ended("refused", said.err.decode("utf-8", "replace").strip())
    work.told.accepted = True
