"""A class list: every line is taken or said, siblings are found without merging strangers, nothing is filed twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ordi.errors import Invalid, NotAllowed
from ordi.parties.households import Household, HouseholdReading
from ordi.privacy.erasing import erase_for
from ordi.sharing.class_lists import child_name, file_list, open_list, roster, search
from ordi.sharing.class_reading import MOST_LINES, Why, decoded, read
from ordi.sharing.consents import Consent
from ordi.sharing.filing import NotForYou
from ordi.sharing.requests import Request, withdraw
from ordi.text import folded
from tests.cast import Cast
from tests.ground.clock import NOW
from tests.sharing.classes import SMALL, a_school_loan, an_open_list, file_text, pupils_of
from tests.sharing.families import SEALER


def test_columns_are_found_by_name_in_any_order() -> None:
    (line,) = read("Tél\tResponsable\tNom Prénom\tClasse\n0612345678\tFatou Diallo\tAmina  Diallo\tCE2 A").lines
    assert (line.class_name, line.child, line.adult, line.phone) == (
        "CE2 A",
        "Amina Diallo",
        "Fatou Diallo",
        "0612345678",
    )


def test_without_heads_the_usual_order_holds() -> None:
    (line,) = read("CE2 A,Amina Diallo,Fatou Diallo").lines
    assert (line.number, line.child, line.phone) == (1, "Amina Diallo", "")


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (";Amina;Fatou", Why.NO_CLASS),
        ("CE2;;Fatou", Why.NO_CHILD),
        ("CE2;Amina;", Why.NO_ADULT),
        ("CE2;Amina", Why.NO_ADULT),
        ("CE2;" + "A" * 81 + ";Fatou", Why.TOO_LONG),
        ("cm1;  leo MARTIN;Anne Martin", Why.TWICE),
    ],
)
def test_a_line_that_is_not_taken_says_which_and_why(raw: str, why: Why) -> None:
    found = read(f"CM1;Léo Martin;Anne Martin\n\n{raw}")
    assert [(one.number, one.why) for one in found.wrong] == [(3, why)]
    assert len(found.lines) == 1


@given(rows=st.lists(st.text(st.sampled_from('Aé;,\t" 1'), max_size=12), min_size=1, max_size=12))
def test_every_line_that_says_something_is_taken_or_said(rows: list[str]) -> None:
    telling = [row for row in rows if row.strip(" \t;,\"'")]
    if not telling:
        with pytest.raises(Invalid):
            read("\n".join(rows))
        return
    found = read("\n".join(rows))
    assert len(found.lines) + len(found.wrong) == len(telling)


@pytest.mark.parametrize(
    ("said", "compared"), [("Sœur  ÉLODIE", "soeur elodie"), ("l’Haÿ-les-Roses", "l hay les roses")]
)
def test_names_are_compared_without_case_accents_ligatures_and_signs(said: str, compared: str) -> None:
    assert folded(said) == compared


def test_an_endless_or_empty_list_is_refused() -> None:
    for text in ("", " ; \n", "CE2;A;B\n" * (MOST_LINES + 1), "x" * 600_000):
        with pytest.raises(Invalid):
            read(text)


def test_what_older_spreadsheets_write_is_read() -> None:
    assert decoded("Zoé".encode("cp1252")) == decoded("Zoé".encode("utf-8-sig")) == "Zoé"


def test_siblings_share_a_file_and_namesakes_do_not(session: Session, cast: Cast) -> None:
    amina, ibrahim, leo, zoe = pupils_of(session, an_open_list(session, cast))
    assert amina.household_id == ibrahim.household_id
    assert leo.household_id != zoe.household_id
    assert len({one.request_id for one in (amina, ibrahim, leo, zoe)}) == 4
    assert child_name(amina, SEALER) == "Amina Diallo"


def test_a_list_sent_again_files_nothing(session: Session, cast: Cast) -> None:
    programme = a_school_loan(session, cast)
    first = file_text(session, cast, programme, SMALL, form_uuid="a" * 36)
    again = file_text(session, cast, programme, SMALL, form_uuid="a" * 36)
    assert (first.new, again.new, again.the_list) == (4, 0, first.the_list)


def test_a_corrected_list_files_only_who_was_missing(session: Session, cast: Cast) -> None:
    programme = a_school_loan(session, cast)
    file_text(session, cast, programme, SMALL)
    more = "CE2 A;Amina DIALLO;Fatou Diallo;0612345678\nCM1 B;Awa Diallo;Fatou Diallo;0612345678"
    corrected = file_text(session, cast, programme, more)
    assert (corrected.new, corrected.known) == (1, (1,))
    assert session.scalar(select(func.count()).select_from(Household)) == 3


def test_a_child_whose_request_was_withdrawn_may_be_listed_again(session: Session, cast: Cast) -> None:
    programme = a_school_loan(session, cast)
    first = file_text(session, cast, programme, SMALL)
    withdraw(session, pupils_of(session, first.the_list)[0].request, by=cast.eva, at=NOW)
    assert file_text(session, cast, programme, SMALL.splitlines()[1]).new == 1


def test_consent_is_read_at_the_desk_not_invented_by_the_school(session: Session, cast: Cast) -> None:
    an_open_list(session, cast)
    assert session.scalar(select(func.count()).select_from(Consent)) == 0


def test_who_may_not_ask_under_the_programme_files_no_list(session: Session, cast: Cast) -> None:
    programme, lines = a_school_loan(session, cast), read(SMALL).lines
    for who, refusal in ((cast.ines, NotForYou), (cast.paul, NotAllowed), (cast.ada, NotAllowed)):
        with pytest.raises(refusal):
            file_list(
                session,
                cast.partner,
                programme,
                "Rentrée",
                lines,
                attested=("pupil",),
                form_uuid="b" * 36,
                by=who,
                at=NOW,
                sealer=SEALER,
            )


def test_only_a_coordinator_opens_a_list_to_machines(session: Session, cast: Cast) -> None:
    filed = file_text(session, cast, a_school_loan(session, cast), SMALL)
    for who in (cast.eva, cast.sam, cast.noor):
        with pytest.raises(NotAllowed):
            open_list(session, filed.the_list, by=who, at=NOW)


def test_the_list_is_read_by_class_and_name_and_the_reading_is_kept(session: Session, cast: Cast) -> None:
    the_list = an_open_list(session, cast)
    rows = roster(session, the_list, sealer=SEALER, by=cast.eva, at=NOW)
    assert [one.name for one in rows] == ["Amina Diallo", "Léo Martin", "Zoé Martin", "Ibrahim Diallo"]
    assert session.scalar(select(func.count()).select_from(HouseholdReading)) == 3
    for who in (cast.vic, cast.sam, cast.paul):
        with pytest.raises(NotAllowed):
            roster(session, the_list, sealer=SEALER, by=who, at=NOW)


@pytest.mark.parametrize("asked", ["amina", "DIALLO ami", "ce2 amin", "amima", "amna", "ammina", "dialo amina"])
def test_a_child_is_found_whatever_the_accents_the_order_and_one_wrong_letter(
    session: Session, cast: Cast, asked: str
) -> None:
    rows = roster(session, an_open_list(session, cast), sealer=SEALER, by=cast.eva, at=NOW)
    assert [one.name for one in search(rows, asked)] == ["Amina Diallo"]
    assert search(rows, "nobody at all") == []


def test_a_forgotten_family_leaves_no_childs_name(session: Session, cast: Cast) -> None:
    amina, ibrahim, *_others = pupils_of(session, an_open_list(session, cast))
    for one in (amina, ibrahim):
        withdraw(session, session.get_one(Request, one.request_id), by=cast.eva, at=NOW)
    erase_for(session, amina.household, by=cast.eva, at=NOW, remember=lambda _marks: None)
    session.expire_all()
    assert [(one.name_sealed, one.name_index, child_name(one, SEALER)) for one in (amina, ibrahim)] == [
        (None, None, ""),
        (None, None, ""),
    ]
