"""ATA firmware erases through hdparm: Sanitize, and SECURITY ERASE UNIT with a password that must not stay behind.

hdparm ends with status 0 on commands that the drive aborted: its error output is read each time.
"""

from agent.parsers import hdparm
from agent.parsers.reading import Unreadable
from agent.programs import Said
from agent.sanitise.asking import Ended
from agent.sanitise.erasure import Worker

PASSWORD = "ordi"  # noqa: S105 - no secret: written here so that anybody can open a drive left locked by a power cut
SURE = "--yes-i-know-what-i-am-doing"
HOUR_S = 3600.0
SLOWEST_BYTES_S = 20e6
"""A drive that overwrites itself slower than this is not waited for."""

SANITIZE: dict[str, tuple[str, ...]] = {
    "block-erase": ("--sanitize-block-erase",),
    "crypto-scramble": ("--sanitize-crypto-scramble",),
    "overwrite": ("--sanitize-overwrite-passes", "1", "--sanitize-overwrite", "hex:00000000"),
}


def sanitize(work: Worker, way: str) -> None:
    """Run one ATA Sanitize to its end. Raise Ended however it ends short of that."""
    drive = look(work)
    work.told.offered = way in drive.sanitize
    if not work.told.offered:
        raise Ended("not-offered")
    before = status(work)
    work.told.state_before = state_of(before)
    if before.state in ("frozen", "running"):
        raise Ended("frozen" if before.state == "frozen" else "busy")
    work.mark()
    order(work, SURE, *SANITIZE[way])
    deadline = work.clock() + 2 * HOUR_S + (work.drive.identity.bytes / SLOWEST_BYTES_S if way == "overwrite" else 0)
    while True:
        now = status(work, keep=False)
        work.told.polls += 1
        work.told.state_after = state_of(now)
        if now.state != "running":
            break
        work.told.seen_running = True
        work.watch(now.percent or 0)
        work.pause(deadline)
    if now.state != "idle" or not now.ended_well:
        raise Ended("failed", work.told.state_after)


def security_erase(work: Worker, *, enhanced: bool) -> None:
    """Run SECURITY ERASE UNIT. Whatever happens, the password is taken off again, or its staying told. Raise Ended."""
    told = look(work).security
    work.told.offered = told.enhanced if enhanced else told.supported
    if not work.told.offered:
        raise Ended("not-offered")
    if told.frozen:
        raise Ended("frozen")
    if told.enabled and not password_removed(work):
        work.told.password_left_set = True
        raise Ended("locked", "a password is set")
    work.mark()
    minutes = told.enhanced_minutes if enhanced else told.minutes
    try:
        order(work, "--user-master", "u", "--security-set-pass", PASSWORD)
        if not look(work).security.enabled:
            raise Ended("refused", "the password was not taken")
        erase = "--security-erase-enhanced" if enhanced else "--security-erase"
        order(work, "--user-master", "u", erase, PASSWORD, timeout_s=max(HOUR_S, 180.0 * (minutes or 0)))
    finally:
        try:
            work.told.password_left_set = look(work).security.enabled and not password_removed(work)
        except Ended:
            work.told.password_left_set = None
    if work.told.password_left_set:
        raise Ended("failed", "the password stays")


def password_removed(work: Worker) -> bool:
    """Try to unlock the drive with the password an interrupted erase leaves, and to take it off; whether it is gone."""
    if look(work).security.locked:
        work.ask("hdparm", "--user-master", "u", "--security-unlock", PASSWORD, work.path)
    work.ask("hdparm", "--user-master", "u", "--security-disable", PASSWORD, work.path)
    return not look(work).security.enabled


def look(work: Worker) -> hdparm.Ata:
    """What the drive says it can do now. Raise Ended."""
    try:
        return hdparm.identify(work.ask("hdparm", "-I", work.path).out)
    except Unreadable as silent:
        raise Ended("unreadable", str(silent)) from silent


def status(work: Worker, *, keep: bool = True) -> hdparm.Sanitize:
    """How the Sanitize goes. Raise Ended when the drive does not tell."""
    said = work.ask("hdparm", "--sanitize-status", work.path, keep=keep)
    refuse_complaint(said)
    try:
        return hdparm.sanitize_status(said.out)
    except Unreadable as silent:
        raise Ended("unreadable", str(silent)) from silent


def order(work: Worker, *words: str, timeout_s: float = 120.0) -> None:
    """Give the drive a command; it counts as accepted only with status 0 and nothing on the error output."""
    work.told.accepted = False
    refuse_complaint(work.ask("hdparm", *words, work.path, timeout_s=timeout_s))
    work.told.accepted = True


def refuse_complaint(said: Said) -> None:
    """Raise Ended when the drive did not do it, whatever hdparm's status."""
    complaint = hdparm.complaint(said.err)
    if said.status != 0 or complaint:
        raise Ended("refused", complaint or f"status {said.status}")


def state_of(now: hdparm.Sanitize) -> str:
    """A Sanitize state for the record."""
    return now.state + (" ended-well" if now.ended_well else "")
