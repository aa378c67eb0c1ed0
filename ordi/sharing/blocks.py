"""What stops an allocation, an access, a seat or a visit, never a request: conditions nobody verified, territory, quota, a machine that does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from ordi.errors import Refused
from ordi.legal_rules import LegalRule
from ordi.machines.machine import Machine
from ordi.parties.organisations import pole_of
from ordi.sharing.consents import ConsentTakenBack, taken_back
from ordi.sharing.living import place_of, serves, territory
from ordi.sharing.naming import NamedForAnother, NotNamed
from ordi.sharing.needs import GIB
from ordi.sharing.prices import check_price, price_of
from ordi.sharing.quotas import QuotaBook, hold_quota, limited
from ordi.sharing.requests import Request
from ordi.sharing.rules import Configuration, Contract


class CriteriaMissing(Refused):
    """Conditions of the programme do not hold, and nobody decided to serve it all the same."""

    code = "criteria-missing"


class OutsideProgramme(Refused):
    """The programme is for some places, and the request comes from another. A place is `commune:25056` or `postcode:25000`."""

    code = "outside-programme"


class NoMachineInIt(Refused):
    """This programme brings training, visits or a connection, not a machine."""

    code = "no-machine-in-it"


class OtherConfiguration(Refused):
    """Everyone of this programme gets the same machine, and this is another."""

    code = "other-configuration"


class OtherSoftware(Refused):
    """Everyone of this programme gets the same software, and this machine carries other."""

    code = "other-software"


def check_request(request: Request, book: QuotaBook) -> None:
    """Whether a request may have a machine now. Raises `NoMachineInIt`, and what `check_rules` refuses."""
    if request.programme.rules.contract == Contract.NONE:
        raise NoMachineInIt(request=request.code)
    check_rules(request, book)


def check_rules(request: Request, book: QuotaBook) -> None:
    """Whether a request may be served now, with whatever its programme brings. Raises `CriteriaMissing`, `OutsideProgramme`, `QuotaReached`, `BudgetSpent`."""
    rules = request.programme.rules
    if not request.derogation:
        if missing := request.unmet:
            raise CriteriaMissing(request=request.code, criteria=[rules.sentences.get(one, one) for one in missing])
        if not serves(rules, request):
            raise OutsideProgramme(request=request.code, comes_from=place_of(request), territory=territory(rules))
    book.check(request)


def check_machine(
    request: Request,
    price_cents: int,
    machine: Machine,
    session: Session,
    on: date,
    law: Mapping[str, LegalRule] | None,
) -> None:
    """Whether this machine may go to it. Raises `OtherConfiguration`, `OtherSoftware`, `PriceAboveCap`, `PublicDonorMachine`, `NoLegalRule`."""
    rules = request.programme.rules
    if rules.configuration is not None and not is_like(rules.configuration, machine.form, machine.memory_bytes):
        raise OtherConfiguration(tag=machine.tag, request=request.code)
    if rules.configuration is not None and request.software and machine.profile != request.software:
        raise OtherSoftware(tag=machine.tag, request=request.code)
    check_price(session, rules, price_cents, machine, on, law)


def check_service(session: Session, request: Request, on: date) -> None:
    """Whether a request may have an access, a seat or a visit: the same rules as for a machine. Raises `ConsentTakenBack`, and what `check_rules` refuses."""
    hold_quota(session, request.programme)
    check_rules(request, _book(session, request, on))
    if taken_back(session, request.household_id):
        raise ConsentTakenBack(request=request.code)


def check(session: Session, request: Request, machine: Machine, named: int | None, on: date) -> int:
    """Both, for one allocation, and the price it promises, in cents. `named` is the request whose name the machine bears. Raises also `ConsentTakenBack`, `NamedForAnother`, `NotNamed`, `NoPriceYet`."""
    check_request(request, _book(session, request, on))
    if taken_back(session, request.household_id):
        raise ConsentTakenBack(request=request.code)
    if named is not None and named != request.id:
        raise NamedForAnother(tag=machine.tag)
    if named is None and request.programme.rules.built_by_holder:
        raise NotNamed(tag=machine.tag, request=request.code)
    price_cents = price_of(session, request)
    check_machine(request, price_cents, machine, session, on, None)
    return price_cents


def _book(session: Session, request: Request, on: date) -> QuotaBook:
    """A class list serves by the thousand: what is not limited is not counted each time."""
    counted = [request.programme.code] if limited(request.programme.rules) else []
    return QuotaBook(session, pole_of(request.partner), counted, on)


def is_like(wanted: Configuration, form: str, memory_bytes: int | None) -> bool:
    """Whether machines of this form and memory are those everyone gets. A part of a memory may be the graphics card's."""
    gib = round((memory_bytes or 0) / GIB)
    most = wanted.most_memory_gib or gib
    return form == wanted.form and wanted.least_memory_gib * 9 <= gib * 10 and gib <= most
