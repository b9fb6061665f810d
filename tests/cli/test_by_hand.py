"""The commands that answer questions, asked of the town that is solved by hand (``tests/cases/tiny/README.md``).

Every figure is worked out on paper in the line above it; the analyses have tests of their own for towns at large.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.conftest import Call
from tests.conftest import TINY

# Points of the objective per euro: of A in S2 (half of 0.0125 and of 0.02 / 30 a place of 100 EUR), of B at 150 EUR.
P1, P2 = (0.5 * 0.0125 + 0.01 / 30) / 100, (0.0125 + 0.02 / 30) / 150
SILO, POOLED = 0.6875 + 0.02 * 25 / 30, 0.7061111
MOVED = 0.1 / 5000  # what a released euro costs in points


def asked(call: Call, command: str, *words: str) -> dict[str, Any]:
    """The answer of a command as JSON."""
    ended = call(command, str(TINY), *words, "--format", "json", "--lang", "en")
    assert (ended.code, ended.err) == (0, "")
    answer: dict[str, Any] = json.loads(ended.out)
    return answer


def by(rows: list[dict[str, Any]], column: str) -> dict[str, dict[str, Any]]:
    return {str(row[column]): row for row in rows}


def near(value: float) -> Any:
    return pytest.approx(value, abs=1e-6)


def test_conflicts_names_the_five_rules_and_the_money_that_is_missing(call: Call) -> None:
    found = asked(call, "conflicts", "-s", "strict")
    assert (found["missing"], found["irreducible"], found["prechecks"]) == ("money", True, [])
    # 5 places of A for S1 leave 15 for S2: 7.5 + 20 of 30 units; 2.5 units are 375 EUR of B or 500 EUR of A.
    gives_way = {(one["rule"], one["id"]): one["gives_way"] for one in found["members"]}
    assert gives_way == {
        ("pot", "P1"): near(500.0), ("pot", "P2"): near(375.0), ("floor", "F2"): near(5.0), ("floor", "F3"): near(2.5),
        ("earmark", "P1"): near(1500.0),
    }  # fmt: skip
    assert by(found["members"], "id")["F3"]["gives_way_points"] == near(2.5 / 30)
    assert found["messages"][0] == "Money is missing, not capacity: €375 more make the scenario possible."
    assert all(one["verified"] for one in found["repairs"] if one["status"] == "found")
    said = call("conflicts", str(TINY), "-s", "strict", "--lang", "de")
    assert said.code == 0 and "375 €" in said.out and "F3" in said.out


def test_conflicts_of_a_scenario_that_can_be_met_are_none(call: Call) -> None:
    found = asked(call, "conflicts", "-s", "silo")
    assert (found["status"], found["members"], found["repairs"]) == ("feasible", [], [])


def test_explain_says_what_a_pot_is_worth_each_way(call: Call) -> None:
    (card,) = asked(call, "explain", "-s", "silo", "--pot", "P1")["cards"]
    assert card["marginal_value"] == near(P1) and card["unspent_eur"] == near(0.0)
    worth = {one["step"]: one["per_unit"] for one in card["steps"]}
    # Less than 2,000 EUR releases money that A has today, which costs points besides the places.
    assert worth[-100.0] == near(P1 + MOVED) and worth[20.0] == near(P1)
    less = by(card["consequences"], "question")["less"]
    assert (less["level"], less["lost_units"]) == (1900.0, near(0.5))
    assert [one["space_id"] for one in less["cells"]] == ["S2"]


def test_explain_says_what_closing_or_keeping_an_offer_loses(call: Call) -> None:
    (card,) = asked(call, "explain", "-s", "silo", "--offer", "B")["cards"]
    assert (card["direction"], card["capacity"]) == ("raised", near(20.0))
    # Without B, 5 places of A for S1 and 15 for S2, whose 7.5 units are a quarter; the 750 EUR of today are released.
    assert card["closed"]["loss"] == near(SILO - (12.5 / 40 + 0.02 * 0.25 - 750 * MOVED))
    assert card["closed"]["lost_units"] == near(22.5)
    # With 5 places of B, S2 has 7.5 + 5.
    assert card["held"]["loss"] == near(SILO - ((5 + 12.5) / 40 + 0.02 * 12.5 / 30))
    # Of 1,000 EUR more in P2, 750 cover the rest of S2.
    (tight,) = card["binding"]
    assert (tight["rule"], tight["key"], tight["step"], tight["gain"]) == ("pot", ["P2"], 1000.0, near(750 * P2))


def test_explain_says_why_a_space_is_not_covered_further(call: Call) -> None:
    (card,) = asked(call, "explain", "-s", "silo", "--space", "S2")["cards"]
    assert (card["coverage_today"], card["coverage"]) == (near(7.5 / 30), near(25 / 30))
    (cell,) = card["cells"]
    assert (cell["gap_units"], cell["reason"]) == (near(5.0), "costly")


def test_fairness_sets_today_the_plan_and_the_fairest_plan_side_by_side(call: Call) -> None:
    found = asked(call, "fairness", "-s", "silo")
    summary = by(found["summary"], "when")
    # 60 % of the 30 in S2 are 18; today 7.5 are covered.
    assert (summary["today"]["lowest_space_id"], summary["today"]["short_units"]) == ("S2", near(10.5))
    assert (summary["plan"]["lowest_space_coverage"], summary["plan"]["short_units"]) == (near(25 / 30), near(0.0))
    # Both spaces alike: t of 10 by A; 20 of B and half of what A has left are t of 30, so that t = 30 / 35.
    first, last = found["curve"]["points"]
    assert (first["axis"], last["axis"]) == (near(25 / 30), near(30 / 35))
    assert last["weighted_coverage"] == near(30 / 35)
    (floor,) = found["floors"]
    assert (floor["places"], floor["binding"], floor["worth_eur"]) == (2, 0, near(0.0))


def test_frontier_goes_from_the_best_plan_to_the_most_equal_one(call: Call) -> None:
    found = asked(call, "frontier", "-s", "silo", "--against", "equity")
    ends = [(one["coverage_value"], one["axis"]) for one in found["points"]]
    # Value at t in both spaces: (5 + 15 + (40 t - 20) / 2) / 40.
    assert ends == [(near(0.6875), near(25 / 30)), (near((20 + (40 * 30 / 35 - 20) / 2) / 40), near(30 / 35))]
    marks = by(found["marks"], "mark")
    assert marks["chosen"]["below_curve"] == near(0.0)
    assert (marks["status_quo"]["coverage_value"], marks["status_quo"]["axis"]) == (near(0.375), near(0.25))


def test_silos_says_what_nobody_losing_costs_in_the_measure_it_is_reckoned_in(call: Call) -> None:
    found = asked(call, "silos", "-s", "silo")
    assert found["no_loser"]["cost_of_rule"] == near(0.0)
    told = " ".join(call("silos", str(TINY), "-s", "silo", "--lang", "en").out.split())
    assert "A pooled plan that is as good leaves every department at least the coverage value" in told


def test_goals_cost_what_the_cheapest_places_cost(call: Call) -> None:
    # Half of S1: 5 places of A; half of S2: 15 of B at 150 EUR a unit, where A costs 200.
    found = asked(call, "goals", "-s", "silo", "--target", "space:*=0.5")
    assert (found["status"], found["cost_eur"], found["today_eur"]) == ("reached", near(2750.0), near(2750.0))
    assert {one["offer_id"]: one["capacity"] for one in found["plan"]["offers"]} == {"A": near(5.0), "B": near(15.0)}


def test_goals_in_order_call_each_measure_what_run_calls_it(call: Call) -> None:
    # Weighted coverage is 87.5 % here; the first goal is the coverage value, in which the second half counts half.
    stages = [
        " ".join(line.split()) for line in call("goals", str(TINY), "-s", "silo", "--lang", "en").out.splitlines()
    ]
    assert "1 coverage value 0.6875 0.6875 0.6875" in stages
    assert "3 least covered space 83.33% 83.33% 83.33%" in stages


def test_goals_that_money_does_not_reach_say_how_much_is_lacking(call: Call) -> None:
    # All of S2 beside half of S1 is the scenario strict: 375 EUR more in P2.
    ended = call("goals", str(TINY), "-s", "silo", "--target", "space:S2=1", "--target", "space:S1=0.5",
                 "--format", "json")  # fmt: skip
    found = json.loads(ended.out)
    assert (found["status"], found["extra_money_eur"]) == ("needs_money", near(375.0))
    assert by(found["pots"], "pot_id")["P2"]["extra_eur"] == near(375.0)


def test_ladder_grows_what_is_worth_most_at_every_step(call: Call) -> None:
    found = by(asked(call, "ladder", "-s", "silo")["steps"], "budget_share")
    # 85 %: 17 places of each; 10 of A in S1, 7 and 17 of B give S2 20.5 units; 300 EUR of A are released.
    assert found["0.85"]["objective"] == near((20 + (30.5 - 20) / 2) / 40 + 0.02 * 20.5 / 30 - 300 * MOVED)
    assert found["1.0"]["objective"] == near(SILO)
    # 5 % more in both pots, with nothing released any more.
    assert found["1.05"]["objective"] - found["1.0"]["objective"] == near(100 * P1 + 150 * P2)
    assert all(one["price"] == near(0.0) for one in found.values())


def test_silos_tell_what_each_step_of_integration_brings(call: Call) -> None:
    found = asked(call, "silos", "-s", "silo")
    levels = by(found["levels"], "level")
    # Alone, A's department covers 5 in S1 and 7.5 in S2 for itself, and B's 20 in S2: 5 of 10 and 27.5 of 30.
    assert levels["silo"]["objective"] == near((5 + 15 + 6.25) / 40 + 0.02 * 0.5)
    assert levels["coordinated"]["objective"] == levels["earmarks"]["objective"] == near(SILO)
    assert levels["pooled"]["objective"] == near(POOLED)
    steps = by(found["steps"], "step")
    assert steps["pooling"]["extra_money_eur"] == pytest.approx((POOLED - SILO) / P2, abs=1e-2)
    assert steps["pooling"]["covered_units_gain"] == near(11.6666667 - 10)


def test_alternatives_lie_as_near_to_today_as_the_loss_allows(call: Call) -> None:
    found = asked(call, "alternatives", "-s", "silo", "--within", "0.01")
    plans = by(found["overview"], "plan_id")
    assert plans["proposal"]["objective"] == near(SILO)
    assert all(row["below_best"] <= 0.01 + 1e-9 for id, row in plans.items() if id != "today")
    # B grows from 750 to 3,000 EUR; one per cent of the value is so many euros of P2 less. A move counts once.
    assert plans["fewest_changes"]["to_today_eur"] == pytest.approx((2250 - 0.01 * SILO / P2) / 2, abs=1e-3)
    assert by(found["agreement"], "offer_id")["B"]["direction"] == "raised"
