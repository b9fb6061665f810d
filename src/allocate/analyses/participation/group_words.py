"""Participation in sentences: what the groups share, where they part, and what is to be kept in mind about ballots."""

from __future__ import annotations

import pandas as pd

from allocate.analyses.participation.ballot_weights import BallotWeights
from allocate.analyses.participation.group_plans import PARTED, summary_of
from allocate.analyses.participation.suggestions import TEXTS
from allocate.bench.least_regret import LeastRegret, loss_in_words
from allocate.bench.weighting import LEAST_REGRET
from allocate.inputs.case import Case
from allocate.inputs.names import all_called
from allocate.inputs.voices.ballots import Ballots
from allocate.language import as_it_is, euro, no_more, number
from allocate.town.facts import NeedFacts

# How many disputed offers and diverging groups a sentence names.
NAMED = 4


def label_of(name: str, lang: str) -> str:
    """A set of weights by the words people know; a set of the case by its own name."""
    key = f"set.{name}"
    return TEXTS.say(key, lang) if key in TEXTS.sentences else name


def notes_on_plans(
    case: Case, plans: pd.DataFrame, table: pd.DataFrame, regret: LeastRegret | None, reference: str, lang: str
) -> list[str]:
    """What all share, where they part, how far each group's plan lies from the scenario's own, and the least regret."""
    figures = summary_of(table)
    count = int((plans["plan"] != LEAST_REGRET).sum())
    if count < 2:
        return [TEXTS.say("plans.one", lang)]
    said = [TEXTS.say("plans.shared", lang, shared=int(figures["shared"]), total=int(figures["total"]))]
    for way in ("raised", "lowered"):
        values = {"count": int(figures[way]), "euros": euro(no_more(figures[f"{way}_eur"]), lang)}
        said.append(TEXTS.say(f"plans.shared.{way}" if values["count"] else f"plans.shared.{way}.none", lang, **values))
    parted = table[table["agreement"] == PARTED]
    if len(parted):
        first = parted.head(NAMED)
        named = all_called(case, "offer_id", first["offer_id"].astype(str), lang)
        costs = zip(named, first["lowest_cost_eur"], first["highest_cost_eur"], strict=True)
        listed = ", ".join(f"{offer} ({euro(low, lang)} – {euro(high, lang)})" for offer, low, high in costs)
        said.append(TEXTS.say("plans.parted", lang, parted=len(parted), offers=listed))
    others = plans[~plans["plan"].isin([LEAST_REGRET, reference])].sort_values("differs_eur", ascending=False)
    if len(others):
        far = others.iloc[0]
        values = {
            "plan": label_of(str(far["plan"]), lang),
            "euros": euro(float(far["differs_eur"]), lang),
            "turned": int(far["turned"]),
        }
        said.append(TEXTS.say("plans.farthest", lang, **values))
    return [*said, *_regret(plans, regret, lang)]


def _regret(plans: pd.DataFrame, regret: LeastRegret | None, lang: str) -> list[str]:
    if regret is None:
        return []
    by_plan = regret.regrets[regret.regrets["plan"] != LEAST_REGRET].groupby("plan", sort=False)["regret"].max()
    own = plans.loc[plans["plan"].isin(list(regret.plans)), "regret"].max()
    return [
        TEXTS.say(
            "plans.regret",
            lang,
            worst=loss_in_words(regret.worst, regret.unit, lang),
            reference=loss_in_words(float(own), regret.unit, lang),
            single=loss_in_words(float(by_plan.min()), regret.unit, lang),
        )
    ]


def notes_on_ballots(
    case: Case, ballots: Ballots | None, weights: BallotWeights | None, bound: float | None, lang: str
) -> list[str]:
    """How the ballots were counted and what must be kept in mind about them."""
    if ballots is None or weights is None:
        return []
    count = {"ballots": number(ballots.count, lang), "persons": number(ballots.persons, lang)}
    notes = [TEXTS.say(f"ballots.{weights.way}", lang, **count), TEXTS.say("ballots.representative", lang)]
    if ballots.left_out:
        notes.append(TEXTS.say("ballots.left_out", lang, count=ballots.left_out))
    if weights.pooled:
        notes.append(TEXTS.say("ballots.pooled", lang, count=len(weights.pooled)))
    unasked = [str(need) for need in NeedFacts(case).ids if str(need) not in ballots.asked]
    if unasked:
        notes.append(TEXTS.say("ballots.unasked", lang, needs=", ".join(all_called(case, "need_id", unasked, lang))))
    if bound is not None:
        notes.append(TEXTS.say("ballots.bound", lang, bound=as_it_is(bound, lang)))
    return notes
