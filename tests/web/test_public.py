"""What anyone may read, and what nobody learns from it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.bench.certificates import TYP, Certificate
from ordi.machines.drive import Drive, Sanitisation
from ordi.machines.journal import instant
from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.parties.people import Person
from ordi.signatures import b64url, sign
from ordi.tags import new_tag
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.web.conftest import form_to


def a_certificate(
    app: Flask, session: Session, machine: Machine, *, key: bytes | None = None, **changes: object
) -> Certificate:
    """A signed certificate of a machine's wipe, with the fields a public page shows; `key`: K, once published."""
    proof = session.query(Sanitisation).filter_by(machine_id=machine.id).one()
    drive = session.get(Drive, proof.drive_id)
    assert drive
    code = hashlib.sha256(proof.uuid.encode()).hexdigest()[:26].upper()
    payload = {
        "typ": TYP,
        "code": code,
        "issued": instant(NOW),
        "workshop": {"name": "Atelier de la Gare", "commune": "Besançon"},
        "machine": {"tag": machine.tag, "manufacturer": "Dell", "model": "Latitude", "serial": machine.serial},
        "drive": {"model": drive.model, "serial": drive.serial, "medium": "ssd", "bytes": drive.bytes},
        "sanitisation": {
            "verdict": "PASS",
            "level": "clear",
            "assurance": "executed",
            "technique": "overwrite-aes256ctr",
            "bytes_written": drive.bytes,
            "bytes_read": drive.bytes,
            "mismatches": 0,
            "key_published": key and b64url(key),
        },
        "wiper": {"op_code": "OP-0001", "role": "technician", "at": instant(NOW)},
        "verifier": None,
        "test": False,
        "demonstration": False,
        **changes,
    }
    jws = sign(payload, app.extensions["ordi-keys"].signing("certificate", NOW), TYP)
    made = Certificate(code=code, sanitisation=proof, jws=jws, issued_at=NOW)
    session.add(made)
    session.commit()
    return made


def test_every_well_formed_label_answers_alike(session: Session, cast: Cast, visitor: TestApp) -> None:
    ours = a_machine(session, cast, State.HANDED_OVER)
    session.commit()
    stranger = new_tag()
    pages = [visitor.get(f"/M/{tag}").text.replace(tag, "TAG") for tag in (ours.tag, stranger)]
    assert without_tokens(pages[0]) == without_tokens(pages[1])
    assert "02 61 91 04 17" in pages[0]


def without_tokens(page: str) -> str:
    import re

    return re.sub(r'name="csrf_token" value="[^"]*"', "", page)


def test_a_label_in_lower_case_or_with_a_slip(visitor: TestApp) -> None:
    tag = new_tag()
    visitor.get(f"/m/{tag.lower()}", status=200)
    wrong = tag[:5] + ("A" if tag[5] != "A" else "B") + tag[6:]
    assert "Étiquette mal lue" in visitor.get(f"/M/{wrong}", status=404).text


def test_scanning_a_label_opens_its_machine_for_who_may_see_it(
    session: Session, cast: Cast, enter: Callable[[Person], TestApp]
) -> None:
    machine = a_machine(session, cast, State.READY)
    session.commit()
    assert enter(cast.sam).get(f"/M/{machine.tag}", status=302).location.endswith(f"/machines/{machine.tag}")
    assert "Un ordinateur du réseau" in enter(cast.noor).get(f"/M/{machine.tag}", status=200).text


def test_a_certificate_shows_the_proof_and_four_characters_of_the_drive(
    session: Session, cast: Cast, app: Flask, visitor: TestApp
) -> None:
    machine = a_machine(session, cast, State.READY)
    certificate = a_certificate(app, session, machine)
    serial = certificate.sanitisation.drive.serial
    page = visitor.get(f"/C/{certificate.code}")
    assert "effacé, prouvé" in page.text
    assert "exécuté" in page.text
    assert serial[-4:] in page.text
    assert serial not in page.text
    assert str(machine.serial) not in page.text
    assert "pas une certification" in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"
    fingerprint = hashlib.sha256(certificate.jws.encode()).hexdigest().upper()
    assert "même empreinte" not in visitor.get(f"/C/{certificate.code}/{fingerprint}").text
    assert "même empreinte" in visitor.get(f"/C/{certificate.code}/{'0' * 64}").text


def test_an_unknown_code_is_nothing(visitor: TestApp) -> None:
    visitor.get("/C/ABCDEFGH", status=404)


def test_a_certificate_altered_in_the_database_is_shown_to_nobody(
    session: Session, cast: Cast, app: Flask, visitor: TestApp
) -> None:
    certificate = a_certificate(app, session, a_machine(session, cast, State.READY))
    head, body, signature = certificate.jws.split(".")
    certificate.jws = f"{head}.{body[:-4]}AAAA.{signature}"
    session.commit()
    visitor.get(f"/C/{certificate.code}", status=404)


def test_anyone_checks_a_file_or_a_code(session: Session, cast: Cast, app: Flask, visitor: TestApp) -> None:
    certificate = a_certificate(app, session, a_machine(session, cast, State.READY))
    form = form_to(visitor.get("/C"), "/C")
    form["file"] = ("c.jws", certificate.jws.encode())
    assert "Authentique" in form.submit().text
    form["file"] = ("c.jws", (certificate.jws[:-8] + "AAAAAAAA").encode())
    assert "Pas authentique" in form.submit().text
    form = form_to(visitor.get("/C"), "/C")
    form["code"] = certificate.code.lower()
    assert "Certificat" in form.submit().text
    form = form_to(visitor.get("/C"), "/C")
    form.submit(status=422)


@pytest.mark.parametrize("page", ["/what-a-computer-sends", "/accessibility", "/C", "/sign-in"])
def test_public_pages_need_nobody(visitor: TestApp, page: str) -> None:
    visitor.get(page, status=200)


def test_hostile_words_are_shown_as_written(session: Session, cast: Cast, enter: Callable[[Person], TestApp]) -> None:
    machine = a_machine(session, cast, State.READY, model="<script>alert(1)</script>")
    session.commit()
    browser = enter(cast.ada)
    for address in ("/machines", f"/machines/{machine.tag}", "/machines/search?q=%3Cscript%3Ealert(1)"):
        page = browser.get(address, status="*").maybe_follow()
        assert "<script>alert" not in page.text


def test_a_published_key_comes_with_the_line_that_checks_the_drive_and_an_unpublished_one_with_when_it_will(
    session: Session, cast: Cast, app: Flask, visitor: TestApp
) -> None:
    key = bytes(range(32))
    for published, expected in ((None, "après le contre-contrôle"), (key, f"-K {key.hex()} ")):
        certificate = a_certificate(app, session, a_machine(session, cast, State.READY), key=published)
        part = visitor.get(f"/C/{certificate.code}").html.select_one("[aria-labelledby=again]")
        assert expected in part.text
        size = certificate.sanitisation.drive.bytes
        assert (f"cmp -n {size} - /dev/sdX" in part.text) is (published is not None)
