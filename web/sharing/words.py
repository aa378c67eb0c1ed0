"""Sharing in words: needs, conditions, states, reasons of a score, refusals."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from flask_babel import format_date, format_datetime, get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ordi.errors import Refused
from ordi.machines.lifecycle import Need
from ordi.money import euros
from ordi.sharing.derogations import Derogation
from ordi.sharing.fit import Term
from ordi.sharing.hand_over import Means
from ordi.sharing.needs import NeedCode
from ordi.sharing.programmes import Programme
from ordi.sharing.requests import Attestation, Reach, Request, RequestState
from ordi.sharing.rules import Contract
from ordi.sharing.still_wanted import Step
from ordi.sharing.take_back import FilesKept, Reason
from web.wording import life, reasons, refusals
from web.wording.consent import CONSENT as CONSENT
from web.wording.refusals import Telling, told
from web.wording.words import Words, said

NEEDS: Words = {
    NeedCode.SCHOOL: _l("École, devoirs"),
    NeedCode.PAPERWORK: _l("Papiers en ligne"),
    NeedCode.JOB_SEARCH: _l("Chercher un emploi"),
    NeedCode.VIDEO_CALLS: _l("Se voir, se parler"),
    NeedCode.LEARNING: _l("Apprendre"),
    NeedCode.LAPTOP: _l("Un portable"),
    NeedCode.LARGE_SCREEN: _l("Grand écran"),
    NeedCode.CAMERA: _l("Caméra"),
    NeedCode.LARGE_PRINT: _l("Gros caractères"),
    NeedCode.LEFT_HANDED_MOUSE: _l("Souris à gauche"),
    NeedCode.HEADPHONES: _l("Casque"),
    NeedCode.PRINTER: _l("Imprimante"),
    NeedCode.NO_INTERNET: _l("Pas d’internet"),
    NeedCode.HOME_DELIVERY: _l("Livrer à la maison"),
}

NEED_ICONS: Words = {
    NeedCode.SCHOOL: "school",
    NeedCode.PAPERWORK: "papers",
    NeedCode.JOB_SEARCH: "job",
    NeedCode.VIDEO_CALLS: "video",
    NeedCode.LEARNING: "book",
    NeedCode.LAPTOP: "laptop",
    NeedCode.LARGE_SCREEN: "screen",
    NeedCode.CAMERA: "camera",
    NeedCode.LARGE_PRINT: "see",
    NeedCode.LEFT_HANDED_MOUSE: "mouse",
    NeedCode.HEADPHONES: "listen",
    NeedCode.PRINTER: "printer",
    NeedCode.NO_INTERNET: "wifi-off",
    NeedCode.HOME_DELIVERY: "home",
}

CRITERIA: Words = {
    "lives-here": _l("Le foyer habite le territoire"),
    "pupil": _l("Un enfant est à l’école ou au collège"),
    "several-pupils": _l("Plusieurs enfants sont scolarisés"),
    "no-computer": _l("Pas d’ordinateur à la maison"),
    "low-income": _l("Le foyer n’est pas imposable"),
    "job-seeker": _l("Une personne cherche un emploi"),
    "local-project": _l("Le projet est décrit et se passe ici"),
    "first-request": _l("C’est une première demande"),
    "qpv": _l("Le foyer habite un quartier prioritaire"),
}
"""Conditions and facts that a person attests; a pole's own code is said as it is."""

STATES: Words = {
    RequestState.WAITING: _l("En attente"),
    RequestState.ALLOCATED: _l("Ordinateur gardé"),
    RequestState.UNCONFIRMED: _l("À confirmer"),
    RequestState.HANDED_OVER: _l("Remis"),
    RequestState.WITHDRAWN: _l("Annulée"),
    RequestState.CLOSED: _l("Terminée"),
}

STATE_LOOKS = {
    RequestState.WAITING: ("wait", "hourglass"),
    RequestState.ALLOCATED: ("now", "laptop"),
    RequestState.UNCONFIRMED: ("warn", "question"),
    RequestState.HANDED_OVER: ("ok", "handed-over"),
    RequestState.WITHDRAWN: ("end", "undo"),
    RequestState.CLOSED: ("end", "check"),
}

STEPS: Words = {
    Step.ASKED: _l("Sans nouvelles : « Toujours utile ? » demandé à la structure"),
    Step.ASIDE: _l("Sans réponse : à confirmer, hors des propositions"),
    Step.CONFIRMED: _l("Toujours d’actualité"),
    Step.CLOSED: _l("Fermée : un an sans nouvelles"),
}
STEP_LOOKS = {
    Step.ASKED: ("now", "question"),
    Step.ASIDE: ("warn", "pause"),
    Step.CONFIRMED: ("ok", "check"),
    Step.CLOSED: ("end", "check"),
}

REACH: Words = {
    Reach.SMS: _l("SMS"),
    Reach.MAIL: _l("Courriel"),
    Reach.CALL: _l("Appel"),
    Reach.LETTER: _l("Lettre"),
    Reach.IN_PERSON: _l("Par moi"),
}

REACH_ICONS: Words = {
    Reach.SMS: "message",
    Reach.CALL: "phone",
    Reach.MAIL: "online",
    Reach.LETTER: "mail",
    Reach.IN_PERSON: "person",
}

CONTRACTS: Words = {
    Contract.GIFT: _l("Don"),
    Contract.LOAN: _l("Prêt gratuit"),
    Contract.SALE: _l("Vente solidaire"),
    Contract.NONE: _l("Sans ordinateur"),
}

CONTRACT_ICONS = {Contract.GIFT: "gift", Contract.LOAN: "loan", Contract.SALE: "sale", Contract.NONE: "training"}

DEROGATIONS: Words = {
    Derogation.URGENT: _l("C’est urgent"),
    Derogation.JUST_BELOW: _l("Il s’en faut de peu"),
    Derogation.PARTNER_VOUCHES: _l("La structure s’en porte garante"),
    Derogation.COMMITTEE: _l("La commission l’a décidé"),
}

BACK: Words = {
    Reason.LOAN_ENDED: _l("Le prêt est fini"),
    Reason.BROKEN: _l("Il est en panne"),
    Reason.UNSUITED: _l("Il ne convient pas"),
    Reason.NO_LONGER_NEEDED: _l("Plus besoin"),
    Reason.MOVED_AWAY: _l("Départ du territoire"),
}

BACK_ICONS: Words = {
    Reason.LOAN_ENDED: "calendar",
    Reason.BROKEN: "part",
    Reason.UNSUITED: "sort",
    Reason.NO_LONGER_NEEDED: "check",
    Reason.MOVED_AWAY: "map",
}

MEANS: Words = {
    Means.CASH: _l("En espèces"),
    Means.CHEQUE: _l("Par chèque"),
    Means.CARD: _l("Par carte"),
    Means.TRANSFER: _l("Par virement"),
}

MEANS_ICONS: Words = {Means.CASH: "euro", Means.CHEQUE: "papers", Means.CARD: "badge", Means.TRANSFER: "online"}

FILES: Words = {
    FilesKept.COPIED: _l("Copiés devant elle"),
    FilesKept.DECLINED: _l("Elle n’en veut pas"),
    FilesKept.IMPOSSIBLE: _l("Impossible : le disque ne répond plus"),
}

FILES_ICONS: Words = {FilesKept.COPIED: "usb", FilesKept.DECLINED: "minus", FilesKept.IMPOSSIBLE: "cross"}

BAG: Words = {
    "charger": _l("Chargeur"),
    "mouse": _l("Souris"),
    "keyboard": _l("Clavier"),
    "screen": _l("Écran"),
    "headphones": _l("Casque"),
    "printer": _l("Imprimante"),
    "sim_key": _l("Clé 4G"),
    "bag": _l("Sac"),
    "left_handed_mouse": _l("Souris pour gaucher"),
    "large_print_keyboard": _l("Clavier à grosses touches"),
    "leaflet": _l("Feuille « Pour commencer »"),
}

BAG_ICONS: Words = {
    "charger": "charger",
    "mouse": "mouse",
    "keyboard": "keyboard",
    "screen": "screen",
    "headphones": "listen",
    "printer": "printer",
    "sim_key": "usb",
    "bag": "box",
    "left_handed_mouse": "mouse",
    "large_print_keyboard": "keyboard",
    "leaflet": "document",
}

SPOKEN: Words = {
    "fr": "Français",
    "ar": "العربية",
    "uk": "Українська",
    "tr": "Türkçe",
    "pt": "Português",
    "en": "English",
}
"""Each language in its own words."""


def hour(at: datetime) -> str:
    """An hour of the day, in France: `9 h 30`."""
    pattern = "H'\u00a0h\u00a0'mm" if str(get_locale()) == "fr" else "HH:mm"
    return str(format_datetime(at, pattern))


def weekday(day: date) -> str:
    """A day with its name: `jeudi 26 novembre`."""
    return str(format_date(day, "EEEE d MMMM")).capitalize()


def need(code: str) -> str:
    """A need, as the screen says it."""
    return said(NEEDS, code)


def needs(codes: list[str]) -> list[tuple[str, str]]:
    """Needs as pictograms with their words."""
    return [(NEED_ICONS.get(NeedCode(code), "other"), need(code)) for code in codes]


def criterion(code: str) -> str:
    """A condition."""
    return said(CRITERIA, code)


def fact(programme: Programme, code: str) -> str:
    """A condition in its programme's own sentence, or in everybody's."""
    return programme.rules.sentences.get(code) or criterion(code)


def declared(request: Request) -> list[Attestation]:
    """The attestations that are the applicant's own word."""
    return [one for one in request.attestations if request.declares(one)]


def criteria(attestations: Iterable[Attestation], programme: Programme) -> str:
    """What somebody verified, in a row."""
    return in_a_row((one.criterion for one in attestations), programme)


def in_a_row(codes: Iterable[str], programme: Programme) -> str:
    """Conditions inside a sentence."""
    return ", ".join(_small(fact(programme, code)) for code in codes)


def state(code: str) -> str:
    """Where a request is."""
    return said(STATES, code)


def look(code: str) -> tuple[str, str]:
    """Its tone and pictogram."""
    return STATE_LOOKS[RequestState(code)]


def contract(code: str) -> str:
    """Gift, loan or sale."""
    return said(CONTRACTS, code)


def offered(programme: Programme) -> str:
    """A programme as a choice: its name, and its price when there is one."""
    return f"{programme.name}, {_price(programme)}" if programme.price_cents else programme.name


def terms_of(programme: Programme) -> str:
    """A programme in three words: `Prêt gratuit`, `Vente solidaire, 60 €`."""
    if programme.contract == Contract.SALE:
        return (
            _("Vente solidaire, %(price)s", price=_price(programme)) if programme.price_cents else _("Vente solidaire")
        )
    return contract(programme.contract)


def waited(days: int) -> str:
    """How long a request has waited."""
    if days < 1:
        return _("depuis aujourd’hui")
    return ngettext("depuis un jour", "depuis %(num)s jours", days)


COMMITTEE = {
    "committee-first": _l("La commission la fait passer d’abord"),
    "committee-later": _l("La commission la fait attendre"),
}


def reason(term: Term, programme: Programme) -> str:
    """Why a request is looked at before another."""
    if term.code == "waiting":
        days = int(term.value or 0)
        return ngettext("%(num)s jour d’attente", "%(num)s jours d’attente", days)
    if term.code in COMMITTEE:
        return str(COMMITTEE[term.code])
    return fact(programme, term.code)


def fits(term: Term) -> str:
    """One reason of a machine's score: what answers the need, or does not."""
    value = term.value
    told = {
        "portable": (_("Se porte"), _("Ne se porte pas")),
        "large-screen": (_("Grand écran"), _("Petit écran")),
        "camera": (_("Caméra testée"), _("Sans caméra qui marche")),
        "sound": (_("Son testé"), _("Sans son qui marche")),
        "memory": (_("%(n)s Go de mémoire", n=value), _("%(n)s Go de mémoire, c’est peu", n=value)),
        "more-memory-than-asked": (_("%(n)s Go, plus que demandé", n=value), ""),
        "battery": (_("Batterie bonne"), ""),
        "grade": (_("Catégorie %(grade)s", grade=value), ""),
        "profile": (_("Logiciels prévus installés"), _("Autres logiciels : %(profile)s", profile=value or "–")),
    }
    good, bad = told.get(term.code, (term.code, term.code))
    return bad if term.against else good


def shortcomings(terms: Iterable[Term]) -> str:
    """What a machine lacks, in a row."""
    return ", ".join(_small(fits(term)) for term in terms)


def blocked(refusal: Refused, programme: Programme) -> str:
    """What stops a request, short."""
    if refusal.code == "criteria-missing":
        missing = refusal.facts.get("criteria")
        return _("À vérifier : %(what)s", what=in_a_row(missing if isinstance(missing, list) else [], programme))
    short = {
        "quota-reached": _("Quota atteint"),
        "partner-quota-reached": _("Quota de la structure atteint"),
        "commune-quota-reached": _("Quota de la commune atteint"),
        "budget-spent": _("Budget dépensé"),
        "outside-programme": _("Hors du territoire"),
        "no-price-yet": _("Prix à fixer"),
        "consent-taken-back": _("Accord repris : à voir avec la famille"),
    }
    return short.get(refusal.code, _("À voir"))


HELD_BACK: Words = {
    Need.NOT_HELD: _l("Mis de côté"),
    Need.NOT_QUARANTINED: _l("En quarantaine"),
    Need.AUDITED: _l("Un disque tiré au sort reste à relire"),
    Need.AS_ASKED: _l("Ce que demande le donateur reste à faire"),
}
"""Why a ready machine is not proposed."""


def what_then(refusal: Refused) -> str:
    """What a rule says of a request that it stops, where its short words do not, and the way out."""
    telling = refusals.REFUSALS.get(refusal.code, refusals.REFUSALS["refused"])
    said_already = refusal.code == "criteria-missing"
    return " ".join(told(one, refusal.facts) for one in (telling.what, telling.mend)[said_already:])


def points(count: int) -> str:
    """Points as a score shows them: `+ 30`."""
    return f"{'+' if count >= 0 else '−'} {abs(count)}"


def machine_line(machine: object) -> str:
    """A machine in a few words: `Portable Dell Latitude 5490`."""
    parts = (
        said(life.FORMS, getattr(machine, "form", "")),
        *(getattr(machine, n, "") for n in ("manufacturer", "model")),
    )
    return " ".join(str(part) for part in parts if part)


def _price(programme: Programme) -> str:
    return euros(programme.price_cents)


def _small(text: str) -> str:
    """A sentence inside another: only its first letter changes, `Go` stays `Go`."""
    return text[:1].lower() + text[1:]


reasons.learn(BACK)
PLACED: Words = {
    "owner": _l("À qui il est"),
    "keeper": _l("Gardé par"),
    "operator": _l("Animé par"),
    "place": _l("Lieu"),
}
"""Who has which part in a machine that stands elsewhere."""

refusals.FACTS.setdefault("criteria", CRITERIA)
refusals.learn(
    {
        "programme-closed": Telling(
            _l("Ce dispositif ne prend pas de demande aujourd’hui."), _l("Choisissez un autre dispositif.")
        ),
        "criteria-missing": Telling(
            _l("La demande %(request)s n’est pas encore vérifiée : %(criteria)s."),
            _l("Vérifiez-le avec la personne, ou décidez de la servir quand même, avec une raison."),
        ),
        "outside-programme": Telling(
            _l("Ce dispositif est pour d’autres lieux : %(territory)s. La demande vient d’ailleurs : %(comes_from)s."),
            _l("Ouvrez la demande %(request)s : servez-la quand même, avec une raison, ou déposez-la ailleurs."),
            _l("Hors du territoire du dispositif"),
        ),
        "files-to-hand-on": Telling(
            _l("Cette personne suit encore des familles à %(partner)s : %(files)s."),
            _l("Confiez d’abord ses dossiers à une personne du service : un seul geste pour tous."),
            _l("Ses dossiers d’abord"),
        ),
        "not-a-colleague": Telling(
            _l("Cette personne ne suit pas de familles à %(partner)s."),
            _l("Choisissez une personne du service, ou faites-lui donner ce rôle."),
        ),
        "already-away": Telling(
            _l("Une absence est déjà notée à %(partner)s, un de ces jours-là."),
            _l("Reprenez-la d’abord, ou choisissez d’autres jours."),
        ),
        "in-repair": Telling(_l("%(tag)s est déjà en réparation."), _l("Ouvrez sa réparation, dans la page Réparer.")),
        "not-in-repair": Telling(_l("Cette réparation est terminée."), _l("Rouvrez la page Réparer.")),
        "not-out": Telling(
            _l("%(tag)s n’est pas chez une famille."), _l("Un ordinateur de l’atelier se répare à l’établi.")
        ),
        "slot-taken": Telling(
            _l("Ce moment vient d’être pris, ou n’est pas une heure de ce lieu."),
            _l("Choisissez un autre moment libre."),
        ),
        "no-desk": Telling(
            _l("%(place)s n’a pas encore dit quand il reçoit."),
            _l("Demandez à la coordination d’ajouter ses heures de remise."),
        ),
        "not-booked": Telling(
            _l("Ce rendez-vous a déjà changé, ou il est terminé."), _l("Rouvrez la page des rendez-vous.")
        ),
        "appointment-not-over": Telling(
            _l("L’heure du rendez-vous n’est pas passée."), _l("Attendez l’heure, ou annulez le rendez-vous.")
        ),
        "not-for-you": Telling(
            _l("Ce dispositif est demandé par d’autres : un bailleur, une école, un EPN, une association…"),
            _l("Choisissez un autre dispositif, ou demandez au pôle qui peut le faire."),
        ),
        "code-unknown": Telling(
            _l("Ce code n’existe pas ici, ou il a déjà servi."),
            _l("Relisez-le avec la personne. Sinon, le bailleur en donne un autre."),
        ),
        "no-machine-in-it": Telling(
            _l("Ce dispositif n’apporte pas d’ordinateur."),
            _l("Ouvrez la demande : ses ateliers, ses visites ou son accès sont là."),
        ),
        "quota-reached": Telling(
            _l("« %(programme)s » a déjà servi tout ce qu’il peut : sa limite est de %(limit)s en tout."),
            _l("La demande garde sa place. Attendez la prochaine période, ou changez le quota du dispositif."),
            _l("Quota du dispositif atteint"),
        ),
        "partner-quota-reached": Telling(
            _l(
                "« %(programme)s » a déjà servi tout ce qu’il peut à %(partner)s : sa limite est de %(limit)s par structure."
            ),
            _l("La demande garde sa place. Servez une autre structure, ou changez le quota du dispositif."),
            _l("Quota de la structure atteint"),
        ),
        "commune-quota-reached": Telling(
            _l(
                "« %(programme)s » a déjà servi tout ce qu’il peut à %(commune)s : sa limite est de %(limit)s par commune."
            ),
            _l("La demande garde sa place. Servez une autre commune, ou changez le quota du dispositif."),
            _l("Quota de la commune atteint"),
        ),
        "budget-spent": Telling(
            _l("Ce dispositif n’a plus de budget pour une demande de plus."),
            _l("La demande garde sa place. Ajoutez du budget, ou choisissez un autre dispositif."),
        ),
        "other-configuration": Telling(
            _l("Dans ce dispositif, l’ordinateur est le même pour tous, et %(tag)s en est un autre."),
            _l("Choisissez un ordinateur de la même configuration."),
        ),
        "other-software": Telling(
            _l("Dans ce dispositif, les logiciels sont les mêmes pour tous, et %(tag)s en porte d’autres."),
            _l("Choisissez un ordinateur qui a ces logiciels, ou faites réinstaller celui-ci à l’atelier."),
        ),
        "own-conditions": Telling(
            _l("Qui demande pour sa structure ne vérifie pas ses propres conditions."),
            _l("Montrez les papiers au pôle : quelqu’un d’autre les vérifie."),
        ),
        "not-named": Telling(
            _l("Dans ce dispositif, on construit son ordinateur, et %(tag)s ne porte pas le nom de cette demande."),
            _l("Donnez à la demande un ordinateur encore à l’atelier, puis attribuez celui-là."),
        ),
        "named-for-another": Telling(
            _l("%(tag)s porte déjà le nom de quelqu’un, qui le construit."), _l("Choisissez un autre ordinateur.")
        ),
        "not-to-be-built": Telling(
            _l("%(tag)s ne peut pas porter un nom : il est déjà prêt, ou ce dispositif ne se construit pas."),
            _l("Choisissez un ordinateur encore à l’atelier, pour un dispositif où la personne le construit."),
        ),
        "applicant-as-user": Telling(
            _l("Qui demande ne se sert pas de ces ordinateurs : ils sont pour un partenaire."),
            _l("Dites quel partenaire les utilisera."),
        ),
        "placement-missing": Telling(
            _l("On ne sait pas encore où va l’ordinateur de la demande %(request)s."),
            _l("Dites à qui il est, qui le garde, où, et qui l’anime. Puis remettez-le."),
        ),
        "training-first": Telling(
            _l("Dans ce dispositif, l’ordinateur part à la fin des séances."),
            _l("Notez les présences, donnez le certificat, puis remettez-le."),
        ),
        "public-donor-machine": Telling(
            _l("%(tag)s vient d’un donateur public : il n’est pas revendu dans ce dispositif."),
            _l("Choisissez l’ordinateur d’un autre donateur."),
        ),
        "no-price-yet": Telling(
            _l("La structure n’a pas encore fixé son prix."),
            _l("Qui signe pour elle, ou la coordination, le fixe à la page « Locataires ». La demande garde sa place."),
        ),
        "rules-unusable": Telling(
            _l("Ces règles ne vont pas ensemble."), _l("Revenez au formulaire : chaque point à corriger y est dit.")
        ),
        "no-such-certificate": Telling(
            _l("Aucun dispositif en vigueur ne donne de certificat sous ce code : %(codes)s."),
            _l(
                "Mettez d’abord ce dispositif en vigueur, ou corrigez les dispositifs dont le certificat ouvre un prix."
            ),
            _l("Ce certificat n’existe pas"),
        ),
        "visit-planned": Telling(
            _l("Une visite est déjà prévue pour cette raison."), _l("Ouvrez le suivi de la demande : elle y est.")
        ),
        "already-connected": Telling(
            _l("Ce foyer a déjà son accès internet."), _l("Ouvrez sa demande : la date et le prix y sont.")
        ),
        "may-not-keep": Telling(
            _l("Ce prêt finit par un retour."), _l("Prenez rendez-vous avec la famille pour rendre l’ordinateur.")
        ),
        "not-asked-yet": Telling(
            _l("La famille n’a pas encore eu sa lettre, ou le jour n’est pas passé."),
            _l("Envoyez la lettre, puis attendez la fin du prêt."),
        ),
        "no-session-today": Telling(
            _l("Ce groupe n’a pas de séance aujourd’hui."),
            _l("Vérifiez le groupe. Une séance passée se note sur sa page, d’après la feuille signée."),
        ),
        "not-in-this-group": Telling(
            _l("Ce numéro ne mène à personne de ce groupe."),
            _l("Vérifiez le groupe, ou tapez le numéro écrit sur l’invitation. Sinon, faites signer la feuille."),
        ),
        "no-meeting": Telling(
            _l("La lettre invite à une réunion d’information : sa date n’est pas fixée, ou elle est passée."),
            _l("Choisissez la date et l’heure de la réunion, puis écrivez les lettres."),
        ),
        "no-session-ahead": Telling(
            _l("Toutes les séances de ce groupe sont passées."),
            _l("Ouvrez un autre groupe, puis invitez les personnes."),
        ),
        "not-the-next-step": Telling(
            _l("Ce n’est pas l’étape suivante."), _l("D’abord la lettre, puis la réunion, puis l’engagement.")
        ),
        "not-committed": Telling(
            _l("Cette personne ne s’est pas encore engagée."), _l("Notez la lettre, la réunion et l’engagement.")
        ),
        "no-certificate": Telling(
            _l("Ce dispositif ne donne pas de certificat."),
            _l("Notez les présences. Pour en donner un, demandez au pôle de le prévoir dans les règles du dispositif."),
        ),
        "too-few-sessions": Telling(
            _l("La personne est venue à %(came)s séances. Le certificat en demande %(wanted)s."),
            _l("Notez les séances qui manquent, ou proposez-lui la suite."),
        ),
        "group-full": Telling(
            _l("Ce groupe est plein."), _l("Ouvrez un autre groupe, ou attendez qu’une place se libère.")
        ),
        "not-their-turn": Telling(
            _l("Quelqu’un attend depuis plus longtemps."),
            _l("Donnez la place à la première personne de la liste, ou notez son départ si elle n’en veut plus."),
        ),
        "training-over": Telling(
            _l("Cette personne est déjà partie, ou a déjà son certificat."),
            _l("Sa page dit où elle en est : il n’y a rien à noter."),
        ),
        "no-consent": Telling(
            _l("La personne n’a pas encore donné son accord."), _l("Lisez-lui le texte, puis notez sa réponse.")
        ),
        "consent-taken-back": Telling(
            _l("La famille de la demande %(request)s a repris son accord."),
            _l("Sa place reste. Parlez-en avec elle : elle le redonne dans son dossier, ou la demande est annulée."),
            _l("Accord repris"),
        ),
        "out-of-territory": Telling(
            _l("Ce n’est pas le même pôle."), _l("Un pôle sert ses propres structures. Voyez avec l’autre pôle.")
        ),
        "already-asked": Telling(
            _l("Ce foyer attend déjà : demande %(request)s."), _l("Ouvrez sa demande, elle garde sa place.")
        ),
        "not-waiting": Telling(
            _l("La demande %(request)s n’attend plus."), _l("Ouvrez-la : sa page dit où elle en est.")
        ),
        "machine-not-ready": Telling(
            _l("%(tag)s n’est pas prêt."), _l("Choisissez un ordinateur prêt, ou voyez avec l’atelier.")
        ),
        "class-list-not-open": Telling(
            _l("La liste « %(list)s » n’est pas encore ouverte aux ordinateurs."),
            _l("La coordination du pôle l’ouvre, puis les remises commencent."),
        ),
        "not-allocated": Telling(
            _l("%(tag)s n’est plus gardé pour cette demande."), _l("Ouvrez la demande : sa page dit où elle en est.")
        ),
        "price-above-cap": Telling(
            _l("%(tag)s vient d’un donateur public : il se vend %(cap)s au plus, et son prix serait de %(price)s."),
            _l(
                "Baissez le prix, ou choisissez un autre ordinateur. Celui qui est déjà promis se rend d’abord au stock."
            ),
            _l("Prix trop haut"),
        ),
        "no-legal-rule": Telling(
            _l("Le seuil légal manque pour ce jour."), _l("L’administration du réseau l’ajoute, avec sa source.")
        ),
        "another-machine": Telling(
            _l("C’est un autre ordinateur : %(tag)s est celui de cette demande."),
            _l("Prenez %(tag)s, ou demandez à la coordination de changer l’attribution."),
        ),
        "not-of-the-pack": Telling(
            _l("Ce code n’est pas dans ce sac."), _l("Cochez la chose à la main, ou relisez son étiquette.")
        ),
        "several-things": Telling(
            _l("Ce bac contient plusieurs choses de ce sac."), _l("Cochez à la main celle que vous prenez.")
        ),
        "computer-not-checked": Telling(
            _l("L’ordinateur n’est pas coché."), _l("Scannez son étiquette, ou cochez-le : c’est lui qui part.")
        ),
        "paper-day-impossible": Telling(
            _l("Le papier n’a pas pu être signé ce jour-là."),
            _l("Entre le %(first)s, quand l’ordinateur a été gardé, et aujourd’hui. Relisez la date sur le papier."),
        ),
        "falls-short": Telling(
            _l("%(tag)s ne répond pas au besoin de la famille."), _l("Scannez-en un autre, parmi ceux qui conviennent.")
        ),
        "signature-unusable": Telling(
            _l("La signature manque ou ne se lit pas."), _l("Signez de nouveau, ou écrivez le nom.")
        ),
    }
)
