"""The data dictionary: every table and column of a case, as ``dictionary.csv`` describes them.

It drives reading, defaults, checks, templates and the generated documentation. Rows without a column
describe the table itself; rows of the table ``*`` describe columns that every table may carry; rows of
``parameter`` describe the settings of the table ``parameters``.

Types: ``id``, ``text`` and ``choice`` (text), ``list`` (ids joined by ``;``), ``number``, ``whole`` (a whole
number), ``share`` (a number, by default 0..1), ``yes/no``, ``date`` (text ``YYYY-MM-DD``), ``value`` (text,
or a number in the notation of the file).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources

from allocate.language import LANGUAGES, Texts

_TEXTS = Texts("allocate.inputs", "texts_template.csv")
ANY_TABLE = "*"
PARAMETER = "parameter"
NUMERIC_TYPES = frozenset({"number", "whole", "share"})
# On what a column has an effect: plans; plans of indivisible scenarios; the table of years; what is shown of a plan
# (reports, checks, analyses); nobody expects one of words; nothing uses it yet.
PLAN, INDIVISIBLE, YEARS, SHOWN, DESCRIBED, NOTHING = "plan", "indivisible", "years", "shown", "described", "none"
TEXT_TYPES = frozenset({"id", "text", "choice", "list", "date", "value"})
TRUE_WORDS = frozenset({"yes", "ja", "true", "1", "wahr"})  # "wahr" is what a German spreadsheet exports
FALSE_WORDS = frozenset({"no", "nein", "false", "0", "falsch"})
# What a provider pays itself is a partner of co-financing beside the pots.
_AMONG_IDS = {("cofinancing", "per_eur_of"): ("own",)}
_TOLD = (SHOWN, NOTHING, YEARS)  # effects that the page for people mentions


class _Named:
    """What a table or a column is called, and what it holds, in the reader's language."""

    label_de: str
    label_en: str
    meaning_de: str
    meaning_en: str

    def label(self, lang: str) -> str:
        """The name for people."""
        return self.label_de if lang == "de" else self.label_en

    def meaning(self, lang: str) -> str:
        """What it holds, in a sentence or two."""
        return self.meaning_de if lang == "de" else self.meaning_en


@dataclass(frozen=True)
class Column(_Named):
    """One column of one table (or one setting of ``parameters``).

    ``default`` is the text of the default value, ``""`` where there is none; ``minimum`` and ``maximum`` are
    inclusive bounds, None where there is none; ``refers_to`` names the table and column that must hold the
    id, for example ``spaces.space_id``; ``choices`` are the allowed words of a choice; ``unit`` is the unit
    of a number; ``effect`` says what a change of the column can change (``plan`` where the dictionary says nothing,
    ``described`` for texts).
    """

    table: str
    name: str
    label_de: str
    label_en: str
    type: str
    unit: str
    default: str
    minimum: float | None
    maximum: float | None
    refers_to: str
    required: bool
    key: bool
    choices: tuple[str, ...]
    meaning_de: str
    meaning_en: str
    effect: str = PLAN

    @property
    def words(self) -> tuple[str, ...]:
        """Words that may stand among the ids of the column and are none."""
        return _AMONG_IDS.get((self.table, self.name), ())

    @property
    def is_numeric(self) -> bool:
        """Whether the column holds float64."""
        return self.type in NUMERIC_TYPES

    @property
    def is_boolean(self) -> bool:
        """Whether the column holds yes/no."""
        return self.type == "yes/no"

    @property
    def default_value(self) -> str | float | bool:
        """The default as the table holds it: text, a number (NaN where there is none), or yes/no (no)."""
        if self.is_numeric:
            return float(self.default or "nan")
        if self.is_boolean:
            return self.default in TRUE_WORDS
        return self.default

    def unit_name(self, lang: str) -> str:
        """The unit in words; blank where there is none."""
        return _TEXTS.say(f"unit-{self.unit}", lang) if self.unit else ""


@dataclass(frozen=True)
class Table(_Named):
    """One table: its columns in order, the first of which form its key."""

    name: str
    label_de: str
    label_en: str
    required: bool
    meaning_de: str
    meaning_en: str
    columns: tuple[Column, ...]

    @cached_property
    def key(self) -> tuple[str, ...]:
        """The names of the key columns."""
        return tuple(column.name for column in self.columns if column.key)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of all columns."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __getitem__(self, name: str) -> Column:
        """The column of that name. Raises ``KeyError``."""
        return self._by_name[name]


@cache
def _rows() -> tuple[dict[str, str], ...]:
    source = resources.files("allocate.inputs").joinpath("dictionary.csv")
    with source.open(encoding="utf-8") as stream:
        return tuple(csv.DictReader(stream, restval=""))


def _column(row: dict[str, str]) -> Column:
    return Column(
        table=row["table"],
        name=row["column"],
        label_de=row["label_de"],
        label_en=row["label_en"],
        type=row["type"],
        unit=row["unit"],
        default=row["default"],
        minimum=float(row["minimum"]) if row["minimum"] else None,
        maximum=float(row["maximum"]) if row["maximum"] else None,
        refers_to=row["refers_to"],
        required=row["required"] == "yes",
        key=row["key"] == "yes",
        choices=tuple(word for word in row["choices"].split("|") if word),
        meaning_de=row["meaning_de"],
        meaning_en=row["meaning_en"],
        effect=row["effect"] or (DESCRIBED if row["type"] == "text" else PLAN),
    )


@cache
def tables() -> dict[str, Table]:
    """Every table of the contract by name, in the order of the dictionary."""
    columns: dict[str, list[Column]] = {}
    for row in _rows():
        if row["column"]:
            columns.setdefault(row["table"], []).append(_column(row))
    return {
        row["table"]: Table(
            name=row["table"],
            label_de=row["label_de"],
            label_en=row["label_en"],
            required=row["required"] == "yes",
            meaning_de=row["meaning_de"],
            meaning_en=row["meaning_en"],
            columns=tuple(columns[row["table"]]),
        )
        for row in _rows()
        if not row["column"]
    }


@cache
def tables_about(column: str) -> tuple[str, ...]:
    """The tables that speak of the things in a column (``pots.pot_id``): its own and those that refer to it."""
    own = column.partition(".")[0]
    return tuple(
        name for name, one in tables().items()
        if name == own or any(other.refers_to == column for other in one.columns)
    )  # fmt: skip


def table(name: str) -> Table:
    """One table by name. Raises ``KeyError``."""
    return tables()[name]


@cache
def common_columns() -> dict[str, Column]:
    """The columns every table may carry (``source``, ``as_of``); a table without them is not given them."""
    return {row["column"]: _column(row) for row in _rows() if row["table"] == ANY_TABLE}


@cache
def parameters() -> dict[str, Column]:
    """The settings of the table ``parameters`` with their defaults and bounds."""
    return {row["column"]: _column(row) for row in _rows() if row["table"] == PARAMETER}


def find_column(table_name: str, column_name: str) -> Column | None:
    """The dictionary's entry for a column of a table, the common ones included; None for a free column."""
    known = tables().get(table_name)
    if known is not None and column_name in known:
        return known[column_name]
    return common_columns().get(column_name)


@cache
def further_words() -> Mapping[tuple[str, str, str], Mapping[str, list[str]]]:
    """Words of people beside names and labels: (table, column, choice) -> language -> words, the written one first."""
    with resources.files("allocate.inputs").joinpath("words.csv").open(encoding="utf-8") as stream:
        return {
            (row["table"], row["column"], row["choice"]): {
                lang: [word for word in row[f"words_{lang}"].split("|") if word] for lang in LANGUAGES
            }
            for row in csv.DictReader(stream)
        }


def choice_word(choice: str, lang: str) -> str:
    """The word that stands for a choice in a language; English has the names themselves."""
    words = further_words().get((ANY_TABLE, "", choice), {}).get(lang, [])
    return words[0] if words and lang != "en" else choice


def as_markdown(lang: str) -> str:
    """The whole dictionary as a page for people: every table with its columns, units, defaults and meanings."""
    lines = [f"# {_say('title', lang)}", "", _say("intro", lang), ""]
    for entry in tables().values():
        needed = f" ({_say('required', lang)})" if entry.required else ""
        lines += [f"## {entry.name}: {entry.label(lang)}{needed}", "", entry.meaning(lang), ""]
        lines += [*_markdown_rows(entry.columns, lang), ""]
        if entry.name == "parameters":
            lines += [_say("settings", lang), "", *_markdown_rows(parameters().values(), lang), ""]
    lines += [f"## {_say('every-table', lang)}", "", *_markdown_rows(common_columns().values(), lang)]
    return "\n".join(lines) + "\n"


def described(column: Column, lang: str) -> str:
    """Type, allowed words, bounds and reference of a column in one line."""
    parts = [_say(f"type-{column.type.replace('/', '-')}", lang)]
    if column.choices:
        words = [(choice, choice_word(choice, lang)) for choice in column.choices]
        parts[0] += ": " + ", ".join(name if word == name else f"{word} ({name})" for name, word in words)
    if column.minimum is not None or column.maximum is not None:
        low, high = (("" if bound is None else f"{bound:g}") for bound in (column.minimum, column.maximum))
        parts.append(f"{low} … {high}" if low and high else f"≥ {low}" if low else f"≤ {high}")
    if column.refers_to:
        parts.append(_say("refers", lang, table=column.refers_to))
    return ", ".join(parts)


def _markdown_rows(columns: Iterable[Column], lang: str) -> list[str]:
    heads = [_say(f"head-{name}", lang) for name in ("column", "label", "kind", "unit", "default", "meaning")]
    rows = [
        (
            f"`{column.name}`" + (" *" if column.required else ""),
            column.label(lang),
            described(column, lang),
            column.unit_name(lang),
            column.default,
            " ".join([column.meaning(lang), *_effect(column, lang)]),
        )
        for column in columns
    ]
    table = [heads, ["---"] * len(heads), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in table]


def _effect(column: Column, lang: str) -> list[str]:
    """What people should know of a column that acts on no plan."""
    return [_say(f"effect-{column.effect}", lang)] if column.effect in _TOLD else []


def _say(key: str, lang: str, **values: object) -> str:
    return _TEXTS.say(f"dictionary-{key}", lang, **values)
