"""The words of the label room."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from ordi.labels.printers import NotOfAPrinter
from ordi.labels.printings import Printing, Stage
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
    size = f"{_number(one.cell[0])} × {_number(one.cell[1])} mm"
    if one.name:
        return f"{one.name} ({size})"
    if one.roll:
        return _("Rouleau %(size)s", size=size)
    return _("%(n)s par feuille, %(size)s", n=one.count, size=size)


def count(number: int) -> str:
    """How many labels."""
    return ngettext("une étiquette", "%(num)s étiquettes", number)


def _number(value: float) -> str:
    return _("%(whole)s,%(tenth)s", whole=int(value), tenth=round(value * 10) % 10) if value % 1 else str(int(value))


learn(
    {
        CarriesOne.code: Telling(
            _l("%(tag)s porte déjà son étiquette."), _l("Dites pourquoi il en faut une autre."), _l("Pourquoi encore ?")
        ),
        StockDoesNotFit.code: Telling(
            _l("Ces étiquettes ne tiennent pas sur leur page."), _l("Mesurez de nouveau avec une règle.")
        ),
        NotOfAPrinter.code: Telling(
            _l("Aucune imprimante ne se trompe autant : la page a été mise à l’échelle, ou mal mesurée."),
            _l("Imprimez-la à 100 %%, sans « ajuster à la page », et mesurez de nouveau."),
        ),
    }
)
