"""Laws of paths over several years."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from allocate.analyses.transition.horizon import Span, horizon
from allocate.analyses.transition.solve_path import solve
from allocate.session import Session
from allocate.solve.solution import Limits
from tests.reference.path_book import path_value
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


@settings(max_examples=8)
@given(
    town_tables(), st.sampled_from(["A", "B"]), st.sampled_from(["yes", "50 %", "no"]), st.sampled_from([None, 0.3]),
    st.floats(0.6, 1.4),
)  # fmt: skip
def test_a_textbook_of_several_years_finds_the_same_path(
    tables: Tables, scenario: str, carry: str, step: float | None, later: float
) -> None:
    """Carry-over, largest step, dearer years and other amounts, once more in plain PuLP."""
    # Of a town in which nothing is demanded the textbook says that everybody is covered, the measures that nobody is.
    assume(any(row["demand"] for row in tables["demand"]))
    pots = [{**pot, "carry_over": carry} for pot in tables["pots"]]
    case = case_of(
        {
            **tables,
            "pots": pots,
            "scenarios": [{**row, "max_step": step} for row in tables["scenarios"]],
            "pot_years": [{"pot_id": pots[0]["pot_id"], "year": 2028, "amount": float(str(pots[0]["amount"])) * later}],
            "parameters": [
                *tables.get("parameters", []),
                {"parameter": "plan_year", "value": 2027},
                {"parameter": "cost_growth", "value": 0.02},
            ],
        }
    )
    ahead = horizon(case, scenario, Span(YEARS[:2], 12 * YEARS[0]))
    kept = dict(zip(case["pots"]["pot_id"], ahead.links.kept.tolist(), strict=True))
    again, found = path_value(ahead.variants, YEARS[:2], kept), solve(ahead, Limits())
    if again is None:
        assert found is None or found.missed
    else:
        assert found is not None and not found.missed
        assert found.value == pytest.approx(again, abs=1e-7)
