"""Laws of paths over several years."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.analyses.transition.horizon import Span, horizon
from allocate.analyses.transition.solve_path import solve
from allocate.session import Session
from allocate.solve.solution import Limits
from tests.strategies import Tables, case_of, town_tables

YEARS = (2027, 2028, 2029)


@settings(max_examples=8)
@given(town_tables(), st.sampled_from(["A", "B"]))
def test_a_path_of_one_year_is_the_plan_of_that_year(tables: Tables, scenario: str) -> None:
    case = case_of(tables)
    plan = Session(case).run(scenario)
    found = solve(horizon(case, scenario, Span(YEARS[:1], 12 * YEARS[0])), Limits())
    assert found is not None
    assert found.value == pytest.approx(plan.objective, abs=1e-7)
    assert found.plans[0].offers["capacity"].tolist() == pytest.approx(plan.offers["capacity"].tolist(), abs=1e-5)


@settings(max_examples=6)
@given(town_tables(), st.sampled_from(YEARS), st.floats(1.0, 2.0), st.booleans())
def test_more_money_in_a_year_never_makes_a_path_worse(tables: Tables, year: int, factor: float, carry: bool) -> None:
    pots = [{**pot, "carry_over": "yes" if carry else "no"} for pot in tables["pots"]]
    plain = {
        **tables,
        "pots": pots,
        "parameters": [*tables.get("parameters", []), {"parameter": "plan_year", "value": 2027}],
    }
    first = pots[0]
    stated = [{"pot_id": first["pot_id"], "year": one, "amount": first["amount"]} for one in YEARS]
    more = [{**row, "amount": float(str(row["amount"])) * (factor if row["year"] == year else 1)} for row in stated]
    values = []
    for rows in (stated, more):
        case = case_of({**plain, "pot_years": rows})
        found = solve(horizon(case, "B", Span(YEARS, 12 * YEARS[0])), Limits())
        assert found is not None
        values.append(found.value)
    assert values[1] >= values[0] - 1e-7
