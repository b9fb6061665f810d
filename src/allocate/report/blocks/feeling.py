"""The blocks about people and money: where it is felt, where money comes from and where it goes."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from allocate.analyses.decision.decide import Cell
from allocate.report.blocks.block import Block
from allocate.report.blocks.block_words import Telling
from allocate.report.front.standing import extremes
from allocate.report.sections.money import largest
from allocate.report.sections.people import told_fall
from allocate.report.sections.section import Sheet
from allocate.results.cell_coverage import cell_coverage
from allocate.town.facts import SpaceFacts

# A matrix with more spaces than these stands in the annex only.
SPACES = 16


def felt(say: Telling) -> Block:
    """Which spaces gain and lose, the cells that must be named, and the matrix of change."""
    content, found = say.content, say.decision.felt
    named = [("felt.worst", found.worst), ("felt.falls", found.falls)]
    sentences = [*_groups(say), *(_cell(say, key, cell) for key, cell in named if cell is not None)]
    spaces = SpaceFacts(content.case).ids
    if content.mask.hidden or any(content.mask.hides_total("space", id) for id in spaces):
        sentences.append(say("felt.withheld"))
    sheets = () if len(spaces) > SPACES else (_matrix(say),)
    return Block(
        "felt", say("title.felt"), _spaces(say), tuple(sentences), sheets=sheets, details=("people", "fair", "places")
    )


def _spaces(say: Telling) -> str:
    gains = say.content.comparison.gains
    if not len(gains):
        return say("felt.same")
    rows = gains[(gains["scenario_id"] == say.content.proposal) & gains["by"].eq("space")]
    rows = rows[~say.content.mask.total_rows("space", rows["id"])].sort_values("coverage_change", kind="stable")
    gain, lose = rows[rows["direction"] == "gains"], rows[rows["direction"] == "loses"]
    values = {
        "gain": len(gain),
        "lose": len(lose),
        "most": _named(say, gain.tail(1)),
        "least": _named(say, lose.head(1)),
    }
    if gain.empty and lose.empty:
        return say("felt.same")
    return say("felt.gain" if lose.empty else "felt.lose" if gain.empty else "felt.finding", **values)


def _groups(say: Telling) -> list[str]:
    """The target group that gains most and the one that loses most; nothing where none is told of needs."""
    named = {side: _told(say, name, row) for side, (name, row) in extremes(say.short).items()}
    key = "both" if len(named) > 1 else next(iter(named), "")
    return [say(f"felt.groups.{key}", **named)] if named else []


def _named(say: Telling, rows: pd.DataFrame) -> str:
    for row in rows.to_dict("records"):
        return _told(say, say.short.name("space_id", str(row["id"])), row)
    return ""


def _told(say: Telling, name: str, row: Mapping[Hashable, Any]) -> str:
    """A space or group with its change, and the need that falls within it although the whole rises."""
    points = say.short.points(float(row["coverage_change"]))
    fall = told_fall(say.voice, row, say.short.percent)
    return say("felt.although" if fall else "felt.named", name=name, points=points, fall=fall)


def _cell(say: Telling, key: str, cell: Cell) -> str:
    return say(
        key,
        need=say.short.name("need_id", cell.need_id),
        space=say.short.name("space_id", cell.space_id),
        before=say.short.percent(cell.before),
        after=say.short.percent(cell.after),
    )


def _matrix(say: Telling) -> Sheet:
    cells = cell_coverage(say.content.today, say.content.shown)
    return say.tables.matrix("change", cells, "change", "share_change")


def from_to(say: Telling) -> Block:
    """Releases and uses in order, and what of a cut becomes free at first."""
    content = say.content
    tables = {
        name: table[table["scenario_id"] == content.proposal] if len(table) else table
        for name, table in (("releases", content.comparison.releases), ("uses", content.comparison.uses))
    }
    measures = content.plan.measures
    moved = 0.0 if measures is None else measures.moved_eur
    if tables["releases"].empty or tables["uses"].empty or moved < 1:
        return Block("from_to", say("title.from_to"), say("from_to.nothing"), details=("money",))
    sentences = [say("from_to.uses", uses=largest(say.voice, tables["uses"], "to", say.short))]
    release = say.decision.released
    if release.staying_eur >= 1:
        amounts = {one: say.short.euro(getattr(release, f"{one}_eur")) for one in ("average", "variable", "staying")}
        sentences.append(say("from_to.staying", **amounts))
    finding = say(
        "from_to.finding",
        moved=say.short.euro(moved),
        releases=largest(say.voice, tables["releases"], "from", say.short),
    )
    details = ("money", "overlaps", "cooperation")
    return Block("from_to", say("title.from_to"), finding, tuple(sentences), details=details)
