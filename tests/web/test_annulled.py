"""A certificate whose wipe a later look belied: annulled everywhere it can be asked for, and a new wipe gets a new one."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from webtest import TestApp, Upload

from ordi.bench.certificates import Certificate, NotProven, certificate_of, issue
from ordi.bench.certified import annul, annulled_at_entry
from ordi.bench.counter_checks import order_check
from ordi.bench.judging import Outcome, answer
from ordi.bench.verdict import Judgement, Level, Verdict
from ordi.log.sealing import seal
from ordi.machines.drive import Sanitisation
from ordi.machines.journal import Event
from ordi.machines.lifecycle import Note, State
from ordi.machines.machine import Machine
from tests.bench.benches import Bench, wipe
from tests.cast import Cast
from tests.factories import a_drive, a_machine
from tests.ground.clock import NOW
from web.api.jobs import certify
from web.session import db

pytestmark = pytest.mark.usefixtures("app")

Wiped = tuple[Machine, Sanitisation, Certificate]


@pytest.fixture
def certified(app: Flask, session: Session, cast: Cast) -> Wiped:
    """A wipe by Sam, with its certificate."""
    machine = a_machine(session, cast, State.RECEIVED, triage="keep")
    proof = wipe(session, machine, a_drive(session, machine, size=512 * 1024), by=cast.sam, at=NOW).proof
    assert proof
    return machine, proof, issue(session, proof, signing(app), at=NOW)


def signing(app: Flask, purpose: str = "certificate"):  # type: ignore[no-untyped-def]
    """Our key."""
    return app.extensions["ordi-keys"].signing(purpose, NOW)


def belied(session: Session, cast: Cast, machine: Machine, proof: Sanitisation) -> None:
    """Lou's second look finds something else."""
    bench = Bench(session, NOW).adopted(machine, cast.lou)
    job = order_check(session, bench, proof.drive, by=cast.lou, at=NOW)
    asked = json.loads(job.challenge)["offsets"]
    judged = answer(session, bench, job.uuid, ["0" * 64] * len(asked), at=NOW).judgement
    assert judged
    assert judged.verdict == "FAIL"
    session.commit()


def test_a_second_look_that_differs_annuls_it_by_an_entry_of_the_log(
    app: Flask, session: Session, cast: Cast, certified: Wiped
) -> None:
    machine, proof, certificate = certified
    belied(session, cast, machine, proof)
    event = session.scalars(select(Event).where(Event.action == Note.CERTIFICATE_ANNULLED)).one()
    facts = json.loads(event.facts)
    assert (facts["sha256"], facts["because"]) == (certificate.sha256, "counter_check")
    assert (certificate.annulment, certificate_of(session, proof)) == (event, None)
    assert annulled_at_entry(session, certificate) is None
    seal(session, signing(app, "log"), at=NOW)
    assert annulled_at_entry(session, certificate) is not None
    annul(session, proof, "audit", at=NOW)
    assert certificate.annulled_because == "counter_check"
    with pytest.raises(NotProven):
        issue(session, proof, signing(app), at=NOW)


def test_no_annulment_is_taken_back(session: Session, cast: Cast, certified: Wiped) -> None:
    machine, proof, certificate = certified
    belied(session, cast, machine, proof)
    for event in (None, certificate.annulment_id - 1 if certificate.annulment_id else 0):
        with pytest.raises(IntegrityError, match="ordi:certificates_annulled"), session.begin_nested():
            session.execute(
                text("UPDATE certificates SET annulment_id = :event WHERE id = :id"),
                {"event": event, "id": certificate.id},
            )


def test_the_public_page_says_so_and_shows_nothing_green(
    app: Flask, session: Session, cast: Cast, certified: Wiped, visitor: TestApp
) -> None:
    machine, proof, certificate = certified
    session.commit()
    assert not visitor.get(f"/C/{certificate.code}").html.select(".mark[data-tone=stop]")
    belied(session, cast, machine, proof)
    seal(session, signing(app, "log"), at=NOW)
    session.commit()
    page = visitor.get(f"/C/{certificate.code}")
    assert page.html.h1.text == "Certificat annulé"
    notice = page.html.select_one(".notice[data-tone=stop]").text
    assert "annulé depuis le 16 novembre 2026" in notice
    assert "le second contrôle trouve autre chose" in notice
    assert page.html.select_one(".scene")["data-tone"] == "stop"
    facts = " ".join(page.html.select_one("#public-log").get_text(" ").split())
    assert "Annulation n°" in facts


def test_a_new_wipe_has_a_certificate_of_its_own_and_the_annulled_one_leads_to_it(
    app: Flask, session: Session, cast: Cast, certified: Wiped, visitor: TestApp
) -> None:
    machine, proof, certificate = certified
    belied(session, cast, machine, proof)
    again = wipe(session, machine, proof.drive, by=cast.sam, at=NOW).proof
    assert again
    new = issue(session, again, signing(app), at=NOW)
    session.commit()
    link = visitor.get(f"/C/{certificate.code}").html.select_one("a.next")
    assert link["href"].endswith(f"/C/{new.code}")
    assert visitor.get(f"/C/{new.code}").html.h1.text == "Disque effacé, prouvé"
    assert new.annulment is None


def test_the_file_itself_is_authentic_and_annulled_when_it_is_checked_on_line(
    session: Session, cast: Cast, certified: Wiped, visitor: TestApp
) -> None:
    machine, proof, certificate = certified
    belied(session, cast, machine, proof)
    form = next(one for one in visitor.get("/C").forms.values() if one.action == "/C")
    form["file"] = Upload("certificate.jws", certificate.jws.encode())
    page = form.submit()
    assert page.html.select_one(".scene h2").text == "Authentique, mais annulé"
    assert "le second contrôle trouve autre chose" in page
    form["code"] = certificate.code
    assert form.submit().html.h1.text == "Certificat annulé"


def test_the_machine_s_own_page_offers_it_no_more(
    session: Session, cast: Cast, certified: Wiped, enter: Callable[..., TestApp]
) -> None:
    machine, proof, _certificate = certified
    session.commit()
    lou = enter(cast.lou)
    assert lou.get(f"/machines/{machine.tag}/certificates.pdf").content_type == "application/pdf"
    belied(session, cast, machine, proof)
    lou.get(f"/machines/{machine.tag}/certificates.pdf", status=404)


def test_whoever_agrees_after_it_was_belied_gets_no_certificate_and_no_error(
    app: Flask, session: Session, cast: Cast, certified: Wiped
) -> None:
    machine, proof, _certificate = certified
    session.commit()

    def agreed() -> str | None:
        with app.test_request_context():
            told = Judgement(Verdict.PASS, (), Level.CLEAR)
            code = certify(Outcome(None, None, told, db().get_one(Sanitisation, proof.id)))
            db().commit()
            return code

    assert agreed()
    belied(session, cast, machine, proof)
    assert agreed() is None
