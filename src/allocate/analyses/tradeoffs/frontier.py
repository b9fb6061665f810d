"""Trade-off curves: coverage against duplication, equity, re-steered money or total spending (docs/frontier.md)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from allocate.analyses.remarks import Figure, Remark
from allocate.analyses.tradeoffs.frontier_indivisible import indivisible_points
from allocate.analyses.tradeoffs.frontier_weights import Weighted
from allocate.analyses.tradeoffs.goal_terms import GOALS
from allocate.analyses.tradeoffs.sandwich import SAME, Chain, Vertex, distance, gap_between, knee, sandwich
from allocate.bench.worth import value_of_a_euro
from allocate.errors import UsageError
from allocate.model.compile import Compiled
from allocate.results.allocation import Allocation
from allocate.results.measures import Measures
from allocate.results.told import Told
from allocate.session import Session

if TYPE_CHECKING:
    from allocate.report.pictures.picture import Picture

AXES = {"duplication": "duplication", "equity": "equity", "moved": "movement", "budget": "cost"}
GAP = 0.005
MOST_SOLVES = 40
# A curve that begins below this (EUR/year) begins at nothing.
_NOTHING_EUR = 0.5
# In an exact run a gap below this (in scaled goals) is noise of floating point numbers.
EXACT_GAP = 2e-7
MOST_EXACT = 2_000
_TEXTS = "tradeoffs/texts_frontier.csv"
CHOSEN, STATUS_QUO = "chosen", "status_quo"


@dataclass(frozen=True, eq=False, repr=False)
class Frontier(Told):
    """A curve of best plans: coverage value against one other goal (``axis``, in the unit of its measure).

    ``points``: one row per plan (``point`` from 0, coverage falling), with coverage value, axis value, weighted
    coverage, covered units and the marks ``knee``; ``marks``: the chosen plan and the status quo beside the curve;
    ``segments``: what the next step costs, with the proven gap; ``capacities``: every point's plan. ``gap`` is the
    largest share of the curve's height (best minus least coverage value on it) by which a plan with the same axis value
    could still lie above it.
    """

    JSON: ClassVar = (
        "scenario_id", "against", "measure", "gap", "solves", "exact", "indivisible", "points", "marks", "segments",
        "capacities", "remarks",
    )  # fmt: skip

    scenario_id: str
    against: str
    measure: str
    points: pd.DataFrame
    marks: pd.DataFrame
    segments: pd.DataFrame
    capacities: pd.DataFrame
    gap: float
    solves: int
    exact: bool
    indivisible: bool
    plans: tuple[Allocation, ...]
    remarks: tuple[Remark, ...]

    def coverage_at(self, value: float) -> float:
        """Coverage value of the curve at an axis value (mixes of neighbouring plans); NaN beyond its ends."""
        order = np.argsort(self.points["axis"].to_numpy())
        axis = self.points["axis"].to_numpy()[order]
        coverage = self.points["coverage_value"].to_numpy()[order]
        if len(axis) and axis[0] - _blur(axis[0]) <= value <= axis[-1] + _blur(axis[-1]):
            return float(np.interp(value, axis, coverage))
        return float("nan")

    def plot(self, lang: str = "en") -> Picture:
        """The report's picture of the curve."""
        from allocate.report.pictures.of_answers import curve  # noqa: PLC0415  (the picture knows the curve)

        return curve(self, lang)


def frontier(
    session: Session,
    scenario_id: str,
    against: str,
    *,
    exact: bool = False,
    gap: float = GAP,
    most_solves: int = MOST_SOLVES,
    points: int = 10,
) -> Frontier:
    """Coverage value against ``duplication``, ``equity``, ``moved`` or ``budget`` under a scenario's rules.

    ``gap``: share of the curve's height up to which it is proven at every axis value, with at most ``most_solves``
    re-solves (ends included); ``exact``: every vertex. Indivisible scenarios get ``points`` epsilon-constraint points
    instead. Raises ``UsageError`` (frontier-axis, no-feasible-plan), ``CertificateError``.
    """
    if against not in AXES:
        raise UsageError("frontier-axis", axis=against, known=", ".join(AXES))
    scenario = session.variant(scenario_id).scenario
    if scenario.evaluate:
        session = _planning(session, scenario_id)
    compiled = session.compiled(scenario_id)
    chosen = session.run(scenario_id)
    if not chosen.has_plan:
        raise UsageError("no-feasible-plan", scenario=scenario_id)
    if compiled.program.is_mixed_integer:
        plans, gaps = indivisible_points(compiled, AXES[against], points, session.limits)
        return _indivisible(session, compiled, against, chosen, plans, gaps)
    weighted = Weighted.of(compiled, session.loaded(scenario_id), AXES[against])
    most = MOST_EXACT if exact else max(0, most_solves - weighted.solves)
    chain = sandwich(weighted.first, weighted.last, weighted.ask, gap=EXACT_GAP if exact else gap, most_solves=most)
    chain, plans = _canonical(weighted, chain)
    solves = weighted.solves
    found = Frontier(
        scenario_id=scenario_id,
        against=against,
        measure=GOALS[AXES[against]].measure,
        points=_points(plans, against),
        marks=pd.DataFrame(),
        segments=_segments(plans, against, chosen, chain.gaps),
        capacities=_capacities(plans),
        gap=chain.gap,
        solves=solves,
        exact=exact,
        indivisible=False,
        plans=tuple(plans),
        remarks=_remarks(chain, gap, against, plans),
    )
    return replace(found, marks=_marks(session, found, chosen))


def _planning(session: Session, scenario_id: str) -> Session:
    """A session in which the status quo's inputs are planned instead of judged."""
    variant = session.variant(scenario_id)
    own = Session(session.case, limits=session.limits)
    own.add(replace(variant, scenario=replace(variant.scenario, evaluate=False, expected="")))
    return own


def _canonical(weighted: Weighted, chain: Chain) -> tuple[Chain, list[Allocation]]:
    """The chain with every point's canonical plan; points that turn out to be the same are joined."""
    vertices: list[Vertex] = []
    plans: list[Allocation] = []
    for number, vertex in enumerate(chain.vertices):
        plan = weighted.plan(vertex, end=number in (0, len(chain.vertices) - 1))
        point = weighted.scaled(_measures(plan))
        if vertices and distance(vertices[-1].point, point) <= SAME:
            vertices[-1] = Vertex(vertices[-1].point, (*vertices[-1].lines, *vertex.lines))
            continue
        vertices.append(Vertex(point, vertex.lines))
        plans.append(plan)
    proven = {
        (left.lines[0].weight, right.lines[0].weight): value
        for left, right, value in zip(chain.vertices[:-1], chain.vertices[1:], chain.gaps, strict=True)
    }
    # Every point of the chain has one line, so that the last and the first of two joined ones are neighbours there.
    gaps = [min(gap_between(a, b), proven[a.lines[-1].weight, b.lines[0].weight]) for a, b in pairwise(vertices)]
    return Chain(tuple(vertices), tuple(gaps), chain.solves), plans


def _measures(plan: Allocation) -> Measures:
    if plan.measures is None:
        raise UsageError("no-feasible-plan", scenario=plan.scenario.scenario_id)
    return plan.measures


def _points(plans: list[Allocation], against: str) -> pd.DataFrame:
    axis = GOALS[AXES[against]]
    table = pd.DataFrame(
        {
            "point": np.arange(len(plans)),
            "coverage_value": [_measures(plan).coverage_value for plan in plans],
            "axis": [axis.of(_measures(plan)) for plan in plans],
            "weighted_coverage": [_measures(plan).weighted_coverage for plan in plans],
            "covered_units": [float(plan.coverage["covered"].sum()) for plan in plans],
        }
    )
    table["knee"] = False
    if len(table) > 2:
        values = table[["coverage_value", "axis"]].to_numpy(dtype=float, copy=True)
        if not axis.more_is_better:
            values[:, 1] = -values[:, 1]
        width = np.ptp(values, axis=0)
        scaled = (values - values.min(axis=0)) / np.where(width > 0, width, 1.0)
        table.loc[knee(scaled), "knee"] = True
    return table


def _marks(session: Session, found: Frontier, chosen: Allocation) -> pd.DataFrame:
    """The chosen plan and the status quo: where they stand, and how far below the curve."""
    today = session.status_quo(chosen.scenario.scenario_id)
    axis = GOALS[AXES[found.against]]
    rows = []
    for mark, plan in ((CHOSEN, chosen), (STATUS_QUO, today)):
        measures = _measures(plan)
        value = axis.of(measures)
        rows.append(
            {
                "mark": mark,
                "coverage_value": measures.coverage_value,
                "axis": value,
                "weighted_coverage": measures.weighted_coverage,
                "covered_units": float(plan.coverage["covered"].sum()),
                "below_curve": found.coverage_at(value) - measures.coverage_value,
                "floors_missed": int((~plan.floors["met"].astype(bool)).sum()) if len(plan.floors) else 0,
            }
        )
    return pd.DataFrame(rows)


def _blur(*values: float) -> float:
    """What two measures of the same plan may differ by when they were added up in another order."""
    return 1e-9 * max(1.0, *(abs(value) for value in values))


def _segments(
    plans: list[Allocation], against: str, chosen: Allocation, gaps: tuple[float, ...] | list[float]
) -> pd.DataFrame:
    """Each step along the curve, coverage falling: what it costs in coverage, need units and euros, what it brings."""
    axis = GOALS[AXES[against]]
    euro = value_of_a_euro(chosen)
    rows = []
    for number, (a, b, gap) in enumerate(zip(plans[:-1], plans[1:], gaps, strict=True)):
        first, second = _measures(a), _measures(b)
        coverage = second.coverage_value - first.coverage_value
        units = float(b.coverage["covered"].sum() - a.coverage["covered"].sum())
        change = axis.of(second) - axis.of(first)
        between = sorted((axis.of(first), axis.of(second)))
        blur = _blur(*between)
        rows.append(
            {
                "from_point": number,
                "to_point": number + 1,
                "axis_change": change,
                "coverage_value_change": coverage,
                "covered_units_change": units,
                "coverage_worth_eur": coverage / euro,
                "axis_per_coverage_point": change / (coverage * 100) if coverage else np.nan,
                "proven_gap": gap,
                "contains_chosen": bool(between[0] - blur <= axis.of(_measures(chosen)) <= between[1] + blur),
            }
        )
    columns = [
        "from_point", "to_point", "axis_change", "coverage_value_change", "covered_units_change", "coverage_worth_eur",
        "axis_per_coverage_point", "proven_gap", "contains_chosen",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _capacities(plans: list[Allocation]) -> pd.DataFrame:
    parts = [
        plan.offers[["offer_id", "capacity", "cost_eur"]].assign(point=number) for number, plan in enumerate(plans)
    ]
    table: pd.DataFrame = pd.concat(parts, ignore_index=True)[["point", "offer_id", "capacity", "cost_eur"]]
    return table


def _remarks(chain: Chain, gap: float, against: str, plans: list[Allocation]) -> tuple[Remark, ...]:
    found = _reading(against, plans)
    if len(chain.vertices) == 1:
        found.append(Remark(_TEXTS, "no-conflict"))
    elif chain.gap <= EXACT_GAP:
        found.append(Remark(_TEXTS, "exact"))
    else:
        height = float(np.ptp([_measures(plan).coverage_value for plan in plans]))
        values = {"gap": Figure(_up(chain.gap * 100, 2), 2), "value": Figure(_up(chain.gap * height, 5), 5)}
        found.append(Remark(_TEXTS, "gap" if chain.gap <= gap else "gap-open", values))
    return tuple(found)


def _reading(against: str, plans: list[Allocation]) -> list[Remark]:
    """What the axis is, and that there is nothing left of the curve where it does not begin at nothing."""
    axis = GOALS[AXES[against]]
    least = min((axis.of(_measures(plan)) for plan in plans), default=0.0)
    begins = not axis.more_is_better and least >= _NOTHING_EUR
    return [Remark(_TEXTS, f"read-{against}"), *([Remark(_TEXTS, "beginning")] if begins else [])]


def _remarks_indivisible(gap: float) -> tuple[Remark, ...]:
    if gap <= EXACT_GAP:
        return (Remark(_TEXTS, "indivisible"), Remark(_TEXTS, "indivisible-proven"))
    return (Remark(_TEXTS, "indivisible"), Remark(_TEXTS, "indivisible-gap", {"gap": Figure(_up(gap, 5), 5)}))


def _up(value: float, digits: int) -> float:
    """Rounded upwards, because a bound that is rounded down is none."""
    scale = 10.0**digits
    return math.ceil(value * scale) / scale


def _indivisible(
    session: Session, compiled: Compiled, against: str, chosen: Allocation, plans: list[Allocation], gaps: list[float]
) -> Frontier:
    table = _points(plans, against)
    table["proven_gap"] = gaps
    found = Frontier(
        scenario_id=compiled.variant.scenario.scenario_id,
        against=against,
        measure=GOALS[AXES[against]].measure,
        points=table,
        marks=pd.DataFrame(),
        segments=_segments(plans, against, chosen, [float("nan")] * (len(plans) - 1)),
        capacities=_capacities(plans),
        gap=max(gaps, default=0.0),
        solves=len(plans),
        exact=False,
        indivisible=True,
        plans=tuple(plans),
        remarks=(*_reading(against, plans), *_remarks_indivisible(max(gaps, default=0.0))),
    )
    return replace(found, marks=_marks(session, found, chosen))
