"""The OpenAPI description of the documents: made from one list of what can be asked."""

from __future__ import annotations

from typing import NamedTuple

from allocate.inputs.scenario.cells import HOWS
from allocate.inputs.scenario.row_changes import ROW_HOWS
from allocate.plain import Spec

_STEP: Spec = {
    "type": "object",
    "properties": {
        "table": {"type": "string", "example": "pots"},
        "key": {"type": "string", "example": "P1"},
        "column": {"type": "string", "example": "amount"},
        "how": {"type": "string", "enum": [*HOWS, *ROW_HOWS]},
        "value": {"type": "string", "example": "950000"},
        "reason": {"type": "string"},
        "steps": {"type": "array", "items": {"type": "object"}, "description": "several steps at once"},
    },
}
_REASON: Spec = {
    "type": "object",
    "required": ["number", "reason"],
    "properties": {"number": {"type": "integer", "minimum": 1}, "reason": {"type": "string"}},
}
_GROUPS: Spec = {
    "type": "object",
    "required": ["groups"],
    "properties": {"groups": {"type": "string", "description": "one a line"}},
}


def _texts(*names: str) -> Spec:
    """A body of some texts, all of which are needed."""
    return {"type": "object", "required": list(names), "properties": {name: {"type": "string"} for name in names}}


_MOVE, _SAVE = _texts("offer_id", "space_id"), _texts("scenario_id", "title", "reason")


class _Asked(NamedTuple):
    """What can be asked: path, method, what it does, parameters of the query, body."""

    path: str
    method: str
    summary: str
    query: tuple[str, ...] = ()
    body: Spec | None = None


_ASKED = (
    _Asked("/api/t/{desk}/state", "get", "The working copy: base, steps, version"),
    _Asked("/api/t/{desk}/steps", "post", "One change row more; answers with the preview", body=_STEP),
    _Asked("/api/t/{desk}/reason", "post", "Another reason for one of the steps", body=_REASON),
    _Asked("/api/t/{desk}/undo", "post", "Take the last step back"),
    _Asked("/api/t/{desk}/redo", "post", "Do the step undone last again"),
    _Asked("/api/t/{desk}/base", "post", "Back to a scenario without steps", body=_texts("scenario_id")),
    _Asked("/api/t/{desk}/answer", "get", "The certified plan of a version, or that it is stale", ("version",)),
    _Asked(
        "/api/t/{desk}/controls",
        "get",
        "The sliders of one kind, those with these words in their names",
        ("kind", "words"),
    ),
    _Asked("/api/t/{desk}/range", "get", "Between which values of a number a plan exists", ("kind", "key")),
    _Asked("/api/t/{desk}/move", "post", "Move an offer to another space; answers with the preview", body=_MOVE),
    _Asked("/api/t/{desk}/hand", "post", "Set all offers to their capacities in the plan; answers with the preview"),
    _Asked("/api/t/{desk}/run", "get", "The document of allocate run"),
    _Asked("/api/t/{desk}/compare", "get", "The document of allocate compare", ("with",)),
    _Asked(
        "/api/t/{desk}/crossed",
        "get",
        "A measure of scenarios and today by two dimensions at once",
        ("with", "rows", "columns", "of"),
    ),
    _Asked("/api/t/{desk}/conflicts", "get", "The document of allocate conflicts"),
    _Asked(
        "/api/t/{desk}/ask/{question}",
        "get",
        "The document of the command that answers a question, of one of the scenarios side by side",
        ("about", "of", "with", "version"),
    ),
    _Asked("/api/t/{desk}/voices", "get", "Whether a round of participation is open, its code, its ballots by group"),
    _Asked("/api/t/{desk}/voices", "post", "Open a round of participation", body=_GROUPS),
    _Asked("/api/t/{desk}/voices", "delete", "Close the round and forget its ballots"),
    _Asked("/api/t/{desk}/voices/plans", "get", "The document of allocate participation for the ballots so far"),
    _Asked("/api/t/{desk}/save", "post", "Save the steps as a scenario in a new copy of the case", body=_SAVE),
    _Asked("/api/t/{desk}/files/{kind}", "post", "Begin making a report, pdf, paper or workbook"),
    _Asked("/api/files/{job}", "get", "How far a file is"),
    _Asked("/api/files/{job}", "delete", "Stop making a file"),
    _Asked("/api/files/{job}/content", "get", "The file"),
)
_ANSWERS = {
    "200": {"description": "The answer"},
    "404": {"description": "There is no such working copy or file"},
    "422": {"description": "The request cannot be answered; the message says why and what to do"},
}


def described(version: str) -> Spec:
    """The description as OpenAPI 3.1."""
    paths: dict[str, Spec] = {}
    for path, method, summary, query, body in _ASKED:
        inside = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        parameters = [
            *({"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in inside),
            *({"name": name, "in": "query", "schema": {"type": "string"}} for name in query),
        ]
        operation: Spec = {"summary": summary, "parameters": parameters, "responses": _ANSWERS}
        if body is not None:
            operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
        paths.setdefault(path, {})[method] = operation
    return {"openapi": "3.1.0", "info": {"title": "allocate", "version": version}, "paths": paths}
