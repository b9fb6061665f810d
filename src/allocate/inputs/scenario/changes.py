"""Quick what-ifs: changes written in one line each, and the scenario they make.

    TABLE:KEY:COLUMN OP VALUE        pots:*:amount*0.9            all pots 10 per cent smaller
                                     demand:S02|N03:demand+300    300 more people in one cell
                                     offers:O32:max_capacity=120  a capacity set
                                     offers:O01:unit_cost/1,05    German numbers are understood
                                     pots:P3:amount-10%           a tenth less (also +10%, *90%)
    spaces:S03:population+300    300 more residents, with their demand

    TABLE:KEY:HOW VALUE              offers:O15:remove            whole rows (``row_changes``): remove, insert, copy,
                                     offers:O01:copy O99          merge, move

A factor that could be read twice (``1.046``) is the one near 1; any other number that could be is refused.

``KEY`` is the table's key as in the table ``changes``: its columns joined by ``|``, ``*`` for all, ``O1;O2`` for two,
``provider_id=T03`` for all rows of a provider. ``OP`` is ``=`` (set), ``*`` or ``/`` (multiply, divide), ``+`` or ``-``
(add, subtract). Every what-if needs a reason.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.inputs.dictionary import find_column, parameters
from allocate.inputs.ids import plain
from allocate.inputs.nearest import nearest
from allocate.inputs.numerals import number_of, typed_number, write_numeral
from allocate.inputs.reading.translation import change_names
from allocate.inputs.scenario.row_changes import ROW_HOWS
from allocate.inputs.scenario.settings import with_settings
from allocate.inputs.scenario.variant import COMMAND_LINE, TYPED_AT, Change, apply, scenario_ids
from allocate.inputs.vocabulary import choice_of
from allocate.language import MINUS

WHAT_IF = "what-if"
_GRAMMAR = re.compile(
    r"\s*(?P<table>[^:]*?)\s*:\s*(?P<key>.*?)\s*:\s*(?P<column>\w[\w ()]*?)\s*"
    r"(?P<sign>[=*/+\u2212-])\s*(?P<value>.*?)\s*",
    re.DOTALL,
)
_ROWS = re.compile(r"\s*(?P<table>[^:]*?)\s*:\s*(?P<key>.*?)\s*:\s*(?P<how>\w+)(?:\s+(?P<value>.*?))?\s*", re.DOTALL)
_HOW = {"=": "set", "*": "multiply", "/": "multiply", "+": "add", "-": "add"}


def parse_change(text: str, reason: str, *, number: int = 1, known: Sequence[str] = ()) -> Change:
    """One change from its line; ``number`` counts it among several, ``known`` are the case's tables.

    Raises ``UsageError``: ``change-syntax`` (with the part that is missing), ``change-table-unknown`` (with the
    nearest table), ``change-not-a-number``, ``change-reason-missing``.
    """
    place = f"{COMMAND_LINE} {number}"
    if not reason.strip():
        raise UsageError("change-reason-missing", place=place, text=text)
    rows = _row_change(text, reason.strip(), place, known)
    if rows is not None:
        return rows
    match = _GRAMMAR.fullmatch(text)
    if match is None:
        raise UsageError("change-syntax", place=place, text=text, position=_stuck_at(text))
    sign = match["sign"].replace(MINUS, "-")
    table, key, column, value = change_names(match["table"], match["key"], match["column"], match["value"])
    _refuse_unknown(table, known, place)
    if value.endswith("%") and sign != "=":
        sign, value = "*", _share(sign, value, place)
    if sign != "=":
        amount = _factor(value) if sign in "*/" else _amount(value, place)
        if not math.isfinite(amount) or (sign == "/" and amount == 0):
            raise UsageError("change-not-a-number", place=place, value=value)
        signed = {"/": 1 / amount if amount else 0.0, "-": -amount}.get(sign, amount)
        value = write_numeral(signed)
    return Change(table, plain(key), column, _HOW[sign], value, reason.strip())


def _row_change(text: str, reason: str, place: str, known: Sequence[str]) -> Change | None:
    """A change of whole rows; None for a line that is none."""
    match = _ROWS.fullmatch(text)
    column = find_column("changes", "how")
    how = choice_of(column, match["how"]) if match is not None and column is not None else ""
    if match is None or how not in ROW_HOWS:
        return None
    table, key, _, _ = change_names(match["table"], match["key"], "", "")
    if how != "insert":
        _refuse_unknown(table, known, place)
    return Change(table, plain(key), "", how, (match["value"] or "").strip(), reason)


def _refuse_unknown(table: str, known: Sequence[str], place: str) -> None:
    if known and table not in known:
        raise UsageError("change-table-unknown", place=place, table=table, nearest=nearest(table, known) or "-")


def _amount(text: str, place: str) -> float:
    """A number as typed, NaN where it is none; one of two readings is refused with both of them."""
    return number_of(text, place) if typed_number(text).ambiguous else typed_number(text).value


def _factor(text: str) -> float:
    """A factor as typed; of two readings (``1.046``, ``1,046``) the one near 1 is meant, not the one of thousands."""
    typed = typed_number(text)
    return min(typed.point, typed.comma, key=abs) if typed.ambiguous else typed.value


def _share(sign: str, text: str, place: str) -> str:
    """The factor of a percentage: ``-10%`` leaves 0.9, ``+10%`` makes 1.1, ``*90%`` is 0.9 and ``/50%`` doubles."""
    amount = _factor(text.removesuffix("%"))
    if not math.isfinite(amount) or (sign == "/" and amount == 0):
        raise UsageError("change-not-a-number", place=place, value=text)
    # Counted in per cent and divided once, 110 per cent are 1.1 and not 1.1000000000000001.
    factor = {"+": (100 + amount) / 100, "-": (100 - amount) / 100, "*": amount / 100}
    return write_numeral(factor[sign] if sign in factor else 100 / amount)


def _stuck_at(text: str) -> int:
    """The position (from 1) up to which the line could still become a change."""
    first = text.find(":")
    second = text.rfind(":") if text.count(":") > 1 else -1
    if first < 0 or second < 0:
        return len(text) + 1
    operator = re.search(r"\w+\s*", text[second + 1 :])
    return second + 2 + (operator.end() if operator else 0)


def parse_changes(texts: Sequence[str], reason: str, case: Case) -> tuple[Change, ...]:
    """Several lines under one reason; raises ``UsageError`` at the first that is none."""
    known = [name for name, table in case.tables.items() if len(table)]
    parsed = [parse_change(text, reason, number=at, known=known) for at, text in enumerate(texts, 1)]
    return tuple(_settled(case, change, f"{COMMAND_LINE} {at}") for at, change in enumerate(parsed, 1))


def holds_number(case: Case, table: str, key: str, column: str) -> bool:
    """Whether the cells a change names hold numbers: a numeric column, or a numeric setting."""
    if (table, column) == ("parameters", "value"):
        setting = parameters().get(key)
        return setting is not None and setting.is_numeric
    frame = case.tables.get(table)
    if frame is None or column not in frame.columns:
        return False
    return is_numeric_dtype(frame[column].dtype) and not is_bool_dtype(frame[column].dtype)


def _settled(case: Case, change: Change, place: str) -> Change:
    """A number to be set, as a case holds numbers; one that could be read twice is refused like any other."""
    if change.how != "set" or not holds_number(case, change.table, change.key, change.column):
        return change
    amount = _amount(change.value, place)
    return change if math.isnan(amount) else replace(change, value=write_numeral(amount))


def with_what_if(
    case: Case,
    base_id: str,
    changes: Sequence[Change],
    *,
    new_id: str = WHAT_IF,
    title: str = "",
    settings: Mapping[str, str] | None = None,
) -> Case:
    """The case with one more scenario: a child of ``base_id`` with its settings and these changes.

    ``settings`` (``settings.SETTINGS``, as texts) take the place of those of ``base_id``. Every analysis can then be
    asked of ``new_id``. Raises ``UsageError`` for an unknown base or an id that is taken,
    and ``InputError`` with all findings, placed at the lines, where a change names nothing or makes a table invalid.
    """
    variant = apply(case, base_id, changes)
    if new_id in scenario_ids(case):
        raise UsageError("scenario-taken", scenario=new_id)
    scenarios, rows = case["scenarios"], case["changes"]
    own = scenarios[scenarios["scenario_id"] == base_id].copy()
    own["scenario_id"], own["parent_id"], own["expected"] = new_id, base_id, ""
    # The question of the base is answered by the base; what is asked here stands in the reason.
    own["question"] = ""
    given = dict(settings or {})
    if given:
        chosen = with_settings(variant.scenario, given)
        own["pooling"], own["max_moved"] = chosen.pooling, np.nan if math.isinf(chosen.max_moved) else chosen.max_moved
    reason = changes[0].reason if changes else ", ".join(f"{name} = {value}" for name, value in given.items())
    for column, lang in (("title", "de"), ("title_en", "en")):
        own[column] = title or f"{variant.scenario.label(lang)}: {reason}"
    lines = [
        {**vars(change), "scenario_id": new_id, TYPED_AT: change.place or f"{COMMAND_LINE} {at}"}
        for at, change in enumerate(changes, 1)
    ]
    columns = list(dict.fromkeys([*rows.columns, TYPED_AT]))
    added = pd.DataFrame(lines, dtype="str").reindex(columns=columns, fill_value="")
    return case._unchecked(
        scenarios=_appended(scenarios, own),
        changes=_appended(rows.reindex(columns=columns, fill_value=""), added),
    )


def _appended(table: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The table with further rows behind it, numbered as they would be in the file."""
    last = int(table.index.max()) if len(table) else 1
    numbered = rows.set_axis(pd.RangeIndex(last + 1, last + 1 + len(rows)), axis=0)
    joined = pd.concat([table, numbered]) if len(table) else numbered
    joined.index.name = table.index.name
    return joined
