"""The list of bench hosts: the only places an SSH line may go. Kept by a lead or the administration."""

from __future__ import annotations

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import or_, select
from werkzeug.wrappers import Response
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from ordi.bench.hosts import FOLDER, add_host, hosts_seen_by, retire_host
from ordi.errors import Invalid, NotFound
from ordi.parties.access import grounds
from ordi.parties.organisations import Kind, Organisation
from web.clock import now
from web.guards import i_may, me, permission
from web.keyring import keyring
from web.remote import blueprint
from web.session import db

_REQUIRED = InputRequired(_l("À remplir."))


class HostForm(FlaskForm):  # type: ignore[misc]
    """One more place at the bench."""

    name = StringField(
        _l("Nom du poste"),
        description=_l("Ce qui est écrit sur la prise : « Établi 3 »."),
        validators=[_REQUIRED, Length(max=60)],
    )
    workshop = SelectField(_l("Atelier"), coerce=int, validators=[_REQUIRED])
    address = StringField(
        _l("Adresse"),
        description=_l("Son nom ou son numéro sur le réseau de l’établi."),
        validators=[_REQUIRED, Length(max=253)],
        render_kw={"autocapitalize": "none", "spellcheck": "false"},
    )
    port = IntegerField(_l("Port"), validators=[_REQUIRED, NumberRange(1, 65535)])
    login = StringField(
        _l("Compte"),
        description=_l("root, ou un compte qui a sudo sans mot de passe."),
        validators=[_REQUIRED, Length(max=32)],
        render_kw={"autocapitalize": "none", "spellcheck": "false"},
    )
    folder = StringField(
        _l("Dossier de travail"),
        description=_l("En mémoire de préférence : rien ne reste sur un disque."),
        validators=[_REQUIRED, Length(max=120)],
        render_kw={"autocapitalize": "none", "spellcheck": "false"},
    )
    host_key = TextAreaField(
        _l("Clé du poste"),
        description=_l(
            "Sur son propre écran : cat /etc/ssh/ssh_host_ed25519_key.pub. Laissez vide pour une clé Ordi, qui donne la sienne à chaque démarrage."
        ),
        validators=[Optional(), Length(max=1200)],
        render_kw={"rows": 3, "spellcheck": "false"},
    )


_WRONG = {
    "name": _l("À remplir."),
    "address": _l("Un nom ou un numéro de réseau, sans espace."),
    "login": _l("Un nom de compte, en minuscules."),
    "folder": _l("Un chemin complet, comme /run/ordi-ssh."),
    "host_key": _l("Ce n’est pas une clé SSH : copiez toute la ligne."),
    "port": _l("Entre 1 et 65535."),
}


@blueprint.get("/bench-hosts")
@permission("network.hosts")
def hosts() -> str:
    """Every host within reach, and one more."""
    return _page(_offered(HostForm(formdata=None, data={"port": 22, "login": "root", "folder": FOLDER})))


@blueprint.post("/bench-hosts")
@permission("network.hosts")
def add() -> Response | tuple[str, int]:
    """Write one down."""
    form = _offered(HostForm())
    if not form.validate_on_submit():
        return _page(form), 422
    where = next((one for one in _workshops() if one.id == form.workshop.data), None)
    if where is None:
        raise NotFound(workshop=form.workshop.data)
    told = {name: str(form[name].data or "") for name in ("name", "address", "login", "folder", "host_key")}
    try:
        made = add_host(db(), where, port=form.port.data or 22, by=me(), at=now(), **told)
    except Invalid as refusal:
        field = str(refusal.facts["field"])
        form[field].errors = [str(_WRONG[field])]
        return _page(form), 422
    db().commit()
    flash(_("Le poste « %(name)s » est dans la liste.", name=made.name), "ok")
    return redirect(url_for("remote.hosts"))


@blueprint.post("/bench-hosts/<int:host_id>/retire")
@permission("network.hosts")
def retire(host_id: int) -> Response:
    """Call it no more."""
    found = next((one for one in hosts_seen_by(db(), me(), "network.hosts", at=now()) if one.id == host_id), None)
    if found is None:
        raise NotFound(host=host_id)
    retire_host(db(), found, by=me(), at=now())
    db().commit()
    flash(_("Le poste « %(name)s » n’est plus appelé.", name=found.name), "ok")
    return redirect(url_for("remote.hosts"))


def public_key(workshop: Organisation) -> str:
    """The line that lets a workshop in: for `authorized_keys`."""
    key = keyring().ssh_key(workshop.id, now()).public_key()
    return f"{key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()} ordi-{workshop.id}"


def _page(form: HostForm) -> str:
    return render_template(
        "remote/hosts.html",
        hosts=hosts_seen_by(db(), me(), "network.hosts", at=now()),
        keys=[(one, public_key(one)) for one in _workshops()],
        networks=current_app.extensions["ordi-settings"].bench_networks,
        form=form,
        administers=i_may("network.people"),
    )


def _workshops() -> list[Organisation]:
    within = [
        Organisation.path.startswith(one.organisation.path, autoescape=True)
        for one in grounds(me(), "network.hosts", now())
    ]
    query = select(Organisation).where(Organisation.kind == Kind.WORKSHOP, or_(False, *within))
    return list(db().scalars(query.order_by(Organisation.name, Organisation.id)))


def _offered(form: HostForm) -> HostForm:
    form.workshop.choices = [(one.id, one.name) for one in _workshops()]
    return form
