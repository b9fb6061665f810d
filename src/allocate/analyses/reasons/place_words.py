"""Cards of pots, spaces, floors and offers in a space, in sentences."""

from __future__ import annotations

import math

import pandas as pd

from allocate.analyses.reasons.card_words import MOST_RULES, NAMED, Teller
from allocate.analyses.reasons.consequence import Consequence
from allocate.analyses.reasons.place_cards import PlaceCard
from allocate.bench.resolve import NOTHING
from allocate.language import euro, no_less, number, percent, signed
from allocate.model.own_rules import own_names


def told(teller: Teller, card: PlaceCard) -> list[str]:
    """The card as sentences, the most important first."""
    by_kind = {"pot": _pot, "space": _space, "floor": _floor, "use": _use}
    return by_kind[card.kind](teller, card)


def _consequence(teller: Teller, card: PlaceCard, found: Consequence, **values: object) -> str:
    key = f"{card.kind}.{found.question}"
    if math.isnan(found.loss):
        return teller.say("place.unknown")
    if not found.possible:
        return teller.say(f"{key}.impossible", **values)
    if abs(found.loss) <= NOTHING + found.loss_gap:
        return teller.say(f"{key}.zero", **values) + teller.sureness(found)
    text = teller.say(
        f"{key}.{'loss' if found.loss > 0 else 'gain'}",
        points=teller.points(abs(found.loss)),
        lost=number(found.lost_units, teller.lang, 0),
        gained=number(found.gained_units, teller.lang, 0),
        unit=teller.unit(found.cells),
        **values,
    )
    return text + teller.details(found)


def _pot(teller: Teller, card: PlaceCard) -> list[str]:
    lang, facts = teller.lang, card.facts
    pot = teller.name("pots", card.key[0])
    money = {name: euro(facts[f"{name}_eur"], lang) for name in ("amount", "spent", "unspent", "today")}
    # Where nobody has said who pays today, nothing is said of it; an empty table is no zero.
    head = "pot.head.unknown" if math.isnan(facts["today_eur"]) else "pot.head"
    sentences = [teller.say(head, pot=pot, **money)]
    if facts["marginal_value"] > 0:
        sentences.append(teller.say("pot.marginal", points=teller.points(facts["marginal_value"] * 1000)))
    elif facts["unspent_eur"] >= 1:
        full, allowed = int(facts["offers_full"]), int(facts["offers_allowed"])
        way = ".none" if not allowed else ".full" if full == allowed else ".own" if own_names(teller.case) else ""
        sentences.append(teller.say(f"pot.slack{way}", full=full, allowed=allowed))
    sentences += [
        _consequence(teller, card, one, level=euro(one.level, lang), amount=money["amount"])
        for one in card.consequences
    ]
    steps = [
        teller.say("pot.step", step=signed(euro(row["step"], lang)), points=signed(teller.points(row["difference"])))
        if row["possible"]
        else teller.say("pot.step_impossible", step=signed(euro(row["step"], lang)))
        for row in card.steps.to_dict("records")
    ]
    sentences.append(teller.say("pot.steps", steps=" ".join(steps)))
    return [*sentences, *_payments(teller, card.tables["pays"])]


def _payments(teller: Teller, pays: pd.DataFrame) -> list[str]:
    changed = pays[pays["change_eur"].abs() >= 1]
    who = [
        teller.say(
            "words.paid",
            offer=teller.name("offers", str(row.offer_id)),
            money=signed(euro(float(str(row.change_eur)), teller.lang)),
        )
        for row in changed.head(NAMED).itertuples()
    ]
    return [teller.say("pot.pays", who=teller.listed(who, len(changed)))] if who else []


def _space(teller: Teller, card: PlaceCard) -> list[str]:
    lang, facts = teller.lang, card.facts
    space = teller.name("spaces", card.key[0])
    sentences = [
        teller.say(
            "space.head",
            space=space,
            coverage=percent(facts["coverage"], lang),
            today=percent(facts["coverage_today"], lang),
            rank=int(facts["rank_from_below"]),
            spaces=int(facts["spaces"]),
            reachable=percent(no_less(facts["coverage_reachable"], 3), lang),
        )
    ]
    sentences += [_consequence(teller, card, one, space=space) for one in card.consequences]
    for row in card.tables["cells"].to_dict("records"):
        if row["reason"] == "full":
            continue
        loss = float(row["unit_loss"])
        reason = "free" if row["reason"] == "costly" and loss <= NOTHING else row["reason"]
        need = teller.name("needs", str(row["need_id"]))
        points = teller.points(loss) if math.isfinite(loss) else ""
        gap = number(float(row["gap_units"]), lang, 0)
        sentences.append(teller.say(f"space.cell.{reason}", need=need, gap=gap, points=points))
    return sentences + [teller.rule(one) for one in card.binding[:MOST_RULES]]


def _floor(teller: Teller, card: PlaceCard) -> list[str]:
    lang, facts = teller.lang, card.facts
    shares = {
        "required": facts["required"],
        "achieved": facts["achieved"],
        "today": facts["achieved_today"],
        "highest": no_less(facts["highest_possible"], 3),
    }
    sentences = [
        teller.say(
            "floor.head.enforced" if facts["enforced"] else "floor.head.target",
            floor=card.key[0],
            need=teller.floor_need(card.key[0]),
            place=teller.place(card.key[1]),
            **{name: percent(value, lang) for name, value in shares.items()},
        )
    ]
    sentences += [_consequence(teller, card, one) for one in card.consequences]
    steps = [
        teller.say(
            "floor.step" if row["possible"] else "floor.step_impossible",
            step=signed(number(row["step"] * 100, lang, 0)),
            points=signed(teller.points(row["difference"])) if row["possible"] else "",
        )
        for row in card.steps.to_dict("records")
    ]
    return sentences + ([teller.say("floor.steps", steps=" ".join(steps))] if steps else [])


def _use(teller: Teller, card: PlaceCard) -> list[str]:
    lang, facts = teller.lang, card.facts
    sentences = [
        teller.say(
            "use.head",
            space=teller.name("spaces", card.key[1]),
            offer=teller.name("offers", card.key[0]),
            capacity=number(facts["capacity"], lang, 0),
            today=number(facts["today_capacity"], lang, 0),
            most=number(facts["max_capacity"], lang, 0),
        )
    ]
    sentences += [_consequence(teller, card, one, level=number(one.level, lang, 0)) for one in card.consequences]
    return sentences + [teller.rule(one) for one in card.binding[:MOST_RULES]]
