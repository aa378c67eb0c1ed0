"""A whole class list's day through the verbs: every machine at most once, every child at most one, the counts right.

1,200 pupils on SQLite. On PostgreSQL 300, by the same steps: 1,200 took 132 s there on two busy cores.
The machines have one past, copied; each is judged by the gate as it is given.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ordi.machines.gate import NEEDS
from ordi.machines.journal import Event, verify
from ordi.machines.lifecycle import STEPS, Action, State
from ordi.machines.machine import Machine
from ordi.sharing.class_counts import by_class, by_desk
from ordi.sharing.class_desks import DeskAct, Sent, Tone, close_day, conflicts, last_given, serve
from ordi.sharing.class_lists import ClassList, ClassPupil
from ordi.sharing.promises import Allocation
from tests.alike import alike
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.sharing.classes import an_open_list, pupils_of, sent

PUPILS = {"sqlite": 1200, "postgresql": 300}
CLASS = 25
ONLINE, OFFLINE = ("1", "2", "3", "4"), ("5", "6")

Family = list[int]
"""The children of one household."""


class Day:
    """What the desks of one day send, and what must come of it."""

    def __init__(self, session: Session, the_list: ClassList, cast: Cast) -> None:
        """Nothing was given yet."""
        self.session, self.the_list = session, the_list
        self.hands = dict(zip((*ONLINE, *OFFLINE), 2 * (cast.eva, cast.ines, cast.lise), strict=True))
        self.given: dict[int, str] = {}
        self.tones = {desk: Counter[str]() for desk in self.hands}
        self.open: list[tuple[int, str, str]] = []

    def comes(self, act: Sent, hours: int, but: dict[int, str] | None = None) -> list[int]:
        """An act arrives, hours after the morning: each child gets its machine, `but` those named, whose code is told."""
        answer = self.serve(act, hours)
        for one, (child, tag) in zip(answer, sorted(act.gifts), strict=True):
            code = (but or {}).get(child, "")
            assert (one.pupil_id, one.tag, one.code) == (child, tag, code)
            self.tones[act.desk][one.tone] += 1
            if code:
                self.open.append((child, tag, code))
            else:
                assert child not in self.given
                self.given[child] = tag
        return [one.id for one in answer]

    def serve(self, act: Sent, hours: int) -> list[DeskAct]:
        """What an act is answered."""
        return serve(self.session, self.the_list, act, by=self.hands[act.desk], at=NOW + timedelta(hours=hours))

    def comes_back(self, batch: list[Sent], hours: int, but: dict[int, str] | None = None) -> None:
        """A desk without a network comes back with all its acts, and its answer is lost: it sends all of them again."""
        first = [self.comes(act, hours, but) for act in batch]
        assert [[one.id for one in self.serve(act, hours + 1)] for act in batch] == first


def a_town(pupils: int, chance: Random) -> tuple[str, list[int]]:
    """Children in the order of no family, and how many each family has: one of eight, many of one, some of two or three."""
    sizes = [8]
    while left := pupils - sum(sizes):
        sizes.append(min(left, chance.choice((1, 1, 1, 1, 1, 2, 2, 3))))
    children = [(family, child) for family, size in enumerate(sizes) for child in range(size)]
    chance.shuffle(children)
    lines = (
        f"CE2 {n % (pupils // CLASS):02d};Enfant {family:04d} {'ABCDEFGH'[child]};Parent {family:04d};06{family:08d}"
        for n, (family, child) in enumerate(children)
    )
    return "\n".join(lines), sizes


def families_of(pupils: list[ClassPupil]) -> list[Family]:
    """The children of each household."""
    found: dict[int, Family] = {}
    for one in pupils:
        found.setdefault(one.household_id, []).append(one.id)
    return list(found.values())


def missing_among(families: list[Family], children: int, chance: Random) -> list[Family]:
    """Families that do not come, whole: so many children in all."""
    missing: list[Family] = []
    for family in chance.sample(families, len(families)):
        if len(family) <= min(3, children - sum(map(len, missing))):
            missing.append(family)
    return missing


def ready_machines(session: Session, cast: Cast, count: int, chance: Random) -> list[str]:
    """So many: the gate passes the copies, of which some are asked, as it passes the first."""
    first = a_machine(session, cast)
    tags = alike(session, first, count - 1)
    some = session.scalars(select(Machine).where(Machine.tag.in_(chance.sample(tags, 12)))).all()
    needs = {*STEPS[Action.ALLOCATE].needs, *STEPS[Action.HAND_OVER].needs}
    assert len(some) == 12
    assert needs
    for machine in (first, *some):
        for need in needs:
            NEEDS[need](session, machine)
    assert list(verify(session)) == []
    return [first.tag, *tags]


def test_six_desks_two_of_them_offline(session: Session, cast: Cast, engine_kind: str, chance: Random | None) -> None:
    """One pupil of twenty does not come; two desks come back late and say all twice; four errors of theirs are told, no other."""
    chance = chance or Random()
    pupils, no_shows = PUPILS[engine_kind], PUPILS[engine_kind] // 20
    text, sizes = a_town(pupils, chance)
    the_list = an_open_list(session, cast, text)
    families = families_of(pupils_of(session, the_list))
    assert sorted(map(len, families)) == sorted(sizes)
    missing = missing_among(families, no_shows, chance)
    absent = [child for family in missing for child in family]
    assert len(absent) == no_shows
    tags = iter(ready_machines(session, cast, pupils, chance))
    day = Day(session, the_list, cast)

    def an_act(family: Family, desk: str, known: int | None = None) -> Sent:
        return sent(*((child, next(tags)) for child in family), desk=desk, known=known)

    # the day: each family at a desk of chance, the eight siblings at one without a network
    queues: dict[str, list[Family]] = {desk: [] for desk in (*ONLINE, *OFFLINE)}
    for family in families:
        if family not in missing:
            queues["6" if len(family) == 8 else chance.choice((*ONLINE, *OFFLINE))].append(family)
    online = [an_act(family, desk) for desk in ONLINE for family in queues[desk]]
    chance.shuffle(online)
    early, later, last = online[::3], online[1::3], online[2::3]
    for act in early:
        day.comes(act, 0)
    known = last_given(session, the_list)
    five, six = ([an_act(family, desk, known) for family in queues[desk]] for desk in OFFLINE)

    # what goes wrong at desk 6: of siblings one was served at desk 1 meanwhile; a child of desk 5 comes again;
    # of two who are not there one is said to have a machine that another has, one a machine that is put aside
    torn = next(act for act in six if 1 < len(act.gifts) < 8)
    twice = five[0].gifts[0][0]
    taken, aside = later[0].gifts[0][1], next(tags)
    session.scalars(select(Machine).where(Machine.tag == aside)).one().held_for = "hold"
    eldest = torn.gifts[0][0]
    wrong = {
        eldest: "child-already-served",
        twice: "child-already-served",
        absent[0]: "machine-already-given",
        absent[1]: "on-hold",
    }
    six.append(an_act([twice], "6", known))
    six += [sent((absent[0], taken), desk="6", known=known), sent((absent[1], aside), desk="6", known=known)]
    chance.shuffle(six)

    day.comes(an_act([eldest], "1"), 1)
    for act in later:
        day.comes(act, 1)
    day.comes_back(five, 3)
    for act in last:
        ids = day.comes(act, 4)
        if chance.random() < 0.05:
            assert [one.id for one in day.serve(act, 4)] == ids
    day.comes_back(six, 7, wrong)

    assert {child: code for child, _tag, code in day.open} == wrong
    assert [(one.pupil_id, one.tag, one.code) for one in conflicts(session, the_list)] == day.open
    assert close_day(session, the_list, NOW.date(), by=cast.eva, at=NOW + timedelta(hours=9)) == no_shows
    counts = by_class(session, the_list)
    assert len(counts) == pupils // CLASS
    assert all((one.listed, one.withdrawn) == (CLASS, 0) for one in counts)
    assert all(one.given + one.absent == one.listed for one in counts)
    assert sum(one.given for one in counts) == pupils - no_shows
    assert {desk: Counter(told) for desk, told in by_desk(session, the_list).items()} == day.tones
    assert sum(told[Tone.GIVEN] for told in day.tones.values()) == len(day.given) == pupils - no_shows
    assert_given_once(session, day)
    assert session.scalar(select(func.count()).where(Machine.state == State.READY)) == no_shows


def assert_given_once(session: Session, day: Day) -> None:
    """Each child of `day` has its machine and no other, each machine was handed over once, and no history is broken."""
    gifts = session.execute(
        select(ClassPupil.id, Machine.tag)
        .join(Allocation, Allocation.request_id == ClassPupil.request_id)
        .join(Machine, Machine.id == Allocation.machine_id)
        .where(ClassPupil.list_id == day.the_list.id)
    )
    told = gifts.tuples().all()
    assert (len(told), dict(told)) == (len(day.given), day.given)
    assert len({tag for _child, tag in told}) == len(told)
    given = select(Machine.tag).where(Machine.state == State.HANDED_OVER)
    assert set(session.scalars(given)) == set(day.given.values())
    handed_over = select(func.count()).select_from(Event).where(Event.action == Action.HAND_OVER)
    assert session.scalar(handed_over) == len(day.given)
    assert list(verify(session)) == []
