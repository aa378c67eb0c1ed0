"""One computer's whole life, on real input: from a donor's promise to a family's desk and its first news.

A real server, a real Chromium for each person, a camera that films the printed labels, and a whole machine (emulated) whose disk
holds somebody's photos until the agent wipes it; what is left on it is read from outside by programs that are not ours.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from ordi.bench.draws import falls
from ordi.database import make_engine, make_sessions
from ordi.machines.audit import LEAST_PERCENT
from ordi.parties.organisations import Kind, Organisation, found
from ordi.parties.people import Role, appoint, welcome
from tests.ground.camera import hold_up
from tests.ground.server import Server, run_ordi, serving, settings_for
from tests.ground.telephone import scan_and_type
from tests.ground.tiers import HOUSE
from tests.vm.machine import HOST, MIB, Disk, Ran, Vm
from web.sign_in.accounts import open_account

pytestmark = [pytest.mark.vm, pytest.mark.browser]

PASSWORD = "la passerelle du canal en novembre"
PLANTED = b"Photos de vacances de la famille Faure, 1998. "
PLACES = (
    ("network", "Ordi", None),
    ("pole", "Pôle des Deux-Rives", "Ordi"),
    ("workshop", "Atelier de la Gare", "Pôle des Deux-Rives"),
    ("donor", "Mutuelle du Doubs", "Pôle des Deux-Rives"),
    ("partner", "CCAS de Planoise", "Pôle des Deux-Rives"),
)
PEOPLE = (
    ("Bruno", "donor_contact", "Mutuelle du Doubs"),
    ("Ada", "coordinator", "Pôle des Deux-Rives"),
    ("Théo", "driver", "Atelier de la Gare"),
    ("Sam", "technician", "Atelier de la Gare"),
    ("Lou", "lead", "Atelier de la Gare"),
    ("Inès", "social_worker", "CCAS de Planoise"),
)
RELAY = """
import socket, sys, threading
def pump(one, other):
    try:
        while data := one.recv(65536):
            other.sendall(data)
    finally:
        other.close()
door = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    here, _ = door.accept()
    there = socket.create_connection((sys.argv[2], int(sys.argv[1])))
    for pair in ((here, there), (there, here)):
        threading.Thread(target=pump, args=pair, daemon=True).start()
"""
"""The guest reaches this host's loopback under the very address that people use, which is what its requests sign."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server with one small pole and six people, each with a password."""
    data = tmp_path / "data"
    data.mkdir()
    environment = settings_for(data)
    run_ordi(environment, "upgrade")
    engine = make_engine(environment["ORDI_DATABASE_URL"])
    with make_sessions(engine)() as session:
        _people_the_network(session)
        session.commit()
    engine.dispose()
    with serving(data) as server:
        yield server


def _people_the_network(session: Session) -> None:
    at = datetime.now(UTC)
    places: dict[str, Organisation] = {}
    for kind, name, parent in PLACES:
        places[name] = found(session, Kind(kind), name, parent=places.get(parent or ""), at=at)
    for name, role, place in PEOPLE:
        person = welcome(session, name, at=at)
        appoint(session, person, Role(role), places[place], at=at)
        open_account(session, person, name.replace("é", "e").replace("è", "e"), PASSWORD, at=at)


@dataclass
class Person:
    """Somebody at a browser of their own."""

    page: Page
    url: str

    def enter(self, username: str) -> Person:
        """Sign in with a password."""
        self.go("/sign-in")
        self.page.get_by_label("Nom d’utilisateur").fill(username)
        self.page.get_by_label("Mot de passe").fill(PASSWORD)
        self.press("Entrer")
        expect(self.page.get_by_label("Mot de passe")).to_have_count(0)
        if "/sign-in/code" in self.page.url:
            scan_and_type(self.page)
        return self

    def go(self, path: str) -> None:
        """Open a page."""
        answer = self.page.goto(self.url + path)
        assert answer
        assert answer.ok, f"{path}: {answer.status}"

    def press(self, name: str) -> None:
        """Press the button, or follow the link, of this name, and wait for the page it leads to."""
        found = self.page.get_by_role("button", name=re.compile(name)).or_(
            self.page.get_by_role("link", name=re.compile(name))
        )
        with self.page.expect_navigation():
            found.locator("visible=true").first.click()

    def sign(self) -> None:
        """Draw a signature."""
        canvas = self.page.locator("canvas").first
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        assert box
        mouse = self.page.mouse
        mouse.move(box["x"] + 30, box["y"] + box["height"] / 2)
        mouse.down()
        for step in range(1, 12):
            mouse.move(box["x"] + 30 + step * 14, box["y"] + box["height"] / 2 + (18 if step % 2 else -18))
        mouse.up()

    def sees(self, text: str) -> None:
        """Wait for a text on the page."""
        expect(self.page.get_by_text(re.compile(text)).locator("visible=true").first).to_be_visible()


class Bench(threading.Thread):
    """The machine on the bench, started on the Ordi image: one `ordi-agent` command in an emulated computer."""

    def __init__(self, folder: Path, disk: Disk, server: Server, command: str) -> None:
        super().__init__(daemon=True)
        self.port = server.url.rpartition(":")[2]
        self.vm = Vm(folder, [disk], memory_mib=4096)  # the least that any need asks
        self.command = command
        relay = folder.parent / "relay.py"
        relay.write_text(RELAY)
        self.files = {"agent": HOUSE / "agent", "relay.py": relay}
        self.ran: Ran | None = None
        self.failure: BaseException | None = None

    def run(self) -> None:
        """Start the machine and wait for its end."""
        script = f"python3 relay.py {self.port} {HOST} & sleep 1\nexport ORDI_SERVER=http://127.0.0.1:{self.port}\n{self.command}"
        try:
            self.ran = self.vm.run(script, files=self.files, timeout=900)
        except BaseException as failure:
            self.failure = failure

    def printed(self, pattern: str, seconds: int = 600) -> re.Match[str]:
        """Wait for something on the machine's screen."""
        waited = threading.Event()
        for _ in range(seconds * 2):
            output = self.vm.folder / "output"
            found = re.search(pattern, output.read_text(errors="replace")) if output.exists() else None
            if found:
                return found
            assert self.failure is None, self.failure
            waited.wait(0.5)
        raise AssertionError(output.read_text(errors="replace"))

    def ended(self) -> Ran:
        """Wait for the machine to be off."""
        self.join(910)
        assert self.ran, self.failure
        return self.ran


def test_a_computer_goes_from_a_promise_to_a_family(
    server: Server, new_page: Callable[..., Page], page_with_camera: Callable[..., Page], tmp_path: Path
) -> None:
    def person(username: str, **options: Any) -> Person:
        return Person(new_page(**options), server.url).enter(username)

    phone: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True}

    # Bruno promises ten computers; Ada accepts; Théo collects nine of them.
    bruno = person("bruno")
    bruno.go("/giving/offers/new")
    bruno.page.get_by_label("Portables").fill("10")
    bruno.press("Proposer")
    bruno.sees("Offre")
    offer = bruno.page.url
    ada = person("ada")
    ada.page.goto(offer)
    ada.page.get_by_label("Qui va les chercher").select_option(label="Théo")
    ada.press("Accepter")
    lot = re.search(r"L-\d{4}-\d+", ada.page.content())
    assert lot
    theo = person("theo", **phone)
    theo.go(f"/giving/lots/{lot[0]}/round")
    theo.page.get_by_label("Emportés").fill("9")
    theo.page.get_by_text("Il en manque").click()
    theo.page.locator("input[name=reason][value=not_found]").check()
    theo.sign()
    theo.press("Emporter")
    theo.sees("9")
    slip = theo.page.request.get(f"{server.url}/giving/lots/{lot[0]}/slip.pdf")
    assert slip.body().startswith(b"%PDF-")

    # Sam films the label of one of them: it is received, kept, and its page opens.
    heads: dict[str, Any] = json.loads(server.ordi("journal", "heads"))
    assert len(heads) == 10
    tag = _collected(server)
    sam = Person(page_with_camera(f"{server.url}/M/{tag}".upper(), **phone), server.url).enter("sam")
    sam.go(f"/giving/lots/{lot[0]}/receive")
    sam.page.get_by_role("button", name="Caméra").click()
    expect(sam.page.locator("#piles").get_by_text(tag)).to_be_visible(timeout=30_000)
    sam.go(f"/bench/{tag}")
    sam.press("Trier")
    sam.press("Garder")
    sam.go(f"/bench/{tag}")
    sam.sees("Reçu")

    # The machine starts on the bench; Sam films its screen, then its label; it is wiped, and nothing is left.
    disk = Disk(tmp_path / "disk", serial="WD-FAURE1998").filled(24 * MIB, PLANTED)
    assert PLANTED in disk.path.read_bytes()
    wiping = Bench(tmp_path / "wipe", disk, server, "python3 -m agent wipe --once --give-up-after 800")
    wiping.start()
    screen = wiping.printed(r"HTTP://127\.0\.0\.1:\d+(/B/[0-9A-F]{32}/[0-9A-F]{20})")[1]
    sam.page.context.grant_permissions(["camera"], origin=server.url)  # asked once: it now opens by itself
    sam.go(screen)
    sam.page.wait_for_url(f"**/machines/{tag}/wipe", timeout=60_000)
    hold_up("", tmp_path / "camera.y4m")
    sam.sees("Disque 1")
    sam.press("Effacer")
    _not_drawn(server)
    ran = wiping.ended()
    assert ran.status == 0, ran.output
    assert PLANTED[:16] not in disk.path.read_bytes()
    sam.go(f"/machines/{tag}/wipe")
    sam.sees("effacé, prouvé")

    # Lou, from another start of the machine, has drawn sectors read back.
    lou = person("lou", **phone)
    second = Bench(tmp_path / "check", disk, server, "python3 -m agent wipe --once --give-up-after 800")
    second.start()
    lou.go(second.printed(r"HTTP://127\.0\.0\.1:\d+(/B/[0-9A-F]{32}/[0-9A-F]{20})")[1])
    lou.page.locator("main input[name=tag]").fill(tag)
    lou.press("Relier")
    lou.go(f"/machines/{tag}/wipe")
    lou.press("Contre-contrôler")
    assert second.ended().status == 0
    lou.go(f"/machines/{tag}/wipe")
    lou.sees("contre-contrôlé")

    # The certificate verifies offline, fails after one changed byte, and its K re-checks the drive without us.
    certificate = tmp_path / f"certificate-{tag}.pdf"
    certificate.write_bytes(lou.page.request.get(f"{server.url}/machines/{tag}/certificates.pdf").body())
    assert "WD-FAURE1998" in server.ordi("certificate", "verify", str(certificate))
    spoiled = bytearray(certificate.read_bytes())
    spoiled[len(spoiled) // 2] ^= 1
    (tmp_path / "spoiled.pdf").write_bytes(spoiled)
    refused = subprocess.run(
        [
            sys.executable,
            "-c",
            "from web.commands import cli; cli()",
            "certificate",
            "verify",
            str(tmp_path / "spoiled.pdf"),
        ],
        env=server.environment,
        cwd=HOUSE,
        capture_output=True,
        timeout=60,
    )
    assert refused.returncode != 0
    _recheck(certificate, disk)

    # Cleaned, tested, graded, reinstalled, on the shelf.
    sam.go(f"/bench/{tag}")
    for _ in range(30):
        if _state(server, tag) == "ready":
            break
        _one_more_step(sam, tag)
    assert _state(server, tag) == "ready"

    # Inès files a request beside the family; Ada sees why this computer and accepts.
    ines = person("ines")
    ines.go("/sharing/new")
    ines.page.locator("input[name=programme]").first.check()
    ines.page.locator("input[name=uses][value=paperwork]").check()
    go_on = ines.page.locator("form[data-draft] button.next")
    go_on.click()
    expect(go_on).to_contain_text("Étape 2 sur 4")
    for box in ines.page.locator("input[name=attested]").all():
        box.check()
    go_on.click()
    ines.page.locator("input[name=agreed]").check()
    go_on.click()
    ines.page.locator("input[name=name]").fill("Mme Amina Kaci-Canari")
    go_on.click()
    ines.page.wait_for_url("**/sharing/requests/D-*")
    request = re.search(r"D-\d{4}-\d+", ines.page.content())
    assert request
    ada.go("/sharing/allocations")
    ada.sees(request[0])
    ada.press("Accepter")
    assert _state(server, tag) == "allocated"

    # The family signs and leaves with it; the machine gives its first news.
    ines.go(f"/sharing/machines/{tag}/hand-over")
    for box in ines.page.locator("#pack fieldset input[name=bag]").all():
        box.check()
    ines.page.locator("input[name=check_ins][value=yes]").check()
    ines.sign()
    ines.press("Remettre")
    ines.page.wait_for_url("**/handed-over")
    assert _state(server, tag) == "handed_over"
    receipt = ines.page.request.get(f"{server.url}/sharing/machines/{tag}/receipt.pdf")
    assert receipt.body().startswith(b"%PDF-")
    _first_news(sam, server, tag, tmp_path)

    # The whole life on one page, one unbroken history, and no name of a family in it.
    ada.go(f"/machines/{tag}")
    for words in ("Promis", "Collecté", "Reçu", "effacé", "Réinstallé", "stock", "Attribué", "Remis"):
        ada.sees(words)
    assert "Canari" not in ada.page.content()
    assert "Kaci" not in (server.data / "server.log").read_text()
    server.ordi("journal", "verify")


def _collected(server: Server) -> str:
    """The tag of one computer that was collected."""
    return _ask(server, "SELECT tag FROM machines WHERE state = 'collected' ORDER BY id LIMIT 1")


def _state(server: Server, tag: str) -> str:
    return _ask(server, f"SELECT state FROM machines WHERE tag = '{tag}'")


def _not_drawn(server: Server) -> None:
    """The month's seed, chosen so that this wipe is not among the one in twenty that a third person reads again."""
    job = _ask(server, "SELECT uuid FROM wipe_jobs")
    seeds = (hashlib.sha256(bytes([n])).digest() for n in range(256))
    seed = next(one for one in seeds if not falls(one, job, LEAST_PERCENT, place=1, before=0))
    now = datetime.now(UTC)
    with sqlite3.connect(server.data / "ordi.db", timeout=30) as database:
        kept = (f"{now:%Y-%m}", seed, f"{now:%Y-%m-%d %H:%M:%S.%f}")
        database.execute("INSERT INTO audit_seeds (period, seed, made_at) VALUES (?, ?, ?)", kept)


def _ask(server: Server, query: str) -> str:
    """Look into the server's database from outside."""
    with sqlite3.connect(f"file:{server.data / 'ordi.db'}?mode=ro", uri=True) as database:
        return str(database.execute(query).fetchone()[0])


def _recheck(certificate: Path, disk: Disk) -> None:
    """What anybody does with the published K: openssl and cmp."""
    text = subprocess.run(
        ["pdftotext", "-layout", str(certificate), "-"], capture_output=True, text=True, check=True
    ).stdout
    key = re.search(r"-K\s+([0-9a-f\s]{64,140})", text)
    assert key, text
    found = re.sub(r"\s", "", key[1])[:64]
    command = f"openssl enc -aes-256-ctr -K {found} -iv {'0' * 32} -nosalt -in /dev/zero 2>/dev/null | cmp -n {24 * MIB} - {disk.path}"
    assert subprocess.run(["bash", "-c", command], capture_output=True, timeout=60).returncode == 0


def _one_more_step(sam: Person, tag: str) -> None:
    """What the bench page says to do next."""
    page = sam.page
    for asked in (
        "button[name=result][value=good], button[name=result][value=absent]",
        "button[name=form][value=laptop]",
        "button[name=grade]",
        "button[name=profile]:not([disabled])",
        "form:has(input[name=shelf]) button.next",
        ".dock .next",
    ):
        button = page.locator(asked).first
        if button.count():
            if page.locator("input[name=shelf]").count():
                page.locator("input[name=shelf]").fill("B3")
            with page.expect_navigation():
                button.click()
            return
    sam.go(f"/bench/{tag}")


def _first_news(sam: Person, server: Server, tag: str, folder: Path) -> None:
    """The agent of the family's machine: enrolled with a token of the bench, then its first news."""
    sam.go(f"/machines/{tag}")
    sam.press("Raccorder")
    with sam.page.expect_navigation():
        sam.page.locator("button.next").click()
    line = re.search(r"ORDI_ENROLMENT_TOKEN=(\S+)", sam.page.locator("code").last.inner_text())
    assert line
    token = line[1]
    environment = os.environ | {
        "ORDI_SERVER": server.url,
        "ORDI_AGENT_DIR": str(folder / "resident"),
        "LANG": "C.UTF-8",
    }
    for command, told in (("enrol", token), ("check-in", "")):
        done = subprocess.run(
            [sys.executable, "-m", "agent", command],
            env=environment,
            cwd=HOUSE,
            input=told,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert not told or told not in done.stdout + done.stderr
    sam.go(f"/machines/{tag}")
    sam.sees("Santé")
