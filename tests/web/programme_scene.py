"""A programme in a pole with its people: what the readers of a rule act on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import UnionType
from typing import Any, Union, get_args, get_origin

from flask import Flask
from sqlalchemy.orm import Session
from webtest import TestApp

from ordi.sharing.allocation import allocate
from ordi.sharing.filing import Filing, Reading, file_request
from ordi.sharing.hand_over import hand_over
from ordi.sharing.placements import place
from ordi.sharing.programmes import Programme
from ordi.sharing.promises import Allocation
from ordi.sharing.requests import Request
from ordi.sharing.rules import Part, Rules
from ordi.sharing.seats import enlist
from ordi.sharing.training import Group, certify, note_attendance, open_group
from tests.cast import Cast
from tests.factories import a_machine
from tests.ground.clock import NOW
from tests.sharing.families import a_household, a_signature


@dataclass
class Scene:
    """One programme, in a pole with its people: what the readers of a rule act on."""

    session: Session
    cast: Cast
    programme: Programme
    app: Flask
    ada: TestApp
    ines: TestApp

    def request(self, *, attested: bool = True, at: datetime = NOW, name: str = "Amina", **more: Any) -> Request:
        """A family's request; for an association, its own."""
        of_its_own = more.pop("association", False) or self.programme.rules.holder != "household"
        filing = Filing(
            programme=self.programme,
            needs=("paperwork",),
            attested=tuple(one for one in self.programme.rules.facts if one != "qpv") if attested else (),
            household=a_household(self.session, self.cast, name) if not of_its_own else None,
            consent=Reading("2026-1", "fr") if not of_its_own else None,
            **more,
        )
        by = self.cast.ines if not of_its_own else self.cast.said
        return file_request(self.session, self.cast.partner, filing, by=by, at=at)

    def promise(self, request: Request | None = None, at: datetime = NOW, **machine: Any) -> Allocation:
        """A ready machine, promised."""
        made = a_machine(self.session, self.cast, **machine)
        return allocate(self.session, made, request or self.request(), by=self.cast.ada, at=at)

    def given(self) -> Allocation:
        """And signed for."""
        return hand_over(self.session, self.promise(), a_signature(), by=self.cast.ines, at=NOW)

    def group(self, days: int = 2, level: str = "") -> Group:
        """A group that met so many times."""
        begins = [NOW - timedelta(days=n + 1) for n in range(days)]
        by = self.cast.awa
        return open_group(self.session, self.cast.partner, self.programme, begins, by=by, at=NOW, level=level)

    def trained(self, came: int = 2) -> Group:
        """Somebody who came so many times."""
        group = self.group()
        seat = enlist(self.session, group, self.request(), by=self.cast.awa, at=NOW)
        for meeting in group.sessions[:came]:
            note_attendance(self.session, meeting, [seat.id], by=self.cast.awa, at=NOW)
        return group

    def certified(self) -> Group:
        """And has the certificate."""
        group = self.trained()
        certify(self.session, group.members[0], by=self.cast.awa, at=NOW)
        return group

    def placed(self, fleet: str = "") -> str:
        """Where a machine is said to stand, the applicant using it."""
        partner = self.cast.partner
        where = place(
            self.session,
            self.request(),
            owner=partner,
            keeper=partner,
            operator=partner,
            where="Local",
            fleet=fleet,
            by=self.cast.said,
            at=NOW,
        )
        return where.fleet or "placed"

    def third(self, *, later: int = 0) -> Allocation:
        """The third family that is served, two days or so after two others."""
        for name in ("Ana", "Bo"):
            self.promise(self.request(name=name))
        return self.promise(self.request(name="Lila"), at=NOW + timedelta(days=later))


Reader = Callable[[Scene], object]


@dataclass(frozen=True)
class Rule:
    """How one field is read: rules to begin with, the same with that field changed, and what is looked at."""

    reader: Reader
    change: dict[str, Any]
    base: dict[str, Any]


def leaves(shape: type[Part], before: str = "") -> Iterator[str]:
    """Every field of the rules, those of their parts as `training.sessions`."""
    for name, field in shape.model_fields.items():
        kinds = get_args(field.annotation) if get_origin(field.annotation) in (Union, UnionType) else [field.annotation]
        part = next((one for one in kinds if isinstance(one, type) and issubclass(one, Part)), None)
        yield from leaves(part, f"{name}.") if part else [f"{before}{name}"]


def rules(change: dict[str, Any]) -> Rules:
    plain = {"code": "essai", "name": "Essai", "contract": "gift", "open_from": date(2026, 1, 1)}
    return Rules(**plain | change)
