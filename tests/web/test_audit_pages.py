"""Audits and quarantines in the browser: Kim reads what Sam wiped, Ada lifts what a difference held."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.bench import audit_parts, draws
from ordi.bench import audits as verbs
from ordi.bench.certificates import certificate_of, issue
from ordi.bench.jobs import WipeJob
from ordi.keys import KeyRing
from ordi.machines.audit import Audit
from ordi.machines.drive import Drive, Sanitisation
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.machines.quarantine import Quarantine
from ordi.parties.people import Person
from ordi.signatures import from_b64url
from tests.bench.benches import Bench, honest, wipe
from tests.cast import Cast
from tests.factories import a_drive, a_machine
from tests.web.conftest import form_to
from web.worker import run_all

SIZE = 300_000


@pytest.fixture
def drawn(session: Session, cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch) -> tuple[Machine, Drive]:
    """A machine whose drive Sam wiped, and that was drawn."""
    monkeypatch.setattr(draws, "LEAST_PERCENT", 100)
    machine = a_machine(session, cast, State.RECEIVED, triage="keep")
    drive = a_drive(session, machine, size=SIZE)
    wipe(session, machine, drive, by=cast.sam, at=now)
    session.commit()
    return machine, drive


Enter = Callable[[Person], TestApp]


def test_a_drawn_drive_is_listed_and_the_reinstalling_page_says_who_must_read_it(
    cast: Cast, enter: Enter, drawn: tuple[Machine, Drive]
) -> None:
    machine, drive = drawn
    assert f"…{drive.serial[-4:]}" in enter(cast.kim).get("/bench/audits")
    assert "tiré au sort" in enter(cast.sam).get(f"/bench/{machine.tag}/reinstall")
    assert "À auditer" in enter(cast.kim).get("/")
    assert f"…{drive.serial[-4:]}" not in enter(cast.noor).get("/bench/audits")


def test_the_third_person_reads_all_of_it_and_the_certificate_says_audited(
    session: Session,
    cast: Cast,
    now: datetime,
    enter: Enter,
    drawn: tuple[Machine, Drive],
    application: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine, drive = drawn
    proof = session.scalars(select(Sanitisation)).one()
    ring: KeyRing = application.extensions["ordi-keys"]  # type: ignore[attr-defined]
    issue(session, proof, ring.signing("certificate", now), at=now, publish_key=True)
    first = certificate_of(session, proof)
    assert first
    assert first.payload["sanitisation"]["key_published"] is None, "K stays unknown while an audit is due"
    bench = Bench(session, now).adopted(machine, cast.kim)
    session.commit()
    browser = enter(cast.kim)
    page = browser.get(f"/bench/audits/{drive.id}")
    form_to(page, "/read").submit().follow()
    wiping = session.scalars(select(WipeJob).where(WipeJob.kind == "wipe")).one()
    job = session.scalars(select(WipeJob).where(WipeJob.kind == "check")).one()
    monkeypatch.setattr(audit_parts, "AT_ONCE", 0)
    audit_parts.take_part(session, job, honest(wiping, json.loads(job.challenge)), at=now)
    session.commit()
    assert bench.adopter_id == cast.kim.id
    assert run_all(application)["audits"] == 1  # type: ignore[arg-type]
    session.expire_all()
    last = certificate_of(session, proof)
    assert last
    told = last.payload
    assert told["sanitisation"]["assurance"] == "audited"
    assert told["sanitisation"]["level"] == "clear"
    assert told["auditor"]["op_code"] == cast.kim.op_code
    assert from_b64url(told["sanitisation"]["key_published"]) == wiping.key
    assert "audité" in enter(cast.lou).get(f"/machines/{machine.tag}")


def test_what_another_tool_said_is_kept_as_declared(
    session: Session, cast: Cast, enter: Enter, drawn: tuple[Machine, Drive]
) -> None:
    _, drive = drawn
    form = form_to(enter(cast.kim).get(f"/bench/audits/{drive.id}"), "/claim")
    form["matched"] = "yes"
    form["said"] = "cmp n’a rien dit, sous Debian live"
    assert "Déclaré : cmp n’a rien dit" in form.submit().follow()
    assert session.scalars(select(Audit)).one().how == "claim"


def test_who_wiped_it_is_told_to_pass_it_on(cast: Cast, enter: Enter, drawn: tuple[Machine, Drive]) -> None:
    _, drive = drawn
    page = enter(cast.sam).get(f"/bench/audits/{drive.id}", status=409)
    assert "troisième personne" in page
    assert "openssl" not in page


def test_a_difference_holds_the_machine_until_ada_lifts_it_with_a_reason(
    session: Session, cast: Cast, now: datetime, enter: Enter, drawn: tuple[Machine, Drive]
) -> None:
    _, drive = drawn
    held = a_machine(session, cast, State.READY)
    session.commit()
    form = form_to(enter(cast.kim).get(f"/bench/audits/{drive.id}"), "/claim")
    form["matched"] = "no"
    form["said"] = "differ: byte 12"
    form.submit()
    opened = session.scalars(select(Quarantine)).one()
    page = enter(cast.ada).get(f"/bench/quarantines/{opened.id}")
    assert held.tag in page
    assert not any(one.action.endswith("/lift") for one in page.forms.values()), "nothing was looked at again"
    (proof,) = session.scalars(select(Sanitisation).where(Sanitisation.machine_id == held.id))
    session.add(
        Audit(sanitisation_id=proof.id, how="agent", auditor_id=cast.kim.id, matched=True, at=now + timedelta(hours=1))
    )
    session.commit()
    browser = enter(cast.ada)
    form = form_to(browser.get(f"/bench/quarantines/{opened.id}"), "/lift")
    form["reason"] = "Tout a été relu"
    assert "Tout a été relu" in form.submit().follow()
    assert "La quarantaine est levée" in enter(cast.lou).get(f"/machines/{held.tag}")


def test_noor_sees_no_quarantine_of_ours(
    session: Session, cast: Cast, now: datetime, enter: Enter, drawn: tuple[Machine, Drive]
) -> None:
    _, drive = drawn
    verbs.claim(session, drive, False, "differ", by=cast.kim, at=now)
    session.commit()
    opened = session.scalars(select(Quarantine)).one()
    enter(cast.noor).get(f"/bench/quarantines/{opened.id}", status=404)
