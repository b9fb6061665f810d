"""No cell below the threshold can be read or computed from what is published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from allocate.checking.opening import read_case
from allocate.results.disclosure import Mask, mask_for, mask_of
from allocate.session import Session


def cells(demand: dict[tuple[str, str], float]) -> pd.DataFrame:
    return pd.DataFrame([{"space_id": s, "need_id": n, "demand": d} for (s, n), d in demand.items()])


ONE_REGION = {"region": pd.Series({"A": "R", "B": "R", "C": "R", "D": "R"})}
NO_GROUP = pd.Series({"N": "", "M": ""})


def test_small_cell_is_withheld_with_the_smallest_other_of_each_of_its_sums() -> None:
    table = cells(
        {("A", "N"): 3, ("B", "N"): 20, ("C", "N"): 9, ("A", "M"): 30, ("B", "M"): 40, ("C", "M"): 50, ("B", "K"): 60}
    )
    mask = mask_of([table], 5, ONE_REGION, NO_GROUP)
    assert mask.primary == {("A", "N")}
    assert mask.secondary == {("C", "N"), ("A", "M"), ("C", "M")}
    assert not any(mask.totals.values())


def test_two_small_cells_that_sum_below_the_threshold_need_a_third() -> None:
    table = cells({("A", "N"): 2, ("B", "N"): 2, ("C", "N"): 9, ("D", "N"): 8})
    assert mask_of([table], 5, ONE_REGION, NO_GROUP).secondary == {("D", "N")}
    table = cells({("A", "N"): 3, ("B", "N"): 2, ("C", "N"): 9})
    assert mask_of([table], 5, ONE_REGION, NO_GROUP).secondary == frozenset()


def test_cell_small_in_one_scenario_is_withheld_in_all() -> None:
    today = cells({("A", "N"): 30, ("B", "N"): 20, ("C", "N"): 10})
    later = cells({("A", "N"): 30, ("B", "N"): 4, ("C", "N"): 10})
    assert mask_of([today, later], 5, ONE_REGION, NO_GROUP).hidden == {("B", "N"), ("C", "N")}


def test_nothing_small_nothing_withheld_and_no_demand_is_no_person() -> None:
    table = cells({("A", "N"): 0, ("B", "N"): 20})
    mask = mask_of([table], 5, ONE_REGION, NO_GROUP)
    assert mask.hidden == frozenset()
    assert not mask.rows(table).any()


def test_withheld_rows_lose_their_numbers_and_nothing_else() -> None:
    table = cells({("A", "N"): 3, ("B", "N"): 20}).assign(name="x")
    shown = Mask(5, frozenset({("A", "N")}), frozenset()).applied(table, ["demand"])
    assert shown["demand"].isna().tolist() == [True, False]
    assert shown["name"].tolist() == ["x", "x"]
    assert table["demand"].notna().all()


def test_example_town_withholds_the_four_small_cells_and_their_protectors(auenfurt: Path) -> None:
    session = Session(read_case(auenfurt))
    mask = mask_for(session.case, [session.run("SZ0")])
    assert mask.people == {("S09", "N11"), ("S10", "N03"), ("S10", "N10"), ("S10", "N11")}
    covered = session.run("SZ0").coverage.set_index(["space_id", "need_id"])["covered"]
    few = covered[(covered > 0) & (covered < 5)]
    assert mask.primary == mask.people | set(few.index)
    assert {"N03", "N10", "N11"} <= {need for _, need in mask.secondary}


def test_small_sum_is_withheld_with_another_sum_and_the_cells_that_would_tell_it() -> None:
    table = cells({("A", "N"): 3, ("B", "N"): 20, ("C", "N"): 30, ("B", "M"): 40, ("C", "M"): 50, ("D", "M"): 60})
    mask = mask_of([table], 5, ONE_REGION, NO_GROUP)
    # The only cell of A is its sum; beside the town's sum a second space must be withheld, and a cell of it.
    assert mask.hides_total("space", "A")
    assert len(mask.totals["space"]) == 2
    (other,) = mask.totals["space"] - {"A"}
    assert any(space == other for space, _ in mask.secondary)


def test_floor_of_a_region_and_of_the_town_is_withheld_with_the_sum() -> None:
    regions = {"region": pd.Series({"A": "R", "B": "R", "C": "Q", "D": "Q"})}
    table = cells({("A", "N"): 3, ("C", "N"): 9, ("D", "N"): 8, ("A", "M"): 30, ("B", "M"): 40, ("C", "M"): 50})
    mask = mask_of([table], 5, regions, NO_GROUP)
    floors = pd.DataFrame(
        {"scope_id": ["R", "Q", "*", "A", "*"], "need_id": ["N", "N", "N", "N", "M"], "achieved": 0.5}
    )
    assert mask.rows(floors).tolist() == [True, True, False, True, False]
    assert mask.applied(floors, ["achieved"])["achieved"].isna().tolist() == mask.rows(floors).tolist()
    small = mask_of([cells({("A", "N"): 3, ("B", "M"): 30})], 5, regions, NO_GROUP)
    assert small.hides_place("*", "N")


def test_groups_of_spaces_that_a_publication_shows_are_sums_too() -> None:
    groups = ONE_REGION | {"burden": pd.Series({"A": "burdened", "B": "others", "C": "others"})}
    table = cells({("A", "N"): 3, ("B", "N"): 20, ("C", "N"): 30})
    mask = mask_of([table], 5, groups, NO_GROUP)
    assert mask.totals["burden"] == {"burdened", "others"}
    assert mask.total_rows("burden", pd.Series(["others", "burdened", ""])).tolist() == [True, True, False]


NUMBERS = st.dictionaries(
    st.tuples(st.sampled_from("ABCD"), st.sampled_from("NMK")), st.integers(0, 12), min_size=1, max_size=12
)
type Cell = tuple[str, str]


def shown_sums(
    mask: Mask, region: dict[str, str], group: dict[str, str]
) -> list[tuple[Callable[[Cell], object], Callable[[Cell], bool]]]:
    """What a report publishes: how cells are summed up, and whether the sum that a cell belongs to is withheld."""
    return [
        (lambda cell: cell, lambda cell: mask.hides(*cell)),
        (lambda cell: cell[0], lambda cell: mask.hides_total("space", cell[0])),
        (lambda cell: cell[1], lambda cell: mask.hides_total("need", cell[1])),
        (lambda cell: region[cell[0]], lambda cell: mask.hides_total("region", region[cell[0]])),
        (lambda cell: group[cell[1]], lambda cell: mask.hides_total("target_group", group[cell[1]])),
        (lambda cell: (region[cell[0]], cell[1]), lambda cell: mask.hides_place(region[cell[0]], cell[1])),
    ]


@settings(deadline=None)
@given(
    NUMBERS,
    NUMBERS,
    st.lists(st.sampled_from(["R", "Q", ""]), min_size=4, max_size=4),
    st.lists(st.sampled_from(["young", "old"]), min_size=3, max_size=3),
)
def test_what_is_published_determines_no_small_number(
    demand: dict[Cell, int], later: dict[Cell, int], regions: list[str], groups: list[str]
) -> None:
    tables = [cells({key: float(value) for key, value in numbers.items()}) for numbers in (demand, later)]
    region, group = dict(zip("ABCD", regions, strict=True)), dict(zip("NMK", groups, strict=True))
    mask = mask_of(tables, 5, {"region": pd.Series(region)}, pd.Series(group))
    for numbers in (demand, later):
        keys = [key for key, value in numbers.items() if value > 0]
        size = np.array([numbers[key] for key in keys], dtype=float)
        known, small = [np.ones(len(keys))], []  # the sum of the town is always published
        for of, hides in shown_sums(mask, region, group):
            for one in dict.fromkeys(of(key) for key in keys):
                member = np.array([of(key) == one for key in keys], dtype=float)
                hidden = hides(next(key for key in keys if of(key) == one))
                assert hidden or member @ size >= 5, one
                if not hidden:
                    known.append(member)
                elif member @ size < 5:
                    small.append(member)
        rank = np.linalg.matrix_rank(np.array(known)) if keys else 0
        for member in small:
            told = np.linalg.matrix_rank(np.array([*known, member])) == rank
            # Where everything is withheld, the town's own sum is all that is known.
            assert not told or len(known) == 1, (member, known)
