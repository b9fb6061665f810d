"""What page one says beside its figures: whose coverage changes most, whether it is lawful, and from when it holds."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from allocate.analyses.decision.changes import CUT
from allocate.report.columns import written_date
from allocate.report.front.saying import Saying
from allocate.results.floor_kinds import minima, missed
from allocate.town.build_provision import offers_of
from allocate.town.facts import OfferFacts

# A smaller change (share 0..1) would be told as none.
_POINT = 5e-3


def extremes(say: Saying) -> dict[str, tuple[str, Mapping[Hashable, Any]]]:
    """The target group that gains most (``most``) and the one that loses most (``least``): name and row of ``gains``.

    A side is missing where no group may be named or its change would be told as none.
    """
    gains = say.content.comparison.gains
    if not len(gains):
        return {}
    rows = gains[(gains["scenario_id"] == say.content.proposal) & gains["by"].eq("target_group") & gains["id"].ne("")]
    rows = rows[~say.content.mask.total_rows("target_group", rows["id"])].sort_values("coverage_change", kind="stable")
    sides = {"most": rows[rows["direction"] == "gains"].tail(1), "least": rows[rows["direction"] == "loses"].head(1)}
    return {
        side: (say.voice.label("target_group", str(row["id"])), row)
        for side, found in sides.items()
        for row in found.to_dict("records")
        if abs(float(row["coverage_change"])) >= _POINT
    }


def groups(say: Saying) -> str:
    """The target groups whose coverage changes most, in points; blank where none may be named."""
    named = {
        side: say("groups.named", name=name, points=say.points(float(row["coverage_change"])))
        for side, (name, row) in extremes(say).items()
    }
    if len(named) > 1:
        return say("groups.both", **named)
    return say("groups.one", one=next(iter(named.values()))) if named else ""


def why(say: Saying, cut: str, raised: str) -> str:
    """How well the homes of a cut and of a raised offer are covered today.

    Blank unless the one is covered better by what may be told of both: otherwise it gives no reason.
    """
    gains = say.content.comparison.gains
    offers = OfferFacts(say.content.plan.variant.case)
    first, last = offers.of(offers.home_space_id, pd.Index([cut, raised])).tolist()
    if not len(gains):
        return ""
    rows = gains[gains["by"].eq("space") & gains["scenario_id"].eq(say.content.proposal)]
    # As exact as the grid shows coverage and change, so that nobody finds another difference there.
    then, change = (np.rint(rows[name].to_numpy(dtype=float) * 100) for name in ("coverage", "coverage_change"))
    today = dict(zip(rows["id"].astype(str), ((then - change) / 100).tolist(), strict=True))
    withheld = say.content.mask.total_rows("space", pd.Series([first, last])).any()
    if withheld or not {first, last} <= set(today) or not today[first] >= today[last] + _POINT:
        return ""
    better, worse = (say.percent(today[id]) for id in (first, last))
    named = {"space": say.name("space_id", first), "other": say.name("space_id", last)}
    return say("why.covered", better=better, worse=worse, **named)


def law(say: Saying) -> str:
    """Whether floors and contracts are kept, what nobody has checked, and from when cuts can take effect."""
    plan = say.content.plan
    floors = minima(plan)
    short = missed(floors)
    bound = bool((offers_of(plan.variant.case).committed > 0).any())
    key = "none" if floors.empty else "missed" if short else "met"
    kept = say(f"law.{key}_bound" if bound else f"law.{key}", missed=short)
    return " ".join([say("law.unchecked", kept=kept), *_from(say)])


def _from(say: Saying) -> list[str]:
    changes = say.decision.changes
    dates = sorted(str(date) for date in changes.loc[changes["kind"].isin(CUT), "earliest"].tolist() if date)
    if not dates:
        return []
    first, last = (written_date(date, say.lang) for date in (dates[0], dates[-1]))
    return [say("law.from_same" if first == last else "law.from", first=first, last=last)]
