"""``allocate report``: the trade-off report of a town as one HTML file."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from allocate.cli.options import (
    Request,
    case_argument,
    command,
    complete_scenario,
    option,
    scenarios_option,
    solver_options,
)
from allocate.cli.paths import WORKBOOK, Reads, Writes
from allocate.cli.speech import say
from allocate.cli.what_if import WhatIf, what_if_options
from allocate.report.audience import AUDIENCES, COUNCIL, DEPARTMENT, Audience

if TYPE_CHECKING:
    from allocate.errors import UsageError
    from allocate.report.content import Content

type Write = Callable[[Content, str, bool], bytes]

_TEXTS = "report.csv"
FILE = Path("report.html")
ENDINGS = {".html": "table", ".htm": "table", ".json": "json", ".pdf": "table", ".docx": "table"}


@command("report", endings=ENDINGS)
@case_argument
@scenarios_option
@option("--proposal", metavar="ID", shell_complete=complete_scenario)
@option("--offer", "offers", metavar="ID", multiple=True)
@option("--audience", type=click.Choice(AUDIENCES), default=COUNCIL, show_default=True)
@option("--department", metavar="ID")
@option("--mask-providers", is_flag=True)
@option("--ballots", "ballots", type=Reads(), multiple=True)
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
    request: Request,
    case: Path,
    scenarios: tuple[str, ...],
    proposal: str | None,
    offers: tuple[str, ...],
    audience: str,
    department: str | None,
    mask_providers: bool,
    ballots: tuple[Path, ...],
    suggestions: Path | None,
    docx: Path | None,
    letterhead: Path | None,
    pdf: Path | None,
    xlsx: Path | None,
    annex: bool,
    years: str,
    what_if: WhatIf,
    solver: str,
    time_limit: float | None,
) -> int:
    """Write the report, a council paper and a workbook, all from one gathering; ``--format json``: the numbers."""
    from allocate.cli.gathering import content_of, draft_of, exit_code
    from allocate.errors import UsageError
    from allocate.files import refuse, write_whole
    from allocate.inputs.months import typed_years

    if request.format == "csv":
        raise UsageError("report-format")
    readers = _readers(audience, department)
    mask_providers, annex = mask_providers or readers.is_public, annex or readers.is_whole
    papers = _papers(docx, pdf, xlsx, request.out, annex=annex, letterhead=letterhead)
    if not papers and not request.out and request.format != "json":
        refuse(FILE)
    span, base = typed_years(years), scenarios or ((proposal,) if proposal and what_if.changes else ())
    try:
        draft = draft_of(request, case, mask_providers, solver, time_limit, what_if, base)
    except UsageError as refused:
        if refused.id == "grant-list" and mask_providers:
            raise UsageError("grants-named") from refused
        return _of_grants(refused, request, case, scenarios, list(papers), letterhead)
    # What was changed is what is proposed; the scenario it starts from stands beside it.
    proposed = draft.scenarios[-1] if what_if.changes else proposal or ""
    voices = draft.voices(ballots, suggestions)
    found = content_of(request, draft.session, draft.scenarios, proposed, draft.offers(offers), voices, readers, span)
    _write(papers, found, request.lang, mask_providers)
    if papers and request.out in (None, *papers) and request.format == "table":
        _tell(request, *papers)
        return exit_code(found)
    text = _text(found, request, masked=mask_providers, annex=annex)
    if request.format == "json" and request.out is None:
        request.stream.write(text)
        return exit_code(found)
    path = request.out or FILE
    write_whole(path, text.encode("utf-8"))
    if request.format == "table":
        _tell(request, path, *papers)
    return exit_code(found)


def _text(content: Content, request: Request, *, masked: bool, annex: bool) -> str:
    """The page, or the numbers behind it as JSON."""
    from allocate.cli.output import as_json
    from allocate.report.blocks.order import blocks
    from allocate.report.papers.page import page
    from allocate.report.papers.record import record
    from allocate.report.sections.order import sections

    if request.format != "json":
        return page(content, request.lang, masked=masked, annex=annex)
    main = [one.as_section() for one in blocks(content, request.lang, pictures=False)]
    return as_json(record(content, [*main, *sections(content, request.lang)], request.lang))


def _readers(audience: str, department: str | None) -> Audience:
    """Who reads the report. Raises ``UsageError`` for a department's version without a department, and the reverse."""
    from allocate.errors import UsageError

    if (audience == DEPARTMENT) != bool(department):
        raise UsageError("audience-department")
    return Audience(audience, department or "")


def _write(papers: dict[Path, Write], found: Content, lang: str, masked: bool) -> None:
    """The papers beside the page."""
    from allocate.files import write_whole

    for path, write in papers.items():
        write_whole(path, write(found, lang, masked))


def _of_grants(
    refused: UsageError,
    request: Request,
    case: Path,
    scenarios: tuple[str, ...],
    papers: list[Path],
    letterhead: Path | None,
) -> int:
    """The report of a case that was refused as a list of grants: money, and no coverage. Raises any other refusal."""
    from allocate.analyses.grants.grants import grants
    from allocate.checking.opening import read_case
    from allocate.cli.guard import OK
    from allocate.cli.output import as_json
    from allocate.files import write_whole
    from allocate.report.papers.grants_report import grants_book, grants_page, grants_report

    if refused.id != "grant-list":
        raise refused
    town = read_case(case)
    found = grants_report(grants(town, scenarios[-1] if scenarios else ""), request.lang)
    for path in papers:
        if path.suffix.lower() == ".docx":
            from allocate.report.papers.grants_paper import grants_paper
            from allocate.report.papers.word import letterhead_of

            write_whole(path, grants_paper(found, None if letterhead is None else letterhead_of(letterhead)))
        elif path.suffix.lower() == ".xlsx":
            write_whole(path, grants_book(found))
        else:
            from allocate.report.papers.printing import Printer

            write_whole(path, Printer.found().pdf(grants_page(found)))
    if papers and request.out in (None, *papers) and request.format == "table":
        _tell(request, *papers)
        return OK
    text = as_json(found.document()) if request.format == "json" else grants_page(found)
    if request.format == "json" and request.out is None:
        request.stream.write(text)
        return OK
    path = request.out or FILE
    write_whole(path, text.encode("utf-8"))
    if request.format == "table":
        _tell(request, path, *papers)
    return OK


def _tell(request: Request, *written: Path) -> None:
    """Say where the files are; what was written into a pipe stands there alone."""
    from allocate.files import is_stream

    if not request.quiet and not any(is_stream(path) for path in written):
        request.stream.writelines(say("report.written", _TEXTS, path=path) + "\n" for path in written)


def _papers(
    docx: Path | None,
    pdf: Path | None,
    xlsx: Path | None,
    out: Path | None,
    *,
    annex: bool,
    letterhead: Path | None,
) -> dict[Path, Write]:
    """The files to write beside the page, and who writes each; what is missing for it is said before any work."""
    from allocate.errors import UsageError

    papers: dict[Path, Write] = {}
    named: list[tuple[Path | None, str, Callable[[], Write]]] = [
        (docx, ".docx", partial(_paper, letterhead)),
        (pdf, ".pdf", partial(_print, annex=annex)),
    ]
    named += [(out, suffix, writer) for _, suffix, writer in named if out and out.suffix.lower() == suffix]
    named += [(xlsx, ".xlsx", _book)]
    for target, _, writer in named:
        if target is not None:
            papers[target] = writer()
    if letterhead is not None and not any(path.suffix.lower() == ".docx" for path in papers):
        raise UsageError("letterhead-no-paper")
    return papers


def _paper(letterhead: Path | None) -> Write:
    """The council paper. Raises ``UsageError`` where python-docx is not installed or the letterhead is no document."""
    from importlib.util import find_spec

    from allocate.errors import UsageError

    if find_spec("docx") is None:
        raise UsageError("extra-missing", extra="paper")
    from allocate.report.papers.council_paper import paper
    from allocate.report.papers.word import letterhead_of

    own = None if letterhead is None else letterhead_of(letterhead)
    return lambda content, lang, masked: paper(content, lang, masked=masked, letterhead=own)


def _book() -> Write:
    """The workbook of the results."""
    from allocate.report.papers.workbook import workbook

    return lambda content, lang, masked: workbook(content, lang, masked=masked)


def _print(*, annex: bool) -> Write:
    """The page as PDF. Raises ``UsageError`` where there is no browser to print it."""
    from allocate.report.papers.page import page
    from allocate.report.papers.printing import Printer

    printer = Printer.found()
    return lambda content, lang, masked: printer.pdf(page(content, lang, masked=masked, annex=annex))
