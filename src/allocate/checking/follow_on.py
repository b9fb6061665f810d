"""Follow-on findings: one fault is one finding, so that what only follows from another fault is not said.

A cell that cannot be read is not reported as blank as well, nor a missing column as blank in every row, nor an
unreadable table as empty. Findings that add up or compare cells wait until those cells are right. Checks that rules of
the model bring along need no entry here: what they have read is known, and has to be there and in order.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from allocate.inputs.case import Case
from allocate.inputs.findings import ERROR, READ, VALUES, errors, join
from allocate.inputs.vocabulary import table_of

_PLACE = ["file", "sheet", "row", "column"]
_WHOLE_TABLE = ("read-table-missing", "read-file-", "read-sheet-", "read-quote-open")
_WHOLE_COLUMN = ("read-column-missing", "read-column-near")
# Rules of checking that find a single value wrong, whatever stands elsewhere.
_VALUE_RULES = (
    "required-blank", "not-finite", "number-absurd", "number-negative", "number-outside", "share-outside", "not-whole",
    "date-invalid", "choice-unknown", "unknown-reference", "reference-lookalike", "reference-zeros", "list-separator",
)  # fmt: skip
# Findings on other tables that say nothing but that a table is empty, where that table could not be read.
_OF_EMPTY_TABLES = {
    "spaces": ("need-without-demand", "scope-without-regions", "floor-unreachable"),
    "needs": ("effect-without-demand", "floor-unreachable", "weights-all-zero"),
    "demand": (
        "demand-missing", "effect-without-demand", "floor-unreachable", "floor-without-demand", "need-without-demand",
        "space-without-demand",
    ),
    "offers": (
        "floor-unreachable", "need-without-offer", "pot-without-offer", "cluster-few-providers", "cluster-most-sum",
        "costs-in-thousands",
    ),
    "effects": (
        "cluster-few-providers", "cluster-not-serving", "floor-unreachable", "need-without-offer",
        "offer-without-effect", "overlap-not-serving",
    ),
    "pots": (
        "commitments-unpayable", "committed-unpayable", "integrated-without-pooled", "offer-partly-paid",
        "offer-without-payer",
    ),
    "reach": ("floor-unreachable", "offer-without-reach"),
    "floors": ("duty-without-floor",),
    "scenarios": ("floor-set-unused",),
}  # fmt: skip
_COST = ("offers.unit_cost", "offers.baseline_capacity")
_SERVICE = ("effects.offer_id", "effects.need_id", "effects.effect")
_SEGMENTS = ("segments.from", "segments.to", "segments.value")
# Findings that add up or compare cells, and the columns that they take them from.
_OF_CELLS = {
    "funding-above-share": (*_COST, "pots.max_share", "eligibility.max_share"),
    "funding-sum": (*_COST, "baseline_funding.amount", "baseline_funding.offer_id"),
    "funding-above-pot": ("pots.amount", "baseline_funding.amount", "baseline_funding.pot_id"),
    "committed-unpayable": ("offers.unit_cost", "offers.committed_capacity", "pots.amount", "pots.max_share"),
    "commitments-unpayable": ("offers.unit_cost", "offers.committed_capacity", "pots.amount", "pots.max_share"),
    "offer-partly-paid": ("pots.max_share", "eligibility.max_share"),
    "offer-without-payer": ("pots.max_share", "eligibility.max_share"),
    "floor-unreachable": (
        *_SERVICE, "reach.offer_id", "reach.space_id", "reach.access", "reach.max_capacity", "offers.max_capacity",
        "demand.demand", "floors.min_coverage",
    ),
    "cluster-not-serving": _SERVICE,
    "overlap-not-serving": _SERVICE,
    "need-without-offer": _SERVICE,
    "offer-without-effect": _SERVICE,
    "cluster-few-providers": ("offers.provider_id", "plurality.offers"),
    "cluster-most-sum": ("offers.provider_id", "plurality.offers"),
    "need-without-demand": ("demand.demand", "demand.need_id"),
    "effect-without-demand": ("demand.demand", "demand.need_id"),
    "floor-without-demand": ("demand.demand", "demand.need_id"),
    "space-without-demand": ("demand.demand", "demand.space_id"),
    "demand-missing": ("demand.space_id", "demand.need_id"),
    "offer-without-reach": ("reach.offer_id", "reach.access"),
    "reach-baseline-sum": ("reach.baseline_capacity", "reach.offer_id", "offers.baseline_capacity"),
    "committed-beyond-reach": ("reach.max_capacity", "offers.committed_capacity"),
    "corridor-least-sum": ("reach.min_use_share", "reach.offer_id"),
    "corridor-most-sum": ("reach.max_use_share", "reach.offer_id"),
    "corridor-crossed": ("reach.min_use_share", "reach.max_use_share"),
    "baseline-above-max": ("offers.max_capacity", "offers.baseline_capacity"),
    "committed-above-max": ("offers.max_capacity", "offers.committed_capacity"),
    "least-above-max": ("offers.max_capacity", "offers.min_capacity_if_open"),
    "segment-empty": _SEGMENTS,
    "segment-gap": _SEGMENTS,
    "segment-end": _SEGMENTS,
    "segment-rising": _SEGMENTS,
    "duty-without-floor": ("floors.need_id", "floors.kind", "floors.min_coverage"),
    "pots-in-thousands": (*_COST, "pots.amount"),
    "costs-in-thousands": ("offers.unit_cost", "offers.max_capacity", "pots.amount"),
    "weight-set-incomplete": ("weight_sets.need_id",),
}  # fmt: skip


def without_follow_ons(case: Case, reading: pd.DataFrame, checking: pd.DataFrame) -> pd.DataFrame:
    """The findings of reading and of checking as one table, without those that only follow from another fault."""
    wrong = errors(reading)
    if len(wrong) and len(checking):
        checking = checking[~_of_reading(case, wrong, checking)]
    if len(checking):
        values = errors(checking)
        values = values[values["rule"].isin(_VALUE_RULES)]
        columns = _columns(case, wrong) | _columns(case, values)
        waiting = checking["rule"].map(lambda rule: not columns.isdisjoint(_OF_CELLS.get(rule, ())))
        waiting = waiting.astype(bool) | _of_read(case, checking, columns)
        checking = checking[~(waiting | _of_changes(case, checking, columns))]
    return join(reading, checking)


def _of_reading(case: Case, wrong: pd.DataFrame, checking: pd.DataFrame) -> pd.Series:
    """Findings at a cell, in a column or on a table that could not be read, and those of the empty table it left."""
    cells = _keys(checking, _PLACE).isin(_keys(wrong, _PLACE))
    columns = wrong[wrong["rule"].isin(_WHOLE_COLUMN)]
    meant = columns[VALUES].map(lambda values: values.get("known", ""))
    columns = columns.assign(column=columns["column"].mask(meant != "", meant))
    missing = _keys(checking, ["file", "sheet", "column"]).isin(_keys(columns, ["file", "sheet", "column"]))
    tables = wrong[wrong["rule"].str.startswith(_WHOLE_TABLE)]
    unread = _keys(checking, ["file", "sheet"]).isin(_keys(tables, ["file", "sheet"]))
    return cells | missing | unread | _of_empty(case, checking, pd.concat([tables, columns]))


def _of_empty(case: Case, checking: pd.DataFrame, unread: pd.DataFrame) -> pd.Series:
    """Which findings only follow from tables that could not be read, or lack a column they need."""
    names = set(_tables(case, unread))
    rules = [rule for name in names for rule in _OF_EMPTY_TABLES.get(name, ())]
    keys = checking["rule"].eq("change-key-unknown") & _words(checking, "table").isin(names)
    pointing = checking["rule"].isin(_VALUE_RULES) & _words(checking, "target").str.partition(".")[0].isin(names)
    return checking["rule"].isin(rules) | keys | pointing


def _of_read(case: Case, checking: pd.DataFrame, columns: set[str]) -> np.ndarray:
    """What rules' checks found once they had read an empty table; warnings and notes also where a cell is wrong."""
    read = [values.get(READ, frozenset()) for values in checking[VALUES]]
    empty = {name for name in frozenset().union(*read) if case[name].empty}
    wrong = {column.partition(".")[0] for column in columns}
    mild = checking["severity"].ne(ERROR)
    follows = [bool(one & (empty | wrong if waits else empty)) for one, waits in zip(read, mild, strict=True)]
    return np.array(follows, dtype=bool)


def _of_changes(case: Case, checking: pd.DataFrame, columns: set[str]) -> pd.Series:
    """Changes that cannot calculate with a cell because the cell is wrong."""
    changes = case["changes"]
    target = (changes["table"] + "." + changes["column"]).to_dict()
    wrong = [not pd.isna(row) and target.get(int(row), "") in columns for row in checking["row"]]
    return checking["rule"].eq("change-of-blank") & np.array(wrong, dtype=bool)


def _columns(case: Case, wrong: pd.DataFrame) -> set[str]:
    """The columns (``table.column``) that hold a wrong cell."""
    return {f"{table}.{column}" for table, column in zip(_tables(case, wrong), wrong["column"], strict=True) if column}


def _tables(case: Case, findings: pd.DataFrame) -> list[str]:
    """The table of every finding; of a file or sheet that is none, its name."""
    known = {(source.file, source.sheet): name for name, source in case.sources.items()}
    places = zip(findings["file"], findings["sheet"], strict=True)
    return [known.get((file, sheet)) or table_of(sheet or Path(file).stem) for file, sheet in places]


def _words(findings: pd.DataFrame, name: str) -> pd.Series:
    """One word of every finding's sentence, blank where it has none."""
    return findings[VALUES].map(lambda values: str(values.get(name, ""))).astype("str")


def _keys(findings: pd.DataFrame, columns: list[str]) -> pd.Series:
    """The place of every finding as one text."""
    key = pd.Series("", index=findings.index)
    for column in columns:
        key += "\x1f" + findings[column].astype("str")
    return key
