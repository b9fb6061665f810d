"""Pressed: which question the number in a cell of a table answers to when it is pressed.

Small and without a town, for every table of the page is drawn with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from allocate.plain import Record
from allocate.report.columns import NO_NUMBER, WITHHELD

if TYPE_CHECKING:
    from allocate.report.sections.section import Sheet

# Tables about other plans than the one that is shown, or about a sum: no reason card of the plan explains their
# numbers, so what they mean is said (``meant.number``). The command and its table that hold the same.
FROM = {
    "levels": ("silos", "levels"),
    "plans": ("alternatives", "overview"),
    "causes": ("compare --attribution", "attribution"),
    "path_years": ("transition", "years"),
    "path_floors": ("transition", "floors"),
    "path_steps": ("transition", "steps"),
    "path_delays": ("transition", "delays"),
    "curve": ("frontier", "points"),
    "curve.offers": ("frontier", "capacities"),
    "group": ("compare", "gains"),
}
# What a row is about, the most exact first.
KEYS = {"offer_id": "offer", "floor_id": "floor", "pot_id": "pot", "space_id": "space", "need_id": "need"}
# Tables in which every row is a cell of the inputs, and the columns with its value.
_VALUES = {"inputs": ("old", "new")}


@dataclass(frozen=True)
class Pressed:
    """The question behind a number, what it is about, the column it stands in, what it is called, and the scenario that
    is asked where the row names one of several.
    """

    ask: str
    about: str
    of: str
    what: str
    side: str = ""


def pressed(sheet: Sheet, lang: str) -> list[list[Pressed | None]]:
    """The question behind every cell that is drawn, row by row; None where no number stands, and in the first column,
    which says what a row is about.
    """
    columns = sheet.columns(lang)
    texts, rows = sheet.cells(lang)[: sheet.most], sheet.frame.to_dict("records")
    found = []
    for cells, row in zip(texts, rows, strict=False):
        ask, about = _question(sheet.key, {str(name): value for name, value in row.items()})
        name = " ".join(text for one, text in zip(columns, cells, strict=True) if text and not one.is_number)
        if columns[0].is_number:
            name = f"{columns[0].label} {cells[0]}"
        if sheet.key in _VALUES:
            name = f"{row['scenario_id']}, {row['table']} {row['key']} {row['column']}"
        what, side = f"{{}}, {name}" if name else "{}", str(row.get("side", ""))
        found.append(
            [
                Pressed(ask, about, one.name, what.replace("{}", one.label, 1), side)
                if place and _is_value(sheet.key, one.name, text, is_number=one.is_number)
                else None
                for place, (one, text) in enumerate(zip(columns, cells, strict=True))
            ]
        )
    return found


def asked_about(about: str) -> dict[str, str]:
    """What a question is about where it is several things: ``space=S01&provider=PR04``."""
    return dict(parse_qsl(about, keep_blank_values=True))


def _is_value(table: str, column: str, text: str, *, is_number: bool) -> bool:
    return text not in ("", NO_NUMBER, WITHHELD) and (is_number or column in _VALUES.get(table, ()))


def _question(table: str, row: Record) -> tuple[str, str]:
    """The reason card of what a row is about; what its numbers mean where there is none."""
    ids = {kind: str(row[key]) for key, kind in KEYS.items() if row.get(key)}
    if table == "inputs":
        return "input", urlencode({name: row[f"input_{name}"] for name in ("table", "key", "column")})
    if table in FROM:
        group = {str(row["by"]): row["id"]} if table == "group" else {}
        return "number", urlencode({"in": table, **dict(list(ids.items())[:1]), **group})
    if "by" in row and "id" in row:
        return "group", f"{row['by']}:{row['id']}"
    if "space" in ids and "need" in ids and "offer" not in ids:
        return "cell", f"{ids['space']}|{ids['need']}"
    for kind, id in ids.items():
        return ("group", f"need:{id}") if kind == "need" else (kind, id)
    return "number", urlencode({"in": table})
