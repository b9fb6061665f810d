"""Cases: what there is to say of a case before anything is asked of it: begun anew, and checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from allocate.arguments import arguments_checked
from allocate.checking.opening import read_checked
from allocate.errors import UsageError
from allocate.inputs import dictionary
from allocate.inputs.findings import render
from allocate.inputs.reading.package import ReadResult
from allocate.plain import Record
from allocate.questions.limits import Seed, Towns
from allocate.results.told import Told

if TYPE_CHECKING:
    from allocate.inputs.workbook.marking import Marked

SEVERITIES = ("error", "warning", "note")
_WORKBOOK = ".xlsx"


@dataclass(frozen=True, eq=False, repr=False)
class Checked(Told):
    """A case as it was read, with all findings on it; ``marked`` is the copy that shows them at their cells."""

    JSON: ClassVar = ("case=read.case.name", "counts", "findings", "*copy")

    read: ReadResult
    marked: Marked | None = None

    def __repr__(self) -> str:
        counts = ", ".join(f"{kind}s {count}" for kind, count in self.counts.items())
        return f"Checked({self.read.case.name}: {counts})"

    @property
    def counts(self) -> dict[str, int]:
        """How many findings there are of each severity."""
        return {kind: int((self.read.findings["severity"] == kind).sum()) for kind in SEVERITIES}

    def findings(self, lang: str = "en") -> pd.DataFrame:
        """All findings with their sentences: severity, rule, file, sheet, row, column, message, fix."""
        return render(self.read.findings, lang)

    @property
    def copy(self) -> Record:
        """The marked copy, where there is one: its path, how many findings stand at a cell, what it lacks."""
        found = self.marked
        return {"marked": {"path": str(found.path), "at_cells": found.at_cells, "lost": found.lost}} if found else {}


@arguments_checked
def check(path: str | Path, *, marked: str | Path | None = None, lang: str = "en") -> Checked:
    """All findings on the case at ``path``, whatever is wrong with it: ``allocate check``.

    ``marked``: also write a copy of the workbook in which they stand at their cells, in ``lang``. Raises ``InputError``
    where there is nothing to read, ``UsageError`` where the copy cannot be written.

    >>> allocate.check(case_folder).counts["error"]
    0
    """
    read = read_checked(path)
    if marked is None:
        return Checked(read)
    from allocate.inputs.workbook.marking import write_marked

    return Checked(read, write_marked(read, marked, lang))


@dataclass(frozen=True, eq=False, repr=False)
class Begun(Told):
    """A case or a Land that was begun: where it is, and its tables (of a Land: its towns) with what they mean."""

    JSON: ClassVar = ("*holds",)

    path: Path
    tables: pd.DataFrame
    is_land: bool = False

    def holds(self, lang: str = "en") -> Record:
        """Where it is and what it holds, by the names of the JSON."""
        if self.is_land:
            return {"land": str(self.path), "towns": self.tables}
        meant = [dictionary.table(name).meaning(lang) for name in self.tables["table"]]
        return {"case": str(self.path), "tables": self.tables.assign(meaning=meant)}


@arguments_checked
def init(
    folder: str | Path,
    *,
    excel: bool = False,
    land: Towns | None = None,
    seed: Seed | None = None,
    lang: str = "en",
) -> Begun:
    """Begin a case with a small example town, as CSV files or (``excel``) as one workbook: ``allocate init``.

    ``land``: a folder of so many invented towns that share a pot, drawn from ``seed``. What is there is never touched.
    Raises ``UsageError`` where something is there already or cannot be written.

    >>> allocate.init(empty / "town").tables["table"].tolist()[:2]
    ['spaces', 'needs']
    """
    from allocate.inputs.workbook.template import write_template_folder, write_template_workbook

    target = Path(folder)
    is_book = target.suffix.lower() == _WORKBOOK
    if land is not None:
        if excel or is_book:
            raise UsageError("init-land-workbook", place=str(target))
        from allocate.analyses.land.sources import write_land

        return Begun(target, write_land(target, land, 1 if seed is None else seed), is_land=True)
    if seed is not None:
        raise UsageError("init-seed-alone", place=f"--seed {seed}")
    if is_book or excel:
        book = target if is_book else target.with_name(target.name + _WORKBOOK)
        target = write_template_workbook(book, lang)
    else:
        write_template_folder(target, lang)
    tables = [
        {"table": table.name, "table_needed": table.required, "meaning": table.meaning(lang)}
        for table in dictionary.tables().values()
    ]
    return Begun(target, pd.DataFrame(tables))
