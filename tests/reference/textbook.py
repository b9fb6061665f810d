"""The model of docs/model.md once more, written as a textbook would: plain PuLP, straight from the tables.

A second opinion that shares nothing with ``allocate.model``: no arrays, no numbering, one Python loop for every
"for all" of the page. Money is counted in thousands of euros and the objective is multiplied, because a solver's
tolerances are absolute.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pulp
from pulp import lpSum

from allocate.inputs.case import split_list
from allocate.inputs.scenario.variant import Variant

Row = dict[str, Any]

THOUSAND = 1000.0
# Brings the objective's coefficients (1e-8 to 1e-4 per unit) to where a solver's tolerances mean something.
LOUDER = 1e4


@dataclass(frozen=True)
class Answer:
    """What the textbook says of a scenario: ``optimal``, ``evaluated`` or ``infeasible``, and the objective."""

    status: str
    objective: float


@dataclass
class Data:
    """The tables of a scenario as dictionaries; names are the symbols of docs/model.md."""

    variant: Variant
    spaces: dict[str, Row] = field(init=False)
    needs: dict[str, Row] = field(init=False)
    offers: dict[str, Row] = field(init=False)
    pots: dict[str, Row] = field(init=False)
    d: dict[tuple[str, str], float] = field(init=False)
    W: dict[str, float] = field(init=False)
    effects: dict[str, dict[str, float]] = field(init=False)
    reach: dict[str, dict[str, Row]] = field(init=False)

    def __post_init__(self) -> None:
        self.spaces = by_key(self.table("spaces"), "space_id")
        self.needs = by_key(self.table("needs"), "need_id")
        self.offers = by_key(self.table("offers"), "offer_id")
        self.pots = by_key(self.table("pots"), "pot_id")
        self.d = {
            (row["space_id"], row["need_id"]): row["demand"] for row in rows(self.table("demand")) if row["demand"] > 0
        }
        self.W = {need: row["weight"] for need, row in self.needs.items()}
        for row in rows(self.table("weight_sets")):
            if row["weight_set"] == self.variant.scenario.weight_set and row["need_id"] in self.W:
                self.W[row["need_id"]] = row["weight"]
        self.effects = defaultdict(dict)
        for row in rows(self.table("effects")):
            if row["effect"] > 0:
                self.effects[row["offer_id"]][row["need_id"]] = row["effect"]
        # The needs of which a capacity unit serves one at a time; one alone excludes nothing.
        self.either_or = {
            o: needs
            for o, effects in self.effects.items()
            if len(needs := [n for n in effects if (o, n) in self._exclusive()]) > 1
        }
        self.reach = defaultdict(dict)
        for offer, space, row in self._reach():
            self.reach[offer][space] = row

    def table(self, name: str) -> pd.DataFrame:
        return self.variant.case[name]

    def _exclusive(self) -> set[tuple[str, str]]:
        return {(row["offer_id"], row["need_id"]) for row in rows(self.table("effects")) if row["exclusive"]}

    def _reach(self) -> Iterator[tuple[str, str, Row]]:
        if len(self.table("reach")):
            for row in rows(self.table("reach")):
                yield row["offer_id"], row["space_id"], row
            return
        for offer, row in self.offers.items():
            for space in [row["home_space_id"]] if row["home_space_id"] else self.spaces:
                blank = {"access": 1.0, "max_capacity": float("nan"), "min_use_share": 0.0, "max_use_share": 1.0}
                yield offer, space, {**blank, "baseline_capacity": row["baseline_capacity"]}

    def budget(self) -> float:
        return sum(free(pot) for pot in self.pots.values())

    def price(self, need: str) -> float:
        """What a doubled unit costs: place after place from the cheapest suitable one on, up to a tenth of the demand;
        the mean price of the later half of these places."""
        serving = [
            (e[need] < 0.5, self.offers[o]["unit_cost"] / e[need], o) for o, e in self.effects.items() if need in e
        ]
        if not serving:
            return 0.0
        room = [(price, self.offers[o]["max_capacity"] * self.effects[o][need]) for _, price, o in sorted(serving)]
        demand = sum(amount for (_, n), amount in self.d.items() if n == need)
        every = sum(places for _, places in room)
        most = min(0.1 * demand, every) if demand > 0 else every
        if most == 0:
            return float(room[0][0])
        filled = paid = 0.0
        for price, places in room:
            upto = min(filled + places, most)
            paid += price * max(0.0, upto - max(filled, most / 2))
            filled = upto
        return float(paid / (most / 2))

    def shares(self) -> dict[tuple[str, str], float]:
        """m[b,o] for every eligible pair of pot and offer."""
        exceptions = {(row["pot_id"], row["offer_id"]): row for row in rows(self.table("eligibility"))}
        shares = {}
        for b, pot in self.pots.items():
            for o, offer in self.offers.items():
                exception = exceptions.get((b, o))
                allowed = exception["allowed"] if exception else self._listed(pot, offer)
                if allowed:
                    own = exception is not None and not pd.isna(exception["max_share"])
                    shares[b, o] = exception["max_share"] if exception and own else pot["max_share"]
        return shares

    def _listed(self, pot: Row, offer: Row) -> bool:
        lists = {
            "departments": "department_id",
            "themes": "theme_id",
            "spaces": "home_space_id",
            "offers": "offer_id",
        }
        if self.variant.scenario.pooling == "integrated":
            del lists["departments"]
            if pot["pooled"]:
                del lists["themes"]
        return all(not pot[name] or offer[key] in split_list(pot[name]) for name, key in lists.items())

    def places(self, scope: str, scope_id: str) -> dict[str, list[str]]:
        """The places a rule names, each with its spaces."""
        if scope == "all":
            return {"": list(self.spaces)}
        found = defaultdict(list)
        for space, row in self.spaces.items():
            place = row["region_id"] if scope == "region" else space
            if scope_id in ("*", "", place):
                found[place].append(space)
        return found


def free(pot: Row) -> float:
    """What of a pot is neither overhead nor blocked."""
    return float(pot["amount"] * max(0.0, 1 - pot["overhead_share"] - pot["blocked"]))


class Textbook:
    """The linear program of one scenario. A scenario that only evaluates has its delivery fixed at today's."""

    def __init__(self, variant: Variant, data: Data | None = None) -> None:
        self.data = data or Data(variant)
        self.scenario = variant.scenario
        self.problem = pulp.LpProblem("textbook", pulp.LpMaximize)
        self._variables()
        self._coverage()
        if not self.scenario.evaluate:
            self._capacity()
            self._money()
            self._staff()
            self._floors()
            self._plurality()
        self.problem += self._value()

    def solve(self, seconds: float = 600) -> Answer:
        """Solve with HiGHS at its tightest tolerances."""
        tight = {"primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9, "threads": 1}
        solver = pulp.HiGHS(msg=False, gapRel=0.0, gapAbs=0.0, timeLimit=seconds, **tight)
        stats = self.problem.solve(solver)
        if stats.status == pulp.LpSolveStatus.Infeasible:
            return Answer("infeasible", float("nan"))
        assert stats.status == pulp.LpSolveStatus.Optimal, stats.status_str
        status = "evaluated" if self.scenario.evaluate else "optimal"
        return Answer(status, stats.objective / LOUDER)

    def _new(self, name: str, *key: str, upper: float | None = None, lower: float = 0.0) -> pulp.LpVariable:
        return self.problem.add_variable(f"{name}_{'_'.join(key)}", lower, upper)

    def _variables(self) -> None:
        data, new = self.data, self._new
        self.x: dict[tuple[str, str], pulp.LpVariable] = {}
        for o, offer in data.offers.items():
            for s, pair in data.reach[o].items():
                most = min(v for v in (pair["max_capacity"], offer["max_capacity"]) if not pd.isna(v))
                today = pair["baseline_capacity"]
                low, high = (today, today) if self.scenario.evaluate else (0.0, most)
                self.x[o, s] = new("x", o, s, lower=low, upper=high)
        self.v = self._parts()
        self.X = {o: lpSum(self.x[o, s] for s in data.reach[o]) for o in data.offers}
        self.segments = list(rows(data.table("segments")))
        self.y = {
            (s, n): [
                new("y", s, n, str(k), upper=(segment["to"] - segment["from"]) * d)
                for k, segment in enumerate(self.segments)
            ]
            for (s, n), d in data.d.items()
        }
        self.w = {(s, n): new("w", s, n, upper=data.needs[n]["wanted_reserve"] * d) for (s, n), d in data.d.items()}
        self.t = new("t", upper=1)

    def _parts(self) -> dict[tuple[str, str, str], pulp.LpVariable]:
        """Either / or: which part of a use serves which need; today's is as the space's needs are."""
        data, parts = self.data, {}
        for o, needs in data.either_or.items():
            for s, pair in data.reach[o].items():
                asked = {n: data.d.get((s, n), 0.0) / data.effects[o][n] for n in needs}
                whole = sum(asked.values())
                for n in needs:
                    parts[o, s, n] = self._new("v", o, s, n, upper=data.offers[o]["max_capacity"])
                    if self.scenario.evaluate:
                        share = asked[n] / whole if whole else 1 / len(needs)
                        parts[o, s, n].upBound = parts[o, s, n].lowBound = pair["baseline_capacity"] * share
                if not self.scenario.evaluate:
                    self.problem += lpSum(parts[o, s, n] for n in needs) == self.x[o, s]
        return parts

    def _coverage(self) -> None:
        """C1 and C2."""
        data = self.data
        supply = defaultdict(list)
        for o, effects in data.effects.items():
            for s, pair in data.reach[o].items():
                for n, effect in effects.items():
                    if pair["access"] > 0:
                        used = self.v.get((o, s, n), self.x[o, s])
                        supply[s, n].append((o, effect * pair["access"] * used))
        self.supply = supply
        self.z = {cell: self._new("z", *cell) for cell in {**supply, **data.d}}
        for s, n in self.z:
            delivered = lpSum(units for _, units in supply[s, n])
            if (s, n) in data.d:
                self.problem += delivered == lpSum(self.y[s, n]) + self.w[s, n] + self.z[s, n]
            else:
                self.problem += delivered == self.z[s, n]
        for s in data.spaces:
            cells = [n for n in data.needs if (s, n) in data.d]
            weight = sum(data.W[n] for n in cells)
            if weight > 0:
                shares = lpSum(data.W[n] / data.d[s, n] * y for n in cells for y in self.y[s, n])
                self.problem += weight * self.t <= shares

    def _capacity(self) -> None:
        """C3 and C4, and what an indivisible offer costs and needs."""
        self.cost = {}
        for o, offer in self.data.offers.items():
            X = self.X[o]
            self.problem += offer["committed_capacity"] <= X
            self.problem += offer["max_capacity"] >= X
            for s, pair in self.data.reach[o].items():
                if pair["min_use_share"] > 0:
                    self.problem += self.x[o, s] >= pair["min_use_share"] * X
                if pair["max_use_share"] < 1:
                    self.problem += self.x[o, s] <= pair["max_use_share"] * X
            if not self.scenario.indivisible:
                self.cost[o] = offer["unit_cost"] / THOUSAND * X
        if self.scenario.indivisible:
            self._openings()

    def _openings(self) -> None:
        self.open = {}
        for o, offer in self.data.offers.items():
            self.open[o] = opened = self.problem.add_variable(f"open_{o}", cat="Binary")
            fixed, variable, least = (
                default if pd.isna(offer[name]) else offer[name]
                for name, default in (
                    ("fixed_cost", 0.0),
                    ("variable_unit_cost", offer["unit_cost"]),
                    ("min_capacity_if_open", 0.0),
                )
            )
            self.cost[o] = fixed / THOUSAND * opened + variable / THOUSAND * self.X[o]
            self.problem += self.X[o] >= least * opened
            self.problem += self.X[o] <= offer["max_capacity"] * opened
            if offer["committed_capacity"] > 0:
                self.problem += opened == 1
        for number, row in enumerate(rows(self.data.table("steps"))):
            o, start, most = row["offer_id"], row["from_capacity"], self.data.offers[row["offer_id"]]["max_capacity"]
            if start < most:
                begun = self.problem.add_variable(f"step_{number}", cat="Binary")
                self.problem += self.X[o] <= start + (most - start) * begun
                self.problem += self.X[o] >= start * begun
                self.cost[o] += row["fixed_cost"] / THOUSAND * begun

    def _money(self) -> None:
        """M1 to M5."""
        data, problem = self.data, self.problem
        share = data.shares()
        payers, paid = defaultdict(list), defaultdict(list)
        funding = {}
        for b, o in share:
            f = funding[b, o] = self._new("f", b, o)
            payers[o].append(f)
            paid[b].append(f)
            if share[b, o] < 1:
                problem += f <= share[b, o] * self.cost[o]
        for o in data.offers:
            problem += lpSum(payers[o]) == self.cost[o]
        for b, pot in data.pots.items():
            problem += lpSum(paid[b]) <= free(pot) / THOUSAND + self._brought(b)
        self.paid = {b: lpSum(paid[b]) for b in data.pots}
        conditions = rows(data.table("cofinancing"))
        for row in conditions:
            named = {other["offer_id"] for other in conditions if other["pot_id"] == row["pot_id"]}
            for o in [row["offer_id"]] if row["offer_id"] else sorted(set(data.offers) - named):
                if (row["pot_id"], o) in funding:
                    others = lpSum(funding[b, o] for b in split_list(row["per_eur_of"]) if (b, o) in funding)
                    share = data.offers[o]["own_share"]
                    if "own" in split_list(row["per_eur_of"]) and not pd.isna(share):
                        others += share / (1 - share) * self.cost[o]
                    problem += funding[row["pot_id"], o] <= row["most"] * others
        self.g = {o: self._new("g", o) for o in data.offers}
        for o, offer in data.offers.items():
            problem += self.g[o] >= offer["unit_cost"] / THOUSAND * self._before(o) - self.cost[o]
        if self.scenario.max_moved < float("inf"):
            problem += lpSum(self.g.values()) <= self.scenario.max_moved / THOUSAND

    def _staff(self) -> None:
        """S1: of a group's rows, the last one up to the year planned."""
        year = pd.to_numeric(self.data.variant.case.parameter("plan_year"), errors="coerce")
        known = [row for row in rows(self.data.table("staff")) if pd.isna(row["year"]) or row["year"] <= year]
        known.sort(key=lambda row: 0 if pd.isna(row["year"]) else row["year"])
        for row in {row["staff_id"]: row for row in known}.values():
            taken = [
                offer["posts_per_unit"] * self.X[o]
                for o, offer in self.data.offers.items()
                if not pd.isna(offer["posts_per_unit"])
                and (not row["offers"] or o in split_list(row["offers"]))
                and (not row["departments"] or offer["department_id"] in split_list(row["departments"]))
            ]
            self.problem += lpSum(taken) <= row["posts"]

    def _brought(self, _pot: str) -> Any:
        """Thousands of euros that a pot brings along from the year before."""
        return 0.0

    def _before(self, offer: str) -> Any:
        """The capacity that release is counted from: today's."""
        return self.data.offers[offer]["baseline_capacity"]

    def _floors(self) -> None:
        """F1: of two sets, the later one decides for the same need and place."""
        data = self.data
        decided: dict[tuple[str, str, str], list[tuple[Row, list[str]]]] = {}
        for floor_set in self.scenario.floor_sets:
            own = defaultdict(list)
            for row in rows(data.table("floors")):
                if row["floor_set"] == floor_set:
                    for place, spaces in data.places(row["scope"], row["scope_id"]).items():
                        own[row["scope"], place, row["need_id"]].append((row, spaces))
            decided.update(own)
        for (_, _, need), floors in decided.items():
            for row, spaces in floors:
                cells = [(s, need) for s in spaces if (s, need) in data.d]
                if cells and row["kind"] in ("statutory", "political"):
                    covered = lpSum(y for cell in cells for y in self.y[cell])
                    self.problem += covered >= row["min_coverage"] * sum(data.d[cell] for cell in cells)

    def _plurality(self) -> None:
        """P1, for wanted clusters."""
        data, problem = self.data, self.problem
        for row in rows(data.table("plurality")):
            if row["assessment"] != "wanted":
                continue
            offers, need = split_list(row["offers"]), row["need_id"]
            for place, spaces in data.places(row["scope"], row["scope_id"]).items():
                demand = sum(data.d.get((s, need), 0.0) for s in spaces)
                if not demand:
                    continue
                supply = {
                    o: lpSum(units for s in spaces for p, units in self.supply[s, need] if p == o) for o in offers
                }
                whole = lpSum(supply.values())
                providers = defaultdict(list)
                for o in offers:
                    providers[data.offers[o]["provider_id"]].append(o)
                    if row["min_share_each"] > 0:
                        problem += supply[o] >= row["min_share_each"] * whole
                for own in providers.values():
                    if row["max_share_provider"] < 1:
                        problem += lpSum(supply[o] for o in own) <= row["max_share_provider"] * whole
                if row["min_demand_share"] > 0:
                    problem += whole >= row["min_demand_share"] * demand
                if self.scenario.indivisible and row["min_providers"] > 0:
                    self._present(f"{row['cluster_id']}_{place}", providers, row["min_providers"])

    def _present(self, name: str, providers: dict[str, list[str]], least: float) -> None:
        present = []
        for provider, own in providers.items():
            here = self.problem.add_variable(f"present_{name}_{provider}", cat="Binary")
            self.problem += here <= lpSum(self.open[o] for o in own)
            present.append(here)
        self.problem += lpSum(present) >= least

    def _value(self) -> Any:
        """The objective, louder."""
        data, budget = self.data, self.data.budget()
        equity, duplication, movement = (
            data.variant.case.number(name) for name in ("equity_weight", "duplication_weight", "movement_weight")
        )
        total = {n: sum(data.spaces[s]["weight"] * d for (s, m), d in data.d.items() if m == n) for n in data.needs}
        weights = sum(data.W.values())
        price = {n: data.price(n) for n in data.needs}
        value = lpSum(
            LOUDER * data.W[n] / weights * data.spaces[s]["weight"] / total[n] * segment["value"] * y
            for (s, n), ys in self.y.items()
            if total[n]
            for segment, y in zip(self.segments, ys, strict=True)
        )
        value += LOUDER * equity * self.t
        if budget:
            value -= lpSum(LOUDER * duplication * price[n] / budget * z for (_, n), z in self.z.items())
            if not self.scenario.evaluate:
                value -= lpSum(LOUDER * movement * THOUSAND / budget * g for g in self.g.values())
        return value


def rows(table: pd.DataFrame) -> list[Row]:
    return table.to_dict("records")


def by_key(table: pd.DataFrame, key: str) -> dict[str, Row]:
    return {row[key]: row for row in rows(table)}
