"""The form of a programme: groups of conditions, points, money, limits. It fills from rules, and rules are read from it."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from ordi.errors import Invalid
from ordi.machines.machine import Form
from ordi.machines.profiles import PROFILES
from ordi.money import cents_of
from ordi.sharing.facts import KNOWN
from ordi.sharing.rules import Contract, HolderKind, Rules, Silence
from ordi.sharing.school_years import Level
from web.bench import words as bench
from web.sharing import programme_words as say
from web.sharing import territory
from web.sharing.filing import Boxes
from web.sharing.programme_groups import criteria_of, groups_said
from web.wording import life

_TOO_LARGE = NumberRange(min=0, max=100_000)


def _number(label: str, hint: str = "", least: int = 0, most: int = 100_000) -> IntegerField:
    return IntegerField(label, description=hint, validators=[Optional(), NumberRange(min=least, max=most)])


def _line(label: str, hint: str = "", longest: int = 160) -> StringField:
    return StringField(label, description=hint, validators=[Optional(), Length(max=longest)])


def _lines(label: str, hint: str) -> TextAreaField:
    return TextAreaField(label, description=hint, validators=[Length(max=1600)], render_kw={"rows": 3})


class ProgrammeForm(FlaskForm):  # type: ignore[misc]
    """Everything a coordinator writes of a programme."""

    name = StringField(_l("Nom"), validators=[InputRequired(_l("Écrivez un nom.")), Length(min=2, max=80)])
    summary = _line(_l("En une phrase, pour les familles"))
    open_from = DateField(_l("Ouvert depuis"), validators=[InputRequired(_l("Dites depuis quand."))])
    open_until = DateField(_l("Dernier jour"), validators=[Optional()])
    source = _line(_l("D’où vient cette règle"))

    holders = Boxes(
        _l("Pour qui"), choices=list(say.HOLDERS.items()), validators=[InputRequired(_l("Dites pour qui."))]
    )
    requesters = Boxes(
        _l("Qui fait la demande"),
        choices=list(say.REQUESTERS.items()),
        description=_l("Rien de coché : qui suit le foyer, ou l’association elle-même."),
    )
    postcodes = _line(_l("Codes postaux servis"), _l("Séparés par un espace. Vide : tout le pôle."), 400)
    communes = _line(_l("Communes servies"), _l("Leurs noms, séparés par une virgule."), 1600)

    own_facts = _lines(
        _l("Conditions propres à ce dispositif"),
        _l("Une phrase par ligne. Enregistrez : elles se cochent ensuite dans les groupes."),
    )
    waiting_days_per_point = _number(_l("Un point tous les … jours d’attente"), least=1, most=365)
    most_waiting_points = _number(_l("Points d’attente, au plus"), most=200)

    contract = RadioField(_l("Contrat"), choices=list(say.CONTRACTS.items()), default=Contract.GIFT)
    price = _line(_l("Prix en euros"), longest=12)
    unlocked_price = _line(_l("Prix avec le certificat"), longest=12)
    unlocked_by = _line(
        _l("Dispositifs dont le certificat ouvre ce prix"), _l("Leurs codes. Vide : le certificat de ce dispositif.")
    )
    partner_sets_price = BooleanField(_l("La structure fixe son prix"))
    needs_code = BooleanField(_l("Un code à usage unique ouvre la demande"))
    loan_months = _number(_l("Prêt : nombre de mois"), least=1, most=240)
    loan_ends = DateField(_l("Prêt : ou jusqu’à ce jour"), validators=[Optional()])
    loan_until = SelectField(
        _l("Selon la classe : jusqu’à l’entrée en …"),
        choices=[("", _l("le même jour pour tous")), *((one, one) for one in Level)],
        description=_l("Pour une liste de classes : un CM2 finit avant un CE2, le jour et le mois ci-contre."),
    )
    ends_at = _line(_l("Cet événement"), _l("Par exemple : l’entrée en 6e."))
    may_keep = BooleanField(_l("À la fin, la famille peut le garder"))
    silence = SelectField(_l("Si personne ne répond"), choices=list(say.SILENCES.items()), default=Silence.REMIND)

    warranty_months = _number(
        _l("Garantie promise, en mois"), _l("Don ou prêt. Une vente a la garantie de la loi."), most=120
    )

    profile = SelectField(_l("Logiciels"))
    profiles = Boxes(_l("Ou au choix, selon le projet"))
    pack = Boxes(_l("Dans le sac"), choices=list(say.PACK.items()))
    same_form = SelectField(_l("Le même ordinateur pour tous"))
    same_memory = _number(_l("Sa mémoire, en Go"), most=256)
    built_by_holder = BooleanField(_l("La personne le construit elle-même"))
    no_public_donors = BooleanField(_l("Jamais un ordinateur d’un donateur public"))
    placed = BooleanField(_l("Propriétaire, gardien, lieu et animateur peuvent différer"))
    applicant_may_not_use = BooleanField(_l("Qui demande ne s’en sert pas : il est pour un partenaire"))
    fleets = _line(_l("Parcs séparés"), _l("Par exemple : own learners. Vide : un seul parc."))

    sessions = _number(_l("Nombre de séances"), most=60)
    minutes = _number(_l("Minutes par séance"), most=480)
    least_attended = _number(_l("Séances suivies pour le certificat"), most=60)
    levels = _lines(_l("Niveaux"), _l("Un par ligne. Vide : tous ensemble."))
    before_hand_over = BooleanField(_l("L’ordinateur part à la fin des séances"))
    certificate = BooleanField(_l("Un certificat à la fin"))
    commitment = BooleanField(_l("Pré-liste, lettre, réunion, engagement"))
    refresher_months = _number(_l("Séance de rappel après … mois"), most=60)
    visits = _number(_l("Visites à la maison"), most=24)
    with_connection = BooleanField(_l("Un accès internet"))
    free_months = _number(_l("Mois gratuits"), most=120)
    then_price = _line(_l("Puis, euros par mois"), longest=12)

    total = _number(_l("En tout"))
    per_partner = _number(_l("Par structure"))
    per_commune = _number(_l("Par commune"))
    per_months = _number(_l("Sur … mois"), _l("Vide : depuis le début."))
    budget = _line(_l("Budget, en euros"), longest=12)
    unit_cost = _line(_l("Coût d’un ordinateur"), longest=12)
    hold_days = _number(_l("Jours ouvrés gardés sans réponse"), least=1, most=120)
    expire_days = _number(_l("Sans réponse, rendu au stock après … jours"), least=10, most=365)
    ask_again_days = _number(_l("Toujours utile ? demandé après … jours"), least=30, most=365)
    usual_delay_days = _number(_l("Délai habituel, en jours"))
    bring = Boxes(_l("À apporter"), choices=list(say.BRING.items()), description=_l("Montré, jamais gardé."))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        profiles = [(one.code, bench.PROFILES.get(one.code, one.code)) for one in PROFILES]
        self.profile.choices = [("", _l("aucun en particulier")), *profiles]
        self.profiles.choices = profiles
        self.same_form.choices = [("", _l("non")), *((form, life.FORMS[form]) for form in Form if form in life.FORMS)]


def filled(rules: Rules) -> dict[str, Any]:
    """What the fields show of these rules."""
    data: dict[str, Any] = {name: getattr(rules, name) for name in _SAME}
    data |= {name: str(getattr(rules, name)) for name in ("contract", "silence")}
    data |= {name: [str(one) for one in getattr(rules, name)] for name in ("holders", "requesters", "pack", "bring")}
    data |= {"loan_until": rules.loan_until or ""}
    data |= {"communes": territory.written(rules.communes)}
    data |= {"postcodes": " ".join(rules.postcodes), "fleets": " ".join(rules.fleets), "profiles": list(rules.profiles)}
    data |= {"own_facts": "\n".join(rules.sentences.values()), "no_public_donors": not rules.public_donors}
    data |= {"applicant_may_not_use": not rules.applicant_may_use}
    for name, cents in (
        ("price", rules.price_cents),
        ("budget", rules.budget_cents),
        ("unit_cost", rules.unit_cost_cents),
    ):
        data[name] = _typed(cents) if cents else ""
    data["unlocked_by"] = " ".join(rules.unlocked_by)
    data["unlocked_price"] = "" if rules.unlocked_price_cents is None else _typed(rules.unlocked_price_cents)
    if rules.configuration:
        data |= {"same_form": str(rules.configuration.form), "same_memory": rules.configuration.least_memory_gib}
    if (training := rules.training) is not None:
        data |= training.model_dump(exclude={"levels"}) | {"levels": "\n".join(training.levels)}
    if (connection := rules.connection) is not None:
        data |= {
            "with_connection": True,
            "free_months": connection.free_months,
            "then_price": _typed(connection.then_cents),
        }
    return data | rules.quota.model_dump()


_SAME = (
    *("name", "summary", "open_from", "open_until", "source", "waiting_days_per_point", "most_waiting_points"),
    *("partner_sets_price", "needs_code", "loan_months", "loan_ends", "loan_until", "ends_at", "may_keep", "profile"),
    "warranty_months",
    *("built_by_holder", "placed", "visits", "hold_days", "expire_days", "ask_again_days"),
    "usual_delay_days",
)
"""Fields that say the same in the form and in the rules."""


def said(form: ProgrammeForm, code: str, base: Rules | None) -> dict[str, Any]:
    """The rules this form says, as plain data for `rules_from`. Raises `Invalid` for an amount that is none."""
    data: dict[str, Any] = {name: form[name].data for name in _SAME if form[name].data not in (None, "")}
    holders = form.holders.data or [HolderKind.HOUSEHOLD]
    sentences = _own(form, base)
    services = [] if form.contract.data == Contract.NONE else ["machine"]
    services += ["connection"] if form.with_connection.data else []
    services += ["training"] if form.sessions.data else []
    services += ["visit"] if form.visits.data else []
    data |= {"code": code, "contract": form.contract.data, "silence": form.silence.data, "services": services}
    data |= {"holder": holders[0], "also_for": holders[1:], "requesters": form.requesters.data or []}
    data |= {"communes": territory.typed(form.communes.data or "")}
    data |= {"postcodes": (form.postcodes.data or "").split(), "fleets": (form.fleets.data or "").split()}
    data |= {"sentences": sentences, "points": _points(sentences), "criteria": criteria_of(groups_said(), sentences)}
    data |= {
        "price_cents": _cents(form.price),
        "budget_cents": _cents(form.budget),
        "unit_cost_cents": _cents(form.unit_cost),
    }
    data["unlocked_by"] = (form.unlocked_by.data or "").split()
    if form.unlocked_price.data:
        data["unlocked_price_cents"] = _cents(form.unlocked_price)
    data |= {"pack": form.pack.data or [], "bring": form.bring.data or [], "profiles": form.profiles.data or []}
    data |= {"public_donors": not form.no_public_donors.data, "applicant_may_use": not form.applicant_may_not_use.data}
    if form.same_form.data:
        memory = form.same_memory.data or 0
        data["configuration"] = {"form": form.same_form.data, "least_memory_gib": memory, "most_memory_gib": memory}
    if form.sessions.data:
        data["training"] = {
            "sessions": form.sessions.data,
            "minutes": form.minutes.data or 120,
            "least_attended": form.least_attended.data or 0,
            "levels": [one.strip() for one in (form.levels.data or "").splitlines() if one.strip()],
            "before_hand_over": form.before_hand_over.data,
            "certificate": form.certificate.data,
            "commitment": form.commitment.data,
            "refresher_months": form.refresher_months.data or 0,
        }
    if form.with_connection.data:
        data["connection"] = {"free_months": form.free_months.data or 0, "then_cents": _cents(form.then_price)}
    data["quota"] = {name: form[name].data or 0 for name in ("total", "per_partner", "per_commune", "per_months")}
    return data


def _points(sentences: dict[str, str]) -> dict[str, int]:
    points = {}
    for code in (*KNOWN, *sentences):
        typed = request.form.get(f"points-{code}", "").strip().replace("−", "-")
        if typed and typed != "0":
            if not re.fullmatch(r"-?[0-9]{1,3}", typed, re.ASCII):
                raise Invalid(field="points", why="unknown")
            points[code] = int(typed)
    return points


def _own(form: ProgrammeForm, base: Rules | None) -> dict[str, str]:
    """The sentences of its own facts: one that was there keeps its code."""
    before = {sentence: code for code, sentence in (base.sentences if base else {}).items()}
    sentences: dict[str, str] = {}
    for line in (form.own_facts.data or "").splitlines():
        sentence = " ".join(line.split())[:160]
        if sentence:
            code = before.get(sentence) or _slug(sentence, {*sentences, *before.values(), *KNOWN})
            sentences[code] = sentence
    return sentences


def _slug(sentence: str, taken: set[str]) -> str:
    plain = unicodedata.normalize("NFKD", sentence.lower()).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:20].strip("-") or "condition"
    return next(
        code for n in range(1, 100) if (code := stem if n == 1 else f"{stem}-{n}") not in taken and len(code) > 1
    )


def _cents(field: StringField) -> int:
    try:
        return cents_of(field.data) if field.data else 0
    except Invalid:
        raise Invalid(field=field.name, why="not-an-amount") from None


def _typed(cents: int) -> str:
    whole, part = divmod(cents, 100)
    return f"{whole},{part:02d}" if part else str(whole)
