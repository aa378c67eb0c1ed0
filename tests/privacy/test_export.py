"""What a family takes along holds every column that says something of it, or the reason is written here why it does not."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from ordi.database import Base
from ordi.fleet import help_requests
from ordi.parties.households import Household, read_file
from ordi.privacy.columns import Says, classified
from ordi.privacy.export import everything
from ordi.sharing.bookings import Appointment
from ordi.sharing.connections import Connection
from ordi.sharing.filing import Reading
from ordi.sharing.loan_ends import answered, ask
from ordi.sharing.repairs import bring_in
from ordi.sharing.requests import Request
from tests.cast import Cast
from tests.fleet.news import enrolled, news, tell
from tests.ground.clock import NOW
from tests.sharing.classes import an_open_list, pupils_of
from tests.sharing.families import SEALER, a_programme, a_request, handed_over

TOLD: dict[str, str] = {
    "households": "name_sealed phone_sealed email_sealed address_sealed language_sealed code partner_id created_at last_contact_at",
    "household_readings": "person_id at what",
    "consents": "given language version reader_id at",
    "class_pupils": "name_sealed class_name absent_on",
    "requests": "code programme_id needs reach state filed_by_id followed_by_id filed_at ended_at heard_at asked_at aside_at profile derogation derogated_by_id derogated_at moved moved_at commune_code qpv district_code",
    "request_notes": "text_sealed",
    "attestations": "criterion by_id at",
    "request_steps": "step by_id at",
    "tenant_codes": "used_at",
    "namings": "machine_id at ended_at",
    "placements": "place fleet at",
    "allocations": "machine_id by_id at price_cents kept_until heard_at handed_over_at handed_over_by_id contract_ends paper_id ended_at ending signed_on_paper witness_id",
    "pack_items": "code scanned handed_at handed_by_id dropped_at",
    "appointments": "begins place_id state booked_at moves reminded_at ended_at",
    "messages": "kind channel state facts made_at ended_at",
    "custody_transfers": "signature at",
    "loan_ends": "asked_at letters answer by_silence answered_at paper_id",
    "repairs": "code fault at mended_at ended_at outcome",
    "help_requests": "trouble asked_at closed_at",
    "check_ins": "recorded_at payload",
    "enrolments": "enrolled_at stopped_at",
    "visits": "cause findings at",
    "visit_tickets": "code origin cause words_sealed day goes_id at state ended_at",
    "connections": "opened_on free_until then_cents closed_at",
    "training_places": "group_id step certificate left_why able onward",
    "learner_levels": "level",
    "attendances": "session_id",
}
"""By table, the columns of a family whose content is in its export."""

NOT_TOLD: dict[str, str] = {
    "a number, a key or a fingerprint that means something to the program alone": "id uid uuid hash form_uuid name_index "
    "phone_index household_id request_id allocation_id pupil_id list_id version once about application_id place_id keyid "
    "public_key pile visit_id",
    "the day of an erasure is told where the file stood: nothing is left to export": "erased_at",
    "who of the team did it is in the machine's history; the family's file says who read, promised and gave": "by_id "
    "booked_by_id ended_by_id taken_by_id closed_by_id prepared_by_id settled_by_id owner_id keeper_id operator_id",
    "the service is said once, at the head": "partner_id programme_code",
    "it was held by a second appointment, which is itself told": "second",
    "it is the machine's, told by its tag": "machine_id",
    "a message's way, settled when it ended": "attempts due_at claimed_at unsure trouble attachment_name",
    "the day is with the certificate, or the session": "certified_at learner_levels.at",
    "how long a desk keeps for anyone": "appointments.minutes",
    "a desk's act is told by the hand-over that it made": "desk_acts.facts desk_acts.tag desk_acts.happened_at",
    "the day a landlord made its codes, before one was theirs": "tenant_codes.at",
}
"""Why columns are left out, by their names, in one table or in all."""


def columns_of_a_family() -> Iterator[tuple[str, str]]:
    """Every column that says something of a household: its own tables, and those that lead to one."""
    leads = {"households"}
    while True:
        more = {
            name
            for name, table in Base.metadata.tables.items()
            if name in TOLD or any(key.column.table.name in leads for key in table.foreign_keys)
        }
        if more <= leads:
            break
        leads |= more
    for (table, column), says in classified().items():
        if table in leads and says in (Says.FAMILY, Says.PSEUDONYMOUS):
            yield table, column


def test_every_column_of_a_family_is_exported_or_says_why_not() -> None:
    reasons = {column for columns in NOT_TOLD.values() for column in columns.split()}
    told = {(table, column) for table, columns in TOLD.items() for column in columns.split()}
    known = set(classified())
    assert told <= known, "no such column any more"
    forgotten = [
        where for where in columns_of_a_family() if where not in told and not {where[1], ".".join(where)} & reasons
    ]
    assert forgotten == [], (
        "put it into ordi/privacy/export.py and TOLD, or say in NOT_TOLD why a family does not take it"
    )


def test_a_family_takes_along_what_was_said_signed_mended_asked_and_answered(session: Session, cast: Cast) -> None:
    lent = a_programme(session, cast, contract="loan", loan_months=12, may_keep=True, criteria=("pupil",))
    given = handed_over(session, cast, request=a_request(session, cast, lent, note="Le soir"))
    machine, request, family = given.machine, given.request, given.request.household
    assert family is not None
    later = NOW + timedelta(days=1)
    tell(session, enrolled(session, cast, machine), news(session, machine), at=NOW)
    help_requests.ask(session, machine, "slow", at=later)
    bring_in(session, machine, "slow", by=cast.sam, at=later)
    ask(session, given, by=cast.ines, at=later)
    answered(session, given, "keep", Reading("2026-1", "uk"), by=cast.ines, at=later)
    session.add(
        Connection(
            request_id=request.id, opened_on=NOW.date(), free_until=NOW.date(), then_cents=100, by_id=cast.ines.id
        )
    )
    session.add(
        Appointment(
            uid="a" * 32,
            allocation_id=given.id,
            request_id=request.id,
            place_id=cast.workshop.id,
            begins=NOW,
            minutes=20,
            booked_by_id=cast.ines.id,
            booked_at=NOW,
        )
    )
    session.flush()
    session.expire_all()
    told = json.loads(json.dumps(exported(session, cast, family, request)))
    (asked,) = told["requests"]
    (held,) = asked["machines"]
    assert [one["language"] for one in told["consents"]] == ["fr", "uk"]
    assert asked["verified"] == [{"what": "pupil", "by": cast.ines.op_code, "on": "2026-11-16"}]
    assert (asked["filed_by"], held["promised_by"], held["handed_over_by"]) == (
        cast.ines.op_code,
        cast.ada.op_code,
        cast.ines.op_code,
    )
    assert [(one["kind"], one["state"]) for one in asked["messages"]] == [("loan_ends", "dropped")]
    assert [one["place"] for one in asked["appointments"]] == [cast.workshop.name]
    assert [one["then_cents"] for one in asked["access"]] == [100]
    assert held["price_cents"] == 0
    assert [base64.b64decode(one["png"])[:8] for one in held["signatures"]] == [b"\x89PNG\r\n\x1a\n"]
    assert [one["fault"] for one in held["repairs"]] == ["slow"]
    assert [one["trouble"] for one in held["help"]] == ["slow"]
    assert (held["loan_end"]["answer"], held["loan_end"]["letters"]) == ("keep", 1)
    assert (held["check_ins"], len(held["news"]), bool(held["news"][0]["told"])) == (1, 1, True)


def test_the_family_before_and_the_family_after_are_not_told(session: Session, cast: Cast) -> None:
    given = handed_over(session, cast)
    assert given.request.household is not None
    early = NOW - timedelta(days=3)
    help_requests.ask(session, given.machine, "slow", at=early)
    told = exported(session, cast, given.request.household, given.request)
    assert told["requests"][0]["machines"][0]["help"] == []


def test_a_childs_absence_is_told(session: Session, cast: Cast) -> None:
    child = pupils_of(session, an_open_list(session, cast))[0]
    child.absent_on = NOW.date()
    session.flush()
    told = exported(session, cast, child.household, child.request)
    assert {"name": "Amina Diallo", "class": "CE2 A", "absent": "2026-11-16"} in told["children"]


def exported(session: Session, cast: Cast, family: Household, request: Request) -> dict[str, Any]:
    """What Ada, who coordinates, would hand to the family."""
    contact = read_file(session, family, sealer=SEALER, by=cast.ada, at=NOW)
    return everything(session, family, contact, [request], sealer=SEALER)
