"""The OpenAPI description of the documents: made from one list of what can be asked."""

from __future__ import annotations

from allocate.inputs.scenario.cells import HOWS
from allocate.inputs.scenario.row_changes import ROW_HOWS

_STEP: dict[str, object] = {
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
_REASON: dict[str, object] = {
    "type": "object",
    "required": ["number", "reason"],
    "properties": {"number": {"type": "integer", "minimum": 1}, "reason": {"type": "string"}},
}
_BASE: dict[str, object] = {
    "type": "object",
    "required": ["scenario_id"],
    "properties": {"scenario_id": {"type": "string"}},
}
_MOVE: dict[str, object] = {
    "type": "object",
    "required": ["offer_id", "space_id"],
    "properties": {name: {"type": "string"} for name in ("offer_id", "space_id")},
}
_GROUPS: dict[str, object] = {
    "type": "object",
    "required": ["groups"],
    "properties": {"groups": {"type": "string", "description": "one a line"}},
}
_SAVE: dict[str, object] = {
    "type": "object",
    "required": ["scenario_id", "title", "reason"],
    "properties": {name: {"type": "string"} for name in ("scenario_id", "title", "reason")},
}
# Path, method, what it does, parameters of the query, body.
_ASKED: tuple[tuple[str, str, str, tuple[str, ...], dict[str, object] | None], ...] = (
    ("/api/t/{desk}/state", "get", "The working copy: base, steps, version", (), None),
    ("/api/t/{desk}/steps", "post", "One change row more; answers with the preview", (), _STEP),
    ("/api/t/{desk}/reason", "post", "Another reason for one of the steps", (), _REASON),
    ("/api/t/{desk}/undo", "post", "Take the last step back", (), None),
    ("/api/t/{desk}/redo", "post", "Do the step undone last again", (), None),
    ("/api/t/{desk}/base", "post", "Back to a scenario without steps", (), _BASE),
    ("/api/t/{desk}/answer", "get", "The certified plan of a version, or that it is stale", ("version",), None),
    (
        "/api/t/{desk}/controls",
        "get",
        "The sliders of one kind, those with these words in their names",
        ("kind", "words"),
        None,
    ),
    ("/api/t/{desk}/range", "get", "Between which values of a number a plan exists", ("kind", "key"), None),
    ("/api/t/{desk}/move", "post", "Move an offer to another space; answers with the preview", (), _MOVE),
    (
        "/api/t/{desk}/hand",
        "post",
        "Set all offers to their capacities in the plan; answers with the preview",
        (),
        None,
    ),
    ("/api/t/{desk}/run", "get", "The document of allocate run", (), None),
    ("/api/t/{desk}/compare", "get", "The document of allocate compare", ("with",), None),
    (
        "/api/t/{desk}/crossed",
        "get",
        "A measure of scenarios and today by two dimensions at once",
        ("with", "rows", "columns", "of"),
        None,
    ),
    ("/api/t/{desk}/conflicts", "get", "The document of allocate conflicts", (), None),
    (
        "/api/t/{desk}/ask/{question}",
        "get",
        "The document of the command that answers a question, of one of the scenarios side by side",
        ("about", "of", "with", "version"),
        None,
    ),
    (
        "/api/t/{desk}/voices",
        "get",
        "Whether a round of participation is open, its code, its ballots by group",
        (),
        None,
    ),
    ("/api/t/{desk}/voices", "post", "Open a round of participation", (), _GROUPS),
    ("/api/t/{desk}/voices", "delete", "Close the round and forget its ballots", (), None),
    ("/api/t/{desk}/voices/plans", "get", "The document of allocate participation for the ballots so far", (), None),
    ("/api/t/{desk}/save", "post", "Save the steps as a scenario in a new copy of the case", (), _SAVE),
    ("/api/t/{desk}/files/{kind}", "post", "Begin making a report, pdf, paper or workbook", (), None),
    ("/api/files/{job}", "get", "How far a file is", (), None),
    ("/api/files/{job}", "delete", "Stop making a file", (), None),
    ("/api/files/{job}/content", "get", "The file", (), None),
)
_ANSWERS = {
    "200": {"description": "The answer"},
    "404": {"description": "There is no such working copy or file"},
    "422": {"description": "The request cannot be answered; the message says why and what to do"},
}


def described(version: str) -> dict[str, object]:
    """The description as OpenAPI 3.1."""
    paths: dict[str, dict[str, object]] = {}
    for path, method, summary, query, body in _ASKED:
        inside = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        parameters = [
            *({"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in inside),
            *({"name": name, "in": "query", "schema": {"type": "string"}} for name in query),
        ]
        operation: dict[str, object] = {"summary": summary, "parameters": parameters, "responses": _ANSWERS}
        if body is not None:
            operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
        paths.setdefault(path, {})[method] = operation
    return {"openapi": "3.1.0", "info": {"title": "allocate", "version": version}, "paths": paths}
