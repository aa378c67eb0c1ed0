"""The paper twin of a list: a sheet to sign by class, and the table for a spreadsheet."""

from __future__ import annotations

from itertools import groupby

from flask import render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ordi.sharing.class_sight import children, seen_list
from web.classes import blueprint, words
from web.clock import now
from web.guards import me, permission
from web.keyring import sealer
from web.session import db, writes
from web.sheets import CSV, as_csv, file_of


@blueprint.get("/<int:number>/sheet")
@permission("classes.read")
@writes
def sheet(number: int) -> str:
    """A page a class: child, label, signature. What is signed there is typed at the desk afterwards."""
    the_list = seen_list(db(), me(), number, "classes.read", at=now())
    everyone = children(db(), the_list, "classes.read", sealer=sealer(), by=me(), at=now())
    db().commit()
    there = [one for one in everyone if one.standing != "withdrawn"]
    classes = [(name, list(rows)) for name, rows in groupby(there, key=lambda one: one.class_name)]
    return render_template("classes/sheet.html", the_list=the_list, classes=classes)


@blueprint.get("/<int:number>/file")
@permission("classes.read")
@writes
def table(number: int) -> Response:
    """The list as CSV: class, child, where it stands, label, request."""
    the_list = seen_list(db(), me(), number, "classes.read", at=now())
    everyone = children(db(), the_list, "classes.read", sealer=sealer(), by=me(), at=now())
    db().commit()
    heads = [_("Classe"), _("Enfant"), _("Où il en est"), _("Étiquette"), _("Demande")]
    rows = [(one.class_name, one.name, str(words.STANDINGS[one.standing][2]), one.tag, one.request) for one in everyone]
    return file_of(as_csv(heads, rows), CSV, f"classes-{the_list.id}-{now():%Y-%m-%d}")
