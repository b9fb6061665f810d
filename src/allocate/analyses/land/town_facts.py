"""Town facts: what a worker finds out about one town of a Land, and what it is asked afterwards.

A town is read and checked once; from then on it travels as the case itself, packed. Answers depend on the town and the
question alone.
"""

from __future__ import annotations

import math
import pickle
import zlib
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

import numpy as np

from allocate.analyses.figures import figures
from allocate.analyses.land.worth import Curve, Worth, least_amount, whole_curve
from allocate.bench.proposals import solve_proven
from allocate.bench.variant_plans import VariantPlans
from allocate.checking.opening import read_case
from allocate.errors import AllocateError, CertificateError, UsageError
from allocate.inputs.case import Case, currency_of
from allocate.inputs.in_places import expect_money
from allocate.inputs.names import names_of
from allocate.inputs.numerals import write_numeral
from allocate.inputs.scenario.variant import Change, apply
from allocate.language import LANGUAGES
from allocate.model.compile import Compiled, compile_variant
from allocate.results.allocation import Allocation, evaluated
from allocate.results.measures import need_coverage
from allocate.town import facts
from allocate.town.arrays import Floats

# Towns whose programs a worker keeps between questions.
KEPT_TOWNS = 48
# Where the worth of several pots is sought first, as multiples of what the key gives.
FIRST_LOOKS = (0.0, 0.5, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 4.0)
_KEY_REASON = "key"
NOTHING_KNOWN = Curve(())

type NeedFacts = tuple[str, str, str, float, float, float]


@dataclass(frozen=True)
class TownJob:
    """A town to look at: where it lies, or the case itself; the scenario; the ids of the Land's pots."""

    name: str
    scenario_id: str
    pots: tuple[str, ...]
    path: str = ""
    packed: bytes = b""


@dataclass(frozen=True)
class TownFacts:
    """What is known of a town.

    ``key`` and ``most``: EUR/year per pot of the Land that it gets today, and that it could use at most. ``least``:
    the money without which it has no plan (one pot only). ``today``, ``planned``: figures of today's provision and of
    the plan with what the key gives (empty: no plan). ``silo``, ``integrated``: objective under either pooling.
    ``needs``: id, names, demand, coverage today and by the plan. ``messages``: why there is nothing to say.
    """

    name: str
    town_name: str = ""
    packed: bytes = b""
    currency: str = ""
    population: float = 0.0
    budget: float = 0.0
    key: tuple[float, ...] = ()
    most: tuple[float, ...] = ()
    least: float = 0.0
    today: dict[str, float] = field(default_factory=dict)
    planned: dict[str, float] = field(default_factory=dict)
    silo: float = math.nan
    integrated: float = math.nan
    needs: tuple[NeedFacts, ...] = ()
    curve: Curve = NOTHING_KNOWN
    messages: dict[str, str] = field(default_factory=dict)

    @property
    def is_usable(self) -> bool:
        """Whether the town's worth of the Land's money is known."""
        return bool(self.curve.points)


@dataclass(frozen=True)
class Amounts:
    """Amounts of the Land's pots at which a town is asked something more: the case itself, else where it lies."""

    name: str
    packed: bytes
    scenario_id: str
    pots: tuple[str, ...]
    amounts: tuple[float, ...]
    path: str = ""


@dataclass(frozen=True)
class Use:
    """What a town's own run does with some amounts: figures, and id, name, English name, EUR of every offer.

    ``failed``: the run gave no answer, which is not the same as no plan.
    """

    figures: dict[str, float] = field(default_factory=dict)
    offers: tuple[tuple[str, str, str, float], ...] = ()
    failed: bool = False


def facts_of(job: TownJob) -> TownFacts:
    """Look at a town. What keeps it from having an answer stands in ``messages``."""
    try:
        return _facts(job)
    except AllocateError as refused:
        return TownFacts(job.name, messages={lang: refused.text(lang) for lang in LANGUAGES})


def worth_at(asked: Amounts) -> Curve:
    """The value at some amounts, or the cut of the money that is missing there."""
    worth = _worth(asked)
    amounts = np.array(asked.amounts)
    found = worth.value(amounts)
    if found is not None:
        return Curve((found,))
    missing = worth.missing(amounts)
    return NOTHING_KNOWN if missing is None else Curve((), (missing.cut,))


def use_of(asked: Amounts) -> Use:
    """The plan that the town's own run gives with these amounts; empty where there is none."""
    case = _case_of(asked)
    known = set(facts.PotFacts(case).ids)
    changes = [
        Change("pots", pot, "amount", "set", write_numeral(amount), _KEY_REASON)
        for pot, amount in zip(asked.pots, asked.amounts, strict=True)
        if pot in known
    ]
    try:
        plan = VariantPlans(case, asked.scenario_id).plan_with(changes)
    except CertificateError:
        return Use(failed=True)
    return Use(figures(plan), _offers(plan)) if plan.has_plan else Use()


def packed(case: Case) -> bytes:
    """A case as it travels."""
    return zlib.compress(pickle.dumps(case), 1)


def unpacked(content: bytes) -> Case:
    """The case that travelled."""
    case: Case = pickle.loads(zlib.decompress(content))
    return case


def _case_of(asked: TownJob | Amounts) -> Case:
    return unpacked(asked.packed) if asked.packed else read_case(Path(asked.path))


def _facts(job: TownJob) -> TownFacts:
    case = _case_of(job)
    expect_money(case, "land")
    variant = apply(case, job.scenario_id)
    for wrong, rule in ((variant.scenario.evaluate, "judges-only"), (variant.scenario.indivisible, "land-indivisible")):
        if wrong:
            raise UsageError(rule, scenario=job.scenario_id)
    compiled = compile_variant(variant)
    own = _own_pots(compiled, job.pots)
    if all(at < 0 for at in own):
        raise UsageError("land-no-pot", pots=", ".join(job.pots))
    today, plan = evaluated(compiled), VariantPlans(case, job.scenario_id).plan_of(compiled)
    content = packed(case)
    worth = Worth(compiled, own, hot=True)
    key = np.array([compiled.town.pot_amount[at] if at >= 0 else 0.0 for at in own])
    most = np.array([_usable(compiled, at) if at >= 0 else 0.0 for at in own])
    at_key = worth.value(key)
    least, curve = _looked_at(worth, key, most)
    return TownFacts(
        name=job.name,
        town_name=case.town_name,
        packed=content,
        currency=currency_of(case),
        population=float(np.nansum(facts.SpaceFacts(case).population)),
        budget=compiled.town.weights.budget,
        key=tuple(key.tolist()),
        most=tuple(most.tolist()),
        least=least,
        today=figures(today),
        planned=figures(plan) if plan.has_plan else {},
        silo=_value(compiled, "silo"),
        integrated=_value(compiled, "integrated"),
        needs=_needs(compiled, today, plan),
        messages={} if curve.points else _no_plan(job.scenario_id),
        curve=curve if at_key is None else curve.joined(Curve((at_key,))),
    )


def _no_plan(scenario_id: str) -> dict[str, str]:
    refused = UsageError("land-no-plan", scenario=scenario_id)
    return {lang: refused.text(lang) for lang in LANGUAGES}


def _own_pots(compiled: Compiled, pots: tuple[str, ...]) -> list[int]:
    """The town's number of each pot of the Land, -1 where it has none of that id."""
    numbers = {str(id): at for at, id in enumerate(compiled.town.pots)}
    return [numbers.get(pot, -1) for pot in pots]


def _usable(compiled: Compiled, pot: int) -> float:
    """EUR/year that the pot can spend at most, whatever it holds: its shares of what its offers can cost."""
    funding = compiled.program.columns_index.slice("funding")
    return float(compiled.program.upper[funding][compiled.town.funding.pot == pot].sum())


def _looked_at(worth: Worth, key: Floats, most: Floats) -> tuple[float, Curve]:
    """The least of one pot and its whole curve; of several pots the worth along the key."""
    if len(key) == 1:
        least = least_amount(worth, float(most[0]))
        return (math.nan, Curve(())) if least is None else (least, whole_curve(worth, least, float(most[0])))
    points, needed = [], []
    looks = [np.minimum(share * key, most) for share in FIRST_LOOKS] + [most]
    for amounts in looks:
        found = worth.value(amounts)
        missing = worth.missing(amounts) if found is None else None
        if found is not None:
            points.append(found)
        elif missing is not None:
            needed.append(missing.cut)
    return 0.0, Curve(tuple(points), tuple(needed))


def _value(compiled: Compiled, pooling: str) -> float:
    """The best objective under a pooling, all other settings as they are; NaN where there is no plan."""
    if compiled.variant.scenario.pooling == pooling:
        program = compiled.program
    else:
        settings = replace(compiled.variant.scenario, pooling=pooling)
        program = compile_variant(replace(compiled.variant, scenario=settings)).program
    found = solve_proven(program, scenario=pooling)
    return math.nan if found is None else found.value


def _needs(compiled: Compiled, today: Allocation, plan: Allocation) -> tuple[NeedFacts, ...]:
    """Id, names, demand (units), coverage today and by the plan (NaN without one) of every need."""
    town, needs = compiled.town, facts.NeedFacts(compiled.variant.case)
    demand = np.bincount(town.cells.need, town.cells.demand, minlength=len(town.needs.ids))
    now = need_coverage(town, today.coverage["covered"].to_numpy(dtype=float))
    then = need_coverage(town, plan.coverage["covered"].to_numpy(dtype=float)) if plan.has_plan else now * math.nan
    return tuple(
        (*names, float(demand[at]), float(now[at]), float(then[at]))
        for at, names in enumerate(zip(needs.ids, needs.name, needs.name_en, strict=True))
    )


def _offers(plan: Allocation) -> tuple[tuple[str, str, str, float], ...]:
    cost = dict(zip(plan.offers["offer_id"].astype(str), plan.offers["cost_eur"].astype(float), strict=True))
    german, english = (names_of(plan.variant.case, "offer_id", lang) for lang in ("de", "en"))
    return tuple((id, german[id], english[id], euros) for id, euros in cost.items())


_WORTHS: OrderedDict[tuple[str, bytes, str, tuple[str, ...]], Worth] = OrderedDict()
_GUARD = Lock()


def _worth(asked: Amounts) -> Worth:
    """The program of a town in this process, kept for the next question about it."""
    key = (asked.path, asked.packed, asked.scenario_id, asked.pots)
    with _GUARD:
        if key in _WORTHS:
            _WORTHS.move_to_end(key)
            return _WORTHS[key]
    compiled = compile_variant(apply(_case_of(asked), asked.scenario_id))
    worth = Worth(compiled, _own_pots(compiled, asked.pots))
    with _GUARD:
        _WORTHS[key] = worth
        while len(_WORTHS) > KEPT_TOWNS:
            _WORTHS.popitem(last=False)
    return worth
