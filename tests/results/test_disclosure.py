"""No cell below the threshold can be read or computed from what is published."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from allocate.inputs.reading import read_case
from allocate.results.disclosure import Mask, mask_for, mask_of
from allocate.session import Session


def cells(demand: dict[tuple[str, str], float]) -> pd.DataFrame:
    return pd.DataFrame([{"space_id": s, "need_id": n, "demand": d} for (s, n), d in demand.items()])


ONE_REGION = pd.Series({"A": "R", "B": "R", "C": "R", "D": "R"})


def test_small_cell_is_withheld_with_the_smallest_other_of_its_total() -> None:
    table = cells({("A", "N"): 3, ("B", "N"): 20, ("C", "N"): 9, ("A", "M"): 30, ("B", "M"): 40})
    mask = mask_of([table], ONE_REGION, 5)
    assert mask.primary == {("A", "N")}
    assert mask.secondary == {("C", "N")}


def test_two_small_cells_that_sum_below_the_threshold_need_a_third() -> None:
    table = cells({("A", "N"): 2, ("B", "N"): 2, ("C", "N"): 9, ("D", "N"): 8})
    assert mask_of([table], ONE_REGION, 5).secondary == {("D", "N")}
    table = cells({("A", "N"): 3, ("B", "N"): 2, ("C", "N"): 9})
    assert mask_of([table], ONE_REGION, 5).secondary == frozenset()


def test_cell_small_in_one_scenario_is_withheld_in_all() -> None:
    today = cells({("A", "N"): 30, ("B", "N"): 20, ("C", "N"): 10})
    later = cells({("A", "N"): 30, ("B", "N"): 4, ("C", "N"): 10})
    assert mask_of([today, later], ONE_REGION, 5).hidden == {("B", "N"), ("C", "N")}


def test_nothing_small_nothing_withheld_and_no_demand_is_no_person() -> None:
    table = cells({("A", "N"): 0, ("B", "N"): 20})
    mask = mask_of([table], ONE_REGION, 5)
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
    assert mask.primary == {("S09", "N11"), ("S10", "N03"), ("S10", "N10"), ("S10", "N11")}
    assert {need for _, need in mask.secondary} == {"N03", "N10", "N11"}


@given(
    st.dictionaries(
        st.tuples(st.sampled_from("ABCD"), st.sampled_from("NM")), st.integers(1, 12), min_size=1, max_size=8
    ),
    st.lists(st.sampled_from(["R", "Q"]), min_size=4, max_size=4),
)
def test_no_published_total_leaves_a_small_remainder(demand: dict[tuple[str, str], int], regions: list[str]) -> None:
    table = cells({key: float(value) for key, value in demand.items()})
    region = pd.Series(dict(zip("ABCD", regions, strict=True)))
    mask = mask_of([table], region, 5)
    table["hidden"] = mask.rows(table)
    table["region_id"] = table["space_id"].map(region)
    assert table.loc[table["demand"] < 5, "hidden"].all()
    for key in (["need_id"], ["need_id", "region_id"]):
        if key[-1] == "region_id" and table["region_id"].nunique() < 2:
            continue
        for _, group in table.groupby(key):
            inside = group[group["hidden"]]
            whole_group_hidden = len(inside) == len(group)
            assert len(inside) == 0 or whole_group_hidden or (len(inside) > 1 and inside["demand"].sum() >= 5)
