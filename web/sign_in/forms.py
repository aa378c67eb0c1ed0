"""The forms of the door."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from web.sign_in.accounts import LONGEST, SHORTEST

_REQUIRED = InputRequired(_l("À remplir."))


class DoorForm(FlaskForm):  # type: ignore[misc]
    """Name and password."""

    username = StringField(
        _l("Nom d’utilisateur"),
        validators=[_REQUIRED, Length(max=60)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("Mot de passe"),
        validators=[_REQUIRED, Length(max=LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """A new password."""

    current = PasswordField(
        _l("Mot de passe actuel"), validators=[_REQUIRED], render_kw={"autocomplete": "current-password"}
    )
    new = PasswordField(
        _l("Nouveau mot de passe"),
        description=_l("Douze caractères ou plus. Quatre mots au hasard vont très bien."),
        validators=[_REQUIRED, Length(min=SHORTEST, max=LONGEST, message=_l("Entre 12 et 200 caractères."))],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("Le même, une seconde fois"),
        validators=[_REQUIRED, EqualTo("new", _l("Les deux ne sont pas pareils."))],
        render_kw={"autocomplete": "new-password"},
    )
