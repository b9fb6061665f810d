"""Rulebook: what the tables of one scenario demand of a plan, read for judging it.

Independent of ``allocate.model`` on purpose: the same tables are read a second time by other code, so that a fault in
compiling a scenario cannot hide itself. Sets are numbered in table order; everything else is worked out when asked.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from allocate.inputs.case import Case, split_list
from allocate.inputs.scenario.variant import Variant
from allocate.judge.verdict import Bools, Floats, Ids, Ints

# Each list of a pot and what it is compared with.
_LISTS = {"departments": "department_id", "themes": "theme_id", "spaces": "home_space_id", "offers": "offer_id"}
# The lists that pooling lifts, of a pooled pot and of one that keeps its earmark (docs/data.md, Eligibility).
_LIFTED = {True: ("departments", "themes"), False: ("departments",)}
# Where what is asked is which needs capacity can serve, not which one it serves.
ANY_NEED = -2


class Register:
    """The ids of one table and their numbers."""

    def __init__(self, column: pd.Series) -> None:
        self.ids: Ids = column.to_numpy(dtype=object)
        self._number = {str(id): number for number, id in enumerate(self.ids.tolist())}

    def __len__(self) -> int:
        return len(self.ids)

    def numbers(self, column: pd.Series) -> Ints:
        """The number of every id of a column; -1 for an unknown one."""
        find = self._number.get
        return np.array([find(id, -1) for id in column.tolist()], dtype=np.int64)

    def number(self, id: str) -> int:
        """The number of one id; -1 for an unknown one."""
        return self._number.get(id, -1)


def numbers_of(column: pd.Series, default: float | None = None) -> Floats:
    """A column as numbers; ``default`` where it is blank."""
    values: Floats = column.to_numpy(dtype=np.float64)
    return values if default is None else np.where(np.isnan(values), default, values)


class Offers:
    """The columns of ``offers`` that rules speak of; money in EUR/year, capacity in units/year."""

    def __init__(self, table: pd.DataFrame) -> None:
        self.unit_cost = numbers_of(table["unit_cost"])
        variable = numbers_of(table["variable_unit_cost"])
        self.variable_cost = np.where(np.isnan(variable), self.unit_cost, variable)
        self.fixed_cost = numbers_of(table["fixed_cost"], 0.0)
        self.most = numbers_of(table["max_capacity"])
        self.least = numbers_of(table["committed_capacity"])
        self.least_if_open = numbers_of(table["min_capacity_if_open"], 0.0)
        self.today = numbers_of(table["baseline_capacity"])
        # An offer without a named provider counts as one of its own.
        named, ids = (table[name].to_numpy(dtype=object) for name in ("provider_id", "offer_id"))
        self.provider: Ids = np.where(named == "", ids, named)


class Reach:
    """Who reaches whom: one entry per offer and space, with limits of use and shares; ``key`` orders them."""

    def __init__(self, offer: Ints, space: Ints, spaces: int, columns: dict[str, Floats]) -> None:
        key = offer * spaces + space
        order = np.argsort(key, kind="stable")
        self.offer, self.space, self.key = offer[order], space[order], key[order]
        self.access, self.most, self.today, self.least_share, self.most_share = (
            columns[name][order] for name in ("access", "most", "today", "least_share", "most_share")
        )

    def find(self, key: Ints) -> Ints:
        """The entry of every key, -1 where the offer does not reach the space."""
        if not len(self.key):
            return np.full(len(key), -1, dtype=np.int64)
        place = np.minimum(np.searchsorted(self.key, key), len(self.key) - 1)
        return np.where(self.key[place] == key, place, -1)


class Rulebook:
    """One scenario's tables, read for judging."""

    def __init__(self, variant: Variant) -> None:
        self.scenario = variant.scenario
        self.case: Case = variant.case
        # Each reading of a table hands out a copy of its own.
        spaces, needs, offers, pots = (self.case[name] for name in ("spaces", "needs", "offers", "pots"))
        self.spaces = Register(spaces["space_id"])
        self.needs = Register(needs["need_id"])
        self.offer_ids = Register(offers["offer_id"])
        self.pots = Register(pots["pot_id"])
        self.offers = Offers(offers)
        # Overhead and what is blocked are nobody's to spend on offers.
        reserved = sum(numbers_of(pots[name], 0.0) for name in ("overhead_share", "blocked"))
        self.amount = numbers_of(pots["amount"]) * np.clip(1.0 - reserved, 0.0, None)
        self.space_weight = numbers_of(spaces["weight"])
        self.region: Ids = spaces["region_id"].to_numpy(dtype=object)
        self.wanted_reserve = numbers_of(needs["wanted_reserve"])

    @cached_property
    def demand(self) -> Floats:
        """Demand in need units/year, spaces x needs."""
        table = self.case["demand"]
        space, need = self.spaces.numbers(table["space_id"]), self.needs.numbers(table["need_id"])
        amount = np.zeros((len(self.spaces), len(self.needs)))
        known = (space >= 0) & (need >= 0)
        amount[space[known], need[known]] = np.maximum(numbers_of(table["demand"])[known], 0.0)
        return amount

    @cached_property
    def segments(self) -> list[tuple[float, float, float]]:
        """From which to which share of demand a unit of coverage has which worth."""
        table = self.case["segments"]
        return list(zip(*(table[name].tolist() for name in ("from", "to", "value")), strict=True))

    @cached_property
    def need_weight(self) -> Floats:
        """Weights of the needs: their own, or those of the scenario's weight set."""
        weight = dict(zip(self.needs.ids.tolist(), numbers_of(self.case["needs"]["weight"]).tolist(), strict=True))
        if self.scenario.weight_set:
            sets = self.case["weight_sets"]
            own = sets[sets["weight_set"] == self.scenario.weight_set]
            weight |= {id: float(w) for id, w in zip(own["need_id"], own["weight"], strict=True) if id in weight}
        return np.array(list(weight.values()), dtype=float)

    @cached_property
    def effects(self) -> tuple[Ints, Ints, Floats]:
        """Effects above zero, offer by offer: offer, need, need units per capacity unit."""
        return self._effects[:3]

    @cached_property
    def exclusive(self) -> Bools:
        """Effects (in the order of ``effects``) of which a capacity unit has only one at a time."""
        offer, _, _, stated = self._effects
        count = np.bincount(offer[stated], minlength=len(self.offer_ids))
        alternatives: Bools = stated & (count[offer] > 1)
        return alternatives

    @cached_property
    def _effects(self) -> tuple[Ints, Ints, Floats, Bools]:
        """The effects, and which of them the table calls exclusive."""
        table = self.case["effects"]
        offer, need = self.offer_ids.numbers(table["offer_id"]), self.needs.numbers(table["need_id"])
        effect, stated = numbers_of(table["effect"]), table["exclusive"].to_numpy(dtype=bool)
        kept = np.flatnonzero((effect > 0) & (offer >= 0) & (need >= 0))
        kept = kept[np.argsort(offer[kept], kind="stable")]
        return offer[kept], need[kept], effect[kept], stated[kept]

    @cached_property
    def alternating(self) -> Bools:
        """Offers whose capacity serves one of several needs at a time."""
        marked = np.zeros(len(self.offer_ids), dtype=bool)
        marked[self.effects[0][self.exclusive]] = True
        return marked

    @cached_property
    def split_today(self) -> tuple[Ints, Ints, Floats]:
        """Today's use of alternating offers by need: entry of ``reach``, need, capacity units/year.

        Nobody states it; it is counted in proportion to the capacity that the space's demand for each need asks for.
        """
        offer, need, effect = (column[self.exclusive] for column in self.effects)
        entries, needs, units = [], [], []
        for entry in np.flatnonzero(self.alternating[self.reach.offer]).tolist():
            own = np.flatnonzero(offer == self.reach.offer[entry])
            asked = self.demand[self.reach.space[entry], need[own]] / effect[own]
            total = asked.sum()
            part = asked / total if total > 0 else np.full(len(own), 1.0 / len(own))
            entries.append(np.full(len(own), entry))
            needs.append(need[own])
            units.append(self.reach.today[entry] * part)
        if not entries:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
        return np.concatenate(entries), np.concatenate(needs), np.concatenate(units)

    @cached_property
    def price(self) -> Floats:
        """EUR for a doubled unit, need by need: what the dearer half of the cheapest tenth of places costs on average.

        Places are what offers can supply at their largest capacity, those of an effect from 0.5 on first; the tenth is
        that of the demand, or all there are where that is less or nothing is demanded.
        """
        offer, need, effect = self.effects
        unit_price, places = self.offers.unit_cost[offer] / effect, self.offers.most[offer] * effect
        demand = self.demand.sum(axis=0)
        price = np.zeros(len(self.needs))
        for number in np.unique(need).tolist():
            own = np.flatnonzero(need == number)
            own = own[np.lexsort((unit_price[own], effect[own] < 0.5))]
            filled = np.append(0.0, np.cumsum(places[own]))
            paid = np.append(0.0, np.cumsum(places[own] * unit_price[own]))
            last = min(demand[number] / 10, filled[-1]) if demand[number] > 0 else filled[-1]
            half = np.interp([last / 2, last], filled, paid)
            price[number] = (half[1] - half[0]) / (last / 2) if last > 0 else unit_price[own[0]]
        return price

    @cached_property
    def reach(self) -> Reach:
        """Offers and the spaces they may serve; without the table the home space, or all where there is none."""
        table, spaces = self.case["reach"], len(self.spaces)
        if len(table):
            offer, space = self.offer_ids.numbers(table["offer_id"]), self.spaces.numbers(table["space_id"])
            known = (offer >= 0) & (space >= 0)
            columns = {
                "access": numbers_of(table["access"])[known],
                "most": np.fmin(numbers_of(table["max_capacity"]), self.offers.most[offer])[known],
                "today": numbers_of(table["baseline_capacity"])[known],
                "least_share": numbers_of(table["min_use_share"])[known],
                "most_share": numbers_of(table["max_use_share"])[known],
            }
            return Reach(offer[known], space[known], spaces, columns)
        home = self.spaces.numbers(self.case["offers"]["home_space_id"])
        total = self.demand.sum()
        part = self.demand.sum(axis=1) / total if total > 0 else np.full(spaces, 1.0 / max(spaces, 1))
        everywhere = home < 0
        offer = np.repeat(np.arange(len(home)), np.where(everywhere, spaces, 1))
        space = np.concatenate([np.arange(spaces) if one < 0 else [one] for one in home.tolist()] or [[]]).astype(int)
        share = np.where(everywhere[offer], part[space], 1.0)
        ones = np.ones(len(offer))
        columns = {"access": ones, "most": self.offers.most[offer], "today": self.offers.today[offer] * share}
        return Reach(offer, space, spaces, {**columns, "least_share": 0 * ones, "most_share": ones})

    @cached_property
    def served(self) -> Bools:
        """Cells that can have supply at all, spaces x needs."""
        anything = np.full(len(self.reach.key), ANY_NEED)
        cell, rate, _ = self.supplied(self.reach.offer, self.reach.space, self.reach.access, anything)
        marked = np.zeros(self.demand.size, dtype=bool)
        marked[cell[rate > 0]] = True
        return marked.reshape(self.demand.shape)

    def supplied(self, offer: Ints, space: Ints, amount: Floats, serves: Ints) -> tuple[Ints, Floats, Ints]:
        """What ``amount`` of offers in spaces supplies: cell (space * needs + need), need units/year, entry number.

        ``serves``: the need that the amount serves where the offer's capacity serves one at a time; ``ANY_NEED``
        counts all of them.
        """
        effect_offer, need, effect = self.effects
        count = np.bincount(effect_offer, minlength=len(self.offer_ids))
        first = np.cumsum(count) - count
        entry = np.repeat(np.arange(len(offer)), count[offer])
        within = np.arange(len(entry)) - np.repeat(np.cumsum(count[offer]) - count[offer], count[offer])
        place = first[offer[entry]] + within
        counts = ~self.exclusive[place] | (serves[entry] == need[place]) | (serves[entry] == ANY_NEED)
        entry, place = entry[counts], place[counts]
        return space[entry] * len(self.needs) + need[place], amount[entry] * effect[place], entry

    @cached_property
    def payable(self) -> tuple[Bools, Floats]:
        """Which pot may pay for which offer, and the largest share of its cost; pots x offers."""
        pots, offers = self.case["pots"], self.case["offers"]
        allowed = np.ones((len(self.pots), len(self.offer_ids)), dtype=bool)
        of_offer = {column: offers[column].tolist() for column in _LISTS.values()}
        lists = zip(*(pots[column].tolist() for column in _LISTS), strict=True)
        for number, (pooled, cells) in enumerate(zip(pots["pooled"].tolist(), lists, strict=True)):
            lifted = _LIFTED[bool(pooled)] if self.scenario.pooling == "integrated" else ()
            for column, cell in zip(_LISTS, cells, strict=True):
                wanted = split_list(str(cell))
                if wanted and column not in lifted:
                    named = set(wanted)
                    allowed[number] &= np.array([one in named for one in of_offer[_LISTS[column]]], dtype=bool)
        share = np.tile(numbers_of(pots["max_share"])[:, None], (1, len(self.offer_ids)))
        table = self.case["eligibility"]
        columns = (table[name].tolist() for name in ("pot_id", "offer_id", "allowed", "max_share"))
        for pot_id, offer_id, may, most in zip(*columns, strict=True):
            pot, offer = self.pots.number(str(pot_id)), self.offer_ids.number(str(offer_id))
            if pot >= 0 and offer >= 0:
                allowed[pot, offer] = bool(may)
                share[pot, offer] = share[pot, offer] if np.isnan(most) else most
        return allowed, share

    @cached_property
    def cofinancing(self) -> list[tuple[Ints, Ints, Bools, float, Floats]]:
        """Conditions on paying along: pots, others, offers, most EUR per EUR, what the provider adds per EUR."""
        table = self.case["cofinancing"]
        rows = table.to_dict("records") if len(table) else []
        own_rows = {(row["pot_id"], row["offer_id"]) for row in rows if row["offer_id"]}
        found = []
        for row in rows:
            named = [str(row["offer_id"])] if row["offer_id"] else self.offer_ids.ids.tolist()
            mine = [bool(row["offer_id"]) or (row["pot_id"], id) not in own_rows for id in named]
            offers = np.isin(self.offer_ids.ids, [id for id, kept in zip(named, mine, strict=True) if kept])
            pots, others = (
                np.array([self.pots.number(id) for id in split_list(str(row[cell])) if id != "own"], dtype=np.int64)
                for cell in ("pot_id", "per_eur_of")
            )
            if np.isfinite(row["most"]):
                share = numbers_of(self.case["offers"]["own_share"], 0.0)
                own = share / (1.0 - share) if "own" in split_list(str(row["per_eur_of"])) else 0.0 * share
                found.append((pots, others, offers, float(row["most"]), own))
        return found

    @cached_property
    def steps(self) -> list[tuple[int, float, float]]:
        """Steps of cost that can be reached: offer, capacity beyond which it falls due, EUR/year; lowest first."""
        table = self.case["steps"]
        rows = table.sort_values("from_capacity", kind="stable").to_dict("records") if len(table) else []
        found = [
            (self.offer_ids.number(str(r["offer_id"])), float(r["from_capacity"]), float(r["fixed_cost"])) for r in rows
        ]
        return [one for one in found if one[0] >= 0 and one[1] < self.offers.most[one[0]]]

    @cached_property
    def staff(self) -> list[tuple[str, Floats, float]]:
        """Groups of posts in the year planned: id, posts per capacity unit of every offer, posts there are."""
        table = self.case["staff"]
        if table.empty:
            return []
        year = pd.to_numeric(pd.Series([self.case.parameter("plan_year")]), errors="coerce").iloc[0]
        per_unit = numbers_of(self.case["offers"]["posts_per_unit"], 0.0)
        department = self.case["offers"]["department_id"].tolist()
        held: dict[str, dict[Hashable, Any]] = {}
        for row in table.sort_values("year", kind="stable", na_position="first").to_dict("records"):
            if pd.isna(row["year"]) or row["year"] <= year:
                held[str(row["staff_id"])] = row
        groups = []
        for id, row in held.items():
            offers, departments = (split_list(str(row[name])) for name in ("offers", "departments"))
            takes = [
                (not offers or offer in offers) and (not departments or owner in departments)
                for offer, owner in zip(self.offer_ids.ids.tolist(), department, strict=True)
            ]
            groups.append((id, np.where(takes, per_unit, 0.0), float(row["posts"])))
        return groups
