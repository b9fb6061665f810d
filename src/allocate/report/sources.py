"""Sources: where each figure of page one and of the main report comes from: cells of the inputs, and a command.

``sources.csv`` is the register: the key of a tile, a table or an answer, the commands that print its figures (``|``
between them) and the columns of the inputs they rest on (``table.column``, ``;`` between them).
"""

from __future__ import annotations

import csv
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

import pandas as pd

from allocate.inputs.case import Source
from allocate.inputs.in_places import is_in_places
from allocate.report.columns import said
from allocate.report.content import Content

# Of these the rows of a table have a row of the inputs each, and a command asks for one of them.
_ROWS = {
    "offer_id": ("offers", "explain CASE -s PROPOSAL --offer ID"),
    "floor_id": ("floors", "explain CASE -s PROPOSAL --floor ID"),
    "space_id": ("spaces", "explain CASE -s PROPOSAL --space ID"),
    "scenario_id": ("scenarios", "run CASE -s ID"),
}
# The test runs of a report, as it has asked for them.
_ROBUST = "ROBUST"


@dataclass(frozen=True)
class Origin:
    """What a figure rests on: ``cells`` in words (file, rows, column), ``commands`` that print it."""

    key: str
    cells: tuple[str, ...]
    commands: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of it on one line."""
        return " · ".join((*self.commands, *self.cells))


@cache
def register() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """By key the commands and the columns of the inputs, from ``sources.csv``."""
    source = resources.files("allocate.report").joinpath("sources.csv")
    with source.open(encoding="utf-8") as stream:
        return {
            row["key"]: (tuple(row["commands"].split("|")), tuple(filter(None, row["inputs"].split(";"))))
            for row in csv.DictReader(stream)
        }


def origin(content: Content, key: str, lang: str) -> Origin:
    """The source of a tile, a table or an answer; raises ``KeyError`` for one that the register does not have."""
    commands, inputs = register()[key]
    if is_in_places(content.case):
        commands = tuple(one for one in commands if not one.endswith("--table years"))
    return Origin(
        key,
        tuple(place for one in inputs for place in _column(content, one, lang)),
        tuple(filled(content, words) for words in commands if words != _ROBUST or content.robustness is not None),
    )


def filled(content: Content, words: str, id: str = "") -> str:
    """A command with the case, its scenarios and an id put in; the scenario named first is the proposal."""
    proposal = content.proposal or content.status_quo
    others = [one for one in content.plans if one not in (content.status_quo, proposal)]
    ids = [*([content.proposal] if content.proposal else []), *others] or [content.status_quo]
    values = {
        "CASE": shlex.quote(content.case.name),
        "PROPOSAL": shlex.quote(proposal),
        "STATUSQUO": shlex.quote(content.status_quo),
        "IDS": shlex.join(ids),
        "SCENARIOS": " ".join(f"-s {shlex.quote(one)}" for one in ids),
        "ID": shlex.quote(id),
    }
    if content.path is not None:
        values["YEARS"] = "-".join(map(str, content.path.span.ends.values()))
    said = _trials(content) if words == _ROBUST else words
    return " ".join(["allocate", *(values.get(word, word) for word in said.split())])


def _trials(content: Content) -> str:
    """The command that makes the test runs of this report."""
    if content.robustness is None:
        raise ValueError(content.proposal)
    looked = content.robustness.settings
    return f"robust CASE -s PROPOSAL --runs {looked.runs} --inputs {looked.inputs} --turning {looked.turning}"


def rows_of(content: Content, frame: pd.DataFrame, lang: str) -> list[str]:
    """For each row of a table where the thing it is about stands, and the command that asks for it; else blank."""
    column = next((name for name in _ROWS if name in frame.columns), "")
    if not column:
        return [""] * len(frame)
    table, words = _ROWS[column]
    numbers = _numbers(content, table, column)
    return [
        " · ".join([filled(content, words, id), _place(content, table, (numbers[id],), "", lang)])
        if id in numbers and (column != "offer_id" or id not in content.mask.offers)
        else ""
        for id in frame[column].astype(str).tolist()
    ]


def _numbers(content: Content, table: str, column: str) -> dict[str, int]:
    """The row of the inputs in which each thing stands, the first one where there are several."""
    frame = content.case[table]
    pairs = zip(frame[column].astype(str).tolist(), frame.index.tolist(), strict=True)
    found: dict[str, int] = {}
    for id, row in pairs:
        found.setdefault(id, int(row))
    return found


def _column(content: Content, name: str, lang: str) -> Iterator[str]:
    """The cells of a column that hold something; none where the town has no such table."""
    table, _, column = name.partition(".")
    frame = content.case[table] if table in content.case.tables else pd.DataFrame()
    if frame.empty or column not in frame.columns or frame[column].isna().all():
        return
    if column == "unit_cost" and is_in_places(content.case):
        return
    # Rows that the reader wrote, such as the kinds of places of a case without money, stand in no file.
    rows = sorted(int(row) for row in frame.index if row > 0)
    if not rows:
        return
    yield _place(content, table, (rows[0], rows[-1]) if len(rows) > 1 else (rows[0],), column, lang)


def _place(content: Content, table: str, rows: tuple[int, ...], column: str, lang: str) -> str:
    """``offers.csv, Zeilen 2–41, Spalte unit_cost`` in the reader's language."""
    source = content.case.sources.get(table, Source(f"{table}.csv"))
    words = [f"{said('place_sheet', lang)} {source.sheet}"] if source.sheet else []
    number = "place_row" if len(rows) == 1 else "place_rows"
    words.append(f"{said(number, lang)} {'–'.join(str(row) for row in rows)}")
    words += [f"{said('place_column', lang)} {source.head(column)}"] if column else []
    return ", ".join([source.file, *words])
