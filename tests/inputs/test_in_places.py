"""A case without money: what is read into it, and that it stays what it is when it is changed in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allocate.checking.opening import read_case, read_checked
from allocate.errors import InputError
from allocate.inputs.case import Case
from allocate.inputs.in_places import fill_places, is_in_places
from allocate.inputs.scenario.variant import scenario_ids
from tests.conftest import ROOT
from tests.inputs.smalltown import TOWN, places, rules, town, write

PLACES = ROOT / "tests" / "cases" / "places"


def offers(*rows: str, heads: str = "offer_id name unit max_capacity baseline_capacity") -> list[list[str]]:
    return [heads.split(), *(row.split() for row in rows)]


def plain(**changed: list[list[str]]) -> dict[str, list[list[str]]]:
    """The small town without pots and costs."""
    return town(pots=None, offers=offers("O1 a Platz 150 100", "O2 b Platz 60 0")) | changed


def kinds(case: Case) -> dict[str, tuple[str, float]]:
    return {row["pot_id"]: (row["offers"], row["amount"]) for row in case["pots"].to_dict("records")}


def test_neither_costs_nor_pots_is_a_case_of_places(tmp_path: Path) -> None:
    case = read_case(write(tmp_path, plain()))
    assert is_in_places(case)
    assert kinds(case) == {"K1": ("O1;O2", 100.0)}
    assert case["offers"]["unit_cost"].tolist() == [1.0, 1.0]
    assert case["baseline_funding"][["pot_id", "offer_id", "amount"]].values.tolist() == [["K1", "O1", 100.0]]
    assert scenario_ids(case) == ["status_quo", "silo"]


@pytest.mark.parametrize("blank", [True, False])
def test_a_column_of_costs_without_a_cost_is_none(tmp_path: Path, blank: bool) -> None:
    """A case with the template's empty column, and with an empty table of pots, states no money either."""
    heads = "offer_id name max_capacity baseline_capacity unit_cost"
    rows = offers("O1 a 150 100", heads=heads)
    rows = [rows[0], *([*row, ""] for row in rows[1:])] if blank else offers("O1 a x 150 100")
    pots = [["pot_id", "name", "amount"]] if blank else None
    effects = [["offer_id", "need_id", "effect"], ["O1", "N1", "1"]]
    assert is_in_places(read_case(write(tmp_path, town(pots=pots, offers=rows, effects=effects))))


def test_a_cost_without_pots_is_a_mistake_and_not_a_case_of_places(tmp_path: Path) -> None:
    heads = "offer_id name unit_cost max_capacity baseline_capacity"
    one = [*offers("O1 a 5 150 100", heads=heads), ["O2", "b", "", "60", "0"]]
    found = read_checked(write(tmp_path, town(pots=None, offers=one))).findings
    assert rules(found, "error") == {"read-table-missing", "required-blank"}
    assert places(found, "required-blank") == [("offers.csv", 3, "unit_cost", "nan")]


def test_pots_without_costs_are_a_mistake(tmp_path: Path) -> None:
    found = read_checked(write(tmp_path, plain(pots=TOWN["pots"]))).findings
    assert rules(found, "error") == {"read-column-missing"}


def test_money_elsewhere_is_a_mistake(tmp_path: Path) -> None:
    funding = [["pot_id", "offer_id", "amount"], ["P1", "O1", "5"]]
    found = read_checked(write(tmp_path, plain(baseline_funding=funding))).findings
    assert "read-table-missing" in rules(found, "error")


def test_places_are_of_one_kind_by_their_unit_and_a_need_in_common(tmp_path: Path) -> None:
    """A and B share N1, B and C share N2, so all three are of one kind; D counts something else, E serves N3."""
    needs = [["need_id", "name", "unit"], *([f"N{n}", f"Bedarf {n}", "x"] for n in (1, 2, 3))]
    demand = [["space_id", "need_id", "demand"], *(["007", f"N{n}", "10"] for n in (1, 2, 3))]
    rows = offers("A a Platz 20 1", "B b Platz 20 2", "C c Platz 20 4", "D d Stunde 20 8", "E e Platz 20 16")
    effects = [
        ["offer_id", "need_id", "effect"], ["A", "N1", "1"], ["B", "N1", "1"], ["B", "N2", "1"], ["C", "N2", "1"],
        ["D", "N1", "1"], ["E", "N3", "1"], ["E", "N1", "0"],
    ]  # fmt: skip
    case = read_case(write(tmp_path, plain(needs=needs, demand=demand, offers=rows, effects=effects)))
    assert kinds(case) == {"K1": ("A;B;C", 7.0), "K2": ("D", 8.0), "K3": ("E", 16.0)}
    assert case["pots"]["name"].tolist() == ["Platz: Bedarf 1, Bedarf 2", "Stunde: Bedarf 1", "Platz: Bedarf 3"]


def test_a_long_chain_of_needs_in_common_is_one_kind() -> None:
    case = read_case(PLACES)
    tables = dict(case.tables)
    count = 200
    tables |= {name: tables[name].iloc[:0] for name in ("pots", "baseline_funding")}
    chain = pd.DataFrame({"offer_id": [f"O{n}" for n in range(count)], "baseline_capacity": 1.0, "unit": "Platz"})
    tables["offers"] = chain.reindex(columns=tables["offers"].columns).assign(unit_cost=np.nan, name="x")
    tables["effects"] = pd.DataFrame(
        [(f"O{n}", f"N{(n + step) % count}", 1.0) for n in range(count) for step in (0, 1)],
        columns=["offer_id", "need_id", "effect"],
    )
    fill_places(tables)
    assert len(tables["pots"]) == 1 and tables["pots"]["amount"].tolist() == [float(count)]


def test_changed_tables_are_filled_anew() -> None:
    case = read_case(PLACES)
    more = case["offers"].assign(baseline_capacity=[40.0, 30.0, 12.0, 0.0]).drop(columns="unit_cost")
    changed = case.with_tables(offers=more)
    assert is_in_places(changed)
    assert kinds(changed) == {"K1": ("K1;K2", 70.0), "K2": ("T1;T2", 12.0)}
    assert changed.fingerprint != case.fingerprint
    same = case.with_tables(offers=case["offers"].drop(columns="unit_cost"))
    assert same.fingerprint == case.fingerprint


def test_money_may_be_added_to_a_case_of_places() -> None:
    case = read_case(PLACES)
    pots = pd.DataFrame({"pot_id": ["P"], "name": ["Stadt"], "amount": [9_000.0]})
    rich = case.with_tables(
        offers=case["offers"].assign(unit_cost=100.0),
        pots=pots,
        parameters=pd.DataFrame({"parameter": ["plan_year"], "value": ["2027"]}),
    )
    assert not is_in_places(rich)
    with pytest.raises(InputError):
        case.with_tables(pots=pots)


def test_a_case_of_frames_needs_no_money() -> None:
    tables = {name: read_case(PLACES)[name] for name in ("spaces", "needs", "demand", "effects")}
    rows = pd.read_csv(PLACES / "offers.csv", dtype={"offer_id": str})
    assert is_in_places(Case.from_frames("frames", offers=rows, **tables))


CHANGED = {
    # Only a new meeting place serves the north: it takes the six places that its six visitors need.
    "offers:T9:insert name=Treff; home_space_id=N; unit=Platz; max_capacity=20; effects.C2=1": ("T9", 6),
    "offers:T2:copy T9; max_capacity=20": ("T9", 6),
    # Twelve places of the kind are left where the other meeting place is closed, and six of them are of use.
    "offers:T1:remove": ("T2", 6),
    # What two sites of day care had, one has, and it is not bound to its share of them.
    "offers:K2:merge K1": ("K1", 60),
}


@pytest.mark.parametrize("change", CHANGED)
def test_rows_come_and_go_in_places(change: str) -> None:
    """Demand of C2: 6 in the north, 8 in the south; T1 serves the south, T2 the north; 12 places today."""
    offer, places_then = CHANGED[change]
    scenario = read_case(PLACES).scenario("X", parent="plan", reason="r").change(change)
    if offer == "T9":
        scenario = scenario.set("offers.max_capacity", 0, "T2").set("offers.max_capacity", 6, "T1")
    plan = scenario.solve()
    assert plan.offers.set_index("offer_id").loc[offer, "capacity"] == pytest.approx(places_then)
    assert not plan.changes["table"].isin(["pots", "baseline_funding"]).any()
    assert set(plan.variant.case["offers"]["unit_cost"]) == {1.0}
