"""Relatives: many variants of one scenario that differ in a few changes beside those of the tables.

What the scenario and its ancestors change is carried out once; every variant only adds its own changes. The variants
are those that ``apply`` makes, row for row.
"""

from __future__ import annotations

from collections.abc import Sequence

from allocate.inputs.case import Case, Source
from allocate.inputs.scenario.variant import (
    COMMAND_LINE,
    Change,
    Variant,
    apply,
    as_rows,
    finished,
    further,
    lineage,
    of_the_year,
    scenario,
    tried,
)


class Relatives:
    """Variants of one scenario of a case. Raises as ``apply`` does, at once where the scenario itself is at fault."""

    def __init__(self, case: Case, scenario_id: str) -> None:
        self._case = case
        self._chosen = scenario(case, scenario_id)
        self._shared = tried(case, lineage(case, scenario_id))
        self._alone = finished(self._shared, self._chosen)

    def variant(self, changes: Sequence[Change] = ()) -> Variant:
        """The scenario with these changes beside its own. Raises ``InputError`` as ``apply`` does."""
        if not changes:
            return self._alone
        rows = as_rows(changes, self._chosen.scenario_id)
        if of_the_year(rows).any():
            # What moves the year that is planned is carried out before all other changes.
            return apply(self._case, self._chosen.scenario_id, changes)
        return finished(further(self._shared, Source(COMMAND_LINE), rows), self._chosen)
