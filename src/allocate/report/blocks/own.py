"""The block of a department: every offer of its own in one table, and the reasons for each, before all else."""

from __future__ import annotations

import pandas as pd

from allocate.analyses.reasons.card_words import Teller
from allocate.report.blocks.block import Block
from allocate.report.blocks.block_words import Telling
from allocate.report.blocks.comparing import change_columns, withheld
from allocate.report.columns import NO_NUMBER, labelled, written_date
from allocate.report.content import own_offers
from allocate.report.sections.card_lines import lines
from allocate.report.sections.reasons import published
from allocate.report.sections.section import Card, Sheet
from allocate.report.sections.tables import by_key
from allocate.town.facts import OfferFacts

_SHOWN = (
    "name", "provider", "places", "change_eur", "keeping_eur", "near", "tested", "sure_label", "notice_months",
    "contract_end", "earliest",
)  # fmt: skip


def own(say: Telling) -> Block | None:
    """Whose offers these are, how many get more and less, all of them in a table, and a card for each."""
    content = say.content
    id = content.audience.department
    if not id:
        return None
    ids = own_offers(content.case, content.audience)
    table = _table(say, ids)
    name = say.voice.alone("department_id", id)
    kinds = table["kind"]
    finding = say(
        "own.finding",
        name=name,
        count=len(ids),
        less=int(kinds.isin(["lowered", "closed"]).sum()),
        more=int(kinds.isin(["raised", "new"]).sum()),
    )
    return Block(
        "own", say("title.own", name=name), finding, (say("changes.keeping"),), sheets=(_sheet(say, table),),
        details=("reasons", "timing", "law", "pots"), cards=_cards(say, ids),
    )  # fmt: skip


def _table(say: Telling, ids: tuple[str, ...]) -> pd.DataFrame:
    """The offers as the table of changes has them; those that stay as they are without what a change brings."""
    content = say.content
    offers = content.comparison.offers
    rows = offers[(offers["scenario_id"] == content.proposal) & offers["offer_id"].isin(ids)]
    rows = rows[["offer_id", "kind", "capacity_before", "capacity", "change_eur"]]
    about = OfferFacts(content.plan.variant.case)
    more = ["offer_id", "keeping_eur", "near_same", "near_plans", "runs_same", "runs", "sure", "earliest"]
    table = about.beside(rows, "provider_id", "notice_months", "contract_end")
    table = table.merge(say.decision.changes[more], on="offer_id", how="left", validate="one_to_one")
    counts = ["near_same", "near_plans", "runs_same", "runs"]
    table[counts] = table[counts].fillna(0).astype(int)
    table[["sure", "earliest"]] = table[["sure", "earliest"]].fillna("")
    return table.sort_values("change_eur", kind="stable", na_position="last").reset_index(drop=True)


def _sheet(say: Telling, table: pd.DataFrame) -> Sheet:
    frame, own = change_columns(say, table)
    same = frame["kind"].eq("same") | frame["sure"].eq("")
    frame["sure_label"] = frame["sure_label"].mask(same, NO_NUMBER)
    frame["provider"] = [say.short.name("provider_id", str(id)) if id else "" for id in frame["provider_id"].tolist()]
    frame["contract_end"] = [written_date(str(date), say.lang) for date in frame["contract_end"].tolist()]
    own |= labelled({"contract_end": "text"}, provider=say("column.provider"), contract_end=say("column.contract_end"))
    hidden = withheld(say, frame)
    return Sheet("main_own", say("sheet.main_own"), frame, _SHOWN, say("note.main_changes"), own, hidden, len(frame))


def _cards(say: Telling, ids: tuple[str, ...]) -> tuple[Card, ...]:
    content = say.content
    teller = Teller(content.plan.variant.case, say.lang)
    rows = by_key(say.decision.changes, "offer_id")
    found = []
    for card in content.cards:
        if card.offer_id in ids:
            shown = published(card, content.mask, say.tables.floor_needs)
            head, rest = lines(say, teller, shown, rows.get(card.offer_id))
            found.append(Card(card.offer_id, head, rest))
    return tuple(found)
