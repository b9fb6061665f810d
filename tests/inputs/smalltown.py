"""A town of two spaces as text, and ways of writing it that differ in everything but content."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd

from allocate.inputs import dictionary

type Rows = list[list[str]]

TOWN: dict[str, Rows] = {
    "spaces": [["space_id", "name", "population"], ["007", "Mitte", "4000"], ["S2", "Nord", "2500"]],
    "needs": [["need_id", "name", "unit", "weight"], ["N1", "Beratung", "Fälle/Jahr", "1.5"]],
    "demand": [["space_id", "need_id", "demand"], ["007", "N1", "120.5"], ["S2", "N1", "80"]],
    "offers": [
        ["offer_id", "name", "unit_cost", "max_capacity", "baseline_capacity", "contract_end"],
        ["O1", "Beratungsstelle", "1234.56", "150", "100", "2028-12-31"],
        ["O2", "Mobile Beratung", "1750.5", "60", "", ""],
    ],
    "effects": [["offer_id", "need_id", "effect"], ["O1", "N1", "1"], ["O2", "N1", "0.75"]],
    "pots": [["pot_id", "name", "amount", "offers", "pooled"], ["P1", "Teilhaushalt", "250000.25", "O1;O2", "yes"]],
}


def town(**changed: Rows | None) -> dict[str, Rows]:
    """The small town with some tables replaced, added or (None) left out."""
    return {name: rows for name, rows in (TOWN | changed).items() if rows is not None}


def as_text(rows: Rows, separator: str = ",", newline: str = "\n") -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=separator, lineterminator=newline).writerows(rows)
    return stream.getvalue()


def write(folder: Path, tables: dict[str, Rows], *, encoding: str = "utf-8", **style: str) -> Path:
    """Write a case as a folder of CSV files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        (folder / f"{name}.csv").write_bytes(as_text(rows, **style).encode(encoding))
    return folder


def in_german(tables: dict[str, Rows]) -> dict[str, Rows]:
    """The same tables with a decimal comma in every number column of the dictionary."""
    return {name: [rows[0], *(_german_row(name, rows[0], row) for row in rows[1:])] for name, rows in tables.items()}


def _german_row(table: str, names: list[str], row: list[str]) -> list[str]:
    columns = [dictionary.find_column(table, name) for name in names]
    return [
        cell.replace(".", ",") if column is not None and column.is_numeric else cell
        for column, cell in zip(columns, row, strict=True)
    ]


def places(findings: pd.DataFrame, rule: str) -> list[tuple[str, object, str, str]]:
    """File, row, column and value of every finding of a rule."""
    found = findings[findings["rule"] == rule]
    rows = [None if pd.isna(row) else int(row) for row in found["row"]]
    return list(zip(found["file"], rows, found["column"], found["value"], strict=True))


def rules(findings: pd.DataFrame, *severities: str) -> set[str]:
    """The rules found, by default those of errors and warnings."""
    wanted = severities or ("error", "warning")
    return set(findings.loc[findings["severity"].isin(wanted), "rule"])
