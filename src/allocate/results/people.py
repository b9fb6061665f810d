"""People: how many people a plan reaches, where the needs say how many one covered unit stands for.

    people[s,n] = participants[n] * covered[s,n]

One person may have several needs of one life situation (a child in day care who also gets language support). So people
of a life situation are counted as a range that no double counting can leave:

    least = sum over spaces of the largest people[s,n] among its needs        all who are reached are the same people
    most  = sum over spaces and needs of people[s,n]                          nobody is reached twice

Both are of needs that state ``participants``; the others keep to their units. People of different life situations are
never added up, for a person may be in several.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocate.inputs.case import Case
from allocate.results.allocation import Allocation
from allocate.town.facts import NeedFacts

BY_NEED = ("need_id", "life_situation", "participants", "people_demand", "people_covered")
BY_SITUATION = ("life_situation", "needs_counted", "needs_uncounted", "people_least", "people_most")


def states_people(case: Case) -> bool:
    """Whether any need says how many people a covered unit stands for."""
    return not np.isnan(NeedFacts(case).participants).all()


def people_by_need(plan: Allocation) -> pd.DataFrame:
    """People of every need (``BY_NEED``), demanded and covered; NaN where the need states no ``participants``."""
    needs = _needs(plan)
    units = plan.coverage.groupby("need_id")[["demand", "covered"]].sum().reindex(needs["need_id"]).fillna(0.0)
    each = needs["participants"].to_numpy(np.float64)
    found = needs.assign(
        people_demand=each * units["demand"].to_numpy(np.float64),
        people_covered=each * units["covered"].to_numpy(np.float64),
    )
    return found[list(BY_NEED)].reset_index(drop=True)


def people_by_situation(plan: Allocation) -> pd.DataFrame:
    """The least and the most people of each life situation that a plan reaches (``BY_SITUATION``).

    ``needs_counted`` state ``participants``, ``needs_uncounted`` do not and take no part. Situations of which no need
    does are left out.
    """
    needs = _needs(plan)
    known = needs[needs["life_situation"].ne("")]
    cells = plan.coverage[["space_id", "need_id", "covered"]].merge(known, on="need_id", how="inner", validate="m:1")
    cells = cells.assign(people=cells["covered"] * cells["participants"]).dropna(subset="people")
    largest = cells.groupby(["life_situation", "space_id"], sort=False)["people"].max()
    counted = known["participants"].notna().groupby(known["life_situation"], sort=False)
    found = pd.DataFrame({"needs_counted": counted.sum(), "needs_uncounted": counted.size() - counted.sum()})
    found = found[found["needs_counted"].gt(0)]
    found = found.assign(
        people_least=largest.groupby(level=0).sum().reindex(found.index).fillna(0.0),
        people_most=cells.groupby("life_situation")["people"].sum().reindex(found.index).fillna(0.0),
    )
    return found.rename_axis("life_situation").reset_index()[list(BY_SITUATION)]


def _needs(plan: Allocation) -> pd.DataFrame:
    needs = NeedFacts(plan.variant.case)
    found = {"need_id": needs.ids, "life_situation": needs.life_situation, "participants": needs.participants}
    return pd.DataFrame(found)
