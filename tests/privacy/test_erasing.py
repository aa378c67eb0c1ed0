"""A file is kept from the end of what it was for, as long as the rule says, then forgotten; the figures stay."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ordi.database import Base
from ordi.errors import NotAllowed
from ordi.machines.custody import Holder
from ordi.machines.journal import verify
from ordi.papers import PARIS, Paper
from ordi.parties.households import Household, HouseholdReading, alike, read_file
from ordi.privacy import marks
from ordi.privacy.columns import Says, columns_that_say
from ordi.privacy.ends import Thing, file_ends
from ordi.privacy.erasing import Cause, Erasure, StillRuns, erase_due, erase_for, preview, replay
from ordi.reporting.figures import by_pole
from ordi.sharing.connections import Connection
from ordi.sharing.filing import Reading
from ordi.sharing.loan_ends import answered, ask, silent
from ordi.sharing.months import months_after
from ordi.sharing.promises import Allocation
from ordi.sharing.repairs import bring_in, give_back
from ordi.sharing.requests import Qpv, Request, withdraw
from ordi.sharing.seats import enlist
from ordi.sharing.take_back import take_back
from ordi.sharing.training import WAY, advance, certify, note_attendance, open_group
from ordi.sharing.visit_tickets import plan_visit
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.sharing.classes import an_open_list, pupils_of
from tests.sharing.families import SEALER, a_household, a_programme, a_request, a_signature, handed_over

TODAY = NOW.astimezone(PARIS).date()


def nowhere(_marks: object) -> None:
    """No list outside the database."""


def ended(session: Session, household: Household, at: datetime = NOW) -> tuple[Thing | None, object]:
    """What still runs, or else the last day and what ended then."""
    end = file_ends(session, at=at, only=household)[household.id]
    return (next(iter(end.running)), None) if end.running else (end.after, end.ended)


def at_noon(months: int, days: int = 0) -> datetime:
    """So many months and days after the day of the test."""
    day = months_after(TODAY, months) + timedelta(days=days)
    return NOW.replace(year=day.year, month=day.month, day=day.day)


def the_family(request: Request) -> Household:
    assert request.household is not None
    return request.household


def test_a_request_that_waits_keeps_its_file(session: Session, cast: Cast) -> None:
    waiting = a_request(session, cast)
    assert ended(session, the_family(waiting), at_noon(60)) == (Thing.REQUEST, None)
    assert preview(session, at=at_noon(60)).households == 0


def test_a_withdrawn_request_counts_from_its_withdrawal(session: Session, cast: Cast) -> None:
    request = a_request(session, cast, at=NOW - timedelta(days=400))
    withdraw(session, request, by=cast.ines, at=NOW)
    assert ended(session, the_family(request)) == (Thing.REQUEST, TODAY)
    assert preview(session, at=at_noon(24, -1)).households == 0
    assert preview(session, at=at_noon(24)).households == 1


def test_a_gift_counts_from_the_day_it_was_given(session: Session, cast: Cast) -> None:
    given = handed_over(session, cast)
    assert ended(session, the_family(given.request)) == (Thing.GIFT, TODAY)


def test_a_loan_keeps_its_file_until_the_machine_is_back_however_late(session: Session, cast: Cast) -> None:
    programme = a_programme(session, cast, contract="loan", loan_months=12)
    lent = handed_over(session, cast, request=a_request(session, cast, programme))
    family = the_family(lent.request)
    assert file_ends(session, at=NOW, only=family)[family.id].running == {Thing.LOAN: months_after(TODAY, 12)}
    assert ended(session, family, at_noon(30)) == (Thing.LOAN, None)
    take_back(session, lent, "loan_ended", by=cast.sam, at=at_noon(30))
    assert ended(session, family, at_noon(30)) == (Thing.LOAN, months_after(TODAY, 30))
    assert preview(session, at=at_noon(53)).households == 0
    assert preview(session, at=at_noon(54)).households == 1


@pytest.mark.parametrize("by_silence", [True, False], ids=["by silence", "by an answer"])
def test_a_loan_that_is_kept_ends_the_day_it_is_kept(session: Session, cast: Cast, by_silence: bool) -> None:
    programme = a_programme(session, cast, contract="loan", loan_months=31, may_keep=True, silence="keep")
    lent = handed_over(session, cast, request=a_request(session, cast, programme))
    kept = at_noon(31, 1)
    ask(session, lent, by=cast.ines, at=at_noon(30))
    if by_silence:
        silent(session, lent, by=cast.ada, at=kept)
    else:
        answered(session, lent, "keep", Reading("2026-1", "fr"), by=cast.ines, at=kept)
    assert ended(session, the_family(lent.request), kept) == (Thing.LOAN, kept.astimezone(PARIS).date())
    assert preview(session, at=at_noon(54)).households == 0
    assert preview(session, at=at_noon(56)).households == 1


def test_a_sale_keeps_its_file_while_the_warranty_runs(session: Session, cast: Cast) -> None:
    programme = a_programme(session, cast, contract="sale", price_cents=3000)
    sold = handed_over(session, cast, request=a_request(session, cast, programme))
    family = the_family(sold.request)
    assert ended(session, family, at_noon(24, -1)) == (Thing.WARRANTY, None)
    assert ended(session, family, at_noon(24)) == (Thing.WARRANTY, months_after(TODAY, 24))
    assert preview(session, at=at_noon(48, -1)).households == 0
    assert preview(session, at=at_noon(48)).households == 1


def test_a_training_keeps_its_file_until_its_last_session(session: Session, cast: Cast) -> None:
    programme = a_programme(
        session,
        cast,
        contract="none",
        services=("training",),
        training={"sessions": 2, "minutes": 60, "certificate": True},
    )
    begins = [NOW + timedelta(days=days) for days in (1, 8)]
    group = open_group(session, cast.partner, programme, begins, by=cast.ines, at=NOW)
    request = a_request(session, cast, programme)
    place = enlist(session, group, request, by=cast.ines, at=NOW)
    family = the_family(request)
    assert ended(session, family) == (Thing.TRAINING, None)
    for step in WAY[1:]:
        if place.step != WAY[-1]:
            advance(session, place, step, by=cast.ines, at=NOW)
    for meeting in group.sessions:
        note_attendance(session, meeting, [place.id], by=cast.ines, at=meeting.begins)
    certify(session, place, by=cast.ines, at=begins[-1])
    assert ended(session, family, begins[-1] + timedelta(hours=2)) == (Thing.TRAINING, begins[-1].date())


def test_an_internet_access_keeps_its_file_until_it_is_closed(session: Session, cast: Cast) -> None:
    given = handed_over(session, cast)
    access = Connection(
        request_id=given.request_id, opened_on=TODAY, free_until=TODAY, then_cents=100, by_id=cast.ines.id
    )
    session.add(access)
    session.flush()
    assert ended(session, the_family(given.request), at_noon(40)) == (Thing.CONNECTION, None)
    access.closed_at = at_noon(41)
    session.flush()
    assert ended(session, the_family(given.request), at_noon(42)) == (Thing.CONNECTION, months_after(TODAY, 41))


def test_what_is_announced_is_what_is_erased_once(session: Session, cast: Cast) -> None:
    gone = [the_family(handed_over(session, cast, request=a_request(session, cast, note="Le soir")).request)]
    kept = a_household(session, cast, "Rosa Lindt")
    later = at_noon(24)
    kept.last_contact_at = later - timedelta(days=3)
    session.flush()
    assert preview(session, at=later).households == 1
    told: list[object] = []
    done = erase_due(session, at=later, remember=told.extend)
    assert done is not None
    assert (done.cause, done.households, done.notes, done.signatures, done.by_id) == (Cause.RULE, 1, 1, 1, None)
    assert len(told) == 1
    assert erase_due(session, at=later, remember=told.extend) is None
    assert preview(session, at=later).households == 0
    assert len(told) == session.scalar(select(func.count()).select_from(Erasure)) == 1
    session.refresh(kept)
    assert (gone[0].erased_at, kept.erased_at) == (later, None)
    assert alike(session, cast.partner, "Rosa Lindt", sealer=SEALER) == [kept]
    assert alike(session, cast.partner, "Amina Diallo", sealer=SEALER) == []


def test_the_signatures_of_repairs_are_forgotten_with_the_hand_overs(session: Session, cast: Cast) -> None:
    given = handed_over(session, cast)
    repair = bring_in(session, given.machine, "slow", by=cast.sam, at=at_noon(1))
    give_back(session, repair, a_signature(), by=cast.sam, at=at_noon(1, days=1))
    done = erase_due(session, at=at_noon(26), remember=nowhere)
    assert done is not None
    assert (done.households, done.signatures) == (1, 2)


TIED = ("households", "requests", "request_notes", "consents", "custody_transfers", "class_pupils", "visit_tickets")
"""The tables with words of a family: what erasure empties."""


def test_no_word_of_the_family_is_left_in_any_column_that_says_one(session: Session, cast: Cast) -> None:
    given = handed_over(session, cast, request=a_request(session, cast, note="Le soir"))
    given.request.commune_code, given.request.qpv, given.request.district_code = "25056", Qpv.YES, "QP025900"
    for child in pupils_of(session, an_open_list(session, cast)):
        withdraw(session, child.request, by=cast.eva, at=NOW)
    how = {"words": "Sonner", "sealer": SEALER, "by": cast.ines, "at": NOW}
    plan_visit(session, given.request, "wiring", NOW.date(), cast.ines, **how)  # type: ignore[arg-type]
    columns = columns_that_say(Says.FAMILY)
    assert {table for table, _column in columns} == set(TIED), "erase the new column too, and name its table here"

    def left() -> set[tuple[str, str]]:
        tables = Base.metadata.tables
        found = set()
        for table, column in columns:
            cells = select(tables[table].columns[column])
            if table == "custody_transfers":  # a donor signs there too
                cells = cells.where(tables[table].columns["holder"] == Holder.HOUSEHOLD)
            if any(session.scalars(cells)):
                found.add((table, column))
        return found

    before = left()
    assert before == set(columns) - {("households", "email_sealed")}
    erase_due(session, at=at_noon(24), remember=nowhere)
    session.flush()
    assert left() == set()


def test_the_figures_and_the_history_do_not_change(session: Session, cast: Cast) -> None:
    given = handed_over(session, cast)
    code, paper = the_family(given.request).code, given.paper_id
    since, until = NOW - timedelta(days=365), at_noon(25)

    def told() -> tuple[object, ...]:
        counts = by_pole(session, cast.fanny, since, until)
        return (
            [(one.pole, dict(one.counts), one.waiting) for one in counts],
            *(session.scalar(select(func.count()).select_from(table)) for table in (Request, Allocation, Household)),
            session.scalars(select(Paper.sha256)).all(),
            session.scalars(select(Request.needs)).all(),
        )

    before = told()
    assert erase_due(session, at=at_noon(24), remember=nowhere)
    assert told() == before
    assert list(verify(session)) == []
    family = session.scalars(select(Household)).one()
    assert family.code != code
    assert session.scalars(select(Allocation)).one().paper_id == paper


def test_who_read_is_known_for_a_year(session: Session, cast: Cast) -> None:
    family = the_family(a_request(session, cast))
    read_file(session, family, sealer=SEALER, by=cast.ines, at=NOW)
    read_file(session, family, sealer=SEALER, by=cast.ada, at=NOW + timedelta(days=40))
    later = at_noon(12, 1)
    assert preview(session, at=later).readings == 1
    done = erase_due(session, at=later, remember=nowhere)
    assert done is not None
    assert (done.households, done.readings) == (0, 1)
    assert session.scalars(select(HouseholdReading.person_id)).all() == [cast.ada.id]


def test_a_family_that_asks_is_forgotten_at_once(session: Session, cast: Cast, tmp_path: Path) -> None:
    given = handed_over(session, cast)
    family = the_family(given.request)
    with pytest.raises(NotAllowed):
        erase_for(session, family, by=cast.noor, at=NOW, remember=nowhere)
    done = erase_for(session, family, by=cast.ines, at=NOW, remember=nowhere)
    assert done is not None
    assert (done.cause, done.by_id) == (Cause.ASKED, cast.ines.id)
    assert family.name_sealed is None
    assert erase_for(session, family, by=cast.ines, at=NOW, remember=nowhere) is None


@pytest.mark.parametrize(
    ("rules", "thing"),
    [({"contract": "loan", "loan_months": 6}, "loan"), ({"contract": "sale", "price_cents": 3000}, "warranty")],
)
def test_a_family_that_asks_while_something_runs_is_told_what(
    session: Session, cast: Cast, rules: dict[str, object], thing: str
) -> None:
    programme = a_programme(session, cast, **rules)
    family = the_family(handed_over(session, cast, request=a_request(session, cast, programme)).request)
    with pytest.raises(StillRuns) as refusal:
        erase_for(session, family, by=cast.ines, at=NOW, remember=nowhere)
    assert refusal.value.facts["thing"] == thing
    assert family.name_sealed is not None


def test_what_a_backup_brings_back_is_forgotten_again(session: Session, cast: Cast, tmp_path: Path) -> None:
    gone, kept = a_household(session, cast), a_household(session, cast, "Rosa Lindt")
    with session.begin_nested() as undone:
        done = erase_for(
            session, gone, by=cast.ines, at=NOW, remember=lambda told: marks.remember(tmp_path, told, at=NOW)
        )
        assert done is not None
        undone.rollback()  # as a backup of the day before does
    session.expire_all()
    assert gone.name_sealed is not None
    with (tmp_path / marks.FILE).open("a") as file:
        file.write('{"at": "2026-')  # the machine stopped in the middle of a line
    assert replay(session, marks.remembered(tmp_path), at=NOW) == 1
    assert (gone.erased_at, gone.name_sealed, kept.erased_at) == (NOW, None, None)
    assert replay(session, marks.remembered(tmp_path), at=NOW) == 0
    told = (tmp_path / marks.FILE).read_text()
    assert gone.uid not in told
    assert (tmp_path / marks.FILE).stat().st_mode & 0o077 == 0


def test_many_files_are_looked_at_in_as_many_queries_as_one(session: Session, cast: Cast) -> None:
    from sqlalchemy import event

    asked: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *told: asked.append(told[2]))

    def queries() -> int:
        asked.clear()
        file_ends(session, at=NOW)
        return len(asked)

    handed_over(session, cast)
    alone = queries()
    for number in range(6):
        a_request(session, cast, household=a_household(session, cast, f"Nom {number}"))
        handed_over(session, cast)
    assert queries() == alone
