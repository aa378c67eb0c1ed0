"""What comes with Ordi: a handful of programmes in force to begin with, and examples to start a draft from.

The examples are the schemes of DOMAIN.md, as data: `examples/*.json`.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import cache
from importlib.resources import files

from sqlalchemy import select
from sqlalchemy.orm import Session

from ordi.parties.organisations import Organisation
from ordi.sharing.programmes import Programme, rules_from, write
from ordi.sharing.rules import Contract, HolderKind, Rules, Silence

SHIPPED = (
    Rules(
        code="ecole",
        name="École, prêt jusqu’en 6e",
        summary="Un ordinateur prêté à l’enfant jusqu’au collège.",
        contract=Contract.LOAN,
        open_from=date(2026, 1, 1),
        loan_ends=date(2029, 7, 5),
        ends_at="l’entrée en 6e",
        may_keep=True,
        silence=Silence.REMIND,
        warranty_months=12,
        criteria=("lives-here", "pupil", "no-computer"),
        points={"several-pupils": 30, "no-computer": 20, "low-income": 10},
        profile="ecole",
        usual_delay_days=30,
        bring=("address", "school-certificate"),
    ),
    Rules(
        code="emploi",
        name="Emploi, don",
        summary="Un ordinateur donné à qui cherche un emploi.",
        contract=Contract.GIFT,
        open_from=date(2026, 1, 1),
        warranty_months=6,
        criteria=("lives-here", "job-seeker"),
        points={"no-computer": 20, "low-income": 20, "qpv": 10},
        profile="bureau",
        usual_delay_days=21,
        bring=("address", "job-seeker-card"),
    ),
    Rules(
        code="solidaire",
        name="Vente solidaire",
        summary="Un ordinateur à petit prix, tout de suite.",
        contract=Contract.SALE,
        price_cents=60_00,
        open_from=date(2026, 1, 1),
        criteria=("low-income",),
        points={"no-computer": 20},
        profile="bureau",
        usual_delay_days=10,
        bring=("tax-notice",),
    ),
    Rules(
        code="associations",
        name="Associations, prêt de trois ans",
        summary="Un ordinateur prêté à une association pour son projet.",
        contract=Contract.LOAN,
        holder=HolderKind.ASSOCIATION,
        open_from=date(2026, 1, 1),
        loan_months=36,
        may_keep=False,
        warranty_months=12,
        criteria=("local-project",),
        points={"first-request": 10},
        profile="bureau",
        profiles=("bureau", "association", "formation"),
        usual_delay_days=30,
        bring=("statutes",),
    ),
)
"""A handful to begin with; poles write their own."""


def ship(session: Session, pole: Organisation | None = None, *, at: datetime) -> list[Programme]:
    """Add the programmes that come with Ordi where they are missing."""
    known = set(session.scalars(select(Programme.code)))
    return [write(session, pole, rules, at=at) for rules in SHIPPED if rules.code not in known]


@cache
def examples() -> tuple[Rules, ...]:
    """The thirteen schemes of the field, in the order of DOMAIN.md, each read through the strict shape."""
    folder = files("ordi.sharing") / "examples"
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".json"))
    return tuple(rules_from(json.loads((folder / name).read_text(encoding="utf-8"))) for name in names)


def example(code: str) -> Rules | None:
    """One of them."""
    return next((one for one in examples() if one.code == code), None)
