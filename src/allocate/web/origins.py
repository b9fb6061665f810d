"""Origins: the cells of the case that a number on the page comes from, by file, sheet, row and column."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

import numpy as np

from allocate.inputs.case import Case
from allocate.inputs.dictionary import find_column, tables
from allocate.inputs.scenario.keys import KEY_SEPARATOR
from allocate.web.desk import WORKING
from allocate.web.pressed import asked_about
from allocate.web.speech import say

# So many rows of a table are named; the page of the table has the others.
_MOST = 6
# Tables that a working copy adds rows to.
_WIDENED = ("scenarios", "changes")
# What a main figure is counted from: table, column.
_FIGURES = {
    "weighted_coverage": (("needs", "weight"), ("demand", "demand"), ("effects", "effect")),
    "lowest_space_coverage": (("spaces", "space_id"), ("demand", "demand"), ("effects", "effect")),
    "duplication_eur": (("demand", "demand"), ("needs", "wanted_reserve"), ("offers", "unit_cost")),
    "moved_eur": (("offers", "baseline_capacity"), ("offers", "unit_cost"), ("baseline_funding", "amount")),
}
_DEMANDED = (("demand", "demand"), ("needs", "weight"), ("effects", "effect"))
_PAID = (("pots", "amount"), ("offers", "unit_cost"))
_MINIMA = (("floors", "min_coverage"), ("demand", "demand"))
# What another sum is counted from.
_SUMS = {
    **_FIGURES,
    **dict.fromkeys(("below_best", "covered_units_change"), _DEMANDED),
    **dict.fromkeys(
        ("spent_eur", "money_eur", "carry_on_eur", "free_eur", "spent_change_eur", "to_proposal_eur"), _PAID
    ),
    **dict.fromkeys(("floors_missed", "shortfall_units"), _MINIMA),
}
# What else a question is about: table, key column, column that is marked.
_ROWS = {
    "offer": (
        ("offers", "offer_id", "unit_cost"), ("reach", "offer_id", "max_capacity"), ("effects", "offer_id", "effect"),
        ("baseline_funding", "offer_id", "amount"), ("commitments", "offer_id", "min_capacity"),
    ),
    "pot": (("pots", "pot_id", "amount"), ("pot_years", "pot_id", "amount"), ("baseline_funding", "pot_id", "amount")),
    "space": (("spaces", "space_id", "name"), ("demand", "space_id", "demand"), ("floors", "scope_id", "min_coverage")),
    "floor": (("floors", "floor_id", "min_coverage"),),
    "need": (("needs", "need_id", "weight"), ("demand", "need_id", "demand"), ("floors", "need_id", "min_coverage")),
    "provider": (("providers", "provider_id", "name"), ("offers", "provider_id", "unit_cost")),
    "target_group": (("needs", "target_group", "weight"),),
    "region": (("spaces", "region_id", "name"),),
    "department": (
        ("departments", "department_id", "name"), ("pots", "department_id", "amount"),
        ("offers", "department_id", "unit_cost"),
    ),
    "duty": (("needs", "duty", "duty"), ("offers", "duty", "duty")),
}  # fmt: skip


@dataclass(frozen=True)
class Origin:
    """Cells of one table: file, sheet, column as it is called, the rows in the file (the first ones, and how many more
    there are), and the address of the first cell on the page of the table.
    """

    file: str
    sheet: str
    column: str
    rows: tuple[tuple[int, str], ...]
    more: int
    link: str


def origins(case: Case, question: str, about: str, lang: str, of: str = "") -> tuple[Origin, ...]:
    """The cells behind a question about something, or behind a sum that stands in the column ``of``; nothing where it
    is about the whole town.
    """
    if question == "figure":
        found = [_origin(case, table, column, None, lang) for table, column in _FIGURES.get(about, ())]
    elif question == "cell":
        found = _of_cell(case, about, lang)
    elif question in ("number", "pair"):
        found = _of_groups(case, asked_about(about), of, lang)
    else:
        kind, id = about.split(":", 1) if question == "group" and ":" in about else (question, about)
        found = _of_row(case, kind, id, lang)
    return tuple(one for one in found if one is not None)


def of_input(case: Case, given: dict[str, str], scenarios: list[str], lang: str) -> tuple[Origin, ...]:
    """The cell of an input (``table``, ``key``, ``column``), and the rows in the table of changes by which one of these
    scenarios names exactly this cell.
    """
    table, key, column = (given[name] for name in ("table", "key", "column"))
    known, parts = tables().get(table), key.split(KEY_SEPARATOR)
    if known is None or len(known.key) != len(parts):
        return ()
    named = {"table": table, "key": key, "column": column}
    found = [
        _origin(case, table, column, dict(zip(known.key, parts, strict=True)), lang),
        *(_origin(case, "changes", "value", {"scenario_id": id, **named}, lang) for id in scenarios),
    ]
    return tuple(one for one in found if one is not None)


def _of_row(case: Case, kind: str, id: str, lang: str) -> list[Origin | None]:
    return [_origin(case, table, column, {key: id}, lang) for table, key, column in _ROWS.get(kind, ())]


def _of_groups(case: Case, groups: dict[str, str], of: str, lang: str) -> list[Origin | None]:
    """The cells of a space and a need that meet, else of every group named, else of the sum itself."""
    if {"space", "need"} <= set(groups):
        return _of_cell(case, f"{groups['space']}|{groups['need']}", lang)
    found = [one for kind, id in groups.items() for one in _of_row(case, kind, id, lang)]
    return found or [_origin(case, table, column, None, lang) for table, column in _SUMS.get(of, ())]


def _of_cell(case: Case, about: str, lang: str) -> list[Origin | None]:
    space, _, need = about.partition("|")
    return [
        _origin(case, "demand", "demand", {"space_id": space, "need_id": need}, lang),
        _origin(case, "needs", "weight", {"need_id": need}, lang),
        _origin(case, "effects", "effect", {"need_id": need}, lang),
        _origin(case, "floors", "min_coverage", {"need_id": need}, lang),
    ]


def _origin(case: Case, table: str, column: str, keys: dict[str, str] | None, lang: str) -> Origin | None:
    frame, source = case.tables.get(table), case.sources.get(table)
    if frame is None or source is None or column not in frame.columns or not set(keys or ()) <= set(frame.columns):
        return None
    # Steps of a working copy stand in no file yet.
    chosen = frame[~frame["scenario_id"].astype(str).str.startswith(WORKING)] if table in _WIDENED else frame
    if keys:
        chosen = chosen[np.logical_and.reduce([chosen[name].astype(str) == id for name, id in keys.items()])]
    if not len(chosen):
        return None
    numbers = [int(row) for row in chosen.index[: _MOST if keys else 0]]
    rows = tuple((row, _address(table, column, row)) for row in numbers)
    return Origin(
        source.file, source.sheet, _called(table, column, lang), rows, len(chosen) - len(rows), _address(table, column)
    )


def _called(table: str, column: str, lang: str) -> str:
    """``Pots of money: Amount``."""
    known, field = tables().get(table), find_column(table, column)
    named = known.label(lang) if known else table
    return say("origin.column", lang, table=named, column=field.label(lang) if field else column)


def _address(table: str, column: str, row: int = 0) -> str:
    given = {"table": table, **({"row": str(row), "column": column} if row else {})}
    return f"data?{urlencode(given)}{'#marked' if row else ''}"
