"""Publishing: the answers of a report with every figure as exact as it may be published.

All chapters, pictures, sentences, the record and the workbook draw from published answers alone, so that no place can
tell what another withholds.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from allocate.analyses.comparison.compare import Comparison
from allocate.analyses.reasons.cards import OfferCard
from allocate.analyses.tradeoffs.frontier import Frontier
from allocate.inputs.case import Case
from allocate.inputs.scenario.variant import Variant
from allocate.report.counted import Counted
from allocate.report.unranked import unranked
from allocate.results.allocation import Allocation
from allocate.results.columns import unit_of
from allocate.results.disclosure import Mask
from allocate.results.measures import Measures
from allocate.results.plan_tables import PlanTables
from allocate.results.precision import ENOUGH, SHOWN, Precision, coarse, stepped
from allocate.results.proof import Proof
from allocate.solve.certify import Certificate
from allocate.solve.value import Value
from allocate.town.facts import OfferFacts

# What a town has said itself is no figure of a plan.
_INPUTS = ("budget_eur", "money_eur", "one_site_eur", "step_eur")
_LOWEST = ("lowest_space_coverage",)
_SIDES = (("from_kind", "from_id"), ("to_kind", "to_id"), ("from_kind", "from_offer_id"), ("to_kind", "to_offer_id"))
_MEASURE = ("before", "from_inputs", "from_reassignment", "from_money", "after")
_QUANTILES = ("promised", "mean", "p05", "p25", "p50", "p75", "p95")
_CHANGES = (("today", "plan", "change"), ("coverage_before", "coverage", "coverage_change"))
# Sums of people who are covered, or are not: of several cells, among them withheld ones.
_COUNTS = (
    "covered", "supply", "gap", "short", "lost_units", "gained_units", "closing_lost", "keeping_lost",
    "duplication_units", "wanted_reserve_units",
)  # fmt: skip
_COUNTED = (
    ("covered_before", "covered", "covered_change"), ("covered_before", "covered_after", "covered_change"),
    ("covered_silo", "covered_pooled", "gain_units"),
)  # fmt: skip
_KEPT = (Variant, Mask, Precision, Certificate, Proof)


class Publisher:
    """Makes answers publishable: plans, tables, measures and cards, all as exact as the precision allows."""

    def __init__(
        self, case: Case, plans: Iterable[Allocation], mask: Mask, precision: Precision, step: float = 0.0
    ) -> None:
        self.precision = precision
        # Counts of people and places are told in steps of this; 0: as they are.
        self.step = step
        self._case = case
        self._mask = mask
        self._prices: set[str] = set()
        self._parts: set[str] = set()
        self._plans: dict[int, tuple[Allocation, Allocation]] = {}
        plans = [plan for plan in plans if plan.has_plan]
        paid = pd.concat([plan.funding[["pot_id", "offer_id"]] for plan in plans]) if plans else pd.DataFrame()
        self.of_pot = self._reaches(paid, "pot_id")
        offers = case["offers"]
        self.of_group = {by: self._reaches(offers, f"{by}_id") for by in ("provider", "department")}
        self.town = self.precision.total(self.precision.euros)
        self.veiled = {"space": {space for space, _ in mask.hidden}, "need": {need for _, need in mask.hidden}}
        few = len(mask.hidden) < ENOUGH
        self.counted = Counted(case, plans if precision.active else [], mask)
        # The step of shares and values of the whole town.
        self.shown = self.counted.town()
        self.duplication = max(self.precision.euros.values(), default=0.0) if few else 0.0

    def _reaches(self, table: pd.DataFrame, key: str) -> dict[str, float]:
        if table.empty or key not in table.columns:
            return {}
        return {str(id): self.precision.total(rows["offer_id"].astype(str)) for id, rows in table.groupby(key)}

    def mask(self) -> Mask:
        """The mask, with what cannot be told in any step withheld as well."""
        return replace(
            self._mask,
            offers=self.precision.withheld,
            prices=self.precision.withheld | self._prices,
            parts=frozenset(self._parts),
            lowest=self.precision.lowest,
            totals=self._totals(),
        )

    def _totals(self) -> Mapping[str, frozenset[str]]:
        """Withheld sums: those of the mask, spaces whose mean says nothing, and providers of withheld offers alone."""
        found = dict(self._mask.totals)
        blank = {id for id, step in self.precision.spaces.items() if np.isinf(step)}
        found["space"] = found.get("space", frozenset()) | blank
        offers = OfferFacts(self._case)
        for by, fact in (("provider", offers.provider_id), ("department", offers.department_id)):
            groups = offers.by_id(fact)
            hidden = {groups.get(id, "") for id in self.precision.withheld}
            found[by] = found.get(by, frozenset()) | {id for id in hidden if self.of_group[by].get(id, 0.0)}
        return found

    def value(self, value: Any) -> Any:
        """Whatever a content holds, with its figures as exact as they may be published."""
        if isinstance(value, _KEPT):
            return value
        if isinstance(value, dict):
            return {key: self.value(one) for key, one in value.items()}
        if type(value) is tuple:
            return tuple(self.value(one) for one in value)
        kinds: tuple[tuple[type, Callable[[Any], Any]], ...] = (
            (pd.DataFrame, self.frame),
            (Allocation, self.plan),
            (Measures, self.measures),
            (OfferCard, self.card),
        )
        for kind, publish in kinds:
            if isinstance(value, kind):
                return publish(value)
        is_answer = is_dataclass(value) and type(value).__module__.startswith("allocate.analyses")
        return self.answer(value) if is_answer else value

    def answer(self, value: Any) -> Any:
        """An answer with its tables and parts published; what it was asked of stays."""
        twin = copy.copy(value)
        for name, part in vars(value).items():
            # Of the plans on a curve nothing is published but its points.
            vars(twin)[name] = () if isinstance(value, Frontier) and name == "plans" else self.value(part)
        if isinstance(value, Frontier) and self.precision.active:
            self._curve(twin, value)
        if isinstance(value, Comparison):
            # The plans of a comparison are those of the report.
            vars(twin)["plans"] = {id: self.plan(plan) for id, plan in value.plans.items()}
        return twin

    def _curve(self, twin: Frontier, found: Frontier) -> None:
        """The other goal of a curve as exactly as that figure is published of a plan.

        Of the plans between the ends nothing else is published, so that a lowest coverage has a tenth of a point there.
        """
        share = found.measure in _LOWEST
        reach = self.duplication if found.measure.startswith("duplication") else self.town

        def axis(frame: pd.DataFrame, step: float) -> np.ndarray:
            values = frame["axis"].to_numpy(dtype=float)
            return stepped(values, step) if share else self.euros(values, np.full(len(values), reach))

        points = axis(found.points, SHOWN)
        vars(twin)["points"] = twin.points.assign(axis=points)
        vars(twin)["marks"] = twin.marks.assign(axis=axis(found.marks, self.precision.lowest))
        steps = found.segments
        change = points[steps["to_point"].to_numpy(dtype=int)] - points[steps["from_point"].to_numpy(dtype=int)]
        vars(twin)["segments"] = twin.segments.assign(axis_change=change, axis_per_coverage_point=np.nan)

    def plan(self, plan: Allocation) -> Allocation:
        """A plan as it is published. It was judged before; coarser figures need not add up again.

        One plan is part of many answers, and is published once.
        """
        if id(plan) not in self._plans:
            self._plans[id(plan)] = (plan, self._published(plan))
        return self._plans[id(plan)][1]

    def _published(self, plan: Allocation) -> Allocation:
        if plan.measures is None:
            return plan
        twin = copy.copy(plan)
        tables = PlanTables(**{one.name: self.frame(getattr(plan.tables, one.name)) for one in fields(PlanTables)})
        if len(plan.floors):
            tables = replace(tables, floors=self.counted.floors(plan.floors))
        if len(tables.split):
            split = tables.split
            # Of what serves a withheld cell, nothing is told by space and need.
            tables = replace(tables, split=split[~split["offer_id"].isin(self.precision.serving)])
        vars(twin).update(
            tables=tables, measures=self.measures(plan.measures), objective=float(self.share(plan.objective))
        )
        if plan.certificate is not None:
            found = plan.certificate
            vars(twin)["certificate"] = replace(found, bound=Value(self.share(found.bound)))
        return twin

    def share(self, value: float, step: float | None = None) -> float:
        return float(stepped(np.array([value], dtype=float), self.shown if step is None else step)[0])

    def euro(self, value: float, reach: float) -> float:
        return float(self.euros(np.array([value], dtype=float), np.array([reach]))[0])

    @staticmethod
    def euros(values: np.ndarray, reach: np.ndarray) -> np.ndarray:
        """Sums of euros; one that is small beside what must stay possible is told in steps of that."""
        shown = coarse(values, reach)
        lost = np.isnan(shown) & np.isfinite(values)
        return np.where(lost, stepped(values, np.where(reach > 0, 2 * reach, 1.0)), shown)

    def measures(self, found: Measures) -> Measures:
        """The measures of a plan as they are published."""
        units = max(self.step, self.precision.threshold if self.precision.active else 0.0)
        shares = {name: self.share(getattr(found, name)) for name in ("coverage_value", "weighted_coverage")}
        euros = {name: self.euro(getattr(found, name), self.town) for name in ("spent_eur", "unspent_eur", "moved_eur")}
        return replace(
            found,
            **shares,
            **euros,
            lowest_space_coverage=self.share(found.lowest_space_coverage, self.precision.lowest),
            duplication_eur=self.euro(found.duplication_eur, self.duplication),
            duplication_units=float(stepped(np.array([found.duplication_units]), units)[0]),
            wanted_reserve_units=float(stepped(np.array([found.wanted_reserve_units]), units)[0]),
        )

    def card(self, card: OfferCard) -> OfferCard:
        """A card whose capacities and euros are those of the tables; a withheld offer has none."""
        twin: OfferCard = self.answer(card)
        one = pd.Series([card.offer_id])
        for name, of in (
            ("today_capacity", self.precision.of_units), ("capacity", self.precision.of_units),
            ("least_needed", self.precision.of_units), ("today_eur", self.precision.of_euros),
            ("cost_eur", self.precision.of_euros), ("keeping_eur", self.precision.of_euros),
        ):  # fmt: skip
            vars(twin)[name] = float(of(pd.Series([float(getattr(card, name))]), one).iloc[0])
        if math.isnan(twin.keeping_eur) and not math.isnan(card.keeping_eur):
            self._prices.add(card.offer_id)
        return twin

    # tables -----------------------------------------------------------------------------------------------------------

    def frame(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A table of any answer, by what its rows are about."""
        if frame.empty:
            return frame
        shown = self._in_steps(frame)
        if {"space_id", "need_id"} <= set(frame.columns):
            return shown
        shown = frame.copy(deep=False) if shown is frame else shown
        names = set(frame.columns)
        self._counts(shown)
        sides = [id for kind, id in _SIDES if {kind, id} <= names]
        for id in sides:
            self._offers(shown, shown[id].astype(str))
        if sides:
            shown = unranked(frame, shown, sides, self.precision.withheld)
        if "offer_id" in names:
            self._offers(shown, shown["offer_id"].astype(str))
        elif "pot_id" in names:
            self._euros(shown, shown["pot_id"].astype(str).map(self.of_pot))
        elif {"by", "id"} <= names:
            self._groups(shown)
        elif "space_id" in names:
            self._shares(shown, shown["space_id"].astype(str).map(self.precision.spaces).fillna(SHOWN))
        elif "group" in names:
            self._shares(shown, self._of_kinds(shown))
        elif {"measure", *_MEASURE} <= names:
            self._steps(shown)
        elif {"figure", *_QUANTILES} <= names:
            self._drawn(shown)
        elif not names & {"department_id", "floor_id", "need_id", "id"}:
            self._town(shown)
        return shown

    def _in_steps(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A table for the public: no count of people or places between nothing and the threshold."""
        if not self.step > 0:
            return frame
        levels = [str(name) for name in frame.columns if str(name).startswith("at_") or name == "baseline_capacity"]
        names = (*self._of_kind(frame, "units"), *levels)
        rounded = {name: stepped(frame[name].to_numpy(dtype=float), self.step) for name in names}
        return frame.assign(**rounded) if rounded else frame

    def _of_kind(self, frame: pd.DataFrame, *kinds: str) -> list[str]:
        return [
            str(name)
            for name in frame.columns
            if unit_of(str(name)).base in kinds and pd.api.types.is_numeric_dtype(frame[name])
        ]

    def _offers(self, frame: pd.DataFrame, ids: pd.Series) -> None:
        levels = [str(name) for name in frame.columns if str(name).startswith("at_")]
        more = [name for name in ("baseline_capacity",) if name in frame.columns]
        for name in (*self._of_kind(frame, "euro"), *self._of_kind(frame, "units"), *levels, *more):
            of_kind = self.precision.of_euros if unit_of(name).base == "euro" else self.precision.of_units
            exact = frame[name]
            frame[name] = of_kind(exact, ids)
            self._parts.update(ids[frame[name].isna() & exact.notna()])
        if "space_id" in frame.columns and "capacity" in frame.columns:
            # What an offer that serves a withheld cell gives a single space is told of no space at all.
            frame["capacity"] = frame["capacity"].mask(ids.isin(self.precision.serving))

    def _euros(self, frame: pd.DataFrame, reach: pd.Series) -> None:
        change = reach.fillna(0.0).to_numpy(dtype=float)
        for name in self._of_kind(frame, "euro"):
            if name not in (*_INPUTS, "amount_eur"):
                frame[name] = self.euros(frame[name].to_numpy(dtype=float), change)

    def _counts(self, frame: pd.DataFrame) -> None:
        """Sums of people of spaces, needs, groups or the town: in steps of the threshold where a cell is withheld."""
        if "offer_id" in frame.columns or not self.precision.active:
            return
        touched = pd.Series(True, index=frame.index)
        for key, ids in self.veiled.items():
            if f"{key}_id" in frame.columns:
                touched = frame[f"{key}_id"].astype(str).isin(ids)
            elif {"by", "id"} <= set(frame.columns):
                touched &= frame["id"].astype(str).isin(ids) | frame["by"].ne(key)
        step = np.where(touched, self.precision.threshold, 0.0)
        for name in (one for one in self._of_kind(frame, "units") if one.startswith(_COUNTS)):
            frame[name] = stepped(frame[name].to_numpy(dtype=float), step)
        for before, after, change in _COUNTED:
            if {before, after, change} <= set(frame.columns):
                frame[change] = frame[after] - frame[before]

    def _shares(self, frame: pd.DataFrame, steps: pd.Series) -> None:
        width = steps.fillna(0.0).to_numpy(dtype=float)
        for name in self._of_kind(frame, "share"):
            frame[name] = stepped(frame[name].to_numpy(dtype=float), width)
        for before, after, change in _CHANGES:
            if {before, after, change} <= set(frame.columns):
                frame[change] = (frame[after] - frame[before]).round(9)
        if {"coverage_change", "direction"} <= set(frame.columns):
            # Who gains or loses less than a published step is not told.
            frame["direction"] = frame["direction"].mask(frame["coverage_change"].eq(0), "same")

    def _groups(self, frame: pd.DataFrame) -> None:
        for by, ids in frame.groupby("by").groups.items():
            rows = frame.loc[ids].copy()
            if by in self.of_group:
                self._euros(rows, rows["id"].astype(str).map(self.of_group[str(by)]))
            elif by == "duty":
                # An offer may fulfil several duties, so that each sum is as exact as that of the town.
                self._euros(rows, pd.Series(self.town, index=rows.index))
            else:
                self._shares(rows, self._steps_of(str(by), rows["id"].astype(str)))
                self.counted.worst(rows, str(by))
            frame.loc[ids] = rows

    def _of_kinds(self, frame: pd.DataFrame) -> pd.Series:
        """The step of the coverage of groups of several kinds (region, target group ...)."""
        if "kind" not in frame.columns:
            return pd.Series(SHOWN, index=frame.index)
        parts = [self._steps_of(str(kind), rows["group"].astype(str)) for kind, rows in frame.groupby("kind")]
        steps: pd.Series = pd.concat(parts).reindex(frame.index)
        return steps

    def _steps_of(self, by: str, ids: pd.Series) -> pd.Series:
        """The step of the coverage of each group of a kind."""
        return ids.map(self.precision.spaces).fillna(SHOWN) if by == "space" else self.counted.steps(by, ids)

    def _steps(self, frame: pd.DataFrame) -> None:
        lowest = frame["measure"].isin(_LOWEST).to_numpy()
        share = frame["measure"].map(lambda name: unit_of(str(name)).name).isin(["share", "value"]).to_numpy()
        width = np.where(lowest, self.precision.lowest, np.where(share, self.shown, 0.0))
        for name in _MEASURE:
            frame[name] = stepped(frame[name].to_numpy(dtype=float), width)

    def _drawn(self, frame: pd.DataFrame) -> None:
        """Quantiles of the figures over runs, each as exact as the figure itself."""
        for at, figure in zip(frame.index, frame["figure"].astype(str), strict=True):
            values = frame.loc[at, list(_QUANTILES)].to_numpy(dtype=float)
            kind = unit_of(figure).base
            if kind in ("share", "value"):
                shown = stepped(values, self.precision.lowest if figure in _LOWEST else self.shown)
            elif kind == "euro":
                reach = self.duplication if figure.startswith("duplication") else self.town
                shown = self.euros(values, np.full(len(values), reach))
            elif kind == "units" and self.step > 0:
                shown = stepped(values, self.step)
            else:
                continue
            frame.loc[at, list(_QUANTILES)] = shown

    def _town(self, frame: pd.DataFrame) -> None:
        for name in self._of_kind(frame, "share", "value"):
            step = self.precision.lowest if "lowest" in name else self.shown
            frame[name] = stepped(frame[name].to_numpy(dtype=float), step)
        for name in self._of_kind(frame, "euro"):
            if name not in _INPUTS:
                reach = self.duplication if name.startswith("duplication") else self.town
                frame[name] = self.euros(frame[name].to_numpy(dtype=float), np.full(len(frame), reach))
