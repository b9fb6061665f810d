"""Prechecks: contradictions that can be seen without solving anything, in closed form.

Each row of the table names one rule that no plan can meet, whatever the others do. Which contradictions there are, each
rule says in its own file.
"""

from __future__ import annotations

import pandas as pd

from allocate.model.ground import Ground
from allocate.model.rules.register import RULES
from allocate.model.rules.rule import Contradiction


def precheck(ground: Ground) -> pd.DataFrame:
    """Rules that no plan can meet, one per row (``needed`` > ``available``); empty where none is seen."""
    rows = [found for rule in RULES for found in rule.precheck(ground)]
    return pd.DataFrame(rows, columns=list(Contradiction._fields)).astype({"needed": float, "available": float})
