"""Settings of a what-if: what a scenario says beside its change rows, as far as it is tried out on the page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from allocate.errors import UsageError
from allocate.inputs.numerals import number_of, typed_number
from allocate.inputs.scenario.variant import Scenario

# Columns of ``scenarios`` that a what-if may set.
SETTINGS = ("pooling", "max_moved")
POOLINGS = ("silo", "integrated")


def with_settings(chosen: Scenario, settings: Mapping[str, str]) -> Scenario:
    """The scenario with other settings, as texts by column; a blank ``max_moved`` is no cap.

    Raises ``UsageError`` (setting-unknown, setting-odd) for a column that is no setting or a value it cannot have.
    """
    for column, value in settings.items():
        if column not in SETTINGS:
            raise UsageError("setting-unknown", column=column, known=", ".join(SETTINGS))
        chosen = _with_pooling(chosen, value) if column == "pooling" else _with_cap(chosen, value)
    return chosen


def _with_pooling(chosen: Scenario, value: str) -> Scenario:
    if value not in POOLINGS:
        raise UsageError("setting-odd", column="pooling", value=value, known=", ".join(POOLINGS))
    return replace(chosen, pooling=value)


def _with_cap(chosen: Scenario, value: str) -> Scenario:
    if not value.strip():
        return replace(chosen, max_moved=math.inf)
    amount = number_of(value, "scenarios: max_moved") if typed_number(value).ambiguous else typed_number(value).value
    if not (math.isfinite(amount) and amount >= 0):
        raise UsageError("setting-odd", column="max_moved", value=value, known="0 …")
    return replace(chosen, max_moved=amount)
