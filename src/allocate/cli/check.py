"""``allocate check``: all findings of all tables at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from allocate.cli.options import Request, case_argument, command
from allocate.cli.speech import say

if TYPE_CHECKING:
    import pandas as pd

_TEXTS = "check.csv"
_SHOWN = ("severity", "place", "message", "fix", "rule")


@command("check")
@case_argument
def check(request: Request, case: Path) -> int:
    """Print the findings; exit code 2 when there is an error among them."""
    from allocate.cli.guard import BAD_INPUT, OK
    from allocate.cli.output import Display, emit
    from allocate.inputs.findings import render
    from allocate.inputs.reading import read_checked

    read = read_checked(case)
    table = render(read.findings, request.lang)
    counts = {kind: int((table["severity"] == kind).sum()) for kind in ("error", "warning", "note")}
    verdict = say("check.bad" if counts["error"] else "check.good", _TEXTS, **counts)
    title = say("check.title", _TEXTS, case=read.case.name)
    emit(
        request,
        {"case": read.case.name, "counts": counts, "findings": table},
        [Display("findings", title, table.assign(place=places_of(table)), _SHOWN, (verdict,), tidy=table)],
    )
    return BAD_INPUT if counts["error"] else OK


def places_of(findings: pd.DataFrame) -> list[str]:
    """File, sheet, row and column in words, as much of it as a finding has."""
    rows = findings["row"].astype(object).where(findings["row"].notna(), None)
    places = zip(findings["file"], findings["sheet"], rows, findings["column"], strict=True)
    return [_place(*place) for place in places]


def _place(file: str, sheet: str, row: int | None, column: str) -> str:
    parts = [file] if file else []
    if sheet:
        parts.append(say("check.sheet", _TEXTS, sheet=sheet))
    if row is not None:
        parts.append(say("check.row", _TEXTS, row=row))
    if column:
        parts.append(say("check.column", _TEXTS, column=column))
    return " ".join(parts)
