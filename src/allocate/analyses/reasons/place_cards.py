"""The frame that reason cards of a pot, a space, a floor and an offer in a space share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import pandas as pd

from allocate.analyses.reasons.binding import Binding
from allocate.analyses.reasons.consequence import Consequence
from allocate.results.columns import Columns
from allocate.results.told import Told

STEP_COLUMNS = Columns("step", "possible", "difference", "per_unit")


@dataclass(frozen=True, eq=False, repr=False)
class PlaceCard(Told):
    """Why a proposal treats a pot, a space, a floor or an offer in a space as it does.

    ``kind``: ``pot``, ``space``, ``floor`` or ``use``; ``key`` its ids; ``facts`` its figures (docs/explain.md).
    ``steps`` (``STEP_COLUMNS``): exact differences of the best objective (points, more is better) for steps that
    planners name, in the thing's unit, and per unit. ``consequences``: best plans under a hold, by question.
    ``tables``: further tables by name.
    """

    JSON: ClassVar = ("kind", "scenario_id", "key", "name", "*facts", "binding", "consequences", "steps", "*tables")

    scenario_id: str
    kind: str
    key: tuple[str, ...]
    name: str
    facts: dict[str, float]
    binding: tuple[Binding, ...] = ()
    consequences: tuple[Consequence, ...] = ()
    steps: pd.DataFrame = field(default_factory=STEP_COLUMNS.of)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)

    def consequence(self, question: str) -> Consequence | None:
        """The answer to one question, None where it was not asked."""
        return next((one for one in self.consequences if one.question == question), None)
