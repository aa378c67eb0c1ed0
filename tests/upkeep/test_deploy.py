"""What `deploy/` promises: its commands exist, and the pages' role cannot touch the journal's guards."""

from __future__ import annotations

import re
import shutil
import subprocess

import click
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from ordi.database import make_engine
from ordi.parties.organisations import Kind, Organisation
from tests.ground.clock import NOW
from tests.ground.databases import make_schema
from tests.ground.postgres import Cluster, find_programs
from tests.ground.tiers import HOUSE

DEPLOY = HOUSE / "deploy"


def _commands() -> set[tuple[str, ...]]:
    spoken = [*DEPLOY.glob("*.service"), DEPLOY / "README.md"]
    found = re.findall(r"bin/ordi((?: [a-z]+)+)", "\n".join(path.read_text() for path in spoken))
    return {tuple(words.split()) for words in found}


@pytest.mark.parametrize("words", sorted(_commands()), ids=" ".join)
def test_every_command_that_a_server_runs_exists(words: tuple[str, ...]) -> None:
    from web.commands import cli

    command: click.Command = cli
    for word in words:
        assert isinstance(command, click.Group), command
        assert word in command.commands, f"{word}: not among {sorted(command.commands)}"
        command = command.commands[word]


def test_every_unit_can_be_read_by_systemd() -> None:
    reader = shutil.which("systemd-analyze")
    if reader is None:
        pytest.skip("no systemd-analyze: install the package systemd")
    units = [path for kind in ("service", "socket", "timer") for path in DEPLOY.glob(f"*.{kind}")]
    done = subprocess.run([reader, "verify", *units], capture_output=True, text=True)
    complaints = [line for line in done.stderr.splitlines() if "not executable" not in line and "ordi" in line]
    assert not complaints


@pytest.fixture
def deployed(cluster: Cluster) -> dict[str, str]:
    """A database set up by `deploy/postgresql.sql` and given its tables by its owner."""
    programs = find_programs()
    assert programs
    names = {"database": "deployed", "owner": "deployed_owner", "runtime": "deployed_pages"}
    words = [f"--set={name}={value}" for name, value in names.items()]
    reach = ["--host", str(cluster.folder), "--port", str(cluster.port), "--username", "ordi", "--dbname", "postgres"]
    subprocess.run(
        [programs / "psql", "--no-psqlrc", *reach, *words, "--file", DEPLOY / "postgresql.sql"],
        check=True,
        capture_output=True,
    )
    make_schema(cluster.url(names["database"], as_user=names["owner"]))
    return names


@pytest.mark.postgresql
def test_the_pages_role_works_but_owns_nothing(cluster: Cluster, deployed: dict[str, str]) -> None:
    pages = make_engine(cluster.url(deployed["database"], as_user=deployed["runtime"]))
    with Session(pages) as session:
        session.add(Organisation(kind=Kind.NETWORK, name="Réseau", created_at=NOW))
        session.commit()
        for forbidden in (
            "TRUNCATE events",
            "TRUNCATE machines CASCADE",
            "ALTER TABLE events DISABLE TRIGGER ALL",
            "ALTER TABLE machines ADD COLUMN free boolean",
            "DROP TABLE events CASCADE",
            "CREATE TABLE elsewhere (id int)",
            "SET session_replication_role = replica",
        ):
            with pytest.raises(ProgrammingError, match=r"InsufficientPrivilege"):
                session.execute(text(forbidden))
            session.rollback()
    pages.dispose()
