"""A real Chromium, in French, that fails the test when a page threw or broke the content policy."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, sync_playwright

from tests.ground.camera import arguments_for, film_of
from tests.ground.tiers import HOUSE, chromium

ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
AXE = HOUSE / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright, once per worker."""
    with sync_playwright() as driver:
        yield driver


def launch(driver: Playwright, *more: str) -> Browser:
    """The system's Chromium, with our arguments and `more`."""
    return driver.chromium.launch(executable_path=chromium(), args=[*ARGUMENTS, *more], timeout=60_000)


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium per worker."""
    with launch(playwright) as browser:
        yield browser


def french_context(browser: Browser, **options: Any) -> BrowserContext:
    """A visitor of our own: French, in Paris, on a small laptop unless said otherwise."""
    usual = {"locale": "fr-FR", "timezone_id": "Europe/Paris", "viewport": {"width": 1280, "height": 800}}
    context = browser.new_context(**(usual | options))
    context.set_default_timeout(15_000)
    return context


class Troubles:
    """What went wrong in pages without anyone seeing it: exceptions, and what the content policy refused."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.seen: list[str] = []

    def watch(self, page: Page) -> Page:
        """Listen to `page`."""
        page.on("pageerror", lambda error: self.seen.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._hear(page, message))
        return page

    def _hear(self, page: Page, message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.seen.append(f"{page.url}: {message.text}")


@pytest.fixture
def troubles() -> Iterator[Troubles]:
    """What pages threw during this test; the test fails if it leaves any there."""
    troubles = Troubles()
    yield troubles
    assert not troubles.seen, "\n".join(troubles.seen)


@pytest.fixture
def new_page(browser: Browser, troubles: Troubles) -> Iterator[Callable[..., Page]]:
    """`new_page(**options)`: another visitor, with cookies of their own (see Playwright's new_context)."""
    with ExitStack() as stack:

        def open_one(**options: Any) -> Page:
            context = french_context(browser, **options)
            stack.callback(context.close)
            return troubles.watch(context.new_page())

        yield open_one


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A visitor with a French browser."""
    return new_page()


@pytest.fixture
def page_with_camera(playwright: Playwright, troubles: Troubles, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """`page_with_camera(text, **options)`: a visitor whose camera sees the QR code of `text`, or of several in turn."""
    with ExitStack() as stack:

        def open_one(text: str | Sequence[str], *, frames: int = 10, **options: Any) -> Page:
            film = film_of(text, tmp_path / "camera.y4m", frames=frames)
            browser = stack.enter_context(launch(playwright, *arguments_for(film)))
            return troubles.watch(french_context(browser, **options).new_page())

        yield open_one


Axe = Callable[..., list[str]]


@pytest.fixture
def axe() -> Axe:
    """`axe(page)`: what axe-core finds wrong on the page, a line each; works under a strict content policy."""
    if not AXE.exists():
        pytest.skip("no axe-core: `make install` brings the page libraries")
    source = AXE.read_text()

    def look(page: Page, *, without: tuple[str, ...] = ()) -> list[str]:
        off = {rule: {"enabled": False} for rule in without}
        wanted = {"resultTypes": ["violations"], "rules": off}
        inspector = page.context.new_cdp_session(page)  # the inspector evaluates where the page may not
        inspector.send("Runtime.evaluate", {"expression": source})
        answer = inspector.send(
            "Runtime.evaluate",
            {
                "expression": f"axe.run(document, {json.dumps(wanted)}).then(r => JSON.stringify(r.violations))",
                "awaitPromise": True,
                "returnByValue": True,
            },
        )
        inspector.detach()
        assert "exceptionDetails" not in answer, answer
        return [
            f"{found['id']} ({found['impact']}): {node['target']}: {node['failureSummary']}"
            for found in json.loads(answer["result"]["value"])
            for node in found["nodes"]
        ]

    return look
