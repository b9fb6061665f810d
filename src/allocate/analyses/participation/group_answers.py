"""Participation: the plans of groups and of all ballots, the plan of least regret, and the ledger of suggestions.

The terms are those of docs/participation.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import pandas as pd

from allocate.analyses.participation.aggregation import COLUMNS as WAY_COLUMNS
from allocate.analyses.participation.aggregation import aggregation
from allocate.analyses.participation.ballot_weights import BALLOTS
from allocate.analyses.participation.group_plans import by_need, decisions, offers_of, overview
from allocate.analyses.participation.group_words import notes_on_ballots, notes_on_plans
from allocate.analyses.participation.suggestion_ledger import Ledger, ledger_of
from allocate.analyses.participation.suggestions import SuggestionAnswer, answer_all
from allocate.analyses.participation.weight_groups import WeightGroups, gathered, weight_columns
from allocate.bench.least_regret import Bests, LeastRegret, bests_of, least_regret
from allocate.bench.weighting import LEAST_REGRET, name_of_set, weights_of
from allocate.errors import UsageError
from allocate.inputs.case import Case
from allocate.inputs.voices.ballots import Ballots
from allocate.results.allocation import Allocation
from allocate.results.disclosure import mask_for
from allocate.results.told import Told
from allocate.session import Session


@dataclass(frozen=True, eq=False, repr=False)
class Participation(Told):
    """What groups would plan under one scenario's rules, beside the scenario's own plan (``reference``, a set's name).

    ``groups``: the sets of weights (``weight_groups``); ``plans`` (overview), ``needs``, ``decisions`` and ``offers``
    as in ``group_plans``; ``weights``: ``weight_groups.weight_columns``; ``ways``: ``aggregation``; ``regret``: None
    for fewer than two sets and for indivisible scenarios; ``answers`` and ``ledger``: suggestions. ``allocations``: the
    plan of every set by its name. ``ballots`` as they were read, ``bound`` as it was asked for.
    """

    JSON: ClassVar = (
        "scenario_id", "reference", "sentences", "sets=groups.table", "plans", "needs", "decisions", "offers",
        "weights", "aggregation=ways", "least_regret=regret", "suggestions=ledger.entries",
    )  # fmt: skip

    scenario_id: str
    reference: str
    case: Case
    groups: WeightGroups
    plans: pd.DataFrame
    needs: pd.DataFrame
    decisions: pd.DataFrame
    offers: pd.DataFrame
    weights: pd.DataFrame
    ways: pd.DataFrame
    regret: LeastRegret | None
    answers: tuple[SuggestionAnswer, ...]
    ledger: Ledger
    allocations: Mapping[str, Allocation]
    ballots: Ballots | None = None
    bound: float | None = None

    @property
    def ballot_findings(self) -> pd.DataFrame:
        """All findings about the ballots, those of ballots left out among them."""
        return pd.DataFrame() if self.ballots is None else self.ballots.findings

    def sentences(self, lang: str = "en") -> list[str]:
        """What the groups share, where they part, and what the plan of least regret costs whom."""
        told = notes_on_plans(self.case, self.plans, self.decisions, self.regret, self.reference, lang)
        return [*told, *notes_on_ballots(self.case, self.ballots, self.groups.weights, self.bound, lang)]

    def weight_table(self) -> pd.DataFrame:
        """All sets in the columns of the case's table ``weight_sets``; weights of a set add up to 100."""
        rows = []
        for name, weights in self.groups.sets.items():
            total = sum(weights.values())
            rows += [{"weight_set": name, "need_id": need, "weight": 100 * w / total} for need, w in weights.items()]
        return pd.DataFrame(rows, columns=["weight_set", "need_id", "weight"])


def participation(
    session: Session,
    scenario_id: str,
    *,
    ballots: Ballots | None = None,
    suggestions: pd.DataFrame | None = None,
    way: str = BALLOTS,
    bound: float | None = None,
    progress: Callable[[str], None] | None = None,
) -> Participation:
    """Compare the plans of all weight sets, of ballots and their groups, and answer suggestions.

    Sets are: the planners' weights (``needs.weight``), the table ``weight_sets``, each group of ``ballots`` (small ones
    put together) and all ballots in the ``way`` asked for, bounded by ``bound`` (``ballot_weights``). ``suggestions``:
    a checked table. Raises ``UsageError`` (no-feasible-plan, judges-only, divisible-only, ballots-way,
    ballots-population, weights-unusable), ``CertificateError``.
    """
    variant = session.variant(scenario_id)
    if variant.scenario.evaluate:
        raise UsageError("judges-only", scenario=scenario_id)
    own = session.run(scenario_id)
    if not own.has_plan:
        raise UsageError("no-feasible-plan", scenario=scenario_id)
    groups = gathered(variant.case, ballots, way, bound)
    known = bests_of(session, scenario_id, groups.sets, on_each=progress)
    judged = _chosen(known, tuple(groups.judged))
    divisible = not session.compiled(scenario_id).program.is_mixed_integer
    regret = None
    if len(judged.names) > 1 and divisible:
        regret = least_regret(session, scenario_id, groups.judged, bests=judged)
    allocations = dict(zip(known.names, known.plans, strict=True))
    answers = answer_all(session, scenario_id, suggestions) if suggestions is not None else ()
    mask = mask_for(variant.case, [own, *(one.plan for one in answers if one.plan is not None)])
    return Participation(
        scenario_id=scenario_id,
        reference=name_of_set(variant.case, variant.scenario.weight_set),
        case=variant.case,
        groups=groups,
        plans=overview(known, regret, own, session.compiled(scenario_id)),
        needs=by_need(known, regret, own),
        decisions=decisions(dict(zip(judged.names, judged.plans, strict=True)), regret),
        offers=offers_of(allocations | ({LEAST_REGRET: regret.plan} if regret else {})),
        weights=weight_columns(variant.case, groups),
        ways=_ways(session, scenario_id, groups, allocations, bound),
        regret=regret,
        answers=answers,
        ledger=ledger_of(answers, mask),
        allocations=allocations,
        ballots=ballots,
        bound=bound,
    )


def _chosen(known: Bests, names: tuple[str, ...]) -> Bests:
    """The plans of some sets only."""
    kept = [known.names.index(name) for name in names]
    return replace(
        known,
        names=names,
        compiled=tuple(known.compiled[at] for at in kept),
        plans=tuple(known.plans[at] for at in kept),
        best=known.best[kept],
        scale=known.scale[kept],
    )


def _ways(
    session: Session, scenario_id: str, groups: WeightGroups, plans: Mapping[str, Allocation], bound: float | None
) -> pd.DataFrame:
    if groups.weights is None:
        return WAY_COLUMNS.of()
    case, chosen = session.variant(scenario_id).case, plans[groups.together]
    return aggregation(session, scenario_id, groups.weights, case, weights_of(case), chosen, bound=bound)
