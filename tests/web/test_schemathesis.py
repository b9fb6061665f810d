"""What the description of the page promises, asked by Schemathesis: requests drawn from it end as it says.

    uv run --with schemathesis pytest -n 0 tests/web/test_schemathesis.py

Schemathesis is no dependency of ours: it brings two dozen packages. Where it is not there, ``test_fuzz.py`` asks alone.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allocate.web.openapi import described
from tests.web.conftest import Visitor

schemathesis = pytest.importorskip("schemathesis")
# Making whole reports and opening rounds have journeys of their own.
LEFT_OUT = ("/files", "/voices", "/save")


def operations() -> list[Any]:
    """The operations of the description that answer at once."""
    schema = schemathesis.openapi.from_dict(described("x"))
    found = [result.ok() for result in schema.get_all_operations()]
    return [one for one in found if not any(part in one.path for part in LEFT_OUT)]


@pytest.mark.parametrize("operation", operations(), ids=lambda one: f"{one.method} {one.path}")
def test_a_request_drawn_from_the_description_ends_as_it_says(operation: Any, visitor: Visitor) -> None:
    stated = {int(code) for code in operation.definition.raw["responses"]}

    @settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def asked(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy())
        case.path_parameters = {**(case.path_parameters or {}), "desk": visitor.desk}
        body = {"json": case.body} if "requestBody" in operation.definition.raw else {}
        answer = visitor.client.request(operation.method.upper(), case.formatted_path, params=case.query, **body)
        assert answer.status_code in stated, (operation.path, case.query, body, answer.text[:300])
        if answer.status_code == 422:
            assert answer.json()["error"]["message"]

    asked()
