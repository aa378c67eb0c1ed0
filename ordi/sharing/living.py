"""Where the household of a request lives, as far as anybody said: its commune, and whether that is in a priority district (QPV).

"Unknown" is an answer: it counts as no yes and excludes nobody, it waits to be verified.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ordi.errors import Invalid
from ordi.parties.access import require
from ordi.parties.people import Person
from ordi.places.communes import INSEE, districts_known, districts_of, whole
from ordi.sharing.requests import NotWaiting, Qpv, Request, RequestState
from ordi.sharing.rules import Rules


@dataclass(frozen=True)
class Living:
    """Where a household lives: INSEE code of its commune, answer about the priority district, code of that district."""

    commune_code: str = ""
    qpv: Qpv = Qpv.UNKNOWN
    district_code: str = ""


NOT_SAID = Living()


@dataclass(frozen=True)
class Area:
    """A commune as caps count it: its INSEE code when it is known, and what its partner organisation's address calls it."""

    code: str
    name: str

    def same(self, other: Area) -> bool:
        """By their codes when both have one, else by the name."""
        return self.code == other.code if self.code and other.code else self.name == other.name


def note_living(session: Session, request: Request, living: Living) -> None:
    """Write down where the household of a request lives. A commune without any priority district answers "no" by itself.

    Raises `Invalid` for a code that is none, or a district that is not one of the commune.
    """
    if living.commune_code and not INSEE.fullmatch(living.commune_code):
        raise Invalid(field="commune", why="unknown")
    there = districts_of(session, living.commune_code)
    if living.district_code and living.district_code not in {one.code for one in there}:
        raise Invalid(field="district", why="unknown")
    answer = Qpv.YES if living.district_code else living.qpv
    if answer == Qpv.UNKNOWN and living.commune_code and not there and districts_known(session):
        answer = Qpv.NO
    request.commune_code, request.qpv, request.district_code = living.commune_code, answer, living.district_code


def answer_living(session: Session, request: Request, living: Living, *, by: Person, at: datetime) -> None:
    """Somebody learned more of where a household lives while its request waits. Raises `NotAllowed`, `Invalid`, `NotWaiting`."""
    require(by, "requests.write", request.partner, at=at)
    session.refresh(request, with_for_update={"of": Request})
    if request.state != RequestState.WAITING:
        raise NotWaiting(request=request.code, state=request.state)
    if request.household_id is None:
        raise Invalid(field="household", why="missing")
    note_living(session, request, living)
    session.flush()


def area_of(request: Request) -> Area:
    """The commune a request counts for: where its household lives, or else where its partner organisation is."""
    return Area(whole(request.commune_code or request.partner.commune_code), request.partner.commune)


def serves(rules: Rules, request: Request) -> bool:
    """Whether a request is of a programme's territory: by the partner organisation's postcode, or by the commune's INSEE code."""
    if not rules.postcodes and not rules.communes:
        return True
    code = request.commune_code or request.partner.commune_code
    return request.partner.postcode in rules.postcodes or bool({code, whole(code)} & set(rules.communes))


def territory(rules: Rules) -> list[str]:
    """The places a programme serves, as `commune:25056` and `postcode:25000`; none: the whole pole."""
    return [*(f"commune:{one}" for one in rules.communes), *(f"postcode:{one}" for one in rules.postcodes)]


def place_of(request: Request) -> str:
    """Where a request comes from, written as a territory is: what `serves` looked at."""
    code = request.commune_code or request.partner.commune_code
    return f"commune:{code}" if code else f"postcode:{request.partner.postcode}"
