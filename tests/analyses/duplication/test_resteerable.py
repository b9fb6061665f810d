"""Re-steerable money: by hand, against the textbook, and as a promise that can be kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pulp import lpSum

from allocate.analyses.duplication.resteerable import cheapest_program, resteerable, without_commitments
from allocate.bench.around_plan import point_of
from allocate.checking.opening import read_case
from allocate.inputs.case import Case
from allocate.session import Session
from allocate.solve.certify import primal_violation
from tests.conftest import TINY
from tests.reference.textbook import THOUSAND, Textbook
from tests.strategies import Tables, case_of, town_tables, towns


@pytest.fixture(scope="module")
def auenfurt_session(auenfurt: Path) -> Session:
    return Session(read_case(auenfurt))


def test_by_hand() -> None:
    """Ten places of A for S1 (1,000 EUR) and 7.5 of B for S2 (1,125 EUR) cover what 2,750 EUR cover today."""
    found = resteerable(Session(read_case(TINY)), "today")
    assert found is not None
    assert found.spent_eur == pytest.approx(2750)
    assert found.cheapest_eur == pytest.approx(2125)
    assert found.resteerable_eur == pytest.approx(625)
    assert found.at_most_eur == pytest.approx(625)
    assert (found.duplication_eur, found.avoidable_eur) == (pytest.approx(400), pytest.approx(400))
    assert found.offers.set_index("offer_id")["change_eur"].to_dict() == pytest.approx({"A": -1000, "B": 375})


def test_with_sites_that_open_or_close() -> None:
    """Of an indivisible proposal no cent is re-steerable: both pots are spent and every place covers somebody."""
    found = resteerable(Session(read_case(TINY)), "sites")
    assert found is not None
    assert 0 <= found.resteerable_eur <= found.at_most_eur + 1e-6
    assert found.spent_eur == pytest.approx(5000)


def test_without_a_plan_there_is_nothing_to_judge() -> None:
    assert resteerable(Session(read_case(TINY)), "strict") is None


def test_the_example_town(auenfurt_session: Session) -> None:
    today, proposal = (resteerable(auenfurt_session, id) for id in ("SZ0", "SZ2"))
    assert today is not None
    assert proposal is not None
    assert today.spent_eur == pytest.approx(3_770_660)
    assert today.duplication_eur == pytest.approx(266_094.457, abs=0.01)
    assert today.avoidable_eur + today.unavoidable_eur == pytest.approx(today.duplication_eur)
    # A proposal may still hold money that buys no coverage: it was left where it is because moving has a price.
    assert 0 <= proposal.resteerable_eur < today.resteerable_eur
    for found in (today, proposal):
        assert found.at_most_eur == pytest.approx(found.resteerable_eur, abs=0.01)
        assert -found.offers["change_eur"].sum() == pytest.approx(found.resteerable_eur, abs=0.01)


class _Cheapest(Textbook):
    """The textbook with the coverage of a plan to be kept in every cell, and the least cost as its objective."""

    def __init__(self, session: Session, id: str, *, committed: bool = True) -> None:
        self.committed = committed
        super().__init__(session.variant(id if id != "Q" else "A"))
        for row in session.run(id).coverage.to_dict("records"):
            cell = (row["space_id"], row["need_id"])
            if row["covered"] > 0:
                self.problem += lpSum(self.y[cell]) >= row["covered"] - 1e-9
        self.problem.setObjective(-lpSum(self.cost.values()))

    def _capacity(self) -> None:
        if not self.committed:
            for offer in self.data.offers.values():
                offer["committed_capacity"] = 0.0
        super()._capacity()

    def cheapest(self) -> float:
        """EUR/year."""
        answer = self.solve()
        assert answer.status == "optimal"
        return -self.problem.objective.value() * THOUSAND


@settings(max_examples=12, deadline=None)
@given(towns(), st.sampled_from(["Q", "A", "B"]))
def test_the_cheapest_plan_is_the_textbook_s(case: Case, id: str) -> None:
    session = Session(case)
    found = resteerable(session, id)
    assert found is not None
    assert found.cheapest_eur == pytest.approx(_Cheapest(session, id).cheapest(), abs=0.02)
    free = _Cheapest(session, id, committed=False).cheapest()
    assert found.cheapest_eur - found.locked_eur == pytest.approx(free, abs=0.02)
    assert found.resteerable_eur == pytest.approx(found.spent_eur - found.cheapest_eur, abs=1e-6)
    assert found.resteerable_eur <= found.at_most_eur + 1e-6
    assert found.at_most_eur == pytest.approx(found.resteerable_eur, abs=0.01)


@settings(max_examples=12, deadline=None)
@given(towns())
def test_a_town_with_so_much_less_covers_as_much(case: Case) -> None:
    """The promise itself: with D1 less in its pots the cheapest plan is still a plan, and with a euro more it is not.

    The pots keep what the cheapest plan takes from each.
    """
    session = Session(case)
    found = resteerable(session, "A")
    assert found is not None
    if found.resteerable_eur < 1:
        return
    target = session.run("A").coverage
    book = _Cheapest(session, "A")
    book.problem += lpSum(book.cost.values()) <= (found.cheapest_eur + 0.01) / THOUSAND
    assert book.solve().status == "optimal"
    supply = {cell: sum(units.value() for _, units in entries) for cell, entries in book.supply.items()}
    covered = [
        min(row["demand"], supply.get((row["space_id"], row["need_id"]), 0.0)) for row in target.to_dict("records")
    ]
    assert (np.array(covered) >= target["covered"].to_numpy() - 1e-6).all()
    book.problem += lpSum(book.cost.values()) <= (found.cheapest_eur - 1.0) / THOUSAND
    assert book.solve().status == "infeasible"


@settings(max_examples=12, deadline=None)
@given(town_tables(), st.sampled_from([0.0, 0.01, 0.3, 0.8, 1.0]))
def test_what_today_breaks_may_stay_broken_but_no_further(tables: Tables, left: float) -> None:
    """A pot that pays more today than it holds, and payers that may not pay, do not make the question unanswerable."""
    pots = [{**row, "amount": float(str(row["amount"])) * left} for row in tables["pots"]]
    session = Session(case_of({**tables, "pots": pots}))
    compiled, plan = session.compiled("Q"), session.status_quo("Q")
    x = point_of(compiled, plan)
    program = cheapest_program(compiled, plan, x)
    assert primal_violation(program, x) < 1e-8
    assert (without_commitments(compiled, program).lower <= program.lower).all()
    found = resteerable(session, "Q")
    assert found is not None
    assert found.cheapest_eur <= found.spent_eur + 1e-6
