"""Changes of whole rows, as typed and as rows of the table: insert, remove, copy, merge, move; and new residents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from allocate.checking.opening import read_case, read_checked
from allocate.errors import InputError, UsageError
from allocate.inputs.case import Case
from allocate.inputs.scenario.changes import parse_changes, with_what_if
from allocate.inputs.scenario.saving import save_scenario
from allocate.inputs.scenario.variant import Variant, apply
from allocate.session import Session
from tests.strategies import Tables, write_town

TOWN: Tables = {
    "spaces": [{"space_id": "S1", "name": "Nord", "population": 1000}, {"space_id": "S2", "name": "Süd"}],
    "themes": [{"theme_id": "T1", "name": "Jugend"}, {"theme_id": "T2", "name": "Alter"}],
    "providers": [{"provider_id": "R1", "name": "Eins"}, {"provider_id": "R2", "name": "Zwei"}],
    "needs": [
        {"need_id": "N1", "name": "Treff", "unit": "Plätze", "theme_id": "T1"},
        {"need_id": "N2", "name": "Besuch", "unit": "Plätze", "theme_id": "T2"},
    ],
    "demand": [
        {"space_id": s, "need_id": n, "demand": d}
        for s, n, d in (("S1", "N1", 60), ("S2", "N1", 40), ("S1", "N2", 30), ("S2", "N2", 10))
    ],
    "offers": [
        {"offer_id": id, "name": id, "provider_id": r, "theme_id": t, "home_space_id": s, "unit_cost": cost,
         "max_capacity": most, "baseline_capacity": today, "committed_capacity": bound}
        for id, r, t, s, cost, most, today, bound in (
            ("A", "R1", "T1", "S1", 100, 40, 30, 5), ("B", "R1", "T1", "S2", 200, 20, 10, 0),
            ("C", "R2", "T2", "S1", 50, 30, 20, 0),
        )
    ],
    "effects": [
        {"offer_id": o, "need_id": n, "effect": e} for o, n, e in (("A", "N1", 1), ("B", "N1", 0.5), ("C", "N2", 1))
    ],
    "pots": [
        {"pot_id": "P1", "name": "Stadt", "amount": 5000, "offers": "A;B"},
        {"pot_id": "P2", "name": "Land", "amount": 2000, "offers": ""},
    ],
    "baseline_funding": [
        {"pot_id": p, "offer_id": o, "amount": a}
        for p, o, a in (("P1", "A", 3000), ("P1", "B", 2000), ("P2", "C", 1000))
    ],
    "floors": [{"floor_id": "F", "scope": "all", "need_id": "N2", "min_coverage": 0.1, "kind": "political"}],
    "plurality": [
        {"cluster_id": "W", "need_id": "N1", "offers": "A;B", "assessment": "wanted", "min_share_each": 0.1}
    ],
    "scenarios": [{"scenario_id": "Q", "title": "heute", "evaluate": "yes"}, {"scenario_id": "plan", "title": "Plan"}],
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_town(tmp_path_factory.mktemp("rows") / "town", TOWN)


@pytest.fixture(scope="module")
def town(folder: Path) -> Case:
    return read_case(folder)


def tried(town: Case, *lines: str) -> Variant:
    return apply(town, "plan", parse_changes(lines, "weil", town))


def found(town: Case, *lines: str) -> list[str]:
    with pytest.raises(InputError) as refused:
        tried(town, *lines)
    assert refused.value.findings is not None
    return [str(rule) for rule in refused.value.findings["rule"]]


def offer(variant: Variant, id: str) -> dict[str, Any]:
    rows = variant.case["offers"].set_index("offer_id").loc[id]
    return {str(name): value for name, value in rows.items()}


@pytest.mark.parametrize("line", ["offers:A:remove", "Angebote:A:entfernen", "Offers : A : löschen"])
def test_a_removed_offer_is_closed_and_what_it_is_today_stays(town: Case, line: str) -> None:
    after = tried(town, line)
    row = offer(after, "A")
    assert [row[name] for name in ("max_capacity", "committed_capacity", "baseline_capacity")] == [0, 0, 30]
    assert after.case["plurality"]["offers"].tolist() == ["B"]
    assert after.case["pots"]["offers"].tolist() == ["A;B", ""]
    session = Session(with_what_if(town, "plan", parse_changes([line], "weil", town)))
    plan = session.run("what-if")
    assert plan.offers.set_index("offer_id").loc["A", "change_eur"] == -3000


@pytest.mark.parametrize("line", ["offers:provider_id=R1:remove", "providers:R1:remove", "offers:A;B:remove"])
def test_a_whole_provider_is_closed_in_one_line(town: Case, line: str) -> None:
    after = tried(town, line)
    assert after.case["offers"]["max_capacity"].tolist() == [0, 0, 30]
    assert after.case["plurality"].empty


def test_a_removed_pot_holds_nothing(town: Case) -> None:
    assert tried(town, "pots:P1:remove").case["pots"]["amount"].tolist() == [0, 2000]


def test_a_removed_theme_takes_its_needs_and_offers_along(town: Case) -> None:
    after = tried(town, "themes:T2:remove").case
    assert after["needs"]["need_id"].tolist() == ["N1"]
    assert set(after["demand"]["need_id"]) == set(after["effects"]["need_id"]) == {"N1"}
    assert after["floors"].empty and after["themes"].shape[0] == 2
    assert after["offers"]["max_capacity"].tolist() == [40, 20, 0]


def test_removed_rows_are_logged_and_later_steps_still_find_theirs(town: Case) -> None:
    after = tried(town, "demand:S1|N1:remove", "demand:S2|N2:demand*2")
    log = after.changes.set_index(["key", "column"])
    assert log.loc[("S1|N1", ""), ["how", "old", "new"]].tolist() == ["remove", "demand=60", ""]
    assert log.loc[("S2|N2", "demand"), "new"] == 20
    assert after.case["demand"].set_index(["space_id", "need_id"])["demand"].to_dict() == {
        ("S2", "N1"): 40, ("S1", "N2"): 30, ("S2", "N2"): 20,
    }  # fmt: skip


def test_a_copied_offer_is_like_the_first_but_for_today(town: Case) -> None:
    after = tried(town, "offers:A:copy D; home_space_id=S2; Höchstkapazität=12,5", "offers:D:unit_cost*1.1")
    row = offer(after, "D")
    assert [row[name] for name in ("name", "home_space_id", "provider_id")] == ["A (D)", "S2", "R1"]
    assert [row[name] for name in ("max_capacity", "baseline_capacity", "committed_capacity")] == [12.5, 0, 0]
    assert row["unit_cost"] == pytest.approx(110)
    assert after.case["effects"].iloc[-1].tolist()[:3] == ["D", "N1", 1]
    assert after.case["pots"]["offers"].tolist() == ["A;B;D", ""]
    assert after.case["plurality"]["offers"].tolist() == ["A;B"]
    assert "D" not in set(after.case["baseline_funding"]["offer_id"])


def test_many_copies_are_named_by_the_star(town: Case) -> None:
    after = tried(town, "offers:provider_id=R1:copy *-2; provider_id=R2")
    assert after.case["offers"]["offer_id"].tolist() == ["A", "B", "C", "A-2", "B-2"]
    assert found(town, "offers:A;B:copy D") == ["change-copy-many"]


def test_an_offer_is_added_in_one_line(town: Case) -> None:
    line = "offers:D:insert name=Neu; theme_id=T1; unit_cost=10; max_capacity=25; effects.N1=1; reach.S2=1"
    case = with_what_if(town, "plan", parse_changes([line], "weil", town))
    plan = Session(case).run("what-if")
    assert plan.offers.set_index("offer_id").loc["D", "capacity"] == pytest.approx(25)
    assert set(plan.delivery[plan.delivery["offer_id"].eq("D")]["space_id"]) == {"S2"}


def test_a_need_is_added_in_one_line(town: Case) -> None:
    after = tried(town, "needs:N3:insert name=Rat; unit=Fälle; demand.S1=7; effects.C=0,5").case
    assert after["demand"].iloc[-1].tolist()[:3] == ["S1", "N3", 7]
    assert after["effects"].iloc[-1].tolist()[:3] == ["C", "N3", 0.5]


def test_an_offer_that_is_there_for_half_of_the_year_has_half_its_capacity(town: Case) -> None:
    line = "offers:D:insert name=Neu; unit_cost=10; max_capacity=24; available_from=01.07.2027; effects.N1=1"
    after = tried(town, line, "parameters:plan_year:value=2027")
    assert offer(after, "D")["max_capacity"] == pytest.approx(12)


def test_dates_of_a_scenario_count_by_months_in_the_year_it_plans(town: Case) -> None:
    after = tried(town, "offers:A:available_until=2027-03-31", "parameters:plan_year:value=2027")
    assert offer(after, "A")["max_capacity"] == pytest.approx(10)
    assert "available_until" in set(after.changes["column"])


def test_a_new_offer_of_a_town_with_reach_serves_its_home(town: Case) -> None:
    lines = ["reach:A|S2:insert access=0.5", "offers:D:insert name=x; unit_cost=1; max_capacity=1; home_space_id=S2"]
    reach = tried(town, *lines).case["reach"]
    assert set(zip(reach["offer_id"], reach["space_id"], strict=True)) == {
        ("A", "S1"), ("A", "S2"), ("B", "S2"), ("C", "S1"), ("D", "S2"),
    }  # fmt: skip


def test_merging_alone_changes_neither_money_nor_coverage_today(town: Case) -> None:
    """40 places at the mean cost (30 * 100 + 10 * 200) / 40 = 125 with the mean effect (30 + 10 * 0.5) / 40 = 0.875."""
    lines = parse_changes(["offers:A;B:merge A"], "weil", town)
    after = apply(town, "plan", lines)
    row = offer(after, "A")
    assert [row[name] for name in ("max_capacity", "baseline_capacity", "committed_capacity", "unit_cost")] == [
        60, 40, 5, pytest.approx(125),
    ]  # fmt: skip
    assert [offer(after, "B")[name] for name in ("max_capacity", "baseline_capacity")] == [0, 0]
    effects = after.case["effects"].set_index(["offer_id", "need_id"])["effect"]
    assert effects[("A", "N1")] == pytest.approx(0.875)
    assert after.case["reach"][["offer_id", "space_id", "baseline_capacity"]].values.tolist() == [
        ["A", "S1", 30], ["A", "S2", 10], ["B", "S2", 0], ["C", "S1", 20],
    ]  # fmt: skip
    assert after.case["baseline_funding"].values[:, :3].tolist() == [["P1", "A", 5000], ["P2", "C", 1000]]
    session = Session(with_what_if(town, "Q", lines))
    before, merged = session.run("Q"), session.run("what-if")
    assert merged.offers["cost_eur"].sum() == pytest.approx(before.offers["cost_eur"].sum())
    assert merged.coverage["covered"].sum() == pytest.approx(before.coverage["covered"].sum())


def test_a_provider_is_merged_into_another(town: Case) -> None:
    assert tried(town, "providers:R1:merge R2").case["offers"]["provider_id"].tolist() == ["R2", "R2", "R2"]


def test_an_offer_moves_with_its_home(town: Case) -> None:
    assert offer(tried(town, "offers:A:move S2"), "A")["home_space_id"] == "S2"


def test_new_residents_bring_their_demand(town: Case) -> None:
    """300 more of 1,000 people: 30 per cent more of every need of the space, but not where told otherwise."""
    after = tried(town, "spaces:S1:population+300")
    demand = after.case["demand"].set_index(["space_id", "need_id"])["demand"]
    assert demand.to_dict() == pytest.approx({("S1", "N1"): 78, ("S2", "N1"): 40, ("S1", "N2"): 39, ("S2", "N2"): 10})
    log = after.changes.set_index(["table", "key"])
    assert log.loc[("demand", "S1|N2"), ["how", "value", "reason"]].tolist() == ["multiply", "1.3", "weil"]
    told = tried(town, "spaces:S1:population+300", "demand:S1|N2:demand=31").case["demand"]["demand"].tolist()
    assert told == pytest.approx([78, 40, 31, 10])


def test_until_the_budget_is_in_force_voluntary_offers_run_on_a_share(town: Case) -> None:
    """Half of the year: A holds 80 per cent of 30 places (at most 40 after), bound ones of C stay, new ones wait."""
    late = ["parameters:plan_year:value=2027", "parameters:provisional_until:value=30.06.2027"]
    lines = [*late, "parameters:provisional_share:value=0,8", "needs:N1:duty=voluntary", "offers:B:duty=mandatory"]
    after = tried(town, *lines, "offers:A:copy D")
    most = after.case["offers"].set_index("offer_id")["max_capacity"]
    assert most.to_dict() == pytest.approx({"A": (24 + 40) / 2, "B": 20, "C": 30, "D": 20})
    bound = tried(town, *lines, "offers:A:committed_capacity=28")
    assert offer(bound, "A")["max_capacity"] == pytest.approx((28 + 40) / 2)
    assert "date-invalid" in found(town, "parameters:provisional_until:value=Sommer")


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("offers:Z:remove", "change-key-unknown"), ("spaces:S1:remove", "change-remove-refused"),
        ("scenarios:plan:remove", "change-table-fixed"), ("offers:A:copy B", "change-row-exists"),
        ("offers:A:copy", "change-row-value"), ("offers:A:insert name=x", "change-row-exists"),
        ("offers:D:insert nmae=x", "change-cell-unknown"), ("offers:D:insert unit_cost=viel", "change-cell-value"),
        ("offers:D:insert unit_cost=1.234", "change-cell-value"), ("offers:*:insert name=x", "change-key-shape"),
        ("offers:D:insert name=x; unit_cost=1; max_capacity=-4", "number-negative"),
        ("offers:D:insert name=x", "required-blank"),
        ("offers:D:insert name=x; unit_cost=1; max_capacity=1; effects.N9=1", "unknown-reference"),
        ("pots:P1:move S1", "change-how-table"), ("offers:A:move S9", "change-move-nowhere"),
        ("offers:A:merge Z", "change-merge-into"), ("offers:A:merge A", "change-merge-alone"),
        ("pots:P1:merge P2", "change-how-table"), ("demand:S1|N1:copy N9", "change-key-shape"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_a_finding_with_a_next_step(town: Case, line: str, rule: str) -> None:
    assert rule in found(town, line)


def test_a_cell_that_a_row_change_sets_cannot_be_set_again(town: Case) -> None:
    assert found(town, "offers:A:remove", "offers:A:max_capacity=7") == ["change-collision"]


def test_what_has_gone_in_the_same_step_need_not_go_again(town: Case) -> None:
    once = tried(town, "plurality:W:remove")
    twice = tried(town, "plurality:W:remove", "plurality:W:remove")
    assert twice.changes["key"].tolist() == once.changes["key"].tolist() == ["W"]
    assert twice.case["plurality"].empty
    along = tried(town, "needs:N2:remove", "floors:F:remove")
    assert along.case["floors"].empty and along.case["needs"]["need_id"].tolist() == ["N1"]


def test_what_has_gone_in_the_same_step_cannot_be_copied(town: Case) -> None:
    assert found(town, "plurality:W:remove", "plurality:W:copy V") == ["change-collision"]
    assert tried(town, "plurality:W:copy V", "plurality:W:remove").case["plurality"]["cluster_id"].tolist() == ["V"]


def test_a_table_that_the_case_has_not_is_refused_at_once(town: Case) -> None:
    with pytest.raises(UsageError) as refused:
        parse_changes(["offer:A:remove"], "weil", town)
    assert refused.value.id == "change-table-unknown"


LINES = ["offers:A:copy 007; home_space_id=S2", "offers:B:remove", "themes:T2:remove", "spaces:S1:population+300"]


def test_rows_of_the_table_say_the_same_as_lines_and_can_be_saved(tmp_path: Path) -> None:
    town = read_case(write_town(tmp_path / "town", TOWN))
    widened = with_what_if(town, "plan", parse_changes(LINES, "weil", town), new_id="neu")
    save_scenario(widened, "neu")
    again = read_case(tmp_path / "town")
    assert not again.findings["severity"].eq("error").any()
    for name, table in apply(widened, "neu").case.tables.items():
        if name not in ("scenarios", "changes"):
            pd.testing.assert_frame_equal(apply(again, "neu").case[name], table)


def test_a_child_changes_what_its_parent_inserted(town: Case) -> None:
    parent = with_what_if(town, "plan", parse_changes(["offers:A:copy D"], "weil", town), new_id="eins")
    child = with_what_if(parent, "eins", parse_changes(["offers:D:max_capacity=3"], "weil", parent), new_id="zwei")
    assert offer(apply(child, "zwei"), "D")["max_capacity"] == 3


def test_cells_of_rows_that_have_gone_are_not_taken_for_one_another(tmp_path: Path) -> None:
    step = {"table": "demand", "column": "demand", "how": "multiply", "value": "0.9", "reason": "Probe"}
    away = {"scenario_id": "gone", "table": "demand", "how": "remove", "reason": "Probe"}
    scenarios = [*TOWN["scenarios"], {"scenario_id": "gone", "title": "Weg", "parent_id": "less"}]
    scenarios += [{"scenario_id": "less", "title": "Weniger"}, {"scenario_id": "least", "parent_id": "less"}]
    changes = [
        step | {"scenario_id": "less", "key": "S1|N1"},
        step | {"scenario_id": "less", "key": "S2|N1"},
        away | {"key": "S1|N1"},
        away | {"key": "S2|N1"},
        step | {"scenario_id": "least", "key": "S2|N1"},
    ]
    findings = read_checked(write_town(tmp_path, {**TOWN, "scenarios": scenarios, "changes": changes})).findings
    assert findings.loc[findings["rule"].eq("change-compounds"), "row"].tolist() == [6]
