"""Every page of the face, on a demonstration server, in a real Chromium, entered with one button of the door.

Each endpoint that answers GET has a line in `PAGES` (or in `PAPERS`, `LOOKED_AT_ELSEWHERE`): who looks, and where the
demonstration keeps what its address needs. Each page is looked at on a phone in the dark and on a large screen in the light.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from flask import url_for
from playwright.sync_api import Browser, BrowserContext, Page, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.bench.hosts import add_host
from ordi.bench.intake import born_of, of_person, receive_file
from ordi.bench.merging import Cause, merge
from ordi.bench.remote_starts import ask_start, fail
from ordi.bench.sessions import open_session
from ordi.database import make_engine, make_sessions
from ordi.fleet.leaflets import print_leaflet
from ordi.machines.machine import Machine
from ordi.messages.outbox import Channel, Message
from ordi.messages.piles import take_pile
from ordi.parties.organisations import Organisation
from ordi.parties.people import Membership, Person
from ordi.sharing.requests import Request
from ordi.sharing.telling import Telling, tell
from tests.evidence import outputs
from tests.ground.browser import Axe, Troubles, french_context
from tests.ground.server import Server
from web import create_app
from web.settings import Settings

pytestmark = pytest.mark.browser

HERE = "workshop_id = :place"
OURS = "partner_id = :place"
IN_THE_POLE = "workshop_id in (select id from organisations where parent_id = :place)"


@dataclass(frozen=True)
class Look:
    """Who looks at a page, and the query that finds what its address needs: a column a parameter."""

    role: str = ""
    """The role whose button of the door is pressed; nobody's when empty."""
    find: str = ""
    query: dict[str, str] = field(default_factory=dict)
    kind: str = "text/html"
    status: int = 200
    slow: bool = False
    """Large lists: what axe needs time for."""


def machine(role: str, state: str, more: str = "", where: str = HERE) -> Look:
    """A page about one machine in a state."""
    return Look(role, f"select tag from machines where {where} and state = '{state}' {more} order by id desc")


WIPED = "and exists (select 1 from sanitisations s where s.machine_id = machines.id)"
TO_REPAIR = "and exists (select 1 from tasks t where t.machine_id = machines.id and t.closed_at is null)"
UNTRIED = "and grade is null and held_for = ''"

WAITS = "and exists (select 1 from part_waits w where w.machine_id = machines.id and w.ended_at is null)"
A_BIN = f"select tag from bins where {HERE} and exists (select 1 from part_stocks s where s.bin_id = bins.id and s.count > 1)"

PAGES: dict[str, Look] = {
    "administration.index": Look("administrator"),
    "administration.log": Look("administrator"),
    "administration.new_person": Look("administrator"),
    "administration.organisations": Look("administrator"),
    "administration.person": Look("administrator", "select id as person_id from people order by id desc"),
    "administration.tokens": Look("administrator"),
    "bench.all_tasks": Look("technician"),
    "bench.audits": Look("coordinator"),
    "bench.board": Look("technician"),
    "bench.board_of_wipes": Look("technician"),
    "bench.claims": machine("technician", "received"),
    "bench.destroy": Look(
        "lead",
        "select d.id as drive_id from drives d join sightings s on s.drive_id = d.id join removals r on r.sighting_id = s.id"
        f" join machines m on m.id = s.machine_id where m.{HERE} and d.standing = 'holds_data'",
    ),
    "bench.destruction": Look(
        "lead",
        "select x.drive_id from destructions x join sightings s on s.drive_id = x.drive_id"
        f" join machines m on m.id = s.machine_id where m.{HERE}",
    ),
    "bench.diagnosis": machine("technician", "sanitised", UNTRIED),
    "bench.dismantle": machine("technician", "received"),
    "bench.drives": machine("technician", "sanitised"),
    "bench.figures": Look("lead"),
    "bench.hold": machine("technician", "sanitised", "and held_for = ''"),
    "bench.index": Look("technician"),
    "bench.doubt": Look("technician", "made: doubt"),
    "bench.doubts": Look("technician"),
    "bench.inventories": Look("technician"),
    "bench.loose": Look("technician"),
    "bench.locked": Look(
        "technician",
        f"select tag, 'bios_lock' as \"check\" from machines where {HERE} and state = 'sanitised' order by id desc",
    ),
    "bench.loose_drive": Look(
        "lead",
        "select d.id as drive_id from drives d join sightings s on s.drive_id = d.id join removals r on r.sighting_id = s.id"
        f" join machines m on m.id = s.machine_id where m.{HERE} and d.standing = 'holds_data'",
    ),
    "bench.lose": machine("lead", "received"),
    "bench.machine": machine("technician", "received", WIPED),
    "bench.recycle": machine("lead", "dismantled"),
    "bench.reinstall": machine("technician", "sanitised"),
    "bench.release": machine("technician", "reinstalled"),
    "bench.shelf": machine("technician", "ready"),
    "bench.stock": Look("technician"),
    "bench.photos": machine("technician", "sanitised"),
    "public.trial": Look(),
    "bench.tasks": machine("technician", "sanitised", TO_REPAIR),
    "bench.repair": Look(
        "technician",
        "select tag, t.id as number from tasks t join machines on machines.id = t.machine_id "
        f"where t.closed_at is null and t.kind = 'repair' and {HERE} and state in ('received', 'sanitised', 'reinstalled')",
    ),
    "bench.repair_times": Look("lead"),
    "bench.correct": machine("lead", "received", "and lot_id is not null"),
    "classes.index": Look("animator"),
    "classes.choose_file": Look("school_officer"),
    "classes.one": Look("school_officer", "select id as number from class_lists order by id"),
    "classes.ends": Look("coordinator", "select id as number from class_lists order by id desc"),
    "classes.desk": Look("animator", "select id as number from class_lists order by id"),
    "classes.sheet": Look("school_officer", "select id as number from class_lists order by id"),
    "directory.index": Look("social_worker"),
    "places.index": Look("administrator", query={"q": "25000"}),
    "directory.one": Look("social_worker", "select id as number from listed_places order by id"),
    "directory.choose_file": Look("coordinator"),
    "incidents.index": Look("coordinator"),
    "incidents.one": Look("coordinator", "select id as number from incidents where closed_at is null order by id desc"),
    "bins.square": Look("technician", A_BIN),
    "bins.add": Look("technician", A_BIN, query={"family": "memory"}),
    "bins.count": Look("technician", A_BIN),
    "bins.index": Look("technician"),
    "bins.machine": machine("technician", "sanitised", WAITS),
    "bins.one": Look("technician", A_BIN),
    "bins.take": Look(
        "lead",
        f"select tag, kind_id from bins join part_stocks on bin_id = bins.id where count > 1 and {HERE} order by bins.id",
    ),
    "bins.wanted": Look("lead"),
    "bins.which": Look(
        "technician",
        f"select tag, 'memory' as family from machines where {HERE} and state = 'received' order by id desc",
    ),
    "bench.triage": machine("technician", "received", "and triage = ''"),
    "bench.wall": Look("technician"),
    "bench.wall_of_wipes": Look("technician"),
    "fleet.enrolling": machine("technician", "reinstalled"),
    "fleet.index": Look("technician"),
    "fleet.leaflet": machine("social_worker", "handed_over", where=OURS),
    "fleet.my_computer": Look(find="made: leaflet"),
    "fleet.tickets": Look("technician"),
    "giving.arrivals": Look("technician"),
    "giving.donor": Look("donor_contact", "select id as donor_id from organisations where id = :place"),
    "giving.index": Look("donor_contact"),
    "giving.intake": Look("technician", f"select tag from labels where {HERE} and machine_id is null"),
    "labels.choose": Look(
        "technician",
        "select 'machine' as kind, tag as code from machines where state = 'ready' and workshop_id = :place",
    ),
    "labels.calibration": Look("lead", f"select id as number from label_printers where {HERE}"),
    "labels.index": Look("lead"),
    "labels.new_stock": Look("lead"),
    "labels.printers": Look("lead"),
    "labels.printing": Look("lead", f"select uuid from label_printings where {HERE}"),
    "labels.stocks": Look("lead"),
    "log.index": Look("administrator"),
    "giving.lot": Look("donor_contact", "select code from lots where donor_id = :place order by id"),
    "giving.new_offer": Look("donor_contact"),
    "giving.one_offer": Look(
        "coordinator",
        "select o.code from offers o join organisations d on d.id = o.donor_id where o.answer = 'waiting' and d.parent_id = :place",
    ),
    "giving.reception": Look("technician", f"select code from lots where {HERE} and collected_at is not null"),
    "giving.the_round": Look("driver", "select code from lots where driver_id = :person and collected_at is null"),
    "home.figures": Look("coordinator"),
    "home.index": Look("technician"),
    "machines.index": Look("coordinator"),
    "machines.merging": machine("lead", "received", "and merged_into_id is null"),
    "machines.was": Look("lead", "made: merged"),
    "machines.one": machine("lead", "ready"),
    "machines.scan": Look("technician"),
    "machines.try_scanner": Look("technician"),
    "machines.search": Look("coordinator", query={"q": "thinkpad"}),
    "messages.index": Look("social_worker"),
    "messages.translations": Look("social_worker"),
    "messages.translation": Look("social_worker", find="select 'ar' as language, 'messages' as sheet"),
    "messages.pile": Look("social_worker", "made: pile"),
    "public.accessibility": Look(),
    "log.confirming": Look(),
    "public.certificate": Look(find="select code from certificates"),
    "public.check": Look(),
    "public.label": Look(find="select tag from machines where state = 'handed_over'"),
    "public.sends": Look(),
    "offline.index": Look("lead"),
    "remote.hosts": Look("lead"),
    "remote.start": Look("technician", "made: called"),
    "series.cards": Look("technician"),
    "series.index": Look("technician"),
    "sharing.allocations": Look("coordinator"),
    "sharing.calls": Look("coordinator"),
    "sharing.call": Look("coordinator", "select code from calls where decided_at is null order by id"),
    "sharing.new_call": Look("coordinator"),
    "sharing.applying": Look("signatory", "select code from calls order by id desc"),
    "sharing.judged": Look(
        "coordinator",
        "select a.code from applications a join calls c on c.id = a.call_id where c.decided_at is null order by a.id",
    ),
    "sharing.deliberation": Look("coordinator", "select code from calls where decided_at is null order by id"),
    "sharing.choose_machine": Look(
        "coordinator",
        "select r.code from requests r join organisations p on p.id = r.partner_id"
        " where r.state = 'waiting' and p.parent_id = :place",
    ),
    "sharing.choose_request": machine("coordinator", "ready", where=IN_THE_POLE),
    "sharing.committee": Look("coordinator"),
    "sharing.sitting": Look("coordinator"),
    "sharing.confirming": Look("social_worker"),
    "sharing.visits": Look("social_worker"),
    "sharing.one_visit": Look(
        "social_worker",
        "select v.code from visit_tickets v join requests r on r.id = v.request_id"
        f" where v.state = 'to_visit' and r.{OURS} order by v.id",
    ),
    "sharing.planning_visit": Look("social_worker", f"select code from requests where {OURS} order by id desc"),
    "sharing.follow": Look("social_worker", f"select code from requests where {OURS} order by id desc"),
    "sharing.group": Look("animator", f"select code from training_groups where {OURS}"),
    "sharing.group_door": Look("animator", f"select code from training_groups where {OURS} order by id"),
    "sharing.printed_invitations": Look("animator", f"select code from training_groups where {OURS} order by id desc"),
    "sharing.learner": Look(
        "animator",
        "select g.code, p.id as place_id from training_places p join training_groups g on g.id = p.group_id"
        f" where p.step = 'committed' and g.{OURS} order by p.id",
    ),
    "sharing.level_questions": Look(
        "animator",
        f"select r.code from requests r join training_places t on t.request_id = r.id where r.{OURS} order by r.id",
    ),
    "sharing.group_sheet": Look("animator", f"select code from training_groups where {OURS}"),
    "sharing.agenda": Look("social_worker"),
    "sharing.appointment": Look(
        "social_worker",
        "select r.code from requests r join appointments a on a.request_id = r.id"
        f" where r.{OURS} and a.state = 'booked' and a.begins > '2026' order by a.begins desc",
    ),
    "sharing.day_sheet": Look(
        "social_worker",
        "select date(a.begins) as day from requests r join appointments a on a.request_id = r.id"
        f" where r.{OURS} and a.state = 'booked' order by a.begins desc",
    ),
    "sharing.hand_over_sheets": Look(
        "social_worker",
        "select date(a.begins) as day from requests r join appointments a on a.request_id = r.id"
        f" where r.{OURS} and a.state = 'booked' order by a.begins desc",
    ),
    "sharing.desk": Look(
        "coordinator", "select id as place_id from organisations where kind = 'workshop' and parent_id = :place"
    ),
    "sharing.desks": Look("coordinator"),
    "sharing.repair": Look("technician", "select code from repairs where place_id = :place and ended_at is null"),
    "sharing.repair_slip": Look("technician", "select code from repairs where place_id = :place and ended_at is null"),
    "sharing.repairs": Look("technician"),
    "sharing.loans": Look("coordinator"),
    "sharing.one_programme": Look("coordinator", "select id as programme_id from programmes order by id"),
    "sharing.programmes": Look("coordinator"),
    "sharing.tenants": Look("landlord_officer"),
    "sharing.training": Look("animator"),
    "sharing.which": Look(),
    "sharing.write_programme": Look("coordinator", query={"example": "feris"}, slow=True),
    "sharing.handed_over": machine("social_worker", "handed_over", where=OURS),
    "sharing.handing_over": machine("social_worker", "allocated", where=OURS),
    "sharing.awaited": Look("social_worker"),
    "sharing.hand_over_sheet": machine("social_worker", "allocated", where=OURS),
    "sharing.blank_sheet": Look("social_worker"),
    "sharing.scan_exchange": Look("coordinator"),
    "sharing.exchanging": machine("coordinator", "handed_over", where=IN_THE_POLE),
    "sharing.index": Look("social_worker"),
    "sharing.needs": Look("technician"),
    "sharing.new": Look("social_worker"),
    "sharing.one_request": Look("social_worker", f"select code from requests where {OURS} order by id desc"),
    "privacy.file": Look("social_worker", f"select code from requests where {OURS} order by id desc"),
    "privacy.paper": Look("social_worker", f"select code from requests where {OURS} order by id desc"),
    "privacy.index": Look("administrator"),
    "privacy.readings": Look("administrator"),
    "sharing.project": Look("signatory"),
    "sharing.releasing": machine("coordinator", "allocated", where=IN_THE_POLE),
    "sharing.service": Look("partner_lead"),
    "sharing.absences": Look("social_worker"),
    "sharing.followers": Look("partner_lead"),
    "sharing.taking_back": machine("lead", "handed_over"),
    "sharing.taken_back": Look(
        "lead",
        "select m.tag from machines m join allocations a on a.machine_id = m.id"
        " where a.ending = 'taken_back' and m.workshop_id = :place order by a.id desc",
    ),
    "sign_in.badge_door": Look(),
    "sign_in.device_list": Look("lead"),
    "sign_in.door": Look(),
    "sign_in.mine": Look("technician"),
    "sign_in.my_badge": Look("technician"),
    "wiping.plan": machine("lead", "received", WIPED),
    "wiping.screen": Look("technician", "made: screen"),
}
"""Pages for people."""

MORE: tuple[tuple[str, Look], ...] = (
    ("bench.machine", machine("technician", "sanitised")),
    ("giving.index", Look("coordinator")),
    ("home.index", Look("coordinator")),
    ("home.index", Look("donor_contact")),
    ("home.index", Look("driver")),
    ("home.index", Look("funder")),
    ("home.index", Look("social_worker")),
    ("home.index", Look("volunteer")),
    ("machines.index", Look("auditor")),
    ("machines.one", machine("donor_contact", "handed_over", where="donor_id = :place")),
    ("machines.one", machine("auditor", "lost", where="1")),
    ("machines.one", machine("social_worker", "handed_over", where=OURS)),
)
"""The same pages for others."""

PHOTOGRAPHED = f"select tag, p.id as number from machine_photos p join machines m on m.id = p.machine_id where m.{HERE} order by p.id"
PDF, JSON, PROBLEM = "application/pdf", "application/json", "application/problem+json"

PAPERS: dict[str, Look] = {
    "api.machine_detail": Look(find="made: any_tag", kind=PROBLEM, status=401),
    "api.machine_list": Look(kind=PROBLEM, status=401),
    "api.jobs": Look(kind=PROBLEM, status=401),
    "api.keys": Look(kind=JSON),
    "api.log_consistency": Look(query={"from": "1"}, kind=JSON),
    "api.log_head": Look(kind=JSON),
    "api.log_inclusion": Look(find="select hash as leaf from log_leaves where position = 41", kind=JSON),
    "api.openapi": Look(kind=JSON),
    "bins.wanted_csv": Look("lead", kind="text/csv"),
    "classes.names": Look("animator", "select id as number from class_lists order by id", kind=JSON),
    "classes.table": Look("school_officer", "select id as number from class_lists order by id", kind="text/csv"),
    "directory.export": Look("social_worker", kind="text/csv"),
    "places.near_list": Look("social_worker", find="select '25' as prefix", kind=JSON),
    "log.head_file": Look("auditor", "select id as number from log_heads", kind="application/jose"),
    "log.public_sidecar": Look(find="select code from certificates", kind=JSON),
    "log.sidecar": Look("lead", f"select tag from machines where {HERE} and state = 'ready'", kind=JSON),
    "api.session_state": Look(find="select uuid as session from bench_sessions", kind=PROBLEM, status=401),
    "bench.destruction_certificate": Look(
        "lead",
        "select x.drive_id from destructions x join sightings s on s.drive_id = x.drive_id"
        f" join machines m on m.id = s.machine_id where m.{HERE}",
        kind=PDF,
    ),
    "bench.destruction_photo": Look(
        "lead",
        "select x.drive_id from destructions x join sightings s on s.drive_id = x.drive_id"
        f" join machines m on m.id = s.machine_id where m.{HERE}",
        kind="image/jpeg",
    ),
    "bench.figures_file": Look("lead", query={"kind": "csv"}, kind="text/csv"),
    "api.trial_state": Look(kind=PROBLEM, status=401),
    "bench.photo": Look("lead", PHOTOGRAPHED, kind="image/jpeg"),
    "bench.photo_small": Look("lead", PHOTOGRAPHED, kind="image/jpeg"),
    "giving.lot_summary": Look("donor_contact", "select code from lots where donor_id = :place", kind=PDF),
    "giving.outcomes_csv": Look("donor_contact", "select code from lots where donor_id = :place", kind="text/csv"),
    "giving.slip": Look(
        "donor_contact", "select code from lots where donor_id = :place and collected_at is not null", kind=PDF
    ),
    "messages.letters_file": Look("social_worker", "made: pile", kind=PDF),
    "sharing.training_certificate": Look(
        "animator",
        "select g.code, p.id as place_id from training_places p join training_groups g on g.id = p.group_id"
        f" where p.certificate is not null and g.{OURS}",
        kind=PDF,
    ),
    "labels.calibration_page": Look("lead", f"select id as number from label_printers where {HERE}", kind=PDF),
    "labels.zpl": Look("lead", f"select uuid from label_printings where {HERE}", kind="application/octet-stream"),
    "labels.sheet": Look("lead", f"select uuid from label_printings where {HERE}", kind=PDF),
    "offline.server_keys": Look("lead", kind="application/octet-stream"),
    "remote.progress": Look("technician", "made: called"),
    "series.manifest": Look(kind="application/manifest+json"),
    "series.state": Look("technician", kind=JSON),
    "sign_in.kept": Look(kind=JSON),
    "series.worker": Look(kind="text/javascript"),
    "privacy.as_json": Look(
        "social_worker", f"select code from requests where {OURS} order by id desc", kind="application/json"
    ),
    "sharing.calendar_file": Look("social_worker", kind="text/calendar"),
    "sharing.receipt": Look(
        "social_worker", f"select tag from machines where state = 'handed_over' and {OURS}", kind=PDF
    ),
    "wiping.certificates": Look("lead", f"select tag from machines where {HERE} and state = 'ready'", kind=PDF),
    "wiping.progress": Look("technician", f"select tag from machines where {HERE} and state = 'sanitised'"),
}
"""Papers, fragments and answers for programs: what comes, and that it comes."""

LOOKED_AT_ELSEWHERE = {
    "bench.claim_file": "a text as it came: tests/web/test_claim_pages.py",
    "bench.audit": "no wipe of a demonstration is ever drawn: tests/web/test_audit_pages.py",
    "bench.quarantine": "no demonstration opens one: tests/web/test_audit_pages.py",
    "public.certificate_printed": "the page of public.certificate, under the code that is printed",
    "public.certificate_typed": "leads to public.certificate",
    "labels.drive_scanned": "leads to bench.loose_drive",
    "public.label_typed": "leads to public.label",
    "sign_in.code": "only between a password and a code: tests/web/test_second_factor.py",
    "series.chosen": "leads to series.index",
    "series.placed": "leads to series.index",
    "sharing.visit_machine": "leads to sharing.planning_visit",
    "sharing.minutes": "a sealed PDF: tests/web/test_call_pages.py",
    "sharing.return_receipt": "a sealed PDF: tests/journeys/test_return.py",
    "sharing.committee_minutes": "a sealed PDF: tests/web/test_committee_pages.py",
    "sharing.payment_receipt": "no demonstration pays: tests/web/test_follow_up_pages.py",
    "static": "files",
}

LOOKS = [*PAGES.items(), *MORE]

KEYBOARD: dict[str, Look] = {
    name: PAGES[name]
    for name in (
        "sign_in.door",
        "bench.machine",
        "machines.one",
        "machines.scan",
        "sharing.new",
        "sharing.handing_over",
        "sharing.allocations",
    )
}
"""Pages where work is done all day: every control is reached with Tab, and shows it."""

PRINTED: dict[str, Look] = {
    name: PAGES[name] for name in ("public.certificate", "machines.one", "home.figures", "sharing.one_request")
}


def _named(value: object) -> str:
    return value if isinstance(value, str) else value.role if isinstance(value, Look) else ""


class House:
    """The server, who lives in it, and a browser for each role."""

    def __init__(self, server: Server, browser: Browser) -> None:
        """Nobody has come in yet."""
        self.server, self._browser = server, browser
        self._contexts: dict[str, BrowserContext] = {}
        self.made = _make_what_is_rare(server)
        self.app = create_app(Settings.from_environment(server.environment))

    def who(self, role: str) -> dict[str, Any]:
        """The person whom the door offers for a role, and the place where they hold it."""
        return self.rows(
            "select person_id as person, organisation_id as place from memberships"
            f" where role = '{role}' and until is null order by id"
        )[0]

    def rows(self, query: str, **told: Any) -> list[dict[str, Any]]:
        """What a query reads in the demonstration's database."""
        with sqlite3.connect(f"file:{self.server.data / 'ordi.db'}?mode=ro", uri=True) as reading:
            reading.row_factory = sqlite3.Row
            return [dict(row) for row in reading.execute(query, told)]

    def address(self, endpoint: str, look: Look) -> str:
        """Where to look."""
        values: dict[str, Any] = dict(look.query)
        if look.find.startswith("made: "):
            values |= self.made[look.find.removeprefix("made: ")]
        elif look.find:
            told = self.who(look.role) if look.role else {}
            found = self.rows(f"{look.find} limit 1", **told)
            assert found, f"the demonstration has nothing for {endpoint} as {look.role or 'a visitor'}: {look.find}"
            values |= found[0]
        with self.app.test_request_context(base_url=self.server.url):
            return str(url_for(endpoint, _external=True, **values))

    def context(self, role: str) -> BrowserContext:
        """A browser in which somebody with this role came in, or nobody."""
        if role not in self._contexts:
            context = french_context(self._browser, reduced_motion="reduce", color_scheme="light")
            self._contexts[role] = context
            if role:
                door = context.new_page()
                door.goto(f"{self.server.url}/sign-in")
                door.locator(
                    f"form[action^='/sign-in/as/{self.who(role)['person']}?'] button, "
                    f"form[action$='/as/{self.who(role)['person']}'] button"
                ).click()
                door.wait_for_url(lambda url: "sign-in" not in url)
                door.close()
        return self._contexts[role]

    def close(self) -> None:
        """Close every browser."""
        for context in self._contexts.values():
            context.close()


def _letters(session: Session, at: datetime) -> str:
    """A pile of letters of the social worker whom the door shows first."""
    held = session.scalars(select(Membership).where(Membership.role == "social_worker").order_by(Membership.id)).first()
    assert held is not None
    mine = select(Message).where(
        Message.request_id.in_(select(Request.id).where(Request.partner_id == held.organisation_id))
    )
    asked = session.scalars(select(Request).where(Request.partner_id == held.organisation_id).limit(2)).all()
    for request in asked:
        message = tell(session, request, Telling.REPAIRED, {}, about="", once=f"page:{request.id}", at=at)
        assert message is not None
        message.channel = Channel.LETTER
    session.flush()
    return take_pile(session, mine, by_id=held.person_id) or ""


def _make_what_is_rare(server: Server) -> dict[str, dict[str, Any]]:
    """What the demonstration does not keep: secrets that are shown once, a machine whose screen waits."""
    engine = make_engine(server.environment["ORDI_DATABASE_URL"])
    at = datetime.now(UTC)
    with make_sessions(engine)() as session:
        held = session.scalars(select(Membership).where(Membership.role == "lead").order_by(Membership.id)).first()
        assert held is not None
        lead, workshop = held.person, held.organisation
        screen = open_session(
            session,
            str(uuid4()),
            b"a key made at boot, thirty-two b",
            agent="0.1.0",
            image_sha256=None,
            host_uuid=None,
            test=False,
            demonstration=True,
            at=at,
        )
        out = session.scalars(
            select(Machine).where(Machine.state == "handed_over", Machine.workshop_id == workshop.id).limit(1)
        ).one()
        made = {
            "leaflet": {"secret": print_leaflet(session, out, by=lead, at=at)},
            "screen": {"session": screen.uuid.replace("-", "").upper(), "fingerprint": screen.fingerprint},
            "any_tag": {"tag": out.tag},
            "called": {"tag": _call_in_vain(session, lead, workshop, at).tag},
            **_doubtful(session, lead, workshop, at),
            "pile": {"name": _letters(session, at)},
        }
        session.commit()
    engine.dispose()
    return made


def _doubtful(session: Session, lead: Person, workshop: Organisation, at: datetime) -> dict[str, dict[str, Any]]:
    """Two records with one board, a report of that board, and two records that were merged."""
    bench = of_person(lead, workshop)
    twins = [born_of(session, workshop, by=lead, at=at) for _ in range(4)]
    for twin in twins[:2]:
        twin.describe(manufacturer="LENOVO", model="ThinkPad T480", serial=twin.tag, system_uuid=outputs.UUID)
    session.flush()
    told = receive_file(session, outputs.glpi().encode(), None, sender=bench, at=at)
    merge(session, twins[2], twins[3], Cause.LABELLED, by=lead, at=at)
    return {"doubt": {"evidence_id": told.evidence.id}, "merged": {"tag": twins[3].tag, "former": twins[2].tag}}


def _call_in_vain(session: Session, lead: Person, workshop: Organisation, at: datetime) -> Machine:
    """A machine whose start over SSH failed, at a host of its workshop."""
    host = add_host(session, workshop, name="Établi 3", address="192.0.2.9", by=lead, at=at)
    called = session.scalars(
        select(Machine).where(Machine.state == "received", Machine.workshop_id == workshop.id).limit(1)
    ).one()
    start = ask_start(session, called, host, by=lead, at=at)
    fail(session, start.uuid, "unreachable", "no route to host", at=at)
    return called


@pytest.fixture(scope="module")
def house(live_server: Server, browser: Browser) -> Iterator[House]:
    """The demonstration, open."""
    house = House(live_server, browser)
    yield house
    house.close()


@pytest.fixture
def visit(house: House, troubles: Troubles) -> Iterator[Callable[[str, Look], Page]]:
    """`visit(endpoint, look)`: the page, once everything it asked for came well."""
    opened: list[Page] = []

    def go(endpoint: str, look: Look) -> Page:
        page = troubles.watch(house.context(look.role).new_page())
        opened.append(page)
        failed: list[str] = []

        def hear(answer: Response) -> None:
            if answer.status >= 400:
                failed.append(f"{answer.status} {answer.url}")

        page.on("response", hear)
        page.set_viewport_size({"width": 1280, "height": 800})
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        answer = page.goto(house.address(endpoint, look), wait_until="load")
        assert answer is not None
        assert answer.status == 200, f"{answer.status} {answer.url}"
        assert "/sign-in" not in page.url or endpoint.startswith("sign_in."), "sent to the door"
        assert not failed, failed
        return page

    yield go
    for page in opened:
        page.close()


def test_every_endpoint_has_its_line(house: House) -> None:
    known = {*PAGES, *PAPERS, *LOOKED_AT_ELSEWHERE}
    there = {rule.endpoint for rule in house.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    new, gone = sorted(there - known), sorted(known - there)
    assert not new, f"no line in tests/journeys/test_every_page.py says who looks at: {', '.join(new)}"
    assert not gone, f"tests/journeys/test_every_page.py still looks at: {', '.join(gone)}"


@pytest.mark.parametrize(("endpoint", "look"), LOOKS, ids=_named)
def test_page(visit: Callable[[str, Look], Page], axe: Axe, endpoint: str, look: Look) -> None:
    page = visit(endpoint, look)
    whole = page.evaluate(
        "() => ({title: document.title.split('·')[0].trim(), h1: document.querySelectorAll('h1').length,"
        " fragment: !document.querySelector('main')})"
    )
    if not whole["fragment"] or endpoint not in ("bench.board", "bench.board_of_wipes"):
        assert whole["title"], "no title"
        assert whole["h1"] == 1, f"{whole['h1']} first headings"
        wrong = axe(page)
        assert not wrong, "large, light:\n" + "\n".join(wrong)
        page.set_viewport_size({"width": 320, "height": 640})
        page.emulate_media(color_scheme="dark")
        assert not _too_wide(page), "wider than a phone: " + ", ".join(_too_wide(page))
        page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
        wrong = axe(page)
        assert not wrong, "phone, dark:\n" + "\n".join(wrong)
        assert not _too_wide(page), "wider than a phone, opened: " + ", ".join(_too_wide(page))


def _too_wide(page: Page) -> list[str]:
    """What makes a page scroll sideways at 320 px: the elements that stick out, or nothing."""
    found: list[str] = page.evaluate(
        """() => document.scrollingElement.scrollWidth <= 320 ? [] : ['scrollWidth ' + document.scrollingElement.scrollWidth,
        ...[...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > 321)
        .slice(0, 6).map(one => one.tagName + '.' + one.className + ' ' + Math.round(one.getBoundingClientRect().right))]"""
    )
    return found


@pytest.mark.parametrize(("endpoint", "look"), PAPERS.items(), ids=_named)
def test_paper(house: House, endpoint: str, look: Look) -> None:
    answer = house.context(look.role).request.get(house.address(endpoint, look))
    assert answer.status == look.status, f"{answer.status} {answer.text()[:300]}"
    assert answer.headers["content-type"].startswith(look.kind)
    assert look.kind != PDF or answer.body().startswith(b"%PDF-")


STOPS = """() => {
  const seen = one => one.checkVisibility({visibilityProperty: true, opacityProperty: false});
  const groups = new Map(), stops = [];
  for (const one of document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')) {
    if (one.disabled || one.type === 'hidden' || !seen(one)) continue;
    if (one.type === 'radio' && one.name) {
      const key = (one.form?.id || '') + one.name;
      if (groups.has(key)) continue;
      groups.set(key, one);
    }
    one.dataset.stop = stops.length;
    stops.push(one.tagName + ' ' + (one.textContent.trim() || one.name || one.id).slice(0, 40));
  }
  return stops;
}"""
"""Every control that Tab must reach, one a group of radio buttons; each is numbered."""

STAND = """() => {
  let one = document.activeElement;
  if (!one || one === document.body) return null;
  const name = one.tagName + ' ' + (one.textContent.trim() || one.name || one.id).slice(0, 40);
  const drawn = el => { const s = getComputedStyle(el); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 || s.boxShadow !== 'none'; };
  let stop = one.dataset.stop;
  if (one.type === 'radio' && stop === undefined)
    stop = [...document.getElementsByName(one.name)].find(other => other.dataset.stop !== undefined)?.dataset.stop;
  const label = one.labels?.[0];
  const boxes = [one, label, one.parentElement, one.nextElementSibling].filter(Boolean);
  const place = (label && one.offsetWidth < 12 ? label : one).getBoundingClientRect();
  const x = place.x + place.width / 2, y = Math.min(Math.max(place.y + place.height / 2, 0), innerHeight - 1);
  const top = document.elementFromPoint(x, y);
  const free = !!top && boxes.some(el => el.contains(top) || top.contains(el) && top.contains(one));
  return {stop, name, ring: boxes.some(drawn), free};
}"""
"""Where Tab stands: which control, whether it is drawn as focused, and whether nothing lies over it."""


@pytest.mark.parametrize(("endpoint", "look"), KEYBOARD.items(), ids=_named)
def test_keyboard(visit: Callable[[str, Look], Page], endpoint: str, look: Look) -> None:
    page = visit(endpoint, look)
    stops = page.evaluate(STOPS)
    reached: set[int] = set()
    for _ in range(len(stops) + 20):
        page.keyboard.press("Tab")
        stand = page.evaluate(STAND)
        if stand is None or (
            stand["stop"] is not None and int(stand["stop"]) in reached and len(reached) == len(stops)
        ):
            break
        assert stand["ring"], f"focus is not shown on: {stand['name']}"
        assert stand["free"], f"focus is hidden under something on: {stand['name']}"
        if stand["stop"] is not None:
            reached.add(int(stand["stop"]))
    assert not [name for number, name in enumerate(stops) if number not in reached]


@pytest.mark.parametrize(("endpoint", "look"), PRINTED.items(), ids=_named)
def test_print(visit: Callable[[str, Look], Page], endpoint: str, look: Look) -> None:
    page = visit(endpoint, look)
    page.emulate_media(media="print")
    for bar in (".top", ".nav", ".foot", ".skip", ".dock", "button"):
        assert not page.locator(bar).locator("visible=true").count(), f"{bar} is printed"
    assert page.pdf(format="A4", prefer_css_page_size=True).startswith(b"%PDF-")
