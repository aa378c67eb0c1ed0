"""One file with the data: the database as it stood at one moment, the files, the list of keys (never the keys)."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from pathlib import Path

import click
from sqlalchemy import inspect
from sqlalchemy.engine import URL, make_url

from ordi.database import make_engine
from ordi.errors import Refused
from ordi.keys import beside, put_beside
from ordi.privacy.erasing import replay
from ordi.privacy.marks import remembered
from web import migrating
from web.commands.installation import database, now, ring, settings

DATABASE = "database"
FILES = "files"
BESIDE = "published"
"""The published key set and what was revoked: no secrets, unlike the keys beside which they lie."""
ABOUT = "about.json"


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def backup(folder: Path) -> None:
    """Write one dated backup file into FOLDER. Pages may go on being served."""
    given, at = settings(), now()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"ordi-{at:%Y-%m-%dT%H%M%SZ}.tar.gz"
    with tempfile.TemporaryDirectory(dir=folder, prefix=".backup-") as scratch:
        dump, about, draft = Path(scratch, DATABASE), Path(scratch, ABOUT), Path(scratch, "draft.tar.gz")
        _dump(make_url(given.database_url), dump)
        version, _ours = migrating.state(given.database_url)
        told = {"made": at.isoformat(), "engine": _engine(given.database_url), "version": version, "keys": _key_list()}
        about.write_text(json.dumps(told, indent=1))
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as opened, tarfile.open(fileobj=opened, mode="w:gz") as archive:
            archive.add(about, ABOUT)
            archive.add(dump, DATABASE)
            for name in beside(given.keys_dir):
                archive.add(given.keys_dir / name, f"{BESIDE}/{name}")
            if (given.data_dir / FILES).is_dir():
                archive.add(given.data_dir / FILES, FILES)
        draft.rename(path)
    click.echo(str(path))


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Replace what the database and the files hold now.")
def restore(file: Path, replace: bool) -> None:
    """Put a backup back, then bring it to this version. Stop the pages and the worker first.

    Keys are not inside: restore them apart (`ordi keys restore`), or households' files stay closed. Whom `erasures.jsonl` of the
    data folder names is erased again: it is in no backup, keep it when you move the folder.
    """
    given = settings()
    url = make_url(given.database_url)
    if not replace and _holds_something(url):
        raise click.ClickException("the database holds something: --replace puts the backup in its place")
    with tempfile.TemporaryDirectory() as scratch, tarfile.open(file, "r:gz") as archive:
        archive.extractall(scratch, filter="data")
        about = json.loads(Path(scratch, ABOUT).read_text())
        if about["engine"] != _engine(given.database_url):
            raise click.ClickException(f"this backup is of {about['engine']}, the database here is another engine")
        _load(url, Path(scratch, DATABASE))
        if Path(scratch, FILES).is_dir():
            shutil.rmtree(given.data_dir / FILES, ignore_errors=True)
            shutil.copytree(Path(scratch, FILES), given.data_dir / FILES)
        there = Path(scratch, BESIDE)
        if there.is_dir():
            given.keys_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            put_beside(given.keys_dir, {path.name: path.read_text() for path in there.iterdir()})
    migrating.upgrade(given.database_url)
    with database() as session:
        again = replay(session, remembered(given.data_dir), at=now())
        session.commit()
    if again:
        click.echo(f"{again} households that this backup brought back were erased again")
    gone = {key["identity"] for key in about["keys"]} - {key["identity"] for key in _key_list()}
    if gone:
        click.echo(f"{len(gone)} keys of that time are not here: `ordi keys restore` brings them back", err=True)
    click.echo(f"restored from {about['made']}; now run `ordi journal verify --against` the last checkpoint that left")


def _engine(url: str) -> str:
    return make_url(url).get_backend_name()


def _dump(url: URL, path: Path) -> None:
    if url.get_backend_name() == "sqlite":
        if not url.database or not Path(url.database).exists():
            raise click.ClickException(f"there is no database at {url.database}: `ordi upgrade` makes one")
        with sqlite3.connect(url.database) as source, sqlite3.connect(path) as copy:
            source.backup(copy)
        copy.close()
        source.close()
    else:
        _run(["pg_dump", "--format=custom", "--no-owner", "--file", str(path), _plain(url)])


def _load(url: URL, path: Path) -> None:
    if url.get_backend_name() == "sqlite":
        assert url.database
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        with sqlite3.connect(path) as source, sqlite3.connect(url.database) as copy:
            source.backup(copy)
        copy.close()
        source.close()
    else:
        words = ["pg_restore", "--clean", "--if-exists", "--no-owner", "--exit-on-error", "--single-transaction"]
        _run([*words, "--dbname", _plain(url), str(path)])


def _plain(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _run(words: list[str]) -> None:
    if shutil.which(words[0]) is None:
        raise click.ClickException(f"{words[0]} is missing: install PostgreSQL's client programs")
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words and our own URL
    if done.returncode:
        raise click.ClickException(f"{words[0]} failed: {done.stderr.strip()}")


def _holds_something(url: URL) -> bool:
    if url.get_backend_name() == "sqlite" and not (url.database and Path(url.database).exists()):
        return False
    engine = make_engine(url.render_as_string(hide_password=False))
    try:
        return bool(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def _key_list() -> list[dict[str, str | int | None]]:
    if not settings().keys_dir.is_dir():
        return []
    try:
        return ring(create=False).listing()
    except (Refused, click.ClickException):
        return []
