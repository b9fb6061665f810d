"""How answers about paths over several years are drawn: compared, in conflict, and what money is worth by year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allocate.cli.options import Request
from allocate.cli.speech import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from allocate.analyses.paths.clash import PathConflict
    from allocate.analyses.paths.compared import PathComparison
    from allocate.analyses.paths.values import PathValues
    from allocate.cli.output import Display
    from allocate.inputs.case import Case
    from allocate.session import Session

_TEXTS = "path_answers.csv"
COMPARED = {
    "totals": (
        "scenario_id", "status", "objective_change", "covered_units_change", "spent_change_eur", "floors_missed",
        "spent_eur", "moved_eur", "once_eur", "objective",
    ),
    "years": (
        "year", "scenario_id", "weighted_coverage", "lowest_space_coverage", "floors_missed", "spent_eur", "money_eur",
        "carry_on_eur", "free_eur", "moved_eur",
    ),
    "steps": (
        "scenario_id", "year", "offer_id", "path_step", "capacity_before", "capacity", "change_eur", "held_back",
        "possible_from",
    ),
    "pots": (
        "scenario_id", "year", "pot_id", "amount_eur", "carried_eur", "spent_eur", "carry_on_eur", "free_eur",
        "short_eur",
    ),
    "staff": ("scenario_id", "year", "staff_id", "posts", "used_posts", "free_posts", "short_posts"),
    "needs": ("scenario_id", "year", "need_id", "coverage", "demand", "covered"),
    "spaces": ("scenario_id", "year", "space_id", "coverage"),
}  # fmt: skip
_DIFFERENCES = ("objective_change", "covered_units_change", "spent_change_eur")
_VALUES = (
    "year", "pot_id", "more_value", "less_value", "free_eur", "carry_on_eur", "spent_eur", "amount_eur",
)  # fmt: skip
_MEMBERS = ("year", "name", "gives_way_text", "basis", "decider")
_REPAIRS = ("repair", "status", "eur", "places", "points", "what", "decider", "verified")


def refuse_table(request: Request, known: Sequence[str], by_years: bool, all_known: Sequence[str]) -> None:
    """Raise ``UsageError`` for a table that there is only with ``--years``, or only without."""
    from allocate.errors import UsageError

    if request.table and request.table not in known:
        how = say("paths.without" if by_years else "paths.with", _TEXTS)
        raise UsageError("paths-table", table=request.table, how=how, known=", ".join(all_known))


def show_compared(request: Request, session: Session, answer: PathComparison) -> None:
    """Paths side by side: totals and years; the other tables one --table away."""
    names = [request.table] if request.table else ["totals", "years"]
    notes = {"totals" if not request.table else request.table: answer.messages(request.lang)}
    tables = {name: getattr(answer, name) for name in names}
    if "years" in tables:
        tables["years"] = tables["years"].sort_values("year", kind="stable")
    # One path differs from no other.
    differing = len(answer.solved) > 1
    wanted = {name: [one for one in COMPARED[name] if differing or one not in _DIFFERENCES] for name in names}
    _emit(request, session, answer, [_drawn(request, session.case, n, t, wanted[n], notes) for n, t in tables.items()])


def show_values(request: Request, session: Session, answer: PathValues) -> None:
    """What a step is worth in every pot and year."""
    notes = {"values": answer.messages(request.lang)}
    _emit(request, session, answer, [_drawn(request, session.case, "values", answer.pots, _VALUES, notes)])


def show_clash(request: Request, session: Session, answer: PathConflict) -> None:
    """The rules that clash by year, and the repairs."""
    lang, case = request.lang, session.case
    notes = {"clash": answer.messages(lang)}
    shown = [_drawn(request, case, "clash", answer.members(lang), _MEMBERS, notes)]
    if not answer.is_feasible or request.table == "repairs":
        shown.append(_drawn(request, case, "repairs", answer.repairs(lang), _REPAIRS, {}))
    if request.table:
        shown = [one for one in shown if one.name == request.table]
    _emit(request, session, answer, shown)


def _drawn(
    request: Request, case: Case, name: str, tidy: pd.DataFrame, wanted: Sequence[str], notes: Mapping[str, list[str]]
) -> Display:
    from allocate.cli.output import Display
    from allocate.inputs.names import named

    # What falls due once is no column where nothing does.
    idle = [one for one in ("once_eur",) if one in tidy and not tidy[one].gt(0).any()]
    frame, columns = named(
        case,
        tidy.astype({"year": str}) if "year" in tidy else tidy,
        [one for one in wanted if one not in idle],
        request.lang,
    )
    said = [*notes.get(name, []), *unstated(name, tidy)]
    return Display(name, say(f"paths.{name}", _TEXTS), frame, columns, said, tidy=tidy)


def unstated(name: str, table: pd.DataFrame) -> list[str]:
    """What there is to say of an empty table of posts: the case states none."""
    return [say("run.unstated.staff", "run.csv")] if name == "staff" and table.empty else []


def _emit(
    request: Request, session: Session, answer: PathComparison | PathValues | PathConflict, shown: list[Display]
) -> None:
    from allocate.cli.output import emit
    from allocate.questions.document import document

    emit(request, document(session, answer, request.lang), shown)
