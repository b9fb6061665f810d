"""Rule names: every rule in planning words, with its bound, its legal basis, and who may decide about it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from allocate.bench.widening import Rules
from allocate.language import Texts
from allocate.model.ground import Ground
from allocate.model.rules.naming import Naming
from allocate.model.rules.register import rule_of
from allocate.plain import Record
from allocate.results.columns import Columns

TEXTS = Texts("allocate.analyses.conflicts")
COLUMNS = Columns(
    "rule", "id", "place", "name", "need_id", "need_name", "bound", "bound_unit", "bound_units",
    "basis", "decided_by", "decider",
)  # fmt: skip


class RuleNames:
    """Words for the rules of one scenario."""

    def __init__(self, ground: Ground, rules: Rules) -> None:
        self._naming = Naming(ground)
        self.rules = rules

    def table(self, numbers: Sequence[int], lang: str) -> pd.DataFrame:
        """One row per rule: words, bound, basis and decision. ``bound_units``: need units behind a floor's share."""
        rows = [self._row(number, lang) for number in numbers]
        return COLUMNS.of(rows).astype({"bound": float, "bound_units": float})

    def _row(self, number: int, lang: str) -> Record:
        kind, id, place = (str(part[number]) for part in (self.rules.kind, self.rules.id, self.rules.place))
        rule = rule_of(kind)
        record = {
            "rule": kind,
            "id": id,
            "place": place,
            "need_id": "",
            "need_name": "",
            "bound": np.nan,
            "bound_unit": rule.unit,
            "bound_units": np.nan,
            "basis": "",
            **rule.words(self._naming, id, place, lang),
        }
        values = {**record, "where": self._naming.where(place, lang)}
        return record | {"name": rule.say("name", lang, **values)}

    def say(self, number: int, key: str, lang: str) -> str:
        """A sentence of a rule, filled with its words."""
        kind, id, place = (str(part[number]) for part in (self.rules.kind, self.rules.id, self.rules.place))
        rule = rule_of(kind)
        return rule.say(key, lang, **rule.words(self._naming, id, place, lang))
