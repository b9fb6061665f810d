"""Scenario: a named set of settings and changes on a case; applying it gives a variant with its change log."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from allocate.inputs.case import Case


@dataclass(frozen=True)
class Scenario:
    """The settings of one row of ``scenarios`` (inheritance concerns the changes, not the settings).

    ``pooling`` is ``silo`` or ``integrated``; ``max_moved`` in EUR/year (inf: no cap); ``weight_set`` blank means
    ``needs.weight``; ``evaluate`` judges the status quo and optimises nothing.
    """

    scenario_id: str
    title: str = ""
    title_en: str = ""
    parent_id: str = ""
    pooling: str = "silo"
    floor_sets: tuple[str, ...] = ("base",)
    weight_set: str = ""
    max_moved: float = float("inf")
    evaluate: bool = False
    indivisible: bool = False
    expected: str = ""
    question: str = ""

    def label(self, lang: str = "de") -> str:
        """The title in the reader's language, the id where there is none."""
        title = self.title_en if lang == "en" and self.title_en else self.title
        return title or self.scenario_id


@dataclass(frozen=True)
class Variant:
    """A case as one scenario sees it.

    ``changes`` is the log, one row per changed cell: ``scenario_id, table, key, column, how, value, old, new, reason,
    source, place`` (``place`` is where the change row stands).
    """

    case: Case
    scenario: Scenario
    changes: pd.DataFrame
