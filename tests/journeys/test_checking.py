"""A stranger's browser checks a certificate by itself: on its page, and from files that never leave the device."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ordi.keys import KeyRing
from tests.ground.browser import Troubles, french_context
from tests.ground.clock import NOW
from tests.ground.server import Server
from web.papers.certificate_pdf import certificate_pdf

pytestmark = pytest.mark.browser


@dataclass
class Held:
    """What a donor was given."""

    code: str
    jws: str
    folder: Path


@pytest.fixture
def page(live_server: Server, browser: Browser, troubles: Troubles) -> Iterator[Page]:
    """A stranger's browser; what it sends is noted in `sent`."""
    context = french_context(browser)
    yield troubles.watch(context.new_page())
    context.close()


@pytest.fixture
def held(live_server: Server, page: Page, tmp_path: Path) -> Held:
    """A certificate of the demonstration as a PDF and as its signed text, with the proof beside it."""
    with sqlite3.connect(f"file:{live_server.data / 'ordi.db'}?mode=ro", uri=True) as reading:
        code, jws = reading.execute(
            "select code, jws from certificates where superseded_by_id is null order by id limit 1"
        ).fetchone()
    ring = KeyRing.open(live_server.data / "keys", at=NOW, create=False)
    payload = json.loads(_decoded(jws.split(".")[1]))
    pdf = certificate_pdf([(payload, jws)], ring.pdf_key(NOW), public_url=live_server.url, at=NOW)
    (tmp_path / "c.pdf").write_bytes(pdf)
    (tmp_path / "c.jws").write_text(jws)
    proof = page.request.get(f"{live_server.url}/C/{code}/proof.json")
    (tmp_path / "c.proof.json").write_bytes(proof.body())
    return Held(code, jws, tmp_path)


def _decoded(part: str) -> bytes:
    import base64

    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _check(page: Page, server: Server, held: Held, *names: str) -> None:
    page.goto(f"{server.url}/C")
    expect(page.get_by_text("C’est votre navigateur qui vérifie")).to_be_visible()
    page.set_input_files("#file", held.folder / names[0])
    if len(names) > 1:
        page.set_input_files("#proof", held.folder / names[1])
    page.get_by_role("button", name="Vérifier", exact=True).click()


def test_the_page_of_a_certificate_proves_itself_in_the_browser(live_server: Server, page: Page, held: Held) -> None:
    printed = hashlib.sha256(held.jws.encode()).hexdigest().upper()
    page.goto(f"{live_server.url}/C/{held.code}/{printed}")
    expect(page.get_by_text("Vérifié à l’instant par votre navigateur")).to_be_visible()
    expect(page.get_by_text("celui du papier que vous tenez")).to_be_visible()
    expect(page.get_by_text("Vérifié par notre serveur")).to_be_hidden()


def test_a_server_that_lies_about_the_log_is_caught_by_the_browser(live_server: Server, page: Page, held: Held) -> None:
    def lie(route) -> None:  # type: ignore[no-untyped-def]
        answer = route.fetch()
        body = answer.text()
        at = body.index("&#34;path&#34;") + len("&#34;path&#34;: [&#34;") + 3
        route.fulfill(response=answer, body=body[:at] + ("0" if body[at] != "0" else "1") + body[at + 1 :])

    page.route(f"**/C/{held.code}", lie)
    page.goto(f"{live_server.url}/C/{held.code}")
    expect(page.get_by_text("Votre navigateur ne le retrouve pas au journal")).to_be_visible()


def test_a_paper_with_another_fingerprint_is_not_in_the_log(live_server: Server, page: Page, held: Held) -> None:
    page.goto(f"{live_server.url}/C/{held.code}/{'0' * 64}")
    expect(page.get_by_text("Votre navigateur ne le retrouve pas au journal")).to_be_visible()


def test_a_browser_without_the_algorithm_says_that_the_server_did_it(
    live_server: Server, page: Page, held: Held
) -> None:
    page.add_init_script(
        "SubtleCrypto.prototype.importKey = () => Promise.reject(new DOMException('no', 'NotSupportedError'))"
    )
    page.goto(f"{live_server.url}/C/{held.code}")
    expect(page.get_by_text("Vérifié par notre serveur")).to_be_visible()
    page.goto(f"{live_server.url}/C")
    expect(page.get_by_text("C’est notre serveur qui vérifie")).to_be_visible()
    page.set_input_files("#file", held.folder / "c.jws")
    page.get_by_role("button", name="Vérifier", exact=True).click()
    expect(page.get_by_role("heading", name="Authentique", exact=True)).to_be_visible()
    expect(page.get_by_text("Vérifié par notre serveur")).to_be_visible()


@pytest.mark.parametrize("name", ["c.jws", "c.pdf"])
def test_a_file_is_checked_without_leaving_the_device(live_server: Server, page: Page, held: Held, name: str) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    _check(page, live_server, held, name, "c.proof.json")
    expect(page.get_by_role("heading", name="Authentique", exact=True)).to_be_visible()
    expect(page.get_by_text("effacé, prouvé")).to_be_visible()
    expect(page.get_by_text("Inscrit au journal public")).to_be_visible()
    expect(page.get_by_text("Démonstration : ceci ne prouve rien.").last).to_be_visible()
    assert "POST" not in sent
    serial = json.loads(_decoded(held.jws.split(".")[1]))["drive"]["serial"]
    assert serial[-4:] in page.content()
    assert serial not in page.content()


def test_a_changed_file_and_a_changed_proof_are_told_apart(live_server: Server, page: Page, held: Held) -> None:
    head, body, signature = held.jws.split(".")
    (held.folder / "bad.jws").write_text(f"{head}.{body}.{'A' * 8}{signature[8:]}")
    _check(page, live_server, held, "bad.jws")
    expect(page.get_by_role("heading", name="Pas authentique")).to_be_visible()
    told = json.loads((held.folder / "c.proof.json").read_text())
    told["certificates"][0]["index"] += 1
    (held.folder / "bad.proof.json").write_text(json.dumps(told))
    _check(page, live_server, held, "c.jws", "bad.proof.json")
    expect(page.get_by_role("heading", name="Authentique", exact=True)).to_be_visible()
    expect(page.get_by_text("ne le montre pas au journal public")).to_be_visible()


def test_what_the_browser_does_not_know_is_left_to_the_server(live_server: Server, page: Page, held: Held) -> None:
    (held.folder / "odd.jws").write_text("not a token")
    _check(page, live_server, held, "odd.jws")
    expect(page.get_by_role("heading", name="Pas authentique")).to_be_visible()
    expect(page.get_by_text("Vérifié par notre serveur")).to_be_visible()


def test_the_seal_of_a_pdf_is_checked_by_the_server_on_demand(live_server: Server, page: Page, held: Held) -> None:
    _check(page, live_server, held, "c.pdf")
    page.get_by_role("button", name="Vérifier aussi le sceau").click()
    expect(page.get_by_text("Notre signature couvre tout le fichier")).to_be_visible()
    expect(page.get_by_text("Vérifié par notre serveur")).to_be_visible()
