"""Building page one from a content: a proposal, today alone, or rules that no plan meets."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from allocate.analyses.reasons.direction import LOWERED, RAISED
from allocate.inputs.years import plan_year
from allocate.report.columns import WITHHELD, written_date
from allocate.report.content import Content
from allocate.report.front.front_page import NONE, PROPOSAL, TODAY, Change, FrontPage, Place, Year
from allocate.report.front.options import beside, measures_of, options
from allocate.report.front.saying import Saying
from allocate.report.front.standing import groups, law, why
from allocate.report.front.tiles import tiles
from allocate.report.front.turning import reconciling, turning
from allocate.results.allocation import own_notes
from allocate.solve.solution import Status
from allocate.town.facts import PotFacts

# So many are named on either side, so many spaces have room.
NAMED, PLACES = 3, 12
# A smaller part of a change (share 0..1) would be told as none.
_TOLD = 5e-4


def front_page(content: Content, lang: str) -> FrontPage:
    """Page one of a content in a language."""
    return content.once(("front", lang), lambda: _written(Saying(content, lang)))


def _written(say: Saying) -> FrontPage:
    content = say.content
    about = PROPOSAL if content.is_proposal else NONE if content.proposal else TODAY
    page = FrontPage(
        about=about,
        town=content.case.town_name,
        decided=_decided(say),
        title=_title(say),
        lead=" ".join([_lead(say) if content.is_proposal else _lead_today(say, about), *_own_rules(say)]),
        tiles=tiles(say),
        options=options(say),
        years=_years(say),
        left_out=_left_out(say),
        quiet=_quiet(say),
        turning_title=say("turning.title" if content.is_proposal else "turning.title_none"),
        turning=turning(say) if content.is_proposal else reconciling(say),
    )
    if not content.is_proposal:
        return page
    changed = say.decision.changes
    shown, note = _places(say)
    gains = _changes(say, changed[changed["change_eur"] >= 1.0], ascending=False)
    losses = _changes(say, changed[changed["change_eur"] <= -1.0], ascending=True)
    return replace(
        page,
        gains=gains,
        losses=losses,
        beside=beside(say),
        why=why(say, losses[0].offer_id, gains[0].offer_id) if gains and losses else "",
        law=law(say),
        groups=groups(say),
        places=shown,
        places_note=note,
    )


def _decided(say: Saying) -> str:
    """What is to be decided, for which year and which total."""
    shown = say.content.shown
    money = shown.pots["amount_eur"].sum() if shown.has_plan else PotFacts(say.content.case).amount.sum()
    year = plan_year(say.content.plan.variant.case)
    amount = say.voice.exact_euro(float(money))
    return say("decided", year=year, amount=amount) if year else say("decided.no_year", amount=amount)


def _title(say: Saying) -> str:
    content = say.content
    if not content.proposal:
        return say("title.today")
    # What stands in brackets may be the only thing that tells a council what it decides.
    title = say.voice.scenario(content.proposal)
    if not content.is_proposal:
        return say("title.none" if content.plan.status is Status.INFEASIBLE else "title.limit", title=title)
    moved = measures_of(content.plan).moved_eur
    return say("title" if moved >= 1 else "title.nothing", title=title, moved=say.euro(moved))


def _own_rules(say: Saying) -> list[str]:
    """The rules beside those of the town under which the report was asked for."""
    content = say.content
    return [note.text(say.lang) for note in own_notes(content.plan.variant.case)] if content.proposal else []


def _lead(say: Saying) -> str:
    """What would become of coverage and of the least covered space, and how many offers change."""
    way, after = _way(say, "weighted_coverage")
    coverage = say(f"lead.{way}", after=after)
    if way != "same":
        coverage = _with_its_part(say, coverage)
    own, after = _way(say, "lowest_space_coverage")
    after = say("lead.about", share=after) if say.is_coarse else after
    lowest = say(f"lead.too.{own}" if own == way else f"lead.but.{own}", after=after)
    return say("lead", coverage=coverage, lowest=lowest, counts=_counts(say))


def _way(say: Saying, name: str) -> tuple[str, str]:
    """Whether a share rises, falls or stays the same as it is written, and the share of the proposal."""
    shares = [float(getattr(measures_of(plan), name)) for plan in (say.content.today, say.content.plan)]
    before, after = (say.percent(share) or say("nothing") for share in shares)
    return "same" if before == after else "up" if shares[1] > shares[0] else "down", after


def _with_its_part(say: Saying, coverage: str) -> str:
    """How many points of the change come from re-steering, where others come from inputs or other users."""
    steps = say.content.comparison.steps
    own = steps[(steps["scenario_id"] == say.content.proposal) & (steps["measure"] == "weighted_coverage")]
    for row in own.head(1).to_dict("records"):
        if max(abs(float(row["from_inputs"])), abs(float(row["from_reassignment"]))) >= _TOLD:
            change, points = (say.voice.points(value) for value in (row["after"] - row["before"], row["from_money"]))
            return say("lead.part", coverage=coverage, change=change, points=points)
    return coverage


def _counts(say: Saying) -> str:
    """How many offers get more and less (by more than rounding), begin and end."""
    offers = say.content.comparison.offers
    kinds = offers[offers["scenario_id"] == say.content.proposal].set_index("offer_id")["kind"]
    ways = say.decision.sure.set_index("offer_id")["direction"].reindex(kinds.index)
    new, closed = kinds.eq("new"), kinds.eq("closed")
    less = int((ways.eq(LOWERED) & ~closed).sum())
    return say(
        "lead.counts",
        more=int((ways.eq(RAISED) & ~new).sum()),
        less=say.number(less) if less else say("lead.nobody"),
        begun=say("lead.begun", new=int(new.sum())) if new.any() else "",
        ended=say("lead.ended", closed=int(closed.sum())) if closed.any() else say("lead.none_ended"),
    )


def _lead_today(say: Saying, about: str) -> str:
    today = say.content.today.measures
    coverage, lowest = (
        (say.percent(getattr(today, name)) if today else "") or say("nothing")
        for name in ("weighted_coverage", "lowest_space_coverage")
    )
    infeasible = say.content.plan.status is Status.INFEASIBLE
    key = "lead.today" if about == TODAY else "lead.none" if infeasible else "lead.limit"
    return say(key, coverage=coverage, lowest=lowest)


def _changes(say: Saying, rows: pd.DataFrame, *, ascending: bool) -> tuple[Change, ...]:
    """The largest changes on one side, by name; offers whose figures are withheld are not among them."""
    top = rows.sort_values("change_eur", ascending=ascending, kind="stable").head(NAMED)
    return tuple(_change(say, row) for row in top.to_dict("records"))


def _instead(say: Saying, id: str) -> str:
    """Who would get less above all if this offer stayed as today; never one that is withheld."""
    card = next((card for card in say.content.cards if card.offer_id == id), None)
    ids = [] if card is None else [str(other) for other in card.recipients.index]
    shown = next((other for other in ids if other not in say.content.mask.offers), "")
    return say.name("offer_id", shown) if shown else ""


def _change(say: Saying, row: Mapping[Hashable, Any]) -> Change:
    id, sure = str(row["offer_id"]), str(row["sure"])
    lowered = float(row["change_eur"]) < 0
    return Change(
        offer_id=id,
        name=_offer(say, row),
        places=f"{say.number(float(row['capacity_before']))} → {say.number(float(row['capacity']))}",
        euros=say.euros(float(row["change_eur"])),
        price=_price(say, id, float(row["keeping_eur"])) if lowered else "",
        instead=_instead(say, id) if lowered else "",
        sure=sure,
        sure_label=say(f"sure.{sure}") if sure else say("note.untested"),
        change_eur=float(row["change_eur"]),
    )


def _offer(say: Saying, row: Mapping[Hashable, Any]) -> str:
    """The name of an offer, marked where it begins."""
    name = say.name("offer_id", str(row["offer_id"]))
    return say("offer.new", name=name) if row["kind"] == "new" else name


def _price(say: Saying, id: str, keeping_eur: float) -> str:
    """What keeping an offer costs all others; a dash where it is not known, a dot where it is withheld."""
    if not keeping_eur >= 0:
        return WITHHELD if id in say.content.mask.prices else "–"
    return say.euro(keeping_eur) if keeping_eur >= 1 else say("price.nothing")


def _places(say: Saying) -> tuple[tuple[Place, ...], str]:
    """Every space with its coverage and change; of many those that change most."""
    gains, mask = say.content.comparison.gains, say.content.mask
    if not len(gains):
        return (), ""
    rows = gains[(gains["scenario_id"] == say.content.proposal) & gains["by"].eq("space")]
    rows = rows.assign(withheld=mask.total_rows("space", rows["id"]).to_numpy())
    rows = rows[rows["demand"].gt(0) | rows["withheld"]]
    rest, withheld = max(0, len(rows) - PLACES), bool(rows["withheld"].any())
    if rest:
        shown = rows[~rows["withheld"]]
        keep = shown["coverage_change"].abs().sort_values(ascending=False, kind="stable").index[:PLACES]
        rest, rows = len(rows) - len(keep), rows[rows.index.isin(keep)]
    found = tuple(_place(say, row) for row in rows.to_dict("records"))
    key = "places.more_withheld" if withheld else "places.more"
    return found, say(key, count=rest) if rest else ""


def _place(say: Saying, row: Mapping[Hashable, Any]) -> Place:
    id = str(row["id"])
    name, change = say.name("space_id", id), float(row["coverage_change"])
    if row["withheld"] or math.isnan(change):
        return Place(id, name, WITHHELD, "", withheld=True)
    return Place(id, name, say.percent(float(row["coverage"])), say.points(change), change)


def _years(say: Saying) -> tuple[Year, ...]:
    years = say.content.comparison.years
    own = years[years["scenario_id"] == say.content.shown_id]
    return tuple(_year(say, row) for row in own.to_dict("records"))


def _year(say: Saying, row: Mapping[Hashable, Any]) -> Year:
    short = float(row["short_eur"])
    lacking = "–" if math.isnan(short) else say.euro(short) if short >= 1 else say("lacking.nothing")
    return Year(str(row["year"]), say.euro(float(row["cost_eur"])), say.euro(float(row["money_eur"])), lacking, short)


def _left_out(say: Saying) -> str:
    names = [say.voice.say(f"omitted.{name}") for name in say.content.omitted]
    return say("left_out", names=say.listed(names)) if names else ""


def _quiet(say: Saying) -> tuple[str, ...]:
    content = say.content
    withheld = len(content.mask.offers) if content.is_proposal else 0
    parts = [say("quiet.coverage"), say("quiet.decides")]
    if withheld:
        parts.insert(1, say("quiet.withheld", count=withheld))
    date = written_date(content.date.isoformat(), say.lang)
    short = content.fingerprint[: content.fingerprint.find(":") + 13]
    return (*parts, say("quiet.version", date=date, version=content.version, fingerprint=short))
