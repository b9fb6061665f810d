"""Draws: their distribution, and that nothing but seed and ids decides them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from allocate.analyses.robustness.chance import Draw, Spreads, draws, normal
from allocate.checking.opening import read_case
from allocate.inputs.case import Case


@pytest.fixture(scope="module")
def case(auenfurt: Path) -> Case:
    return read_case(auenfurt)


def drawn(case: Case, runs: int = 5, seed: int = 1, spreads: Spreads | None = None) -> list[Draw]:
    return list(draws(case, runs, seed, spreads or Spreads()))


def test_numbers_are_standard_normal() -> None:
    numbers = np.sort(normal(7, "any", 20_000))
    assert numbers.mean() == pytest.approx(0.0, abs=0.03)
    assert numbers.std() == pytest.approx(1.0, abs=0.02)
    # Kolmogorov and Smirnov's distance from the normal distribution at a few quantiles.
    for level, quantile in ((0.05, -1.644854), (0.25, -0.674490), (0.5, 0.0), (0.9, 1.281552), (0.99, 2.326348)):
        assert (numbers <= quantile).mean() == pytest.approx(level, abs=0.012)
    assert abs(np.corrcoef(normal(7, "any", 5000), normal(7, "other", 5000))[0, 1]) < 0.05


def test_nine_of_ten_lie_within_the_spread(case: Case) -> None:
    found = drawn(case, 400, spreads=Spreads(0.2, 0.1))
    for factors, spread in (
        (np.array([one.demand for one in found]), 0.2),
        (np.array([one.cost for one in found]), 0.1),
    ):
        inside = (factors <= 1 + spread) & (factors >= 1 / (1 + spread))
        assert inside.mean() == pytest.approx(0.9, abs=0.03)
        assert np.median(factors) == pytest.approx(1.0, abs=0.02)


def test_figures_of_one_need_and_of_one_space_go_wrong_together(case: Case) -> None:
    found = np.log(np.array([one.demand for one in drawn(case, 400)]))
    table = case["demand"]
    correlation = np.corrcoef(found.T)
    need, space = table["need_id"].to_numpy(), table["space_id"].to_numpy()
    same_need = (need[:, None] == need) & (space[:, None] != space)
    same_space = (need[:, None] != need) & (space[:, None] == space)
    neither = (need[:, None] != need) & (space[:, None] != space)
    assert correlation[same_need].mean() == pytest.approx(1 / 3, abs=0.08)
    assert correlation[same_space].mean() == pytest.approx(1 / 3, abs=0.08)
    assert abs(correlation[neither].mean()) < 0.05


def test_seed_and_ids_alone_decide(case: Case) -> None:
    first, again, longer, other = drawn(case), drawn(case), drawn(case, 9), drawn(case, seed=2)
    for one, same, prefix, different in zip(first, again, longer, other, strict=False):
        assert (one.demand == same.demand).all() and (one.cost == same.cost).all()
        assert (one.demand == prefix.demand).all() and (one.cost == prefix.cost).all()
        assert (one.demand != different.demand).any()
    order = np.random.default_rng(3).permutation(len(case["demand"]))
    shuffled = drawn(case._unchecked(demand=case["demand"].iloc[order]))
    for one, mixed in zip(first, shuffled, strict=True):
        assert (one.demand[order] == mixed.demand).all()


def test_no_spread_is_no_chance_and_tables_get_the_factors(case: Case) -> None:
    (still,) = drawn(case, 1, spreads=Spreads(0.0, 0.0))
    assert (still.demand == 1).all() and (still.cost == 1).all()
    (one,) = drawn(case, 1)
    tables = one.tables(case)
    assert (tables["demand"]["demand"] / case["demand"]["demand"]).to_numpy() == pytest.approx(one.demand)
    for column in ("unit_cost", "fixed_cost", "variable_unit_cost"):
        ratio = (tables["offers"][column] / case["offers"][column]).to_numpy()
        assert ratio[~np.isnan(ratio)] == pytest.approx(one.cost[~np.isnan(ratio)])


def test_the_first_numbers_are_these_on_every_machine() -> None:
    """A published study names its seed; the stream must not change with a version of a library."""
    assert normal(1, "need\x1fN01", 3) == pytest.approx(STREAM, rel=1e-12)


STREAM = [1.0703179036593073, -0.9123729192783504, -0.19465057428992685]
