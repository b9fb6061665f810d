"""Questions that are opened on demand: each asks one analysis and gives its document, sentences and tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pandas as pd

from allocate import __version__
from allocate.analyses.duplication.duplication import duplication
from allocate.analyses.fairness.fairness import fairness
from allocate.analyses.margins.marginal import marginal
from allocate.analyses.margins.marginal_words import sentences as marginal_sentences
from allocate.analyses.reasons.explain import explain_floor, explain_offer, explain_pot, explain_space
from allocate.analyses.silos.silos import silos
from allocate.analyses.tradeoffs.frontier import frontier
from allocate.errors import UsageError
from allocate.inputs.names import with_names
from allocate.report.sections.section import Sheet
from allocate.session import Session
from allocate.web.curve import Curve, curve_of
from allocate.web.speech import say

# Rows of a table that are shown; the document holds all.
_MOST = 25


@dataclass(frozen=True)
class Reply:
    """The JSON of the command that answers the same question, and how the page shows it."""

    document: dict[str, object]
    sentences: tuple[str, ...] = ()
    sheets: tuple[Sheet, ...] = field(default=())
    curve: Curve | None = None


type Question = Callable[[Session, str, str, str], Reply]


def reply(session: Session, scenario_id: str, question: str, about: str, lang: str) -> Reply:
    """Answer one of ``QUESTIONS``; ``about`` is the id it is about, blank where it needs none.

    Raises ``UsageError`` for an unknown question or id, and what the analysis raises.
    """
    if question not in QUESTIONS:
        raise UsageError("question-unknown", question=question, known=", ".join(QUESTIONS))
    found = QUESTIONS[question](session, scenario_id, about, lang)
    head = {"allocate": __version__, "case": session.case.name, "fingerprint": session.fingerprint}
    return replace(found, document={**head, **found.document})


def _sheet(session: Session, name: str, frame: pd.DataFrame, shown: tuple[str, ...], lang: str) -> Sheet:
    there = tuple(column for column in shown if column in frame.columns)
    named = with_names(session.case, frame.reset_index(drop=True), lang, [key for key in there if key.endswith("_id")])
    names = [f"{key.removesuffix('_id')}_name" for key in there if key.endswith("_id")]
    beside = tuple(name for name in names if name in named.columns and name not in there)
    columns = tuple(one for key in there for one in (key, *(n for n in beside if n == f"{key[:-3]}_name")))
    return Sheet(name, say(f"table.{name}", lang), named, columns, most=_MOST)


def _reasons(explain: Callable[[Session, str, str], object]) -> Question:
    def ask(session: Session, scenario_id: str, about: str, lang: str) -> Reply:
        found = explain(session, scenario_id, about)
        told = found.sentences(lang)  # type: ignore[attr-defined]
        return Reply(found.to_json(lang), tuple(told["sentence"].tolist()))  # type: ignore[attr-defined]

    return ask


def _next_euro(session: Session, scenario_id: str, _about: str, lang: str) -> Reply:
    found = marginal(session, scenario_id, step_eur=1000.0)
    told = tuple(marginal_sentences(found, lang))
    shown = ("pot_id", "amount_eur", "spent_eur", "unspent_eur", "more_value", "less_value")
    return Reply(
        {**found.to_json(lang), "messages": list(told)}, told, (_sheet(session, "pots", found.pots, shown, lang),)
    )


def _twice(session: Session, scenario_id: str, _about: str, lang: str) -> Reply:
    found = duplication(session, [scenario_id])
    rows = found.cells[found.cells["scenario_id"] == scenario_id]
    shown = ("space_id", "need_id", "assessment", "duplication_eur", "duplication", "locked_until", "offers")
    sentence = say("twice.none", lang) if rows.empty else ""
    return Reply(found.to_json(lang), (sentence,) if sentence else (), (_sheet(session, "cells", rows, shown, lang),))


def _silos(session: Session, scenario_id: str, _about: str, lang: str) -> Reply:
    found = silos(session, scenario_id)
    shown = ("level", "status", "weighted_coverage", "lowest_space_coverage", "duplication_eur", "shortfall_units")
    told = tuple(remark.text(lang) for remark in found.remarks)
    return Reply(found.to_json(lang), told, (_sheet(session, "levels", found.levels, shown, lang),))


def _fairness(session: Session, scenario_id: str, _about: str, lang: str) -> Reply:
    found = fairness(session, scenario_id)
    shown = ("space_id", "coverage", "coverage_before", "burdened")
    return Reply(found.to_json(lang), (), (_sheet(session, "spaces", found.spaces, shown, lang),))


def _curve(session: Session, scenario_id: str, about: str, lang: str) -> Reply:
    found = frontier(session, scenario_id, about)
    told = tuple(remark.text(lang) for remark in found.remarks)
    return Reply(found.to_json(lang), told, curve=curve_of(session, found, lang))


QUESTIONS: dict[str, Question] = {
    "offer": _reasons(lambda session, id, about: explain_offer(session, id, about, across=False)),
    "pot": _reasons(explain_pot),
    "space": _reasons(explain_space),
    "floor": _reasons(explain_floor),
    "next-euro": _next_euro,
    "twice": _twice,
    "silos": _silos,
    "fairness": _fairness,
    "curve": _curve,
}
