"""Questions that are opened on demand: each asks one analysis and gives its document, sentences and tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from allocate.analyses.alternatives.other_plans import alternatives
from allocate.analyses.fairness.covered_how_well import fairness
from allocate.analyses.margins.marginal import marginal
from allocate.analyses.reasons.explain import explain_floor, explain_offer, explain_pot, explain_space
from allocate.analyses.robustness.robust import Settings, robust
from allocate.analyses.silos.integration import silos
from allocate.analyses.tradeoffs.frontier import frontier
from allocate.analyses.transition.year_by_year import transition
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.inputs.in_places import is_in_places
from allocate.inputs.months import typed_years
from allocate.report.wording import TEXTS
from allocate.results.floor_kinds import BINDING
from allocate.results.told import heading
from allocate.session import Session
from allocate.web.behind import cell, figure, group, twice
from allocate.web.causes import causes
from allocate.web.curve import curve_of
from allocate.web.meant import entered, meaning, number, pair
from allocate.web.origins import origins
from allocate.web.reply import Reply, sheet
from allocate.web.speech import say

# Draws of chance and figures looked at when somebody waits for the answer; the command looks at more.
_RUNS, _INPUTS = 20, 40
# Months by which the decision may come later when somebody waits for the path.
_DELAYS = (6, 12)

type Question = Callable[[Session, str, str, str], Reply]


def reply(session: Session, scenario_id: str, question: str, about: str, lang: str, of: str = "") -> Reply:
    """Answer one of ``QUESTIONS``; ``about`` is the id it is about, blank where it needs none; ``of`` the column of the
    number that was pressed, whose meaning is said first.

    Raises ``UsageError`` for an unknown question or id, and what the analysis raises.
    """
    if question not in QUESTIONS:
        raise UsageError("question-unknown", question=question, known=", ".join(QUESTIONS))
    if of and question in _CARDS and session.variant(scenario_id).scenario.evaluate:
        found = Reply({"scenario_id": scenario_id}, (say("behind.today", lang),))
    else:
        found = QUESTIONS[question](session, scenario_id, about, lang)
    cells = found.origins or origins(session.case, question, about, lang, of)
    told = tuple(one for one in (meaning(of, lang), *found.sentences) if one)
    return replace(found, document={**heading(session.case), **found.document}, sentences=told, origins=cells)


def _reasons(explain: Callable[[Session, str, str], object]) -> Question:
    def ask(session: Session, scenario_id: str, about: str, lang: str) -> Reply:
        found = explain(session, scenario_id, about)
        told = found.sentences(lang)  # type: ignore[attr-defined]
        return Reply(found.to_json(lang), tuple(told["sentence"].tolist()))  # type: ignore[attr-defined]

    return ask


def _next_euro(session: Session, scenario_id: str, _about: str, lang: str) -> Reply:
    found = marginal(session, scenario_id)
    told = tuple(found.messages(lang))
    shown = ("pot_id", "amount_eur", "spent_eur", "unspent_eur", "more_value", "less_value")
    return Reply(found.to_json(lang), told, (sheet(session, "pots", found.pots, shown, lang),))


def _silos(session: Session, scenario_id: str, _about: str, lang: str) -> Reply:
    found = silos(session, scenario_id)
    shown = ("level", "status", "weighted_coverage", "lowest_space_coverage", "duplication_eur", "shortfall_units")
    told = tuple(remark.text(lang) for remark in found.remarks)
    return Reply(found.to_json(lang), told, (sheet(session, "levels", found.levels, shown, lang),))


def _fairness(session: Session, scenario_id: str, _about: str, lang: str) -> Reply:
    found = fairness(session, scenario_id)
    shown = ("space_id", "today", "plan", "reachable")
    return Reply(found.to_json(lang), (), (sheet(session, "spaces", found.spaces, shown, lang),))


def _curve(session: Session, scenario_id: str, about: str, lang: str) -> Reply:
    found = frontier(session, scenario_id, about)
    told = tuple(remark.text(lang) for remark in found.remarks)
    return Reply(found.to_json(lang), told, curve=curve_of(session, found, lang))


def _alternatives(session: Session, scenario_id: str, _about: str, lang: str) -> Reply:
    found = alternatives(session, scenario_id)
    shown = ("plan_name", "below_best", "to_proposal_eur", "weighted_coverage", "lowest_space_coverage", "moved_eur")
    plans = found.overview.assign(plan_name=[_plan_name(one, lang) for one in found.overview["plan_id"].tolist()])
    return Reply(found.to_json(lang), tuple(found.sentences(lang)), (sheet(session, "plans", plans, shown, lang),))


def _plan_name(plan_id: str, lang: str) -> str:
    kind, _, count = plan_id.partition("different_")
    return TEXTS.say("plan.different", lang, number=count) if count else TEXTS.say(f"plan.{kind}", lang)


def _robust(session: Session, scenario_id: str, _about: str, lang: str) -> Reply:
    """With fewer draws than the command, for somebody waits."""
    found = robust(session, scenario_id, Settings(runs=_RUNS, inputs=_INPUTS, turning=3))
    return Reply(found.to_json(lang), tuple(found.sentences(lang)))


def _path(session: Session, scenario_id: str, about: str, lang: str) -> Reply:
    """The path over the years asked for (``2027-2030``), by default four from the year planned."""
    found = transition(session, scenario_id, typed_years(about), delays=_DELAYS)
    years = ("year", "weighted_coverage", "floors_missed", "spent_eur", "money_eur", "carry_on_eur", "free_eur")
    steps = ("year", "offer_id", "path_step", "change_eur", "held_back", "possible_from")
    drawn = [
        sheet(session, f"path_{name}", frame.assign(year=frame["year"].astype(str)), shown, lang)
        for name, frame, shown in (("years", found.years, years), ("steps", found.steps, steps))
    ]
    lowered = found.floors[found.floors["floor_kind"].isin(BINDING) & ~found.floors["met"].astype(bool)]
    if len(lowered):
        shown = ("year", "floor_id", "scope_id", "need_id", "required", "achieved", "legal_basis")
        lowered = lowered.assign(year=lowered["year"].astype(str))
        drawn.insert(1, sheet(session, "path_floors", lowered, shown, lang))
    late = ("delay_months", "status", "covered_units_change", "spent_change_eur", "floors_missed")
    if len(found.delays):
        drawn.append(sheet(session, "path_delays", found.delays, late, lang))
    return Reply(found.to_json(lang), tuple(found.messages(lang)), tuple(drawn))


# Reason cards, which only a proposal has.
_CARDS = ("offer", "pot", "space", "floor")
# The questions about the whole town that stand as buttons beside the controls.
_BUTTONS = ("causes", "next-euro", "twice", "silos", "fairness", "alternatives", "robust", "path")


def buttons_of(case: Case) -> list[str]:
    """Which questions are offered: what departments gain by pooling money is none where there is no money."""
    return [one for one in _BUTTONS if one != "silos" or not is_in_places(case)]


QUESTIONS: dict[str, Question] = {
    "offer": _reasons(lambda session, id, about: explain_offer(session, id, about, across=False)),
    "pot": _reasons(explain_pot),
    "space": _reasons(explain_space),
    "floor": _reasons(explain_floor),
    "next-euro": _next_euro,
    "twice": twice,
    "silos": _silos,
    "fairness": _fairness,
    "curve": _curve,
    "causes": causes,
    "alternatives": _alternatives,
    "robust": _robust,
    "path": _path,
    "figure": figure,
    "cell": cell,
    "group": group,
    "number": number,
    "pair": pair,
    "input": entered,
}
