"""Writing a fuzzed town: CSV files in any dialect, or a workbook, sound or damaged, with files beside it."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import xlsxwriter

from tests.fuzz.towns import CELLS, Town, ids

_ENCODINGS = ("utf-8", "utf-8", "utf-8-sig", "cp1252", "utf-16", "latin-1")
_ERRORS = ("#DIV/0!", "#N/A", "#REF!", "#SPILL!")


@dataclass(frozen=True)
class Written:
    """A case on the disk: what to name on the command line, and the files a command may read."""

    case: Path
    inputs: tuple[Path, ...]


def write_town(town: Town, folder: Path, rng: Random, *, plain: bool) -> Written:
    """Write the town below ``folder``; ``plain`` in the usual way, else in any way somebody may have written it."""
    if rng.random() < 0.3:
        path = folder / rng.choice(["town.xlsx", "town.xlsx", "town.xlsm", "Stadt 1.XLSX"])
        _workbook(town, path, rng, plain=plain)
        if not plain and rng.random() < 0.15:
            _damage(path, rng)
        return Written(path, (path,))
    case = folder / "town"
    case.mkdir()
    style = _Style.drawn(rng, plain=plain)
    for name, rows in town.items():
        own = style if plain or rng.random() < 0.8 else _Style.drawn(rng, plain=False)
        path = case / f"{name.replace('/', '_')[:60]}.csv"
        path.write_bytes(own.bytes_of(rows))
        if not plain and rng.random() < 0.03:
            _damage(path, rng)
    if rng.random() < 0.2:
        (case / "spaces.geojson").write_text(
            _geojson(town, rng), encoding=rng.choice(["utf-8", "cp1252"]), errors="replace"
        )
    return Written(case, tuple(sorted(case.iterdir())))


@dataclass(frozen=True)
class _Style:
    separator: str
    comma: bool
    encoding: str
    newline: str

    @classmethod
    def drawn(cls, rng: Random, *, plain: bool) -> _Style:
        if plain:
            return cls(",", False, "utf-8", "\n")
        separator = rng.choice(",,;;\t|")
        return cls(
            separator, separator != "," and rng.random() < 0.6, rng.choice(_ENCODINGS), rng.choice(["\n", "\r\n", "\r"])
        )

    def bytes_of(self, rows: list[list[str]]) -> bytes:
        stream = io.StringIO(newline="")
        writer = csv.writer(stream, delimiter=self.separator, lineterminator=self.newline)
        writer.writerows([[self._cell(cell) for cell in row] for row in rows])
        return stream.getvalue().encode(self.encoding, errors="replace")

    def _cell(self, cell: str) -> str:
        return cell.replace(".", ",") if self.comma and _number(cell) is not None else cell


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _workbook(town: Town, path: Path, rng: Random, *, plain: bool) -> None:
    """The tables as sheets: what looks like a number is one; some cells are formulas with a stored value, or errors."""
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        taken: set[str] = set()
        for name, rows in town.items():
            title = "".join(sign for sign in name if sign not in "[]:*?/\\'")[:31]
            if not title or title.casefold() in taken:
                continue
            taken.add(title.casefold())
            sheet = book.add_worksheet(title)
            for at, row in enumerate(rows):
                for column, cell in enumerate(row):
                    _put(sheet, (at, column), cell, rng.random() if at else 1.0, rng, plain=plain)
            if not plain and rng.random() < 0.1:
                sheet.set_row(rng.randrange(1, 4), None, None, {"hidden": True})
        if not taken:
            book.add_worksheet("x")


def _put(sheet: Any, place: tuple[int, int], cell: str, odd: float, rng: Random, *, plain: bool) -> None:
    """One cell; ``odd`` says which of the less usual kinds it is, if any."""
    number = _number(cell)
    leading = bool(number) and cell.startswith("0") and "." not in cell  # 007 is an id
    if odd < 0.004 and not plain:
        sheet.write_formula(*place, "=1/0", None, rng.choice(_ERRORS))
    elif odd < 0.05 and number is not None and not leading:
        sheet.write_formula(*place, f"={cell}+0", None, number)
    elif odd < 0.06 and not plain:
        sheet.write_boolean(*place, rng.random() < 0.5)
    elif number is not None and not leading:
        sheet.write_number(*place, number)
    elif cell:
        sheet.write_string(*place, cell[:32000])


def _damage(path: Path, rng: Random) -> None:
    """Bytes lost, doubled or turned, as on a bad disk or after a broken transfer."""
    content = bytearray(path.read_bytes())
    way = rng.randrange(4)
    if not content or way == 0:
        content = content[: rng.randrange(len(content) + 1)]
    elif way == 1:
        for _ in range(rng.randrange(1, 6)):
            content[rng.randrange(len(content))] = rng.randrange(256)
    elif way == 2:
        at = rng.randrange(len(content))
        content[at:at] = rng.choice([b"\x00", b'"', b"\xff\xfe", b"\n\n", b"\xef\xbb\xbf"])
    else:
        content = bytearray(rng.choice([b"", b"\n", b"\xef\xbb\xbf", b"PK\x03\x04", b"{}", b"<html>"]))
    path.write_bytes(bytes(content))


def _geojson(town: Town, rng: Random) -> str:
    """Squares for the spaces, some of them odd."""
    features: list[object] = []
    for at, space in enumerate(ids(town, "spaces")[:8]):
        ring: object = [[at, 0], [at + 1, 0], [at + 1, 1], [at, 1], [at, 0]]
        odd = rng.random()
        if odd < 0.1:
            ring = rng.choice(["", [], None, [[1]], [["a", "b"]], [[0, 0]] * 4, [[10**400, 1]] * 4])
        properties: object = {"space_id": space} if odd > 0.15 else rng.choice([None, {}, {"SPACE_ID": space}, []])
        geometry: object = {"type": rng.choice(["Polygon"] * 8 + ["Point", "X"]), "coordinates": [ring]}
        features.append({"type": "Feature", "properties": properties, "geometry": geometry if odd < 0.95 else None})
    return json.dumps({"type": "FeatureCollection", "features": rng.choice([features] * 9 + [None])})


def write_ballots(town: Town, path: Path, rng: Random) -> None:
    """Ballots as a long or a wide table; most of them can be counted."""
    needs = ids(town, "needs")[:6] or ["N1"]
    values = ["0", "1", "2", "10", "50", "100", "", rng.choice(CELLS)]
    if rng.random() < 0.5:
        rows = [["ballot_id", "group", "persons", "method", *needs]]
        rows += [[str(at), rng.choice("AB"), "1", "points", *(rng.choice(values) for _ in needs)] for at in range(4)]
    else:
        rows = [["ballot_id", "group", "persons", "method", "need_id", "value"]]
        rows += [[str(at), "A", "2", "swing", need, rng.choice(values)] for at in range(3) for need in needs]
    path.write_bytes(_Style.drawn(rng, plain=rng.random() < 0.7).bytes_of(rows))


def write_suggestions(lines: list[str], path: Path, rng: Random) -> None:
    """Suggestions whose changes are the given lines."""
    rows = [["suggestion_id", "title", "made_by", "received", "change", "status"]]
    rows += [
        [str(at), f"t{at}", "x", rng.choice(["", "2026-01-01", "soon"]), line, "open"] for at, line in enumerate(lines)
    ]
    path.write_bytes(_Style.drawn(rng, plain=rng.random() < 0.7).bytes_of(rows))
