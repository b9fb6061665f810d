"""``allocate check``: all findings of all tables at once."""

from __future__ import annotations

from pathlib import Path

from allocate.cli.options import Request, case_argument, command
from allocate.cli.speech import say

_TEXTS = "check.csv"


@command("check")
@case_argument
def check(request: Request, case: Path) -> int:
    """Print the findings; exit code 2 when there is an error among them."""
    from allocate.cli.guard import BAD_INPUT, OK
    from allocate.cli.output import Display, emit
    from allocate.inputs.checking import check as find_all
    from allocate.inputs.findings import render

    table = render(find_all(case), request.lang)
    counts = {kind: int((table["severity"] == kind).sum()) for kind in ("error", "warning", "note")}
    verdict = say("check.bad" if counts["error"] else "check.good", _TEXTS, **counts)
    shown: tuple[str, ...] = ("severity", "file", "sheet", "row", "column", "value", "message", "fix", "rule")
    if not table["sheet"].str.len().sum():
        shown = tuple(name for name in shown if name != "sheet")
    title = say("check.title", _TEXTS, case=case.name)
    emit(
        request,
        {"case": case.stem, "counts": counts, "findings": table},
        [Display("findings", title, table, shown, (verdict,))],
    )
    return BAD_INPUT if counts["error"] else OK
