"""Robustness in sentences: what would still hold, what would not, and which figure to look at first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from allocate.analyses.figures import distance
from allocate.analyses.robustness.draw_runs import KEPT, REPLANNED
from allocate.analyses.robustness.set_regret import COMPROMISE, PROPOSAL, SET
from allocate.analyses.robustness.stability import FRAGILE, RATHER, STABLE, WEIGHTS
from allocate.analyses.robustness.turning import NO_PLAN
from allocate.analyses.robustness.uncertain_inputs import (
    CAPACITY,
    DEMAND,
    DEMAND_OF_NEED,
    EFFECT,
    POT,
    UNIT_COST,
    WEIGHT,
)
from allocate.bench.least_regret import loss_in_words
from allocate.inputs.case import Case
from allocate.inputs.names import all_called, called
from allocate.inputs.speaker import listed
from allocate.language import Texts, euro, no_less, number, percent, signed

if TYPE_CHECKING:
    from allocate.analyses.robustness.robust import Robustness

_TEXTS = Texts("allocate.analyses.robustness")
# How many offers a sentence names before it says how many more there are.
NAMED = 12
# What the parts of a figure's key are ids of; every one (``*``) and the weight set are not said.
_PARTS = {
    DEMAND: ("space_id", "need_id"), DEMAND_OF_NEED: ("space_id", "need_id"), UNIT_COST: ("offer_id",),
    CAPACITY: ("offer_id",), EFFECT: ("offer_id", "need_id"), POT: ("pot_id",), WEIGHT: ("need_id",),
}  # fmt: skip


def sentences(found: Robustness, lang: str = "en") -> list[str]:
    """What a decision-maker should know, the most important first."""
    parts = [
        *_lights(found, lang),
        *_weights(found, lang),
        *_regret(found, lang),
        *_chance(found, lang),
        *_turning(found, lang),
    ]
    return parts if found.complete else [*parts, _TEXTS.say("incomplete", lang)]


def _lights(found: Robustness, lang: str) -> list[str]:
    counts = found.offers["light"].value_counts()
    fragile = found.offers[found.offers["light"] == FRAGILE]["offer_id"].tolist()
    if not len(found.offers) or not found.offers["runs"].iloc[0]:
        return []
    said = _TEXTS.say(
        "lights",
        lang,
        stable=int(counts.get(STABLE, 0)),
        rather=int(counts.get(RATHER, 0)),
        fragile=len(fragile),
        total=len(found.offers),
        runs=int(found.offers["runs"].iloc[0]),
    )
    return [f"{said} {_TEXTS.say('fragile', lang, offers=_offers(found, fragile, lang))}" if fragile else said]


def _offers(found: Robustness, ids: Sequence[str], lang: str) -> str:
    """Offers by id and name, the first ones where they are many."""
    return listed(all_called(found.proposal.variant.case, "offer_id", ids[:NAMED], lang), lang, len(ids))


def _weights(found: Robustness, lang: str) -> list[str]:
    own = found.ranges[found.ranges["cause"] == WEIGHTS]
    if own.empty:
        return [_TEXTS.say("no-weights", lang)] if found.settings.spread > 0 and found.complete else []
    row = own.iloc[0]
    said = _TEXTS.say(
        "weights",
        lang,
        spread=percent(found.settings.spread, lang, 0),
        runs=int(row["runs"]),
        low=percent(row["low"], lang),
        high=percent(row["high"], lang),
    )
    # Where the best plan of a run is worth nothing, a loss has no share.
    single = found.weights[found.weights["kind"] == "need_weight"].dropna(subset=["regret_share"])
    if single.empty:
        return [said]
    worst = single.sort_values("regret_share", kind="stable").iloc[-1]
    loss = _TEXTS.say(
        "weights-loss-indivisible" if found.indivisible else "weights-loss",
        lang,
        regret=percent(no_less(float(worst["regret_share"]), 4), lang, 2),
        need=called(found.proposal.variant.case, "need_id", str(worst["need_id"]), lang),
        change=change_in_words(worst["factor"] - 1.0, lang),
    )
    return [f"{said} {loss}"]


def _regret(found: Robustness, lang: str) -> list[str]:
    if found.regret is None:
        return [_TEXTS.say("one-set", lang)] if found.complete and not found.indivisible else []
    worst = found.regret.worst_by_plan
    single = worst[[name for name in worst.index if str(name).startswith(f"{SET}:")]].min()
    return [
        _TEXTS.say(
            "regret",
            lang,
            sets=len(found.regret.sets),
            compromise=loss_in_words(worst[COMPROMISE], found.regret.least.unit, lang),
            proposal=loss_in_words(worst[PROPOSAL], found.regret.least.unit, lang),
            single=loss_in_words(single, found.regret.least.unit, lang),
        )
    ]


def _chance(found: Robustness, lang: str) -> list[str]:
    if found.draws.empty:
        return []
    table = found.quantiles
    kept = table[(table["figure"] == "weighted_coverage") & (table["plan"] == KEPT)].iloc[0]
    drawn = found.draws
    over = drawn["kept_overspending_eur"] > 1.0
    chance = found.settings.chance
    first = _TEXTS.say(
        "chance",
        lang,
        demand=percent(chance.demand, lang, 0),
        cost=percent(chance.cost, lang, 0),
        promised=percent(kept["promised"], lang),
        mean=percent(kept["mean"], lang),
        low=percent(kept["p05"], lang),
        high=percent(kept["p95"], lang),
        missed=int((drawn["kept_floors_missed"] > 0).sum()),
        over=int(over.sum()),
        euros=euro(float(drawn["kept_overspending_eur"].mean()), lang),
        runs=len(drawn),
    )
    possible = drawn[drawn["replanned_possible"].astype(bool)]
    told = [first, *_hedged(found, lang)]
    if possible.empty:
        return [*told, _TEXTS.say("never-possible", lang)]
    again, same = (float(possible[f"{plan}_weighted_coverage"].mean()) for plan in (REPLANNED, KEPT))
    return [
        *told,
        _TEXTS.say(
            "replanned",
            lang,
            possible=len(possible),
            runs=len(drawn),
            mean=percent(again, lang),
            kept=percent(same, lang),
        ),
    ]


def _hedged(found: Robustness, lang: str) -> list[str]:
    """What the plan made for chance would do in the same draws."""
    if found.hedged is None:
        return []
    own, other = found.proposal.offers["cost_eur"].to_numpy(), found.hedged.offers["cost_eur"].to_numpy()
    drawn = found.draws
    moved = distance(own, other)
    return [
        _TEXTS.say(
            "hedged",
            lang,
            # Where money of single offers is withheld, so is how much of it would be elsewhere.
            euros=euro(moved, lang) if moved >= 0 else _TEXTS.say("hedged.money", lang),
            value=number(float(drawn["hedged_objective"].mean()), lang, 4),
            value_kept=number(float(drawn["kept_objective"].mean()), lang, 4),
            mean=percent(float(drawn["hedged_weighted_coverage"].mean()), lang),
            kept=percent(float(drawn["kept_weighted_coverage"].mean()), lang),
            missed=int((drawn["hedged_floors_missed"] > 0).sum()),
            before=int((drawn["kept_floors_missed"] > 0).sum()),
        )
    ]


def _turning(found: Robustness, lang: str) -> list[str]:
    if found.turning is None:
        return [_TEXTS.say("indivisible", lang)] if found.indivisible and found.settings.turning else []
    table, told = found.turning.table, []
    searched = {"looked": found.turning.looked_at, "inputs": found.turning.inputs}
    # Only what planning from scratch confirms is told; the rest stands in the table as what it is.
    known = table[table["verified"].astype(bool)]
    by_thread = (known["holds_until"] == 0) & (known["offer_id"] != "")
    thread = known[by_thread]
    if len(thread):
        offers = _offers(found, list(dict.fromkeys(thread["offer_id"].astype(str))), lang)
        told.append(_TEXTS.say("thread", lang, offers=offers))
    rest = known[~by_thread]
    if len(rest):
        told.append(
            _TEXTS.say(
                "next" if len(thread) else "first",
                lang,
                what=what_turns(found.proposal.variant.case, rest.iloc[0], lang),
            )
        )
    elif table.empty and found.turning.complete:
        told.append(_TEXTS.say("nothing-turns", lang, most=percent(found.turning.most, lang, 0), **searched))
    if len(known) < len(table):
        told.append(_TEXTS.say("unconfirmed", lang, count=len(table) - len(known)))
    return [*told, _TEXTS.say("looked-at", lang, **searched)] if searched["looked"] < searched["inputs"] else told


def what_turns(case: Case, row: pd.Series, lang: str) -> str:
    """A row of the turning points in words: ``unit cost O07 Centre +3.2%: O11 Club lowered instead of raised``."""
    figure = " ".join(part for part in (_TEXTS.say(f"kind.{row['kind']}", lang), place_of(case, row, lang)) if part)
    change = change_in_words(float(row["change"]), lang)
    if row["to_direction"] == NO_PLAN:
        return _TEXTS.say("turns-no-plan", lang, figure=figure, change=change)
    directions = {name: _TEXTS.say(f"direction.{row[name]}", lang) for name in ("from_direction", "to_direction")}
    offer = called(case, "offer_id", str(row["offer_id"]), lang)
    return _TEXTS.say("turns", lang, figure=figure, change=change, offer=offer, **directions)


def place_of(case: Case, row: pd.Series, lang: str) -> str:
    """What the figure of a row of the turning points is of, by ids and names; blank where it is one of everything."""
    return ", ".join(called(case, key, id, lang) for key, id in parts_of(str(row["kind"]), str(row["key"])))


def parts_of(kind: str, key: str) -> list[tuple[str, str]]:
    """The id columns and ids in the key of a figure; ``*`` (every one) and the weight set are left out."""
    columns = _PARTS.get(kind, ())
    ids = key.split("|")[-len(columns) :] if columns else []
    return [(column, id) for column, id in zip(columns, ids, strict=True) if id != "*"]


def change_in_words(share: float, lang: str) -> str:
    """A relative change with its sign and as many digits as it needs, rounded away from nothing.

    What turns at a change has not turned yet at a smaller one.
    """
    digits = 0 if abs(share) >= 0.1 else 1 if abs(share) >= 0.01 else 2
    return signed(percent(math.copysign(no_less(abs(share), digits + 2), share), lang, digits))
