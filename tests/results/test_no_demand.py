"""A town in which nothing is demanded has no coverage: neither none of it nor all of it."""

from __future__ import annotations

import math

import pytest

from allocate.checking.opening import read_case
from allocate.session import Session
from tests.conftest import TINY


@pytest.mark.parametrize("scenario", ["today", "silo", "sites"])
def test_coverage_of_nothing_is_unknown_and_said(scenario: str) -> None:
    case = read_case(TINY)
    plan = Session(case.with_tables(demand=case["demand"].assign(demand=0.0))).run(scenario)
    measures = plan.measures
    assert measures is not None
    assert math.isnan(measures.weighted_coverage)
    assert math.isnan(measures.lowest_space_coverage)
    assert measures.coverage_value == 0
    assert math.isfinite(plan.objective)
    shown = plan.to_json("en")
    assert isinstance(shown["measures"], dict)
    assert shown["measures"]["weighted_coverage"] is None
    assert shown["measures"]["lowest_space_coverage"] is None
    assert "No demand" in plan.message("en")
    assert "Kein Bedarf" in plan.message("de")
    assert "coverage" not in repr(plan)


def test_coverage_of_something_is_a_share() -> None:
    plan = Session(read_case(TINY)).run("silo")
    assert plan.measures is not None
    assert 0 < plan.measures.weighted_coverage < 1
    assert "demand" not in plan.message("en")
