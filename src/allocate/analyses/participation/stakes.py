"""Stakes: what going from today's to full coverage means for every need, as the ballot form shows it."""

from __future__ import annotations

import numpy as np

from allocate.inputs.names import names_of, need_units
from allocate.inputs.voices.ballot_form import Stake
from allocate.results.measures import judge_cells, need_coverage
from allocate.session import Session
from allocate.town.facts import NeedFacts


def stakes_of(session: Session, scenario_id: str, lang: str = "de") -> list[Stake]:
    """Demand (need units/year) and today's coverage of every need under a scenario's inputs, in the case's order.

    Both are blank (NaN) where the whole town's demand lies below the threshold for small numbers. Raises
    ``UsageError`` scenario-unknown.
    """
    town = session.compiled(scenario_id).town
    case = session.variant(scenario_id).case
    today = need_coverage(town, judge_cells(town, town.pairs.baseline).covered)
    demand = np.bincount(town.cells.need, town.cells.demand, minlength=len(town.needs.ids))
    shown = demand >= case.number("suppression_threshold")
    needs = NeedFacts(case)
    return [
        Stake(str(id), str(name), str(unit), float(units), float(share))
        for id, name, unit, units, share in zip(
            needs.ids,
            names_of(case, "need_id", lang).values(),
            need_units(case, lang).values(),
            np.where(shown, demand, np.nan),
            np.where(shown, today, np.nan),
            strict=True,
        )
    ]
