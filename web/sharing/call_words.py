"""Calls for projects in words: phases, who may apply, outcomes, marks, refusals."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ordi.machines.machine import Form
from ordi.money import euros
from ordi.sharing.applications import Application, Outcome, Standing
from ordi.sharing.calls import Applicant, Call, Phase
from ordi.sharing.deliberating import Because
from ordi.sharing.scoring import Conflict, Tally, Term
from web.languages import day
from web.wording import reasons, refusals
from web.wording.refusals import Telling
from web.wording.words import Words

APPLICANTS: Words = {
    Applicant.ASSOCIATION: _l("Associations"),
    Applicant.EPN: _l("Espaces publics numériques (EPN)"),
    Applicant.SERVICE: _l("Services publics, écoles, CCAS"),
    Applicant.FIRM: _l("Petites entreprises"),
}
APPLICANT_ICONS: Words = {
    Applicant.ASSOCIATION: "association",
    Applicant.EPN: "screen",
    Applicant.SERVICE: "building",
    Applicant.FIRM: "workshop",
}
PHASES: Words = {
    Phase.ANNOUNCED: _l("Bientôt ouvert"),
    Phase.OPEN: _l("Ouvert"),
    Phase.SCORING: _l("À noter et décider"),
    Phase.DECIDED: _l("Décidé"),
}
PHASE_LOOKS = {
    Phase.ANNOUNCED: ("wait", "clock"),
    Phase.OPEN: ("now", "calendar"),
    Phase.SCORING: ("warn", "scale"),
    Phase.DECIDED: ("ok", "check"),
}
OUTCOMES: Words = {
    Outcome.ACCEPTED: _l("Accepté"),
    Outcome.IN_PART: _l("Accepté en partie"),
    Outcome.WAITING: _l("Liste d’attente"),
    Outcome.REFUSED: _l("Pas retenu"),
}
OUTCOME_LOOKS = {
    Outcome.ACCEPTED: ("ok", "check"),
    Outcome.IN_PART: ("ok", "allocated"),
    Outcome.WAITING: ("wait", "hourglass"),
    Outcome.REFUSED: ("stop", "cross"),
}
BECAUSE: Words = {
    Because.OTHERS_FIRST: _l("D’autres projets ont plus de points"),
    Because.OUT_OF_SUBJECT: _l("Hors du sujet"),
    Because.TOO_VAGUE: _l("Ne dit pas assez pour qui ni comment"),
    Because.OTHER_PROGRAMME: _l("Un autre dispositif lui va mieux"),
}
CONFLICTS: Words = {
    Conflict.MEMBER: _l("J’en suis membre ou salarié"),
    Conflict.RELATIVE: _l("Un proche y est"),
    Conflict.MONEY: _l("J’y ai un intérêt d’argent"),
    Conflict.OTHER: _l("Autre lien"),
}
FORMS: Words = {"": _l("Peu importe"), Form.LAPTOP: _l("Portables"), Form.DESKTOP: _l("Ordinateurs de bureau")}
FORM_ICONS: Words = {"": "many", Form.LAPTOP: "laptop", Form.DESKTOP: "desktop"}
STANDINGS: Words = {
    Standing.DRAFT: _l("Brouillon : pas encore déposé"),
    Standing.FILED: _l("Déposé"),
    Standing.WITHDRAWN: _l("Retiré"),
}


def budget(call: Call) -> str:
    """What a call may spend, and how many machines that is."""
    unit = call.programme.rules.unit_cost_cents
    most = min(call.machines, call.budget_cents // unit) if unit else call.machines
    return ngettext(
        "Budget de %(sum)s : un ordinateur au plus.",
        "Budget de %(sum)s : %(num)s ordinateurs au plus.",
        most,
        sum=euros(call.budget_cents),
    )


def gives(call: Call) -> str:
    """What a call gives, in a few words."""
    in_all = ngettext("%(num)s ordinateur en tout", "%(num)s ordinateurs en tout", call.machines)
    each = ngettext("%(num)s au plus par projet", "%(num)s au plus par projet", call.most_each)
    return f"{in_all}, {each}"


def dates(call: Call, at: datetime) -> str:
    """The days that matter now."""
    if call.phase(at) == Phase.ANNOUNCED:
        return _("Ouvre le %(day)s", day=day(call.opens))
    if call.phase(at) == Phase.OPEN:
        return _("Jusqu’au %(day)s inclus", day=day(call.closes))
    if call.closed_at is not None:
        return _("Fermé le %(day)s", day=day(call.closed_at))
    return _("Fermé depuis le %(day)s", day=day(call.closes))


def number(value: Fraction | int) -> str:
    """A figure with one decimal at most: `66,3`."""
    return str(format_decimal(round(float(value), 1)))


def total(tally: Tally) -> str:
    """A total on a hundred."""
    return _("%(points)s sur 100", points=number(tally.total)) if tally.total is not None else _("Aucune note")


def explained(term: Term, marked: int) -> str:
    """Where the points of one criterion come from."""
    return ngettext(
        "%(mean)s sur %(scale)s, par une personne ; compte pour %(most)s points sur 100",
        "%(mean)s sur %(scale)s en moyenne de %(num)s personnes ; compte pour %(most)s points sur 100",
        marked,
        mean=number(term.mean),
        scale=term.criterion.scale,
        most=number(term.most),
    )


def given(tally: Tally) -> str:
    """How far the jury is with one application."""
    told = ngettext("%(num)s note donnée", "%(num)s notes données", len(tally.marked))
    left = len(tally.awaited)
    return told + ", " + ngettext("%(num)s attendue", "%(num)s attendues", left) if left else told


def asked(application: Application) -> str:
    """How many machines, and of which kind."""
    count = ngettext("%(num)s ordinateur", "%(num)s ordinateurs", application.machines)
    return count if not application.form else f"{count} ({str(FORMS[application.form]).lower()})"


reasons.learn(
    {
        "call-project": _l("le projet, en trente signes au moins"),
        "call-machines": _l("combien d’ordinateurs"),
        "call-needs": _l("pour quoi faire"),
        "call-joint": _l("le partenaire du projet commun"),
    }
)
refusals.FACTS.setdefault("lacks", reasons.REASONS)
refusals.FACTS.setdefault("phase", PHASES)
refusals.learn(
    {
        "call-not-open": Telling(
            _l("L’appel %(call)s ne prend pas de candidature : %(phase)s."),
            _l("Rien n’a été changé. Les appels ouverts sont à la page « Appels à projets »."),
        ),
        "call-for-others": Telling(
            _l("L’appel %(call)s est pour d’autres genres de structures."),
            _l("Demandez à la coordination du pôle : un autre appel ou un dispositif vous va peut-être."),
        ),
        "application-unfinished": Telling(
            _l("Il manque encore : %(lacks)s."), _l("Complétez la candidature, puis déposez-la.")
        ),
        "call-not-scoring": Telling(
            _l("Ce n’est pas le moment de noter ou de décider."),
            _l("Les notes se donnent après la fermeture et avant la décision. La page de l’appel dit où il en est."),
        ),
        "scoring-began": Telling(
            _l("Des notes sont déjà données : le jury ne s’agrandit plus."),
            _l("Continuez avec le jury en place, ou n’attendez plus une personne qui manque."),
        ),
        "own-project": Telling(
            _l("Votre structure est dans ce projet : vous ne le notez pas."),
            _l("Déclarez votre lien. Les autres le notent sans vous."),
        ),
        "marks-awaited": Telling(
            _l("Des notes manquent encore : %(names)s."),
            _l("Demandez-les, ou dites dans le jury que vous ne les attendez plus."),
        ),
        "more-than-given": Telling(
            _l("Cela fait %(given)s ordinateurs, et l’appel peut en donner %(most)s."),
            _l("Acceptez en partie, ou mettez un projet sur la liste d’attente."),
        ),
        "nobody-with": Telling(
            _l("Personne ne décide seul."), _l("Cochez au moins une autre personne du jury qui est avec vous.")
        ),
    }
)
