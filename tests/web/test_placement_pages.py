"""A placed machine's page and its paper say whose it is, who keeps it, who runs it and where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.parties.people import Person
from tests.cast import Cast
from tests.papers.reading import words
from tests.sharing.test_placements import placed_at_the_tilleuls


def test_the_page_and_the_paper_say_who_has_which_part(
    session: Session, cast: Cast, enter: Callable[[Person], TestApp], tmp_path: Path
) -> None:
    given = placed_at_the_tilleuls(session, cast)
    session.commit()
    page = enter(cast.ada).get(f"/machines/{given.machine.tag}").text
    paper = words(enter(cast.said).get(f"/sharing/machines/{given.machine.tag}/receipt.pdf").body, tmp_path)
    for said in ("Maison de retraite des Tilleuls", "Salon", "Gardé par"):
        assert said in page
        assert said in paper
