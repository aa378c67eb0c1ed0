"""Free words about a family: 200 characters at most, a warning beside them, and nowhere else than here."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import Tag
from sqlalchemy.orm import Session
from webtest import TestApp, TestResponse

from ordi.parties.people import Person
from ordi.sharing.requests import LONGEST_NOTE
from tests.cast import Cast
from tests.sharing.families import the_programmes
from tests.web.test_sharing_pages import step_on

Enter = Callable[[Person], TestApp]

WEB = Path(__file__).parent.parent.parent / "web"
ROOMS = ("sharing", "classes", "fleet", "privacy", "messages", "home")
"""Where a family is spoken of."""

FREE = {
    "sharing/filing.py": 1,  # the note of a request
    "sharing/association.py": 1,  # an association's project
    "sharing/call_form.py": 1,  # what a call expects: published, of nobody
    "sharing/programme_form.py": 1,  # the rules of a programme, line by line
    "templates/sharing/applying.html": 1,  # an association's project, to a jury
    "templates/sharing/training.html": 1,
    "templates/sharing/visit_new.html": 1,  # days and hours, parsed
}
"""Every field of several lines in these rooms, counted."""


def test_no_other_field_of_several_lines_speaks_of_a_family() -> None:
    found = {}
    for room in ROOMS:
        for path in sorted((*(WEB / room).rglob("*.py"), *(WEB / "templates" / room).rglob("*.html"))):
            count = len(re.findall(r"<textarea|(?<!import )TextAreaField\(", path.read_text()))
            if count:
                found[str(path.relative_to(WEB))] = count
    assert found == FREE


def warned(page: TestResponse, name: str) -> Tag:
    """A field of a page, whose hint warns."""
    field = page.html.select_one(f"[name={name}]")
    assert field is not None
    (hint,) = (page.html.find(id=one) for one in str(field["aria-describedby"]).split())
    assert isinstance(hint, Tag)
    assert "Jamais" in hint.get_text()
    return field


def test_the_note_of_a_request_is_short_and_warned_of_and_the_server_holds_to_it(
    session: Session, cast: Cast, enter: Enter
) -> None:
    school = the_programmes(session, cast)["ecole"]
    session.commit()
    page = step_on(enter(cast.ines).get("/sharing/new"), programme=str(school.id), uses=["school"])
    page = step_on(step_on(page, attested=["pupil"]), agreed=True)
    assert int(str(warned(page, "note")["maxlength"])) == LONGEST_NOTE == 200
    assert step_on(page, name="Amina Diallo", note="x" * 201).status_int == 422
    assert step_on(page, name="Amina Diallo", note="x" * 200).status_int == 302


def test_so_is_the_project_of_an_association(session: Session, cast: Cast, enter: Enter) -> None:
    the_programmes(session, cast)
    session.commit()
    page = enter(cast.said).get("/sharing/project")
    assert int(str(warned(page, "note")["maxlength"])) == LONGEST_NOTE


@pytest.mark.parametrize("field", ["where"])
def test_so_is_the_place_where_a_computer_stays(field: str) -> None:
    page = (WEB / "templates" / "sharing" / "follow.html").read_text()
    (tag,) = re.findall(rf'<input id="{field}"[^>]*>', page)
    (longest,) = re.findall(r'maxlength="(\d+)"', tag)
    assert int(longest) <= LONGEST_NOTE
    assert re.search(rf'id="{field}-hint">\{{\{{ _\(\'[^\']*Jamais', page)
    assert f'aria-describedby="{field}-hint"' in tag
