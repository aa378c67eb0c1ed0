"""Programmes in words: what each rule says, and what does not hold together."""

from __future__ import annotations

from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ordi.machines.machine import Form
from ordi.money import euros
from ordi.sharing.delays import Delay
from ordi.sharing.effects import Effect
from ordi.sharing.facts import Criterion
from ordi.sharing.programmes import Programme
from ordi.sharing.rules import Configuration, Contract, HolderKind, Requester, Rules, Service, Silence
from web.bench import words as bench
from web.sharing import words
from web.sharing.territory import places
from web.wording import life
from web.wording.words import Words, said

HOLDERS: Words = {
    HolderKind.HOUSEHOLD: _l("Un foyer"),
    HolderKind.ASSOCIATION: _l("Une association"),
    HolderKind.FIRM: _l("Une petite entreprise"),
}
HOLDER_ICONS: Words = {
    HolderKind.HOUSEHOLD: "family",
    HolderKind.ASSOCIATION: "association",
    HolderKind.FIRM: "building",
}
REQUESTERS: Words = {
    Requester.CASEWORKER: _l("Une personne de l’action sociale"),
    Requester.LANDLORD: _l("Un bailleur"),
    Requester.SCHOOL: _l("Une école, une mairie"),
    Requester.ASSOCIATION: _l("Une association"),
    Requester.EPN: _l("Un EPN"),
    Requester.FIRM: _l("Une petite entreprise"),
}
REQUESTER_ICONS: Words = {
    Requester.CASEWORKER: "user-check",
    Requester.LANDLORD: "landlord",
    Requester.SCHOOL: "school",
    Requester.ASSOCIATION: "association",
    Requester.EPN: "desktop",
    Requester.FIRM: "building",
}
CONTRACTS: Words = {
    Contract.GIFT: _l("Don"),
    Contract.LOAN: _l("Prêt"),
    Contract.SALE: _l("Vente solidaire"),
    Contract.NONE: _l("Sans ordinateur"),
}
CONTRACT_ICONS: Words = {
    Contract.GIFT: "gift",
    Contract.LOAN: "loan",
    Contract.SALE: "sale",
    Contract.NONE: "training",
}
SERVICES: Words = {
    Service.MACHINE: _l("Ordinateur"),
    Service.CONNECTION: _l("Accès internet"),
    Service.TRAINING: _l("Ateliers"),
    Service.VISIT: _l("Visite à la maison"),
}
SERVICE_ICONS: Words = {
    Service.MACHINE: "laptop",
    Service.CONNECTION: "wifi",
    Service.TRAINING: "training",
    Service.VISIT: "home",
}
SILENCES: Words = {
    Silence.REMIND: _l("On écrit encore"),
    Silence.KEEP: _l("Il reste à la famille"),
    Silence.RETURN: _l("Il est à rendre"),
}
BRING: Words = {
    "address": _l("Un papier avec l’adresse"),
    "school-certificate": _l("Le certificat de l’école"),
    "job-seeker-card": _l("La carte de France Travail"),
    "tax-notice": _l("L’avis d’impôt"),
    "statutes": _l("Les statuts"),
    "project": _l("Le projet, en une page"),
    "siret": _l("Le numéro SIRET"),
    "code": _l("Le code reçu du bailleur"),
}
"""Shown, never kept: somebody looks at the paper and gives it back."""

BRING_ICONS: Words = {
    "address": "home",
    "school-certificate": "school",
    "job-seeker-card": "badge",
    "tax-notice": "euro",
    "statutes": "association",
    "project": "papers",
    "siret": "building",
    "code": "key",
}
PACK: Words = {
    **words.BAG,
    "library_card": _l("Carte de bibliothèque"),
    "epn_card": _l("Carte de l’EPN"),
    "internet_tariff": _l("Tarif internet réduit"),
}
PACK_ICONS: Words = {**words.BAG_ICONS, "library_card": "book", "epn_card": "badge", "internet_tariff": "wifi"}
PROFILE_ICONS = bench.PROFILE_ICONS
FLEETS: Words = {"own": _l("pour la structure"), "learners": _l("pour les apprenants")}
"""The two of Quartiers Numériques."""

FIELDS: Words = {
    "code": _l("Le code"),
    "name": _l("Le nom"),
    "price_cents": _l("Le prix"),
    "unlocked_price_cents": _l("Le prix avec certificat"),
    "unlocked_by": _l("Les dispositifs dont le certificat ouvre un prix"),
    "unit_cost_cents": _l("Le coût d’un ordinateur"),
    "loan_months": _l("La fin du prêt"),
    "loan_until": _l("La fin du prêt selon la classe"),
    "warranty_months": _l("La garantie promise"),
    "open_from": _l("L’ouverture"),
    "open_until": _l("La fermeture"),
    "may_keep": _l("Garder à la fin"),
    "silence": _l("Si personne ne répond"),
    "criteria": _l("Les conditions"),
    "sentences": _l("Les phrases des conditions"),
    "points": _l("Les points"),
    "profile": _l("Les logiciels"),
    "services": _l("Ce qui est apporté"),
    "contract": _l("Le contrat"),
    "training": _l("Les ateliers"),
    "connection": _l("L’accès internet"),
    "visits": _l("Les visites"),
    "placed": _l("Le placement"),
    "postcodes": _l("Les codes postaux"),
    "communes": _l("Les communes"),
    "quota": _l("Le quota"),
    "configuration": _l("L’ordinateur pour tous"),
    "hold_days": _l("Les jours gardés"),
    "expire_days": _l("Le retour au stock"),
    "ask_again_days": _l("Le délai avant « Toujours utile ? »"),
    "price": _l("Le prix"),
    "unlocked_price": _l("Le prix avec certificat"),
    "then_price": _l("Le prix de l’accès"),
    "budget": _l("Le budget"),
    "unit_cost": _l("Le coût d’un ordinateur"),
}
WHYS: Words = {
    "does-not-fit-contract": _l("ne va pas avec ce contrat"),
    "does-not-fit-services": _l("ne va pas avec ce qui est apporté"),
    "without-certificate": _l("demande un certificat à la fin des ateliers"),
    "not-lower": _l("doit être plus bas que le prix"),
    "before-it-opens": _l("vient avant l’ouverture"),
    "without-day": _l("demande aussi un jour : celui où finit l’année d’école"),
    "may-not-keep": _l("cochez d’abord « la famille peut le garder »"),
    "more-than-there-are": _l("demande plus qu’il n’y en a"),
    "too-deep": _l("a trop de groupes l’un dans l’autre"),
    "missing": _l("manque"),
    "no-such-commune": _l("portent un nom que personne ne connaît"),
    "several-bear-it": _l("portent un nom que plusieurs ont : ajoutez le département, comme Saint-Denis (974)"),
    "unknown": _l("n’existe pas"),
    "string_pattern_mismatch": _l("n’est pas bien écrit"),
}


def fact(programme: Programme | Rules, code: str) -> str:
    """A fact in the programme's own sentence, or in everybody's."""
    rules = programme.rules if isinstance(programme, Programme) else programme
    return rules.sentences.get(code) or words.criterion(code)


def facts(programme: Programme | Rules, codes: list[str] | tuple[str, ...]) -> str:
    """Several, in a row."""
    return ", ".join(fact(programme, one) for one in codes)


def condition(rules: Rules, criterion: Criterion) -> str:
    """One condition as a sentence, groups inside brackets."""
    if isinstance(criterion, str):
        return fact(rules, criterion)
    inside = " · ".join(
        condition(rules, one) if isinstance(one, str) else f"({condition(rules, one)})" for one in criterion.of
    )
    if criterion.at_least == len(criterion.of):
        return inside
    if criterion.at_least == 1:
        return _("au moins une : %(these)s", these=inside)
    return _("au moins %(count)s : %(these)s", count=criterion.at_least, these=inside)


def wrong(told: str) -> str:
    """One thing that does not hold together: `price_cents:does-not-fit-contract` as a sentence."""
    field, _sep, why = told.partition(":")
    return f"{said(FIELDS, field.split('.')[0])} {said(WHYS, why) if why in WHYS else _('n’est pas bien écrit')}."


def price(rules: Rules) -> str:
    """What it costs, in a few words."""
    if rules.partner_sets_price:
        return _("prix du bailleur")
    if not rules.price_cents:
        return _("gratuit")
    if rules.unlocked_price_cents is not None and rules.unlocked_by:
        return _(
            "%(price)s, ou %(less)s avec un certificat de %(programmes)s",
            price=euros(rules.price_cents),
            less=euros(rules.unlocked_price_cents),
            programmes=", ".join(rules.unlocked_by),
        )
    if rules.unlocked_price_cents is not None:
        return _(
            "%(price)s, ou %(less)s avec le certificat",
            price=euros(rules.price_cents),
            less=euros(rules.unlocked_price_cents),
        )
    return euros(rules.price_cents)


def delay(days: int) -> str:
    """A usual delay."""
    if days < 1:
        return _("délai selon le stock")
    if days < 14:
        return ngettext("un jour environ", "%(num)s jours environ", days)
    return ngettext("une semaine environ", "%(num)s semaines environ", round(days / 7))


def delay_basis(usual: Delay) -> str:
    """What a delay rests on: so many hand-overs, and where half of them lie; or the programme's own word."""
    if not usual.count:
        return _("annoncé")
    return ngettext(
        "mesuré sur une remise ; une fois sur deux, entre %(low)s et %(high)s jours",
        "mesuré sur %(num)s remises ; une fois sur deux, entre %(low)s et %(high)s jours",
        usual.count,
        low=usual.low,
        high=usual.high,
    )


def changes(rules: Rules, effect: Effect) -> str:
    """What a draft would change for one request, beside its place."""
    parts = [facts(rules, effect.lacks)] if effect.lacks else []
    if effect.outside:
        parts.append(_("hors territoire ou pour d’autres"))
    if effect.not_theirs:
        parts.append(_("demandée par quelqu’un qui ne pourrait plus"))
    if effect.beyond:
        parts.append(_("budget dépensé") if effect.beyond == "budget-spent" else _("quota atteint"))
    if price(effect.request.programme.rules) != price(rules):
        parts.append(f"{price(effect.request.programme.rules)} → {price(rules)}")
    return " ; ".join(parts) or "–"


def told(rules: Rules) -> list[tuple[str, str]]:
    """A programme, rule by rule, as pairs of a heading and a sentence."""
    return [(heading, text) for heading, text in _told(rules) if text]


def _told(rules: Rules) -> list[tuple[str, str]]:
    asked = ", ".join(said(REQUESTERS, one) for one in rules.requesters)
    return [
        (_("Référence"), rules.code),
        (_("Apporte"), ", ".join(said(SERVICES, one) for one in rules.services)),
        (_("Pour"), ", ".join(said(HOLDERS, one) for one in rules.holders)),
        (_("Demandé par"), asked or _("qui suit le foyer, ou l’association elle-même")),
        (_("Contrat"), f"{said(CONTRACTS, rules.contract)}, {price(rules)}"),
        (_("Ouvert"), _opened(rules)),
        (_("Territoire"), places(rules)),
        (_("Code"), _("un code à usage unique, donné par la structure") if rules.needs_code else ""),
        (_("À apporter"), ", ".join(said(BRING, one) for one in rules.bring)),
        (_("Fin"), _end(rules)),
        (_("Garantie"), _warranty(rules)),
        (_("Ordinateur"), _machine(rules)),
        (_("Dans le sac"), ", ".join(said(PACK, one) for one in rules.pack)),
        (_("Ateliers"), _training(rules)),
        (_("Accès internet"), _connection(rules)),
        (_("Visites"), str(rules.visits) if rules.visits else ""),
        (_("Placement"), _placed(rules)),
        (_("Limites"), _limits(rules)),
        (_("Délai annoncé"), delay(rules.usual_delay_days)),
        (_("Gardé"), ngettext("un jour ouvré", "%(num)s jours ouvrés", rules.hold_days)),
        (_("Sans réponse"), _("un rappel, puis rendu au stock après %(days)s jours", days=rules.expire_days)),
        (_("Toujours utile ?"), _("demandé après %(days)s jours sans nouvelles", days=rules.ask_again_days)),
        (_("Source"), rules.source),
    ]


def _opened(rules: Rules) -> str:
    if rules.open_until:
        return _(
            "du %(first)s au %(last)s",
            first=format_date(rules.open_from, "d MMMM y"),
            last=format_date(rules.open_until, "d MMMM y"),
        )
    return _("depuis le %(first)s", first=format_date(rules.open_from, "d MMMM y"))


def _end(rules: Rules) -> str:
    if rules.contract != Contract.LOAN:
        return ""
    months = ngettext("au bout d’un mois", "au bout de %(num)s mois", rules.loan_months or 0)
    when = format_date(rules.loan_ends, "d MMMM y") if rules.loan_ends else months
    if rules.ends_at:
        when = f"{rules.ends_at} ({when})"
    if rules.loan_until:
        when = _(
            "%(event)s, selon la classe", event=rules.ends_at or _("l’entrée en %(level)s", level=rules.loan_until)
        )
    after = _("garder ou rendre") if rules.may_keep else _("à rendre")
    return f"{when}, {after} ; {_('sans réponse')} : {said(SILENCES, rules.silence).lower()}"


def _warranty(rules: Rules) -> str:
    if rules.contract == Contract.SALE:
        return _("celle de la loi")
    return ngettext("un mois", "%(num)s mois", rules.warranty_months) if rules.warranty_months else ""


def _memory(rules: Configuration) -> str:
    least, most = rules.least_memory_gib, rules.most_memory_gib
    if not most:
        return _("%(n)s Go ou plus", n=least)
    return _("%(n)s Go", n=least) if most == least else _("de %(n)s à %(most)s Go", n=least, most=most)


def _machine(rules: Rules) -> str:
    if rules.contract == Contract.NONE:
        return ""
    parts = [said(bench.PROFILES, one) for one in rules.profiles or ([rules.profile] if rules.profile else [])]
    if rules.configuration:
        form = said(life.FORMS, Form(rules.configuration.form))
        memory = _memory(rules.configuration)
        parts.append(_("le même pour tous : %(form)s, %(memory)s", form=form, memory=memory))
    if rules.built_by_holder:
        parts.append(_("construit par la personne"))
    if not rules.public_donors:
        parts.append(_("jamais d’un donateur public"))
    return ", ".join(parts)


def _training(rules: Rules) -> str:
    one = rules.training
    if one is None:
        return ""
    parts = [_("%(count)s séances de %(minutes)s minutes", count=one.sessions, minutes=one.minutes)]
    if one.levels:
        parts.append(_("par niveau (%(levels)s)", levels=", ".join(one.levels)))
    if one.commitment:
        parts.append(_("pré-liste, lettre, réunion, engagement"))
    if one.certificate:
        parts.append(_("certificat"))
    if one.least_attended:
        parts.append(ngettext("une séance suivie au moins", "%(num)s séances suivies au moins", one.least_attended))
    if one.refresher_months:
        parts.append(ngettext("rappel après un mois", "rappel après %(num)s mois", one.refresher_months))
    if one.before_hand_over:
        parts.append(_("l’ordinateur part à la fin"))
    return ", ".join(parts)


def _connection(rules: Rules) -> str:
    one = rules.connection
    if one is None:
        return ""
    free = ngettext("un mois gratuit", "%(num)s mois gratuits", one.free_months) if one.free_months else ""
    then = _("%(price)s par mois", price=euros(one.then_cents))
    return f"{free}, {_('puis')} {then}" if free else then


def _placed(rules: Rules) -> str:
    if not rules.placed:
        return ""
    parts = [_("propriétaire, gardien, lieu et animateur sont dits avant la remise")]
    if not rules.applicant_may_use:
        parts = [_("à la disposition d’un partenaire : qui demande ne s’en sert pas")]
    if rules.fleets:
        parts.append(_("parcs séparés : %(fleets)s", fleets=", ".join(fleet(one) for one in rules.fleets)))
    return " ; ".join(parts)


def fleet(code: str) -> str:
    """A fleet, in words where they are known: others are shown as their programme writes them."""
    return said(FLEETS, code) if code in FLEETS else code.replace("-", " ").replace("_", " ")


def _limits(rules: Rules) -> str:
    quota = rules.quota
    parts = []
    if quota.total:
        parts.append(_("%(count)s en tout", count=quota.total))
    if quota.per_partner:
        parts.append(_("%(count)s par structure", count=quota.per_partner))
    if quota.per_commune:
        parts.append(_("%(count)s par commune", count=quota.per_commune))
    if parts and quota.per_months:
        parts.append(_("sur %(count)s mois", count=quota.per_months))
    if rules.budget_cents:
        parts.append(_("budget %(sum)s", sum=euros(rules.budget_cents)))
    if rules.unit_cost_cents:
        parts.append(_("%(sum)s par demande servie", sum=euros(rules.unit_cost_cents)))
    return ", ".join(parts)
