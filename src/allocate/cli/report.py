"""``allocate report``: the trade-off report of a town as one HTML file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from allocate.cli.options import (
    Request,
    case_argument,
    command,
    complete_scenario,
    option,
    scenarios_option,
    solver_options,
)
from allocate.cli.paths import Reads, Writes
from allocate.cli.speech import say

if TYPE_CHECKING:
    from allocate.report.content import Content

type Write = Callable[[Content, str, bool], bytes]

_TEXTS = "report.csv"
FILE = Path("report.html")


@command("report")
@case_argument
@scenarios_option
@option("--proposal", metavar="ID", shell_complete=complete_scenario)
@option("--offer", "offers", metavar="ID", multiple=True)
@option("--mask-providers", is_flag=True)
@option("--ballots", "ballots", type=Reads(), multiple=True)
@option("--suggestions", type=Reads())
@option("--docx", type=Writes())
@option("--pdf", type=Writes())
@solver_options
def report(
    request: Request,
    case: Path,
    scenarios: tuple[str, ...],
    proposal: str | None,
    offers: tuple[str, ...],
    mask_providers: bool,
    ballots: tuple[Path, ...],
    suggestions: Path | None,
    docx: Path | None,
    pdf: Path | None,
    solver: str,
    time_limit: float | None,
) -> int:
    """Write the report, a council paper, or both; with ``--format json`` the numbers behind it."""
    from allocate.cli.gathering import content_of, draft_of, exit_code, refuse_unwritable
    from allocate.cli.output import as_json, write_safely
    from allocate.errors import UsageError
    from allocate.report.page import draw
    from allocate.report.record import record
    from allocate.report.sections import sections

    if request.format == "csv":
        raise UsageError("report-format")
    papers = _papers(docx, pdf)
    refuse_unwritable(*papers)
    draft = draft_of(request, case, masked=mask_providers, solver=solver, time_limit=time_limit)
    voices = draft.voices(ballots, suggestions)
    found = content_of(request, draft.session, scenarios, proposal or "", draft.offers(offers), voices)
    for path, write in papers.items():
        write_safely(path, write(found, request.lang, mask_providers))
    if papers and not request.out and request.format == "table":
        if not request.quiet:
            request.stream.writelines(say("report.written", _TEXTS, path=path) + "\n" for path in papers)
        return exit_code(found)
    chapters = sections(found, request.lang)
    if request.format == "json":
        text = as_json(record(found, chapters, request.lang))
        if request.out is None:
            request.stream.write(text)
            return exit_code(found)
    else:
        text = draw(found, chapters, request.lang, masked=mask_providers)
    path = request.out or FILE
    write_safely(path, text.encode("utf-8"))
    if request.format == "table" and not request.quiet:
        request.stream.writelines(say("report.written", _TEXTS, path=one) + "\n" for one in (path, *papers))
    return exit_code(found)


def _papers(docx: Path | None, pdf: Path | None) -> dict[Path, Write]:
    """The files to write beside the page, and who writes each; what is missing for it is said before any work."""
    from allocate.errors import UsageError

    papers: dict[Path, Write] = {}
    for target, suffix, writer in ((docx, ".docx", _paper), (pdf, ".pdf", _print)):
        if target is not None:
            if target.suffix.lower() != suffix:
                raise UsageError("paper-suffix", place=str(target), suffix=suffix)
            papers[target] = writer()
    return papers


def _paper() -> Write:
    """The council paper. Raises ``UsageError`` where python-docx is not installed."""
    from importlib.util import find_spec

    from allocate.errors import UsageError

    if find_spec("docx") is None:
        raise UsageError("extra-missing", extra="paper")
    from allocate.report.paper import paper

    return lambda content, lang, masked: paper(content, lang, masked=masked)


def _print() -> Write:
    """The page as PDF. Raises ``UsageError`` where there is no browser to print it."""
    from allocate.report.page import page
    from allocate.report.printing import Printer

    printer = Printer.found()
    return lambda content, lang, masked: printer.pdf(page(content, lang, masked=masked))
