"""Whether the family that is being filed is known: here, for a person to say which it is; elsewhere, whom to call."""

from __future__ import annotations

from flask_babel import gettext as _

from ordi.parties.households import Household, alike
from ordi.parties.organisations import Organisation
from ordi.sharing.filing import live_of
from ordi.sharing.look_alikes import Alike, look_alikes
from ordi.sharing.requests import Request, requests_seen_by
from web.clock import now
from web.guards import me
from web.keyring import sealer
from web.languages import day
from web.session import db

ANOTHER = "another"
"""Another family of the same name."""


def choices(partner: Organisation, name: str | None, phone: str | None) -> list[tuple[str, str]]:
    """The files under the same name or telephone, for a person to say whether it is one of them: the machine never decides."""
    told = [(household.code, _told(household)) for household in known(partner, name, phone)]
    return [*told, (ANOTHER, _("Une autre famille"))] if told else []


def known(partner: Organisation, name: str | None, phone: str | None) -> list[Household]:
    """Those that this person may see: an office with a list of its own never meets another's."""
    who = (name or "").strip()
    files = alike(db(), partner, who, (phone or "").strip(), sealer=sealer()) if who else []
    mine = requests_seen_by(me(), "requests.write", at=now()).with_only_columns(Request.household_id)
    seen = set(db().scalars(mine.where(Request.household_id.in_([one.id for one in files]))))
    return [one for one in files if one.id in seen]


def elsewhere(partner: Organisation, name: str | None, phone: str | None) -> Alike:
    """Which services of the organisation to call before filing: the look is counted and kept, whatever comes of it."""
    here = {one.id for one in known(partner, name, phone)}
    found = look_alikes(db(), partner, name or "", phone or "", known=here, sealer=sealer(), by=me(), at=now())
    db().commit()
    return found


def _told(household: Household) -> str:
    live = ", ".join(one.code for one in live_of(db(), household))
    if live:
        return _("Le foyer %(code)s, qui attend déjà : %(requests)s", code=household.code, requests=live)
    return _("Le foyer %(code)s, connu depuis le %(day)s", code=household.code, day=day(household.created_at))
