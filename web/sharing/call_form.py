"""The form of a call for projects: what it says, gives, and may spend."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from ordi.errors import Invalid
from ordi.money import cents_of, euros
from ordi.papers import PARIS
from ordi.sharing.calls import MOST_MACHINES
from ordi.sharing.programmes import Programme
from web.clock import now
from web.sharing import call_words
from web.sharing.filing import Boxes


class CallForm(FlaskForm):  # type: ignore[misc]
    """What a call says; its criteria are rows beneath."""

    title = StringField(_l("Nom de l’appel"), validators=[InputRequired(), Length(min=3, max=120)])
    words = TextAreaField(
        _l("Ce que vous attendez des projets"),
        validators=[InputRequired(), Length(min=3, max=1200)],
        render_kw={"rows": 4, "maxlength": 1200},
    )
    programme = RadioField(_l("Sous quel dispositif ?"), coerce=int, validators=[InputRequired()])
    opens = DateField(_l("Premier jour"), validators=[InputRequired()])
    closes = DateField(_l("Dernier jour, inclus"), validators=[InputRequired()])
    applicants = Boxes(
        _l("Qui peut répondre ?"), choices=list(call_words.APPLICANTS.items()), validators=[InputRequired()]
    )
    machines = IntegerField(
        _l("Ordinateurs à donner en tout"), validators=[InputRequired(), NumberRange(1, MOST_MACHINES)]
    )
    most_each = IntegerField(_l("Au plus par projet"), validators=[InputRequired(), NumberRange(1, MOST_MACHINES)])
    budget = StringField(
        _l("Budget en tout, en euros"),
        description=_l("Vide : pas compté. Le dispositif doit dire ce que coûte un ordinateur."),
        validators=[Optional(), Length(max=12)],
        render_kw={"inputmode": "decimal"},
    )
    joint = BooleanField(_l("Projet commun : une structure partenaire est nommée"))

    budget_cents = 0

    def offer(self, programmes: Sequence[Programme]) -> None:
        """The programmes a call may stand under."""
        self.programme.choices = [(one.id, one.name) for one in programmes]
        self._costs = {one.id: one.rules.unit_cost_cents for one in programmes}

    def validate(self, extra_validators: object = None) -> bool:
        """Also what only two fields together can say."""
        good = bool(super().validate(extra_validators))
        if not good:
            return False
        said = self.data
        opens, closes, most_each, machines = (said[one] for one in ("opens", "closes", "most_each", "machines"))
        if closes < max(opens, now().astimezone(PARIS).date()):
            self.closes.errors = [_("Choisissez un jour après l’ouverture, et pas encore passé.")]
            good = False
        if most_each > machines:
            self.most_each.errors = [_("Un projet ne peut pas avoir plus que l’appel ne donne.")]
            good = False
        return self._affordable() and good

    def _affordable(self) -> bool:
        """Whether the budget, if one was typed, is an amount that pays for at least one machine of the programme."""
        typed = (self.budget.data or "").strip()
        if not typed:
            return True
        try:
            self.budget_cents = cents_of(typed)
        except Invalid:
            self.budget.errors = [_("Écrivez un montant, par exemple 1 500.")]
            return False
        cost = self._costs.get(self.programme.data, 0)
        if not cost:
            self.budget.errors = [
                _("Ce dispositif ne dit pas ce que coûte un ordinateur : laissez vide, ou dites-le d’abord.")
            ]
        elif self.budget_cents < cost:
            self.budget.errors = [_("Ce n’est pas assez pour un ordinateur, qui coûte %(cost)s.", cost=euros(cost))]
        return bool(cost) and self.budget_cents >= cost
