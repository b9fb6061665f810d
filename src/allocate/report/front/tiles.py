"""The five tiles of page one: what of a proposal is judged first, each with what becomes of it in test runs."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from allocate.analyses.decision.options import NEXT, Promises
from allocate.inputs.case import split_list
from allocate.report.front.front_page import Tile
from allocate.report.front.saying import Saying
from allocate.results.allocation import Allocation
from allocate.results.floor_kinds import minima, missed
from allocate.results.measures import Measures


def tiles(say: Saying) -> tuple[Tile, ...]:
    """Coverage, least covered space, suspected duplication, floors missed, shortfall of the next three years."""
    today, plan = say.content.today, say.content.plan if say.content.is_proposal else None
    if today.measures is None:
        return ()
    after = None if plan is None else plan.measures
    found = [
        _share(say, "coverage", "weighted_coverage", today.measures, after),
        _share(say, "lowest", "lowest_space_coverage", today.measures, after),
        _duplication(say, today.measures, after),
        _floors(say, today, plan),
        _shortfall(say),
    ]
    return tuple(tile for tile in found if tile is not None)


def _tile(
    say: Saying, key: str, kind: str, figures: tuple[float, ...], write: Callable[[float], str], note: str, up: int
) -> Tile:
    """A tile of one figure; ``up``: 1 where more is better, -1 where less is."""
    texts = [write(one) or say("nothing") for one in figures]
    before, after = (texts[0], texts[-1]) if len(texts) > 1 else ("", texts[0])
    better = figures[-1] > figures[0] if up > 0 else figures[-1] < figures[0]
    sense = 0 if before in ("", after) else 1 if better else -1
    return Tile(key, say(f"tile.{key}"), before, after, note, sense, kind, figures)


def _share(say: Saying, key: str, name: str, today: Measures, plan: Measures | None) -> Tile:
    figures = tuple(float(getattr(one, name)) for one in (today, plan) if one is not None)
    note = _range(say, name, say.percent) if plan else ""
    write = say.lowest if key == "lowest" else say.percent
    return _tile(say, key, "share", figures, write, note, 1)


def _range(say: Saying, name: str, write: Callable[[float], str]) -> str:
    """Between which values a figure lies in nine of ten test runs."""
    found = _promised(say)
    span = None if found is None else found.of(name)
    if span is None:
        return say("note.untested")
    low, high = (write(one) for one in span)
    return say("note.range_same" if low == high else "note.range", low=low, high=high)


def _promised(say: Saying) -> Promises | None:
    decision = say.content.decision
    return None if decision is None or not decision.promised.runs else decision.promised


def _duplication(say: Saying, today: Measures, plan: Measures | None) -> Tile:
    totals = say.content.duplication.totals
    wanted = float(totals.loc[totals["scenario_id"] == say.content.status_quo, "wanted_plurality_eur"].iloc[0])
    figures = tuple(float(one.duplication_eur) for one in (today, plan) if one is not None)
    where = _where(say) if figures[0] >= 1 else ""
    key = ("wanted_where" if where else "wanted") if wanted >= 1 else "where" if where else ""
    note = say(f"note.{key}", wanted=say.euro(wanted), where=where) if key else ""
    return _tile(say, "duplication", "euro", figures, say.euro, note, -1)


def _where(say: Saying) -> str:
    """The space with the most money in overlaps that are not wanted, of those that may be shown, and its two offers."""
    cells, mask = say.content.duplication.cells, say.content.mask
    if cells.empty:
        return ""
    own = cells[cells["scenario_id"].eq(say.content.status_quo) & cells["assessment"].ne("wanted")]
    own = own[~mask.rows(own) & ~mask.total_rows("space", own["space_id"])]
    sums = own.groupby("space_id", sort=False)["duplication_eur"].sum()
    if sums.empty or sums.max() < 1:
        return ""
    space = str(sums.idxmax())
    return _side_by_side(say, space, own[own["space_id"] == space]) or say.name("space_id", space)


def _side_by_side(say: Saying, space: str, cells: pd.DataFrame) -> str:
    """The space with the two largest offers of its cell with the most money; blank where one may not be named."""
    largest = cells.sort_values("duplication_eur", ascending=False, kind="stable").head(1)
    offers = [id for row in largest["offers"].tolist() for id in split_list(str(row))][:2]
    if len(offers) < 2 or say.content.audience.is_public or say.content.mask.offers.intersection(offers):
        return ""
    first, second = (say.name("offer_id", id) for id in offers)
    return say("where.side_by_side", space=say.name("space_id", space), offer=first, other=second)


def _floors(say: Saying, today: Allocation, plan: Allocation | None) -> Tile:
    plans = [one for one in (today, plan) if one is not None]
    total = len(minima(plans[-1]))
    if not total:
        return Tile("floors", say("tile.floors"), "", say("floors.none_entered"), "", 0, "count", (0.0,))
    counts = [missed(minima(one)) for one in plans]
    last = say("floors.of", missed=say.number(counts[-1]), total=say.number(total))
    before = say.number(counts[0]) if len(counts) > 1 else ""
    found = _promised(say)
    note = "" if plan is None else _range(say, "floors_missed", say.number)
    # What holds on paper and fails in the test runs is no reason for joy.
    fails = found is not None and 2 * found.missing > found.runs
    sense = 0 if len(counts) == 1 or counts[0] == counts[-1] or fails else 1 if counts[-1] < counts[0] else -1
    return Tile("floors", say("tile.floors"), before, last, note, sense, "count", tuple(map(float, counts)))


def _shortfall(say: Saying) -> Tile | None:
    """What is lacking in all in the years after the planned one, beside what would be lacking if nothing changed."""
    years = say.content.comparison.years
    own, today = (
        years[years["scenario_id"] == id].iloc[1 : NEXT + 1] for id in (say.content.shown_id, say.content.status_quo)
    )
    if own.empty or own["short_eur"].isna().any():
        return None
    span = say("years.span", first=own["year"].iloc[0], last=own["year"].iloc[-1])
    rows = (today, own) if say.content.is_proposal else (own,)
    texts = [say.euro(float(one["short_eur"].sum())) for one in rows]
    figures = tuple(own["short_eur"].astype(float))
    sense = -1 if max(figures) >= 1 else 1
    before = texts[0] if len(texts) > 1 else ""
    return Tile("shortfall", say("tile.shortfall", years=span), before, texts[-1], "", sense, "euro", figures)
