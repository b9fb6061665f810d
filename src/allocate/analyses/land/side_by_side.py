"""Land: many towns side by side, and how pots that they share would be divided by need.

    towns -> facts and curves of each (workers) -> divisions of the pots -> what each town would do with it (workers)

The value of a division is the weighted sum of the towns' objectives, weights by population (or as stated). It is exact:
every division shown carries the bound that no other under the same rules exceeds (``divisions``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd

from allocate.analyses.land import tables
from allocate.analyses.land.comparison import needs_table, peers_table
from allocate.analyses.land.divisions import FAIR, NEED, Divisions, Settled, money_for
from allocate.analyses.land.land_words import TEXTS, sentences
from allocate.analyses.land.master import Rules
from allocate.analyses.land.town_facts import Amounts, TownFacts, TownJob, Use, facts_of, use_of, worth_at
from allocate.analyses.land.worth import Curve
from allocate.analyses.workers.executors import Executor, Failure
from allocate.errors import CertificateError, UsageError
from allocate.inputs.land_tables import LandPot, LandTables, TownRow
from allocate.language import LANGUAGES, reckon_in
from allocate.plain import Record
from allocate.results.told import Told
from allocate.town.arrays import Floats

# Shares of what the key gives that every town keeps, for the price of keeping it.
KEEPS = (0.5, 0.8, 0.9)
# Up to so many towns the division that raises the lowest first, one large program, is shown without being asked for.
MOST_FOR_ALL = 200
TABLES = ("divisions", "towns", "allotments", "needs", "peers", "uses", "curves", "left_out")


@dataclass(frozen=True, eq=False, repr=False)
class Land(Told):
    """The answer: tables of docs/land.md, the proposed division, and what else is to be said.

    ``chosen``: the division that ``towns``, ``allotments`` and ``uses`` speak of; ``key_equivalent``: EUR/year with
    which the best division would reach the value of today's (one pot, else NaN); ``unanswered``: the towns whose own
    run with the amounts gave no answer. ``answered``: questions that towns answered now; ``kept``: before, in a file.
    """

    JSON: ClassVar = (
        "scenario_id", "pots=pot_amounts", "chosen=chosen.name", "keep=chosen.keep",
        "key_equivalent_eur=key_equivalent", "answered", "kept", *TABLES[:-1], "left_out=left_out_in", "messages",
    )  # fmt: skip

    scenario_id: str
    pots: tuple[LandPot, ...]
    chosen: Settled
    by_key: Settled | None
    settled: tuple[Settled, ...]
    divisions: pd.DataFrame
    towns: pd.DataFrame
    allotments: pd.DataFrame
    needs: pd.DataFrame
    peers: pd.DataFrame
    uses: pd.DataFrame
    curves: pd.DataFrame
    left_out: pd.DataFrame
    key_equivalent: float = math.nan
    unanswered: tuple[str, ...] = ()
    answered: int = 0
    kept: int = 0

    def messages(self, lang: str = "en") -> list[str]:
        """What is to be said beside the tables."""
        return sentences(self, lang)

    @property
    def pot_amounts(self) -> list[Record]:
        """The pots of the Land, EUR/year."""
        return [{"pot_id": one.pot_id, "name": one.name, "amount_eur": one.amount} for one in self.pots]

    def left_out_in(self, lang: str) -> pd.DataFrame:
        """The towns that were left out, and why."""
        return self.left_out.rename(columns={f"message_{lang}": "message"})[["town_id", "message"]]


def land(
    jobs: Sequence[TownJob],
    stated: LandTables,
    *,
    executor: Executor,
    keep: float = 0.0,
    fair: bool = False,
    with_uses: bool = True,
    begin: Callable[[int], None] = lambda _: None,
    step: Callable[[str], None] = lambda _: None,
) -> Land:
    """Look at all towns and divide the pots that they share.

    ``keep``: the share of what the key gives that every town keeps at least; ``fair``: the lowest town first. Raises
    ``UsageError``: land-no-towns, land-town-unknown, land-nothing (no town whose worth is known), land-currencies,
    land-weight, land-too-little.
    """
    _check(jobs, stated)
    begin(len(jobs) * (2 if with_uses else 1))
    facts = _facts(jobs, executor, step)
    usable = [town for town in facts if town.is_usable]
    if not usable:
        raise UsageError("land-nothing", reason=next(one.messages for one in facts if one.messages))
    currencies = sorted({town.currency for town in usable})
    if len(currencies) > 1:
        raise UsageError("land-currencies", known=", ".join(currencies))
    reckon_in(currencies[0])
    pots, key = _shares(stated, jobs[0].pots, facts, usable)
    own = {job.name: job for job in jobs}
    divided = _divisions(usable, stated, pots, key, lambda asked: _asked(asked, usable, own, executor))
    name = FAIR if fair else NEED
    wanted = [(name, keep), *((NEED, share) for share in (0.0, *KEEPS))]
    if len(usable) <= MOST_FOR_ALL:
        wanted.append((FAIR, 0.0))
    settled = {one: found for one in dict.fromkeys(wanted) if (found := divided.settled(*one)) is not None}
    chosen = settled.get((name, keep))
    if chosen is None:
        raise UsageError("land-too-little", keep=f"{keep:.0%}")
    by_key = divided.by_key()
    shown = tuple(one for one in (by_key, *settled.values()) if one is not None)
    uses = _uses(usable, own, divided.key, chosen.amounts, executor, step) if with_uses else {}
    needs = needs_table([town for town in facts if town.today])
    return Land(
        scenario_id=jobs[0].scenario_id,
        pots=pots,
        chosen=chosen,
        by_key=by_key,
        settled=shown,
        divisions=tables.divisions_table(shown, usable, divided),
        towns=tables.towns_table(facts, usable, divided, chosen, uses),
        allotments=tables.allotments_table(usable, pots, divided, chosen),
        needs=needs,
        peers=peers_table([town for town in facts if town.today], needs, stated.towns),
        uses=tables.uses_table(uses),
        curves=tables.curves_table(usable, pots, divided),
        left_out=tables.left_out_table(facts),
        key_equivalent=_key_equivalent(divided, by_key),
        unanswered=tuple(town for town, both in uses.items() if any(one.failed for one in both)),
    )


def _check(jobs: Sequence[TownJob], stated: LandTables) -> None:
    if not jobs:
        raise UsageError("land-no-towns", path="")
    known = {job.name for job in jobs}
    for town in stated.towns:
        if town not in known:
            raise UsageError("land-town-unknown", place="towns.csv", town=town)


def _facts(jobs: Sequence[TownJob], executor: Executor, step: Callable[[str], None]) -> list[TownFacts]:
    found: dict[int, TownFacts] = {}
    for at, answer in executor.run(facts_of, jobs):
        found[at] = _lost(jobs[at].name, answer) if isinstance(answer, Failure) else answer
        step(jobs[at].name)
    return [found[at] for at in range(len(jobs))]


def _lost(town: str, failure: Failure) -> TownFacts:
    return TownFacts(town, messages={lang: TEXTS.say("lost", lang, reason=failure.reason) for lang in LANGUAGES})


def _shares(
    stated: LandTables, ids: Sequence[str], facts: Sequence[TownFacts], usable: Sequence[TownFacts]
) -> tuple[tuple[LandPot, ...], Floats]:
    """The pots with the money there is to divide, and what the key gives every usable town of it (town by pot).

    The key is what the towns get today; where the Land states another amount, it is divided in these shares. Towns that
    are left out keep theirs.
    """
    by_id = {pot.pot_id: pot for pot in stated.pots}
    today = np.sum([town.key for town in facts if town.key], axis=0)
    money = np.array([by_id.get(id, LandPot(id)).amount for id in ids])
    money = np.where(np.isnan(money), today, money)
    scale = np.divide(money, today, out=np.ones(len(ids)), where=today > 0)
    key = np.array([town.key for town in usable]) * scale
    outside = np.sum([np.array(town.key) * scale for town in facts if town.key and not town.is_usable], axis=0)
    left = np.maximum(0.0, money - outside)
    named = (by_id.get(id, LandPot(id)) for id in ids)
    return tuple(replace(pot, amount=float(left[at])) for at, pot in enumerate(named)), key


def _divisions(
    usable: Sequence[TownFacts],
    stated: LandTables,
    pots: Sequence[LandPot],
    key: Floats,
    ask: Callable[[dict[int, Floats]], dict[int, Curve]],
) -> Divisions:
    rows = [stated.towns.get(town.name, TownRow()) for town in usable]
    weights = np.array(
        [town.population if math.isnan(row.weight) else row.weight for town, row in zip(usable, rows, strict=True)]
    )
    if (weights <= 0).any():
        raise UsageError("land-weight", town=usable[int(np.argmin(weights))].name)
    kept = np.array([row.least_share for row in rows])
    least = np.maximum(np.array([town.least for town in usable])[:, None], kept[:, None] * key)
    most = np.maximum(np.array([town.most for town in usable]), least)
    rules = Rules(np.array([pot.amount for pot in pots]), least, most, weights / weights.sum())
    return Divisions([town.curve for town in usable], rules, key, ask)


def _asked(
    asked: dict[int, Floats], usable: Sequence[TownFacts], jobs: dict[str, TownJob], executor: Executor
) -> dict[int, Curve]:
    """Put questions to towns, all at once."""
    numbers = list(asked)
    questions = [_question(usable[at], jobs, asked[at]) for at in numbers]
    answers: dict[int, Curve] = {}
    for at, answer in executor.run(worth_at, questions):
        if isinstance(answer, Failure):
            raise CertificateError("plan-not-verified", scenario=usable[numbers[at]].name, reason=answer.reason)
        answers[numbers[at]] = answer
    return {at: answers[at] for at in numbers}


def _uses(
    usable: Sequence[TownFacts],
    jobs: dict[str, TownJob],
    key: Floats,
    amounts: Floats,
    executor: Executor,
    step: Callable[[str], None],
) -> dict[str, tuple[Use, Use]]:
    """What every town's own run does with the key's amounts and with the chosen ones."""
    questions = [_question(town, jobs, own[at]) for at, town in enumerate(usable) for own in (key, amounts)]
    found: dict[int, Use] = {}
    for at, answer in executor.run(use_of, questions):
        found[at] = Use(failed=True) if isinstance(answer, Failure) else answer
        if at % 2:
            step(usable[at // 2].name)
    return {town.name: (found[2 * at], found[2 * at + 1]) for at, town in enumerate(usable)}


def _question(town: TownFacts, jobs: dict[str, TownJob], amounts: Floats) -> Amounts:
    job = jobs[town.name]
    return Amounts(job.name, job.packed or town.packed, job.scenario_id, job.pots, tuple(amounts.tolist()), job.path)


def _key_equivalent(divided: Divisions, by_key: Settled | None) -> float:
    if by_key is None or by_key.amounts.shape[1] > 1:
        return math.nan
    rules = divided.rules
    start = float(rules.weights @ np.array([curve.upper(rules.least[at]) for at, curve in enumerate(divided.curves)]))
    return money_for(divided.pieces(rules), start, by_key.value)
