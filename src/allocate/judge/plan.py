"""The plan as it is shown: its tables, with ids found again in the town's tables, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pandas as pd

from allocate.judge.rulebook import Register, Rulebook, numbers_of
from allocate.judge.verdict import Floats, Ids, Ints, Verdict


class Tables(Protocol):
    """The labelled tables of a plan (columns of the JSON of ``run`` in docs/data.md)."""

    @property
    def offers(self) -> pd.DataFrame:
        """One row per offer."""

    @property
    def pots(self) -> pd.DataFrame:
        """One row per pot."""

    @property
    def funding(self) -> pd.DataFrame:
        """One row per payment."""

    @property
    def delivery(self) -> pd.DataFrame:
        """One row per offer used by a space."""

    @property
    def coverage(self) -> pd.DataFrame:
        """One row per space and need."""

    @property
    def floors(self) -> pd.DataFrame:
        """One row per floor and place."""

    @property
    def split(self) -> pd.DataFrame:
        """One row per offer, space and need that capacity serves one at a time; empty where there is none."""

    @property
    def staff(self) -> pd.DataFrame:
        """One row per group of posts; empty where the town names none."""


_NOTHING_SPLIT = pd.DataFrame(columns=["offer_id", "space_id", "need_id", "capacity"])


@dataclass(frozen=True)
class Waiver:
    """What a question gives up on purpose, so that its plan may break it: everything else is judged.

    ``money``: EUR/year that pots may spend beyond their amount (or must stay below it); ``floors``: floors (id, place)
    that are lifted; ``contracts``: offers whose committed capacity is; ``town_rules``: floors and plurality may be
    missed (departments that plan alone cannot see them).
    """

    money: Mapping[str, float] = field(default_factory=dict)
    floors: frozenset[tuple[str, str]] = frozenset()
    contracts: frozenset[str] = frozenset()
    town_rules: bool = False


NO_WAIVER = Waiver()


@dataclass(frozen=True)
class Shown:
    """What is shown of a plan. ``measures`` by name; ``today``: it is the judged status quo, which may break rules."""

    tables: Tables
    measures: Mapping[str, float]
    objective: float
    today: bool = False
    waiver: Waiver = NO_WAIVER


class Columns:
    """The columns of a plan's tables by the town's numbers. Raises where a row is missing, doubled or unknown."""

    def __init__(self, book: Rulebook, shown: Shown, verdict: Verdict) -> None:
        self._verdict = verdict
        tables = shown.tables
        # Each reading of a table hands out a copy of its own.
        offers, funding, delivery, split = tables.offers, tables.funding, tables.delivery, tables.split
        place = self._one_each("offers", offers["offer_id"], book.offer_ids)
        self.capacity, self.cost, self.cost_today, self.change = (
            self._numbers("offers", offers, name)[place]
            for name in ("capacity", "cost_eur", "baseline_cost_eur", "change_eur")
        )
        pots = _without_unknown(book, shown)
        place = self._one_each("pots", pots["pot_id"], book.pots)
        self.amount, self.spent, self.unspent = (
            self._numbers("pots", pots, name)[place] for name in ("amount_eur", "spent_eur", "unspent_eur")
        )
        self.worth = numbers_of(pots["marginal_value"])[place]
        self.pot = self._known("funding", funding["pot_id"], book.pots)
        self.paid_offer = self._known("funding", funding["offer_id"], book.offer_ids)
        self.paid = self._numbers("funding", funding, "amount_eur")
        self._once("funding", self.pot * len(book.offer_ids) + self.paid_offer, funding, ("pot_id", "offer_id"))
        self.used_offer = self._known("delivery", delivery["offer_id"], book.offer_ids)
        self.used_space = self._known("delivery", delivery["space_id"], book.spaces)
        self.used = self._numbers("delivery", delivery, "capacity")
        self.use_key = self.used_offer * len(book.spaces) + self.used_space
        self._once("delivery", self.use_key, delivery, ("offer_id", "space_id"))
        split = split if len(split) else _NOTHING_SPLIT
        self.part_offer = self._known("split", split["offer_id"], book.offer_ids)
        self.part_space = self._known("split", split["space_id"], book.spaces)
        self.part_need = self._known("split", split["need_id"], book.needs)
        self.part = self._numbers("split", split, "capacity")
        self.part_key = self.part_offer * len(book.spaces) + self.part_space
        whole_key = self.part_key * len(book.needs) + self.part_need
        self._once("split", whole_key, split, ("offer_id", "space_id", "need_id"))

    def _one_each(self, table: str, column: pd.Series, register: Register) -> Ints:
        """The row of every id of the town; each must have exactly one."""
        found = self._known(table, column, register)
        count = np.bincount(found, minlength=len(register))
        self._verdict.none("judged-rows", count != 1, (register.ids,), table=table)
        return np.argsort(found, kind="stable")

    def _known(self, table: str, column: pd.Series, register: Register) -> Ints:
        numbers = register.numbers(column)
        # Nearly every plan passes: what a sentence would name is gathered only where one is needed.
        if (numbers < 0).any():
            self._verdict.none("judged-rows", numbers < 0, (column.to_numpy(dtype=object),), table=table)
        return numbers

    def _once(self, table: str, key: Ints, rows: pd.DataFrame, columns: tuple[str, ...]) -> None:
        order = np.argsort(key, kind="stable")
        twice = np.zeros(len(key), dtype=bool)
        twice[order[1:]] = key[order[1:]] == key[order[:-1]]
        if twice.any():
            ids: list[Ids] = [rows[name].to_numpy(dtype=object) for name in columns]
            self._verdict.none("judged-rows", twice, ids, table=table)

    def _numbers(self, table: str, rows: pd.DataFrame, column: str) -> Floats:
        """A column of finite numbers; only a change and what is left of a pot may be negative."""
        values = numbers_of(rows[column])
        signed = column in ("change_eur", "unspent_eur")
        wrong = ~np.isfinite(values) | (~np.isfinite(values) if signed else values < 0)
        if wrong.any():
            first = rows.iloc[:, 0].to_numpy(dtype=object)
            self._verdict.none("judged-number", wrong, (first,), table=table, column=column)
        return values


def _without_unknown(book: Rulebook, shown: Shown) -> pd.DataFrame:
    """The pots; where nobody has said who pays today, they may say nothing of what is spent instead of a sum."""
    pots = shown.tables.pots
    unknown = shown.today and book.case["baseline_funding"].empty and bool(pots["spent_eur"].isna().all())
    return pots.assign(spent_eur=0.0, unspent_eur=pots["amount_eur"]) if unknown else pots
