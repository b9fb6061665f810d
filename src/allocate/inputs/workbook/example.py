"""The example town of a new case: three spaces, three needs, five offers, in German or English.

It stands in ``example_town/`` as CSV files; a column ``name:en`` there is the English text of ``name``.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources

import pandas as pd

from allocate.inputs import dictionary
from allocate.inputs.case import Case
from allocate.inputs.dictionary import Column, choice_word
from allocate.inputs.vocabulary import table_word
from allocate.language import Texts

type Rows = list[dict[str, str]]

COMMENT = "comment"
_TEXTS = Texts("allocate.inputs", "texts_template.csv")
ENGLISH = ":en"


def example_town(lang: str) -> dict[str, Rows]:
    """The example town in one language: every table of the dictionary with its rows as text, plain notation."""
    return {name: _rows(name, lang) for name in dictionary.tables()}


def small_town(lang: str) -> Case:
    """The example town as a case of its own."""
    tables = {name: pd.DataFrame(rows) for name, rows in example_town(lang).items() if rows}
    return Case.from_frames("small", **{name: table.drop(columns=COMMENT) for name, table in tables.items()})


def headings(table: str, rows: Rows) -> list[str]:
    """The columns of a table of the template: those of the dictionary, further ones of the example, the comment."""
    names = list(dictionary.table(table).names)
    further = [name for row in rows for name in row if name not in names and name != COMMENT]
    return [*names, *dict.fromkeys(further), COMMENT]


@cache
def as_written(table: str) -> tuple[Mapping[str, str], ...]:
    """The rows of a table as they stand in its file: ``name`` in German, ``name:en`` in English where it differs."""
    file = resources.files("allocate.inputs").joinpath("example_town", f"{table}.csv")
    with file.open(encoding="utf-8") as stream:
        return tuple(csv.DictReader(stream))


def _rows(table: str, lang: str) -> Rows:
    """The example's rows of a table in one language, each marked as an example."""
    return [
        {name: _cell(table, row, name, lang) for name in row if not name.endswith(ENGLISH)}
        | ({"meaning": dictionary.parameters()[row["parameter"]].meaning(lang)} if table == "parameters" else {})
        | {COMMENT: _TEXTS.say("template-example", lang)}
        for row in as_written(table)
    ]


def _cell(table: str, row: Mapping[str, str], name: str, lang: str) -> str:
    text = row.get(name + ENGLISH, row[name]) if lang == "en" else row[name]
    column = dictionary.find_column(table, name)
    if column is not None and column.is_boolean and text:
        return _TEXTS.say(f"template-{text}", lang)
    return text


def sheet_name(table: str, lang: str) -> str:
    """What the sheet or file of a table is called in the template."""
    return table if lang == "en" else table_word(table, lang)


def head(table: str, name: str, lang: str) -> str:
    """What a column of the template is called: by its label in German, by its name in English."""
    if lang == "en":
        return name
    column = dictionary.find_column(table, name)
    return _TEXTS.say("template-comment", lang) if name == COMMENT else name if column is None else column.label(lang)


def spoken(table: str, name: str, row: Mapping[str, str], lang: str) -> str:
    """A cell of the template: choices, and what a change or a setting is about, by their German words in German."""
    text = row.get(name, "")
    if lang == "en" or not text:
        return text
    column = dictionary.find_column(table, name)
    if table == "changes":
        return _spoken_change(name, row, lang)
    if (table, name) == ("parameters", "parameter"):
        return dictionary.parameters()[text].label(lang)
    return choice_word(text, lang) if column is not None and column.choices else text


def _spoken_change(name: str, row: Mapping[str, str], lang: str) -> str:
    table = row["table"]
    column = dictionary.find_column(table, row["column"])
    if name == "table":
        return table_word(table, lang)
    if name == "column" and column is not None:
        return column.label(lang)
    if name == "key" and table == "parameters" and row[name] in dictionary.parameters():
        return dictionary.parameters()[row[name]].label(lang)
    chosen = name == "how" or (name == "value" and column is not None and bool(column.choices))
    return choice_word(row[name], lang) if chosen else row[name]


def holds_number(table: str, name: str, row: Mapping[str, str]) -> bool:
    """Whether a cell of the example holds a number: by its column, or by what a ``value`` stands for."""
    column = dictionary.find_column(table, name)
    if column is not None and column.type == "value":
        column = _target(table, row)
    return column is not None and column.is_numeric and bool(row.get(name))


def _target(table: str, row: Mapping[str, str]) -> Column | None:
    """What the ``value`` of a setting or of a change stands for."""
    if table == "parameters":
        return dictionary.parameters().get(row["parameter"])
    return dictionary.find_column(row["table"], row["column"])
