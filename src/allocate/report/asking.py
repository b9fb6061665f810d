"""Asking: each question of a report about one proposal, or None where it does not arise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import pandas as pd

from allocate.analyses.alternatives.other_plans import Alternatives, alternatives
from allocate.analyses.comparison.compare import Comparison
from allocate.analyses.fairness.covered_how_well import Fairness, fairness
from allocate.analyses.margins.marginal import Marginal, marginal
from allocate.analyses.participation.group_answers import Participation, participation
from allocate.analyses.reasons.binding import TightRules
from allocate.analyses.reasons.cards import OfferCard
from allocate.analyses.reasons.explain import explain_offer
from allocate.analyses.reasons.offer_card import quick_card
from allocate.analyses.robustness.kept_draws import kept_draws
from allocate.analyses.robustness.robust import Robustness, Settings, robust
from allocate.analyses.silos.integration import Silos, silos
from allocate.analyses.tradeoffs.frontier import GAP, Frontier, frontier
from allocate.analyses.tradeoffs.ladder import Ladder, ladder
from allocate.analyses.transition.year_by_year import Transition, transition
from allocate.bench.resolve import Bench
from allocate.inputs.voices.ballots import Ballots
from allocate.model.own_rules import own_of
from allocate.results.allocation import Allocation
from allocate.session import Session
from allocate.solve.solution import Status
from allocate.town.facts import OfferFacts, PotFacts

# Curves that are drawn: how much must move, how equal it may get, what less or more money does.
CURVES = ("moved", "equity", "budget")
# How much of a curve's height may lie between what is drawn and the best plans; less asks for more of them.
CURVE_GAP = GAP
# The largest changes get a full card each (certified, canonical plans), the next ones a quick card, the rest a line.
FULL_CARDS = 8
MOST_CARDS = 60
# Above this many entries of the program the questions that solve many programs anew would take many minutes.
LARGE = 60_000
# What a large town leaves out.
OMITTED = ("frontier", "ladder", "alternatives", "margins", "silos", "robustness", "participation")
STAGES = (
    "duplication",
    "frontier",
    "ladder",
    "alternatives",
    "fairness",
    "margins",
    "silos",
    "robustness",
    "participation",
    "cards",
)
# So many other proposals are tested beside the one that is proposed.
MOST_TESTED = 5
# How far the report looks for what would turn the proposal; ``allocate robust`` looks further.
ROBUST = Settings(runs=30, inputs=24, turning=5)

type Progress = Callable[[str], None]


@dataclass(frozen=True)
class Voices:
    """What people said: ballots, and suggestions (a checked table); both may be missing."""

    ballots: Ballots | None = None
    suggestions: pd.DataFrame | None = None


@dataclass(frozen=True)
class About:
    """The questions around one proposal; each answers None where it does not arise."""

    session: Session
    id: str
    plan: Allocation
    step: Progress
    voices: Voices = field(default_factory=Voices)

    @property
    def planned(self) -> bool:
        return self.plan.has_plan and self.plan.status is not Status.EVALUATED

    @property
    def proven(self) -> bool:
        """Plans that a limit stopped early are shown, but nothing is built upon them."""
        return self.planned and self.plan.status is Status.OPTIMAL

    @property
    def divisible(self) -> bool:
        return self.proven and not self.session.compiled(self.id).program.is_mixed_integer

    @property
    def large(self) -> bool:
        return self.planned and len(self.session.compiled(self.id).program.values) > LARGE

    def omitted(self) -> tuple[str, ...]:
        return OMITTED if self.large else ()

    def curves(self) -> dict[str, Frontier]:
        self.step("frontier")
        if not self.divisible or self.large:
            return {}
        return {against: frontier(self.session, self.id, against, gap=CURVE_GAP) for against in CURVES}

    def ladder(self) -> Ladder | None:
        self.step("ladder")
        return ladder(self.session, self.id) if self.divisible and not self.large else None

    def alternatives(self) -> Alternatives | None:
        self.step("alternatives")
        return alternatives(self.session, self.id) if self.proven and not self.large else None

    def fairness(self) -> Fairness | None:
        self.step("fairness")
        return fairness(self.session, self.id, with_curve=False) if self.plan.has_plan else None

    def margins(self) -> Marginal | None:
        self.step("margins")
        return marginal(self.session, self.id) if self.divisible and not self.large else None

    def silos(self) -> Silos | None:
        """What cooperation brings, where some pot is meant to be shared and there are departments to share it.

        Nobody can say it with own rules (``silos``).
        """
        self.step("silos")
        pooled = PotFacts(self.session.case).pooled.any()
        several = len(set(OfferFacts(self.session.case).department_id)) > 1
        if own_of(self.session.case) is not None:
            return None
        return silos(self.session, self.id) if self.proven and pooled and several and not self.large else None

    def robustness(self) -> Robustness | None:
        """Whether the proposal holds under other weights and other figures."""
        self.step("robustness")
        return robust(self.session, self.id, ROBUST) if self.proven and not self.large else None

    def kept(self, others: Sequence[str], comparison: Comparison) -> dict[str, pd.DataFrame]:
        """What becomes of other proposals that were named, in the draws of the proposal's own test."""
        if not self.proven or self.large:
            return {}
        proven = [id for id in others if comparison.plans[id].status is Status.OPTIMAL][:MOST_TESTED]
        return {id: kept_draws(self.session, id, ROBUST.runs, ROBUST.seed, ROBUST.chance) for id in proven}

    def participation(self) -> Participation | None:
        """What groups would plan, where there is more than the planners' own set of weights or something was said."""
        self.step("participation")
        said = self.voices.ballots is not None or self.voices.suggestions is not None
        if not self.divisible or self.large or not (said or len(self.session.case["weight_sets"])):
            return None
        return participation(self.session, self.id, ballots=self.voices.ballots, suggestions=self.voices.suggestions)

    def path(self, years: tuple[int, int] | None) -> Transition | None:
        """The path of the proposal over the years asked for. Raises ``UsageError`` where it has none."""
        return transition(self.session, self.id, years) if years is not None and self.proven else None

    def cards(
        self, asked: Sequence[str], comparison: Comparison, own: Sequence[str] = ()
    ) -> tuple[tuple[OfferCard, ...], int]:
        """Cards of the offers asked for and of those that change, largest first; how many changes have none.

        ``own``: offers of the department that reads; each of them has a card, and so has every change.
        """
        self.step("cards")
        if not self.proven:
            return (), 0
        table = comparison.offers[comparison.offers["scenario_id"] == self.id]
        table = table[table["kind"] != "same"]
        order = table["change_eur"].abs().sort_values(ascending=False, kind="stable").index
        changed = [id for id in table.loc[order, "offer_id"].tolist() if id not in asked]
        bench = Bench(self.session, self.id)
        largest = _largest(changed, set(table.loc[table["change_eur"] < 0, "offer_id"]))
        full = [*dict.fromkeys(asked), *largest]
        most = MOST_CARDS - len(largest)
        if self.large:
            full, largest, most = list(dict.fromkeys(asked)), [], MOST_CARDS // 3
        rest = [id for id in changed if id not in largest]
        quick = list(dict.fromkeys([*(one for one in own if one not in full), *(rest if own else rest[:most])]))
        cards = [*self._full(full), *self._quick(bench, quick)]
        shown = {card.offer_id for card in cards}
        return tuple(cards), sum(id not in shown for id in changed)

    def _full(self, ids: Iterable[str]) -> Iterable[OfferCard]:
        for id in ids:
            self.step(id)
            found = explain_offer(self.session, self.id, id, across=False, tippings="nearest")
            yield from (card for card in found.cards if isinstance(card, OfferCard))

    def _quick(self, bench: Bench, ids: Iterable[str]) -> Iterable[OfferCard]:
        rules = TightRules(bench)
        for id in ids:
            yield quick_card(bench, rules, bench.offer(id), priced=not self.large)


def _largest(changed: Sequence[str], lowered: set[str]) -> list[str]:
    """The offers with full cards, half of them the largest cuts: whoever gets less asks first. ``changed``: by size."""
    cuts = [id for id in changed if id in lowered][: (FULL_CARDS + 1) // 2]
    others = [id for id in changed if id not in lowered][: FULL_CARDS - len(cuts)]
    return [id for id in changed if id in {*cuts, *others}]
