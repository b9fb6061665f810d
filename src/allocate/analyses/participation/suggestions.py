"""Suggestions: what each one would do, proven by a run, and what became of it; every one gets an answer.

A suggestion's change is carried out on the scenario's inputs like a what-if and planned anew, certified and canonical.
Its effect is the difference of two plans: who is covered more or less, which offers hand over the money, and what the
figures say. A suggestion that names nothing, cannot be understood or cannot be planned is answered too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from allocate.analyses.comparison.moves import funding_flows, moves
from allocate.analyses.conflicts.why_no_plan import Conflict, conflicts
from allocate.analyses.figures import figures
from allocate.errors import AllocateError, InputError, UsageError
from allocate.inputs.case import Case
from allocate.inputs.findings import errors, render
from allocate.inputs.handed import OneLine
from allocate.inputs.names import called, called_place
from allocate.inputs.scenario.changes import parse_changes
from allocate.inputs.scenario.variant import Variant, apply
from allocate.inputs.voices.suggestions import lines_of
from allocate.language import LANGUAGES, Texts, number
from allocate.model.rules.register import rule_of
from allocate.results.allocation import Allocation
from allocate.results.columns import Columns
from allocate.session import Session
from allocate.solve.solution import Status
from allocate.town.facts import FloorFacts

TEXTS = Texts("allocate.analyses.participation")
MOST_SENTENCES = 2
NOTHING_NAMED, UNCLEAR, CONTAINED = "nothing_named", "unclear", "contained"
NO_PLAN, UNDECIDED, NO_DIFFERENCE, CHANGES = "no_plan", "undecided", "no_difference", "changes"
OUTCOMES = (NOTHING_NAMED, UNCLEAR, CONTAINED, NO_PLAN, UNDECIDED, NO_DIFFERENCE, CHANGES)
FIGURES = (
    "objective", "coverage_value", "weighted_coverage", "lowest_space_coverage", "covered_units", "duplication_eur",
    "moved_eur", "spent_eur",
)  # fmt: skip
# Below these an effect is none: EUR of an offer, need units of a cell.
EUROS, UNITS = 1.0, 1e-6
CELL_COLUMNS = Columns("space_id", "need_id", "demand", "covered_before", "covered", "covered_change")
OFFER_COLUMNS = Columns("offer_id", "cost_before_eur", "cost_eur", "change_eur", "capacity_before", "capacity")
MOVE_COLUMNS = Columns("from_kind", "from_id", "to_kind", "to_id", "amount_eur")


@dataclass(frozen=True, eq=False, repr=False)
class Effect(OneLine):
    """What one suggestion does to the plan (need units/year, EUR/year), all against the scenario's own plan.

    ``figures``: changes by name (``FIGURES``). ``cells`` (``CELL_COLUMNS``), ``offers`` (``OFFER_COLUMNS``) and
    ``moves`` (``MOVE_COLUMNS``) hold only what changes. ``yardstick_moved``: demand, weights or rules of judging change
    too, so that shares and objective of the two plans do not compare like with like.
    """

    figures: Mapping[str, float]
    cells: pd.DataFrame
    offers: pd.DataFrame
    moves: pd.DataFrame
    yardstick_moved: bool


@dataclass(frozen=True)
class SuggestionAnswer:
    """The answer to one suggestion.

    ``entry``: the row of the table of suggestions. ``outcome``: one of ``OUTCOMES``. ``reasons`` (language ->
    sentence): why it could not be computed. ``effect``: None unless planned. ``plan``: the plan with the suggestion.
    """

    entry: Mapping[str, str]
    outcome: str
    reasons: Mapping[str, str] = field(default_factory=dict)
    effect: Effect | None = None
    plan: Allocation | None = None
    conflict: Conflict | None = None

    @property
    def suggestion_id(self) -> str:
        """The id of the suggestion."""
        return self.entry["suggestion_id"]


def answer_all(session: Session, scenario_id: str, table: pd.DataFrame) -> tuple[SuggestionAnswer, ...]:
    """An answer to each row of a checked table of suggestions (``inputs.suggestions``).

    Raises ``UsageError`` no-feasible-plan where the scenario itself has no plan, and judges-only where it plans none.
    """
    base = session.run(scenario_id)
    if base.scenario.evaluate:
        raise UsageError("judges-only", scenario=scenario_id)
    if not base.has_plan:
        raise UsageError("no-feasible-plan", scenario=scenario_id)
    rows = [{str(key): str(value) for key, value in row.items()} for row in table.to_dict("records")]
    return tuple(answer(session, scenario_id, base, row) for row in rows)


def answer(session: Session, scenario_id: str, base: Allocation, entry: Mapping[str, str]) -> SuggestionAnswer:
    """The answer to one suggestion; ``base`` is the scenario's own plan."""
    lines = lines_of(entry["change"])
    if not lines:
        return SuggestionAnswer(entry, NOTHING_NAMED)
    try:
        variant = _carried_out(session, scenario_id, entry, lines)
    except AllocateError as refused:
        return SuggestionAnswer(entry, UNCLEAR, {lang: _said(refused, lang) for lang in LANGUAGES})
    if len(variant.changes) == len(session.variant(scenario_id).changes):
        return SuggestionAnswer(entry, CONTAINED)
    plan = session.run(session.add(variant))
    if plan.status is Status.INFEASIBLE:
        clash = conflicts(session, plan.scenario.scenario_id)
        return SuggestionAnswer(entry, NO_PLAN, _why_not(plan.variant.case, clash), conflict=clash)
    if not plan.has_plan or plan.status is Status.LIMIT:
        return SuggestionAnswer(entry, UNDECIDED)
    found = effect_of(base, plan)
    moved = len(found.offers) or len(found.cells)
    return SuggestionAnswer(entry, CHANGES if moved else NO_DIFFERENCE, effect=found, plan=plan)


def _carried_out(session: Session, scenario_id: str, entry: Mapping[str, str], lines: tuple[str, ...]) -> Variant:
    """The scenario with the suggestion. Raises ``UsageError`` and ``InputError`` where it cannot be carried out."""
    changes = parse_changes(lines, entry["title"], session.case)
    variant = apply(session.case, scenario_id, changes)
    name = f"{scenario_id}+{entry['suggestion_id']}"
    return replace(variant, scenario=replace(variant.scenario, scenario_id=name, expected=""))


def _said(refused: AllocateError, lang: str) -> str:
    """Why a change cannot be carried out, without the ids and places of a command line."""
    if isinstance(refused, InputError) and refused.findings is not None:
        rows = render(errors(refused.findings), lang).to_dict("records")
        return " ".join(f"{row['message']} {row['fix']}" for row in rows)
    text = refused.text(lang)
    return text.partition("] ")[2].removeprefix(f"{refused.place}: ")


def _why_not(case: Case, clash: Conflict) -> dict[str, str]:
    """Why no plan is possible: what is plain to see without solving, else what the rules that clash are missing."""
    reasons = {}
    for lang in LANGUAGES:
        plain = [
            rule_of(str(row["rule"])).say(
                f"unmet.{row['check']}",
                lang,
                **_of_rule(case, str(row["rule"]), str(row["id"]), str(row["place"]), lang),
                needed=_amount(float(row["needed"]), lang),
                available=_amount(float(row["available"]), lang),
            )
            for row in clash.prechecks.to_dict("records")
        ]
        reasons[lang] = " ".join((plain or clash.message(lang))[:MOST_SENTENCES])
    return reasons


def _of_rule(case: Case, rule: str, id: str, place: str, lang: str) -> dict[str, str]:
    """A rule's ``id`` and ``place`` with names: offers of contracts and shares of use, need and place of floors."""
    first = rule_of(rule).keys[:1]
    if first == ("offer",):
        return {"id": called(case, "offer_id", id, lang), "place": place}
    if first != ("floor",):
        return {"id": id, "place": place}
    floors = FloorFacts(case)
    need = called(case, "need_id", floors.by_id(floors.need_id)[id], lang)
    where = TEXTS.say("unmet.town", lang) if place == "*" else called_place(case, place, lang)
    return {"id": id, "place": f"{need}, {where}"}


def _amount(value: float, lang: str) -> str:
    return number(value, lang, 0 if value == round(value) else 1)


def effect_of(before: Allocation, after: Allocation) -> Effect:
    """The difference of two plans, each measured under its own scenario's inputs."""
    old, new = figures(before), figures(after)
    change = {name: new[name] - old[name] for name in FIGURES}
    return Effect(change, _cells(before, after), _offers(before, after), _moves(before, after), _moved(before, after))


def _moved(before: Allocation, after: Allocation) -> bool:
    """Whether the plans are judged by different demand, needs, weights, segments or settings."""
    judging = ("demand", "needs", "spaces", "segments", "parameters", "weight_sets")
    cases = before.variant.case, after.variant.case
    return any(not cases[0][name].equals(cases[1][name]) for name in judging)


def _cells(before: Allocation, after: Allocation) -> pd.DataFrame:
    """Cells whose coverage changes, the largest gain first and the largest loss last."""
    key = ["space_id", "need_id"]
    old, new = (plan.coverage.set_index(key)[["demand", "covered"]] for plan in (before, after))
    both = new.join(old.add_suffix("_before"), how="outer").fillna(0.0)
    table = pd.DataFrame(
        {
            "demand": np.maximum(both["demand"], both["demand_before"]),
            "covered_before": both["covered_before"],
            "covered": both["covered"],
            "covered_change": both["covered"] - both["covered_before"],
        }
    )
    table = table[table["covered_change"].abs() > UNITS]
    return CELL_COLUMNS.of(table.sort_values("covered_change", ascending=False, kind="stable").reset_index())


def _offers(before: Allocation, after: Allocation) -> pd.DataFrame:
    """Offers whose cost changes, the largest increase first."""
    old, new = (plan.offers.set_index("offer_id")[["cost_eur", "capacity"]] for plan in (before, after))
    both = new.join(old.add_suffix("_before"), how="outer").fillna(0.0)
    table = pd.DataFrame(
        {
            "cost_before_eur": both["cost_eur_before"],
            "cost_eur": both["cost_eur"],
            "change_eur": both["cost_eur"] - both["cost_eur_before"],
            "capacity_before": both["capacity_before"],
            "capacity": both["capacity"],
        }
    )
    capacity = (table["capacity"] - table["capacity_before"]).abs()
    table = table[(table["change_eur"].abs() > EUROS) | (capacity > UNITS)]
    return OFFER_COLUMNS.of(table.sort_values("change_eur", ascending=False, kind="stable").reset_index())


def _moves(before: Allocation, after: Allocation) -> pd.DataFrame:
    """Whose money goes where, from 1 EUR on (``comparison.moves``)."""
    table = moves(funding_flows(before, after))
    return MOVE_COLUMNS.of(table[table["amount_eur"] > EUROS].reset_index(drop=True))
