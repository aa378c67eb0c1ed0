"""A whole class list's day through the verbs: every machine at most once, every child at most one, the counts right."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ordi.machines.lifecycle import State
from ordi.machines.machine import Machine
from ordi.sharing.class_counts import by_class, by_desk
from ordi.sharing.class_desks import Tone, close_day, conflicts, serve
from ordi.sharing.promises import Allocation
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.sharing.classes import an_open_list, pupils_of, sent

LATER = NOW + timedelta(hours=5)

PUPILS, DESKS, CLASSES = 120, 6, 8


def a_town() -> str:
    """120 children in 8 classes; every tenth has a sibling on the next line."""
    lines = []
    for n in range(PUPILS):
        family = n - (n % 10 == 1)
        lines.append(f"CE2 {n % CLASSES:02d};Enfant {n:04d};Parent {family:04d};06{family:08d}")
    return "\n".join(lines)


def test_six_desks_two_of_them_offline(session: Session, cast: Cast) -> None:
    """Every machine at most once, every child at most one, the counts right, whatever arrives late, twice or crossed."""
    the_list = an_open_list(session, cast, a_town())
    pupils = pupils_of(session, the_list)
    assert len({one.household_id for one in pupils}) == PUPILS - PUPILS // 10
    absent = {one.id for n, one in enumerate(pupils) if n % 20 == 10 or (n % 20 == 11 and n % 40 != 11)}
    absent = set(sorted(absent)[: PUPILS // 20])  # 5 %, a whole family at a time
    families: dict[int, list[int]] = {}
    for one in pupils:
        if one.id not in absent:
            families.setdefault(one.household_id, []).append(one.id)
    tags = iter([a_machine(session, cast).tag for _ in range(PUPILS)])
    acts = [
        sent(*((child, next(tags)) for child in children), desk=str(n % DESKS + 1))
        for n, children in enumerate(families.values())
    ]
    hands = {"1": cast.eva, "2": cast.ines, "3": cast.lise, "4": cast.eva, "5": cast.ines, "6": cast.lise}
    for act in acts:
        if act.desk not in "56":
            serve(session, the_list, act, by=hands[act.desk], at=NOW)
    # desks 5 and 6 come back: all they did, some of it twice; at desk 6 a child who went to desk 1 too, and a machine of desk 2
    late = [act for act in acts if act.desk in "56"]
    for act in [*late, *late[:30]]:
        serve(session, the_list, act, by=hands[act.desk], at=LATER)
    served_before, given_before = acts[0].gifts[0][0], acts[1].gifts[0][1]
    serve(session, the_list, sent((served_before, next(tags)), desk="6"), by=cast.lise, at=LATER)
    left_out = min(absent)
    serve(session, the_list, sent((left_out, given_before), desk="6"), by=cast.lise, at=LATER)

    assert close_day(session, the_list, NOW.date(), by=cast.eva, at=LATER) == PUPILS // 20
    counts = by_class(session, the_list)
    assert len(counts) == CLASSES
    totals = [sum(of) for of in zip(*((one.listed, one.given, one.absent) for one in counts), strict=True)]
    assert totals == [PUPILS, PUPILS - PUPILS // 20, PUPILS // 20]
    expected = Counter(act.desk for act in acts for _gift in act.gifts)
    assert {desk: told[Tone.GIVEN] for desk, told in by_desk(session, the_list).items()} == expected
    codes = [one.code for one in conflicts(session, the_list)]
    assert codes == ["child-already-served", "machine-already-given"]

    standing = session.execute(
        select(Allocation.machine_id, Allocation.request_id).where(Allocation.ended_at.is_(None))
    )
    machines, requests = zip(*standing.tuples().all(), strict=True)
    assert len(set(machines)) == len(set(requests)) == len(machines) == PUPILS - PUPILS // 20
    gone = session.scalar(select(func.count()).where(Machine.state == State.HANDED_OVER))
    assert gone == PUPILS - PUPILS // 20
