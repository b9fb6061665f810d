"""Questions around a plan: the same answers whatever the session was asked before."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from allocate.analyses.reasons.binding import TightRules
from allocate.analyses.reasons.offer_card import quick_card
from allocate.bench.resolve import Bench
from allocate.checking.opening import read_case
from allocate.inputs.case import Case
from allocate.model.rules.pot import POT_ROWS
from allocate.session import Session


@pytest.fixture(scope="module")
def case(auenfurt: Path) -> Case:
    return read_case(auenfurt)


def _disturbed(case: Case) -> Session:
    """A session whose solver has been asked many things, and was left at another basis of the optimum."""
    session = Session(case)
    bench = Bench(session, "SZ2")
    for offer in range(0, 30, 3):
        bench.ask_next(*bench.closed(offer))
    bench.back_to_optimum()
    loaded, program = session.loaded("SZ2"), bench.program
    pots = np.arange(program.rows_index[POT_ROWS].start, program.rows_index[POT_ROWS].stop)
    loaded.change_row_bounds(pots, program.row_lower[pots], 0.99 * program.row_upper[pots])
    loaded.solve()
    loaded.restore()
    loaded.solve()
    return session


def test_cards_of_offers_do_not_depend_on_what_was_asked_before(case: Case) -> None:
    said = []
    for session in (Session(case), _disturbed(case)):
        bench = Bench(session, "SZ2")
        rules = TightRules(bench)
        said.append([quick_card(bench, rules, offer).to_json() for offer in range(6)])
    assert said[0] == said[1]


def test_a_large_town_is_asked_from_the_same_start(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the plan closest to today is not sought, the vertex is that which the same start leads to."""
    monkeypatch.setattr("allocate.bench.resolve.CLOSEST_UP_TO", 0)
    points = []
    for session in (Session(case), _disturbed(case)):
        bench = Bench(session, "SZ2")
        points.append([bench.ask(*bench.closed(offer)).x for offer in range(6)])
    assert not bench.asks_closest
    for one, other in zip(*points, strict=True):
        assert np.array_equal(one, other)


def test_a_quick_card_compares_the_plans_closest_to_today(case: Case) -> None:
    """What closing an offer changes is told of the proposal, as the full card tells it."""
    session = Session(case)
    bench = Bench(session, "SZ2")
    offer = int(bench.plan.offers["cost_eur"].to_numpy(dtype=float).argmax())
    closed = quick_card(bench, TightRules(bench), offer).closed
    assert closed is not None and closed.canonical
    again = bench.ask_closest(*bench.closed(offer))
    cold = bench.cold(*bench.closed(offer))
    assert again.x is not None and cold.value == pytest.approx(again.value, abs=1e-9)
    assert closed.loss == pytest.approx(bench.value - cold.value, abs=1e-9)
