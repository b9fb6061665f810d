"""Odd requests of every kind that the description allows and many that it does not: a sentence, never a fault."""

from __future__ import annotations

import random

import pytest

from allocate.web.openapi import described
from tests.web.conftest import Visitor

ODD = (
    "", " ", "0", "-1", "1e400", "nan", "P1", "P1|P2", "*", "..", "../../etc/passwd", "working", "a" * 5000,
    "\u202e", "\x00",
    "<script>", "'", '"', "%", "A", "silo", "offers", "pots", "amount", "💶", "{{7*7}}", "hand", "S1|N1", "moved",
)  # fmt: skip
BODIES = (
    b"", b"null", b"[]", b"{", b"[" * 20_000, b'"x"', b"\xff\xfe", b"1e999", b'{"steps": 1}', b'{"steps": []}',
    b'{"steps": [1]}', b'{"number": 1e400, "reason": "x"}', b'{"scenario_id": {"a": 1}}',
    b'{"table": "pots", "key": ["P1"], "column": null, "value": true}', b'{"table": "scenarios", "column": "pooling"}',
)  # fmt: skip


def test_no_odd_request_is_a_fault(visitor: Visitor) -> None:
    draw = random.Random(7)
    paths = described("x")["paths"]
    assert isinstance(paths, dict)
    asked = 0
    for path, methods in paths.items():
        for method, operation in methods.items():
            for _ in range(4):
                address = path.replace("{desk}", visitor.desk)
                query: dict[str, str] = {}
                for one in operation["parameters"]:
                    if one["in"] == "query":
                        query[one["name"]] = draw.choice(ODD)
                    elif one["name"] != "desk":
                        address = address.replace(f"{{{one['name']}}}", draw.choice(ODD).strip("./\x00 ") or "x")
                body = draw.choice(BODIES) if "requestBody" in operation else None
                answer = visitor.client.request(method.upper(), address, params=query, content=body)
                asked += 1
                assert answer.status_code in (200, 303, 404, 405, 422), (method, address, query, body)
                if answer.status_code == 422:
                    assert answer.json()["error"]["message"], (address, body)
    assert asked > 80


def test_an_odd_body_changes_nothing(visitor: Visitor) -> None:
    for body in BODIES:
        for path in ("steps", "reason", "base", "save", "move", "voices"):
            answer = visitor.client.post(f"/api/t/{visitor.desk}/{path}", content=body)
            assert answer.status_code == 422, (path, body)
    assert visitor.get("state").json()["steps"] == []


def test_an_odd_step_is_a_sentence(visitor: Visitor) -> None:
    for value in ODD:
        for step in (
            {"table": value, "key": "P1", "column": "amount", "value": "x"},
            {"table": "pots", "key": value, "column": "amount", "value": "x"},
            {"table": "pots", "key": "P1", "column": value, "value": "x"},
        ):
            assert visitor.client.post(f"/api/t/{visitor.desk}/steps", json=step).status_code == 422, step
    assert visitor.get("state").json()["steps"] == []


@pytest.mark.parametrize("page", ["data", "check", "take", "play", "voices", "compare"])
def test_odd_addresses_of_pages_are_no_fault(visitor: Visitor, page: str) -> None:
    for value in ODD:
        query = dict.fromkeys(("table", "with", "by", "lang", "view", "row", "column"), value)
        answer = visitor.client.get(f"/t/{visitor.desk}/{page}", params=query)
        assert answer.status_code in (200, 404, 422), (page, value)
