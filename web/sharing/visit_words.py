"""How the face says visits: why, what is looked at, how things stand, what to take along."""

from __future__ import annotations

from flask import request
from flask_babel import lazy_gettext as _l

from ordi.fleet.help_requests import Trouble
from ordi.machines.machine import Form
from ordi.sharing.visit_tickets import Origin, Standing, VisitTicket
from ordi.sharing.visits import Cause, Finding, Heading
from web.wording.words import Words

HEADINGS: Words = {
    Heading.EQUIPMENT: _l("L’ordinateur"),
    Heading.START_UP: _l("L’allumer, l’éteindre"),
    Heading.DISCOVERY: _l("Les premiers gestes"),
    Heading.SKILLS: _l("Se débrouiller"),
    Heading.PROVIDER: _l("Le contrat internet"),
}
HEADING_ICONS: Words = {
    Heading.EQUIPMENT: "laptop",
    Heading.START_UP: "power",
    Heading.DISCOVERY: "mouse",
    Heading.SKILLS: "training",
    Heading.PROVIDER: "wifi",
}
FINDINGS: Words = {
    Finding.WELL: _l("Tout va bien"),
    Finding.TO_FOLLOW: _l("À suivre"),
    Finding.HELP_NEEDED: _l("Besoin d’aide"),
}
FINDING_TONES = {Finding.WELL: "ok", Finding.TO_FOLLOW: "warn", Finding.HELP_NEEDED: "stop"}
CAUSES: Words = {
    Cause.INSTALLATION: _l("Installation"),
    Cause.WIRING: _l("Câblage"),
    Cause.BREAKDOWN: _l("Panne"),
    Cause.GETTING_STARTED: _l("Prise en main"),
    Cause.CONNECTION: _l("Connexion internet"),
    Cause.FOLLOW_UP: _l("Suivi"),
}
CAUSE_ICONS: Words = {
    Cause.INSTALLATION: "laptop",
    Cause.WIRING: "network",
    Cause.BREAKDOWN: "part",
    Cause.GETTING_STARTED: "mouse",
    Cause.CONNECTION: "wifi",
    Cause.FOLLOW_UP: "calendar",
}
FINDING_ICONS: Words = {Finding.WELL: "check", Finding.TO_FOLLOW: "alert", Finding.HELP_NEEDED: "hand"}
STANDINGS: Words = {
    Standing.TO_VISIT: _l("À visiter"),
    Standing.DONE: _l("Visite faite"),
    Standing.ABSENT: _l("Personne n’était là"),
    Standing.CANCELLED: _l("Visite annulée"),
}
LOOKS = {
    Standing.TO_VISIT: ("now", "home"),
    Standing.DONE: ("ok", "home"),
    Standing.ABSENT: ("warn", "message-off"),
    Standing.CANCELLED: ("end", "cross"),
}
ORIGINS: Words = {
    Origin.FILE: _l("Prévue depuis le dossier"),
    Origin.CALL: _l("La famille a demandé de l’aide"),
    Origin.HEALTH: _l("L’ordinateur signale une panne"),
    Origin.SILENCE: _l("L’ordinateur ne donne plus de nouvelles"),
}
ORIGIN_CAUSES = {
    Origin.FILE: "",
    Origin.CALL: Cause.BREAKDOWN,
    Origin.HEALTH: Cause.BREAKDOWN,
    Origin.SILENCE: Cause.CONNECTION,
}
"""The cause that is proposed; a person says which it is."""
TROUBLE_CAUSES = {Trouble.NO_INTERNET: Cause.CONNECTION, Trouble.CALL_ME: ""}

Thing = tuple[str, str]
_LEAFLET: Thing = ("papers", _l("La feuille d’aide"))
_CABLE: Thing = ("network", _l("Un câble réseau"))
_SOCKETS: Thing = ("power", _l("Une multiprise"))
_MOUSE: Thing = ("mouse", _l("Une souris"))
_SLIP: Thing = ("part", _l("Un bon de réparation"))
_CHARGER: Thing = ("charger", _l("Un chargeur d’essai"))
TAKE: dict[str, tuple[Thing, ...]] = {
    Cause.INSTALLATION: (_SOCKETS, _CABLE, _LEAFLET),
    Cause.WIRING: (_CABLE, _SOCKETS),
    Cause.BREAKDOWN: (_SLIP, _MOUSE),
    Cause.GETTING_STARTED: (_LEAFLET, _MOUSE),
    Cause.CONNECTION: (_CABLE, ("phone-device", _l("Un téléphone qui partage sa connexion"))),
    Cause.FOLLOW_UP: (_LEAFLET,),
}
"""What each cause asks for; a portable that fails may only lack its charger."""


def to_take(ticket: VisitTicket) -> list[Thing]:
    """What goes in the bag of who visits."""
    broken = ticket.cause == Cause.BREAKDOWN and ticket.machine is not None and ticket.machine.form == Form.LAPTOP
    return [*([_CHARGER] if broken else []), *TAKE[ticket.cause]]


def findings() -> dict[str, str]:
    """What this form says under each heading."""
    return {str(one): request.form.get(f"heading-{one}", "") for one in Heading}
