"""The public log as anyone meets it: the API, the page of a certificate, the auditors' page, and what the worker does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.errors import NotFound
from ordi.keys import KeyRing
from ordi.log.heads import read_head
from ordi.log.leaves import Leaf, entry
from ordi.log.readers import HeadReader, add_reader, confirm
from ordi.log.sidecars import check
from ordi.log.tree import extends, includes
from ordi.machines.journal import record
from ordi.machines.lifecycle import Note, State
from ordi.messages.outbox import Message
from ordi.parties.people import Person
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.ground.mail import MailServer, mail_server
from tests.log.logs import Proved, proved, sealed
from tests.web.conftest import form_to
from web.worker import run_all

Enter = Callable[[Person], TestApp]


@pytest.fixture
def keys(app: Flask) -> KeyRing:
    """The application's own keys."""
    ring: KeyRing = app.extensions["ordi-keys"]
    return ring


@pytest.fixture
def one(session: Session, cast: Cast, keys: KeyRing) -> Proved:
    """A certificate, sealed among others."""
    made = proved(session, cast, keys, NOW)
    a_machine(session, cast, State.READY)
    sealed(session, keys, NOW)
    session.commit()
    return made


def test_anyone_asks_for_the_head_and_for_proofs(
    session: Session, cast: Cast, one: Proved, visitor: TestApp, keys: KeyRing
) -> None:
    old = read_head(visitor.get("/api/v1/log/head").json["head"], keys.jwks(NOW))
    record(session, one.machine, Note.SHELVED, by=None, at=NOW, shelf="B2")
    sealed(session, keys, NOW)
    session.commit()
    told = visitor.get("/api/v1/log/head").json
    new = read_head(told["head"], visitor.get("/api/v1/keys").json)
    assert (told["log"], told["size"], told["root"]) == (new.log, new.size, new.root.hex())
    grown = visitor.get("/api/v1/log/consistency", {"from": old.size}).json
    assert extends(old.size, old.root, new.size, new.root, [bytes.fromhex(one) for one in grown["path"]])
    for leaf, position in session.execute(select(Leaf.hash, Leaf.position)).tuples().all():
        proof = visitor.get("/api/v1/log/inclusion", {"leaf": leaf.upper()}).json
        path = [bytes.fromhex(one) for one in proof["path"]]
        assert proof["index"] == position
        assert includes(entry(leaf), position, new.size, path, new.root)
        assert proof["head"] == told["head"]
    older = visitor.get("/api/v1/log/inclusion", {"leaf": one.statement.leaf or "", "size": old.size}).json
    assert older["head"] is None
    path = [bytes.fromhex(one) for one in older["path"]]
    assert includes(entry(one.statement.leaf or ""), older["index"], old.size, path, old.root)


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ("inclusion", 422),
        ("inclusion?leaf=xyz", 422),
        ("inclusion?leaf=" + "0" * 64, 404),
        ("inclusion?leaf=" + "0" * 64 + "&size=99999", 422),
        ("inclusion?leaf=" + "0" * 64 + "&size=0", 422),
        ("inclusion?leaf=" + "0" * 64 + "&size=-1", 422),
        ("consistency", 422),
        ("consistency?from=0", 422),
        ("consistency?from=3&to=2", 422),
        ("consistency?from=1&to=99999", 422),
        ("consistency?from=" + "9" * 5000, 422),
        ("consistency?from=1&to=%C3%A9", 422),
    ],
)
@pytest.mark.usefixtures("one")
def test_an_odd_question_has_a_clear_refusal(visitor: TestApp, question: str, status: int) -> None:
    answer = visitor.get(f"/api/v1/log/{question}", status=status)
    assert answer.content_type == "application/problem+json"


def test_an_empty_log_has_no_head(visitor: TestApp) -> None:
    for question in ("head", "inclusion?leaf=" + "0" * 64, "consistency?from=1"):
        visitor.get(f"/api/v1/log/{question}", status=404)


def test_a_proof_costs_few_queries_whatever_the_log(one: Proved, visitor: TestApp, queries: Callable[[], Any]) -> None:
    for question in (f"inclusion?leaf={one.statement.leaf}", "consistency?from=5"):
        with queries() as counted:
            visitor.get(f"/api/v1/log/{question}")
        assert len(counted) <= 4


def test_the_api_describes_the_log(visitor: TestApp) -> None:
    paths = visitor.get("/api/openapi.json").json["paths"]
    asked = {one["name"]: one["required"] for one in paths["/api/v1/log/inclusion"]["get"]["parameters"]}
    assert asked == {"leaf": True, "size": False}
    assert paths["/api/v1/log/head"]["get"]["security"] == []


def test_the_page_of_a_certificate_shows_its_entry_and_gives_the_proof(
    one: Proved, visitor: TestApp, keys: KeyRing
) -> None:
    page = visitor.get(f"/C/{one.certificate.code}")
    assert "Au journal public" in page.text
    assert "Vérifié par notre serveur" in page.text
    given = page.click("Télécharger la preuve")
    assert given.headers["Content-Disposition"].endswith('.proof.json"')
    assert check(given.json, [one.statement], keys.jwks(NOW)).places[0] >= 0
    assert one.certificate.sanitisation.drive.serial not in page.text + given.text


def test_a_certificate_that_is_not_sealed_yet_says_so(
    session: Session, cast: Cast, one: Proved, visitor: TestApp, keys: KeyRing
) -> None:
    fresh = proved(session, cast, keys, NOW)
    session.commit()
    assert "Pas encore inscrit" in visitor.get(f"/C/{fresh.certificate.code}").text
    assert "revenez dans une minute" in visitor.get(f"/C/{fresh.certificate.code}/proof.json", status=409).text


def test_the_server_checks_a_file_with_its_proof_for_old_browsers(one: Proved, visitor: TestApp) -> None:
    proof = visitor.get(f"/C/{one.certificate.code}/proof.json").body
    jws = one.certificate.jws.encode()
    token = form_to(visitor.get("/C"), "/C")["csrf_token"].value
    for beside, told in ((proof, "Inscrit au journal public"), (b"{}", "ne le montre pas au journal")):
        files = [("proof", "c.proof.json", beside), ("file", "c.jws", jws)]
        assert told in visitor.post("/C", {"csrf_token": token}, upload_files=files).text


def test_auditors_and_administrators_read_the_heads_and_nobody_else_does(
    cast: Cast, one: Proved, enter: Enter, keys: KeyRing
) -> None:
    browser = enter(cast.aude)
    page = browser.get("/log")
    assert "Qui garde nos empreintes" not in page.text
    file = page.click("Garder cette empreinte")
    assert read_head(file.text, keys.jwks(NOW)).size > 10
    enter(cast.sam).get("/log", status=403)
    enter(cast.ada).get("/log", status=403)
    token = form_to(page, "/sign-in/language")["csrf_token"].value
    browser.post("/log/readers", {"csrf_token": token, "name": "x", "address": "x@y.example"}, status=403)


def test_an_administrator_keeps_the_list_of_readers(session: Session, cast: Cast, one: Proved, enter: Enter) -> None:
    browser = enter(cast.zoe)
    form = form_to(browser.get("/log"), "/log/readers")
    form["name"], form["address"] = "Cabinet Audit", "Audit@Cabinet.example"
    page = form.submit().follow()
    assert "audit@cabinet.example" in page.text
    form = form_to(page, "/log/readers")
    form["name"], form["address"] = "Encore", "audit@cabinet.example"
    assert "reçoit déjà" in form.submit(status=422).text
    form["address"] = "pas une adresse"
    assert "pas une adresse électronique" in form.submit(status=422).text
    assert "effacée" in form_to(page, "/remove").submit().follow().text
    assert session.scalar(select(HeadReader)) is None


@pytest.fixture
def mail(app: Flask, tmp_path: Path) -> Iterator[MailServer]:
    """An SMTP server that the application sends through, and a folder for its heads."""
    before = app.extensions["ordi-settings"]
    with mail_server() as server:
        app.extensions["ordi-settings"] = replace(before, mail_url=server.url, heads=tmp_path / "heads")
        yield server
    app.extensions["ordi-settings"] = before


def test_the_worker_seals_exports_and_mails_the_head_once_a_day_when_the_log_grew(
    session: Session,
    cast: Cast,
    app: Flask,
    mail: MailServer,
    keys: KeyRing,
    later: Callable[..., None],
    tmp_path: Path,
) -> None:
    machine = a_machine(session, cast, State.READY)
    listed(session, cast, "Cabinet Audit")
    session.commit()
    assert run_all(app)["messages"] == 1
    assert run_all(app)["messages"] == 0
    (sent,) = mail.mails
    (file,) = sent.iter_attachments()
    head = read_head(file.get_content().decode(), keys.jwks(NOW))
    body = sent.get_body()
    assert body is not None
    assert head.root.hex() in body.get_content()
    assert not any(name in mail.given[0].decode() for name in (cast.sam.name, cast.zoe.name, machine.tag))

    later(days=1)  # nothing happened: nothing is sent
    run_all(app)
    assert len(mail.given) == 1
    record(session, machine, Note.SHELVED, by=None, at=NOW, shelf="B2")
    session.commit()
    run_all(app)
    run_all(app)
    assert len(mail.given) == 2
    written = sorted((tmp_path / "heads").iterdir())
    assert [one.name for one in written] == ["heads-2026-11-16.json", "heads-2026-11-17.json"]
    told = json.loads(written[0].read_text())
    assert read_head(told["head"], keys.jwks(NOW)).size == head.size
    assert told["heads"][machine.tag]


def test_a_server_that_is_away_loses_and_doubles_nothing(
    session: Session, cast: Cast, app: Flask, mail: MailServer, later: Callable[..., None], enter: Enter
) -> None:
    a_machine(session, cast, State.READY)
    for name in ("un", "deux"):
        listed(session, cast, name, f"{name}@cabinet.example")
    session.commit()
    mail.hangs_up_at = "EHLO"
    assert run_all(app)["messages"] == 0
    mail.hangs_up_at = ""
    later(minutes=2)
    assert run_all(app)["messages"] == 2
    assert sorted(mail.recipients) == ["deux@cabinet.example", "un@cabinet.example"]


def test_what_was_perhaps_sent_is_sent_again_by_hand_only(
    session: Session, cast: Cast, app: Flask, mail: MailServer, later: Callable[..., None], enter: Enter
) -> None:
    a_machine(session, cast, State.READY)
    listed(session, cast, "Cabinet")
    session.commit()
    mail.hangs_up_at = "."
    run_all(app)
    mail.hangs_up_at = ""
    later(hours=12)
    run_all(app)
    assert len(mail.given) == 1
    page = enter(cast.zoe).get("/log")
    assert "Peut-être parti" in page.text
    form_to(page, "/again").submit().follow()
    run_all(app)
    assert len(mail.given) == 2
    assert session.scalars(select(Message.state)).all() == ["sent"]
    assert mail.mails[0]["Message-ID"] == mail.mails[1]["Message-ID"]


def test_without_a_mail_server_messages_wait(session: Session, cast: Cast, app: Flask, tmp_path: Path) -> None:
    a_machine(session, cast, State.READY)
    listed(session, cast, "Cabinet")
    session.commit()
    before = app.extensions["ordi-settings"]
    app.extensions["ordi-settings"] = replace(before, heads=tmp_path / "heads")
    run_all(app)
    app.extensions["ordi-settings"] = before
    assert session.scalars(select(Message.state)).all() == ["waiting"]


def listed(session: Session, cast: Cast, name: str, address: str = "audit@cabinet.example") -> None:
    """Somebody who said yes."""
    _, code = add_reader(session, name, address, by=cast.zoe, at=NOW)
    confirm(session, code, at=NOW)


def test_an_address_is_given_nothing_before_its_code_came_back(
    session: Session, cast: Cast, app: Flask, mail: MailServer, enter: Enter, visitor: TestApp
) -> None:
    a_machine(session, cast, State.READY)
    session.commit()
    form = form_to(enter(cast.zoe).get("/log"), "/log/readers")
    form["name"], form["address"] = "Cabinet Audit", "audit@cabinet.example"
    assert "attend sa confirmation" in form.submit().follow().text
    run_all(app)
    run_all(app)
    (sent,) = mail.mails
    body = sent.get_body()
    assert body is not None
    (link,) = re.findall(r"/heads\?code=\w{26}", body.get_content())
    wrong = form_to(visitor.get("/heads"), "/heads")
    wrong["code"] = "A" * 26
    assert "pas, ou plus, le bon" in wrong.submit(status=422).text
    page = visitor.get(link)
    run_all(app)
    assert len(mail.given) == 1, "looking at the page says nothing"
    assert "confirmé" in form_to(page, "/heads").submit().text
    assert "confirmé" in form_to(visitor.get(link), "/heads").submit().text
    run_all(app)
    assert len(mail.given) == 2
    assert list(mail.mails[1].iter_attachments())


def test_a_code_is_good_for_two_weeks(session: Session, cast: Cast) -> None:
    _, code = add_reader(session, "Cabinet", "audit@cabinet.example", by=cast.zoe, at=NOW)
    with pytest.raises(NotFound):
        confirm(session, code, at=NOW + timedelta(days=15))
    assert confirm(session, f" {code.lower()} ", at=NOW + timedelta(days=14)).confirmed_at
