"""Taking home: a working copy as a scenario in a new copy of the case, and report, paper and workbook of results."""

from __future__ import annotations

import io
import math
import secrets
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from allocate.checking.opening import read_case
from allocate.errors import UsageError
from allocate.inputs.numerals import plain_number
from allocate.inputs.scenario.saving import save_scenario
from allocate.questions.reports import TownReport, writer
from allocate.report.content import gather, steps_of
from allocate.session import Session
from allocate.web.desk import WORKING, Desk
from allocate.web.intake import MOST_BYTES
from allocate.web.jobs import Step
from allocate.web.open_town import OpenTown, changes_of, widened

_COLUMNS = ("scenario_id", "table", "key", "column", "how", "value", "reason")
KINDS = {"report": "html", "pdf": "pdf", "paper": "docx", "workbook": "xlsx"}


def saved(desk: Desk, folder: Path, scenario_id: str, title: str, reason: str) -> Desk:
    """The desk on a new copy of its case in which the steps are a scenario.

    The user's own file is never written to; every step needs a reason, its own or ``reason``. Raises ``UsageError``
    (nothing-to-save, scenario-taken, change-reason-missing) and ``InputError``.
    """
    if not desk.steps:
        raise UsageError("nothing-to-save")
    changes = changes_of(desk, reason)
    if any(not one.reason.strip() for one in changes):
        raise UsageError("change-reason-missing", place=title, text=desk.steps[0].column or desk.steps[0].how)
    copy = _copied(Path(desk.path), folder)
    try:
        save_scenario(widened(read_case(copy), desk, reason, new_id=scenario_id, title=title), scenario_id)
    except BaseException:
        shutil.rmtree(copy.parent, ignore_errors=True)
        raise
    after = desk.back_to(scenario_id)
    # The scenario has the steps now, so that none of them is to be done again on it.
    return replace(after, undone=(), path=str(copy), saved=(*desk.saved, scenario_id))


def pasted(desk: Desk, lang: str) -> str:
    """The change rows of a desk as a spreadsheet takes them from the clipboard: tabs, and a comma where German Excel
    would take a number with a point for a date.
    """
    rows = [_COLUMNS]
    for one in desk.rows:
        value = one.value
        if lang == "de" and "," not in value and not math.isnan(plain_number(value)):
            value = value.replace(".", ",")
        rows.append(("", one.table, one.key, one.column, one.how, value, one.reason))
    return "\n".join("\t".join(" ".join(cell.split()) for cell in row) for row in rows)


def packed(path: Path) -> tuple[str, bytes]:
    """A case as one file to download: a workbook as it is, a folder of tables as an archive."""
    if path.is_file():
        return path.name, path.read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(path.iterdir()):
            if file.is_file() and ".bak" not in file.name:
                archive.write(file, f"{path.name}/{file.name}")
    return f"{path.name}.zip", buffer.getvalue()


def file_of(
    town: OpenTown, desk: Desk, kind: str, reason: str, lang: str, letterhead: bytes | None = None
) -> tuple[str, int, Callable[[Step], bytes]]:
    """Name of a file to take home, the number of its steps, and the function that makes it.

    ``letterhead``: a Word document whose head, foot, page and styles a council paper takes over. Raises ``UsageError``
    and ``InputError`` where the steps cannot be carried out or the letterhead is no Word document.
    """
    if letterhead is not None and kind == "paper":
        _check_letterhead(letterhead, town.case.name)
    session, proposal, ids = _session(town, desk, reason)
    name = f"{desk.name}-{proposal}".replace(" ", "-")

    def make(step: Step) -> bytes:
        return _drawn(TownReport(gather(session, ids, proposal, progress=step), lang), kind, letterhead)

    return f"{name}.{KINDS[kind]}", steps_of(session, ids), make


def _session(town: OpenTown, desk: Desk, reason: str) -> tuple[Session, str, list[str]]:
    """A session of its own, so that a long report holds up nobody, the proposal and what stands beside it."""
    if desk.steps:
        return Session(widened(town.case, desk, reason)), WORKING, [desk.base, WORKING]
    return Session(town.case), desk.base, [desk.base]


def _drawn(report: TownReport, kind: str, letterhead: bytes | None) -> bytes:
    """The file of a kind, by the same function as the commands; raises as it does."""
    write = writer(_named(kind))
    return report.docx(letterhead) if kind == "paper" else write(report)


def _check_letterhead(content: bytes, name: str) -> None:
    """Raises ``UsageError`` where it is no Word document, or one that would unpack to more than fits in memory."""
    writer(_named("paper"))
    from allocate.report.papers.word import check_letterhead  # noqa: PLC0415

    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(one.file_size for one in packed.infolist()) > MOST_BYTES:
                raise UsageError("letterhead-unreadable", place=name)
    check_letterhead(content, name)


def _named(kind: str) -> Path:
    """A file of a kind, by whose ending it is known who writes it."""
    return Path(f"results.{KINDS[kind]}")


def _copied(path: Path, folder: Path) -> Path:
    home = folder / "cases" / secrets.token_hex(6)
    home.mkdir(parents=True, mode=0o700)
    target = home / path.name
    if path.is_dir():
        shutil.copytree(path, target)
    else:
        shutil.copyfile(path, target)
    return target
