"""Reading a request's body: bounded, UTF-8, JSON, of the shape asked. Each failure is a refusal that says why."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from ordi.errors import Invalid
from ordi.machines.reports import LARGEST_BODY

_Model = TypeVar("_Model", bound=BaseModel)


class BadBody(Invalid):
    """The body cannot be read; `why`: too-large, not-utf8, not-json, too-deep, not-an-object, wrong-shape."""

    code = "bad-body"


def the_body(largest: int = LARGEST_BODY) -> bytes:
    """The request's bytes. Raises `BadBody` above `largest`."""
    if (request.content_length or 0) > largest:
        raise BadBody(why="too-large", largest=largest)
    request.max_content_length = largest
    try:
        return request.get_data(cache=True)
    except RequestEntityTooLarge:
        raise BadBody(why="too-large", largest=largest) from None


def the_object(body: bytes) -> dict[str, Any]:
    """The body as a JSON object. Raises `BadBody`."""
    try:
        told = json.loads(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise BadBody(why="not-utf8") from None
    except RecursionError:
        raise BadBody(why="too-deep") from None
    except ValueError:
        raise BadBody(why="not-json") from None
    if not isinstance(told, dict):
        raise BadBody(why="not-an-object")
    return told


def shaped(model: type[_Model], body: bytes) -> _Model:
    """The body as `model` says. Raises `BadBody` naming the first fields that do not fit."""
    return shaped_object(model, body)[0]


def shaped_object(model: type[_Model], body: bytes) -> tuple[_Model, dict[str, Any]]:
    """The body as `model` says, and the object it came as: read once. Raises `BadBody`."""
    told = the_object(body)
    try:
        return model.model_validate(told), told
    except ValidationError as error:
        wrong = [".".join(str(part) for part in one["loc"])[:60] for one in error.errors()[:8]]
        raise BadBody(why="wrong-shape", fields=wrong) from None
