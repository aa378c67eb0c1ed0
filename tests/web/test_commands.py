"""`ordi …`: every command tells itself, and the first day of an installation goes as the handbook says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from ordi.database import make_engine
from ordi.keys import PUBLISHED, KeyRing
from ordi.machines import triggers
from web import migrating
from web.commands import cli

Ordi = Callable[..., Result]


def every_command(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from every_command(child, (*path, name))


@pytest.mark.parametrize(
    ("path", "command"), list(every_command(cli)), ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_every_command_tells_itself(path: tuple[str, ...], command: click.Command) -> None:
    told = CliRunner().invoke(cli, [*path, "--help"])
    assert told.exit_code == 0
    assert command.help
    for option in command.params:
        if isinstance(option, click.Option) and len(option.opts[0]) > 3 and not option.is_flag:
            assert option.help or isinstance(option.type, click.Choice | click.IntRange), (path, option.name)


@pytest.fixture
def ordi(tmp_path: Path, empty_database: str, monkeypatch: pytest.MonkeyPatch) -> Ordi:
    """`ordi("upgrade")` on a database and a data directory of this test's own."""
    monkeypatch.setenv("ORDI_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("ORDI_DATABASE_URL", empty_database)
    for name in ("ORDI_KEYS_DIR", "ORDI_SECRET_KEY", "ORDI_BASE_URL", "ORDI_LISTEN", "ORDI_DEMONSTRATION"):
        monkeypatch.delenv(name, raising=False)

    def run(*words: str, fails: bool = False) -> Result:
        done = CliRunner().invoke(cli, list(words))
        assert (done.exit_code != 0) is fails, done.output
        return done

    return run


@pytest.fixture
def started(ordi: Ordi) -> Ordi:
    ordi("upgrade")
    ordi("organisation", "add", "network", "Ordi")
    ordi("organisation", "add", "pole", "Pôle Ouest", "--in", "network")
    ordi("organisation", "add", "workshop", "Atelier", "--in", "Pôle Ouest")
    ordi(
        "person",
        "add",
        "Sam",
        "--username",
        "sam",
        "--role",
        "technician",
        "--in",
        "Atelier",
        "--password",
        "agrafe cheval linge",
    )
    ordi("worker", "--once")  # makes the keys
    return ordi


def test_upgrading_makes_every_table_and_trigger_and_can_be_repeated(ordi: Ordi, empty_database: str) -> None:
    ordi("upgrade")
    ordi("upgrade")
    assert migrating.triggers_missing(empty_database) == set()
    migrating.check(empty_database)
    engine = make_engine(empty_database)
    with engine.connect() as connection:
        assert set(triggers.installed(connection)) == triggers.declared(connection)
        assert connection.scalar(text("SELECT count(*) FROM legal_rules")) > 0
    engine.dispose()


def test_a_version_never_imports_the_domain() -> None:
    for version in (migrating.FOLDER / "versions").glob("*.py"):
        source = version.read_text()
        assert "import ordi" not in source
        assert "from ordi" not in source
        assert "ordi." not in source


def test_the_first_day(started: Ordi, tmp_path: Path) -> None:
    assert "Pôle Ouest" in started("organisation", "list").output
    sheet = tmp_path / "labels.pdf"
    started("labels", str(sheet), "--in", "Atelier", "--by", "OP-0001", "--count", "3")
    assert sheet.read_bytes().startswith(b"%PDF")
    assert "certificate" in started("keys", "list").output
    assert "all whole" in started("journal", "verify").output


def test_a_role_that_does_not_fit_is_one_line_for_people(started: Ordi) -> None:
    told = started(
        "person",
        "add",
        "X",
        "--username",
        "x1",
        "--role",
        "auditor",
        "--in",
        "Atelier",
        "--password",
        "agrafe cheval linge",
        fails=True,
    )
    assert "role-does-not-fit" in told.output
    assert "Traceback" not in told.output


def test_a_token_is_printed_once_and_can_be_ended(started: Ordi) -> None:
    secret = started("token", "create", "CCAS", "--scope", "evidence:write", "--in", "Atelier").stdout.strip()
    assert secret.startswith("ordi_")
    assert secret not in started("token", "list").output
    started("token", "revoke", "1")
    assert "ended" in started("token", "list").output


def test_a_checkpoint_is_signed_and_verified_against(started: Ordi, tmp_path: Path) -> None:
    path = Path(started("journal", "checkpoint", "--to", str(tmp_path)).stdout.strip())
    started("journal", "verify", "--against", str(path))
    told = json.loads(path.read_text())
    told["heads"]["K7Q24X-M"] = [3, "0" * 64]
    path.write_text(json.dumps(told))
    assert "changed after it was signed" in started("journal", "verify", "--against", str(path), fails=True).output
    path.write_text(json.dumps({"K7Q24X-M": [3, "0" * 64]}))
    assert "machine-gone" in started("journal", "verify", "--against", str(path), fails=True).output


def test_a_checkpoint_is_verified_with_keys_kept_elsewhere(started: Ordi, tmp_path: Path) -> None:
    path = started("journal", "checkpoint", "--to", str(tmp_path)).stdout.strip()
    keys = tmp_path / "kept-keys.json"
    ours = KeyRing.open(tmp_path / "var/keys", at=datetime.now(UTC), create=False)
    keys.write_text(json.dumps(ours.jwks(datetime.now(UTC))))
    started("journal", "verify", "--against", path, "--keys", str(keys))
    foreign = KeyRing.open(tmp_path / "foreign", at=datetime.now(UTC) - timedelta(days=1))
    keys.write_text(json.dumps(foreign.jwks(datetime.now(UTC))))
    told = started("journal", "verify", "--against", path, "--keys", str(keys), fails=True).output
    assert "unknown-key" in told
    assert "--against" in started("journal", "verify", "--keys", str(keys), fails=True).output


def test_a_backup_comes_back_without_the_keys(started: Ordi, tmp_path: Path) -> None:
    import tarfile

    beside = tmp_path / "var/keys" / PUBLISHED
    beside.write_text('{"root": {}, "signed": "no secret"}')
    started("backup", str(tmp_path / "backups"))
    path = next((tmp_path / "backups").glob("ordi-*.tar.gz"))
    assert path.stat().st_mode & 0o077 == 0
    with tarfile.open(path) as archive:
        names = archive.getnames()
    assert [name for name in names if "key" in name] == [f"published/{PUBLISHED}"]
    beside.unlink()
    assert "--replace" in started("restore", str(path), fails=True).output
    started("organisation", "add", "workshop", "Trop tard", "--in", "Pôle Ouest")
    started("restore", "--replace", str(path))
    listed = started("organisation", "list").output
    assert "Atelier" in listed
    assert "Trop tard" not in listed
    assert "no secret" in beside.read_text()


def test_keys_leave_encrypted_and_come_back(started: Ordi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started("keys", "export", str(tmp_path / "keys.enc"), "--passphrase", "quatre mots au hasard")
    before = started("keys", "list").output
    monkeypatch.setenv("ORDI_KEYS_DIR", str(tmp_path / "elsewhere"))
    started("keys", "restore", str(tmp_path / "keys.enc"), "--passphrase", "quatre mots au hasard")
    assert started("keys", "list").output == before


def test_doctor_says_what_is_wrong_and_how_to_mend_it(ordi: Ordi) -> None:
    told = ordi("doctor", fails=True).output
    assert "run `ordi upgrade`" in told
    assert "Traceback" not in told


def test_doctor_notices_a_missing_trigger(started: Ordi, empty_database: str) -> None:
    engine = make_engine(empty_database)
    with engine.begin() as connection:
        name, table = next(iter(triggers.installed(connection).items()))
        on = "" if connection.dialect.name == "sqlite" else f" ON {table}"
        connection.execute(text(f"DROP TRIGGER {name}{on}"))
    engine.dispose()
    assert f"1 missing: {name}" in started("doctor", fails=True).output
