"""The forms of the network's upkeep."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from ordi.parties.siret import valid_siret
from web.sign_in.accounts import LONGEST, SHORTEST

_REQUIRED = InputRequired(_l("À remplir."))


class PersonForm(FlaskForm):  # type: ignore[misc]
    """Someone new."""

    name = StringField(_l("Nom"), validators=[_REQUIRED, Length(max=80)])
    role = SelectField(_l("Rôle"), validators=[_REQUIRED])
    organisation = SelectField(_l("Dans"), coerce=int, validators=[_REQUIRED])
    username = StringField(
        _l("Nom d’utilisateur"),
        validators=[_REQUIRED, Length(min=2, max=60)],
        render_kw={"autocomplete": "off", "autocapitalize": "none"},
    )
    password = PasswordField(
        _l("Premier mot de passe"),
        description=_l("Douze caractères ou plus. La personne le changera."),
        validators=[_REQUIRED, Length(min=SHORTEST, max=LONGEST, message=_l("Entre 12 et 200 caractères."))],
        render_kw={"autocomplete": "new-password"},
    )


class RoleForm(FlaskForm):  # type: ignore[misc]
    """One more role."""

    role = SelectField(_l("Rôle"), validators=[_REQUIRED])
    organisation = SelectField(_l("Dans"), coerce=int, validators=[_REQUIRED])
    until = DateField(_l("Jusqu’au"), description=_l("Un mandat d’audit a toujours une fin."), validators=[Optional()])


class OrganisationForm(FlaskForm):  # type: ignore[misc]
    """One more organisation."""

    kind = SelectField(_l("Genre"), validators=[_REQUIRED])
    name = StringField(_l("Nom"), validators=[_REQUIRED, Length(max=120)])
    parent = SelectField(_l("Sous"), coerce=int, validators=[_REQUIRED])
    nature = SelectField(_l("En droit"), validators=[_REQUIRED])
    siret = StringField(
        _l("SIRET"),
        validators=[Optional()],
        filters=[lambda said: "".join((said or "").split())],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    street = StringField(_l("Adresse"), validators=[Optional(), Length(max=120)])
    postcode = StringField(
        _l("Code postal"),
        validators=[Optional(), Regexp(r"[0-9]{5}\Z", message=_l("Cinq chiffres."))],
        render_kw={"inputmode": "numeric"},
    )
    commune = StringField(_l("Commune"), validators=[Optional(), Length(max=80)])
    phone = StringField(_l("Téléphone"), validators=[Optional(), Length(max=24)])
    email = StringField(
        _l("Adresse e-mail du bureau"), validators=[Optional(), Length(max=254)], render_kw={"type": "email"}
    )

    def validate_siret(self, field: StringField) -> None:
        """Fourteen digits of which the last is right."""
        if not valid_siret(str(field.data)):
            raise ValidationError(_l("Quatorze chiffres, et le dernier ne tombe pas juste. Vérifiez-les."))


class TokenForm(FlaskForm):  # type: ignore[misc]
    """A token for a program."""

    name = StringField(_l("Pour quel programme"), validators=[_REQUIRED, Length(max=80)])
    scopes = SelectMultipleField(
        _l("Il pourra"), validators=[_REQUIRED], widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    organisation = SelectField(_l("Dans"), coerce=int, validators=[_REQUIRED])
    expires = DateField(_l("Jusqu’au"), validators=[_REQUIRED])
