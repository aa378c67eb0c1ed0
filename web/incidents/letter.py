"""The letters of an incident: to the donor, whose data it is; to the workshop and the pole, who act. They name nobody."""

from __future__ import annotations

from datetime import datetime

from ordi.bench.incident_letters import Reader, readers_of, tell
from ordi.bench.incidents import Incident, IncidentDrive
from ordi.papers import PARIS
from ordi.parties.people import Person
from web.session import db
from web.settings import Settings

_HOW = {"stolen": "volé", "not_found": "introuvable", "in_transit": "perdu en route"}

_DONOR = """\
Bonjour,

Un ordinateur que vous nous avez donné est {how} depuis le {day}, avant que l’effacement de ses disques soit prouvé.

  Étiquette   {tag}
  Modèle      {model}
  Lot         {lot}
  Disques     {drives}

Vos données s’y trouvent peut-être encore. Si elles concernent des personnes, c’est à vous de dire s’il faut prévenir
la CNIL (dans les 72 heures après l’avoir su) et ces personnes. Nous notons chaque démarche et vous tenons au courant.

Appelez-nous{phone}.

Ordi
"""

_OURS = """\
Bonjour,

L’ordinateur {tag} ({model}, lot {lot}) est déclaré {how} depuis le {day}.
{data}

Ce qu’il y a à faire, et pour quand : {url}

Ordi
"""


def write_to(
    incident: Incident,
    reader: Reader,
    address: str,
    drives: list[IncidentDrive],
    settings: Settings,
    *,
    by: Person,
    at: datetime,
) -> None:
    """Put one letter into the outbox. Raises `Invalid` for what is no address."""
    machine = incident.machine
    unproven = [one for one in drives if not one.proven]
    told = {
        "how": _HOW.get(incident.how, "perdu"),
        "day": f"{incident.aware_at.astimezone(PARIS):%d/%m/%Y}",
        "tag": machine.tag,
        "model": f"{machine.manufacturer} {machine.model}".strip() or "inconnu",
        "lot": incident.lot.code if incident.lot else "aucun",
        "drives": ", ".join(f"…{one.drive.serial[-4:]}" for one in unproven)
        or "jamais vus : personne n’a ouvert l’ordinateur",
        "phone": f" au {settings.phone}" if settings.phone else "",
        "url": f"{settings.base_url}/incidents/{incident.id}",
        "data": "Des données y sont peut-être encore."
        if incident.exposed
        else "Tous ses disques étaient effacés, avec preuve.",
    }
    body = (_DONOR if reader == Reader.DONOR else _OURS).format(**told)
    tell(db(), incident, reader, address, f"Ordinateur {machine.tag} {told['how']}", body, by=by, at=at)


def write_to_all(
    incident: Incident, drives: list[IncidentDrive], settings: Settings, *, by: Person, at: datetime
) -> list[Reader]:
    """Write at once to everyone whose address is known; returns those who have none."""
    missing = []
    for reader, organisation in readers_of(incident).items():
        if organisation.email:
            write_to(incident, reader, organisation.email, drives, settings, by=by, at=at)
        else:
            missing.append(reader)
    return missing
