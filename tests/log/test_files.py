"""Files in a stranger's hands, checked offline: heads against each other, certificates with their proof."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text
from sqlalchemy.orm import Session

from ordi.keys import KeyRing
from ordi.log.checkpoints import checkpoint
from ordi.log.heads import TYP, LogHead, sign_head
from ordi.log.proofs import consistency_proof
from ordi.log.sealing import log_uuid
from ordi.log.sidecars import make
from ordi.machines import triggers
from ordi.machines.journal import record
from ordi.machines.lifecycle import Note
from ordi.signatures import sign
from tests.cast import Cast
from tests.log.logs import Proved, proved, sealed
from web.commands import cli
from web.papers.certificate_pdf import certificate_pdf
from web.papers.log_evidence import Finding, examine


@dataclass
class Kept:
    """What a stranger keeps."""

    one: Proved
    old: LogHead
    new: LogHead
    files: dict[str, bytes]


@pytest.fixture
def kept(session: Session, cast: Cast, ring: KeyRing, now: datetime) -> Kept:
    """Two heads, what lies between them, and a certificate with its proof."""
    proved(session, cast, ring, now)
    old = sealed(session, ring, now)
    one = proved(session, cast, ring, now)
    new = sealed(session, ring, now + timedelta(hours=1))
    pdf = certificate_pdf(
        [(one.certificate.payload, one.certificate.jws)], ring.pdf_key(now), public_url="https://ordi.example", at=now
    )
    files = {
        "old.jws": f"{old.jws}\n".encode(),
        "new.json": json.dumps({"log": "ignored", "size": 1, "head": new.jws}).encode(),
        "between.json": json.dumps(consistency_proof(session, old.size)).encode(),
        "c.pdf": pdf,
        "c.jws": one.certificate.jws.encode(),
        "c.proof.json": json.dumps(make(session, [one.statement], one.machine)).encode(),
        "heads.json": json.dumps(checkpoint(session, ring.signing("journal", now), at=now)).encode(),
    }
    return Kept(one, old, new, files)


Look = Callable[..., list[Finding]]


@pytest.fixture
def look(kept: Kept, ring: KeyRing, now: datetime) -> Look:
    """`look("old.jws", "new.json")`: what those files come to, some replaced."""

    def examined(*names: str, **replaced: bytes) -> list[Finding]:
        files = {name: replaced.get(name.split(".")[0], kept.files[name]) for name in names}
        return examine(files, ring.jwks(now), ring.pdf_fingerprints())

    return examined


def told(found: list[Finding]) -> str:
    return " | ".join(one.told for one in found if not one.holds)


@pytest.mark.parametrize("certificate", ["c.pdf", "c.jws"])
def test_a_certificate_with_its_proof_holds(look: Look, certificate: str) -> None:
    found = look("c.proof.json", certificate)
    assert all(one.holds for one in found)
    assert "entry" in found[0].told


def test_two_heads_hold_with_what_lies_between(look: Look) -> None:
    found = look("new.json", "old.jws", "between.json")
    assert all(one.holds for one in found)
    assert len(found) == 3
    assert "unchanged" in found[-1].told


def test_everything_together(look: Look) -> None:
    found = look("old.jws", "between.json", "c.pdf", "c.proof.json", "heads.json")
    assert all(one.holds for one in found)
    assert any("the same log" in one.told for one in found)


def test_what_is_missing_is_asked_for_and_is_no_success(look: Look) -> None:
    assert "/api/v1/log/consistency?from=" in told(look("old.jws", "new.json"))
    assert "add its .proof.json" in told(look("c.pdf"))
    assert "not among the files" in told(look("c.proof.json"))
    assert "proves nothing without the heads" in told(look("between.json"))


def test_a_fork_is_named(session: Session, kept: Kept, look: Look, ring: KeyRing, now: datetime) -> None:
    payload = {"typ": TYP, "log": log_uuid(session), "issued": "2026-11-16T09:30:00Z"}
    key = ring.signing("log", now)
    fork = sign(payload | {"size": kept.new.size, "root": "ab" * 32}, key, TYP).encode()
    assert "forked: two roots" in told(look("new.json", "heads.json", new=fork))
    older = sign(payload | {"size": kept.old.size, "root": "ab" * 32}, key, TYP).encode()
    assert "forked: the longer" in told(look("new.json", "old.jws", "between.json", old=older))
    other = sign(payload | {"size": 3, "root": "ab" * 32, "log": "another"}, key, TYP).encode()
    assert "another-log" in told(look("new.json", "old.jws", old=other))


def test_a_head_of_someone_else_or_of_nobody_is_refused(
    kept: Kept, look: Look, foreign: KeyRing, now: datetime
) -> None:
    payload = {"typ": TYP, "log": "x", "size": 3, "root": "ab" * 32, "issued": "2026-11-16T09:30:00Z"}
    theirs = sign(payload, foreign.signing("log", now), TYP).encode()
    assert "unknown-key" in told(look("old.jws", old=theirs))
    assert "not a certificate we signed" in told(look("old.jws", old=b"\0\xff nothing"))
    assert "malformed" in told(look("new.json", new=b'{"head": 7}'))


@pytest.mark.parametrize(
    "change",
    [{"size": 0}, {"size": True}, {"size": "5"}, {"root": "AB" * 32}, {"root": "ab"}, {"log": None}, {"more": 1}],
    ids=str,
)
def test_a_head_says_only_what_a_head_says(look: Look, ring: KeyRing, now: datetime, change: dict[str, object]) -> None:
    payload = {"typ": TYP, "log": "x", "size": 3, "root": "ab" * 32, "issued": "2026-11-16T09:30:00Z"}
    odd = sign(payload | change, ring.signing("log", now), TYP).encode()
    assert "malformed" in told(look("old.jws", old=odd))


def test_the_proof_of_another_certificate_is_refused(
    session: Session, cast: Cast, kept: Kept, look: Look, ring: KeyRing, now: datetime
) -> None:
    other = proved(session, cast, ring, now)
    sealed(session, ring, now + timedelta(hours=2))
    beside = json.dumps(make(session, [other.statement], other.machine)).encode()
    assert "another-certificate" in told(
        examine({"a.proof.json": beside, "c.jws": kept.files["c.jws"]}, ring.jwks(now), [])
    )


@pytest.fixture
def ordi(
    kept: Kept, tmp_path: Path, ring: KeyRing, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """`ordi("log", "verify", …)` far from the server: the files, our published keys, and nothing else."""
    for name, data in kept.files.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "keys.json").write_text(json.dumps(ring.jwks(now)))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORDI_DATA_DIR", str(tmp_path / "nothing"))

    def run(*words: str, fails: bool = False) -> Result:
        pinned = ("--keys", "keys.json", "--fingerprint", ring.pdf_fingerprints()[0])
        done = CliRunner().invoke(cli, [*words, *pinned])
        assert (done.exit_code != 0) is fails, done.output
        return done

    return run


def test_the_commands_check_files_far_from_the_server(ordi: Callable[..., Result], tmp_path: Path) -> None:
    assert "in the public log" in ordi("certificate", "verify", "c.pdf").output
    assert "in the public log" in ordi("certificate", "verify", "c.jws").output
    assert "good  c.pdf" in ordi("log", "verify", "c.pdf", "c.proof.json").output
    assert "BAD" in ordi("log", "verify", "old.jws", "new.json", fails=True).output
    ordi("log", "verify", "old.jws", "new.json", "between.json")
    (tmp_path / "c.proof.json").write_text("{}")
    assert "DOES NOT PROVE IT" in ordi("certificate", "verify", "c.pdf", fails=True).output
    assert not (tmp_path / "nothing").exists()


def test_a_head_with_no_log_behind_it_is_not_signed_by_the_table(
    session: Session, kept: Kept, ring: KeyRing, now: datetime
) -> None:
    """A head that the job would not sign is refused by the database, whoever asks."""
    from sqlalchemy.exc import IntegrityError

    with pytest.raises(IntegrityError, match="ordi:log_heads_size"), session.begin_nested():
        sign_head(session, "x", kept.new.size + 1, b"\0" * 32, ring.signing("log", now), at=now)


def test_on_the_server_the_command_rebuilds_and_names_what_is_wrong(
    cast: Cast,
    session: Session,
    ring: KeyRing,
    now: datetime,
    tmp_path: Path,
    fresh_database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from ordi.database import make_engine, make_sessions
    from tests.cast import assemble

    engine = make_engine(fresh_database)
    monkeypatch.setenv("ORDI_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("ORDI_DATABASE_URL", fresh_database)

    def run(*words: str, fails: bool = False) -> str:
        done = CliRunner().invoke(cli, list(words))
        assert (done.exit_code != 0) is fails, done.output
        return done.output

    with make_sessions(engine)() as own:
        one = proved(own, assemble(own, now), ring, now)
        own.commit()
        assert "events sealed" in run("log", "seal")
        (tmp_path / "kept.jws").write_text(run("log", "head"))
        path = run("journal", "checkpoint", "--to", str(tmp_path)).strip()
        record(own, one.machine, Note.SHELVED, by=None, at=now, shelf="A1")
        own.commit()
        assert "1 waiting, and as 2 heads promised" in run(
            "log", "verify", "--against", str(tmp_path / "kept.jws"), "--against", path
        )
        triggers.drop(own.connection())
        own.execute(text("UPDATE events SET facts = '[]' WHERE seq = 2"))
        own.commit()
        wrong = run("log", "verify", "--against", str(tmp_path / "kept.jws"), fails=True)
        assert f"event-altered: leaf 1, {one.machine.tag} event 2" in wrong
        assert "forked" in wrong
        own.execute(text("DELETE FROM log_leaves"))
        own.execute(text("DELETE FROM log_heads"))
        own.execute(text("DELETE FROM events"))
        own.execute(text("UPDATE machines SET head_seq = 0, head_hash = ''"))
        own.commit()
        assert "cut: leaf" in run("log", "verify", "--against", str(tmp_path / "kept.jws"), fails=True)
    engine.dispose()
