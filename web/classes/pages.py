"""The lists, and one list: its classes in counts, its children by name, and what the office or the coordination does about them."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from ordi.papers import PARIS
from ordi.sharing.class_counts import Count, by_class, stock
from ordi.sharing.class_desks import DeskAct, close_day, conflicts, settle
from ordi.sharing.class_lists import ClassList, open_list, search
from ordi.sharing.class_preview import correct_pupil
from ordi.sharing.class_sight import Listed, children, counts_of, lists_seen_by, pupil_of, seen_list
from ordi.sharing.requests import withdraw as withdraw_request
from ordi.sharing.rules import Contract
from web.asking import short
from web.classes import blueprint
from web.clock import now
from web.guards import me, permission
from web.keyring import sealer
from web.session import db, writes

PAGE = 20


@blueprint.get("")
@permission("classes.desk")
def index() -> str:
    """The lists one may stand at a desk for, newest first."""
    before = request.args.get("before", type=int)
    query = (
        lists_seen_by(me(), "classes.desk", at=now())
        .options(joinedload(ClassList.partner))
        .order_by(ClassList.id.desc())
    )
    rows = list(db().scalars((query.where(ClassList.id < before) if before else query).limit(PAGE + 1)))
    shown = rows[:PAGE]
    return render_template(
        "classes/index.html",
        shown=shown,
        counts=counts_of(db(), shown),
        older=shown[-1].id if len(rows) > PAGE else None,
    )


@blueprint.get("/<int:number>")
@permission("classes.read")
@writes
def one(number: int) -> str:
    """The classes, then the children of one, or those found."""
    the_list = seen_list(db(), me(), number, "classes.read", at=now())
    everyone = children(db(), the_list, "classes.read", sealer=sealer(), by=me(), at=now())
    db().commit()
    chosen = request.args.get("class", "")
    return _page(
        the_list,
        everyone,
        [child for child in everyone if child.class_name == chosen],
        chosen=chosen,
        trouble=conflicts(db(), the_list),
    )


@blueprint.post("/<int:number>/search")
@permission("classes.read")
def find(number: int) -> str:
    """Children by name: asked in a form, so that no address keeps a child's name."""
    the_list = seen_list(db(), me(), number, "classes.read", at=now())
    everyone = children(db(), the_list, "classes.read", sealer=sealer(), by=me(), at=now())
    db().commit()
    sought = short("name")
    return _page(the_list, everyone, search(everyone, sought) if sought else [], sought=sought)


@blueprint.post("/<int:number>/open")
@permission("sharing.allocate")
def open_to_machines(number: int) -> Response:
    """Any ready machine of this coordinator may go to a child of the list."""
    the_list = seen_list(db(), me(), number, "sharing.allocate", at=now())
    open_list(db(), the_list, by=me(), at=now())
    db().commit()
    flash(_("La liste est ouverte : les remises peuvent commencer."), "ok")
    return redirect(url_for("classes.one", number=number))


@blueprint.post("/<int:number>/close-day")
@permission("classes.desk")
def end_of_day(number: int) -> Response:
    """Note who did not come; they keep their place."""
    the_list = seen_list(db(), me(), number, "classes.desk", at=now())
    missing = close_day(db(), the_list, now().astimezone(PARIS).date(), by=me(), at=now())
    db().commit()
    flash(
        ngettext(
            "Journée terminée. Un enfant n’est pas venu, il garde sa place.",
            "Journée terminée. %(num)s enfants ne sont pas venus, ils gardent leur place.",
            missing,
        ),
        "ok",
    )
    return redirect(url_for("classes.index"))


@blueprint.post("/<int:number>/pupils/<int:pupil>/correct")
@permission("classes.write")
def correct(number: int, pupil: int) -> Response:
    """Put a child's class or name right."""
    the_list = seen_list(db(), me(), number, "classes.write", at=now())
    found = pupil_of(db(), the_list, pupil)
    correct_pupil(db(), found, short("class"), short("name"), sealer=sealer(), by=me(), at=now())
    db().commit()
    flash(_("C’est corrigé."), "ok")
    return _at_class(number, found.class_name)


@blueprint.post("/<int:number>/pupils/<int:pupil>/withdraw")
@permission("classes.write")
def withdraw(number: int, pupil: int) -> Response:
    """The family no longer wants it."""
    the_list = seen_list(db(), me(), number, "classes.write", at=now())
    found = pupil_of(db(), the_list, pupil)
    withdraw_request(db(), found.request, by=me(), at=now())
    db().commit()
    flash(_("L’enfant est retiré de la remise. Pour revenir, apportez sa ligne de nouveau."), "ok")
    return _at_class(number, found.class_name)


@blueprint.post("/<int:number>/acts/<int:act>/settle")
@permission("sharing.allocate")
def settled(number: int, act: int) -> Response:
    """Somebody went and saw."""
    the_list = seen_list(db(), me(), number, "sharing.allocate", at=now())
    found = db().scalar(select(DeskAct).where(DeskAct.id == act, DeskAct.list_id == the_list.id))
    if found is not None:
        settle(db(), found, the_list, by=me(), at=now())
    db().commit()
    return redirect(url_for("classes.one", number=number))


def _at_class(number: int, class_name: str) -> Response:
    return redirect(f"{url_for('classes.one', number=number)}?{urlencode({'class': class_name})}")


def _page(
    the_list: ClassList,
    everyone: list[Listed],
    shown: list[Listed],
    *,
    chosen: str = "",
    sought: str = "",
    trouble: Sequence[DeskAct] = (),
) -> str:
    rows = by_class(db(), the_list)
    return render_template(
        "classes/one.html",
        the_list=the_list,
        rows=rows if everyone else [],
        total=sum(rows, Count("", 0, 0, 0)),
        free=stock(db(), the_list, at=now()).free if the_list.opened_at else None,
        chosen=chosen,
        shown=shown,
        sought=sought,
        trouble=trouble,
        names={child.id: child.name for child in everyone} if trouble else {},
        lent=the_list.programme.contract == Contract.LOAN,
    )
