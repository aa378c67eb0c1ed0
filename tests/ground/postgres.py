"""A PostgreSQL cluster of our own: started by the first test that asks, thrown away after the last.

It listens on a Unix socket only, keeps nothing safe (`fsync=off`), and belongs to an ordinary user even when tests run
as root, for the server refuses root. All xdist workers share one; a warden process ends it when pytest is gone,
however pytest ended.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import secrets
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "jit": "off",
    "timezone": "Europe/Paris",  # not UTC: what forgets its zone is an hour late here
}


def find_programs() -> Path | None:
    """The folder that holds `initdb` and `postgres`: the newest of Debian's, or the one in PATH."""
    debian = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    newest = sorted(debian, key=lambda program: float(program.parts[-3]), reverse=True)
    if newest:
        return newest[0].parent
    here = shutil.which("postgres")
    return Path(here).resolve().parent if here and shutil.which("initdb") else None


def _as_ordinary_user() -> tuple[list[str], pwd.struct_passwd | None]:
    """How to start a program as someone who is not root, and who that is."""
    if os.geteuid() != 0:
        return [], None
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        if shutil.which("setpriv"):
            ids = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}"]
            return ["setpriv", *ids, "--clear-groups", "--"], user
        return ["runuser", "-u", name, "--"], user
    raise RuntimeError("PostgreSQL refuses root, and this machine has neither the user postgres nor nobody")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock that other processes see."""
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Cluster:
    """The running cluster, as one worker sees it."""

    def __init__(self, folder: Path) -> None:
        """`folder` holds everything of the cluster; its socket is there too, so its path must be short."""
        self.folder = folder
        self.port = int((folder / "port").read_text())

    def url(self, database: str, *, as_user: str = "ordi") -> str:
        """What SQLAlchemy wants for a database of this cluster; `ordi` is the superuser."""
        return f"postgresql+psycopg://{as_user}@/{database}?host={self.folder}&port={self.port}"

    def execute(self, statement: str, database: str = "postgres") -> None:
        """One statement outside any transaction, as `CREATE DATABASE` requires."""
        with psycopg.connect(
            host=str(self.folder), port=self.port, user="ordi", dbname=database, autocommit=True
        ) as connection:
            connection.execute(statement.encode())

    def create(self, name: str, template: str = "template0") -> str:
        """A database that is a copy of another; its URL."""
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def cluster_in(ground: Path, keeper: int) -> Cluster:
    """The cluster under `ground`, started if it is not running yet; it ends when process `keeper` does."""
    folder = ground / "pg"
    with locked(ground / "pg.lock"):
        if not (folder / "port").exists():
            _start(folder, keeper)
    return Cluster(folder)


def _start(folder: Path, keeper: int) -> None:
    programs = find_programs()
    assert programs, "the tier `postgresql` is missing: its tests should have been skipped"
    prefix, user = _as_ordinary_user()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
        folder.parent.chmod(0o711)  # the ordinary user walks through, and lists nothing
    port = secrets.randbelow(20_000) + 40_000
    data = folder / "data"
    words = ("-U", "ordi", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    subprocess.run(
        [*prefix, programs / "initdb", "-D", data, *words], check=True, capture_output=True, cwd="/", timeout=120
    )
    settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [*prefix, programs / "postgres", "-D", data, "-k", folder, "-p", str(port), *settings],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            start_new_session=True,
        )
    _await(folder, port, server)
    _set_warden(server.pid, keeper, folder.parent)
    (folder / "port").write_text(str(port))


def _await(folder: Path, port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        try:
            psycopg.connect(host=str(folder), port=port, user="ordi", dbname="postgres").close()
        except psycopg.OperationalError as trouble:
            if server.poll() is not None:
                raise RuntimeError((folder / "log").read_text()) from trouble
            time.sleep(0.1)
        else:
            return
    server.kill()
    raise RuntimeError(f"PostgreSQL did not start in a minute:\n{(folder / 'log').read_text()}")


def _set_warden(server: int, keeper: int, ground: Path) -> None:
    """A process that outlives us by a moment: it stops the server and removes the files once `keeper` is gone."""
    watch = f"""
        import os, shutil, signal, time
        def alive(process):
            try:
                os.kill(process, 0)
            except ProcessLookupError:
                return False
            with open(f"/proc/{{process}}/stat") as stat:
                return stat.read().rpartition(")")[2].split()[0] != "Z"
        def still(process):
            try:
                return alive(process)
            except OSError:
                return False
        while still({keeper}):
            time.sleep(0.3)
        if still({server}):
            os.kill({server}, signal.SIGQUIT)
        for _ in range(100):
            if not still({server}):
                break
            time.sleep(0.1)
        shutil.rmtree({str(ground)!r}, ignore_errors=True)
    """
    subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(watch)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )
