"""There are so many posts for some offers and no more (S1)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from allocate.inputs.findings import NOTE, WARNING
from allocate.inputs.inspection import Inspection
from allocate.inputs.numerals import write_numeral
from allocate.inputs.scenario.variant import Variant
from allocate.inputs.years import plan_year
from allocate.language import as_it_is
from allocate.model.ground import Ground
from allocate.model.program import Block, LinearProgram
from allocate.model.rules.naming import Naming
from allocate.model.rules.reached import UNIT_GRAIN, Reached, Step, up, with_table
from allocate.model.rules.relaxer import Part, Room, each_row, part, rows_of
from allocate.model.rules.rule import OF_ALL, POSTS, STAFF, Contradiction, Equation, GivesWay, Rule, Seen
from allocate.town.arrays import Bools, Floats
from allocate.town.staffing import TABLE, Staffing, staffing_of
from allocate.town.tolerance import TOLERANCE

KIND = ROWS = "staff"


def _groups(ground: Ground) -> Staffing:
    return staffing_of(ground.variant.case)


def build(ground: Ground) -> Block:
    """S1: sum_o p[o] X[o] <= posts, over the offers of a group of posts, p = posts_per_unit."""
    groups = _groups(ground)
    rows, offers = np.nonzero(groups.takes & (groups.per_unit > 0)[None, :])
    columns = ground.layout.first("capacity") + offers
    least = np.full(len(groups.ids), -np.inf)
    return Block(ROWS, (groups.ids,), least, groups.posts, rows, columns, groups.per_unit[offers])


def _seen(ground: Ground, seen: Seen) -> Bools:
    """A department sees the posts that its own offers take; of shared ones it has a part."""
    own: Bools = (_groups(ground).takes & seen.offers[None, :]).any(axis=1)
    return own


def _shared(ground: Ground, own: Bools) -> Floats:
    """Posts are shared by what offers fill today, else by what they could fill at their largest."""
    groups, offers = _groups(ground), ground.town.offers
    each = groups.each(offers.baseline_capacity)
    each = np.where(each.sum(axis=1, keepdims=True) > 0, each, groups.each(offers.max_capacity))
    total = each.sum(axis=1)
    return np.divide(each[:, own].sum(axis=1), total, out=np.ones(len(total)), where=total > 0)


def _relax(ground: Ground, program: LinearProgram, room: Room) -> Part:
    """More posts than there are, posts/year."""
    groups = _groups(ground)
    most = groups.each(ground.town.offers.max_capacity + room.offer)
    # The offer that could fill most of the posts says what one of them is about.
    offer = most.argmax(axis=1) if most.size else np.zeros(len(groups.ids), dtype=np.int64)
    entries = each_row(rows_of(program, ROWS), -1.0)
    return part(groups.ids, entries, most.sum(axis=1) + 1.0, offer=offer.astype(np.int64))


def _repair(variant: Variant, _reached: Reached, id: str, _place: str, amount: float) -> tuple[Variant, Step]:
    """The row that holds in the year planned has the posts that the plan needs."""
    groups = staffing_of(variant.case)
    group = groups.ids.tolist().index(id)
    before = float(groups.posts[group])
    after = before + up(amount, UNIT_GRAIN)
    table = variant.case[TABLE].copy()
    table.loc[table.index[groups.row[group]], "posts"] = after
    return with_table(variant, TABLE, table), Step(after - before, before, after)


def _cell(ground: Ground, id: str, _place: str) -> tuple[str, str, str]:
    groups = _groups(ground)
    year = float(ground.variant.case[TABLE]["year"].iloc[groups.row[groups.ids.tolist().index(id)]])
    return TABLE, f"{id}|{write_numeral(year)}", "posts"


def _words(naming: Naming, id: str, _place: str, lang: str) -> Mapping[str, object]:
    groups = _groups(naming.ground)
    posts = float(groups.posts[groups.ids.tolist().index(id)])
    label = naming.called("staff_id", id, lang)
    return {"label": label, "amount": as_it_is(posts, lang, 2), "bound": posts, **naming.council(lang)}


def _precheck(ground: Ground) -> list[Contradiction]:
    """Posts that the committed places alone fill, against those that there are."""
    groups = _groups(ground)
    needed = groups.used(ground.town.offers.committed)
    return [
        Contradiction("staff-committed", KIND, str(groups.ids[g]), "", float(needed[g]), float(groups.posts[g]), POSTS)
        for g in np.flatnonzero(needed > groups.posts * (1 + TOLERANCE) + TOLERANCE)
    ]


def check(inspection: Inspection) -> None:
    """Groups that limit nothing, offers that count in none, posts beyond those there are today, years not planned."""
    case = inspection.case
    table, offers = inspection.table(TABLE), inspection.table("offers")
    if offers["offer_id"].duplicated().any():
        return
    groups = staffing_of(case)
    takes = groups.takes & (groups.per_unit > 0)[None, :]
    idle, short, used = (np.zeros(len(table), dtype=kind) for kind in (bool, bool, float))
    idle[groups.row] = ~takes.any(axis=1)
    used[groups.row] = groups.used(offers["baseline_capacity"].to_numpy(dtype=np.float64))
    short[groups.row] = used[groups.row] > groups.posts * (1 + TOLERANCE) + TOLERANCE
    inspection.flag("staff-idle", TABLE, "posts", idle, severity=WARNING)
    inspection.flag("staff-short", TABLE, "posts", short, severity=WARNING, used=used.round(2))
    # Where a group has any offer that takes posts, one that says nothing is forgotten rather than meant.
    unknown = offers["posts_per_unit"].isna() & groups.takes[takes.any(axis=1)].any(axis=0)
    inspection.flag("staff-unknown", "offers", "posts_per_unit", unknown, severity=NOTE)
    if plan_year(case) is None and table["year"].notna().any():
        inspection.note("year-without-plan", TABLE, severity=WARNING, column="year", name=TABLE)


RULE = Rule(
    kind=KIND,
    cells=("staff.posts", "offers.posts_per_unit", "staff.offers", "staff.departments"),
    keys=("staff",),
    unit=POSTS,
    equations=(Equation(ROWS, build, ("staff",), at=35, seen=_seen, shared=_shared, adds_up=True),),
    gives_way=GivesWay(
        relax=_relax, repair=_repair, cell=_cell,
        lever=STAFF, between=OF_ALL, tried=7, discussed=6, one_number=True, apart=True,
    ),
    words=_words,
    precheck=_precheck,
    checks=(check,),
    told=2,
)  # fmt: skip
