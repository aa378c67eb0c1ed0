"""From the server to the offline root and back; then a stranger who believes that root, and nobody else."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from webtest import TestApp

from ordi.keys import PUBLISHED, KeyRing
from ordi.keys.root import Root, grouped, opened, read_set, request_for
from ordi.signatures import sign
from tests.papers.certificates import TYP, payload
from web.api.messages import KeySet
from web.commands import cli, root, trusting
from web.papers.certificate_pdf import certificate_pdf

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`ordi …` beside a server of this test's own; a second folder is the root's computer."""
    monkeypatch.setenv("ORDI_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("ORDI_DATABASE_URL", fresh_database)
    monkeypatch.delenv("ORDI_KEYS_DIR", raising=False)
    (tmp_path / "away").mkdir()
    monkeypatch.chdir(tmp_path / "away")

    def invoke(*words: str, fails: bool = False, says: str | None = None) -> str:
        done = CliRunner().invoke(cli, list(words), input=says)
        assert (done.exit_code != 0) is fails, done.output
        return done.output

    invoke("organisation", "add", "network", "Ordi Landerlac")
    yesterday = datetime.now(UTC) - timedelta(days=1)
    KeyRing.open(tmp_path / "var" / "keys", at=yesterday, organisation="Ordi Landerlac")
    return invoke


@pytest.fixture
def ring(run: Run, tmp_path: Path) -> KeyRing:
    return KeyRing.open(tmp_path / "var" / "keys", at=datetime.now(UTC), create=False)


@pytest.fixture
def published(run: Run, ring: KeyRing) -> Run:
    """A server whose root vouched for its keys; the root's files are in the folder we stand in."""
    run("keys", "root", "new", "root")
    run("keys", "root", "request", "request")
    run("keys", "root", "sign", "request", "signed", "--with", "root", "--yes")
    run("keys", "publish", "--signed", "signed", "--root", "root.fingerprint")
    return run


@pytest.fixture
def papers(published: Run, ring: KeyRing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A certificate as PDF and JWS, and the key set of `/api/v1/keys`, in the hands of somebody without a server."""
    at = datetime.now(UTC)
    told = payload(issued=f"{at:%Y-%m-%dT%H:%M:%SZ}")
    token = sign(told, ring.signing("certificate", at), TYP)
    Path("c.jws").write_text(token)
    Path("c.pdf").write_bytes(certificate_pdf([(told, token)], ring.pdf_key(at), public_url="https://x.example", at=at))
    listed = ring.jwks(at) | {"pdf": ring.pdf_fingerprints(), "vouched": ring.published()}
    Path("keys.json").write_text(json.dumps(listed))
    monkeypatch.setenv("ORDI_DATA_DIR", str(tmp_path / "nothing"))
    return published


def later(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    at = datetime.now(UTC) + timedelta(days=days)
    for module in (root, trusting):
        monkeypatch.setattr(module, "now", lambda: at)
    monkeypatch.setattr("web.commands.doctor.now", lambda: at)


def test_a_root_never_lies_in_the_server_s_folders(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("var/root", "var/keys/root", "away/../var/root"):
        assert "vouches for nothing" in run("keys", "root", "new", str(tmp_path / place), fails=True)
    assert not list((tmp_path / "var").glob("root*"))
    assert "holds a server's keys" in run("keys", "root", "new", "root")
    monkeypatch.setenv("ORDI_DATA_DIR", str(tmp_path / "nothing"))
    told = run("keys", "root", "new", "other")
    assert "holds a server's keys" not in told
    assert Path("other.fingerprint").read_text().strip() in told
    assert json.loads(Path("other").read_bytes())["secret"] not in told
    assert stat.S_IMODE(Path("other").stat().st_mode) == 0o600
    assert "nothing was replaced" in run("keys", "root", "new", "root.fingerprint", fails=True)


def test_the_root_shows_what_it_signs_and_asks(run: Run) -> None:
    run("keys", "root", "new", "root")
    shown = run("keys", "root", "request", "request").splitlines()[-1]
    told = run("keys", "root", "sign", "request", "signed", "--with", "root", says="n\n", fails=True)
    assert shown in told
    assert "Ordi Landerlac" in told
    assert told.count("certificate ") == 1
    assert not Path("signed").exists()
    run("keys", "root", "sign", "request", "signed", "--with", "root", says="y\n")
    assert "already" in run("keys", "root", "sign", "request", "signed", "--with", "root", says="y\n", fails=True)


def test_the_first_time_somebody_says_which_root_is_ours(run: Run) -> None:
    for name in ("root", "theirs"):
        run("keys", "root", "new", name)
    run("keys", "root", "request", "request")
    run("keys", "root", "sign", "request", "signed", "--with", "root", "--yes")
    run("keys", "root", "sign", "request", "signed2", "--with", "theirs", "--yes")
    assert "--root says which" in run("keys", "publish", "--signed", "signed", fails=True)
    assert "foreign-root" in run("keys", "publish", "--signed", "signed", "--root", "theirs.fingerprint", fails=True)
    assert "not-a-fingerprint" in run("keys", "publish", "--signed", "signed", "--root", "root", fails=True)
    run("keys", "publish", "--signed", "signed", "--root", "root.fingerprint")
    run("keys", "publish", "--signed", "signed")
    assert "foreign-root" in run("keys", "publish", "--signed", "signed2", fails=True)
    run("keys", "publish", "--signed", "signed2", "--root", Path("theirs.fingerprint").read_text())


def test_with_the_root_both_papers_hold_far_from_the_server(papers: Run) -> None:
    pin = Path("root.fingerprint").read_text()
    for name in ("c.jws", "c.pdf"):
        told = papers(
            "certificate", "verify", name, "--keys", "keys.json", "--root", pin, "--network", "Ordi Landerlac"
        )
        assert "vouched for by the root" in told
        assert "not vouched" not in told
        assert "authentic" in papers("certificate", "verify", name, "--keys", "signed", "--root", "root.fingerprint")


def test_without_a_root_it_says_that_none_vouches(papers: Run) -> None:
    for name in ("c.jws", "c.pdf"):  # the published set alone is enough for both
        told = papers("certificate", "verify", name, "--keys", "keys.json")
        assert "not vouched for by a root" in told
        assert "only known on line" in told


def test_a_key_that_the_root_did_not_sign_proves_nothing(papers: Run, tmp_path: Path) -> None:
    """The whole point: who holds the server signs with a key of their own and lists it."""
    forger = KeyRing.open(tmp_path / "forger", at=datetime.now(UTC) - timedelta(hours=1))
    at = datetime.now(UTC)
    told = payload(issued=f"{at:%Y-%m-%dT%H:%M:%SZ}")
    token = sign(told, forger.signing("certificate", at), TYP)
    Path("f.jws").write_text(token)
    Path("f.pdf").write_bytes(certificate_pdf([(told, token)], forger.pdf_key(at), public_url="https://x", at=at))
    listed = json.loads(Path("keys.json").read_text())
    listed["keys"] += forger.jwks(at)["keys"]
    Path("keys.json").write_text(json.dumps(listed))
    assert "authentic" in papers("certificate", "verify", "f.jws", "--keys", "keys.json")
    pin = ("--keys", "keys.json", "--root", "root.fingerprint")
    assert "unknown-key" in papers("certificate", "verify", "f.jws", *pin, fails=True)
    assert "unknown-signer" in papers("certificate", "verify", "f.pdf", *pin, fails=True)
    assert "unknown-key" in papers("log", "verify", "f.jws", *pin, fails=True)


def test_a_stranger_refuses_every_other_set(papers: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def check(keys: Any, *words: str) -> str:
        Path("k.json").write_text(json.dumps(keys))
        pin = words or ("--root", "root.fingerprint")
        for command in (("certificate", "verify", "c.jws"), ("log", "verify", "c.jws")):
            told = papers(*command, "--keys", "k.json", *pin, fails=True)
        return told

    good = json.loads(Path("keys.json").read_text())
    assert "(no-root)" in check({"keys": good["keys"]})
    Root.new(Path("theirs"), datetime.now(UTC))
    theirs = Root.read(Path("theirs"))
    asked = json.loads(Path("request").read_text())
    assert "(foreign-root)" in check({"vouched": theirs.sign(asked, at=datetime.now(UTC), days=9)})
    head, body, tail = good["vouched"]["signed"].split(".")
    altered = ("A" if body[40] != "A" else "B").join((body[:40], body[41:]))
    assert "was altered" in check({"vouched": good["vouched"] | {"signed": f"{head}.{altered}.{tail}"}})
    assert "(another-network)" in check(good, "--root", "root.fingerprint", "--network", "Ordi Plouzec")
    assert "(not-a-fingerprint)" in check(good, "--root", "")
    assert "leave --fingerprint out" in check(good, "--root", "root.fingerprint", "--fingerprint", "ab" * 32)
    assert "goes with --root" in check(good, "--network", "Ordi Landerlac")
    later(monkeypatch, 401)
    assert "(expired)" in check(good)
    later(monkeypatch, -1)
    assert "(not-yet)" in check(good)


def test_on_the_server_itself_the_published_set_is_asked(published: Run) -> None:
    assert "vouched for by the root" in published("log", "verify", "--root", "root.fingerprint")
    assert "not vouched for" in published("log", "verify")


def test_doctor_says_what_to_do_after_a_rotation_and_before_the_end(
    published: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "ok    root until" in published("doctor", fails=True)
    later(monkeypatch, 380)
    assert "WRONG  root until" in published("doctor", fails=True)
    later(monkeypatch, 401)
    told = published("doctor", fails=True)
    assert "WRONG  root: what the root signed no longer holds" in told
    assert "`ordi keys publish --signed FILE`" in told


def test_a_new_key_waits_for_the_root(published: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "root" not in published("keys", "rotate", "sealing")
    assert "the root does not vouch for it yet" in published("keys", "rotate", "certificate")
    at = datetime.now(UTC)
    new = KeyRing.open(tmp_path / "var" / "keys", at=at, create=False).signing("certificate", at).kid
    assert f"WRONG  root: the root does not vouch for certificate {new}" in published("doctor", fails=True)
    published("keys", "root", "request", "again")
    assert f"NOT vouched for: certificate {new}" in published("keys", "publish", "--signed", "signed")
    later(monkeypatch, 1)
    published("keys", "root", "sign", "again", "signed-again", "--with", "root", "--yes")
    assert "NOT vouched" not in published("keys", "publish", "--signed", "signed-again")
    assert "ok    root until" in published("doctor", fails=True)
    assert "(older)" in published("keys", "publish", "--signed", "signed", fails=True)


def test_without_a_root_doctor_only_mentions_it(run: Run) -> None:
    assert "ok    root: no offline root" in run("doctor", fails=True)
    Path("odd").write_text("{}")
    assert "(not-a-request)" in run("keys", "root", "sign", "odd", "s", "--with", "odd", fails=True)


@pytest.fixture
def pages_ring(app: Flask) -> Iterator[KeyRing]:
    """The keys of the pages, which publish nothing again after the test."""
    yield app.extensions["ordi-keys"]
    (app.extensions["ordi-settings"].keys_dir / PUBLISHED).unlink()


def test_the_pages_publish_it(visitor: TestApp, pages_ring: KeyRing, now: datetime, tmp_path: Path) -> None:
    assert "vouched" not in visitor.get("/api/v1/keys").json
    made = Root.new(tmp_path / "root", now)
    assert "empreinte" not in visitor.get("/C")
    asked = request_for("Réseau", pages_ring.jwks(now), pages_ring.pdf_fingerprints())
    pages_ring.publish(made.sign(asked, at=now, days=9), made.fingerprint, network="Réseau", at=now)
    answer = visitor.get("/api/v1/keys")
    KeySet.model_validate(answer.json)
    assert opened(read_set(answer.body), made.fingerprint).jwks["keys"] == answer.json["keys"]
    assert grouped(made.fingerprint) in visitor.get("/C")


def test_the_page_forgets_a_root_whose_word_has_ended(
    visitor: TestApp, pages_ring: KeyRing, now: datetime, tmp_path: Path
) -> None:
    made, before = Root.new(tmp_path / "root", now), now - timedelta(days=2)
    asked = request_for("Réseau", pages_ring.jwks(now), pages_ring.pdf_fingerprints())
    signed = made.sign(asked, at=before, days=1)
    pages_ring.publish(signed, made.fingerprint, network="Réseau", at=before + timedelta(hours=1))
    assert grouped(made.fingerprint) not in visitor.get("/C")
