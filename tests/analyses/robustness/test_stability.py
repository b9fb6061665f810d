"""The words for how sure a direction is, and what they rest on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allocate.analyses.robustness.replan import Replanned, Replanner
from allocate.analyses.robustness.stability import DRAWS, FRAGILE, RATHER, SETS, STABLE, WEIGHTS, light, stability
from allocate.bench.resolve import Bench
from allocate.checking.opening import read_case
from allocate.session import Session
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def proposal() -> Replanned:
    """Of the tiny town, pooled: A is lowered, B raised."""
    return Replanner(Bench(Session(read_case(ROOT / "tests" / "cases" / "tiny")), "pooled")).proposal


def with_cost(proposal: Replanned, *cost: float) -> Replanned:
    return replace(proposal, cost=np.array(cost))


@pytest.mark.parametrize(
    ("same", "runs", "word"),
    [(24, 24, STABLE), (21, 24, STABLE), (20, 24, RATHER), (16, 24, RATHER), (15, 24, FRAGILE), (0, 24, FRAGILE)],
)
def test_words(same: int, runs: int, word: str) -> None:
    assert light(same / runs) == word


def test_no_run_no_word(proposal: Replanned) -> None:
    assert light(float("nan")) == ""
    table = stability(proposal, {})
    assert (table["light"] == "").all() and (table["runs"] == 0).all() and (table["rests_on"] == "").all()


def test_the_weakest_support_decides(proposal: Replanned) -> None:
    """A costs 2,000 EUR today and is lowered; B costs 750 and is raised. Weights and sets are one support."""
    same, kept, raised = (with_cost(proposal, cost, 3000.0) for cost in (1000.0, 2000.0, 2500.0))
    table = stability(proposal, {WEIGHTS: [same] * 7, SETS: [kept], DRAWS: [same, same, kept, raised, kept]}).set_index(
        "offer_id"
    )
    a, b = table.loc["A"], table.loc["B"]
    assert (a["direction"], b["direction"]) == ("lowered", "raised")
    assert (a["need_weights_same"], a["need_weights_runs"]) == (7, 7)
    assert (a["weight_sets_same"], a["weight_sets_runs"]) == (0, 1)
    assert (a["draws_same"], a["draws_runs"]) == (2, 5)
    assert (a["same"], a["runs"]) == (9, 13)
    assert (a["light"], a["rests_on"], a["otherwise"]) == (FRAGILE, "draws", "kept")
    assert (b["light"], b["same"], b["otherwise"]) == (STABLE, 13, "")
    # Seven of eight weights are enough; without the draws the word rests on weights.
    assert stability(proposal, {WEIGHTS: [same] * 7, SETS: [kept]})["light"].tolist() == [STABLE, STABLE]
    worse = stability(proposal, {WEIGHTS: [same] * 6, SETS: [kept, kept], DRAWS: [same]})
    assert worse[["light", "rests_on"]].to_numpy().tolist() == [[RATHER, "weights"], [STABLE, "weights"]]
