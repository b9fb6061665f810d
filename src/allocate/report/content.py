"""Content: all that a report shows, asked once. Page, workbook and council paper draw the same content.

Nothing is computed here: every figure is one of ``results`` or of the analyses, and keeps the name it has there.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import pandas as pd

from allocate import __version__
from allocate.analyses.alternatives.other_plans import Alternatives
from allocate.analyses.comparison.compare import Comparison, compare
from allocate.analyses.conflicts.why_no_plan import Conflict, conflicts
from allocate.analyses.decision.decide import Decision, decide
from allocate.analyses.duplication.made_visible import Duplication, duplication
from allocate.analyses.fairness.covered_how_well import Fairness, burden_groups
from allocate.analyses.margins.marginal import Marginal
from allocate.analyses.participation.group_answers import Participation
from allocate.analyses.reasons.cards import OfferCard
from allocate.analyses.robustness.robust import Robustness
from allocate.analyses.silos.integration import Silos
from allocate.analyses.tradeoffs.frontier import Frontier
from allocate.analyses.tradeoffs.ladder import Ladder
from allocate.analyses.transition.year_by_year import Transition
from allocate.bench.resolve import number_of
from allocate.inputs.case import Case
from allocate.report.asking import FULL_CARDS, STAGES, About, Progress, Voices
from allocate.report.audience import Audience
from allocate.report.publishing import Publisher
from allocate.results.allocation import Allocation
from allocate.results.disclosure import Mask, mask_for
from allocate.results.precision import precision_for
from allocate.session import Session
from allocate.solve.solution import Status
from allocate.town.facts import OfferFacts

# Fields without a figure of a plan. Every other field is published, a new one too, without being named anywhere.
NO_FIGURES = frozenset({"case", "fingerprint", "version", "date", "proposal", "without_card", "omitted", "audience"})
# What the publisher says itself, what is made of published answers, and what is told by its own chapter alone: sums of
# the town by year, of which few are shown, and the rules that clash, which are not of any plan.
PUBLISHED_ELSEWHERE = frozenset({"mask", "decision", "path", "conflict"})
# Under this name a field says how it is asked of a proposal: that line is all that ``gather`` needs.
_ASK = "ask"


@dataclass(frozen=True, eq=False)
class Content:
    """The results behind one report.

    ``comparison`` holds the plans of all scenarios beside the status quo. ``proposal`` is the id of the scenario that
    is proposed, blank where the report only judges today. What needs a plan is None where the proposal has none
    (``conflict`` then says why) or where the question does not arise; ``omitted`` names the questions that were left
    out because the town is large. ``cards``: asked offers first, then the changed ones by size; ``without_card`` is the
    number of changed offers beyond ``MOST_CARDS``. ``decision``: what a council needs beside a proposal, from the
    published answers. ``path``: the way there over the years asked for.
    ``kept``: draws in which other proposals are held to, where they were named. ``mask`` withholds small cells in all
    scenarios alike.
    """

    case: Case
    fingerprint: str
    version: str
    date: datetime.date
    proposal: str
    comparison: Comparison
    mask: Mask
    duplication: Duplication
    curves: dict[str, Frontier]
    ladder: Ladder | None = field(default=None, metadata={_ASK: About.ladder})
    alternatives: Alternatives | None = field(default=None, metadata={_ASK: About.alternatives})
    fairness: Fairness | None = None
    margins: Marginal | None = field(default=None, metadata={_ASK: About.margins})
    silos: Silos | None = field(default=None, metadata={_ASK: About.silos})
    robustness: Robustness | None = field(default=None, metadata={_ASK: About.robustness})
    participation: Participation | None = field(default=None, metadata={_ASK: About.participation})
    path: Transition | None = None
    cards: tuple[OfferCard, ...] = ()
    without_card: int = 0
    conflict: Conflict | None = None
    omitted: tuple[str, ...] = ()
    decision: Decision | None = None
    kept: dict[str, pd.DataFrame] = field(default_factory=dict)
    audience: Audience = field(default_factory=Audience)
    _told: dict[Hashable, Any] = field(init=False, default_factory=dict, repr=False)

    def once[Told](self, key: Hashable, tell: Callable[[], Told]) -> Told:
        """What is told of this content under a key: written once for page, print, paper and workbook."""
        if key not in self._told:
            self._told[key] = tell()
        told: Told = self._told[key]
        return told

    @property
    def plans(self) -> dict[str, Allocation]:
        """All scenarios of the report by id, the status quo first."""
        return self.comparison.plans

    @property
    def status_quo(self) -> str:
        """The id of the scenario that judges today."""
        return self.comparison.status_quo

    @property
    def today(self) -> Allocation:
        """Today, judged."""
        return self.plans[self.status_quo]

    @cached_property
    def plan(self) -> Allocation:
        """What the report is about: the proposal, or today where nothing is proposed."""
        return self.plans[self.proposal or self.status_quo]

    @property
    def shown(self) -> Allocation:
        """The proposal where it has a plan, else today."""
        return self.plan if self.plan.has_plan else self.today

    @property
    def shown_id(self) -> str:
        """The id of the plan that is shown: the proposal where it has a plan, else today."""
        return self.proposal if self.is_proposal else self.status_quo

    @property
    def is_proposal(self) -> bool:
        """Whether there is a proposal with a plan."""
        return bool(self.proposal) and self.plan.has_plan


def gather(
    session: Session,
    scenario_ids: Sequence[str] = (),
    proposal: str = "",
    asked: Sequence[str] = (),
    progress: Progress | None = None,
    *,
    today: datetime.date | None = None,
    voices: Voices | None = None,
    audience: Audience | None = None,
    years: tuple[int, int] | None = None,
) -> Content:
    """Ask all questions of a report.

    ``scenario_ids``: what is set side by side (none: all of the case). ``proposal``: the scenario that is proposed,
    by default the first of them that optimises. ``asked``: offers that get a card even if they do not change.
    ``voices``: ballots and suggestions for the chapter on participation. ``years``: also the path over these years.
    ``audience``: who reads it, by default a council; a department gets a card for each of its offers and every change.
    ``progress`` is told the name of each step (``steps_of`` counts them). Raises ``UsageError`` for an unknown scenario
    or offer, ``InputError``, ``CertificateError``.
    """
    step = progress or (lambda _name: None)
    ids = list(dict.fromkeys([*(scenario_ids or session.scenario_ids), *([proposal] if proposal else [])]))
    judged = {id: session.variant(id).scenario.evaluate for id in ids}
    for offer in asked:
        number_of("offers", offer, OfferFacts(session.case).ids)
    readers = audience or Audience()
    own = own_offers(session.case, readers)
    chosen = proposal or next((id for id in ids if not judged[id]), "")
    comparison = compare(session, ids, step=step)
    plan = comparison.plans[chosen or comparison.status_quo]
    step("duplication")
    about = About(session, chosen or comparison.status_quo, plan, step, voices or Voices())
    cards, without_card = about.cards(asked, comparison, own)
    fair = about.fairness()
    found = Content(
        case=session.case,
        fingerprint=session.fingerprint,
        version=__version__,
        date=today or datetime.datetime.now().astimezone().date(),
        proposal="" if plan.status is Status.EVALUATED else chosen,
        comparison=comparison,
        mask=mask_for(
            session.case,
            comparison.plans.values(),
            _groups_shown(fair),
            threshold=readers.threshold(session.case.number("suppression_threshold")),
        ),
        duplication=duplication(session, [comparison.status_quo, *([chosen] if chosen else [])]),
        curves=about.curves(),
        fairness=fair,
        path=about.path(years),
        cards=cards,
        without_card=without_card,
        conflict=conflicts(session, chosen) if plan.status is Status.INFEASIBLE else None,
        omitted=about.omitted(),
        kept=about.kept([id for id in dict.fromkeys(scenario_ids) if id != chosen and not judged[id]], comparison),
        audience=readers,
    )
    return _for_readers(session, _asked(found, about), asked)


def _asked(found: Content, about: About) -> Content:
    """The content with the answers around its proposal."""
    return replace(found, **{one.name: one.metadata[_ASK](about) for one in fields(found) if _ASK in one.metadata})


def _for_readers(session: Session, found: Content, asked: Sequence[str]) -> Content:
    """The content as it may be published, with what is decided by."""
    found = _decided(_published(session, found, asked))
    # The reasons of each offer tell what its places cost; the price of keeping is taken from them before.
    return replace(found, cards=()) if found.audience.is_public else found


def own_offers(case: Case, audience: Audience) -> tuple[str, ...]:
    """The offers of the department that reads; raises ``UsageError`` for one that has none."""
    if not audience.department:
        return ()
    offers = OfferFacts(case)
    number_of("departments", audience.department, list(dict.fromkeys(offers.department_id)))
    return tuple(offers.ids[offers.department_id == audience.department])


def _decided(found: Content) -> Content:
    """The content with what a council decides by, from answers that are published already."""
    if not found.is_proposal:
        return found
    decision = decide(
        found.comparison,
        found.proposal,
        found.mask,
        found.date,
        alternatives=found.alternatives,
        robustness=found.robustness,
        cards=found.cards,
        kept=found.kept,
    )
    return replace(found, decision=decision)


def _published(session: Session, found: Content, asked: Sequence[str]) -> Content:
    """The content with every figure as exact as it may be published; the same one where nothing is withheld."""
    plans = [plan for plan in found.plans.values() if plan.has_plan]
    towns = [session.compiled(plan.scenario.scenario_id).town for plan in plans]
    precision = precision_for(towns, plans, found.mask)
    if not precision.active and not found.audience.is_public:
        return found
    step = found.mask.threshold if found.audience.is_public else 0.0
    publisher = Publisher(found.case, plans, found.mask, precision, step)
    answers = {name: publisher.value(getattr(found, name)) for name in published_fields(found)}
    cards = [card for card in answers["cards"] if card.offer_id not in precision.withheld]
    # Of two changes that are published as equal the order does not say which is the larger.
    cards.sort(key=lambda card: (card.offer_id not in asked, -_size(card), card.offer_id))
    return replace(found, **answers | {"cards": tuple(cards), "mask": publisher.mask()})


def published_fields(found: Content) -> list[str]:
    """The names of all fields with figures, which are shown only as exactly as they may be published."""
    exempt = NO_FIGURES | PUBLISHED_ELSEWHERE
    return [one.name for one in fields(found) if one.init and one.name not in exempt]


def _size(card: OfferCard) -> float:
    """How much money an offer gets more or less, nothing where that is not told."""
    change = abs(card.cost_eur - card.today_eur)
    return change if math.isfinite(change) else 0.0


def steps_of(session: Session, scenario_ids: Sequence[str], asked: Sequence[str] = ()) -> int:
    """How many steps ``gather`` will tell of, for a progress bar."""
    return len(scenario_ids or session.scenario_ids) + 1 + len(STAGES) + FULL_CARDS + len(asked)


def _groups_shown(fair: Fairness | None) -> dict[str, pd.Series]:
    """The groups of spaces that the chapter on fairness sets side by side."""
    if fair is None or not fair.burden_column:
        return {}
    return {"burden": burden_groups(fair.plan.variant.case, fair.burden_column)}
