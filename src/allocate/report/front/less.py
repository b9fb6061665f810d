"""What a tenth less money would cost, in the people or cases that the needs are counted in."""

from __future__ import annotations

import math
import re

import pandas as pd

from allocate.analyses.tradeoffs.ladder import Ladder
from allocate.inputs.names import need_units
from allocate.language import reckons_in_places
from allocate.report.front.front_page import Option
from allocate.report.front.saying import Saying
from allocate.town.facts import PotFacts

# The budget of which the loss is told, as a share of today's, and how many units of needs are named.
LESS, NAMED = 0.9, 2
# Units are counted a year, which a sentence about a year need not say.
_A_YEAR = re.compile(r"\s*(/|pro|im|je|a|per)\s*(Jahr|year)\s*$", re.IGNORECASE)


def less_money(say: Saying) -> tuple[Option, ...]:
    """The proposal with a tenth less money if no offer got more for it, and who would be reached no more."""
    found = say.content.ladder
    steps = (
        {} if found is None else {round(float(row["budget_share"]), 6): row for row in found.steps.to_dict("records")}
    )
    if found is None or not {LESS, 1.0} <= set(steps):
        return ()
    less, whole = steps[LESS], steps[1.0]
    # Only the pools are cut where there are any.
    of = "pooled" if len(found.pots) < len(PotFacts(say.content.case).ids) and not reckons_in_places() else "money"
    title = say(f"option.less.{of}")
    if str(less["status"]) == "infeasible":
        return (Option("", title, "–", "–", "–", "–", note=say("less.none"), budget=True),)
    if str(less["status"]) != "optimal" or math.isnan(float(less["covered_units"])):
        return ()
    fewer = say.number(max(0.0, float(whole["covered_units"]) - float(less["covered_units"])))
    named = _named(say, found)
    return (
        Option(
            "",
            title,
            say.percent(float(less["weighted_coverage"])) or "–",
            say.lowest(float(less["lowest_space_coverage"])) or "–",
            say.missed(say.content.plan),
            "–",
            note=say("less.named" if named else "less.fewer", units=fewer, named=say.listed(named)),
            budget=True,
        ),
    )


def _named(say: Saying, found: Ladder) -> list[str]:
    """The units in which most is lost, each with its number; none of a need of which a cell is withheld.

    What is left of the sum must belong to at least two needs where anything is withheld, or it would tell one of them.
    Published in steps, the sum of many cells would be another number.
    """
    if say.content.audience.is_public:
        return []
    lost = _lost(found)
    plain = {need: _A_YEAR.sub("", unit) for need, unit in need_units(say.content.case, say.lang).items()}
    units = pd.Series(plain).reindex(lost.index).fillna("")
    veiled = {need for _, need in say.content.mask.hidden}
    open_units = [unit for unit, rows in lost.groupby(units) if unit and not veiled & set(rows.index)]
    sums = lost.groupby(units).sum().reindex(open_units).sort_values(ascending=False, kind="stable").head(NAMED)
    sums = sums[sums.round() >= max(1.0, say.content.mask.threshold)]
    if veiled and int((~units.isin(sums.index)).sum()) < 2:
        return []
    return [say("less.unit", count=say.number(count), unit=unit) for unit, count in sums.items()]


def _lost(found: Ladder) -> pd.Series:
    """Fewer covered need units/year by need, with a tenth less money."""
    covered = [found.plans[share].coverage.groupby("need_id")["covered"].sum() for share in (1.0, LESS)]
    lost: pd.Series = covered[0].sub(covered[1], fill_value=0.0)
    return lost.set_axis(lost.index.astype(str))
