"""Step names: a change row as a planner would call it, by the names of the town and the labels of the columns."""

from __future__ import annotations

import math
from collections.abc import Sequence

from allocate.inputs.case import Case
from allocate.inputs.dictionary import choice_word, find_column, tables
from allocate.inputs.names import TABLES, names_of
from allocate.inputs.numerals import typed_number
from allocate.language import as_it_is
from allocate.report.columns import said
from allocate.web.desk import SETTINGS_TABLE, Desk, Step
from allocate.web.speech import say

YES_NO = ("yes", "no")
_SIGNS = {"set": "=", "multiply": "×", "add": "+"}


def step_names(case: Case, desk: Desk, lang: str) -> list[str]:
    """What each step of a desk does, in its order."""
    return [step_name(case, one, lang) for one in desk.steps]


def change_name(case: Case, change: Sequence[Step], lang: str) -> str:
    """What a change of one or several steps does: its first step, and how many more there are."""
    first = step_name(case, change[0], lang)
    return say("step.and-more", lang, step=first, n=len(change) - 1) if len(change) > 1 else first


def step_name(case: Case, step: Step, lang: str) -> str:
    """``P2 Social affairs: Amount = 949,500``."""
    label = column_name(step.table, step.column, lang)
    if step.table == SETTINGS_TABLE:
        return f"{label} = {_value(step, lang) if step.value else say('rules.no-cap', lang)}"
    if step.how not in _SIGNS:
        return f"{_place(case, step, lang)}: {choice_word(step.how, lang)} {step.value}".rstrip()
    return f"{_place(case, step, lang)}: {label} {_SIGNS[step.how]} {_value(step, lang)}"


def column_name(table: str, column: str, lang: str) -> str:
    """What a column is called; the name itself where the dictionary does not know it."""
    found = find_column(table, column)
    return found.label(lang) if found else column


def table_name(table: str, lang: str) -> str:
    """What a table is called; the name itself where the dictionary does not know it."""
    found = tables().get(table)
    return found.label(lang) if found else table


def value_word(value: str, lang: str) -> str:
    """A value that is a word, in the reader's language."""
    return said(value, lang) if value in YES_NO else choice_word(value, lang)


def _place(case: Case, step: Step, lang: str) -> str:
    """The id of the row with the names behind it; ``*`` is all rows."""
    table = tables().get(step.table)
    if step.key == "*" and table:
        return say("step.all", lang, table=table.label(lang))
    keys = [column for column in (table.key if table else ()) if column in TABLES]
    parts = step.key.split("|")
    if not keys or len(parts) > len(keys):
        return f"{table.label(lang) if table else step.table} {step.key}"
    names = [names_of(case, key, lang).get(part, "") for key, part in zip(keys, parts, strict=False)]
    return ", ".join(f"{part} {name}".strip() for part, name in zip(parts, names, strict=True))


def _value(step: Step, lang: str) -> str:
    """The value in the reader's notation; a word stays the word."""
    typed = typed_number(step.value)
    if typed.ambiguous or math.isnan(typed.value):
        return value_word(step.value, lang) if step.value else say("step.blank", lang)
    return as_it_is(typed.value, lang)
