"""The judge itself: what it lets pass, what a question gives up, how exact it is, and what it says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allocate.analyses.reasons import consequence
from allocate.analyses.reasons.consequence import plan_under
from allocate.bench.resolve import Bench, Hold
from allocate.checking.opening import read_case
from allocate.errors import CertificateError
from allocate.inputs.case import Case
from allocate.judge.judging import judge
from allocate.judge.plan import Shown, Waiver
from allocate.results.allocation import Allocation
from allocate.session import Session
from tests.conftest import TINY
from tests.judge.judgetown import tables
from tests.strategies import case_of


@pytest.fixture(scope="module")
def town() -> Case:
    return case_of(tables())


@pytest.fixture(scope="module")
def plan(town: Case) -> Allocation:
    return Session(town).run("voiced")


def shown(plan: Allocation, **tables: object) -> Shown:
    assert plan.measures is not None
    return Shown(replace(plan.tables, **tables), vars(plan.measures), plan.objective)


def spending(plan: Allocation, factor: float) -> Shown:
    """The plan in which one payment of its first pot is larger, with all sums made to fit."""
    funding = plan.funding.copy()
    funding.loc[0, "amount_eur"] *= factor
    more = funding["amount_eur"].sum() - plan.funding["amount_eur"].sum()
    pots = plan.pots.copy()
    pots.loc[0, "spent_eur"] += more
    pots.loc[0, "unspent_eur"] -= more
    return shown(plan, funding=funding, pots=pots)


def test_a_pot_that_pays_too_much_is_refused_in_both_languages(plan: Allocation) -> None:
    with pytest.raises(CertificateError) as caught:
        judge(plan.variant, spending(plan, 1.01))
    # The first offer is paid more than it costs; that is what the judge meets first.
    assert caught.value.id == "judged-payer"
    assert caught.value.values["what"] == plan.funding["offer_id"].iloc[0]
    assert "kostet 1.684,5 EUR" in caught.value.text("de")
    assert "costs 1,684.5 EUR" in caught.value.text("en")


@pytest.mark.parametrize(
    ("table", "shown_in", "keys"), [("offers", "offers", ["offer_id"]), ("reach", "delivery", ["offer_id", "space_id"])]
)
def test_more_than_a_column_allows_is_refused_with_its_name(
    plan: Allocation, table: str, shown_in: str, keys: list[str]
) -> None:
    """The same plan, judged by a table that allows its fullest offer, or use, one place less."""
    fullest = getattr(plan, shown_in).sort_values("capacity").iloc[-1]
    ids, limits = fullest[keys], plan.variant.case[table]
    limits.loc[(limits[keys] == ids).all(axis=1), "max_capacity"] = float(fullest["capacity"]) - 1
    with pytest.raises(CertificateError) as caught:
        judge(replace(plan.variant, case=plan.variant.case._unchecked(**{table: limits})), shown(plan))
    assert caught.value.id == "judged-limit"
    assert caught.value.values | {"table": table, "column": "max_capacity"} == caught.value.values
    assert f"'{table}', column max_capacity, {', '.join(ids)} is limited to" in caught.value.text("en")


@pytest.mark.parametrize("factor", [1 + 1e-8, 1 - 1e-8])
def test_the_rounding_of_a_solver_is_no_fault(plan: Allocation, factor: float) -> None:
    judge(plan.variant, spending(plan, factor))


def test_money_counted_in_millions_is_judged_as_strictly(town: Case, plan: Allocation) -> None:
    factor = 1e6
    offers = town["offers"].assign(
        **{name: town["offers"][name] * factor for name in ("unit_cost", "fixed_cost", "variable_unit_cost")}
    )
    large = town._unchecked(
        offers=offers,
        pots=town["pots"].assign(amount=town["pots"]["amount"] * factor),
        baseline_funding=town["baseline_funding"].assign(amount=town["baseline_funding"]["amount"] * factor),
    )
    rich = Session(large).run("voiced")
    assert rich.objective == pytest.approx(plan.objective, abs=1e-9)
    with pytest.raises(CertificateError):
        judge(rich.variant, spending(rich, 1 + 1e-4))


def test_a_plan_cannot_be_made_with_another_plans_figures(town: Case, plan: Allocation) -> None:
    with pytest.raises(CertificateError, match="counted again from the tables"):
        replace(plan, tables=Session(town).run("silo").tables)


@pytest.mark.parametrize(
    ("question", "rule"),
    [("closed", "judged-capacity-least"), ("floor", "judged-floor"), ("pot", "judged-pot")],
)
def test_what_a_question_gives_up_must_be_said(
    town: Case, question: str, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An offer with a contract closed, a binding floor lifted, a pot with a tenth more: fine where the plan says so."""
    offers = town["offers"]
    bound = offers.assign(committed_capacity=offers["committed_capacity"].mask(offers["offer_id"] == "A", 5.0))
    bench = Bench(Session(town._unchecked(offers=bound)), "silo")
    rows, floors = bench.program.rows_index, bench.compiled.floors
    lifted = int(np.flatnonzero(floors.scope_id[floors.enforced] == "S3")[0])
    holds = {
        "closed": bench.closed(0),
        "floor": (Hold.row(rows["floor"].start + lifted, -np.inf, np.inf),),
        "pot": (Hold.row(rows["pot"].start, -np.inf, 1.1 * bench.compiled.town.pot_amount[0]),),
    }[question]
    outcome, plan = plan_under(bench, holds)
    assert outcome.possible and plan is not None
    monkeypatch.setattr(consequence, "given_up", lambda *_: Waiver())
    with pytest.raises(CertificateError) as caught:
        plan_under(bench, holds)
    assert caught.value.id == rule


def test_the_town_solved_by_hand_passes() -> None:
    session = Session(read_case(TINY))
    assert [session.run(scenario).has_plan for scenario in session.scenario_ids] == [True, True, True, False, True]
