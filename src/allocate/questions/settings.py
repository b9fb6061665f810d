"""Settings: the scenarios of a case, what each is set to, and what each one changes in the tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from allocate.inputs.handed import OneLine
from allocate.inputs.scenario.variant import Scenario, Variant
from allocate.results.runs import labelled


@dataclass(frozen=True, eq=False, repr=False)
class Scenarios(OneLine):
    """Some scenarios of a case by id, in the order they were asked for."""

    variants: Mapping[str, Variant]

    @cached_property
    def settings(self) -> pd.DataFrame:
        """One row per scenario: its own settings, and how many cells differ from the inputs."""
        rows = [{**_own(one.scenario), "changed_cells": len(one.changes)} for one in self.variants.values()]
        return pd.DataFrame(rows)

    @cached_property
    def changes(self) -> pd.DataFrame:
        """One row per changed cell of every scenario, old and new; ``set_in`` is the ancestor that changes it."""
        return pd.concat([labelled(id, one.changes) for id, one in self.variants.items()], ignore_index=True)

    def to_json(self, lang: str = "en") -> dict[str, object]:
        """The stable JSON of ``scenarios``: settings and log of changes of each."""
        rows = [dict(zip(self.settings.columns, row, strict=True)) for row in self.settings.itertuples(index=False)]
        logs = [variant.changes for variant in self.variants.values()]
        return {"scenarios": [{**row, "changes": log} for row, log in zip(rows, logs, strict=True)]}


def _own(scenario: Scenario) -> dict[str, object]:
    return {
        "scenario_id": scenario.scenario_id,
        "title": scenario.title,
        "title_en": scenario.title_en,
        "parent_id": scenario.parent_id,
        "pooling": scenario.pooling,
        "floor_sets": ";".join(scenario.floor_sets),
        "weight_set": scenario.weight_set,
        "max_moved": scenario.max_moved if scenario.max_moved != float("inf") else float("nan"),
        "evaluate": scenario.evaluate,
        "indivisible": scenario.indivisible,
        "expected": scenario.expected,
        "question": scenario.question,
    }
