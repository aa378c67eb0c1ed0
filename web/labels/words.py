"""The words of the label room."""

from __future__ import annotations

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ordi.errors import Refused
from ordi.labels.printers import NotOfAPrinter
from ordi.labels.printings import Printing, Stage
from ordi.labels.queue import NotWaiting
from ordi.labels.stocks import Stock, StockDoesNotFit
from ordi.machines.labels import Again, CarriesOne
from web.wording import life
from web.wording.refusals import Telling, learn
from web.wording.words import Words, said

KINDS: Words = {
    "machine": _l("Ordinateur"),
    "lot": _l("Lot"),
    "on-shelf": _l("Ordinateurs d’une étagère"),
    "free": _l("Étiquettes libres"),
    "drive": _l("Disque"),
    "drawer": _l("Tiroir à disques"),
    "shelf": _l("Étagère"),
    "card": _l("Carte d’action"),
    "bin": _l("Bac"),
}

ICONS = {
    "machine": "laptop",
    "lot": "lot",
    "on-shelf": "shelf",
    "free": "tag",
    "drive": "drive",
    "drawer": "drive",
    "shelf": "shelf",
    "card": "scan",
    "bin": "box",
}

AGAIN_ICONS = {
    Again.TORN: "cross",
    Again.LOST: "lost",
    Again.UNREADABLE: "eye-off",
    Again.SECOND: "copy",
    Again.NEW_CASE: "part",
    Again.NOT_PRINTED: "printer",
}

STAGES: Words = {
    Stage.HANDED_OUT: _l("Faite"),
    Stage.WAITING: _l("Attend l’imprimante"),
    Stage.SENDING: _l("Part vers l’imprimante"),
    Stage.PRINTED: _l("Imprimée"),
    Stage.PERHAPS: _l("Peut-être imprimée"),
    Stage.WITHDRAWN: _l("Retirée"),
}

STAGE_TONES = {
    Stage.HANDED_OUT: "ok",
    Stage.WAITING: "wait",
    Stage.SENDING: "now",
    Stage.PRINTED: "ok",
    Stage.PERHAPS: "warn",
    Stage.WITHDRAWN: "todo",
}

STAGE_ICONS = {
    Stage.HANDED_OUT: "check",
    Stage.WAITING: "hourglass",
    Stage.SENDING: "printer",
    Stage.PRINTED: "check",
    Stage.PERHAPS: "alert",
    Stage.WITHDRAWN: "ban",
}


TROUBLES: Words = {
    "no-networks": _l("Ce serveur n’a le droit d’appeler aucune imprimante."),
    "outside-networks": _l("Cette adresse n’est pas dans un réseau d’imprimantes permis."),
    "unknown-name": _l("Personne ne connaît ce nom sur le réseau."),
    "unreachable": _l("L’imprimante ne répond pas : éteinte, ou débranchée ?"),
    "no-answer": _l("Elle ne dit pas son état : est-ce une imprimante ZPL ?"),
    "paper-out": _l("Plus d’étiquettes : changez le rouleau."),
    "head-open": _l("Son capot est ouvert : fermez-le."),
    "ribbon-out": _l("Plus de ruban : changez-le."),
    "paused": _l("Elle est en pause : appuyez sur sa touche pause."),
    "too-hot": _l("Elle est trop chaude : laissez-la refroidir."),
    "too-cold": _l("Elle est trop froide : laissez-la chauffer."),
    "memory-lost": _l("Sa mémoire est perdue : éteignez-la et rallumez-la."),
    "buffer-full": _l("Elle a trop à imprimer : attendez un peu."),
    "dropped": _l("La liaison s’est coupée pendant l’impression."),
    "still-printing": _l("Elle a tout reçu et imprimait encore."),
    "sender-gone": _l("Ordi s’est arrêté pendant l’envoi."),
}
"""What a printer, or the way to it, answered."""

MEASURES: Words = {
    "page_width": _l("Page, largeur"),
    "page_height": _l("Page, hauteur"),
    "columns": _l("Colonnes"),
    "rows": _l("Lignes"),
    "cell_width": _l("Étiquette, largeur"),
    "cell_height": _l("Étiquette, hauteur"),
    "left": _l("Marge gauche"),
    "top": _l("Marge haute"),
    "pitch_x": _l("D’un bord gauche au suivant"),
    "pitch_y": _l("D’un bord haut au suivant"),
    "corner": _l("Coin arrondi, rayon"),
}

_UNFIT: Words = {
    "too-small": _l("Trop petite de %(by)s mm pour un carré qui se scanne."),
    "overlap": _l("Les étiquettes se chevauchent de %(by)s mm."),
    "past-right": _l("La dernière colonne dépasse de %(by)s mm à droite."),
    "past-bottom": _l("La dernière ligne dépasse de %(by)s mm en bas."),
}

_WRONG_PRINTER: Words = {
    "name": _l("À remplir, en quarante lettres au plus."),
    "address": _l("Un nom ou un numéro de réseau, sans espace."),
    "port": _l("Entre 1024 et 65535."),
    "dpi": _l("203, 300 ou 600."),
}


def trouble(code: str) -> str:
    """Why a printer prints nothing, and what to do."""
    return said(TROUBLES, code)


def wrong_printer(field: str) -> str:
    """What is wrong with a field of a printer."""
    return said(_WRONG_PRINTER, field)


def wrong_stock(field: str, refusal: Refused) -> str:
    """What is wrong with a measure, in millimetres."""
    why = str(refusal.facts.get("why"))
    if why in _UNFIT:
        return said(_UNFIT, why) % {"by": number(int(str(refusal.facts["by"])) / 10)}
    if "most" in refusal.facts:
        between = {"least": refusal.facts["least"], "most": refusal.facts["most"]}
        return f"{said(MEASURES, field)} : " + _("entre %(least)s et %(most)s.", **between)
    return _("À remplir.")


def kind(code: str) -> str:
    """What the labels are for."""
    return said(KINDS, code)


def icon(code: str) -> str:
    """Its pictogram."""
    return ICONS.get(code, "tag")


def again(code: str) -> str:
    """Why once more."""
    return said(life.LABELLED_AGAIN, code)


def stage(printing: Printing) -> str:
    """How a printing stands."""
    return said(STAGES, printing.stage)


def stock(one: Stock) -> str:
    """A stock as its box names it: how many, how large."""
    size = f"{number(one.cell[0])} × {number(one.cell[1])} mm"
    if one.name:
        return f"{one.name} ({size})"
    if one.roll:
        return _("Rouleau %(size)s", size=size)
    return _("%(n)s par feuille, %(size)s", n=one.count, size=size)


def count(number: int) -> str:
    """How many labels."""
    return ngettext("une étiquette", "%(num)s étiquettes", number)


def number(value: float) -> str:
    """Millimetres as people write them here: `38,1`."""
    return str(format_decimal(value, "0.##"))


learn(
    {
        CarriesOne.code: Telling(
            _l("%(tag)s porte déjà son étiquette."), _l("Dites pourquoi il en faut une autre."), _l("Pourquoi encore ?")
        ),
        StockDoesNotFit.code: Telling(
            _l("Ces étiquettes ne tiennent pas sur leur page."), _l("Mesurez de nouveau avec une règle.")
        ),
        NotWaiting.code: Telling(
            _l("Cette impression n’est plus là où c’est possible."), _l("Regardez ce qu’elle est devenue.")
        ),
        NotOfAPrinter.code: Telling(
            _l("Aucune imprimante ne se trompe autant : la page a été mise à l’échelle, ou mal mesurée."),
            _l("Imprimez-la à 100 %%, sans « ajuster à la page », et mesurez de nouveau."),
        ),
    }
)
