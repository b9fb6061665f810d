"""Levers: which rules may give way together in a repair, and what each repair amounts to.

Every repair is cheapest among the rules it may touch (``elastic``), rounded and proven in the tables (``repairs``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from allocate.analyses.clash import Clash
from allocate.analyses.elastic import Elastic, Impossible, Relaxation
from allocate.analyses.repairs import Repaired, Step, repair
from allocate.model.program import Bools
from allocate.model.widening import Rules

CAPACITY = ("capacity", "reach")
FOUND, IMPOSSIBLE, UNDECIDED = "found", "impossible", "undecided"
# Which kinds of rules a combined repair may touch. Earmarks and funders' shares are touched one at a time only.
COMBINED = {
    "mixed": ("pot", "floor", "capacity", "reach", "commitment", "corridor", "plurality", "moved"),
    "money": ("pot",),
    "staff": CAPACITY,
    "money_staff": ("pot", *CAPACITY),
    "floors": ("floor",),
    "lawful": ("pot", "capacity", "reach", "commitment", "corridor", "plurality", "moved", "floor"),
}
REPAIR_COLUMNS = (
    "repair_id", "kind", "status", "eur", "places", "points", "need_units", "priced_eur", "verified", "cheapest",
)  # fmt: skip
STEP_COLUMNS = ("repair_id", "rule_number", "change", "before", "after")


@dataclass(frozen=True)
class Lever:
    """A repair that was asked for: ``kind`` is ``combined``, ``group`` (one floor in several places) or ``single``.

    ``verified``: the repaired tables have a plan; of an impossible one: duality proves that it cannot be enough.
    """

    repair_id: str
    kind: str
    status: str
    priced_eur: float = np.nan
    verified: bool = False
    cheapest: bool = False
    repaired: Repaired | None = field(default=None, repr=False)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The rules that give way; none where the repair is not possible."""
        return self.repaired.steps if self.repaired else ()


def levers(elastic: Elastic, clash: Clash) -> list[Lever]:
    """All combined repairs, then the single rules of the clash.

    A single rule that repairs the whole scenario is a member of every clash, so no others need be tried.
    """
    return [_pulled(elastic, *asked) for asked in _asked(elastic.widened.rules, elastic, clash)]


def _asked(rules: Rules, elastic: Elastic, clash: Clash) -> Iterator[tuple[str, str, Bools]]:
    for name, kinds in COMBINED.items():
        allowed = rules.of(*kinds)
        if name == "lawful":
            allowed &= ~_statutory(elastic)
        yield name, "combined", allowed
    floors = clash.members[rules.kind[clash.members] == "floor"]
    for id in dict.fromkeys(rules.id[floors].tolist()):
        own = rules.of("floor") & (rules.id == id)
        if own.sum() > 1:
            yield f"floor:{id}", "group", own
    for member in clash.members.tolist():
        only = np.zeros(len(rules), dtype=bool)
        only[member] = True
        yield name_of(rules, member), "single", only


def name_of(rules: Rules, rule: int) -> str:
    """A rule's stable name in tables and JSON, ``floor:F07:S03``."""
    return ":".join(str(part[rule]) for part in (rules.kind, rules.id, rules.place) if part[rule])


def _statutory(elastic: Elastic) -> Bools:
    """Which rules are floors that the law sets."""
    rules = elastic.widened.rules
    table = elastic.widened.compiled.variant.case["floors"]
    statutory = table.loc[table["kind"] == "statutory", "floor_id"]
    return rules.of("floor") & np.isin(rules.id.astype(str), statutory.to_numpy(dtype=str))


def _pulled(elastic: Elastic, repair_id: str, kind: str, allowed: Bools) -> Lever:
    found = elastic.cheapest(allowed)
    if isinstance(found, Relaxation):
        repaired = repair(elastic.widened, found)
        return Lever(repair_id, kind, FOUND, found.price, repaired.verified, found.cheapest, repaired)
    if isinstance(found, Impossible):
        return Lever(repair_id, kind, IMPOSSIBLE, verified=elastic.is_impossible(allowed))
    return Lever(repair_id, kind, UNDECIDED)


def repair_table(rules: Rules, pulled: list[Lever]) -> pd.DataFrame:
    """One row per repair: EUR, places and need units that give way, the largest cut of a floor as a share 0..1."""
    rows = []
    for lever in pulled:
        kind = [str(rules.kind[step.rule]) for step in lever.steps]
        by = {
            name: [s for s, k in zip(lever.steps, kind, strict=True) if k in names] for name, names in _SUMMED.items()
        }
        found = lever.status == FOUND
        amount = {name: float(sum(step.amount for step in steps)) if found else np.nan for name, steps in by.items()}
        points = max((step.before - step.after for step in by["need_units"]), default=0.0) if found else np.nan
        rows.append(
            (
                lever.repair_id, lever.kind, lever.status, amount["eur"], amount["places"], points,
                amount["need_units"], lever.priced_eur, lever.verified, lever.cheapest,
            )
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(REPAIR_COLUMNS))


_SUMMED = {
    "eur": ("pot", "moved", "share", "earmark"),
    "places": ("capacity", "reach", "commitment", "corridor"),
    "need_units": ("floor",),
}


def step_table(pulled: list[Lever]) -> pd.DataFrame:
    """One row per rule of each repair that gives way, with its value before and after."""
    rows = [
        (lever.repair_id, step.rule, step.amount, step.before, step.after) for lever in pulled for step in lever.steps
    ]
    table = pd.DataFrame(rows, columns=list(STEP_COLUMNS))
    return table.astype({"rule_number": int, "change": float, "before": float, "after": float})
