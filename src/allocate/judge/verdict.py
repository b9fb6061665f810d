"""Verdict: when two numbers of a plan disagree, and how that is said.

Two tolerances, both relative to the size of the numbers compared, because a euro is much in one town and nothing in
another:

``ADDED``  figures that follow from the plan's own tables (sums, measures, coverage). The same numbers are added in
           another order, which costs about 1e-16 for each of them.
``RULE``   rules that the solver kept (pots, floors, capacities). The certificate accepts a violation of 1e-7 of the
           terms of a row, at least of one unit; this is ten times as much, so that both never disagree over rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocate.errors import CertificateError
from allocate.language import Words

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]
type Bools = NDArray[np.bool_]
type Ids = NDArray[np.object_]

ADDED = 1e-9
RULE = 1e-6


@dataclass(frozen=True)
class Verdict:
    """Finds the worst of many comparisons and raises ``CertificateError`` in words; ``scenario`` names the plan."""

    scenario: str
    currency: str

    def same(self, rule: str, ids: Sequence[Ids], found: Floats, right: Floats, size: Floats, **values: object) -> None:
        """``found`` is ``right`` up to rounding; ``size``: the sum of what was added up to get there."""
        self._judge(rule, ids, found, right, np.abs(found - right) - ADDED * np.maximum(np.abs(size), 1.0), values)

    def most(self, rule: str, ids: Sequence[Ids], found: Floats, most: Floats, size: Floats, **values: object) -> None:
        """``found`` is at most ``most``."""
        self._judge(rule, ids, found, most, found - most - RULE * np.maximum(np.abs(size), 1.0), values)

    def limit(self, cell: str, ids: Sequence[Ids], found: Floats, most: Floats) -> None:
        """``found`` is at most what a column states (``table.column``), in the column's unit."""
        table, _, column = cell.partition(".")
        self.most("judged-limit", ids, found, most, most, table=table, column=column)

    def least(
        self, rule: str, ids: Sequence[Ids], found: Floats, least: Floats, size: Floats, **values: object
    ) -> None:
        """``found`` is at least ``least``."""
        self._judge(rule, ids, found, least, least - found - RULE * np.maximum(np.abs(size), 1.0), values)

    def equal(
        self, rule: str, ids: Sequence[Ids], found: Floats, right: Floats, size: Floats, **values: object
    ) -> None:
        """``found`` is ``right`` as nearly as a rule can be kept."""
        self._judge(rule, ids, found, right, np.abs(found - right) - RULE * np.maximum(np.abs(size), 1.0), values)

    def none(self, rule: str, marked: Bools, ids: Sequence[Ids], **values: object) -> None:
        """No member is marked."""
        if marked.any():
            first = int(np.flatnonzero(marked)[0])
            raise self.broken(rule, what=_named(ids, first), **values)

    def broken(self, rule: str, **values: object) -> CertificateError:
        """The error that keeps a plan from being shown."""
        return CertificateError(rule, place="", scenario=self.scenario, currency=self.currency, **values)

    def _judge(
        self, rule: str, ids: Sequence[Ids], found: Floats, right: Floats, excess: Floats, values: Words
    ) -> None:
        # A number that is none is never within any tolerance.
        excess = np.where(np.isnan(excess), np.inf, excess)
        if len(excess) and excess.max() > 0:
            worst = int(np.argmax(excess))
            parts = {"found": float(found[worst]), "right": float(right[worst]), **values}
            raise self.broken(rule, what=_named(ids, worst), **parts)


def _named(ids: Sequence[Ids], place: int) -> str:
    return ", ".join(str(column[place]) for column in ids)
