"""Small towns, and ways to damage them: a town is text tables by name, the first row of each its header."""

from __future__ import annotations

import copy
import csv
import io
from collections.abc import Callable
from functools import cache
from random import Random

from allocate.inputs import dictionary
from allocate.inputs.workbook.example import example_town, headings
from tests.conftest import TINY
from tests.inputs.checktown import FAULTLESS
from tests.inputs.smalltown import TOWN

type Rows = list[list[str]]
type Town = dict[str, Rows]
type Damage = Callable[[Town, Random], None]

LONGEST = 60  # rows: a fuzzed town stays small whatever is doubled in it

# What a cell may hold in a real town's table, and what somebody may type into one.
CELLS = (
    "", " ", "0", "-1", "1", "0.5", "0,5", "1.000", "1,000", "1.234.567,89", "1,234,567.89", "1e308", "1e-308", "1e999",
    "-1e12", "nan", "NaN", "inf", "-inf", "None", "null", "#DIV/0!", "#N/A", "n. b.", "k. A.", "-", "–", "*", "x", "ja",
    "nein", "yes", "TRUE", "WAHR", "2027", "2027.5", "31.12.2027", "2027-02-30", "12/31/2027", "12 %", "50%", "12 €",
    "EUR 12", "ca. 100", "100-120", "=1+1", "=cmd|' /C calc'!A0", "@x", "+1", "'1", '"', '""', "a;b", "a|b", "a,b",
    "a\nb", "a\tb", "\x1b[31mred\x1b[0m", "Süd", "Su\u0308d", "\u200bO1", "O1\u00a0", "\ufeff", "𝔘𝔫𝔦", "日本", "ﷺ",
    "<b>x</b>", "{x}", "%s", "../x", "x" * 400, "12345678901234567890", "0x10", "１２", "1 000", "1\u202f000", "Summe",
    "all", "space", "region", "silo", "integrated", "base", "mandatory", "wanted", "statutory",
    "pots", "set", "multiply",
)  # fmt: skip
FACTORS = (0.0, -1.0, 1e-9, 1e-6, 1e-3, 0.5, 2.0, 1e3, 1e6, 1e9, 1e15)


def bases() -> tuple[str, ...]:
    """The names of the undamaged towns."""
    return tuple(_bases())


def base(name: str) -> Town:
    """A copy of an undamaged town."""
    return copy.deepcopy(_bases()[name])


@cache
def _bases() -> dict[str, Town]:
    read = {
        path.stem: [row for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8"))) if row]
        for path in sorted(TINY.glob("*.csv"))
    }
    return {
        "tiny": read,
        "plain": {name: [list(row) for row in rows] for name, rows in TOWN.items()},
        "checked": {
            name: [names := list(rows[0]), *([str(row.get(column, "")) for column in names] for row in rows)]
            for name, rows in FAULTLESS.items()
            if rows
        },
        "example-en": _example("en"),
        "example-de": _example("de"),
    }


def _example(lang: str) -> Town:
    return {
        name: [names := headings(name, rows), *([row.get(column, "") for column in names] for row in rows)]
        for name, rows in example_town(lang).items()
        if rows
    }


def damaged(town: Town, rng: Random, count: int, *, gentle: bool = False) -> list[str]:
    """Damage a town ``count`` times, in place; ``gentle`` keeps to what a sound town may look like. Gives the names."""
    ways = _GENTLE if gentle else _ALL
    chosen = [rng.choice(ways) for _ in range(count)]
    for way in chosen:
        if town:
            way(town, rng)
    for rows in town.values():
        del rows[LONGEST:]
    return [way.__name__ for way in chosen]


def _any(town: Town, rng: Random) -> Rows:
    return town[rng.choice(list(town))]


def _column(rows: Rows, rng: Random) -> int:
    return rng.randrange(len(rows[0])) if rows and rows[0] else 0


def _cell_of(rows: Rows, rng: Random) -> tuple[int, int] | None:
    if len(rows) < 2:
        return None
    at = rng.randrange(1, len(rows))
    return (at, rng.randrange(len(rows[at]))) if rows[at] else None


def drop_table(town: Town, rng: Random) -> None:
    del town[rng.choice(list(town))]


def drop_optional_table(town: Town, rng: Random) -> None:
    optional = [name for name in town if name in dictionary.tables() and not dictionary.table(name).required]
    if optional:
        del town[rng.choice(optional)]


def double_table(town: Town, rng: Random) -> None:
    name = rng.choice(list(town))
    town[rng.choice([name.upper(), name.capitalize(), name + "s", name[:-1], "x" + name])] = copy.deepcopy(town[name])


def empty_table(town: Town, rng: Random) -> None:
    del _any(town, rng)[rng.randrange(2) :]


def drop_column(town: Town, rng: Random) -> None:
    rows = _any(town, rng)
    at = _column(rows, rng)
    for row in rows:
        del row[at : at + 1]


def drop_optional_column(town: Town, rng: Random) -> None:
    name = rng.choice(list(town))
    rows = town[name]
    if name not in dictionary.tables() or not rows:
        return
    free = []
    for at, head in enumerate(rows[0]):
        column = dictionary.find_column(name, head)
        if column is None or not column.required:
            free.append(at)
    if free:
        at = rng.choice(free)
        for row in rows:
            del row[at : at + 1]


def blank_column(town: Town, rng: Random) -> None:
    rows = _any(town, rng)
    at = _column(rows, rng)
    for row in rows[1:]:
        row[at : at + 1] = [""]


def double_column(town: Town, rng: Random) -> None:
    rows = _any(town, rng)
    at = _column(rows, rng)
    for row in rows:
        row.extend(row[at : at + 1])


def rename_column(town: Town, rng: Random) -> None:
    rows = _any(town, rng)
    if rows and rows[0]:
        at = _column(rows, rng)
        head = rows[0][at]
        rows[0][at] = rng.choice([head.upper(), f" {head} ", head[:-1], head + "_", "", "comment", rng.choice(CELLS)])


def shuffle_columns(town: Town, rng: Random) -> None:
    rows = _any(town, rng)
    if rows:
        order = rng.sample(range(len(rows[0])), len(rows[0]))
        rows[:] = [[row[at] if at < len(row) else "" for at in order] for row in rows]


def drop_row(town: Town, rng: Random) -> None:
    rows = _any(town, rng)
    if len(rows) > 1:
        del rows[rng.randrange(1, len(rows))]


def double_row(town: Town, rng: Random) -> None:
    rows = _any(town, rng)
    if len(rows) > 1:
        rows.insert(rng.randrange(1, len(rows) + 1), list(rng.choice(rows[1:])))


def blank_row(town: Town, rng: Random) -> None:
    rows = _any(town, rng)
    rows.insert(rng.randrange(len(rows) + 1), [""] * (len(rows[0]) if rows else 1))


def ragged_row(town: Town, rng: Random) -> None:
    rows = _any(town, rng)
    if rows:
        at = rng.randrange(len(rows))
        rows[at] = rows[at] + ["x"] * rng.randrange(1, 4) if rng.random() < 0.5 else rows[at][: rng.randrange(3)]


def title_row(town: Town, rng: Random) -> None:
    _any(town, rng).insert(0, [rng.choice(["Haushalt 2027", "", "Stand: 1.1.2027"])])


def shuffle_rows(town: Town, rng: Random) -> None:
    rows = _any(town, rng)
    body = rows[1:]
    rng.shuffle(body)
    rows[1:] = body


def sum_row(town: Town, rng: Random) -> None:
    rows = _any(town, rng)
    if len(rows) > 1:
        rows.append(list(rows[-1]))
        rows[-1][0] = rng.choice(["Summe", "Gesamt", "Total"])


def weird_cell(town: Town, rng: Random) -> None:
    rows = _any(town, rng)
    at = _cell_of(rows, rng)
    if at:
        rows[at[0]][at[1]] = rng.choice(CELLS)


def weird_column(town: Town, rng: Random) -> None:
    rows = _any(town, rng)
    at, cell = _column(rows, rng), rng.choice(CELLS)
    for row in rows[1:]:
        row[at : at + 1] = [cell]


def foreign_cell(town: Town, rng: Random) -> None:
    rows, others = _any(town, rng), _any(town, rng)
    at, other = _cell_of(rows, rng), _cell_of(others, rng)
    if at and other:
        rows[at[0]][at[1]] = others[other[0]][other[1]]


def scaled_cell(town: Town, rng: Random) -> None:
    rows = _any(town, rng)
    _scale(rows, [_cell_of(rows, rng)], rng.choice(FACTORS))


def scaled_column(town: Town, rng: Random) -> None:
    rows = _any(town, rng)
    at = _column(rows, rng)
    _scale(rows, [(number, at) for number in range(1, len(rows))], rng.choice(FACTORS))


def gently_scaled(town: Town, rng: Random) -> None:
    """More or less of a number that has no upper bound."""
    names = [name for name in town if name in dictionary.tables() and town[name] and name != "segments"]
    if not names:
        return
    name = rng.choice(names)
    rows = town[name]
    free = []
    for at, head in enumerate(rows[0]):
        column = dictionary.find_column(name, head)
        if column is not None and column.type == "number" and column.maximum is None:
            free.append(at)
    if free:
        at = rng.choice(free)
        _scale(rows, [(number, at) for number in range(1, len(rows))], rng.choice((0.1, 0.5, 0.9, 1.1, 3.0, 1000.0)))


def _scale(rows: Rows, places: list[tuple[int, int] | None], factor: float) -> None:
    for place in places:
        if place and place[0] < len(rows) and place[1] < len(rows[place[0]]):
            try:
                rows[place[0]][place[1]] = repr(float(rows[place[0]][place[1]]) * factor).removesuffix(".0")
            except ValueError:
                continue


def same_id(town: Town, rng: Random) -> None:
    rows = _any(town, rng)
    if len(rows) > 2:
        rows[-1][:1] = rows[1][:1]


def new_table(town: Town, rng: Random) -> None:
    """A table of the dictionary with random rows."""
    name = rng.choice(list(dictionary.tables()))
    columns = [column for column in dictionary.table(name) if column.required or rng.random() < 0.5]
    rows = [[_value(town, column, rng) for column in columns] for _ in range(rng.randrange(1, 5))]
    town[name] = [[column.name for column in columns], *rows]


def new_changes(town: Town, rng: Random) -> None:
    """Scenarios and changes of them; most name something there is."""
    town.setdefault("scenarios", [["scenario_id", "title", "parent_id"], ["A", "a", ""]])
    heads = town["scenarios"][0] if town["scenarios"] else []
    for id in ("X", "Y"):
        given = {"scenario_id": id, "title": id, "parent_id": rng.choice(["", "X", *ids(town, "scenarios")[:3]])}
        given |= {"pooling": rng.choice(["", "silo", "integrated"]), "indivisible": rng.choice(["", "", "yes"])}
        town["scenarios"].append([given.get(head, "") for head in heads])
    names = ["scenario_id", "table", "key", "column", "how", "value", "reason"]
    rows = town.setdefault("changes", [names])
    heads = rows[0] if rows else names
    for _ in range(rng.randrange(1, 5)):
        table = rng.choice(list(town))
        columns = town[table][0] if town[table] else [""]
        given = {
            "scenario_id": rng.choice(["X", "Y"]), "table": table, "key": key_of(town, table, rng),
            "column": rng.choice(columns or [""]), "how": rng.choice(["set", "multiply", "add", "insert", "remove"]),
            "value": rng.choice(["0", "0.5", "1.1", "-5", "1000", "", "yes", rng.choice(CELLS)]), "reason": "r",
        }  # fmt: skip
        rows.append([given.get(head, "") for head in heads])


def sound_changes(town: Town, rng: Random) -> None:
    """A scenario whose changes can be carried out."""
    # A table may have lost its head by another damage.
    town["scenarios"] = town.get("scenarios") or [["scenario_id", "title", "pooling"], ["A", "a", ""]]
    heads = town["scenarios"][0]
    given = {"scenario_id": "X", "title": "X", "pooling": rng.choice(["silo", "integrated"])}
    town["scenarios"].append([given.get(head, "") for head in heads])
    names = ["scenario_id", "table", "key", "column", "how", "value", "reason"]
    rows = town["changes"] = town.get("changes") or [names]
    table, column = rng.choice([("pots", "amount"), ("offers", "unit_cost"), ("demand", "demand"), ("needs", "weight")])
    key = (
        "|".join(rng.choice(town[table][1:])[: 2 if table == "demand" else 1]) if len(town.get(table, [])) > 1 else "*"
    )
    given = dict(zip(names, ["X", table, key, column, "multiply", rng.choice(["0.1", "0.9", "2"]), "r"], strict=True))
    rows.append([given.get(head, "") for head in rows[0]])


def _value(town: Town, column: dictionary.Column, rng: Random) -> str:
    if rng.random() < 0.05:
        return rng.choice(CELLS)
    if column.refers_to:
        known = ids(town, column.refers_to.split(".")[0])
        return rng.choice(known or ["O1"])
    if column.choices:
        return rng.choice(column.choices)
    if column.is_boolean:
        return rng.choice(["yes", "no", ""])
    if column.is_numeric:
        return rng.choice(["0", "1", "0.5", "0.1", "10", "100", "50000", "2027", "2028", ""])
    return rng.choice(["a", "b", "c", "O1", "S1", "*", "2027-12-31", "all"])


def ids(town: Town, table: str) -> list[str]:
    """What stands in the first column of a table."""
    return [row[0] for row in town.get(table, [])[1:] if row]


def key_of(town: Town, table: str, rng: Random) -> str:
    """The key of a row of a table as ``changes`` names it, or ``*``, or none there is."""
    rows = [row for row in town.get(table, [])[1:] if row]
    if not rows or rng.random() < 0.2:
        return rng.choice(["*", "", rng.choice(CELLS)])
    wide = sum(1 for column in dictionary.table(table) if column.key) if table in dictionary.tables() else 1
    return "|".join(rng.choice(rows)[: wide or 1])


_GENTLE: tuple[Damage, ...] = (
    drop_optional_table, drop_optional_column, shuffle_rows, shuffle_columns, gently_scaled, sound_changes,
)  # fmt: skip
_ALL: tuple[Damage, ...] = (
    *_GENTLE, new_changes, drop_table, double_table, empty_table, drop_column, blank_column, double_column,
    rename_column, drop_row, double_row, blank_row, ragged_row, title_row, sum_row, weird_cell, weird_cell,
    weird_cell, weird_column,
    foreign_cell, foreign_cell, scaled_cell, scaled_column, same_id, new_table, new_table,
)  # fmt: skip
