"""How answers about paths over several years are drawn: compared, in conflict, and what money is worth by year."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from allocate.cli.drawn import BY_YEARS, tables_of
from allocate.cli.options import Request
from allocate.cli.output import Display, named_display, respond
from allocate.cli.speech import say
from allocate.errors import UsageError
from allocate.language import reckons_in_places

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from allocate.analyses.paths.clash import PathConflict
    from allocate.analyses.paths.compared import PathComparison
    from allocate.analyses.paths.values import PathValues
    from allocate.inputs.case import Case
    from allocate.session import Session

_TEXTS = "path_answers.csv"
_DIFFERENCES = ("objective_change", "covered_units_change", "spent_change_eur")


def refuse_table(request: Request, by_years: bool) -> None:
    """Raise ``UsageError`` for a table that there is only with ``--years``, or only without."""
    known = tables_of(request.command + (BY_YEARS if by_years else ""))
    if request.table and request.table not in known:
        how = say("paths.without" if by_years else "paths.with", _TEXTS)
        raise UsageError("paths-table", table=request.table, how=how, known=", ".join(known))


def _of_paths(request: Request) -> Request:
    return replace(request, command=request.command + BY_YEARS)


def show_compared(request: Request, session: Session, answer: PathComparison) -> None:
    """Paths side by side: totals and years; the other tables one --table away."""
    request = _of_paths(request)
    notes = {request.table or "totals": answer.messages(request.lang)}
    tables = {name: getattr(answer, name) for name in request.tables}
    if "years" in tables:
        tables["years"] = tables["years"].sort_values("year", kind="stable")
    # One path differs from no other.
    idle = () if len(answer.solved) > 1 else _DIFFERENCES
    shown = [_drawn(request, session.case, name, table, notes, idle) for name, table in tables.items()]
    respond(request, session, answer, shown)


def show_values(request: Request, session: Session, answer: PathValues) -> None:
    """What a step is worth in every pot and year."""
    request, pots = _of_paths(request), answer.pots
    drawn, notes = pots.astype({"year": str}), answer.messages(request.lang)
    shown = named_display(request, session.case, "pots", say("paths.values", _TEXTS), drawn, notes, pots)
    respond(request, session, answer, [shown])


def show_clash(request: Request, session: Session, answer: PathConflict) -> None:
    """The rules that clash by year, and the repairs."""
    request, lang, case = _of_paths(request), request.lang, session.case
    notes = {"clash": answer.messages(lang)}
    shown = [_drawn(request, case, "clash", answer.members(lang), notes)]
    if not answer.is_feasible or request.table == "repairs":
        shown.append(_drawn(request, case, "repairs", answer.repairs(lang), {}))
    respond(request, session, answer, shown)


def _drawn(
    request: Request,
    case: Case,
    name: str,
    tidy: pd.DataFrame,
    notes: Mapping[str, list[str]],
    idle: Sequence[str] = (),
) -> Display:
    shown = without_idle(tidy, [one for one in request.columns(name) if one not in idle])
    drawn = tidy.astype({"year": str}) if "year" in tidy else tidy
    said = [*notes.get(name, []), *unstated(name, tidy)]
    return named_display(request, case, name, say(f"paths.{name}", _TEXTS), drawn, said, tidy, shown)


def without_idle(table: pd.DataFrame, shown: Sequence[str]) -> list[str]:
    """The columns without that of what falls due once, where nothing does, and without what places cannot do."""
    from allocate.analyses.transition.path_tables import CARRIED

    due = "once_eur" in table and table["once_eur"].gt(0).any()
    idle = {*([] if due else ["once_eur"]), *(CARRIED if reckons_in_places() else [])}
    return [name for name in shown if name not in idle]


def unstated(name: str, table: pd.DataFrame) -> list[str]:
    """What there is to say of an empty table of posts: the case states none."""
    return [say("run.unstated.staff", "run.csv")] if name == "staff" and table.empty else []
