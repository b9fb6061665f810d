"""What becomes of an offer in other plans: those of the case's other scenarios, and almost equally good ones.

A card asks for plans that are quickly made. To prove that no plan of whole offers is better can take many minutes in a
large town, and nobody waits so long for a card: such a scenario counts where its plan is there, else it is named.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import pandas as pd

from allocate.analyses.reasons.cards import ELSEWHERE_COLUMNS
from allocate.analyses.reasons.direction import directions
from allocate.results.allocation import Allocation
from allocate.session import Session

# Up to so many stored entries a program of whole offers is solved for a card.
WHOLE_UP_TO = 20_000
# The status of a scenario that was not looked at.
OMITTED = "omitted"


def in_plans(offer_id: str, plans: Mapping[str, Allocation], kind: str) -> pd.DataFrame:
    """The offer in other plans: one row per plan, the direction blank where there is no plan or no such offer."""
    rows = []
    for name, plan in plans.items():
        row: tuple[object, ...] = (name, kind, str(plan.status), math.nan, math.nan, "")
        if plan.has_plan and offer_id in set(plan.offers["offer_id"]):
            own = plan.offers[plan.offers["offer_id"] == offer_id]
            words = directions(own)
            row = (*row[:3], float(own["cost_eur"].iloc[0]), float(own["change_eur"].iloc[0]), str(words.iloc[0]))
        rows.append(row)
    return ELSEWHERE_COLUMNS.of(rows)


def in_scenarios(
    session: Session, scenario_id: str, offer_id: str, step: Callable[[str], None] = lambda _id: None
) -> pd.DataFrame:
    """The offer in the case's other scenarios that optimise something, in table order; ``step`` hears each that begins.

    One that would take too long has the status ``omitted`` and no figures.
    """
    rows = []
    for one in others(session, scenario_id):
        if takes_long(session, one):
            rows.append(ELSEWHERE_COLUMNS.of([(one, "scenario", OMITTED, math.nan, math.nan, "")]))
            continue
        step(one)
        rows.append(in_plans(offer_id, {one: session.run(one)}, "scenario"))
    return pd.concat(rows, ignore_index=True) if rows else ELSEWHERE_COLUMNS.of()


def others(session: Session, scenario_id: str) -> list[str]:
    """The case's other scenarios that optimise something."""
    ids = [one for one in session.scenario_ids if one != scenario_id]
    return [one for one in ids if not session.variant(one).scenario.evaluate]


def takes_long(session: Session, scenario_id: str) -> bool:
    """Whether the scenario plans whole offers of a large town, and its plan is not there yet."""
    program = session.compiled(scenario_id).program
    return program.is_mixed_integer and len(program.values) > WHOLE_UP_TO and not session.has_run(scenario_id)
