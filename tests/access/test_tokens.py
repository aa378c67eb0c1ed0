"""Programs: a token reads its own organisation by its own scope, a machine speaks for itself, and both only while they hold."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from agent.signing import Signer
from tests.access.endpoints import API
from tests.access.players import BY_NAME, ELSEWHERE, NEXT_DOOR, OURS
from tests.access.stage import Answer, Stage


def bear(stage: Stage, which: str, address: str) -> Answer:
    """A GET with a token."""
    return stage.visit(None, "GET", address, headers={"Authorization": f"Bearer {stage.worlds.api[which]}"})


def tags(answer: Answer) -> set[str]:
    """The machines an answer lists."""
    return {one["tag"] for one in json.loads(answer.said.partition("\n\n")[2])["machines"]}


@pytest.mark.parametrize("which", ["another scope", "expired", "ends now", "revoked"])
def test_a_token_that_does_not_hold_opens_nothing_and_answers_like_no_token(stage: Stage, which: str) -> None:
    ready = stage.worlds.things[OURS]["ready"].value
    for address in ("/api/v1/machines", f"/api/v1/machines/{ready}"):
        refused, none = bear(stage, which, address), stage.visit(None, "GET", address)
        assert refused.status == none.status == 401
        assert refused.kind == none.kind == "application/problem+json"
        assert refused.said == none.said


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer ordi_x", "Basic b3JkaTpvcmRp", "bearer null"])
def test_what_is_no_token_opens_nothing(stage: Stage, header: str) -> None:
    assert stage.visit(None, "GET", "/api/v1/machines", headers={"Authorization": header}).status == 401


def test_a_session_of_a_person_is_no_token(stage: Stage) -> None:
    assert stage.visit(BY_NAME["administrator"], "GET", "/api/v1/machines").status == 401


def test_a_token_in_the_address_is_no_token(stage: Stage) -> None:
    secret = stage.worlds.api["ours"]
    assert stage.visit(None, "GET", f"/api/v1/machines?token={secret}&access_token={secret}").status == 401


@pytest.mark.parametrize(
    ("which", "sees"),
    [("ours", {OURS}), ("our pole", {OURS, NEXT_DOOR}), ("our donor", {OURS}), ("elsewhere", {ELSEWHERE})],
)
def test_a_token_reads_the_machines_of_its_organisation_alone(stage: Stage, which: str, sees: set[str]) -> None:
    listed = tags(bear(stage, which, "/api/v1/machines"))
    for world, things in stage.worlds.things.items():
        tag = things["ready"].value
        assert (tag in listed) is (world in sees), world
        one = bear(stage, which, f"/api/v1/machines/{tag}")
        assert one.status == (200 if world in sees else 404)
    never = bear(stage, which, "/api/v1/machines/ZZZZZZ-Z")
    assert never.status == 404


def test_a_partners_token_reads_what_is_out_with_it_and_no_stock(stage: Stage) -> None:
    things = stage.worlds.things[OURS]
    listed = tags(bear(stage, "our partner", "/api/v1/machines"))
    assert {things["out"].value, things["allocated"].value} <= listed
    assert things["ready"].value not in listed


def test_a_token_tells_no_serial_no_person_no_donor_and_no_family(stage: Stage) -> None:
    quiet = (
        *("a household", "a household's code", "a request", "a machine's serial number", "a drive's serial number"),
        *("a donor's name", "a partner's name", "somebody's name", "a shelf", "a lot", "a note to the workshop"),
    )
    things = stage.worlds.things[OURS]
    for name in ("ready", "out", "proven"):
        said = bear(stage, "ours", f"/api/v1/machines/{things[name].value}").squeezed
        for kind in quiet:
            assert not [word for word in stage.canaries[OURS, kind] if word in said], (name, kind)


@pytest.mark.parametrize("endpoint", sorted(name for name, way in API.items() if way.asks == "machine"))
def test_a_machine_that_does_not_sign_is_refused_with_a_problem_document(stage: Stage, endpoint: str) -> None:
    rule, method = next((rule, method) for rule, method in stage.rules() if rule.endpoint == endpoint)
    address = stage.address(rule, API[endpoint].filled(API[endpoint].path, stage.worlds.things[OURS]))
    for player in (None, BY_NAME["lead"], BY_NAME["administrator"]):
        for headers in ({}, {"Signature": "ordi=:AAAA:", "Signature-Input": 'ordi=("@method")'}):
            answer = stage.visit(player, method, address, headers=headers, data=b"{}", content_type="application/json")
            assert (answer.status, answer.kind) == (401, "application/problem+json"), (player, headers)
            assert not answer.wrote


class Counter:
    """A machine's counter at its first request."""

    def next(self) -> int:
        """The number of this request."""
        return 1


def send(stage: Stage, world: str, method: str, path: str, message: dict[str, object] | None) -> Answer:
    """A request signed by the live system that wipes in a world."""
    body = json.dumps(message).encode() if message is not None else b""
    signer = Signer(stage.worlds.keys[world], Counter())  # type: ignore[arg-type]
    headers = signer.headers(method, f"http://localhost{path}", body)
    return stage.visit(None, method, path, headers=headers, data=body)


def news(job: str) -> dict[str, object]:
    """A message about a job."""
    told: dict[str, object] = {"uuid": str(uuid4()), "job": job, "seq": 1, "phase": "writing"}
    return told | {"bytes": 1, "total": 65536, "monotonic_ms": 5}


def test_a_live_system_tells_how_its_own_job_goes_and_never_anothers(stage: Stage) -> None:
    own, theirs = (stage.worlds.things[world]["job"].value for world in (OURS, ELSEWHERE))
    assert send(stage, OURS, "POST", f"/api/v1/jobs/{own}/progress", news(own)).status == 200
    never = str(uuid4())
    for path, body in ((theirs, theirs), (own, theirs), (theirs, own), (never, never)):
        refused = send(stage, OURS, "POST", f"/api/v1/jobs/{path}/progress", news(body))
        assert refused.status in (404, 409), (path, body)
        assert "wipe_jobs" not in refused.changed
        answers: dict[str, object] = {"uuid": str(uuid4()), "job": body, "answers": []}
        assert send(stage, OURS, "POST", f"/api/v1/jobs/{path}/answers", answers).status in (404, 409)


def test_a_live_system_hears_of_its_own_session_and_jobs_alone(stage: Stage) -> None:
    own, theirs = (stage.worlds.things[world] for world in (OURS, ELSEWHERE))
    assert own["wiping"].value in send(stage, OURS, "GET", f"/api/v1/sessions/{own['bench'].value}", None).said
    refused = send(stage, OURS, "GET", f"/api/v1/sessions/{theirs['bench'].value}", None)
    assert refused.status == 404
    assert theirs["wiping"].value not in refused.said
    jobs = json.loads(send(stage, OURS, "GET", "/api/v1/jobs", None).said.partition("\n\n")[2])
    assert len(jobs["jobs"]) == 1
