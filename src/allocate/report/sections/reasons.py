"""The chapters of reasons: suspected duplication, a card per offer, the rules that cost most, cooperation."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from allocate.analyses.reasons.binding import Binding
from allocate.analyses.reasons.card_words import Teller
from allocate.analyses.reasons.cards import OfferCard
from allocate.analyses.reasons.consequence import Consequence
from allocate.inputs.in_places import is_in_places
from allocate.report.blocks.block_words import Telling
from allocate.report.columns import labelled
from allocate.report.content import own_offers
from allocate.report.sections.card_lines import lines
from allocate.report.sections.section import Card, Section, Sheet
from allocate.report.sections.tables import Tables, by_key
from allocate.report.wording import Voice
from allocate.results.disclosure import Mask
from allocate.results.floor_kinds import with_kind
from allocate.town.build_provision import offers_of

CELLS = (
    "space_id", "need_id", "assessment", "duplication_eur", "duplication", "offer_labels", "locked_until", "reason",
)  # fmt: skip
PAIRS = ("offer_a", "offer_b", "need_id", "overlap", "assessment", "one_site_eur", "heard", "note")
TOTALS = (
    "option", "duplication_eur", "suspected_eur", "to_check_eur", "wanted_plurality_eur", "locked_eur",
    "wanted_reserve_eur", "resteerable_eur", "parallel_structures",
)  # fmt: skip


def overlaps(voice: Voice, tables: Tables) -> Section:
    """Where more is offered than needed, whether it is wanted, and which offers stand side by side."""
    content = voice.content
    found = content.duplication
    totals = by_key(found.totals, "scenario_id")
    today = totals[content.status_quo]
    sentences = [
        voice.say(
            "overlaps.today",
            suspected=voice.euro(float(today["suspected_eur"])),
            to_check=voice.euro(float(today["to_check_eur"])),
            wanted=voice.euro(float(today["wanted_plurality_eur"])),
        )
    ]
    if content.is_proposal and content.proposal in totals:
        plan = totals[content.proposal]
        trend = voice.trend(float(today["duplication_eur"]), float(plan["duplication_eur"]), voice.euro)
        locked = voice.euro(float(plan["locked_eur"]))
        bound = offers_of(content.plan.variant.case).committed.any()
        sentences.append(voice.say("overlaps.plan_locked" if bound else "overlaps.plan", trend=trend, locked=locked))
    sentences.append(voice.say("overlaps.words"))
    frame = found.totals.assign(option=[voice.scenario(id) for id in found.totals["scenario_id"].tolist()])
    first = tables.sheet("duplication_totals", frame, TOTALS, own=labelled(option=voice.say("column.option")))
    if not content.is_proposal:
        first = replace(first, title=voice.say("sheet.duplication_totals_today"))
    sheets = [first]
    cells = found.cells[(found.cells["scenario_id"] == content.status_quo) & (found.cells["duplication"] > 0)]
    if len(cells):
        cells = cells.sort_values("duplication_eur", ascending=False, kind="stable")
        cells = cells.assign(offer_labels=[voice.each("offer_id", str(offers)) for offers in cells["offers"].tolist()])
        own = labelled(offer_labels=voice.say("column.offers"), duplication=voice.say("column.units"))
        sheets.append(tables.sheet("duplication_cells", cells, CELLS, own=own))
    pairs = found.pairs[found.pairs["scenario_id"] == content.status_quo]
    if len(pairs):
        sheets.append(_pairs(voice, tables, pairs))
    return Section("overlaps", voice.say("section.overlaps"), tuple(sentences), tuple(sheets))


def _pairs(voice: Voice, tables: Tables, pairs: pd.DataFrame) -> Sheet:
    named = pairs.assign(
        offer_a=voice.named("offer_id", pairs["offer_id_a"]), offer_b=voice.named("offer_id", pairs["offer_id_b"])
    )
    own = labelled(offer_a=voice.say("column.offer_a"), offer_b=voice.say("column.offer_b"))
    without = ("one_site_eur",) if is_in_places(tables.content.case) else ()
    return tables.sheet("pairs", named, [name for name in PAIRS if name not in without], own=own)


def reasons(voice: Voice, tables: Tables) -> Section | None:
    """A card for every offer that changes and for every one that was asked for."""
    content = voice.content
    if not content.cards:
        return None
    teller, say = Teller(content.plan.variant.case, voice.lang), Telling(content, voice.lang)
    changes = by_key(content.decision.changes, "offer_id") if content.decision is not None else {}
    cards = []
    # Those of the department that reads it stand at the beginning of the report.
    own = own_offers(content.case, content.audience)
    for card in content.cards:
        if card.offer_id in own:
            continue
        shown = published(card, content.mask, tables.floor_needs)
        head, rest = lines(say, teller, shown, changes.get(card.offer_id))
        cards.append(Card(card.offer_id, head, rest))
    sentences = [voice.say("reasons.intro", count=len(cards))]
    if content.without_card:
        sentences.append(voice.say("reasons.more", count=content.without_card))
    if content.mask.offers:
        sentences.append(voice.say("reasons.withheld"))
    return Section("reasons", voice.say("section.reasons"), tuple(sentences), cards=tuple(cards))


def published(card: OfferCard, mask: Mask, floor_needs: dict[str, str]) -> OfferCard:
    """The card without what withheld cells would tell; ``floor_needs`` is the need of each floor."""
    binding = tuple(one for one in card.binding if not _tells(one, mask, floor_needs))
    return replace(card, binding=binding, closed=_without(card.closed, mask), held=_without(card.held, mask))


def _tells(one: Binding, mask: Mask, floor_needs: dict[str, str]) -> bool:
    return one.rule == "floor" and mask.hides_place(one.key[1], floor_needs.get(one.key[0], ""))


def _without(found: Consequence | None, mask: Mask) -> Consequence | None:
    if found is None or found.cells.empty:
        return found
    return replace(found, cells=found.cells[~mask.rows(found.cells)])


def rules(voice: Voice, tables: Tables) -> Section | None:
    """Which rules cost most, in euros and in persons."""
    found = voice.content.fairness
    others = _other_rules(voice, tables)
    if found is None or not (len(found.floors) or others):
        return None
    if not len(found.floors):
        return Section("rules", voice.say("section.rules"), (voice.say("rules.intro"),), tuple(others))
    floors = found.floors.rename(columns={"places": "floor_places"})
    costly = floors[floors["worth_eur"] > 0]
    sentences = [voice.say("rules.intro")]
    if costly.empty:
        sentences.append(voice.say("rules.none", count=len(floors)))
    else:
        first = costly.iloc[0]
        sentences.append(
            voice.say(
                "rules.most",
                floor=first["floor_id"],
                need=voice.need(str(first["need_id"])),
                worth=voice.euro(float(first["worth_eur"])),
                units=voice.change(float(first["covered_units_gain"])),
            )
        )
    floors = with_kind(floors, voice.content.plan.variant.case)
    shown = (
        "floor_id",
        "need_id",
        "floor_kind",
        "worth_eur",
        "covered_units_gain",
        "binding",
        "floor_places",
        "legal_basis",
    )
    sheets = [tables.sheet("floor_prices", floors, shown)]
    if len(found.floor_effects):
        effects = found.floor_effects.sort_values("covered_units_change", ascending=False, kind="stable")
        sheets.append(
            tables.sheet("floor_effects", effects, ("floor_id", "space_id", "need_id", "covered_units_change"))
        )
    sentences += _dearest(voice)
    return Section("rules", voice.say("section.rules"), tuple(sentences), (*sheets[:1], *others, *sheets[1:]))


def _dearest(voice: Voice) -> list[str]:
    found = voice.content.margins
    if found is None or found.rules.empty:
        return []
    row = found.named_rules(voice.lang).to_dict("records")[0]
    # Where more money is worth nothing there is no amount to be named.
    if not row["lifted_worth_eur"] >= 1:
        return []
    key = "rules.dearest" if "rules" in found.settled else "rules.dearest.listed"
    return [voice.say(key, rule=row["name"], worth=voice.least_euro(row["lifted_worth_eur"]))]


def _other_rules(voice: Voice, tables: Tables) -> list[Sheet]:
    """Every other rule that costs something, and what a percentage point of each tight floor is worth."""
    found = voice.content.margins
    if found is None:
        return []
    sheets = []
    if len(found.rules):
        own = labelled(name=voice.say("column.rule"))
        shown: tuple[str, ...] = ("name", "lifted_worth_eur", "more_worth_eur", "less_cost_eur", "decider")
        sheets.append(tables.sheet("rule_prices", found.named_rules(voice.lang), shown, own=own))
    if len(found.floors):
        places = [voice.floor_place(str(id)) for id in found.floors["scope_id"].tolist()]
        own = labelled(place_label=voice.say("column.place"))
        shown = ("floor_id", "need_id", "place_label", "required", "point_less_worth_eur", "point_more_cost_eur")
        sheets.append(tables.sheet("floor_points", found.floors.assign(place_label=places), shown, own=own))
    return sheets


def cooperation(voice: Voice, tables: Tables) -> Section | None:
    """What departments gain by seeing each other, covering for each other and pooling."""
    found = voice.content.silos
    if found is None:
        return None
    whole = by_key(found.steps, "step")["integration"]
    sentences = []
    if whole["extra_money_eur"] < 1 and abs(whole["covered_units_gain"]) < 1:
        sentences.append(voice.say("cooperation.nothing"))
    elif whole["extra_money_eur"] >= 1:
        sentences.append(
            voice.say(
                "cooperation.worth",
                euros=voice.euro(float(whole["extra_money_eur"])),
                units=voice.change(float(whole["covered_units_gain"])),
            )
        )
    elif pd.notna(whole["covered_units_gain"]):
        sentences.append(voice.say("cooperation.units", units=voice.change(float(whole["covered_units_gain"]))))
    sentences += [remark.text(voice.lang) for remark in found.remarks if remark.key != "game"]
    shown: tuple[str, ...] = ("step", "covered_units_gain", "coverage_value_gain", "extra_money_eur", "money_less_eur")
    sheets = [tables.sheet("cooperation_steps", found.steps, shown)]
    needs = found.needs.sort_values("gain_units", ascending=False, kind="stable")
    shown = (
        "need_id",
        "demand",
        "covered_silo",
        "covered_coordinated",
        "covered_earmarks",
        "covered_pooled",
        "gain_units",
    )
    sheets.append(tables.sheet("cooperation_needs", needs, shown, hidden=tables.of_needs(needs)))
    if len(found.pairs):
        pairs = found.pairs.assign(
            department_a=voice.named("department_id", found.pairs["department_a"]),
            department_b=voice.named("department_id", found.pairs["department_b"]),
        )
        shown = ("department_a", "department_b", "objective_gain", "extra_money_eur")
        sheets.append(tables.sheet("cooperation_pairs", pairs, shown))
    return Section("cooperation", voice.say("section.cooperation"), tuple(sentences), tuple(sheets))
