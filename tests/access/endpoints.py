"""The table: every endpoint, what it asks for, and how to walk there with one's own things or another's.

A new endpoint needs one line here. `{received}` stands for a thing of a world (tests/access/world.py names them); the
same line then walks with ours, next door's and the other pole's. What comes of it:

| Who | Answer |
|---|---|
| signed out, or no role holds any more | the door; 401 under /api/ |
| no role with the permission | 403 |
| a role with it, a thing bound to it (`Thing.ties`, tests/access/players.py) | `gives` |
| a role with it, a thing of others, or one that nobody ever made | `refuses`: 404 unless said otherwise |

`but` names the roles whose own thing answers otherwise, each with its reason beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ordi.parties.people import Role
from tests.access.world import Thing, Things

_NAMED = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Way:
    """How to walk to one endpoint."""

    asks: str
    path: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    gives: tuple[int, ...] = ()
    refuses: tuple[int, ...] = (404,)
    but: Mapping[Role, int] = field(default_factory=dict)
    writes: str = ""
    """Why a GET of it writes."""

    def names(self) -> list[str]:
        """The things it names, in path, query and form."""
        said = (*self.path.values(), *self.query.values(), *self.form.values())
        return [name for text in said for name in _NAMED.findall(text)]

    def things(self, things: Things) -> Iterator[Thing]:
        """Those things, of one world."""
        return (things[name] for name in self.names())

    def filled(self, given: Mapping[str, str], things: Things) -> dict[str, str]:
        """Path, query or form with the values of a world."""
        return {key: _NAMED.sub(lambda found: things[found[1]].value, text) for key, text in given.items()}

    def expected(self, method: str) -> tuple[int, ...]:
        """What comes of one's own."""
        return self.gives or ((200,) if method == "GET" else (302,))


def _bench(thing: str, asks: str = "bench.work", **more: object) -> Way:
    return Way(asks, {"tag": f"{{{thing}}}"}, **more)  # type: ignore[arg-type]


OVERSEERS_LOOK_ON = {Role.AUDITOR: 403, Role.ADMINISTRATOR: 403}
"""They read a machine's history; the journal refuses them the act."""

NOT_AT_THE_BENCH = {**OVERSEERS_LOOK_ON, Role.COORDINATOR: 403, Role.DONOR_CONTACT: 403}
"""They see the machine; the lifecycle gives this step to the bench."""

NOT_ON_THEIR_LIST = dict.fromkeys((Role.LANDLORD_OFFICER, Role.SCHOOL_OFFICER), 404)
NOT_A_FAMILYS = {Role.SIGNATORY: 404, **NOT_ON_THEIR_LIST}
"""An association hands over what it asked for itself, an office what its own list asked; a family's machine is not found."""

ONLY_THEIR_OWN = dict.fromkeys((Role.ANIMATOR, Role.MEDIATOR), 404)
"""They read the visits they make themselves; this one is the social worker's."""

NO_LEAFLET = dict.fromkeys(
    (
        *(Role.SIGNATORY, Role.PARTNER_LEAD, Role.MEDIATOR, Role.DONOR_CONTACT, Role.AUDITOR, Role.ADMINISTRATOR),
        *(Role.LANDLORD_OFFICER, Role.SCHOOL_OFFICER),
    ),
    404,
)
"""The leaflet is printed by the bench, or by who hands the machine over to that family."""

ADMINISTRATION = {
    "administration.index": Way("network.people", query={"q": "{person}"}),
    "administration.new_person": Way("network.people"),
    "administration.add_person": Way(
        "network.people", form={"name": "Qui", "organisation": "{workshop_id}"}, gives=(422,)
    ),
    "administration.person": Way("network.people", {"person_id": "{person}"}),
    "administration.add_role": Way(
        "network.people", {"person_id": "{person}"}, {"role": "technician", "organisation": "{workshop_id}"}
    ),
    "administration.end_role": Way("network.people", {"membership_id": "{membership}"}),
    "administration.leave": Way("network.people", {"person_id": "{person}"}),
    "administration.lost_telephone": Way("network.people", {"person_id": "{person}"}),
    "administration.organisations": Way("network.people"),
    "administration.add_organisation": Way(
        "network.people",
        form={"kind": "donor", "name": "Mairie", "nature": "public", "parent": "{pole_id}"},
    ),
    "administration.tokens": Way("network.tokens"),
    "administration.add_token": Way(
        "network.tokens",
        form={"name": "lecteur", "scopes": "machines:read", "organisation": "{workshop_id}", "expires": "2027-01-01"},
        gives=(200,),
    ),
    "administration.revoke_token": Way("network.tokens", {"token_id": "{token}"}),
    "administration.log": Way("network.log"),
    "privacy.index": Way("network.privacy"),
    "privacy.readings": Way("network.privacy"),
}

API = {
    "api.openapi": Way("public"),
    "api.machine_list": Way("token:machines:read"),
    "api.machine_detail": Way("token:machines:read", {"tag": "{ready}"}),
    "api.keys": Way("public"),
    "api.log_head": Way("public", gives=(200, 404)),
    "api.log_inclusion": Way("public", query={"leaf": "0" * 64}, gives=(404,)),
    "api.log_consistency": Way("public", query={"from": "1"}, gives=(200, 404)),
    "api.hello": Way("machine"),
    "api.session_state": Way("machine", {"session": "00000000-0000-4000-8000-000000000000"}),
    "api.trial_state": Way("machine"),
    "api.trial_result": Way("machine"),
    "api.trial_of_session": Way("machine", {"session": "00000000-0000-4000-8000-000000000000"}),
    "api.jobs": Way("machine"),
    "api.job_progress": Way("machine", {"job": "{job}"}),
    "api.job_answers": Way("machine", {"job": "{job}"}),
    "api.take_evidence": Way("machine"),
    "api.take_sanitisation": Way("machine"),
    "api.take_enrolment": Way("machine"),
    "api.check_in": Way("machine"),
}

BENCH = {
    "bench.index": Way("bench.work"),
    "bench.scan": Way("bench.work", form={"tag": "{received}"}),
    "bench.machine": _bench("received"),
    "bench.wall": Way("bench.wall", query={"workshop": "{workshop_id}"}),
    "bench.board": Way("bench.wall", query={"workshop": "{workshop_id}"}),
    "bench.figures": Way("machines.export", query={"workshop": "{workshop_id}"}),
    "bench.figures_file": Way("machines.export", {"kind": "csv"}),
    "bench.wall_of_wipes": Way("bench.wall", query={"workshop": "{workshop_id}"}),
    "bench.board_of_wipes": Way("bench.wall", query={"workshop": "{workshop_id}"}),
    "bench.triage": _bench("arrived"),
    "bench.decide": _bench("arrived", form={"decision": "keep"}),
    "bench.diagnosis": _bench("received"),
    "bench.answer": Way("bench.work", {"tag": "{received}", "check": "screen"}, {"result": "good"}),
    "bench.locked": Way("bench.work", {"tag": "{received}", "check": "bios_lock"}),
    "bench.photos": _bench("received"),
    "bench.add_photo": _bench("received", gives=(409,)),
    "bench.remove_photo": Way("bench.work", {"tag": "{received}", "number": "{photo}"}, {"why": "blurred"}),
    "bench.photo": Way("machines.history", {"tag": "{received}", "number": "{photo}"}),
    "bench.photo_small": Way("machines.history", {"tag": "{received}", "number": "{photo}"}),
    "bench.trial_key": _bench("received", gives=(200,)),
    "bench.set_form": _bench("received", form={"form": "laptop"}),
    "bench.grade": _bench("received", form={"grade": "B"}, gives=(302, 409)),
    "bench.clean": _bench("received"),
    "bench.all_tasks": Way("bench.work", query={"workshop": "{workshop_id}"}),
    "bench.tasks": _bench("received"),
    "bench.add_task": _bench("received", form={"what": "screen"}),
    "bench.close_task": Way("bench.work", {"tag": "{received}", "number": "{task}"}, {"outcome": "done"}),
    "bench.drives": _bench("received"),
    "bench.remove_drive": Way(
        "bench.work", {"tag": "{received}", "drive_id": "{inside}"}, {"why": "faulty", "witness": "x"}, gives=(409,)
    ),
    "bench.driveless": _bench("received", form={"witness": "nobody"}, gives=(409,)),
    "bench.inventories": Way("bench.intake"),
    "bench.take_inventories": Way("bench.intake"),
    "bench.doubts": Way("bench.intake"),
    "bench.doubt": Way("bench.intake", {"evidence_id": "{doubt}"}),
    "bench.doubt_this": Way("bench.intake", {"evidence_id": "{doubt}"}, {"tag": "{received}"}, gives=(409,)),
    "bench.doubt_new": Way("bench.intake", {"evidence_id": "{doubt}"}, gives=(409,)),
    "bench.doubt_aside": Way("bench.intake", {"evidence_id": "{doubt}"}),
    "bench.doubt_again": Way("bench.intake", {"evidence_id": "{doubt}"}),
    "bench.loose": Way("bench.work"),
    "bench.loose_drive": Way("bench.work", {"drive_id": "{loose}"}),
    "bench.destroy": Way("bench.destroy", {"drive_id": "{loose}"}),
    "bench.destroyed": Way(
        "bench.destroy", {"drive_id": "{loose}"}, {"how": "drilled", "cause": "faulty", "witness": "x"}, gives=(409,)
    ),
    "bench.destruction": Way("evidence.see", {"drive_id": "{destroyed}"}),
    "bench.destruction_photo": Way("evidence.see", {"drive_id": "{destroyed}"}),
    "bench.destruction_certificate": Way("certificates.see", {"drive_id": "{destroyed}"}),
    "bench.claims": _bench("received"),
    "bench.keep_claim": _bench("received", gives=(409,)),
    "bench.claim_file": Way("bench.work", {"tag": "{received}", "number": "{claim}"}),
    "bench.audits": Way("bench.quarantine"),
    "bench.audit": Way("bench.audit", {"drive_id": "{proved_drive}"}, gives=(409,)),
    "bench.read_again": Way("bench.audit", {"drive_id": "{proved_drive}"}, gives=(302, 409)),
    "bench.claim_audit": Way(
        "bench.audit", {"drive_id": "{proved_drive}"}, {"matched": "yes", "said": "rien"}, gives=(409,)
    ),
    "bench.waive_audit": Way("bench.waive", {"drive_id": "{proved_drive}"}, {"reason": "personne"}, gives=(409,)),
    "bench.quarantine": Way("bench.quarantine", {"number": "{quarantine}"}),
    "bench.lift_quarantine": Way("bench.lift", {"number": "{quarantine}"}, {"reason": "tout relu"}, gives=(302, 409)),
    "bench.reinstall": _bench("sanitised"),
    "bench.reinstalled": _bench("sanitised", form={"profile": "bureau"}),
    "bench.release": _bench("reinstalled"),
    "bench.released": _bench("reinstalled", form={"shelf": "A1"}, gives=(302, 409)),
    "bench.hold": _bench("ready"),
    "bench.held": _bench("ready", form={"reason": "part"}),
    "bench.resume": _bench("held"),
    "bench.shelf": _bench("ready"),
    "bench.shelve": _bench("ready", form={"shelf": "B2"}),
    "bench.stock": Way("bench.wall"),
    "bench.repair": Way("bench.work", {"tag": "{received}", "number": "{task}"}),
    "bench.repaired": Way("bench.work", {"tag": "{received}", "number": "{task}"}, {"change": "part", "minutes": "15"}),
    "bench.repair_times": Way("bench.wall"),
    "bench.correct": _bench("received", "machines.history"),
    "bench.corrected": Way(
        "machines.history",
        {"tag": "{received}", "what": "form"},
        {"form": "desktop", "why": "mistake"},
        but=NOT_AT_THE_BENCH,
    ),
    "places.near_list": Way("places.see", {"prefix": "25"}),
    "places.index": Way("places.write"),
    "places.look_at_list": Way("places.write", gives=(422,)),
    "places.take_list": Way("places.write", gives=(422,)),
    "directory.index": Way("directory.see"),
    "directory.one": Way("directory.see", {"number": "{listed}"}),
    "directory.export": Way("directory.see"),
    "directory.choose_file": Way("directory.write"),
    "directory.look_at_file": Way("directory.write", gives=(422,)),
    "directory.take_file": Way("directory.write", gives=(422,)),
    "incidents.index": Way("incidents.see"),
    "incidents.one": Way("incidents.see", {"number": "{incident}"}),
    "incidents.step": Way("incidents.follow", {"number": "{incident}", "step": "search"}, {"said": "partout"}),
    "incidents.tell": Way(
        "incidents.follow", {"number": "{incident}"}, {"reader": "workshop", "address": "atelier@example.org"}
    ),
    "incidents.lost_for_good": Way("incidents.follow", {"number": "{incident}"}, gives=(409,)),
    "bins.square": Way("parts.see", {"tag": "{bin}"}, gives=(302,)),
    "bins.index": Way("parts.see", query={"workshop": "{workshop_id}"}),
    "bins.scan": Way("parts.work", form={"tag": "{bin}"}),
    "bins.new": Way("parts.work", form={"workshop": "{workshop_id}", "name": "Dalles"}),
    "bins.one": Way("parts.see", {"tag": "{bin}"}),
    "bins.place": Way("parts.work", {"tag": "{bin}"}, {"place": "B4"}),
    "bins.close": Way("parts.work", {"tag": "{empty_bin}"}),
    "bins.add": Way("parts.work", {"tag": "{bin}"}),
    "bins.added": Way(
        "parts.work", {"tag": "{bin}"}, {"family": "wifi", "slot": "m2", "count": "2", "origin": "found"}
    ),
    "bins.take": Way("parts.work", {"tag": "{bin}", "kind_id": "{kind}"}),
    "bins.taken": Way("parts.work", {"tag": "{bin}", "kind_id": "{kind}"}, {"to": "{empty_bin}"}),
    "bins.scrapped": Way("parts.work", {"tag": "{bin}", "kind_id": "{kind}"}, {"why": "broken"}),
    "bins.count": Way("parts.work", {"tag": "{bin}"}),
    "bins.counted": Way("parts.work", {"tag": "{bin}"}, {"version": "1"}, gives=(409,)),
    "bins.machine": _bench("waiting", "parts.work"),
    "bins.which": Way("parts.work", {"tag": "{waiting}", "family": "memory"}),
    "bins.take_it_out": _bench(
        "received", "parts.work", form={"family": "wifi", "slot": "m2", "count": "1", "to": "{bin}"}
    ),
    "bins.wait": _bench("received", "parts.work", form={"family": "wifi", "slot": "m2"}),
    "bins.give_up": Way("parts.work", {"tag": "{waiting}", "kind_id": "{kind}"}),
    "bins.fit_it": Way("parts.work", {"tag": "{waiting}", "kind_id": "{kind}"}, {"bin": "{bin}"}),
    "bins.wanted": Way("parts.see", query={"workshop": "{workshop_id}"}),
    "bins.wanted_csv": Way("parts.see", query={"workshop": "{workshop_id}"}),
    "bins.least": Way("parts.plan", {"kind_id": "{kind}"}, {"workshop": "{workshop_id}", "least": "3"}),
    "bench.dismantle": _bench("received"),
    "bench.dismantled": _bench("received", form={"reason": "broken"}),
    "bench.recycle": _bench("dismantled", "bench.destroy"),
    "bench.recycled": _bench("dismantled", "bench.destroy", form={"grams": "2000"}, gives=(422,)),
    "bench.lose": _bench("ready", "machines.history"),
    "bench.lost": _bench(
        "ready", "machines.history", form={"how": "stolen"}, but={**OVERSEERS_LOOK_ON, Role.TECHNICIAN: 403}
    ),
    "bench.find": _bench("lost", "machines.history", but=OVERSEERS_LOOK_ON),
    "wiping.screen": Way("bench.adopt", {"session": "{screen}", "fingerprint": "{fingerprint}"}),
    "wiping.take": Way("bench.adopt", {"session": "{screen}", "fingerprint": "{fingerprint}"}, {"tag": "{received}"}),
    "wiping.plan": _bench("received", "bench.wipe"),
    "wiping.progress": _bench("wiping", "bench.wipe"),
    "wiping.start": _bench("received", "bench.wipe"),
    "wiping.stop": Way("bench.wipe", {"tag": "{wiping}", "job": "{job}"}),
    "wiping.check": Way("bench.counter-check", {"tag": "{proven}", "drive_id": "{proved_drive}"}, gives=(302, 409)),
    "wiping.certificates": _bench("proven", "certificates.see"),
}

CLASSES = {
    "classes.index": Way("classes.desk"),
    "classes.choose_file": Way("classes.write"),
    "classes.look_at_file": Way("classes.write", gives=(422,)),
    "classes.take_file": Way("classes.write", gives=(422,)),
    "classes.one": Way("classes.read", {"number": "{class_list}"}, writes="the reading of each family is kept"),
    "classes.desk": Way("classes.desk", {"number": "{class_list}"}),
    "classes.names": Way("classes.desk", {"number": "{class_list}"}, writes="the reading of each family is kept"),
    "classes.give": Way("classes.desk", {"number": "{class_list}"}, gives=(422,)),
    "classes.sheet": Way("classes.read", {"number": "{class_list}"}, writes="the reading of each family is kept"),
    "classes.table": Way("classes.read", {"number": "{class_list}"}, writes="the reading of each family is kept"),
    "classes.find": Way("classes.read", {"number": "{class_list}"}, {"name": "personne"}, gives=(200,)),
    "classes.ends": Way("classes.read", {"number": "{class_list}"}, writes="the reading of each family is kept"),
    "classes.find_coupon": Way("classes.read", {"number": "{class_list}"}, {"coupon": "personne"}, gives=(200,)),
    "classes.write_letters": Way("sharing.loans", {"number": "{class_list}"}, {"letter": "1"}),
    "classes.take_coupon": Way(
        "sharing.loans", {"number": "{class_list}", "pupil": "{pupil}"}, {"answer": "return"}, gives=(404,)
    ),  # nothing is lent to it yet
    "classes.take_silence": Way("sharing.allocate", {"number": "{class_list}"}),
    "classes.open_to_machines": Way("sharing.allocate", {"number": "{class_list}"}),
    "classes.end_of_day": Way("classes.desk", {"number": "{class_list}"}),
    "classes.correct": Way("classes.write", {"number": "{class_list}", "pupil": "{pupil}"}, {"class": "CM2"}),
    "classes.withdraw": Way("classes.write", {"number": "{class_list}", "pupil": "{pupil}"}),
    "classes.settled": Way("sharing.allocate", {"number": "{class_list}", "act": "1"}),
}

REMOTE = {
    "remote.hosts": Way("network.hosts"),
    "remote.add": Way(
        "network.hosts",
        form={
            "name": "Établi 3",
            "workshop": "{workshop_id}",
            "address": "192.0.2.9",
            "port": "22",
            "login": "root",
            "folder": "/run/ordi-ssh",
        },
        refuses=(422,),
    ),
    "remote.retire": Way("network.hosts", {"host_id": "{host}"}),
    "remote.start": _bench("received", "bench.remote"),
    "remote.progress": _bench("received", "bench.remote"),
    "remote.ask": _bench("received", "bench.remote", form={"host": "{host}"}),
    "remote.take": _bench("received", "bench.adopt", gives=(409,)),
    "offline.index": Way("bench.wipe", query={"workshop": "{workshop_id}"}),
    "offline.make": Way(
        "bench.offline", form={"workshop": "{workshop_id}", "drive": "{inside}", "days": "7"}, gives=(409,)
    ),
    "offline.server_keys": Way("bench.wipe"),
    "offline.bring_back": Way("bench.wipe", gives=(409,)),
}

SERIES = {
    "series.index": Way("bench.work"),
    "series.state": Way("bench.work"),
    "series.act": Way("bench.work", gives=(422,)),  # who may do what in series: tests/bench/test_acts.py
    "series.seen": Way("bench.work", form={"uuid": "00000000-0000-4000-8000-000000000000"}, gives=(404,)),
    "series.cards": Way("bench.work"),
    "series.chosen": Way("bench.work", {"verb": "CLEAN"}, gives=(302,)),
    "series.placed": Way("bench.work", {"verb": "SHELVE", "shelf": "A1"}, gives=(302,)),
    "series.worker": Way("public", gives=(200,)),
    "series.manifest": Way("public", gives=(200,)),
}

FLEET = {
    "fleet.index": Way("fleet.see"),
    "fleet.tickets": Way("fleet.help"),
    "fleet.take_ticket": Way("fleet.help", {"number": "{ticket}"}),
    "fleet.close_ticket": Way("fleet.help", {"number": "{ticket}"}),
    "fleet.settle_alert": Way(
        "fleet.help",
        {"number": "{alert}"},
        but={Role.SOCIAL_WORKER: 403, Role.ANIMATOR: 403, Role.MEDIATOR: 403},  # the workshop that keeps it settles it
    ),
    "fleet.enrolling": _bench("reinstalled", "fleet.enrol"),
    "fleet.make_token": _bench("reinstalled", "fleet.enrol", gives=(200,)),
    "fleet.leaflet": _bench("out", "machines.see", but=NO_LEAFLET),
    "fleet.make_leaflet": _bench("out", "machines.see", gives=(200,), but=NO_LEAFLET),
    "fleet.my_computer": Way("public", {"secret": "{leaflet}"}),
    "fleet.ask_for_help": Way("public", {"secret": "{leaflet}"}, {"trouble": "no_sound"}, gives=(302,)),
    "fleet.stop_sending": Way("public", {"secret": "{leaflet}"}, gives=(302,)),
    "fleet.send_again": Way("public", {"secret": "{leaflet}"}, gives=(302,)),
}

GIVING = {
    "giving.index": Way("giving.see"),
    "giving.new_offer": Way("giving.offer"),
    "giving.make_offer": Way(
        "giving.offer",
        form={"donor": "{donor_id}", "laptops": "1", "desktops": "0", "all_in_ones": "0", "minimum_level": "clear"},
        refuses=(422,),
    ),
    "giving.one_offer": Way("giving.see", {"code": "{offer}"}),
    "giving.accept": Way(
        "giving.decide", {"code": "{offer}"}, {"workshop": "{workshop_id}", "driver": "{driver_id}", "on": "2026-11-20"}
    ),
    "giving.decline": Way("giving.decide", {"code": "{offer}"}, {"reason": "no_room"}),
    "giving.withdraw": Way("giving.offer", {"code": "{offer}"}),
    "giving.donor": Way(
        "giving.see", {"donor_id": "{donor_id}"}, but={Role.DRIVER: 404, Role.LEAD: 404}
    ),  # what a donor asks is its own affair and its pole's
    "giving.set_donor_policy": Way(
        "giving.decide", {"donor_id": "{donor_id}"}, {"minimum_level": "clear", "audit_percent": "10"}
    ),
    "giving.set_lot_policy": Way(
        "giving.decide", {"code": "{promised_lot}"}, {"minimum_level": "clear", "audit_percent": "10"}
    ),
    "giving.lot": Way("giving.see", {"code": "{promised_lot}"}),
    "giving.outcomes_csv": Way("giving.see", {"code": "{promised_lot}"}),
    "giving.lot_summary": Way("certificates.see", {"code": "{promised_lot}"}),
    "giving.the_round": Way("giving.collect", {"code": "{promised_lot}"}),
    "giving.sign_round": Way("giving.collect", {"code": "{promised_lot}"}, {"count": "2", "surplus": "0"}),
    "giving.slip": Way("giving.see", {"code": "{coming_lot}"}),
    "giving.arrivals": Way("giving.receive"),
    "giving.scan_arrival": Way("giving.receive", form={"tag": "{coming}"}),
    "giving.reception": Way("giving.receive", {"code": "{coming_lot}"}),
    "giving.scan_in": Way("giving.receive", {"code": "{coming_lot}"}, {"tag": "{coming}"}),
    "giving.scan_all_in": Way("giving.receive", {"code": "{coming_lot}"}),
    "giving.close_reception": Way("giving.receive", {"code": "{coming_lot}"}),
    "giving.receive_one": Way("giving.receive", {"tag": "{coming}"}),
    "giving.intake": Way("bench.intake", {"tag": "{free_label}"}, query={"lot": "{coming_lot}"}),
    "giving.take_in": Way("bench.intake", {"tag": "{free_label}"}, {"form": "laptop", "lot": "{coming_lot}"}),
}

HOME = {
    "home.index": Way("signed-in"),
    "home.figures": Way("network.figures"),
}

LOG = {
    "log.index": Way("network.log"),
    "log.head_file": Way("network.log", {"number": "1"}, gives=(200, 404)),
    "log.add_reader": Way("network.heads", form={"name": "Cabinet", "address": "audit@cabinet.example"}),
    "log.confirming": Way("public"),
    "log.confirm": Way("public", form={"code": "A" * 26}, gives=(422,)),
    "log.remove_reader": Way("network.heads", {"number": "1"}, gives=(302, 404)),
    "log.send_again": Way("network.heads", {"number": "1"}, gives=(302, 404)),
    "log.sidecar": _bench("proven", "certificates.see", gives=(200, 409)),
    "log.public_sidecar": Way("public", {"code": "{certificate}"}, gives=(200, 409)),
}

MACHINES = {
    "machines.index": Way("machines.list"),
    "machines.look": Way("machines.look-up", form={"q": "{out}"}, gives=(302,), refuses=(200, 404)),
    "machines.search": Way("machines.look-up", query={"q": "{out}"}, gives=(302,), refuses=(200, 404)),
    "machines.scan": Way("machines.look-up"),
    "machines.try_scanner": Way("machines.look-up"),
    "machines.one": Way("machines.look-up", {"tag": "{out}"}),
    "machines.act": Way("machines.see", {"tag": "{reinstalled}", "action": "reopen"}, but=NOT_AT_THE_BENCH),
    "machines.merging": Way("machines.merge", {"tag": "{sanitised}"}, query={"with": "{ready}"}),
    "machines.merge": Way(
        "machines.merge", {"tag": "{sanitised}"}, {"with": "{ready}", "cause": "entered_twice"}, gives=(302, 409)
    ),
    "machines.part": Way("machines.merge", {"tag": "{kept}", "merge_id": "{merge}"}),
    "machines.was": Way("machines.history", {"tag": "{kept}", "former": "{merged}"}),
}

LABELS = {
    "labels.index": Way("labels.print"),
    "labels.make_free": Way("labels.print", form={"workshop": "{workshop_id}", "count": "2"}),
    "labels.choose": Way("labels.print", {"kind": "machine", "code": "{ready}"}),
    "labels.make": Way(
        "labels.print",
        {"kind": "machine", "code": "{ready}"},
        {
            "uuid": "0d6fd8a4-9d0e-4c8e-8f5c-0e6b5f0f8c11",
            "stock": "1-62x29",
            "through": "pdf",
            "copies": "1",
            "why": "torn",
        },
    ),
    "labels.sheet": Way("labels.print", {"uuid": "{printing}"}),
    "labels.zpl": Way("labels.print", {"uuid": "{printing}"}),
    "labels.printing": Way("labels.print", {"uuid": "{printing}"}),
    "labels.again": Way("labels.print", {"uuid": "{printing}"}, gives=(409,)),
    "labels.seen": Way("labels.print", {"uuid": "{printing}"}, gives=(409,)),
    "labels.withdraw": Way("labels.print", {"uuid": "{printing}"}, gives=(409,)),
    "labels.printers": Way("labels.print"),
    "labels.add": Way("labels.printers", form={"workshop": "{workshop_id}", "name": "Zebra", "address": "192.168.7.9"}),
    "labels.retire": Way("labels.printers", {"number": "{printer}"}),
    "labels.ask": Way("labels.print", {"number": "{printer}"}),
    "labels.calibration": Way("labels.print", {"number": "{printer}"}),
    "labels.calibration_page": Way("labels.print", {"number": "{printer}"}),
    "labels.measured": Way(
        "labels.print",
        {"number": "{printer}"},
        {"across": "149,5", "down": "200", "from_left": "20", "from_top": "20,5"},
    ),
    "labels.stocks": Way("labels.print"),
    "labels.new_stock": Way("labels.print"),
    "labels.add_stock": Way("labels.print", form={"workshop": "{workshop_id}"}, gives=(422,)),
    "labels.put_away": Way("labels.print", {"workshop_id": "{workshop_id}", "key": "{stock}"}),
    "labels.drive_scanned": Way("bench.work", {"code": "{loose_code}"}, gives=(302,)),
}

PUBLIC = {
    "public.trial": Way("public"),
    "public.label": Way("public", {"tag": "{ready}"}, gives=(200, 302)),
    "public.label_typed": Way("public", {"tag": "{ready}"}, gives=(200, 302)),
    "public.certificate": Way("public", {"code": "{certificate}"}),
    "public.certificate_typed": Way("public", {"code": "{certificate}"}),
    "public.certificate_printed": Way("public", {"code": "{certificate}", "fingerprint": "0" * 64}),
    "public.check": Way("public"),
    "public.check_file": Way("public", form={"code": "{certificate}"}, gives=(200,)),
    "public.sends": Way("public"),
    "public.accessibility": Way("public"),
}

SHARING = {
    "messages.index": Way("messages.see"),
    "messages.again": Way("messages.see", {"number": "{message}"}, gives=(409,)),
    "messages.done": Way("messages.see", {"number": "{message}"}),
    "messages.drop": Way("messages.see", {"number": "{message}"}),
    "messages.take_letters": Way("messages.see"),
    "messages.pile": Way("messages.see", {"name": "{pile}"}),
    "messages.letters_file": Way(
        "messages.see", {"name": "{pile}"}, writes="the readings of households' files are kept"
    ),
    "messages.letters_printed": Way("messages.see", {"name": "{pile}"}),
    "messages.translations": Way("translations.review"),
    "messages.translation": Way("translations.review", {"language": "ar", "sheet": "messages"}),
    "messages.sign_translation": Way("translations.review", {"language": "ar", "sheet": "messages"}, gives=(409,)),
    "messages.withdraw_translation": Way("translations.review", {"language": "ar", "sheet": "messages"}),
    "messages.letters_back": Way("messages.see", {"name": "{pile}"}),
    "sharing.index": Way("requests.see"),
    "sharing.find": Way("requests.write", form={"name": "QzNameOurs1"}, gives=(200,)),
    "sharing.one_request": Way(
        "requests.see", {"code": "{request}"}, writes="the reading of a household's file is kept"
    ),
    "privacy.file": Way("households.read", {"code": "{request}"}, writes="the reading of a household's file is kept"),
    "privacy.paper": Way("households.read", {"code": "{request}"}, writes="the reading of a household's file is kept"),
    "privacy.as_json": Way(
        "households.read", {"code": "{request}"}, writes="the reading of a household's file is kept"
    ),
    "privacy.correct_file": Way("requests.write", {"code": "{request}"}, {"name": "Amina Essai", "language": "fr"}),
    "privacy.set_check_ins": Way("requests.write", {"code": "{out_request}"}, {"send": "no"}),
    "privacy.set_consent": Way("requests.write", {"code": "{out_request}"}, {"said": "no", "language": "ar"}),
    "privacy.erase": Way("households.erase", {"code": "{out_request}"}),
    "sharing.withdraw": Way(
        "requests.see",
        {"code": "{request}"},
        but={Role.COORDINATOR: 403},  # only who files for the family
    ),
    "sharing.service": Way("requests.count"),
    "sharing.followers": Way("service.hand-on"),
    "sharing.give_files": Way(
        "service.hand-on", form={"partner": "{partner_id}", "giver": "{giver}", "taker": "{taker}"}
    ),
    "sharing.absences": Way("requests.write"),
    "sharing.say_away": Way(
        "requests.write",
        form={"partner": "{partner_id}", "cover": "{taker}", "first": "2999-01-01", "last": "2999-01-05"},
    ),
    "sharing.end_absence": Way("requests.write", {"number": "{cover}"}),
    "sharing.see_received": Way("requests.write"),
    "sharing.new": Way("requests.write"),
    "sharing.take_step": Way(
        "requests.write",
        form={"step": "needs", "partner": "{partner_id}", "programme": "{gift}", "uses": "paperwork"},
        gives=(200,),
        refuses=(422,),
    ),
    "sharing.needs": Way("requests.needs"),
    "sharing.allocations": Way("sharing.allocate", query={"pole": "{pole_id}"}),
    "sharing.accept": Way("sharing.allocate", form={"request": "{request}", "tag": "{ready}"}),
    "sharing.choose_machine": Way("sharing.allocate", {"code": "{request}"}),
    "sharing.choose_request": Way("sharing.allocate", {"tag": "{ready}"}),
    "sharing.releasing": Way("sharing.allocate", {"tag": "{allocated}"}),
    "sharing.release": Way("sharing.allocate", {"tag": "{allocated}"}),
    "sharing.handing_over": Way(
        "sharing.hand-over",
        {"tag": "{allocated}"},
        writes="the reading of a household's file is kept",
        but=NOT_A_FAMILYS,
    ),
    "sharing.hand_over": Way(
        "sharing.hand-over",
        {"tag": "{allocated}"},
        {"signature_typed": "Amina D", "bag": "computer"},
        but=NOT_A_FAMILYS,
    ),
    "sharing.handed_over": Way("sharing.hand-over", {"tag": "{out}"}, but=NOT_A_FAMILYS),
    "sharing.receipt": Way(
        "sharing.hand-over", {"tag": "{out}"}, writes="the reading of a household's file is kept", but=NOT_A_FAMILYS
    ),
    "sharing.awaited": Way("sharing.hand-over"),
    "sharing.settle": Way(
        "sharing.hand-over", {"code": "{out_request}"}, {"item": "0"}, gives=(404,), but=NOT_A_FAMILYS
    ),
    "sharing.hand_over_sheet": Way("sharing.hand-over", {"tag": "{allocated}"}, but=NOT_A_FAMILYS),
    "sharing.blank_sheet": Way("sharing.hand-over"),
    "sharing.hand_over_sheets": Way("sharing.book", {"day": "2026-11-19"}),
    "sharing.scan_exchange": Way("sharing.exchange"),
    "sharing.exchanging": Way("sharing.exchange", {"tag": "{out}"}),
    "sharing.exchange": Way(
        "sharing.exchange",
        {"tag": "{out}"},
        {"new": "{ready}", "reason": "broken", "files": "copied", "signature_typed": "Amina D"},
        gives=(302, 409),  # whether the two answer one another is the world's
    ),
    "sharing.taking_back": Way("sharing.take-back", {"tag": "{out}"}),
    "sharing.take_back": Way("sharing.take-back", {"tag": "{out}"}, {"reason": "broken", "files": "copied"}),
    "sharing.taken_back": Way("sharing.take-back", {"tag": "{out}"}, gives=(404,)),
    "sharing.return_receipt": Way(
        "sharing.take-back", {"tag": "{out}"}, gives=(404,), writes="never here: nothing came back"
    ),
    "sharing.project": Way("requests.apply"),
    "sharing.which": Way("public"),
    "sharing.which_ones": Way("public", gives=(200,)),
    "sharing.calls": Way("calls.see"),
    "sharing.call": Way("calls.see", {"code": "{call}"}),
    "sharing.new_call": Way("calls.run"),
    "sharing.open_call": Way("calls.run", gives=(422,)),
    "sharing.shut_call": Way("calls.run", {"code": "{call}"}),
    "sharing.name_juror": Way("calls.run", {"code": "{call}"}, {"person": "{lead}"}),
    "sharing.drop_juror": Way("calls.run", {"code": "{judged_call}"}, {"person": "{juror}"}),
    "sharing.applying": Way("calls.apply", {"code": "{call}"}),
    "sharing.apply": Way("calls.apply", {"code": "{call}"}, {"project": "Un atelier", "machines": "1"}),
    "sharing.judged": Way("calls.judge", {"code": "{judged}"}),
    "sharing.give_marks": Way("calls.judge", {"code": "{judged}"}, {"go": "declare", "conflict": "other"}),
    "sharing.deliberation": Way("calls.run", {"code": "{judged_call}"}),
    "sharing.deliberate": Way("calls.run", {"code": "{judged_call}"}, gives=(422,)),
    "sharing.minutes": Way("calls.run", {"code": "{decided_call}", "label": "{minutes}"}),
    "sharing.programmes": Way("sharing.programmes"),
    "sharing.one_programme": Way("sharing.programmes", {"programme_id": "{gift}"}),
    "sharing.write_programme": Way("sharing.programmes", query={"version": "{gift}"}),
    "sharing.save_programme": Way("sharing.programmes", form={"name": "Essai"}, gives=(422,)),
    "sharing.put_in_force": Way("sharing.programmes", {"programme_id": "{gift}"}, gives=(409,)),
    "sharing.throw_away_programme": Way("sharing.programmes", {"programme_id": "{gift}"}, gives=(409,)),
    "sharing.accept_all": Way("sharing.allocate", query={"pole": "{pole_id}"}),
    "sharing.committee": Way("sharing.allocate", query={"pole": "{pole_id}"}),
    "sharing.sitting": Way("sharing.allocate", query={"pole": "{pole_id}"}),
    "sharing.sit": Way("sharing.allocate", query={"pole": "{pole_id}"}, gives=(409, 422)),
    "sharing.committee_minutes": Way("sharing.allocate", {"label": "{committee_minutes}"}),
    "sharing.follow": Way("sharing.follow", {"code": "{request}"}),
    "sharing.visit": Way("sharing.follow", {"code": "{request}"}, {"cause": "wiring"}, gives=(422,)),
    "sharing.visits": Way("sharing.visit"),
    "sharing.one_visit": Way("sharing.visit", {"code": "{visit}"}, but=ONLY_THEIR_OWN, writes="the reading is kept"),
    "sharing.visit_made": Way("sharing.visit", {"code": "{visit}"}, gives=(422,), but=ONLY_THEIR_OWN),
    "sharing.visit_not_made": Way("sharing.visit", {"code": "{visit}"}, {"state": "absent"}, but=ONLY_THEIR_OWN),
    "sharing.planning_visit": Way("sharing.follow", {"code": "{request}"}),
    "sharing.plan_visit": Way("sharing.follow", {"code": "{request}"}, {"goes": "0"}, gives=(422,)),
    "sharing.visit_machine": Way("sharing.follow", {"tag": "{out}"}, gives=(302,), but=NOT_A_FAMILYS),
    "sharing.connect": Way("sharing.follow", {"code": "{request}"}, gives=(422,)),
    "sharing.place": Way("sharing.follow", {"code": "{request}"}, gives=(404,)),
    "sharing.confirming": Way("requests.see"),
    "sharing.still_wanted": Way("sharing.follow", {"code": "{request}"}),
    "sharing.heard": Way("sharing.follow", {"code": "{allocated_request}"}),
    "sharing.attest": Way("sharing.follow", {"code": "{request}"}, but={Role.COORDINATOR: 403}),  # who files attests
    "sharing.say_living": Way("requests.write", {"code": "{request}"}),
    "sharing.derogate": Way("sharing.allocate", {"code": "{request}"}, {"reason": "urgent"}),
    "sharing.name_machine": Way("sharing.allocate", {"code": "{request}"}, {"tag": "{received}"}, gives=(409,)),
    "sharing.appointment": Way("sharing.book", {"code": "{allocated_request}"}),
    "sharing.book": Way("sharing.book", {"code": "{allocated_request}"}, gives=(404,)),
    "sharing.agenda": Way("sharing.book"),
    "sharing.calendar_file": Way("sharing.book"),
    "sharing.day_sheet": Way(
        "sharing.book", {"day": "2026-11-19"}, writes="the readings of households' files are kept"
    ),
    "sharing.cancel_appointment": Way("sharing.book", {"number": "{appointment}"}),
    "sharing.missed_appointment": Way("sharing.book", {"number": "{appointment}"}, gives=(409,)),  # its hour is to come
    "sharing.desks": Way("sharing.desks"),
    "sharing.desk": Way("sharing.desks", {"place_id": "{partner_id}"}),
    "sharing.open_desk": Way(
        "sharing.desks", {"place_id": "{partner_id}"}, {"minutes": "30", "at_once": "1", "day-1": "9h-11h"}
    ),
    "sharing.close_desk": Way(
        "sharing.desks", {"place_id": "{partner_id}"}, {"first": "2026-12-01", "last": "2026-12-02"}
    ),
    "sharing.repairs": Way("sharing.repair"),
    "sharing.bring_in": Way("sharing.repair", form={"tag": "{out}", "fault": "slow"}),
    "sharing.repair": Way("sharing.repair", {"code": "{repair}"}),
    "sharing.repair_slip": Way("sharing.repair", {"code": "{repair}"}),
    "sharing.repair_mended": Way("sharing.repair", {"code": "{repair}"}),
    "sharing.repair_back": Way("sharing.repair", {"code": "{repair}"}),
    "sharing.payment_receipt": Way(
        "sharing.hand-over", {"tag": "{out}"}, gives=(404,), writes="never here: nothing was paid"
    ),
    "sharing.ask_everyone": Way("sharing.loans"),
    "sharing.loans": Way("sharing.loans"),
    "sharing.ask_family": Way("sharing.loans", {"code": "{out_request}"}, gives=(409,)),  # a gift does not end
    "sharing.answer": Way("sharing.loans", {"code": "{out_request}"}, {"answer": "return"}, gives=(409,)),
    "sharing.silence": Way("sharing.allocate", {"code": "{out_request}"}, gives=(409,)),
    "sharing.tenants": Way("sharing.tenants"),
    "sharing.give_codes": Way("sharing.tenants", form={"programme": "0", "count": "1"}, gives=(404,)),
    "sharing.set_price": Way("sharing.price", form={"programme": "0", "price": "45"}, gives=(404,)),
    "sharing.training": Way("sharing.train"),
    "sharing.open_group": Way("sharing.train", form={"programme": "0:0"}, gives=(404,)),
    "sharing.group": Way("sharing.train", {"code": "{group}"}),
    "sharing.group_sheet": Way("sharing.train", {"code": "{group}"}),
    "sharing.group_meeting": Way("sharing.train", {"code": "{group}"}, {"day": "2099-01-05", "hour": "14:00"}),
    "sharing.group_letters": Way("sharing.train", {"code": "{group}"}, gives=(409,)),  # the meeting has no day yet
    "sharing.group_invitations": Way("sharing.train", {"code": "{group}"}, gives=(409,)),  # its session is over
    "sharing.group_door": Way("sharing.train", {"code": "{group}"}),
    "sharing.group_arrival": Way("sharing.train", {"code": "{group}"}, {"code": "D-1999-0001"}, gives=(409,)),
    "sharing.printed_invitations": Way("sharing.train", {"code": "{group}"}),
    "sharing.training_certificate": Way("sharing.train", {"code": "{group}", "place_id": "1"}, gives=(404,)),
    "sharing.enlist": Way("sharing.train", {"code": "{group}"}, gives=(404,)),
    "sharing.advance": Way("sharing.train", {"code": "{group}"}, gives=(404,)),
    "sharing.attendance": Way("sharing.train", {"code": "{group}"}, gives=(404,)),
    "sharing.learner": Way("sharing.train", {"code": "{group}", "place_id": "1"}, gives=(404,)),
    "sharing.admit": Way("sharing.train", {"code": "{group}", "place_id": "1"}, gives=(404,)),
    "sharing.leave": Way("sharing.train", {"code": "{group}", "place_id": "1"}, gives=(404,)),
    "sharing.review": Way("sharing.train", {"code": "{group}", "place_id": "1"}, gives=(404,)),
    "sharing.level_questions": Way("sharing.train", {"code": "{request}"}, gives=(404,)),
    "sharing.propose_level": Way("sharing.train", {"code": "{request}"}, gives=(404,)),
    "sharing.keep_level": Way("sharing.train", {"code": "{request}"}, gives=(404,)),
    "sharing.certify": Way("sharing.train", {"code": "{group}"}, gives=(404,)),
    "sharing.ask": Way(
        "requests.apply",
        form={"programme": "{project}", "number": "1", "needs": "paperwork", "reach": "mail"},
        refuses=(422,),
    ),
}

SIGN_IN = {
    "sign_in.badge_door": Way("public", gives=(200,)),
    "sign_in.kept": Way("public", gives=(200,)),
    "sign_in.come_in_with_badge": Way("public", gives=(403,)),
    "sign_in.lock": Way("signed-in"),
    "sign_in.my_badge": Way("bench.work"),
    "sign_in.make_my_badge": Way("bench.work", gives=(422,)),
    "sign_in.end_my_badge": Way("bench.work"),
    "sign_in.device_list": Way("bench.devices"),
    "sign_in.register_device": Way("bench.devices", form={"workshop": "{workshop_id}", "name": "Tablette"}),
    "sign_in.end_device": Way("bench.devices", {"device_id": "999999"}, gives=(404,)),
    "sign_in.door": Way("public", gives=(200, 302)),
    "sign_in.come_in": Way("public", gives=(422,)),
    "sign_in.come_in_as": Way("public", {"person_id": "{person}"}, gives=(404,)),
    "sign_in.come_in_as_with_code": Way("public", {"person_id": "{person}"}, gives=(404,)),
    "sign_in.sign_out": Way("signed-in"),
    "sign_in.language": Way("public", form={"lang": "en"}, gives=(302,)),
    "sign_in.mine": Way("signed-in"),
    "sign_in.code": Way(
        "public", gives=(302,), writes="a first secret is made for who owes a code"
    ),  # nobody here owes a code: to the door
    "sign_in.give_code": Way("public", gives=(302,)),
    "sign_in.end_known": Way("signed-in", {"known_id": "999999"}, gives=(404,)),
    "sign_in.new_telephone": Way("signed-in"),
    "sign_in.end_one": Way("signed-in", {"session_id": "{session}"}),
    "sign_in.new_password": Way("signed-in", gives=(422,)),
}

MORE: tuple[tuple[str, Way], ...] = (
    ("bench.machine", _bench("proven")),
    ("bench.machine", _bench("dismantled")),
    ("bench.machine", _bench("coming")),
    ("fleet.leaflet", _bench("lent", "machines.see", but={**NO_LEAFLET, Role.SIGNATORY: 200})),
    ("giving.lot", Way("giving.see", {"code": "{coming_lot}"})),
    ("giving.scan_in", Way("giving.receive", {"code": "{coming_lot}"}, {"tag": "{free_label}"})),
    ("machines.one", Way("machines.look-up", {"tag": "{promised}"})),
    ("machines.one", Way("machines.look-up", {"tag": "{ready}"})),
    ("machines.one", Way("machines.look-up", {"tag": "{allocated}"})),
    ("machines.one", Way("machines.look-up", {"tag": "{lent}"})),
    ("sharing.handing_over", Way("sharing.hand-over", {"tag": "{lent}"}, but=NOT_ON_THEIR_LIST)),
    (
        "sharing.hand_over",
        Way(
            "sharing.hand-over",
            {"tag": "{lent}"},
            {"signature_typed": "Saïd", "bag": "computer"},
            but=NOT_ON_THEIR_LIST,
        ),
    ),
    ("sharing.one_request", Way("requests.see", {"code": "{own_request}"})),
    ("sharing.one_request", Way("requests.see", {"code": "{tenants_request}"}, writes="as above")),
    ("sharing.one_request", Way("requests.see", {"code": "{pupils_request}"}, writes="as above")),
    ("giving.lot", Way("giving.see", {"code": "{past_lot}"})),
    ("giving.slip", Way("giving.see", {"code": "{past_lot}"})),
    ("giving.the_round", Way("giving.collect", {"code": "{past_lot}"}, gives=(302,))),
    ("sharing.one_request", Way("requests.see", {"code": "{allocated_request}"}, writes="as above")),
    ("sharing.one_request", Way("requests.see", {"code": "{out_request}"}, writes="as above")),
)
"""The same endpoints with other things."""

ENDPOINTS: dict[str, tuple[Way, ...]] = {
    endpoint: (way, *(more for other, more in MORE if other == endpoint))
    for room in (
        ADMINISTRATION,
        API,
        BENCH,
        CLASSES,
        REMOTE,
        FLEET,
        GIVING,
        HOME,
        LABELS,
        LOG,
        MACHINES,
        PUBLIC,
        SERIES,
        SHARING,
        SIGN_IN,
    )
    for endpoint, way in room.items()
}
