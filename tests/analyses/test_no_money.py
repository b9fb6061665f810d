"""A town whose pots are empty is a strange one, and still every analysis answers."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from allocate.analyses.comparison.compare import compare
from allocate.analyses.duplication.made_visible import duplication
from allocate.analyses.fairness.covered_how_well import fairness
from allocate.analyses.silos.integration import silos
from allocate.analyses.tradeoffs.frontier import frontier
from allocate.checking.opening import read_case
from allocate.session import Session


@pytest.fixture(scope="module")
def penniless(auenfurt: Path) -> Session:
    """The example town without money, and without the rules that no town without money can keep."""
    case = read_case(auenfurt)
    tables = dict(case.tables)
    tables["pots"] = tables["pots"].assign(amount=0.0)
    tables["floors"] = tables["floors"].assign(kind="target")
    tables["offers"] = tables["offers"].assign(committed_capacity=0.0)
    tables["reach"] = tables["reach"].assign(min_use_share=0.0)
    for name in ("plurality", "commitments", "pot_years", "changes"):
        tables[name] = tables[name].iloc[:0]
    return Session(replace(case, tables=tables))


def test_nothing_is_planned_and_today_is_still_judged(penniless: Session) -> None:
    plan = penniless.run("SZ1")
    assert plan.measures is not None
    assert plan.measures.spent_eur == pytest.approx(0.0, abs=1e-6)
    assert json.dumps(compare(penniless, ["SZ1"]).to_json(), allow_nan=False)


def test_all_of_today_s_money_that_more_than_covers_is_found(penniless: Session) -> None:
    found = duplication(penniless, ["SZ1"])
    totals = found.totals.set_index("scenario_id")
    assert totals.loc["SZ1", "resteerable_eur"] == pytest.approx(0.0, abs=1e-3)
    # Today's coverage does not depend on what the pots hold, so neither does what it would cost at least.
    assert 0.0 < totals.loc["SZ0", "resteerable_eur"] < totals.loc["SZ0", "spent_eur"]
    assert totals.loc["SZ0", "resteerable_at_most_eur"] == pytest.approx(totals.loc["SZ0", "resteerable_eur"], abs=1.0)


@pytest.mark.parametrize("against", ["moved", "budget", "equity", "duplication"])
def test_a_curve_is_the_one_point_there_is(penniless: Session, against: str) -> None:
    found = frontier(penniless, "SZ1", against)
    np.testing.assert_allclose(found.points["coverage_value"], 0.0, atol=1e-9)
    assert json.dumps(found.to_json(), allow_nan=False)


def test_fairness_and_silos_answer(penniless: Session) -> None:
    assert fairness(penniless, "SZ1").summary["lowest_space_coverage"].iloc[-1] == pytest.approx(0.0, abs=1e-9)
    levels = silos(penniless, "SZ1").levels
    assert all(math.isclose(value, 0.0, abs_tol=1e-6) for value in levels["coverage_value"])
