"""Piece: some questions about one town, as they travel to a worker, and how the worker answers them.

The questions of a piece are answered one after the other, each from its neighbour's basis, and every piece begins from
nothing. So an answer depends on its piece alone: not on the worker, nor on what it has done before.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass, field

from allocate.analyses.batch.grid import Question
from allocate.analyses.figures import figures
from allocate.bench.variant_plans import VariantPlans
from allocate.errors import AllocateError, InputError
from allocate.inputs.case import Case, currency_of
from allocate.inputs.findings import errors, render
from allocate.language import LANGUAGES, reckon_in
from allocate.results.allocation import Allocation
from allocate.solve.solution import Limits

# Enough to share the work of beginning, few enough to see progress and to lose little.
SIZE = 25
FAILED = "failed"
# Findings that a failed question tells.
_TOLD = 3


@dataclass(frozen=True)
class Answer:
    """What became of one question.

    ``status``: optimal, evaluated, infeasible, limit, or ``failed`` with a message in both languages. ``figures``:
    those of ``analyses.figures``, empty without a plan. ``offers``: id, capacity, EUR, change in EUR; where asked for.
    """

    key: str
    status: str
    figures: dict[str, float] = field(default_factory=dict)
    unique: bool = True
    messages: dict[str, str] = field(default_factory=dict)
    offers: tuple[tuple[str, float, float, float], ...] = ()


@dataclass(frozen=True)
class Piece:
    """Questions about one scenario of one town, with the keys of their answers; ``case``: the town, pickled."""

    case: bytes
    scenario_id: str
    questions: tuple[tuple[str, Question], ...]
    seconds: float = float("inf")
    with_offers: bool = False


def pieces_of(
    case: Case, questions: Sequence[tuple[str, Question]], *, seconds: float = float("inf"), with_offers: bool = False
) -> list[Piece]:
    """The questions about one town in pieces of like ones, in their order."""
    town = pickle.dumps(case)
    by_scenario: dict[str, list[tuple[str, Question]]] = {}
    for one in questions:
        by_scenario.setdefault(one[1].scenario_id, []).append(one)
    return [
        Piece(town, scenario_id, tuple(own[first : first + SIZE]), seconds, with_offers)
        for scenario_id, own in by_scenario.items()
        for first in range(0, len(own), SIZE)
    ]


def answered(piece: Piece) -> list[Answer]:
    """The answers to a piece. What cannot be answered says why, and the others are answered all the same."""
    case: Case = pickle.loads(piece.case)
    # Sentences of the answers speak of the town's money, also in a thread or process that has not read it.
    reckon_in(currency_of(case))
    limits = Limits(seconds=piece.seconds)
    plans: VariantPlans | None = None
    found = []
    for key, question in piece.questions:
        try:
            plans = plans or VariantPlans(case, piece.scenario_id, limits)
            found.append(_answer(key, plans.plan(question.lines), with_offers=piece.with_offers))
        except AllocateError as refused:
            found.append(failed(key, refused))
        except Exception as fault:
            # One question with which the program has a fault must not end the others.
            plans = None
            found.append(Answer(key, FAILED, messages=dict.fromkeys(LANGUAGES, f"{type(fault).__name__}: {fault}")))
    return found


def failed(key: str, refused: AllocateError) -> Answer:
    """The answer to a question that could not be put: why, with the first findings, in both languages."""
    return Answer(key, FAILED, messages={lang: _said(refused, lang) for lang in LANGUAGES})


def _answer(key: str, plan: Allocation, *, with_offers: bool) -> Answer:
    messages = {lang: plan.message(lang) for lang in LANGUAGES}
    if not plan.has_plan:
        return Answer(key, str(plan.status), messages=messages)
    rows = plan.offers[["offer_id", "capacity", "cost_eur", "change_eur"]] if with_offers else plan.offers.head(0)
    offers = tuple((str(id), float(units), float(cost), float(more)) for id, units, cost, more in rows.to_numpy())
    return Answer(key, str(plan.status), figures(plan), plan.unique, messages, offers)


def _said(refused: AllocateError, lang: str) -> str:
    if not isinstance(refused, InputError) or refused.findings is None:
        return refused.text(lang)
    rows = render(errors(refused.findings), lang).head(_TOLD).to_dict("records")
    return " ".join([refused.text(lang), *(f"{row['message']} {row['fix']}" for row in rows)])
