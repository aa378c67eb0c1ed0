"""Nothing of a family is in the clear in the database's own files, its log or a backup; a backup brings nobody back."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from ordi.database import make_engine, make_sessions
from ordi.keys import KeyRing
from ordi.parties.households import Contact, Household, correct, open_file, read_file
from ordi.privacy import marks
from ordi.privacy.columns import Says, columns_that_say
from ordi.privacy.erasing import erase_for
from ordi.sealing import Sealer
from ordi.sharing.consents import CURRENT_TEXT
from ordi.sharing.filing import Filing, Reading, file_request
from ordi.sharing.hand_over import hand_over
from ordi.sharing.visit_tickets import plan_visit
from tests.cast import Cast, assemble
from tests.fleet.news import enrolled, news, tell
from tests.ground.clock import NOW
from tests.ground.server import run_ordi, settings_for
from tests.ground.tiers import HOUSE
from tests.privacy.planted import CLASS, NO_WORD_OF_STAFF, NOT_PLANTED, OLD, PASSWORD, PLANTED, STAFF
from tests.sharing import classes, families
from tests.sharing.classes import an_open_list
from tests.sharing.families import a_household, a_programme, a_promise, a_signature
from web.sign_in.accounts import open_account
from web.sign_in.second_factor import SecondFactor, prepare, secret_of

WORDS = tuple(PLANTED.values())


def _live(session: Session, cast: Cast, sealer: Sealer) -> Household:
    """A family asks, is corrected, gets a machine that tells of itself, and its file is read."""
    name, phone, mail, address, language, note, _child, visit = WORDS
    contact = Contact(name, phone, mail, address, language)
    family = open_file(session, cast.partner, Contact(OLD, phone), sealer=sealer, by=cast.ines, at=NOW)
    session.commit()
    correct(session, family, contact, sealer=sealer, by=cast.ines, at=NOW)
    filing = Filing(
        programme=a_programme(session, cast),
        needs=("paperwork",),
        household=family,
        consent=Reading(CURRENT_TEXT, "fr"),
        note=note,
    )
    request = file_request(session, cast.partner, filing, by=cast.ines, at=NOW, sealer=sealer)
    promise = a_promise(session, cast, request=request)
    hand_over(session, promise, a_signature(), by=cast.ines, at=NOW)
    plan_visit(session, request, "breakdown", NOW.date(), cast.ines, words=visit, sealer=sealer, by=cast.ines, at=NOW)
    tell(session, enrolled(session, cast, promise.machine), news(session, promise.machine), at=NOW)
    read_file(session, family, sealer=sealer, by=cast.ines, at=NOW)
    an_open_list(session, cast, CLASS)
    open_account(session, cast.ines, "ines", PASSWORD, at=NOW)
    prepare(session, cast.ines, sealer=sealer, at=NOW)
    session.commit()
    return family


def _written(url: str, *, unwritten: bool) -> bytes:
    """All that the database keeps on disk, log included; of PostgreSQL, a dump in the clear. `unwritten`: its log is not empty."""
    where = make_url(url)
    if where.get_backend_name() == "sqlite":
        assert where.database
        path = Path(where.database)
        assert not unwritten or Path(f"{path}-wal").stat().st_size > 0, (
            "its log holds nothing: this reads only the file"
        )
        return b"".join(one.read_bytes() for one in sorted(path.parent.glob(f"{path.name}*")))
    plain = where.set(drivername="postgresql").render_as_string(hide_password=False)
    return subprocess.run(["pg_dump", plain], capture_output=True, check=True).stdout


def _backed_up(environment: dict[str, str], folder: Path) -> tuple[Path, bytes]:
    """A backup, and all it holds, decompressed."""
    run_ordi(environment, "backup", str(folder))
    path = max(folder.glob("ordi-*.tar.gz"))
    held = b""
    with tarfile.open(path) as archive:
        for member in archive.getmembers():
            file = archive.extractfile(member)
            held += member.name.encode() + (file.read() if file else b"")
        if b"PGDMP" in held:
            dump = archive.extractfile("database")
            assert dump is not None
            shown = subprocess.run(["pg_restore", "-f", "-"], input=dump.read(), capture_output=True, check=True)
            held += shown.stdout
    return path, held


def test_every_column_of_a_family_or_a_child_is_planted_or_says_why_not() -> None:
    assert sorted({*PLANTED, *NOT_PLANTED}) == columns_that_say(Says.FAMILY)
    assert not PLANTED.keys() & NOT_PLANTED.keys()


def test_so_is_every_column_of_those_who_work_here_and_of_donors() -> None:
    assert sorted({*STAFF, *NO_WORD_OF_STAFF}) == columns_that_say(Says.PERSON)
    assert not STAFF.keys() & NO_WORD_OF_STAFF.keys()


def test_the_register_names_every_table_that_says_something_of_a_person() -> None:
    register = (HOUSE / "docs" / "register.md").read_text()
    tables = {table for says in (Says.FAMILY, Says.PERSON) for table, _column in columns_that_say(says)}
    assert sorted(table for table in tables if f"`{table}`" not in register) == []


@pytest.mark.usefixtures("upgrade")
def test_no_word_of_a_family_is_in_the_files_the_log_or_a_backup_and_a_backup_brings_nobody_back(
    migrated_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = settings_for(tmp_path, database_url=migrated_database)
    sealer = KeyRing.open(tmp_path / "keys", at=NOW).sealer()
    for hands in (families, classes):
        monkeypatch.setattr(hands, "SEALER", sealer)
    engine = make_engine(migrated_database)
    with make_sessions(engine)() as session:
        cast = assemble(session, NOW)
        family, kept = _live(session, cast, sealer), a_household(session, cast, "QzKeptCanary")
        session.commit()
        opened = secret_of(session.get_one(SecondFactor, cast.ines.id), sealer)
        spoken = [word.encode() for word in (*WORDS, OLD, "QzKeptCanary", "QzParentCanary", PASSWORD, opened)]
        written = _written(migrated_database, unwritten=True)
        assert b"CCAS de Planoise" in written, "this looks at nothing"
        assert not [word for word in spoken if word in written]
        path, held = _backed_up(environment, tmp_path / "backups")
        assert b"CCAS de Planoise" in held, "this looks at nothing"
        assert not [word for word in spoken if word in held]
        sealed = family.name_sealed
        assert sealed is not None

        data = tmp_path
        done = erase_for(
            session, family, by=cast.ines, at=NOW, remember=lambda told: marks.remember(data, told, at=NOW)
        )
        assert done is not None
        session.commit()
        numbers = (family.id, kept.id)
    with engine.connect() as own:
        if engine.dialect.name == "sqlite":
            own.exec_driver_sql("ROLLBACK")
            own.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            assert sealed not in _written(migrated_database, unwritten=False), "erased, and still in the file"
    engine.dispose()

    told = run_ordi(environment, "restore", "--replace", str(path))
    assert "1 households that this backup brought back were erased again" in told
    engine = make_engine(migrated_database)
    with make_sessions(engine)() as session:
        gone, stays = (session.get_one(Household, number) for number in numbers)
        assert (gone.name_sealed, gone.name_index, gone.phone_index) == (None, None, None)
        assert gone.erased_at is not None
        assert stays.name_sealed is not None
        assert session.scalar(text("select count(*) from request_notes")) == 0
    engine.dispose()
