"""``allocate check``: all findings of all tables at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from allocate.cli.guard import BAD_INPUT, OK
from allocate.cli.options import Request, case_argument, command, option
from allocate.cli.output import Display, emit, ended
from allocate.cli.paths import Writes
from allocate.cli.speech import say

if TYPE_CHECKING:
    import pandas as pd

    from allocate.inputs.workbook.marking import Marked

_TEXTS = "check.csv"
_SHOWN = ("severity", "place", "message", "fix", "rule")


@command("check")
@case_argument
@option("--marked", type=Writes())
def check(request: Request, case: Path, marked: Path | None) -> int:
    """Print the findings, and write them into a copy of the workbook; exit code 2 when there is an error among them."""
    from allocate import check as ask
    from allocate.inputs.finding_groups import COUNT
    from allocate.inputs.grant_list import is_grant_list

    found = ask(case, marked=marked, lang=request.lang)
    town, counts, table = found.read.case, found.counts, found.findings(request.lang)
    good = "check.good-list" if is_grant_list(town.tables) else "check.good"
    verdict = say("check.bad" if counts["error"] else good, _TEXTS, **counts)
    display = findings_display(request, "findings", say("check.title", _TEXTS, case=town.name), table)
    notes = [*([say("check.grouped", _TEXTS)] if display.frame[COUNT].gt(1).any() else []), verdict]
    if found.marked:
        notes += _said_of(found.marked)
    emit(request, found.to_json(request.lang), [replace(display, notes=notes)])
    return ended(request, BAD_INPUT if counts["error"] else OK, [verdict])


def _said_of(copy: Marked) -> list[str]:
    """Where the marked copy is, and what it lacks of the original."""
    written = say("check.marked", _TEXTS, target=copy.path, at_cells=copy.at_cells, listed_only=copy.listed_only)
    return [written, *([say("check.lost", _TEXTS, lost=" ".join(copy.lost))] if copy.lost else [])]


def findings_display(request: Request, name: str, title: str, table: pd.DataFrame) -> Display:
    """Findings in words, drawn in groups of those that are alike, each with its place."""
    from allocate.inputs.finding_groups import grouped

    groups = grouped(table, request.lang)
    return Display(name, title, groups.assign(place=places_of(groups)), _SHOWN, tidy=table)


def places_of(groups: pd.DataFrame) -> list[str]:
    """File, sheet, first rows and column in words, as much of it as each group of findings has."""
    places = zip(*(groups[name] for name in ("file", "sheet", "rows", "count", "column")), strict=True)
    return [_place(*place) for place in places]


def _place(file: str, sheet: str, rows: tuple[int, ...], count: int, column: str) -> str:
    parts = [file] if file else []
    if sheet:
        parts.append(say("check.sheet", _TEXTS, sheet=sheet))
    if rows:
        more = " …" if count > len(rows) else ""
        named = ", ".join(map(str, rows)) + more
        parts.append(say("check.row" if len(rows) == 1 and not more else "check.rows", _TEXTS, row=named))
    if column:
        parts.append(say("check.column", _TEXTS, column=column))
    return " ".join(parts)
