"""Everyone in the network, and where they belong."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TypeVar

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response

from ordi.errors import Invalid
from ordi.parties.organisations import Kind, Nature, Organisation, found
from ordi.parties.people import HELD_IN, Membership, Person, Role, appoint, dismiss, welcome
from ordi.places.communes import known_postcode
from ordi.places.importing import place_organisations
from ordi.sharing.hand_ons import following, must_hand_on
from web.administration import blueprint
from web.administration.forms import OrganisationForm, PersonForm, RoleForm
from web.clock import now
from web.guards import me, permission
from web.session import db
from web.sharing.followers import to_hand_on
from web.sign_in.accounts import Account, open_account
from web.sign_in.second_factor import SecondFactor, take_away
from web.sign_in.sessions import end_all
from web.wording import wording
from web.worker import failing

PAGE = 50
_Offered = TypeVar("_Offered", PersonForm, RoleForm)


@blueprint.get("")
@permission("network.people")
def index() -> str:
    """Everyone, by name."""
    words = request.args.get("q", "").strip()[:60]
    query = select(Person).options(selectinload(Person.memberships)).order_by(Person.name, Person.id)
    if words:
        query = query.where(Person.name.icontains(words, autoescape=True))
    after = request.args.get("after", type=int)
    last = db().get(Person, after) if after else None
    if last is not None:
        query = query.where((Person.name > last.name) | ((Person.name == last.name) & (Person.id > last.id)))
    people = list(db().scalars(query.limit(PAGE + 1)))
    more = people[PAGE - 1].id if len(people) > PAGE else None
    return render_template(
        "administration/index.html", people=people[:PAGE], words=words, more=more, now=now(), failing=failing(db())
    )


@blueprint.get("/people/new")
@permission("network.people")
def new_person() -> str:
    """Someone new."""
    return render_template("administration/new_person.html", form=_offered(PersonForm(formdata=None)))


@blueprint.post("/people/new")
@permission("network.people")
def add_person() -> str | tuple[str, int] | Response:
    """Welcome them."""
    form = _offered(PersonForm())
    if form.validate_on_submit():
        try:
            person = welcome(db(), str(form.name.data), at=now())
            appoint(db(), person, Role(form.role.data), _organisation(form.organisation.data), at=now())
            open_account(db(), person, str(form.username.data), str(form.password.data), at=now())
        except Invalid as refusal:
            field = form.username if refusal.facts.get("field") == "username" else form.password
            field.errors = [_("Déjà pris, ou trop simple.")]
        else:
            db().commit()
            flash(_("%(name)s peut entrer.", name=person.name), "ok")
            return redirect(url_for("administration.person", person_id=person.id))
    db().rollback()
    return render_template("administration/new_person.html", form=_offered(form)), 422


@blueprint.get("/people/<int:person_id>")
@permission("network.people")
def person(person_id: int) -> str:
    """One person and their roles."""
    return _person(_the(person_id), _offered(RoleForm(formdata=None)))


@blueprint.post("/people/<int:person_id>/roles")
@permission("network.people")
def add_role(person_id: int) -> str | tuple[str, int] | Response:
    """One more role, from now on."""
    who, form = _the(person_id), _offered(RoleForm())
    if not form.validate_on_submit():
        return _person(who, form), 422
    until = datetime.combine(form.until.data, time.max, UTC) if form.until.data else None
    appoint(db(), who, Role(form.role.data), _organisation(form.organisation.data), at=now(), until=until)
    db().commit()
    flash(_("Rôle donné."), "ok")
    return redirect(url_for("administration.person", person_id=who.id))


@blueprint.post("/roles/<int:membership_id>/end")
@permission("network.people")
def end_role(membership_id: int) -> Response:
    """End a role now; what was done under it stays theirs, and the families they follow go to a colleague first."""
    held = db().get(Membership, membership_id) or abort(404)
    must_hand_on(db(), held.person, ending=held, at=now())
    dismiss(db(), held, at=now())
    db().commit()
    flash(_("Rôle terminé."), "ok")
    return redirect(url_for("administration.person", person_id=held.person_id))


@blueprint.post("/people/<int:person_id>/leave")
@permission("network.people")
def leave(person_id: int) -> Response:
    """They left: no role holds any more, and they are signed out everywhere. The families they follow go to a colleague first."""
    who = _the(person_id)
    must_hand_on(db(), who, at=now())
    who.left_at = who.left_at or now()
    end_all(db(), who, at=now())
    db().commit()
    flash(_("%(name)s n’entre plus.", name=who.name), "ok")
    return redirect(url_for("administration.person", person_id=who.id))


@blueprint.post("/people/<int:person_id>/telephone")
@permission("network.people")
def lost_telephone(person_id: int) -> Response:
    """They lost their telephone and their codes: the next sign-in begins with a new secret, and every session ends."""
    who = _the(person_id)
    take_away(db(), who, at=now())
    end_all(db(), who, at=now())
    db().commit()
    flash(_("Son prochain passage à la porte montrera un nouveau carré."), "ok")
    return redirect(url_for("administration.person", person_id=who.id))


@blueprint.get("/organisations")
@permission("network.people")
def organisations() -> str:
    """The tree, and one more branch."""
    return _tree(_branches(OrganisationForm(formdata=None)))


@blueprint.post("/organisations")
@permission("network.people")
def add_organisation() -> str | tuple[str, int] | Response:
    """Hang an organisation in the tree."""
    form = _branches(OrganisationForm())
    if not form.validate_on_submit():
        return _tree(form), 422
    made = found(
        db(),
        Kind(form.kind.data),
        str(form.name.data),
        parent=_organisation(form.parent.data),
        at=now(),
        nature=str(form.nature.data),
        commune=str(form.commune.data or ""),
        street=str(form.street.data or ""),
        postcode=str(form.postcode.data or ""),
        phone=str(form.phone.data or ""),
        email=str(form.email.data or "").strip(),
    )
    made.siret = form.siret.data or None
    place_organisations(db())
    unknown = bool(made.postcode) and not known_postcode(db(), made.postcode)
    db().commit()
    if unknown:
        flash(_("Le code postal %(code)s n’est pas dans la liste : à vérifier.", code=made.postcode), "warn")
    flash(_("%(name)s est dans le réseau.", name=made.name), "ok")
    return redirect(url_for("administration.organisations"))


def _person(who: Person, form: RoleForm) -> str:
    account = db().scalar(select(Account).where(Account.person_id == who.id))
    factor = db().get(SecondFactor, who.id)
    return render_template(
        "administration/person.html",
        person=who,
        account=account,
        factor=factor,
        form=form,
        now=now(),
        **to_hand_on(following(db(), me(), at=now(), only=who)),
    )


def _tree(form: OrganisationForm) -> str:
    return render_template("administration/organisations.html", organisations=_all(), form=form)


def _the(person_id: int) -> Person:
    return db().get(Person, person_id) or abort(404)


def _organisation(number: int) -> Organisation:
    return db().get(Organisation, number) or abort(404)


def _all() -> list[Organisation]:
    return list(db().scalars(select(Organisation).order_by(Organisation.path)))


def _offered(form: _Offered) -> _Offered:
    form.role.choices = [(role, wording.role(role)) for role in HELD_IN]
    form.organisation.choices = [(one.id, f"{one.name} ({wording.kind(one.kind)})") for one in _all()]
    return form


def _branches(form: OrganisationForm) -> OrganisationForm:
    form.kind.choices = [(kind, wording.kind(kind)) for kind in Kind if kind != Kind.NETWORK]
    form.nature.choices = [(nature, wording.nature(nature)) for nature in Nature]
    above = [one for one in _all() if one.kind in (Kind.NETWORK, Kind.POLE)]
    form.parent.choices = [(one.id, one.name) for one in above]
    return form
