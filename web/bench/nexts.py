"""The one thing to do now with a machine at the bench, and the four lights above it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from ordi.bench.diagnosis import next_question, questions
from ordi.bench.jobs import running_in
from ordi.bench.place import AT_BENCH
from ordi.bench.reinstall import usual_profile
from ordi.bench.release import in_the_way
from ordi.bench.shortages import lying, proposals
from ordi.bench.waits import PART, waits_of
from ordi.machines.checks import cleaned, results, untested
from ordi.machines.gate import inventoried, unclean
from ordi.machines.lifecycle import Action, State
from ordi.machines.machine import Machine
from web.bench import words
from web.guards import i_may
from web.wording import parts, wording


@dataclass(frozen=True)
class Next:
    """A step: where it is, how it looks; `post` when pressing is all there is to do."""

    url: str
    icon: str
    title: str
    detail: str = ""
    post: bool = False
    fields: dict[str, object] = field(default_factory=dict)
    other: str = ""
    """Where one says that it is otherwise than the press says."""


@dataclass(frozen=True)
class Light:
    """One of the four steps of reconditioning."""

    tone: str
    icon: str
    name: str
    who: str = ""


def next_of(session: Session, machine: Machine) -> Next | None:
    """What this person should do with it now; nothing when it waits for somebody else."""
    if machine.held_for == PART and (there := part_there(session, machine)):
        return _open("bins.machine", machine, "part", _("Monter la pièce"), there)
    if machine.held_for and machine.state in (*AT_BENCH, State.READY):
        return _press("bench.resume", machine, "play", _("Reprendre le travail"), wording.held(machine.held_for))
    if machine.state in (State.PROMISED, State.COLLECTED):
        return _press("giving.receive_one", machine, "received", wording.action(Action.RECEIVE))
    if machine.state == State.LOST:
        return _press("bench.find", machine, "search", wording.action(Action.FIND))
    if machine.state == State.DISMANTLED:
        return _next_of_dismantled(session, machine)
    if machine.state not in AT_BENCH:
        return None
    if machine.state == State.RECEIVED:
        first = _next_of_received(session, machine)
        if first:
            return first
    return _next_of_checks(session, machine)


def lights_of(session: Session, machine: Machine) -> list[Light]:
    """Cleaning, diagnosis, wipe, reinstalling: done, now, or later."""
    found, asked = results(session, machine), questions(machine)
    done, failed = sum(1 for one in asked if one in found), untested(session, machine)
    dirty, running = unclean(session, machine), running_in(session, machine)
    tested = not failed and machine.grade is not None
    wiped = machine.state not in (State.RECEIVED, State.PROMISED, State.COLLECTED)
    installed = wiped and machine.state != State.SANITISED
    broken = [one for one in failed if one in found]
    told = (
        _("catégorie %(grade)s", grade=machine.grade)
        if tested
        else _("%(done)s sur %(all)s", done=done, all=len(asked))
    )
    data = ngettext("un disque à effacer", "%(num)s disques à effacer", len(dirty)) if dirty else ""
    return [
        Light("ok" if cleaned(session, machine) else "todo", "wash", _("Nettoyage")),
        Light("stop" if broken else "ok" if tested else "now" if done else "todo", "test", _("Diagnostic"), told),
        Light("ok" if wiped else "now" if running else "warn" if dirty else "todo", "wipe", _("Effacement"), data),
        Light(
            "ok" if installed else "todo",
            "reinstall",
            _("Réinstallation"),
            words.profile(machine.profile) if installed and machine.profile else "",
        ),
    ]


def part_there(session: Session, machine: Machine) -> str:
    """The part a machine waits for, in words, when one lies in a bin of its workshop; else nothing."""
    waits = waits_of(session, machine)
    ready = proposals(waits, lying(session, [machine.workshop])) if waits else {}
    return next((parts.called(wait.kind.named) for wait in waits if wait.id in ready), "")


def _next_of_received(session: Session, machine: Machine) -> Next | None:
    if not machine.triage:
        return _open("bench.triage", machine, "sort", _("Trier"), _("Garder, démonter ou refuser"))
    if machine.triage == "dismantle":
        return _open("bench.dismantle", machine, "dismantled", wording.action(Action.DISMANTLE))
    if running_in(session, machine):
        return _next_of_checks(session, machine, until_wiped=True) or _open(
            "wiping.plan", machine, "wipe", _("Suivre l’effacement")
        )
    if not inventoried(session, machine):
        return _open("wiping.plan", machine, "wipe", _("Effacer"), _("Démarrer sur la clé Ordi"))
    dirty = unclean(session, machine)
    if dirty:
        many = ngettext("un disque", "%(num)s disques", len(dirty))
        return _open("wiping.plan", machine, "wipe", _("Effacer"), many)
    return None


def _next_of_checks(session: Session, machine: Machine, *, until_wiped: bool = False) -> Next | None:
    failed = untested(session, machine)
    if next_question(session, machine) or failed:
        detail = wording.check(failed[0]) if failed and not next_question(session, machine) else ""
        return _open("bench.diagnosis", machine, "test", _("Tester"), detail)
    if machine.grade is None:
        return _open("bench.diagnosis", machine, "grade", _("Donner la catégorie"))
    if not cleaned(session, machine):
        return _press("bench.clean", machine, "wash", _("C’est nettoyé"))
    if until_wiped or machine.state == State.RECEIVED:
        return None
    if machine.state == State.SANITISED:
        return _reinstall(session, machine)
    return _open("bench.release", machine, "shelf", wording.action(Action.RELEASE_TO_STOCK))


def _reinstall(session: Session, machine: Machine) -> Next:
    """One press for what this workshop usually installs; the page of profiles when that cannot be, or nothing is usual."""
    usual = usual_profile(session, machine)
    if usual is None or in_the_way(session, machine, Action.REINSTALL):
        return _open("bench.reinstall", machine, "reinstall", wording.action(Action.REINSTALL))
    pressed = _press("bench.reinstalled", machine, "reinstall", _("C’est réinstallé"), words.profile(usual.code))
    return replace(
        pressed, fields={**pressed.fields, "profile": usual.code}, other=url_for("bench.reinstall", tag=machine.tag)
    )


def _next_of_dismantled(session: Session, machine: Machine) -> Next | None:
    if not inventoried(session, machine) or unclean(session, machine):
        return _open("bench.drives", machine, "drive", _("Sortir les disques"), _("À deux"))
    if i_may("bench.destroy", machine.workshop):
        return _open("bench.recycle", machine, "recycled", wording.action(Action.RECYCLE))
    return None


def _open(endpoint: str, machine: Machine, icon: str, title: str, detail: str = "") -> Next:
    return Next(url_for(endpoint, tag=machine.tag), icon, title, detail)


def _press(endpoint: str, machine: Machine, icon: str, title: str, detail: str = "") -> Next:
    url = url_for(endpoint, tag=machine.tag)
    return Next(url, icon, title, detail, post=True, fields={"head_seq": machine.head_seq})
