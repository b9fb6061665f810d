"""The certificate must see every kind of wrong answer, and a difference of 1e-7 of the objective."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.model.program import LinearProgram
from allocate.solve.certify import certify, dual_bound, primal_violation, proves_infeasible
from allocate.solve.loaded import LoadedProgram
from tests.solve.programs import INF, program


def simple() -> LinearProgram:
    """maximise x + y with x + 2 y <= 4, x <= 3, y <= 3: optimum 3.5 at (3, 0.5), dual -0.5 of the row."""
    return program([-1, -1], [3, 3], [(-INF, [1, 2], 4)])


def test_right_answer_is_verified() -> None:
    certificate = certify(simple(), np.array([3.0, 0.5]), np.array([-0.5]))
    assert certificate.verified
    assert certificate.objective == pytest.approx(-3.5)
    assert 0 <= certificate.gap < 1e-12


def test_plan_that_breaks_a_row_is_refused() -> None:
    certificate = certify(simple(), np.array([3.0, 0.6]), np.array([-0.5]))
    assert not certificate.verified
    assert certificate.primal_violation == pytest.approx(0.2 / 4.2)


@pytest.mark.parametrize("x", [[3.1, 0.4], [-0.1, 2.0], [np.nan, 0.0], [np.inf, 0.0]])
def test_plan_outside_its_bounds_is_refused(x: list[float]) -> None:
    assert not certify(simple(), np.array(x), np.array([-0.5])).verified


def test_worse_plan_is_refused_even_by_a_hair() -> None:
    hair = 3e-7
    assert not certify(simple(), np.array([3.0, 0.5 - hair]), np.array([-0.5])).verified
    assert certify(simple(), np.array([3.0, 0.5 - hair]), None, within=np.inf).verified


@pytest.mark.parametrize(("unit", "violation"), [(1.0, 1 / 5), (1e6, 1 / 8)])
def test_violation_does_not_hide_in_a_large_unit(unit: float, violation: float) -> None:
    """5,000 EUR in a pot of 4,000: a thousand too much, also where money is counted in millions."""
    pot = program([-1, -1], [5e3 / unit, 3e3 / unit], [(-INF, [1, 1], 4e3 / unit)])
    assert primal_violation(pot, np.array([5e3 / unit, 0.0])) == pytest.approx(violation)


def test_wrong_duals_never_give_a_bound_above_the_optimum() -> None:
    for dual in (-5.0, -0.7, -0.1, 0.0, 0.3, 100.0):
        assert dual_bound(simple(), np.array([dual])) <= -3.5 + 1e-12


def test_fraction_of_a_whole_offer_is_a_violation() -> None:
    whole = program([-1, -1], [3, 3], [(-INF, [1, 2], 4)], integer=[1])
    assert primal_violation(whole, np.array([3.0, 0.5])) == pytest.approx(0.5)
    assert primal_violation(whole, np.array([2.0, 1.0])) == 0


def test_infeasibility_is_proven_by_the_right_ray_only() -> None:
    impossible = program([1, 1], [1, 1], [(3, [1, 1], INF)])
    assert proves_infeasible(impossible, np.array([1.0]))
    assert proves_infeasible(impossible, np.array([-1.0]))
    assert not proves_infeasible(impossible, np.array([0.0]))
    possible = program([1, 1], [2, 1], [(3, [1, 1], INF)])
    assert not proves_infeasible(possible, np.array([1.0]))


def exact_bound(of: LinearProgram, duals: list[float]) -> Fraction:
    """Weak duality in whole numbers: a dual of a wrong sign counts as none."""
    bound, reduced = Fraction(of.offset), [Fraction(one) for one in of.cost.tolist()]
    columns = of.entry_columns.tolist()
    for row, dual in enumerate(duals):
        side = float(of.row_lower[row] if dual > 0 else of.row_upper[row])
        if dual == 0 or np.isinf(side):
            continue
        bound += Fraction(dual) * Fraction(side)
        for at in np.flatnonzero(of.rows == row).tolist():
            reduced[columns[at]] -= Fraction(float(of.values[at])) * Fraction(dual)
    boxes = zip(reduced, of.lower.tolist(), of.upper.tolist(), strict=True)
    return bound + sum(min(one * Fraction(low), one * Fraction(high)) for one, low, high in boxes)


def test_the_bound_lies_below_the_exact_one_by_what_rounding_can_cost() -> None:
    rng = np.random.default_rng(7)
    for _ in range(150):
        low, high = np.sort(rng.normal(0, 50, (2, 3)), axis=0)
        rows = [(low[at] if rng.random() < 0.7 else -INF, rng.normal(0, 9, 4), high[at]) for at in range(3)]
        lower, upper = np.sort(rng.normal(0, 300, (2, 4)), axis=0)
        tried = program(rng.normal(0, 5, 4), upper, rows, lower=lower, offset=float(rng.normal()))
        duals = rng.normal(0, 2, 3)
        exact, found = exact_bound(tried, duals.tolist()), dual_bound(tried, duals)
        assert Fraction(found) <= exact
        assert float(exact - Fraction(found)) < 1e-9


def test_what_rounding_can_cost_grows_with_the_terms_and_the_reach() -> None:
    # All sums are exact in binary, so that only the charge lies between: 2^-50 of the terms of each column times reach.
    tried = program([3, -2], [1024, 8], [(-INF, [1, 2], 4), (-1, [-4, 1], INF)])
    duals = [-0.5, 0.25]
    terms = np.array([3 + 0.5 + 1, 2 + 1 + 0.25]) @ np.array([1024, 8])
    charge = float(exact_bound(tried, duals) - Fraction(dual_bound(tried, np.array(duals))))
    assert charge == pytest.approx(2.0**-50 * terms, rel=0.05)


@pytest.mark.parametrize("wrong", [0.3, 0.9, 2.5])
def test_a_dual_of_a_wrong_sign_counts_as_none(wrong: float) -> None:
    at_most, at_least = simple(), program([1, 1], [3, 3], [(2, [1, 1], INF)])
    assert dual_bound(at_most, np.array([wrong])) == dual_bound(at_most, np.array([0.0])) == pytest.approx(-6)
    assert (
        dual_bound(at_least, np.array([-wrong])) == dual_bound(at_least, np.array([0.0])) == pytest.approx(0, abs=1e-12)
    )
    between = program([1, 1], [3, 3], [(2, [1, 1], 5)])
    # Either side of a row with two limits gives a bound: 2 from below, and 5 from above.
    assert dual_bound(between, np.array([1.0])) == pytest.approx(2)
    assert dual_bound(between, np.array([-1.0])) == pytest.approx(-5)


def test_a_point_without_duals_has_no_bound() -> None:
    found = certify(simple(), np.array([3.0, 0.5]), None, within=np.inf)
    assert (found.verified, found.bound, found.gap) == (True, -np.inf, np.inf)
    assert not certify(simple(), np.array([3.0, 0.5]), None).verified
    assert certify(simple(), np.array([3.0, 0.5]), np.array([-0.5])).bound == pytest.approx(-3.5)


def test_violations_are_parts_of_the_size_of_their_terms() -> None:
    large = program([-1], [1e6], [(-INF, [1], 2e6)])
    assert primal_violation(large, np.array([1e6 + 1])) == pytest.approx(1 / (1e6 + 1))
    # Half a unit in a row that could hold five counts as part of one.
    small = program([-1], [5], [(-INF, [1], 0.4)])
    assert primal_violation(small, np.array([0.5])) == pytest.approx(0.1)


def test_a_program_may_have_empty_rows_or_none() -> None:
    empty = program([-1, -1], [3, 3], [(-INF, [1, 2], 4), (-INF, [1, 0], 3), (-INF, [0, 0], 1)])
    assert primal_violation(empty, np.array([3.0, 0.5])) == 0
    assert primal_violation(program([-1], [3]), np.array([3.0])) == 0
    assert primal_violation(program([], []), np.array([])) == 0
    assert not proves_infeasible(program([-1], [3]), np.array([]))


def test_a_proof_of_infeasibility_counts_coefficients_signs_and_noise() -> None:
    rows = [(6.0, [2.0, 3.0], INF), (-INF, [1.0, 0.0], 1e15)]
    impossible, possible = program([1, 1], [1, 1], rows), program([1, 1], [1.3, 1.3], rows)
    for ray in ([1.0, 0.0], [0.5, 0.0], [1e-13, 0.0], [1.0, 0.5], [1.0, 1.5], [1.0, -1e-14], [-1.0, 0.0]):
        assert proves_infeasible(impossible, np.array(ray)), ray
        assert not proves_infeasible(possible, np.array(ray)), ray
    # A last column without entries takes no part.
    too_much = program([1, 1, 1], [9, 9, 9], [(-INF, [2.0, 3.0, 0.0], -1.0), (-100.0, [1.0, 0.0, 0.0], INF)])
    for ray in ([-1.0, 0.0], [-1.0, -0.5], [-1.0, -1.5]):
        assert proves_infeasible(too_much, np.array(ray)), ray


def test_a_contradiction_within_rounding_is_no_proof() -> None:
    for beyond, proof in ((1e-9, False), (1e-8, True)):
        assert proves_infeasible(program([1], [1], [(1 + beyond, [1], INF)]), np.array([1.0])) is proof


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_bound_and_objective_meet_on_random_programs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    columns, rows = rng.integers(2, 7), rng.integers(1, 6)
    inside = rng.uniform(0, 2, columns)
    lines = []
    for _ in range(rows):
        coefficients = rng.integers(-3, 4, columns).astype(float)
        value = float(coefficients @ inside)
        lines.append((value - rng.uniform(0, 1), coefficients.tolist(), value + rng.uniform(0, 1)))
    random = program(rng.normal(size=columns).tolist(), [2.0] * columns, lines)
    solution = LoadedProgram(random).solve()
    assert solution.x is not None
    certificate = certify(random, solution.x, solution.row_dual)
    assert certificate.verified
    assert dual_bound(random, rng.normal(size=rows)) <= certificate.objective + 1e-12
