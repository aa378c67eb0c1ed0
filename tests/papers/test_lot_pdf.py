"""The summary of a lot: each drive of each computer, signed like a certificate, sealed as a whole, checked offline."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from ordi.bench.certificates import issue
from ordi.bench.destruction import How, destroy_drive
from ordi.bench.loose_drives import Why, remove_drive
from ordi.bench.lot_statements import TYP, lot_statement
from ordi.keys import KeyRing
from ordi.machines.drive import open_sightings
from ordi.machines.lifecycle import State
from ordi.machines.lots import Lot
from ordi.machines.policy import Demand, set_policy
from ordi.signatures import verify
from tests.bench.benches import wipe
from tests.bench.photographs import PHOTOGRAPHED
from tests.cast import Cast
from tests.factories import a_drive, a_machine
from tests.papers.certificates import AT
from tests.papers.reading import run, words
from web.papers.lot_pdf import lot_page, lot_pdf
from web.papers.verifying import verify_file

SIZE = 200_000


@pytest.fixture
def lot(session: Session, cast: Cast, now: datetime, ring: KeyRing) -> Lot:
    """Three computers: one wiped, one whose drive was destroyed, one whose two drives nobody has touched yet."""
    made = Lot(
        code="L-2026-900", donor=cast.donor, workshop=cast.workshop, promised_count=3, created_at=now, collected_at=now
    )
    session.add(made)
    session.flush()
    set_policy(session, made, Demand("clear", destroy=True), by=cast.ada, at=now)
    first, second, third = (a_machine(session, cast, State.RECEIVED, lot=made, triage="keep") for _ in range(3))
    outcome = wipe(session, first, a_drive(session, first, size=SIZE), by=cast.sam, at=now)
    assert outcome.proof
    issue(session, outcome.proof, ring.signing("certificate", AT), at=now)
    broken = a_drive(session, second, size=SIZE)
    remove_drive(session, open_sightings(session, second)[0], Why.TO_DESTROY, by=cast.sam, witness=cast.kim, at=now)
    destroy_drive(session, broken, How.DRILLED, **PHOTOGRAPHED, by=cast.lou, witness=cast.sam, at=now)
    a_drive(session, third, size=SIZE)
    a_drive(session, third, size=SIZE)
    remove_drive(session, open_sightings(session, third)[0], Why.FAULTY, by=cast.sam, witness=cast.kim, at=now)
    return made


def test_a_summary_tells_every_drive_of_every_computer(
    session: Session, cast: Cast, now: datetime, lot: Lot, ring: KeyRing
) -> None:
    told, token = lot_statement(session, lot, ring.signing("certificate", AT), at=AT)
    assert verify(token, ring.jwks(AT), TYP) == told
    assert told["drives"] == {"wiped": 1, "destroyed": 1, "removed": 1, "unproven": 1}
    wiped, destroyed, untouched = told["machines"]
    (drive,) = wiped["drives"]
    assert (drive["verdict"], drive["level"], drive["assurance"]) == ("PASS", "clear", "executed")
    assert drive["certificate"]["code"]
    assert destroyed["drives"][0]["became"] == "destroyed"
    assert [one["became"] for one in untouched["drives"]] == ["removed", "unproven"]
    assert told["asked"]["minimum_level"] == "clear"
    assert cast.sam.name not in token


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_it_is_complete_in_both_languages(session: Session, now: datetime, lot: Lot, ring: KeyRing, lang: str) -> None:
    told, _ = lot_statement(session, lot, ring.signing("certificate", AT), at=AT)
    html = lot_page(told, lang=lang)
    assert ("pas encore prouvé" in html) == (lang == "fr")
    assert ("not proven yet" in html) == (lang == "en")
    assert html.count('class="mark ok"') == 1


@pytest.mark.pdf
def test_the_summary_is_sealed_whole_and_checked_offline(
    session: Session, now: datetime, lot: Lot, ring: KeyRing, tmp_path: Path
) -> None:
    told, token = lot_statement(session, lot, ring.signing("certificate", AT), at=AT)
    pdf = lot_pdf(told, token, ring.pdf_key(AT), at=AT)
    printed = words(pdf, tmp_path)
    for machine in told["machines"]:
        assert machine["tag"] in printed
    (tmp_path / "lot.pdf").write_bytes(pdf)
    said = run("pdfsig", pdf, tmp_path=tmp_path)
    assert "Signature is Valid" in said
    assert "Total document signed" in said
    found = verify_file(pdf, ring.jwks(AT), ring.pdf_fingerprints())
    assert found.authentic
    assert found.lot == told
    changed = bytearray(pdf)
    changed[len(pdf) // 2] ^= 1
    assert not verify_file(bytes(changed), ring.jwks(AT), ring.pdf_fingerprints()).authentic
    assert not verify_file(pdf, {"keys": []}, ring.pdf_fingerprints()).authentic
