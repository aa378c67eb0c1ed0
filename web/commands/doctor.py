"""Is this installation sound? Each thing looked at says how to mend it."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import click
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from ordi.database import make_engine
from ordi.errors import Refused
from ordi.keys import KeyRing
from ordi.keys.root import named_root, opened
from web import migrating
from web.commands.installation import now, settings
from web.settings import Settings, UnsafeSettings
from web.worker import DutyRun

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"
OLDEST_TRUE_DATE = 2026
MOST_DRIFT_S = 120
RENEW_DAYS = 30
"""So long before the root's word ends it is asked for again."""


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    what: str
    good: bool
    told: str
    mend: str = ""


@click.command()
def doctor() -> None:
    """Look at everything an installation needs, and say how to mend what is wrong."""
    found = list(examine(settings()))
    for finding in found:
        click.echo(f"{'ok  ' if finding.good else 'WRONG'}  {finding.what}: {finding.told}")
        if not finding.good and finding.mend:
            click.echo(f"       → {finding.mend}")
    wrong = [finding for finding in found if not finding.good]
    if wrong:
        raise click.ClickException(f"{len(wrong)} to mend")


def examine(given: Settings) -> Iterator[Finding]:
    """Look at each thing in turn."""
    for look in LOOKS:
        yield from look(given)


def _python(_given: Settings) -> Iterator[Finding]:
    here = ".".join(str(part) for part in sys.version_info[:3])
    yield Finding("python", sys.version_info >= (3, 11), here, "Ordi needs Python 3.11 or newer")


def _safety(given: Settings) -> Iterator[Finding]:
    try:
        given.check()
    except UnsafeSettings as why:
        yield Finding("settings", False, str(why), "the table of variables is in web/settings.py")
    else:
        how = "open to this computer only" if given.loopback else "reachable by others, over HTTPS"
        yield Finding("settings", True, f"{given.base_url}, {how}")
    parts = urlsplit(given.base_url)
    plain = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.path in ("", "/") and not parts.query
    yield Finding("base url", plain, given.base_url, "ORDI_BASE_URL is https://HOST, without a path")
    own = "ORDI_SECRET_KEY" if given.secret_key else "the newest session key"
    yield Finding("secret", True, f"cookies are signed with {own}")


def _database(given: Settings) -> Iterator[Finding]:
    engine = make_engine(given.database_url)
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
            name = connection.dialect.name
    except SQLAlchemyError as error:
        yield Finding("database", False, str(error).splitlines()[0], "check ORDI_DATABASE_URL, then `ordi upgrade`")
        return
    finally:
        engine.dispose()
    yield Finding("database", True, f"{name} answers")
    there, ours = migrating.state(given.database_url)
    yield Finding("version", there == ours, f"{there or 'none'}, this program's is {ours}", "run `ordi upgrade`")
    missing = migrating.triggers_missing(given.database_url)
    told = "all in place" if not missing else f"{len(missing)} missing: {', '.join(sorted(missing)[:3])}…"
    yield Finding("triggers", not missing, told, "run `ordi upgrade`; then find out who took them away")


def _duties(given: Settings) -> Iterator[Finding]:
    engine = make_engine(given.database_url)
    try:
        with Session(engine) as session:
            runs = list(session.scalars(select(DutyRun).order_by(DutyRun.name)))
    except SQLAlchemyError:
        return  # `_database` says what is wrong with it
    finally:
        engine.dispose()
    for run in runs:
        last = f"{run.good_at:%Y-%m-%d %H:%M} UTC" if run.good_at else "never"
        told = f"{run.failure}; it last went well: {last}" if run.failure else f"done {last}"
        yield Finding(f"duty {run.name}", not run.failure, told, "the worker's log tells what happened (journalctl)")


def _data(given: Settings) -> Iterator[Finding]:
    probe = given.data_dir / ".doctor"
    try:
        given.data_dir.mkdir(parents=True, exist_ok=True)
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        yield Finding("data directory", False, str(error), "give its owner the right to write, or set ORDI_DATA_DIR")
    else:
        yield Finding("data directory", True, f"{given.data_dir} can be written")


def _keys(given: Settings) -> Iterator[Finding]:
    try:
        ring = KeyRing.open(given.keys_dir, at=now(), create=False)
    except Refused as refusal:
        mend = "missing keys are made when Ordi starts; files others can read: chmod 700 the folder, 600 the files"
        yield Finding("keys", False, f"{given.keys_dir}: {refusal}", mend)
    else:
        yield Finding("keys", True, f"{len(ring.listing())} keys that nobody else can read")
    inside = not given.loopback and given.keys_dir.is_relative_to(given.data_dir)
    if inside:
        yield Finding("keys apart", False, "the keys are inside the data", "set ORDI_KEYS_DIR outside ORDI_DATA_DIR")


def _root(given: Settings) -> Iterator[Finding]:
    """Whether the offline root still vouches for every key."""
    try:
        ours = KeyRing.open(given.keys_dir, at=now(), create=False)
        held = ours.published()
    except Refused:
        return  # `_keys` says what is wrong with them
    if held is None:
        yield Finding("root", True, "no offline root vouches for the keys (`ordi keys root --help`)")
        return
    mend = "`ordi keys root request FILE`, have it signed where the root is, `ordi keys publish --signed FILE`"
    try:
        signed = opened(held, named_root(held))
        signed.check(now())
    except Refused as refusal:
        yield Finding("root", False, f"what the root signed no longer holds: {refusal}", mend)
        return
    lacking = signed.without(ours.jwks(now()), ours.pdf_fingerprints())
    left = (signed.expires - now()).days
    if lacking:
        yield Finding("root", False, f"the root does not vouch for {', '.join(lacking)}", mend)
    yield Finding("root until", left >= RENEW_DAYS, f"the root vouches until {signed.expires:%Y-%m-%d}", mend)


def _mail(given: Settings) -> Iterator[Finding]:
    parts = urlsplit(given.mail_url)
    if not given.mail_url:
        yield Finding(
            "mail", given.loopback, "ORDI_MAIL_URL is not set: messages wait", "smtp://user:password@host:587"
        )
        return
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 587), timeout=5):
            yield Finding("mail", True, f"{parts.hostname} answers")
    except OSError as error:
        yield Finding("mail", False, f"{parts.hostname}: {error}", "check ORDI_MAIL_URL and the firewall")


def _clock(given: Settings) -> Iterator[Finding]:
    at = now()
    mend = "turn time synchronisation on (timedatectl set-ntp true)"
    yield Finding("clock", at.year >= OLDEST_TRUE_DATE, f"{at:%Y-%m-%d %H:%M} UTC", mend)
    drift = _drift(given, at)
    if drift is not None:
        yield Finding("clock against the database's", abs(drift) < MOST_DRIFT_S, f"{drift:.0f} s apart", mend)


def _drift(given: Settings, at: datetime) -> float | None:
    if not given.database_url.startswith("postgresql"):
        return None
    engine = make_engine(given.database_url)
    try:
        with engine.connect() as connection:
            there: datetime = connection.scalar(text("SELECT now()")) or at
    except SQLAlchemyError:
        return None
    finally:
        engine.dispose()
    return (there - at).total_seconds()


def _pages(_given: Settings) -> Iterator[Finding]:
    built = (VENDOR / "sprite.svg").is_file()
    yield Finding(
        "page libraries", built, "built" if built else "missing", "`make install`, or python -m web.vendoring"
    )
    compiled = (VENDOR.parent.parent / "translations" / "en" / "LC_MESSAGES" / "messages.mo").is_file()
    told = "compiled" if compiled else "not compiled: pages are in French"
    yield Finding("translations", compiled, told, "python -m web.translating compile")


LOOKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    _python,
    _safety,
    _database,
    _duties,
    _data,
    _keys,
    _root,
    _mail,
    _clock,
    _pages,
)
