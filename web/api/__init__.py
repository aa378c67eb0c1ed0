"""The API (`/api/v1`): machines sign each request, integrations bear a token. docs/protocol.md tells what is said."""

from flask import Blueprint

blueprint = Blueprint("api", __name__, url_prefix="/api")

from web.api import evidence, jobs, log, machines, openapi, resident, sanitisations, sessions, trials  # noqa: E402, F401
