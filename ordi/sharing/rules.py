"""What a programme is: one value with a strict shape, kept as JSON. Nothing about a scheme stands in code.

Sources of each field: DOMAIN.md, "Programmes that must run unchanged, as data".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ordi.machines.machine import Form
from ordi.machines.profiles import BY_CODE
from ordi.sharing.facts import KNOWN, Criterion, FactCode, depth, facts_of, reachable
from ordi.sharing.school_years import Level

DEEPEST = 3
"""How deep conditions may be nested."""

Word = Annotated[str, StringConstraints(strip_whitespace=True, max_length=160)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
Count = Annotated[int, Field(ge=0, le=100_000, strict=True)]
Cents = Annotated[int, Field(ge=0, le=10_000_000, strict=True)]


class Contract(StrEnum):
    """What binds the holder: it decides the paper, the end date and the warranty."""

    GIFT = "gift"
    LOAN = "loan"
    SALE = "sale"
    NONE = "none"
    """No machine goes with it: training, visits or a connection alone."""


class HolderKind(StrEnum):
    """Who holds the machine afterwards."""

    HOUSEHOLD = "household"
    ASSOCIATION = "association"
    FIRM = "firm"


class Requester(StrEnum):
    """Who may file a request."""

    CASEWORKER = "caseworker"
    LANDLORD = "landlord"
    SCHOOL = "school"
    ASSOCIATION = "association"
    EPN = "epn"
    FIRM = "firm"


class Service(StrEnum):
    """What a request brings: one of these, or several treated together."""

    MACHINE = "machine"
    CONNECTION = "connection"
    TRAINING = "training"
    VISIT = "visit"


class Silence(StrEnum):
    """What holds when nobody answers at the end of a loan: declared in advance."""

    REMIND = "remind"
    KEEP = "keep"
    RETURN = "return"


class Part(BaseModel):
    """One part of the rules: unknown names are refused, nothing changes afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Configuration(Part):
    """The same machine for everyone."""

    form: Form
    least_memory_gib: Count
    most_memory_gib: Count = 0
    """0: no more said."""


class Training(Part):
    """Sessions that go with it, or that are the programme."""

    sessions: Annotated[int, Field(ge=1, le=60, strict=True)]
    minutes: Annotated[int, Field(ge=15, le=480, strict=True)]
    least_attended: Count = 0
    """Sessions somebody must come to for the certificate."""
    levels: tuple[Word, ...] = ()
    """Groups by level; none: everyone together."""
    before_hand_over: bool = False
    certificate: bool = False
    commitment: bool = False
    """Pre-list, letter, information meeting and commitment come before the sessions."""
    refresher_months: Count = 0


class Connection(Part):
    """An access that is not tied to a machine: so many months free, then a price a month."""

    free_months: Count
    then_cents: Cents


class Quota(Part):
    """How many at most; 0: no limit. `per_months` is the window, 0: since the beginning."""

    total: Count = 0
    per_partner: Count = 0
    per_commune: Count = 0
    per_months: Count = 0


class Rules(Part):
    """What a coordinator writes of a programme."""

    code: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{1,23}$")]
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=80)]
    summary: Word = ""
    contract: Contract
    open_from: date
    open_until: date | None = None
    """The last day on which a request is taken."""
    services: tuple[Service, ...] = (Service.MACHINE,)

    holder: HolderKind = HolderKind.HOUSEHOLD
    also_for: tuple[HolderKind, ...] = ()
    requesters: tuple[Requester, ...] = ()
    """Empty: whoever files for this kind of holder."""

    criteria: tuple[Criterion, ...] = ()
    """Every one of them must hold; each may be a group."""
    points: dict[FactCode, Annotated[int, Field(ge=-100, le=100, strict=True)]] = {}
    """What each verified fact weighs when the list is ordered. A person decides."""
    sentences: dict[FactCode, Word] = {}
    """The sentence of each fact that only this programme knows."""
    waiting_days_per_point: Annotated[int, Field(ge=1, le=365, strict=True)] = 3
    most_waiting_points: Annotated[int, Field(ge=0, le=200, strict=True)] = 30

    postcodes: tuple[Annotated[str, StringConstraints(pattern=r"^\d{5}$")], ...] = ()
    """Territory, as the postcodes of the partner organisations it serves; with no communes either: the whole pole."""
    communes: tuple[Annotated[str, StringConstraints(pattern=r"^[0-9][0-9AB][0-9]{3}$")], ...] = ()
    """Territory, as the INSEE codes of the communes it serves: where the household lives, or else where its partner organisation is."""

    price_cents: Cents = 0
    unlocked_price_cents: Cents | None = None
    """The price for who holds a certificate."""
    unlocked_by: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{1,23}$")], ...] = ()
    """Codes of the programmes whose certificate opens that price; empty: its own training's."""
    partner_sets_price: bool = False
    needs_code: bool = False
    """A single-use code, given by the partner organisation, opens a request."""

    loan_months: Annotated[int, Field(ge=1, le=240, strict=True)] | None = None
    loan_ends: date | None = None
    """A day that ends every loan of it, when it is not a number of months."""
    loan_until: Level | None = None
    """The level whose entry ends the loan, counted from the child's class: CM2 ends three years before CE1. Where a class tells
    no level, `loan_ends` holds; its day and month say when a school year ends."""
    ends_at: Word = ""
    """The event that day stands for: the entry into 6e."""
    may_keep: bool = False
    silence: Silence = Silence.REMIND

    warranty_months: Annotated[int, Field(ge=0, le=120, strict=True)] = 0
    """What is promised of its own for a gift or a loan; 0: nothing. A sale has the law's."""

    pack: tuple[Code, ...] = ()
    profile: str = ""
    profiles: tuple[str, ...] = ()
    """Profiles to choose from for the project; empty: the one above."""
    configuration: Configuration | None = None
    built_by_holder: bool = False
    """The holder builds the machine: it is named before it is ready."""

    placed: bool = False
    """Owner, keeper, place and operator differ: they are said before the machine leaves."""
    applicant_may_use: bool = True
    """No: the applicant puts the machines at a partner's disposal and does not use them itself."""
    fleets: tuple[Code, ...] = ()
    """Fleets that are kept apart: for itself, for learners."""

    training: Training | None = None
    visits: Annotated[int, Field(ge=0, le=24, strict=True)] = 0
    connection: Connection | None = None

    quota: Quota = Quota()
    budget_cents: Cents = 0
    """What it may spend in all; 0: not counted."""
    unit_cost_cents: Cents = 0
    public_donors: bool = True
    """No: machines of public donors never go to it."""

    hold_days: Annotated[int, Field(ge=1, le=120, strict=True)] = 10
    """Working days a machine is kept for who does not answer."""
    expire_days: Annotated[int, Field(ge=10, le=365, strict=True)] = 30
    """Days after which a machine kept for who did not answer, and was reminded, goes back to stock. The rank stays."""
    ask_again_days: Annotated[int, Field(ge=30, le=365, strict=True)] = 180
    """Days without a sign of life after which the service is asked whether a request that waits is still wanted."""
    usual_delay_days: Count = 0
    bring: tuple[Code, ...] = ()
    """What to bring, to be shown and never kept."""
    source: Word = ""

    @property
    def holders(self) -> tuple[HolderKind, ...]:
        """Every kind of holder it serves."""
        return tuple(dict.fromkeys((self.holder, *self.also_for)))

    @property
    def facts(self) -> tuple[str, ...]:
        """Every fact it asks for or weighs."""
        return tuple(dict.fromkeys((*facts_of(self.criteria), *self.points)))


def problems(rules: Rules) -> Iterator[tuple[str, str]]:
    """What does not hold together: the field, and why. None when the programme can be put in force."""
    yield from _money(rules)
    yield from _ends(rules)
    for criterion in rules.criteria:
        if not reachable(criterion):
            yield "criteria", "more-than-there-are"
        if depth(criterion) > DEEPEST:
            yield "criteria", "too-deep"
    if any(fact not in KNOWN and not rules.sentences.get(fact) for fact in rules.facts):
        yield "sentences", "missing"
    if any(one not in BY_CODE for one in (*rules.profiles, *([rules.profile] if rules.profile else []))):
        yield "profile", "unknown"
    yield from _services(rules)


def _money(rules: Rules) -> Iterator[tuple[str, str]]:
    if (rules.contract == Contract.SALE) != (rules.price_cents > 0 or rules.partner_sets_price):
        yield "price_cents", "does-not-fit-contract"
    if rules.unlocked_by and rules.unlocked_price_cents is None:
        yield "unlocked_price_cents", "missing"
    if rules.unlocked_price_cents is not None:
        if not rules.unlocked_by and not (rules.training and rules.training.certificate):
            yield "unlocked_price_cents", "without-certificate"
        if rules.unlocked_price_cents >= rules.price_cents:
            yield "unlocked_price_cents", "not-lower"
    if rules.budget_cents and not rules.unit_cost_cents:
        yield "unit_cost_cents", "missing"


def _ends(rules: Rules) -> Iterator[tuple[str, str]]:
    if (rules.contract == Contract.LOAN) != bool(rules.loan_months or rules.loan_ends):
        yield "loan_months", "does-not-fit-contract"
    if rules.loan_until and not rules.loan_ends:
        yield "loan_until", "without-day"
    if rules.open_until and rules.open_until < rules.open_from:
        yield "open_until", "before-it-opens"
    if rules.may_keep and rules.contract != Contract.LOAN:
        yield "may_keep", "does-not-fit-contract"
    if rules.warranty_months and rules.contract in (Contract.SALE, Contract.NONE):
        yield "warranty_months", "does-not-fit-contract"
    if rules.silence == Silence.KEEP and not rules.may_keep:
        yield "silence", "may-not-keep"


def _services(rules: Rules) -> Iterator[tuple[str, str]]:
    if not rules.services:
        yield "services", "missing"
    if (Service.MACHINE in rules.services) == (rules.contract == Contract.NONE):
        yield "contract", "does-not-fit-services"
    if (Service.TRAINING in rules.services) and rules.training is None:
        yield "training", "missing"
    if (Service.CONNECTION in rules.services) != (rules.connection is not None):
        yield "connection", "does-not-fit-services"
    if (Service.VISIT in rules.services) != (rules.visits > 0):
        yield "visits", "does-not-fit-services"
    if rules.training and rules.training.least_attended > rules.training.sessions:
        yield "training", "more-than-there-are"
    if not rules.applicant_may_use and not rules.placed:
        yield "placed", "missing"
