"""What a council decides by: words for sureness, cuts at variable cost, plans that look better, what would turn it."""

from __future__ import annotations

import datetime
import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from allocate.analyses.decision.better import better, comparable
from allocate.analyses.decision.changes import earliest, released
from allocate.analyses.decision.options import promises
from allocate.analyses.decision.sureness import FRAGILE, LIKELY, OPEN, ROBUST, sureness, word
from allocate.analyses.decision.turns import assumptions
from allocate.analyses.reasons.binding import TightRules
from allocate.analyses.reasons.breakeven import Tipping, recompiled
from allocate.analyses.reasons.cards import OfferCard
from allocate.analyses.reasons.consequence import Consequence
from allocate.analyses.reasons.offer_card import quick_card
from allocate.bench.resolve import Bench, held, solve_cold
from allocate.bench.worth import extra_money
from allocate.checking.opening import read_case
from allocate.inputs.case import Case
from allocate.inputs.workbook.template import write_template_folder
from allocate.session import Session
from tests.strategies import case_of

NONE = math.nan


@pytest.mark.parametrize(
    ("near", "runs", "expected"),
    [
        (1.0, 1.0, ROBUST), (0.875, 0.875, ROBUST), (0.87, 1.0, LIKELY), (1.0, 2 / 3, LIKELY), (0.6, 1.0, OPEN),
        (1.0, 0.6, FRAGILE), (0.1, 0.1, FRAGILE), (NONE, 1.0, ROBUST), (0.6, NONE, OPEN), (NONE, NONE, ""),
    ],
)  # fmt: skip
def test_four_words_have_a_fixed_meaning(near: float, runs: float, expected: str) -> None:
    assert word(near, runs) == expected


@pytest.mark.parametrize(
    ("day", "months", "planned", "expected"),
    [
        ("2026-11-30", 3, None, "2027-03-01"), ("2026-11-01", 3, None, "2027-03-01"),
        ("2026-11-01", 0.5, None, "2027-01-01"),
        ("2026-11-01", NONE, None, "2026-11-01"), ("2026-12-02", NONE, None, "2027-01-01"),
        ("2026-11-30", 3, "2028", "2028-01-01"), ("2026-11-30", 24, "2028", "2028-12-01"),
    ],
)  # fmt: skip
def test_a_change_begins_with_a_month_after_the_notice_and_in_the_year_planned(
    day: str, months: float, planned: str | None, expected: str
) -> None:
    """Three months from 1 November are over on 1 February, so that the contract ends with that month."""
    settings = [{"parameter": "plan_year", "value": planned}] if planned else []
    case = case_of({"parameters": settings, "scenarios": [{"scenario_id": "X", "title": "X"}]})
    assert earliest(case, datetime.date.fromisoformat(day), months) == expected


def plan_of(offers: list[tuple[str, float, float]], **scenario: object) -> Any:
    """A plan as far as the decision looks at it: offer, today's cost, change of cost."""
    frame = pd.DataFrame(offers, columns=["offer_id", "baseline_cost_eur", "change_eur"])
    return SimpleNamespace(offers=frame, has_plan=True, scenario=SimpleNamespace(indivisible=False, **scenario))


def test_a_direction_is_judged_by_the_plans_that_are_not_the_proposal() -> None:
    plan = plan_of([("A", 100.0, -50.0), ("B", 100.0, 50.0), ("C", 100.0, NONE)])
    near = pd.DataFrame(
        [("A", 0, 8, 0, 8), ("B", 1, 0, 7, 8), ("C", 0, 8, 0, 8)],
        columns=["offer_id", "raised", "lowered", "kept", "plans"],
    )
    same = {"A": 10, "B": 10, "C": 10}
    runs = pd.DataFrame(
        {
            "offer_id": list(same),
            "direction": ["lowered", "raised", "lowered"],
            "same": same.values(),
            "runs": 10,
            "need_weights_same": 4,
            "need_weights_runs": 4,
            "weight_sets_same": 0,
            "weight_sets_runs": 0,
            "draws_same": 6,
            "draws_runs": 6,
        }
    )
    found = sureness(plan, near, runs).set_index("offer_id")
    assert found.loc["A", ["near_same", "near_plans", "sure"]].tolist() == [7, 7, ROBUST]
    # Only the proposal itself raises B: the choice is a free one.
    assert found.loc["B", ["near_same", "near_plans", "sure"]].tolist() == [0, 7, OPEN]
    # C is withheld in the plan; its direction is that of the runs.
    assert found.loc["C", ["direction", "sure"]].tolist() == ["lowered", ROBUST]
    alone = sureness(plan, None, None)
    assert set(alone["sure"]) == {""}


def test_a_cut_frees_variable_cost_while_the_site_stays_open(small: Case) -> None:
    offers = (
        small["offers"]
        .iloc[:3]
        .assign(
            baseline_capacity=[100.0, 100.0, 100.0], unit_cost=[10.0, 10.0, 10.0], variable_unit_cost=[4.0, NONE, 4.0]
        )
    )
    ids = offers["offer_id"].tolist()
    plan = plan_of([(ids[0], 1000.0, -300.0), (ids[1], 1000.0, -300.0), (ids[2], 1000.0, -1000.0)])
    plan.offers["capacity"] = [70.0, 70.0, 0.0]
    plan.variant = SimpleNamespace(case=small._unchecked(offers=offers))
    found = released(plan)
    # Without a variable cost nothing is known, and what closes gives up its rent as well.
    assert found.offers["offer_id"].tolist() == [ids[0]]
    assert (found.average_eur, found.variable_eur, found.staying_eur) == pytest.approx((300.0, 120.0, 180.0))
    plan.scenario.indivisible = True
    assert released(plan).offers.empty


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("small") / "town"
    write_template_folder(folder, "en")
    return read_case(folder)


def test_the_price_of_keeping_is_what_makes_up_for_it(auenfurt: Path) -> None:
    """Planned from scratch with that money the town is as well off as in the proposal, and with less it is not."""
    session = Session(read_case(auenfurt))
    bench = Bench(session, "SZ2")
    offer = bench.offer("O01")
    card = quick_card(bench, TightRules(bench), offer, priced=True)
    assert card.held is not None and card.held.question == "kept"
    holds = bench.level(offer, least=card.held.level)
    asked = replace(bench.compiled, program=held(bench.program, holds))
    added = extra_money(asked, bench.value, session.limits)
    assert card.keeping_eur == pytest.approx(added.total) and card.keeping_eur > 1000

    def value(share: float) -> float:
        town = bench.compiled.town
        richer = replace(town, pot_amount=town.pot_amount + share * added.per_pot)
        return solve_cold(recompiled(bench.compiled, richer), holds).value

    assert value(1.0) == pytest.approx(bench.value, abs=1e-9)
    assert value(0.98) < bench.value - 1e-7
    raised = str(bench.plan.offers.sort_values("change_eur")["offer_id"].iloc[-1])
    assert math.isnan(quick_card(bench, TightRules(bench), bench.offer(raised), priced=True).keeping_eur)


def test_what_looks_better_is_named_and_other_yardsticks_are_not(auenfurt: Path) -> None:
    session = Session(read_case(auenfurt))
    plans = {id: session.run(id) for id in ("SZ0", "SZ1", "SZ2", "SZ6")}
    rows = [{"scenario_id": id, **vars(plan.measures)} for id, plan in plans.items()]
    found = better(plans, "SZ1", pd.DataFrame(rows), None)
    # SZ6 covers still more, but by the weights of the participation.
    assert [(one.kind, one.id, one.differs) for one in found] == [("scenario", "SZ2", ("pooling",))]
    assert comparable(plans, "SZ1") == ("SZ2",)
    assert better(plans, "SZ2", pd.DataFrame(rows), None) == ()


def card(offer: str, *tippings: Tipping, loss: float = 1.0) -> OfferCard:
    kept = Consequence("kept", 10.0, True, loss)
    return OfferCard("S1", offer, offer, 10.0, 100.0, 5.0, 50.0, "lowered", held=kept, tippings=tippings)


def test_assumptions_begin_with_what_fails() -> None:
    far = Tipping("price", "value", today=10.0, value=5.0, verified=True)
    near = Tipping("demand", "value", "N1", today=1.0, value=1.06, verified=True)
    doubtful = Tipping("weight", "value", "N1", today=1.0, value=1.01)
    years = pd.DataFrame(
        [("2027", "", "", 0.0), ("2028", "", "", 5.0), ("2029", "P6", "A;B", 7.0)],
        columns=["year", "ending_pots", "orphaned", "short_eur"],
    )
    draws = pd.DataFrame({"kept_floors_missed": [1.0, 0.0, 2.0], "kept_overspending_eur": [0.0, 5.0, 0.0]})
    quantiles = pd.DataFrame(
        [
            ("weighted_coverage", "kept", 0.5, 0.5, 0.4, 0.6, 3),
            ("weighted_coverage", "replanned", 0.5, 0.5, 0.5, 0.6, 3),
        ],
        columns=["figure", "plan", "promised", "mean", "p05", "p95", "draws"],
    )
    run: Any = SimpleNamespace(draws=draws, quantiles=quantiles, turning=None)
    promised = promises(run)
    assert (promised.runs, promised.missing, promised.overspending) == (3, 2, 1)
    assert promised.of("weighted_coverage") == (0.4, 0.6)
    assert promised.of("moved_eur") is None
    found = assumptions(
        [card("A", far), card("B", near, doubtful), card("C", doubtful, loss=0.0)], years, run, promised
    )
    assert [one.kind for one in found] == ["missing", "ending", "keeping"]
    assert (found[0].count, found[0].runs) == (2, 3)
    assert (found[1].year, found[1].ids, found[1].count, found[1].eur) == ("2029", ("P6",), 2, 7.0)
    assert (found[2].offer_id, found[2].figure, found[2].ids) == ("B", "demand", ("N1",))
    assert found[2].change == pytest.approx(0.06)
    assert assumptions([], years.head(1), None, promises(None)) == ()
