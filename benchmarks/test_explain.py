"""Reason cards, price tags and alternatives of a whole town, beside cold re-solves of the same questions.

Both sides are measured in one run, in CPU seconds, so that the ratio does not depend on the machine. The cold side asks
a sample of the questions and counts them up, because asking all of them would take hours.
"""

from __future__ import annotations

import time

from pytest_benchmark.fixture import BenchmarkFixture

from allocate.analyses.alternatives.other_plans import alternatives
from allocate.analyses.reasons.binding import TightRules
from allocate.analyses.reasons.explain import explain_all
from allocate.analyses.reasons.offer_card import quick_card
from allocate.analyses.reasons.pricetags import price_tags
from allocate.bench.resolve import Bench as Reasons
from allocate.session import Session
from benchmarks.conftest import SCENARIO, Bench

SAMPLE = 4
# What the documentation promises for the town of 60 spaces, 40 needs and 800 offers.
TIMES_FASTER = 20.0


def test_all_cards(benchmark: BenchmarkFixture, bench: Bench, session: Session) -> None:
    """All cards; with the ratio to solving every question from scratch."""
    benchmark.group = f"explain {bench.size}"
    reasons = Reasons(session, SCENARIO)
    started, before = time.process_time(), reasons.solves
    found = benchmark.pedantic(explain_all, args=(session, SCENARIO), rounds=1)
    warm = time.process_time() - started
    asked = _questions(session)
    started = time.process_time()
    for offer in range(SAMPLE):
        reasons.cold(*reasons.closed(offer))
    cold = (time.process_time() - started) / SAMPLE * asked
    benchmark.extra_info |= {"questions": asked, "cpu_warm": warm, "cpu_cold": cold, "times_faster": cold / warm}
    assert before == reasons.solves
    assert len(found.cards) == len(session.case["offers"])
    if bench.size == "M":
        assert cold / warm >= TIMES_FASTER


def _questions(session: Session) -> int:
    """How many re-solves the cards need, counted on a sample of offers and scaled up."""
    reasons = Reasons(session, SCENARIO)
    rules = TightRules(reasons)
    offers = len(session.case["offers"])
    step = max(1, offers // 40)
    for offer in range(0, offers, step):
        quick_card(reasons, rules, offer)
    return round(reasons.solves * step)


def test_price_tags(benchmark: BenchmarkFixture, bench: Bench, session: Session) -> None:
    """What closing and keeping costs, for every offer."""
    benchmark.group = f"prices {bench.size}"
    started = time.process_time()
    found = benchmark.pedantic(price_tags, args=(session, SCENARIO), rounds=1)
    seconds = time.process_time() - started
    benchmark.extra_info["cpu"] = seconds
    assert found.complete
    assert len(found.offers) == len(session.case["offers"])


def test_alternatives(benchmark: BenchmarkFixture, bench: Bench, session: Session) -> None:
    """A handful of different plans."""
    benchmark.group = f"alternatives {bench.size}"
    found = benchmark.pedantic(alternatives, args=(session, SCENARIO), rounds=1)
    assert len(found.plans) >= 4
