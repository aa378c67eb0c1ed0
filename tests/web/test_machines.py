"""The page of a machine, the list, the box that finds."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.bench.counter_checks import order_check
from ordi.bench.jobs import WipeJob
from ordi.bench.judging import answer
from ordi.machines.journal import record
from ordi.machines.labels import print_free
from ordi.machines.lifecycle import Note, State
from ordi.parties.people import Person
from tests.bench.benches import Bench, overwritten, read_at, wipe
from tests.cast import Cast
from tests.factories import a_drive, a_machine
from tests.ground.clock import NOW
from tests.web.conftest import form_to

Enter = Callable[[Person], TestApp]
Queries = Callable[[], AbstractContextManager[list[str]]]

pytestmark = pytest.mark.usefixtures("app")


def test_a_machines_page_tells_its_whole_life(session: Session, cast: Cast, enter: Enter) -> None:
    machine = a_machine(session, cast, State.HANDED_OVER)
    session.commit()
    page = enter(cast.ada).get(f"/machines/{machine.tag}")
    assert page.html.h1.text == machine.tag
    steps = [item.text.strip() for item in page.html.select(".thread li")]
    assert steps[0].startswith("Promis")
    assert page.html.select_one('[aria-current="step"]').text.strip().startswith("Remis")
    sentences = [p.text for p in page.html.select(".timeline p")]
    assert sentences[-1] == "Promis par le donateur"
    assert any("effacés, avec preuve" in sentence for sentence in sentences)


@pytest.mark.parametrize("state", list(State), ids=str)
def test_every_state_has_its_page(session: Session, cast: Cast, enter: Enter, state: State) -> None:
    machine = a_machine(session, cast, state)
    session.commit()
    for person in (cast.sam, cast.lou, cast.ada, cast.aude, cast.bruno):
        enter(person).get(f"/machines/{machine.tag}", status=200)


def test_a_donor_sees_the_outcome_and_the_proofs_not_the_history(session: Session, cast: Cast, enter: Enter) -> None:
    machine = a_machine(session, cast, State.HANDED_OVER)
    session.commit()
    page = enter(cast.bruno).get(f"/machines/{machine.tag}")
    assert "Disques et preuves" in page.text
    assert "Toute sa vie" not in page.text
    assert cast.partner.name not in page.text
    assert "Sam Petit" not in page.text
    assert cast.sam.op_code in page.text
    drive = a_drive_serial(session, machine.id)
    assert drive not in page.text
    assert drive[-4:] in page.text


def a_drive_serial(session: Session, machine_id: int) -> str:
    from sqlalchemy import select

    from ordi.machines.drive import Drive, Sighting

    return str(session.scalar(select(Drive.serial).join(Sighting).where(Sighting.machine_id == machine_id)))


def test_a_volunteer_recognises_a_label_and_nothing_more(session: Session, cast: Cast, enter: Enter) -> None:
    machine = a_machine(session, cast, State.READY)
    session.commit()
    page = enter(cast.vic).get(f"/machines/{machine.tag}")
    assert "Prêt" in page.text
    assert machine.serial not in page.text
    assert cast.donor.name not in page.text


@pytest.mark.parametrize(
    ("differs", "tone", "said"), [(False, "ok", "contre-contrôlé"), (True, "stop", "à effacer de nouveau")]
)
def test_a_later_check_is_told_with_the_proof(
    session: Session, cast: Cast, enter: Enter, differs: bool, tone: str, said: str
) -> None:
    machine = a_machine(session, cast, State.RECEIVED, triage="keep")
    drive = a_drive(session, machine, size=512 * 1024 + 512)
    proof = wipe(session, machine, drive, by=cast.sam, at=NOW).proof
    assert proof
    job = session.scalars(select(WipeJob).where(WipeJob.uuid == proof.job_uuid)).one()
    bench = Bench(session, NOW).adopted(machine, cast.lou)
    check = order_check(session, bench, drive, by=cast.lou, at=NOW)
    disk = overwritten(job)
    if differs:
        disk[-1] ^= 1
    answer(session, bench, check.uuid, read_at(bytes(disk), json.loads(check.challenge)), at=NOW)
    session.commit()
    card = enter(cast.lou).get(f"/machines/{machine.tag}").html.select_one(".drive")
    assert card["data-tone"] == tone
    assert said in card.text
    assert "Second contrôle" in card.text
    assert cast.lou.name in card.text


def test_an_unproven_drive_is_never_green(session: Session, cast: Cast, enter: Enter) -> None:
    machine = a_machine(session, cast, State.RECEIVED)
    a_drive(session, machine)
    session.commit()
    page = enter(cast.sam).get(f"/machines/{machine.tag}")
    card = page.html.select_one(".drive")
    assert card["data-tone"] != "ok"
    assert "contient peut-être des données" in card.text


def test_only_the_buttons_of_ones_roles_are_shown(session: Session, cast: Cast, enter: Enter) -> None:
    machine = a_machine(session, cast, State.REINSTALLED)
    session.commit()
    address = f"/machines/{machine.tag}"
    assert any(form.action.endswith("/act/reopen") for form in enter(cast.sam).get(address).forms.values())
    assert not any("/act/" in form.action for form in enter(cast.aude).get(address).forms.values())


def test_a_stale_page_answers_that_someone_just_did_this(session: Session, cast: Cast, enter: Enter) -> None:
    machine = a_machine(session, cast, State.REINSTALLED)
    session.commit()
    browser = enter(cast.sam)
    form = form_to(browser.get(f"/machines/{machine.tag}"), "/act/reopen")
    record(session, machine, Note.CLEANED, by=cast.kim, at=NOW)
    session.commit()
    answer = form.submit(status=409)
    assert "Quelqu’un vient de le faire" in answer.text
    assert "Rien n’a été changé" in answer.text
    form_to(browser.get(f"/machines/{machine.tag}"), "/act/reopen").submit(status=302)
    session.refresh(machine)
    assert machine.state == State.RECEIVED


def test_a_get_never_moves_a_machine(session: Session, cast: Cast, enter: Enter) -> None:
    machine = a_machine(session, cast, State.REINSTALLED)
    session.commit()
    enter(cast.sam).get(f"/machines/{machine.tag}/act/reopen", status=405)


@pytest.mark.parametrize("spelling", ["{0}", "http://localhost/M/{0}", "HTTPS://ORDI.EXAMPLE/M/{0}"])
def test_the_box_opens_the_machine_of_a_label(session: Session, cast: Cast, enter: Enter, spelling: str) -> None:
    machine = a_machine(session, cast, State.READY, tag="K7Q24X-" + check("K7Q24X"))
    session.commit()
    browser = enter(cast.sam)
    for said in (
        spelling.format(machine.tag),
        spelling.format(machine.tag.lower()),
        f"  {machine.tag.replace('-', ' ')} ",
    ):
        assert browser.get("/machines/search", {"q": said}, status=302).location.endswith(machine.tag)


def check(body: str) -> str:
    from ordi.tags import check_character

    return check_character(body)


def test_a_scanner_on_a_french_keyboard_is_understood(session: Session, cast: Cast, enter: Enter) -> None:
    machine = a_machine(session, cast, State.READY, tag="K72B45-" + check("K72B45"))
    session.commit()
    typed = machine.tag.replace("-", ")").translate(str.maketrans("1234567890", "&é\"'(-è_çà"))
    assert enter(cast.sam).get("/machines/search", {"q": typed}, status=302).location.endswith(machine.tag)


def test_one_wrong_letter_proposes_the_right_label(session: Session, cast: Cast, enter: Enter) -> None:
    machine = a_machine(session, cast, State.READY, tag="K7Q24X-" + check("K7Q24X"))
    session.commit()
    page = enter(cast.sam).get("/machines/search", {"q": "K7Q25X" + machine.tag[-1]})
    assert "Une lettre est fausse" in page.text
    assert f"/machines/{machine.tag}" in page.text
    volunteer = enter(cast.vic).get("/machines/search", {"q": "K7Q25X" + machine.tag[-1]}, status=404)
    assert f"/machines/{machine.tag}" in volunteer.text


def test_words_find_by_maker_model_serial_and_drive(session: Session, cast: Cast, enter: Enter) -> None:
    machine = a_machine(session, cast, State.READY)
    machine.describe(manufacturer="Dell", model="Latitude 5490", serial="ABC123X")
    other = a_machine(session, cast, State.READY)
    other.describe(manufacturer="Lenovo", model="ThinkCentre", serial="ZZZ999")
    session.commit()
    browser = enter(cast.sam)
    for words in ("latitude dell", "abc123", a_drive_serial(session, machine.id)[:8].lower()):
        assert browser.get("/machines/search", {"q": words}, status=302).location.endswith(machine.tag)
    assert "Rien ne correspond" in browser.get("/machines/search", {"q": "50%_"}).text


def test_a_free_label_opens_intake(session: Session, cast: Cast, enter: Enter) -> None:
    label = print_free(session, cast.workshop, 1, by=cast.sam, at=NOW)[0]
    session.commit()
    answer = enter(cast.sam).get("/machines/search", {"q": label.tag}, status=302)
    assert answer.location.endswith(f"/giving/intake/{label.tag}")


def test_the_list_goes_back_and_forth_by_key(session: Session, cast: Cast, enter: Enter) -> None:
    machines = [a_machine(session, cast, State.PROMISED) for _ in range(120)]
    session.commit()
    browser = enter(cast.ada)
    first = browser.get("/machines")
    second = first.click(linkid=None, href="before=")
    third = second.click(href="before=")
    seen = [tags_of(page) for page in (first, second, third)]
    assert [len(tags) for tags in seen] == [50, 50, 20]
    assert [tag for tags in seen for tag in tags] == [machine.tag for machine in reversed(machines)]
    assert tags_of(third.click(href="after=")) == seen[1]


def tags_of(page: object) -> list[str]:
    return [cell.a.text for cell in page.html.select("tbody th")]  # type: ignore[attr-defined]


def test_filters_count_what_they_show(session: Session, cast: Cast, enter: Enter) -> None:
    for state in (State.PROMISED, State.READY, State.READY, State.HANDED_OVER):
        a_machine(session, cast, state)
    session.commit()
    browser = enter(cast.ada)
    page = browser.get("/machines").click(href="group=ready")
    assert len(tags_of(page)) == 2


def test_the_list_sends_as_many_queries_for_forty_machines_as_for_two(
    session: Session, cast: Cast, enter: Enter, queries: Queries
) -> None:
    browser = enter(cast.ada)
    counts = []
    for more in (2, 20):
        for _ in range(more):
            a_machine(session, cast, State.READY)
        session.commit()
        with queries() as sent:
            browser.get("/machines")
        counts.append(len(sent))
    assert counts[0] == counts[1]
    assert counts[0] <= 6


def test_a_machines_page_sends_a_fixed_number_of_queries(
    session: Session, cast: Cast, enter: Enter, queries: Queries
) -> None:
    browser = enter(cast.ada)
    counts = []
    for drives in (1, 4):
        machine = a_machine(session, cast, State.READY, drives=drives)
        session.commit()
        session.expunge_all()
        with queries() as sent:
            browser.get(f"/machines/{machine.tag}")
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_a_donor_does_not_find_a_machine_by_its_shelf(session: Session, cast: Cast, enter: Enter) -> None:
    a_machine(session, cast, partner=cast.partner).shelf = "QZ77"
    session.commit()
    for who in (cast.sam, cast.ada, cast.aude):
        assert "Latitude 5490" in enter(who).get("/machines", {"q": "qz77"})
    for who in (cast.bruno, cast.paul):
        assert "Latitude 5490" not in enter(who).get("/machines", {"q": "qz77"})
