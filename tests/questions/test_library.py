"""What an analyst holds in hand: scenarios built in code, pictures, programs, plans of many cases."""

from __future__ import annotations

import pickle
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest

import allocate
from allocate.errors import UsageError
from allocate.model.rules.pot import POT_ROWS


@pytest.fixture(scope="module")
def small() -> allocate.Case:
    return allocate.examples.small()


def test_a_scenario_is_built_in_code_and_is_what_its_change_rows_would_be(small: allocate.Case) -> None:
    cut = small.scenario("CUT7", parent="S2", reason="cut").multiply("pots.amount", 0.93).keep("A3")
    typed = small.scenario("CUT7", parent="S2", reason="cut").change(
        "pots:*:amount*0.93",
        f"offers:A3:committed_capacity={small['offers'].set_index('offer_id')['baseline_capacity']['A3']}",
    )
    plan, other = cut.solve(), typed.solve()
    pd.testing.assert_frame_equal(plan.offers, other.offers)
    assert plan.pots["amount_eur"].sum() == pytest.approx(0.93 * small["pots"]["amount"].sum())
    assert plan.offers.set_index("offer_id")["capacity"]["A3"] >= 80 - 1e-9
    assert set(plan.changes["reason"]) == {"cut"}
    assert plan.changes["place"].tolist()[0] == "CUT7 1"
    # The town it was made from is as it was, and so is the scenario one step before.
    assert "CUT7" not in allocate.scenario_ids(small)
    assert len(cut.changes) == 2 and len(small.scenario("CUT7", parent="S2", reason="cut").changes) == 0


def test_a_new_row_is_part_of_the_scenario_alone(small: allocate.Case) -> None:
    row = {
        "offer_id": "A9",
        "name": "Club",
        "home_space_id": "01",
        "unit_cost": 10,
        "max_capacity": 20,
        "effects.B1": 1,
    }
    plan = small.scenario("S9", parent="S2", reason="new").insert("offers", row).solve()
    assert plan.offers.set_index("offer_id")["capacity"]["A9"] == pytest.approx(20)
    assert "A9" not in set(small["offers"]["offer_id"])
    with pytest.raises(allocate.UsageError, match="row-without-key"):
        small.scenario("S9", parent="S2", reason="new").insert("offers", {"name": "Club"})


def test_settings_of_a_new_scenario_are_columns_of_scenarios(small: allocate.Case) -> None:
    made = small.scenario("S9", parent="S1", reason="try", pooling="integrated", max_moved=1000, expected="optimal")
    scenario = made.session().run("S9").scenario
    assert (scenario.pooling, scenario.max_moved, scenario.expected) == ("integrated", 1000.0, "optimal")


@pytest.mark.parametrize(
    ("wrong", "id"),
    [
        (lambda case: case.scenario("S9", parent="S22", reason="x"), "scenario-unknown"),
        (lambda case: case.scenario("S2", parent="S1", reason="x"), "scenario-taken"),
        (lambda case: case.scenario("S9", parent="S2", reason=" "), "change-reason-missing"),
        (lambda case: case.scenario("S9", parent="S2", reason="x", pooled="yes"), "setting-unknown"),
        (lambda case: case.scenario("S9", parent="S2", reason="x").multiply("amount", 2), "place-unread"),
        (lambda case: case.scenario("S9", parent="S2", reason="x").multiply("pot.amount", 2), "change-table-unknown"),
        (lambda case: case.scenario("S9", parent="S2", reason="x").keep("A33"), "id-unknown"),
    ],
)
def test_a_slip_is_told_at_once(wrong: object, id: str, small: allocate.Case) -> None:
    with pytest.raises(allocate.UsageError) as told:
        wrong(small)  # type: ignore[operator]
    assert told.value.id == id
    assert "{" not in told.value.text("de") + told.value.text("en")


def test_a_change_that_names_nothing_is_told_with_its_step(small: allocate.Case) -> None:
    wrong = small.scenario("S9", parent="S2", reason="x").add("pots.amount", 5).set("offers.max_capacity", 3, key="A99")
    with pytest.raises(allocate.InputError) as told:
        _ = wrong.case
    assert "A99" in str(told.value)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_town_with_a_new_scenario_is_written_and_reads_back_as_it_is(
    form: str, small: allocate.Case, tmp_path: Path
) -> None:
    cut = small.scenario("CUT7", parent="S2", reason="cut; a, b").multiply("pots.amount", 1.046).keep("A3")
    if form == "csv":
        assert all(file.is_file() for file in cut.to_csv(tmp_path / "town"))
        again = allocate.read_case(tmp_path / "town")
    else:
        cut.to_excel(tmp_path / "town.xlsx")
        again = allocate.read_case(tmp_path / "town.xlsx")
    assert again.fingerprint == cut.case.fingerprint
    with pytest.raises(allocate.UsageError):
        _ = cut.to_csv(tmp_path / "town") if form == "csv" else cut.to_excel(tmp_path / "town.xlsx")


def test_into_the_towns_own_folder_only_the_scenario_is_written(small: allocate.Case, tmp_path: Path) -> None:
    small.scenario("S9", parent="S2", reason="x").add("pots.amount", 1).to_csv(tmp_path / "town")
    town = allocate.read_case(tmp_path / "town")
    before = {file.name: file.read_bytes() for file in (tmp_path / "town").iterdir()}
    town.scenario("S10", parent="S9", reason="y").add("pots.amount", 2).to_csv(tmp_path / "town")
    after = {file.name: file.read_bytes() for file in (tmp_path / "town").iterdir()}
    assert {name for name in before if before[name] != after[name]} == {"scenarios.csv", "changes.csv"}
    assert allocate.scenario_ids(allocate.read_case(tmp_path / "town"))[-1] == "S10"


def test_pictures_are_those_of_the_report(session: allocate.Session) -> None:
    plan = session.run("pooled")
    shown = [
        plan.map("coverage", "de"),
        plan.map("change"),
        session.frontier("pooled", against="moved").plot(),
        session.ladder("pooled", step=(90,)).plot(),
        *(session.compare("pooled").plot("pooled", kind) for kind in ("space", "money")),
    ]
    for picture in shown:
        assert ElementTree.fromstring(picture._repr_svg_()).tag.endswith("svg")
        assert picture.text and repr(picture) == f"Picture({picture.title})"
    with pytest.raises(allocate.UsageError, match="only: coverage, change"):
        plan.map("demand")
    with pytest.raises(allocate.UsageError, match="no-feasible-plan"):
        session.run("strict").map()


def test_only_a_proven_plan_passes_for_optimal(session: allocate.Session) -> None:
    assert session.run("pooled").require_optimal() is session.run("pooled")
    with pytest.raises(allocate.UsageError, match="plan-not-optimal"):
        session.run("today").require_optimal()
    with pytest.raises(allocate.UsageError, match="no-feasible-plan"):
        session.run("strict").require_optimal()


def test_a_program_keeps_names_and_value_in_other_solvers(session: allocate.Session) -> None:
    from scipy.optimize import milp  # noqa: PLC0415  (slow to import, and only this test needs it)

    lp = session.program("pooled", scaled=True)
    found = milp(**lp.to_scipy()).x
    assert lp.objective(found) == pytest.approx(session.run("pooled").objective, abs=1e-7)
    spent = lp.in_units(found)["funding"].groupby(level=0).sum()
    assert (spent <= session.case["pots"].set_index("pot_id")["amount"] + 1e-6).all()
    # A pot's dual is what one euro more is worth, or zero where money is left.
    worth = session.run("pooled").pots.set_index("pot_id")["marginal_value"]
    duals = lp.duals[POT_ROWS].groupby(level=0).first()
    assert (duals.reindex(worth.index) >= worth - 1e-12).all()


def test_many_cases_give_their_plans_in_order_and_the_first_refusal(small: allocate.Case) -> None:
    towns = [small, small.scenario("S2b", parent="S2", reason="x").multiply("pots.amount", 0.9).case]
    plans = allocate.solve_many(towns, "S2", executor="threads:2")
    assert [plan.fingerprint for plan in plans] == [allocate.Session(town).run("S2").fingerprint for town in towns]
    with pytest.raises(allocate.UsageError, match="scenario-unknown"):
        allocate.solve_many(towns, "S2b")
    with pytest.raises(allocate.UsageError, match="type-unexpected"):
        allocate.solve_many(["town"], "S2")  # type: ignore[list-item]


def test_odd_values_are_told_as_the_command_tells_them(session: allocate.Session) -> None:
    with pytest.raises(allocate.UsageError, match="sweep-over"):
        session.sweep("pooled", change="pots:*:amount*{x}", over=[])
    with pytest.raises(allocate.UsageError, match="years-unread"):
        session.transition("pooled", years=(2027, 2028, 2029))  # type: ignore[arg-type]
    with pytest.raises(allocate.UsageError, match="judges-only"):
        _ = session.program("today").duals


def test_every_run_of_chance_tells_what_becomes_of_every_offer(session: allocate.Session) -> None:
    found = session.robust("pooled", runs=2, inputs=0)
    table = found.offers_by_run
    draws = table[table["kind"] == "draws"]
    assert draws.groupby("offer_id")["run_id"].nunique().tolist() == [2, 2]
    assert set(table["direction"]) <= {"raised", "lowered", "kept"}


def test_a_plan_is_written_as_parquet(session: allocate.Session, tmp_path: Path) -> None:
    plan = session.run("pooled")
    if find_spec("pyarrow") is None:
        with pytest.raises(UsageError, match="extra-missing"):
            plan.to_parquet(tmp_path / "out")
        return
    plan.to_parquet(tmp_path / "out")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "out" / "offers.parquet"), plan.offers, check_dtype=False)
    measures = pd.read_parquet(tmp_path / "out" / "measures.parquet").iloc[0]
    assert measures["weighted_coverage"] == plan.measures.weighted_coverage  # type: ignore[union-attr]


def test_answers_and_refusals_travel_to_another_process(session: allocate.Session) -> None:
    answers = (
        session.compare("silo", "pooled", years="2027-2028"),
        session.marginal("pooled", years=2027, step=500),
        session.transition("pooled", years=2027, delay=6),
        session.money(),
        session.scenarios("pooled"),
        session.runs("pooled"),
    )
    for answer in answers:
        again = pickle.loads(pickle.dumps(answer))
        assert again.to_json("de") == answer.to_json("de") or str(again.to_json("de")) == str(answer.to_json("de"))
        with pytest.raises(allocate.UsageError) as told:
            answer.to_json("fr")
        assert pickle.loads(pickle.dumps(told.value)).text("de") == told.value.text("de")


def test_what_is_written_into_an_answer_stays_with_the_reader(session: allocate.Session) -> None:
    plan = session.run("pooled")
    for name in ("offers", "pots", "staff", "floors"):
        frame = getattr(plan, name)
        frame["written"] = 1
        assert "written" not in getattr(session.run("pooled"), name).columns


def test_a_session_travels_to_another_process(session: allocate.Session) -> None:
    again = pickle.loads(pickle.dumps(session))
    assert again.compare("pooled").measures.equals(session.compare("pooled").measures)
