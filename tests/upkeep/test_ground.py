"""The ground that other tests stand on holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page
from sqlalchemy import func, insert, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ordi.database import make_engine
from ordi.machines import triggers
from ordi.parties.organisations import Kind, Organisation
from tests.ground.camera import film_of
from tests.ground.clock import NOW

STRICT = "default-src 'none'; script-src 'nonce-abc'; style-src 'self'; media-src 'self' mediastream: blob:"


def _name_a_pole(session: Session) -> None:
    session.add(Organisation(kind=Kind.NETWORK, name="Réseau", created_at=NOW))
    session.commit()


@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_a_test_commits_is_gone_for_the_next(session: Session, turn: str) -> None:
    assert session.scalar(select(func.count()).select_from(Organisation)) == 0
    _name_a_pole(session)
    with pytest.raises(IntegrityError):  # a refusal inside a test leaves the rest of it standing
        session.execute(insert(Organisation).values(id=None, kind=None))
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Organisation)) == 1


def test_a_database_of_its_own_holds_every_table_and_trigger(fresh_database: str) -> None:
    engine = make_engine(fresh_database)
    with Session(engine) as session:
        _name_a_pole(session)
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(Organisation)) == 1
        assert set(triggers.installed(connection)) == triggers.declared(connection)
    engine.dispose()


def test_an_empty_database_is_empty(empty_database: str) -> None:
    engine = make_engine(empty_database)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_the_camera_films_a_label_that_can_be_read(tmp_path: Path) -> None:
    film = film_of("HTTPS://ORDI.EXAMPLE/M/K7Q24X-M", tmp_path / "label.y4m", frames=1)
    header, _, rest = film.read_bytes().partition(b"\nFRAME\n")
    assert header.startswith(b"YUV4MPEG2 W640 H480")
    picture = Image.frombytes("L", (640, 480), rest[: 640 * 480])
    assert zxingcpp.read_barcode(picture).text == "HTTPS://ORDI.EXAMPLE/M/K7Q24X-M"


def _strictly(page: Page, body: str, lang: str = "fr") -> None:
    page.route(
        "**/*",
        lambda route: route.fulfill(
            body=f"<!doctype html><html lang={lang}><title>Essai</title><main><h1>Essai</h1>{body}</main>",
            content_type="text/html; charset=utf-8",
            headers={"Content-Security-Policy": STRICT},
        ),
    )
    page.goto("http://localhost/")


def test_axe_speaks_under_a_strict_content_policy(page: Page, axe: Callable[..., list[str]]) -> None:
    _strictly(page, "<p>bon</p>")
    assert axe(page) == []
    _strictly(page, "<input>")
    assert any(found.startswith("label ") for found in axe(page))


def test_a_page_sees_what_its_camera_films(page_with_camera: Callable[..., Page]) -> None:
    page = page_with_camera("K7Q24X-M")
    script = """
      navigator.mediaDevices.getUserMedia({video: true}).then(stream => {
        const [track] = stream.getVideoTracks();
        document.querySelector('h1').textContent = JSON.stringify(track.getSettings().width);
      }).catch(error => { document.querySelector('h1').textContent = String(error); });
    """
    _strictly(page, f"<script nonce=abc>{script}</script>")
    page.get_by_role("heading", name="640").wait_for()
