"""Headers, origins, tokens of pages, settings that must not leave one's own computer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from webtest import TestApp

from ordi.parties.people import Person
from tests.cast import Cast
from tests.web.conftest import form_to
from web import create_app
from web.settings import Settings, UnsafeSettings


@pytest.mark.usefixtures("app")
def test_nothing_inline_and_nothing_from_elsewhere(
    cast: Cast, enter: Callable[[Person], TestApp], visitor: TestApp
) -> None:
    browser = enter(cast.sam)
    for page, scans in ((visitor.get("/sign-in"), False), (browser.get("/"), True)):
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
        assert ("'wasm-unsafe-eval'" in policy) is scans
        assert page.headers["Permissions-Policy"].startswith("camera=(self)")
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Referrer-Policy"] == "same-origin"
        assert not page.html.find_all(style=True)
        assert not page.html.find_all("style")
        assert all(script.get("src", "").startswith("/static/") for script in page.html.find_all("script"))
    assert browser.get("/").headers["Cache-Control"] == "no-store"


@pytest.mark.usefixtures("app")
def test_a_form_without_its_page_token_is_refused(cast: Cast, enter: Callable[[Person], TestApp]) -> None:
    browser = enter(cast.ada)
    answer = browser.post("/sign-in/out", status=400)
    assert "Page trop ancienne" in answer.text
    browser.get("/", status=200)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_from_another_site_is_refused(
    cast: Cast, enter: Callable[[Person], TestApp], headers: dict[str, str]
) -> None:
    browser = enter(cast.ada)
    form_to(browser.get("/"), "/sign-in/out").submit(headers=headers, status=403)
    form_to(browser.get("/"), "/sign-in/out").submit(headers={"Origin": "http://localhost"}, status=302)


def test_another_host_name_is_refused(visitor: TestApp) -> None:
    visitor.get("/sign-in", headers={"Host": "evil.example"}, status=400)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, database_url=f"sqlite:///{tmp_path}/x.db", keys_dir=tmp_path / "keys")


@pytest.mark.parametrize(
    "changes",
    [
        {"base_url": "http://ordi.example"},
        {"base_url": "https://ordi.example", "demonstration": True},
        {"listen": "0.0.0.0:8000", "demonstration": True},
        {"listen": "0.0.0.0:8000"},
        {"base_url": "https://ordi.example", "secret_key": "change-me-change-me-change-me-change-me"},
        {"secret_key": "short"},
    ],
)
def test_ordi_refuses_to_start_open_to_the_world(settings: Settings, changes: dict[str, object]) -> None:
    with pytest.raises(UnsafeSettings):
        create_app(replace(settings, **changes))


def test_over_https_the_cookie_belongs_to_the_host_alone(settings: Settings) -> None:
    app: Flask = create_app(replace(settings, base_url="https://ordi.example", listen="0.0.0.0:8000"))
    assert app.config["SESSION_COOKIE_NAME"] == "__Host-ordi"
    assert app.config["SESSION_COOKIE_SECURE"]
    answer = app.test_client().get("/nothing-here", base_url="https://ordi.example")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000")


def test_settings_come_from_the_environment(tmp_path: Path) -> None:
    given = Settings.from_environment({"ORDI_DATA_DIR": str(tmp_path), "ORDI_LISTEN": "127.0.0.1:9001"})
    assert given.base_url == "http://127.0.0.1:9001"
    assert given.database_url == f"sqlite:///{tmp_path}/ordi.db"
    assert not given.demonstration
    (tmp_path / "demonstration").touch()
    assert Settings.from_environment({"ORDI_DATA_DIR": str(tmp_path)}).demonstration
    assert not Settings.from_environment({"ORDI_DATA_DIR": str(tmp_path), "ORDI_DEMONSTRATION": "0"}).demonstration


def test_every_setting_is_documented() -> None:
    import re

    import web.settings

    source = Path(web.settings.__file__).read_text()
    told = set(re.findall(r"\| `(ORDI_[A-Z_]+)`", source))
    read = set(re.findall(r'given(?:\.get\(|, )"(ORDI_[A-Z_]+)"', source))
    assert told == read
