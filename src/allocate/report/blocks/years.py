"""The block of the years: how the town gets to the proposal, where the report was asked for a path."""

from __future__ import annotations

from allocate.language import percent
from allocate.report.blocks.block import Block
from allocate.report.blocks.block_words import Telling
from allocate.report.sections.path import standing, years_sheet


def by_years(say: Telling) -> Block | None:
    """When things begin and end, and the money of each year with what is lacking; None where nobody asked."""
    found = say.content.path
    if found is None:
        return None
    years, kinds = found.years, found.steps["path_step"].value_counts()
    first, last = (int(years["year"].iloc[at]) for at in (0, -1))
    before, after = (percent(float(years["weighted_coverage"].iloc[at]), say.lang) for at in (0, -1))
    finding = say("years.finding", first=first, last=last, before=before, after=after)
    counts = {kind: int(kinds.get(kind, 0)) for kind in ("starts", "grows", "shrinks", "ends")}
    sentences = [say("years.steps", **counts)]
    held = found.steps["held_back"].value_counts()
    if int(held.get("bound", 0) + held.get("notice", 0)):
        sentences.append(say("years.bound", count=int(held.get("bound", 0) + held.get("notice", 0))))
    ending = _ending(say)
    if ending:
        sentences.append(say("years.ending", pots=ending))
    sentences += standing(say.voice, found)
    return Block("years", say("title.years"), finding, tuple(sentences), sheets=(years_sheet(say.tables, found),),
                 details=("path", "timing"))  # fmt: skip


def _ending(say: Telling) -> str:
    """The pots that have money in the first year of the path and none in the last, with the year it ends."""
    found = say.content.path
    if found is None:
        return ""
    amounts = found.pots.pivot(index="pot_id", columns="year", values="amount_eur")
    gone = amounts[(amounts.iloc[:, 0] > 0) & (amounts.iloc[:, -1] <= 0)]
    texts = []
    for pot, row in gone.iterrows():
        year = next(int(str(column)) for column, amount in row.items() if float(amount) <= 0)
        texts.append(f"{say.short.name('pot_id', str(pot))} ({year})")
    return ", ".join(texts)
