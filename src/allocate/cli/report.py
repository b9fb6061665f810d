"""``allocate report``: the trade-off report of a town as one HTML file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from allocate.cli.opening import open_for_report
from allocate.cli.options import (
    Request,
    case_argument,
    command,
    complete_scenario,
    option,
    scenarios_option,
    solver_options,
)
from allocate.cli.output import as_json
from allocate.cli.paths import WORKBOOK, Reads, Writes
from allocate.cli.speech import say
from allocate.cli.what_if import WhatIf, what_if_options
from allocate.errors import UsageError
from allocate.files import is_stream, refuse, write_whole
from allocate.report.audience import AUDIENCES, COUNCIL

if TYPE_CHECKING:
    from allocate.questions.reports import Report

type Write = Callable[[Report], bytes]

_TEXTS = "report.csv"
FILE = Path("report.html")
ENDINGS = {".html": "table", ".htm": "table", ".json": "json", ".pdf": "table", ".docx": "table"}


@command("report", endings=ENDINGS)
@case_argument
@scenarios_option
@option("--proposal", metavar="ID", default="", shell_complete=complete_scenario)
@option("--offer", metavar="ID", multiple=True)
@option("--audience", type=click.Choice(AUDIENCES), default=COUNCIL, show_default=True)
@option("--department", metavar="ID", default="")
@option("--mask-providers", is_flag=True)
@option("--ballots", type=Reads(), multiple=True)
@option("--suggestions", type=Reads())
@option("--docx", type=Writes(endings=(".docx",), always=True))
@option("--letterhead", type=Reads())
@option("--pdf", type=Writes(endings=(".pdf",), always=True))
@option("--xlsx", type=WORKBOOK)
@option("--annex", is_flag=True)
@option("--years", default="")
@what_if_options
@solver_options
def report(
    request: Request, case: Path, scenarios: tuple[str, ...], proposal: str, docx: Path | None,
    letterhead: Path | None, pdf: Path | None, xlsx: Path | None, years: str, what_if: WhatIf, solver: str,
    time_limit: float | None, **asked: Any,
) -> int:  # fmt: skip
    """Write the report, a council paper and a workbook, all from one gathering; ``--format json``: the numbers."""
    from allocate.cli.gathering import exit_code, gathered
    from allocate.inputs.months import typed_years

    if request.format == "csv":
        raise UsageError("report-format")
    papers = _papers(docx, pdf, xlsx, request.out, letterhead=letterhead)
    if not papers and not request.out and request.format != "json":
        refuse(FILE)
    typed_years(years)
    base = scenarios or ((proposal,) if proposal and what_if.changes else ())
    session, shown = open_for_report(case, base, solver, time_limit, what_if)
    # What was changed is what is proposed; the scenario it starts from stands beside it.
    proposal = shown[-1] if what_if.changes else proposal
    found = gathered(request, session, shown, proposal=proposal, years=years or None, **asked)
    _write(request, found, papers)
    return exit_code(found)


def _write(request: Request, found: Report, papers: dict[Path, Write]) -> None:
    """The papers, and the page or the numbers behind it where they are wanted beside or instead of them."""
    for path, write in papers.items():
        write_whole(path, write(found))
    if papers and request.out in (None, *papers) and request.format == "table":
        _tell(request, *papers)
        return
    text = as_json(found.to_json()) if request.format == "json" else found.html()
    if request.format == "json" and request.out is None:
        request.stream.write(text)
        return
    path = request.out or FILE
    write_whole(path, text.encode("utf-8"))
    if request.format == "table":
        _tell(request, path, *papers)


def _tell(request: Request, *written: Path) -> None:
    """Say where the files are; what was written into a pipe stands there alone."""
    if not request.quiet and not any(is_stream(path) for path in written):
        request.stream.writelines(say("report.written", _TEXTS, path=path) + "\n" for path in written)


def _papers(
    docx: Path | None, pdf: Path | None, xlsx: Path | None, out: Path | None, *, letterhead: Path | None
) -> dict[Path, Write]:
    """The files to write beside the page, and who writes each; what is missing for it is said before any work."""
    from allocate.questions.reports import PAPER, PRINT, writer

    named = [(docx, PAPER), (pdf, PRINT)]
    named += [(out, ending) for _, ending in named if out and out.suffix.lower() == ending]
    named += [(xlsx, ".xlsx")]
    chosen = {target: ending for target, ending in named if target is not None}
    if letterhead is not None and PAPER not in chosen.values():
        raise UsageError("letterhead-no-paper")
    return {
        target: writer(Path(f"paper{ending}"), letterhead if ending == PAPER else None)
        for target, ending in chosen.items()
    }
