"""The tables of sentences of all rooms: every key once, every sentence in both languages."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "allocate"
TABLES = {
    path: rows
    for path in sorted(PACKAGE.rglob("*.csv"))
    if (rows := list(csv.DictReader(path.read_text(encoding="utf-8").splitlines(keepends=True)))) and "de" in rows[0]
}


@pytest.mark.parametrize("path", TABLES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_key_stands_once_and_every_sentence_in_both_languages(path: Path) -> None:
    rows = TABLES[path]
    key = next(iter(rows[0]))
    twice = [name for name, count in Counter(row[key] for row in rows).items() if count > 1]
    assert not twice
    assert [row[key] for row in rows if not row["de"] or not row["en"]] == []


def test_the_tables_are_found() -> None:
    assert len(TABLES) > 20
