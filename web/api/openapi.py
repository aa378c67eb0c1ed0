"""`GET /api/openapi.json`: the API described in OpenAPI 3.1, made from the same shapes that requests are checked against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from ordi.bench.facts import WipeFacts
from web.api import blueprint
from web.api import messages as m
from web.guards import permission


@dataclass(frozen=True)
class Operation:
    """One method on one path."""

    method: str
    path: str
    summary: str
    security: tuple[str, ...]
    answer: type[BaseModel]
    body: type[BaseModel] | None = None
    status: int = 201
    queries: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    """Queries without which there is no answer."""


ANYONE: tuple[str, ...] = ()
SIGNED, BEARER = ("httpSignature",), ("bearer",)
OPERATIONS = (
    Operation("post", "/api/v1/sessions", "Open a bench session", SIGNED, m.Welcome, m.Hello),
    Operation("get", "/api/v1/sessions/{session}", "How a session stands", SIGNED, m.SessionState, status=200),
    Operation(
        "post", "/api/v1/sessions/{session}/trial", "A page of trials for its machine", SIGNED, m.TrialKey, m.Message
    ),
    Operation("get", "/api/v1/trial", "What the page of trials asks", BEARER, m.TrialState, status=200),
    Operation("post", "/api/v1/trial", "What was found on the machine itself", BEARER, m.TrialState, m.TrialResult),
    Operation(
        *(
            "post",
            "/api/v1/evidence",
            "Leave an inventory; with format=glpi, ereuse, lshw, dmidecode or smartctl, that tool's own file",
        ),
        *((*SIGNED, *BEARER), m.EvidenceReceipt, m.EvidenceReport),
        queries=("format", "tag"),
    ),
    Operation("get", "/api/v1/jobs", "The open jobs of a session", SIGNED, m.JobList, status=200),
    Operation(
        "post", "/api/v1/jobs/{job}/progress", "How far a job has come", SIGNED, m.ProgressAnswer, m.Progress, 200
    ),
    Operation("post", "/api/v1/jobs/{job}/answers", "Answer a challenge", SIGNED, m.VerdictAnswer, m.Answers),
    Operation("post", "/api/v1/sanitisations", "The facts of a wipe", (*SIGNED, *BEARER), m.CommitAnswer, WipeFacts),
    Operation("post", "/api/v1/enrolments", "A machine's first start", SIGNED, m.EnrolmentAnswer, m.EnrolmentRequest),
    Operation("post", "/api/v1/check-ins", "News from a machine in use", SIGNED, m.CheckInAnswer, m.Message),
    Operation(
        "get", "/api/v1/machines", "Machines, a page", BEARER, m.MachinePage, status=200, queries=("after", "state")
    ),
    Operation("get", "/api/v1/machines/{tag}", "One machine", BEARER, m.MachineSummary, status=200),
    Operation("get", "/api/v1/keys", "Our public keys", ANYONE, m.KeySet, status=200),
    Operation("get", "/api/v1/log/head", "The newest head of the public log", ANYONE, m.LogHead, status=200),
    Operation(
        "get",
        "/api/v1/log/inclusion",
        "That an entry is in the log",
        ANYONE,
        m.InclusionProof,
        status=200,
        needs=("leaf",),
        queries=("size",),
    ),
    Operation(
        "get",
        "/api/v1/log/consistency",
        "That a log grew from another",
        ANYONE,
        m.ConsistencyProof,
        status=200,
        needs=("from",),
        queries=("to",),
    ),
)


@blueprint.get("/openapi.json")
@permission("public")
def openapi() -> dict[str, Any]:
    """The description itself."""
    models = {model for one in OPERATIONS for model in (one.answer, one.body) if model is not None} | {m.Problem}
    ordered = sorted(models, key=lambda model: model.__name__)
    _, schemas = models_json_schema(
        [(model, "validation") for model in ordered], ref_template="#/components/schemas/{model}"
    )
    paths: dict[str, dict[str, Any]] = {}
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method] = _described(one)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Ordi", "version": "1", "description": "docs/protocol.md"},
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "httpSignature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Signature-Input",
                    "description": "RFC 9421, Ed25519, the one profile of docs/protocol.md",
                },
            },
        },
    }


def _described(one: Operation) -> dict[str, Any]:
    def content(model: type[BaseModel], media: str = "application/json") -> dict[str, Any]:
        return {media: {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}

    refusal = {"description": "Refused", "content": content(m.Problem, "application/problem+json")}
    names = [part[1:-1] for part in one.path.split("/") if part.startswith("{")]
    described: dict[str, Any] = {
        "operationId": f"{one.method}-{one.path.removeprefix('/api/v1/')}",
        "summary": one.summary,
        "security": [{name: []} for name in one.security],
        "responses": {
            str(one.status): {"description": "Done", "content": content(one.answer)},
            "4XX": refusal,
        },
    }
    parameters = [{"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in names]
    parameters += [{"name": n, "in": "query", "required": True, "schema": {"type": "string"}} for n in one.needs]
    parameters += [{"name": n, "in": "query", "required": False, "schema": {"type": "string"}} for n in one.queries]
    if parameters:
        described["parameters"] = parameters
    if one.body is not None:
        described["requestBody"] = {"required": True, "content": content(one.body)}
    return described
