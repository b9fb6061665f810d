"""Rules about the rows of ``changes``: what they name, what they hit, what they are."""

from __future__ import annotations

from functools import cache

import pandas as pd

from allocate.inputs.case import Case, Source
from allocate.inputs.dictionary import tables
from allocate.inputs.findings import FindingList
from allocate.inputs.scenario.keys import Problem
from allocate.inputs.scenario.steps import Shapes
from allocate.language import Words


def shapes(case: Case) -> Shapes:
    """What a step must know of the columns of this case's tables, from the dictionary."""
    return _shapes(frozenset(case.tables))


@cache
def _shapes(names: frozenset[str]) -> Shapes:
    known = [table for name, table in tables().items() if name in names]
    return Shapes(
        keys={table.name: table.key for table in known},
        lists=frozenset((table.name, column.name) for table in known for column in table if column.type == "list"),
        defaults={
            (table.name, column.name): float(column.default)
            for table in known
            for column in table
            if column.is_numeric and column.default
        },
    )


def as_findings(source: Source, rows: pd.DataFrame, problems: list[Problem]) -> FindingList:
    """The problems of one step as findings, placed at the change rows (``rows``, by their index)."""
    found = FindingList()
    for problem in problems:
        bad = rows.iloc[problem.positions]
        words: Words = dict(problem.values)
        found.add_many(
            problem.rule,
            source,
            rows=bad.index,
            column=problem.column,
            value=bad[problem.column].tolist(),
            **words,  # type: ignore[arg-type]
        )
    return found
