"""The table of endpoints is whole, and says of each what the code asks."""

from __future__ import annotations

from ordi.parties.access import ACCESS, CASEWORK
from ordi.parties.people import Role
from tests.access.endpoints import ENDPOINTS
from tests.access.stage import Stage
from web.guards import permission_of

BY_ROLE = {role: {name for name, roles in ACCESS.items() if role in roles} for role in Role}


def test_every_endpoint_has_its_line_in_the_table(stage: Stage) -> None:
    known = {rule.endpoint for rule, _method in stage.rules()} - {"static"}
    missing, gone = sorted(known - set(ENDPOINTS)), sorted(set(ENDPOINTS) - known)
    assert not missing, f"add a line to tests/access/endpoints.py for each of {missing}: how is it walked, who may?"
    assert not gone, f"no such endpoint any more: take {gone} out of tests/access/endpoints.py"


def test_every_endpoint_asks_for_the_permission_that_the_table_names(stage: Stage) -> None:
    asked = {endpoint: permission_of(stage.app, endpoint) for endpoint in ENDPOINTS}
    unnamed = sorted(endpoint for endpoint, name in asked.items() if name is None)
    assert not unnamed, f"these name no permission, and so answer nobody: {unnamed}"
    other = [
        f"{endpoint} asks for {asked[endpoint]}, the table says {way.asks}"
        for endpoint, ways in ENDPOINTS.items()
        for way in ways
        if way.asks != asked[endpoint]
    ]
    assert not other, "\n".join(other)


def test_every_address_part_is_filled_by_the_table(stage: Stage) -> None:
    wrong = [
        f"{rule.endpoint}: {rule.rule} takes {sorted(rule.arguments)}, the table fills {sorted(way.path)}"
        for rule, _method in stage.rules()
        for way in ENDPOINTS.get(rule.endpoint, ())
        if not rule.arguments <= set(way.path) and len(list(stage.app.url_map.iter_rules(rule.endpoint))) == 1
    ]
    assert not wrong, "\n".join(wrong)


def test_the_gets_that_write_are_these_and_no_other(stage: Stage) -> None:
    marked = {name for name, view in stage.app.view_functions.items() if getattr(view, "writes", False)}
    assert marked == {
        "api.jobs",  # takes the counter of the request's signature
        "api.session_state",
        "classes.names",
        "classes.sheet",
        "classes.table",
        "classes.ends",
        "classes.one",  # keeps the readings of the families of a list
        "messages.letters_file",  # keeps the readings of households' files
        "privacy.file",  # keeps the reading of a household's file
        "privacy.paper",
        "privacy.as_json",
        "sharing.day_sheet",
        "sharing.payment_receipt",
        "sharing.handing_over",  # keeps the reading of a household's file
        "sharing.one_request",
        "sharing.one_visit",  # keeps the reading of a family's words and address
        "sharing.receipt",
        "sharing.return_receipt",
        "sign_in.code",  # makes the first secret of who owes a code
    }


def test_a_volunteer_recognises_labels_and_does_nothing_else() -> None:
    assert BY_ROLE[Role.VOLUNTEER] == {"machines.look-up"}


def test_a_funder_reads_figures_and_nothing_else() -> None:
    assert BY_ROLE[Role.FUNDER] == {"network.figures"}


def test_an_administrator_opens_no_household_and_no_request() -> None:
    assert not [
        name for name in BY_ROLE[Role.ADMINISTRATOR] if name.startswith(("requests.", "households.", "sharing."))
    ]


def test_a_household_is_read_by_its_service_and_the_coordinator_alone() -> None:
    assert ACCESS["households.read"] == CASEWORK | {Role.COORDINATOR}


def test_an_auditor_and_an_administrator_act_on_no_machine() -> None:
    acts = (
        *("bench.", "labels.", "giving.offer", "giving.decide", "giving.collect", "giving.receive", "sharing."),
        *("fleet.enrol", "fleet.help", "requests."),
    )
    for role in (Role.AUDITOR, Role.ADMINISTRATOR):
        assert not [name for name in BY_ROLE[role] if name.startswith(acts)], role


def test_a_driver_counts_and_signs_and_reads_no_request() -> None:
    assert BY_ROLE[Role.DRIVER] == {"machines.look-up", "machines.see", "giving.see", "giving.collect"}


def test_a_donor_offers_and_reads_outcomes_and_certificates() -> None:
    assert BY_ROLE[Role.DONOR_CONTACT] == {
        "machines.look-up",
        "machines.see",
        "machines.list",
        "giving.offer",
        "giving.see",
        "certificates.see",
    }


def test_only_a_lead_destroys_and_checks_a_second_time() -> None:
    assert ACCESS["bench.destroy"] == ACCESS["bench.counter-check"] == {Role.LEAD}
