"""Among equal optima the one closest to today, the same whatever way led there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from allocate.checking.opening import read_case
from allocate.model.program import LinearProgram
from allocate.session import Session
from allocate.solve.canonical import FACE, canonical, from_basis, optimal_face
from allocate.solve.distance import Reference, distance_program, today_of
from allocate.solve.loaded import LoadedProgram
from allocate.solve.second import keeping_basis
from allocate.solve.solution import Solution, Status
from allocate.town.arrays import Floats
from tests.solve.programs import INF, program


def tie() -> LinearProgram:
    """Two offers, equally good, share ten places: every split of (x, 10 - x) is optimal."""
    return program([-1, -1, 0], [10, 10, 10], [(-INF, [1, 1, 0], 10)])


@pytest.mark.parametrize("today", [[7.0, 3.0], [2.0, 4.0], [10.0, 10.0]])
def test_tie_is_broken_towards_today(today: list[float]) -> None:
    found = canonical(tie(), LoadedProgram(tie()).solve(), Reference(np.array([0, 1]), np.array(today), np.ones(2)))
    assert found is not None
    assert found.x is not None
    assert found.x[:2].sum() == pytest.approx(10)
    distance = abs(found.x[:2] - today).sum()
    assert distance == pytest.approx(abs(sum(today) - 10))


@pytest.mark.parametrize("start", [[10.0, 0.0, 0.0], [0.0, 10.0, 0.0], [4.0, 6.0, 9.0]])
def test_answer_does_not_depend_on_the_optimum_it_starts_from(start: list[float]) -> None:
    optimum = Solution(Status.OPTIMAL, "any", x=np.array(start), row_dual=np.array([-1.0]), objective=-10.0)
    found = canonical(tie(), optimum, Reference(np.array([0, 1, 2]), np.array([3.0, 3.0, 5.0]), np.ones(3)))
    assert found is not None
    assert found.x is not None
    reference = canonical(
        tie(), LoadedProgram(tie()).solve(), Reference(np.array([0, 1, 2]), np.array([3.0, 3.0, 5.0]), np.ones(3))
    )
    assert reference is not None
    assert reference.x is not None
    assert np.allclose(found.x, reference.x)
    assert found.x[2] == pytest.approx(5)


def test_face_excludes_every_worse_point() -> None:
    lopsided = program([-2, -1, 0], [10, 10, 10], [(-INF, [1, 1, 0], 10)])
    solution = LoadedProgram(lopsided).solve()
    assert solution.x is not None
    assert solution.row_dual is not None
    face = optimal_face(lopsided, solution.x, solution.row_dual, 1e-12)
    worse = LoadedProgram(replace(face, cost=np.array([0.0, -1.0, 0.0]))).solve()
    assert worse.objective == pytest.approx(0, abs=1e-9)


def test_where_rounding_leaves_no_face_a_much_wider_one_is_sought(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only from a hundred times the tolerance on the face is more than rounding would leave of it."""

    def narrow(whole: LinearProgram, x: Floats, row_dual: Floats, tolerance: float) -> LinearProgram:
        face = optimal_face(whole, x, row_dual, tolerance)
        return face if tolerance > 100 * FACE else replace(face, row_lower=face.row_upper + 1, row_upper=face.row_upper)

    monkeypatch.setattr("allocate.solve.canonical.optimal_face", narrow)
    found = canonical(tie(), LoadedProgram(tie()).solve(), Reference(np.arange(2), np.array([7.0, 3.0]), np.ones(2)))
    assert found is not None and found.x is not None and np.allclose(found.x[:2], [7.0, 3.0])


def test_no_dual_no_canonical_plan() -> None:
    optimum = Solution(Status.OPTIMAL, "foreign", x=np.array([10.0, 0.0, 0.0]))
    assert canonical(tie(), optimum, Reference(np.array([0]), np.array([3.0]), np.ones(1))) is None


def test_the_distance_is_measured_without_further_rows() -> None:
    """|x - today| for a column that can only rise, one that can only fall, and one that can do both."""
    lopsided = program([-1, -1, 0], [10, 10, 10], [(-INF, [1, 1, 1], 25)])
    today, weight = np.array([0.0, 10.0, 4.0]), np.array([2.0, 3.0, 5.0])
    distance = distance_program(replace(lopsided, cost=np.zeros(3)), Reference(np.arange(3), today, weight))
    assert distance.program.row_count == lopsided.row_count and distance.program.column_count == 4
    at_today = distance.program.objective(distance.divided(today))
    for point in ([3.0, 8.0, 1.0], [0.0, 10.0, 9.0], [10.0, 0.0, 4.0]):
        x = np.array(point)
        divided = distance.divided(x)
        assert np.array_equal(distance.joined(divided), x)
        assert (divided <= distance.program.upper).all() and (divided >= distance.program.lower).all()
        away = distance.program.objective(divided) - at_today
        assert away == pytest.approx((weight * abs(x - today)).sum(), rel=0.02)  # the hash of a label is a hundredth


@pytest.mark.parametrize("today", [[7.0, 3.0], [2.0, 4.0], [10.0, 10.0], [0.0, 0.0], [5.0, np.nan]])
def test_from_the_basis_of_the_optimum_it_is_the_same_point(today: list[float]) -> None:
    loaded, reference = LoadedProgram(tie()), Reference(np.array([0, 1]), np.array(today), np.array([1.0, 2.0]))
    optimum = loaded.solve()
    warm = canonical(tie(), optimum, reference, loaded=loaded)
    cold = canonical(tie(), optimum, reference)
    assert warm is not None and cold is not None
    assert warm.x is not None and cold.x is not None
    assert np.allclose(warm.x, cold.x, atol=1e-9)
    assert loaded.stands_at(tie(), optimum)
    assert loaded.solve().objective == optimum.objective


@pytest.mark.parametrize(
    ("scenario", "large"), [("SZ1", 50_000), ("SZ2t", 50_000), ("SZ4b", 50_000), ("SZ2t", 1), ("SZ4b", 1)]
)
def test_the_way_from_the_basis_leads_where_the_one_from_scratch_does(
    auenfurt: Path, scenario: str, large: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under a hold, too, and in an instance that holds only what may move; the program in the solver is as it was."""
    monkeypatch.setattr("allocate.solve.second.LARGE", large)
    compiled = Session(read_case(auenfurt)).compiled(scenario)
    program, reference = compiled.program, today_of(compiled)
    loaded = LoadedProgram(program)
    first = loaded.solve()
    assert first.x is not None
    column = np.array(
        [program.columns_index["capacity"].start + int(first.x[program.columns_index.slice("capacity")].argmax())]
    )
    most = 0.99 * first.x[column]
    upper = program.upper.copy()
    upper[column] = most
    held = replace(program, upper=upper)
    loaded.change_bounds(column, program.lower[column], most)
    optimum = loaded.solve()
    near, cold = from_basis(held, optimum, reference, loaded), canonical(held, optimum, reference)
    assert near is not None and cold is not None
    assert near.x is not None and cold.x is not None
    assert np.abs(near.x - cold.x).max() <= 1e-6
    again = loaded.solve()
    assert again.x is not None and again.row_dual is not None and optimum.x is not None
    assert np.allclose(again.x, optimum.x, atol=1e-8) and np.allclose(again.row_dual, optimum.row_dual, atol=1e-12)
    loaded.restore()
    assert loaded.solve(warm=False).objective == pytest.approx(first.objective, abs=1e-13)


@pytest.mark.parametrize("large", [1, 50_000])
def test_a_way_from_the_basis_of_too_many_steps_is_given_up(large: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From ten places of one offer to (7, 3) it is one step."""
    monkeypatch.setattr("allocate.solve.second.LARGE", large)
    loaded = LoadedProgram(tie())
    optimum, reference = loaded.solve(), Reference(np.array([0, 1]), np.array([7.0, 3.0]), np.ones(2))
    assert from_basis(tie(), optimum, reference, loaded) is not None
    monkeypatch.setattr("allocate.solve.second.STEPS", 0)
    assert from_basis(tie(), optimum, reference, loaded) is None


def test_what_stands_in_the_basis_has_the_room_it_has_in_the_program() -> None:
    """One of the two offers, or the row they share, is basic; the face holds every value where it is."""
    loaded = LoadedProgram(tie())
    optimum = loaded.solve()
    assert optimum.x is not None
    columns, rows = loaded.basic()
    at = tie().activity(optimum.x)
    face = replace(tie(), lower=optimum.x, upper=optimum.x, row_lower=at, row_upper=at)
    kept = keeping_basis(loaded, tie(), face)
    assert kept is not None and columns.sum() + rows.sum() == 1
    for one, lower, upper in ((columns, "lower", "upper"), (rows, "row_lower", "row_upper")):
        for side in (lower, upper):
            wanted = np.where(one, getattr(tie(), side), getattr(face, side))
            assert getattr(kept, side).tolist() == wanted.tolist()


def test_a_basis_that_was_left_is_not_leant_on() -> None:
    """After a change the program no longer stands at its optimum; nor is it asked about another matrix."""
    loaded = LoadedProgram(tie())
    optimum, reference = loaded.solve(), Reference(np.array([0]), np.array([3.0]), np.ones(1))
    assert from_basis(tie(), optimum, reference, loaded) is not None
    assert from_basis(program([-1, -1, 0], [10, 10, 10], [(-INF, [1, 2, 0], 10)]), optimum, reference, loaded) is None
    loaded.change_cost(np.array([0]), np.array([1.0]))
    assert from_basis(tie(), optimum, reference, loaded) is None
    loaded.restore()
    assert from_basis(tie(), optimum, reference, loaded) is None


def test_on_a_wide_face_the_way_from_the_basis_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = LoadedProgram(tie())
    optimum, reference = loaded.solve(), Reference(np.array([0, 1]), np.array([7.0, 3.0]), np.ones(2))
    monkeypatch.setattr("allocate.solve.second.FEW", 0)
    monkeypatch.setattr("allocate.solve.second.WIDE", 0.1)
    assert from_basis(tie(), optimum, reference, loaded) is None
    found = canonical(tie(), optimum, reference, loaded=loaded)
    assert found is not None and found.x is not None
    assert np.allclose(found.x[:2], [7.0, 3.0])


@pytest.mark.parametrize("large", [1, 50_000])
def test_a_row_whose_price_is_small_and_whose_reach_is_large_is_held(
    large: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """b is at least a million: every unit more costs 4e-13, which beside the side 0 of its row is nothing, all of it
    4e-7. Today's two millions lie beyond, and the way there is found to lose, and taken back."""
    monkeypatch.setattr("allocate.solve.second.LARGE", large)
    million = 1e6
    dear = program([-1e-9, 4e-13, -1], [million, 2 * million, 1], [(0.0, [-1, 1, 0], INF)])
    loaded = LoadedProgram(dear)
    optimum = loaded.solve()
    reference = Reference(np.array([1]), np.array([2 * million]), np.ones(1))
    found = from_basis(dear, optimum, reference, loaded)
    assert found is not None and found.x is not None
    assert found.x.tolist() == pytest.approx([million, million, 1])
    assert loaded.stands_at(dear, optimum) and loaded.solve().objective == optimum.objective
