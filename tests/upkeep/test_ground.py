"""The ground that other tests stand on holds."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page
from sqlalchemy import create_engine, text

from ordi.database import make_engine
from tests.ground.databases import Databases
from tests.ground.camera import film_of

STRICT = "default-src 'none'; script-src 'nonce-abc'; style-src 'self'; media-src 'self' mediastream: blob:"


def test_a_copy_of_a_database_is_apart_from_the_others(databases: Databases) -> None:
    one, other = databases.empty(), databases.empty()
    with make_engine(one).begin() as connection:
        connection.execute(text("CREATE TABLE pole (name text)"))
    with make_engine(other).begin() as connection:
        connection.execute(text("CREATE TABLE pole (name text)"))
    databases.drop(one)
    databases.drop(other)


def test_the_camera_films_a_label_that_can_be_read(tmp_path) -> None:
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
