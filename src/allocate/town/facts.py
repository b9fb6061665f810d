"""What the tables say of every offer, need, space, pot and floor: the one home of a fact that the program needs not.

The numbers that a program is made of stand in ``as_arrays``. Every fact here is an array in the order of its table,
which is that of the town's arrays, made when it is first asked and shared by all cases that have the same column.
A text that nobody stated is blank, a number NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from allocate.inputs.case import Case
from allocate.inputs.columns import ids, marks, numbers
from allocate.town.arrays import Bools, Floats, Ids
from allocate.town.build_provision import codes_of, offers_of


class _Column[Array]:
    """A fact: a column of the table, read when it is asked."""

    def __init__(self, read: Callable[[Case, str, str], Array], name: str) -> None:
        self.read, self.name = read, name

    def __get__(self, facts: Facts, kind: type | None = None) -> Array:
        return self.read(facts.case, facts.table, self.name)


_text, _number = partial(_Column, ids), partial(_Column, numbers)


class Facts:
    """The things of one table; ``key`` is the column of their ids."""

    table = key = ""

    def __init__(self, case: Case) -> None:
        self.case = case

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def ids(self) -> Ids:
        """The ids in the order of the table."""
        return ids(self.case, self.table, self.key)

    @property
    def name(self) -> Ids:
        """What the town itself calls them."""
        return ids(self.case, self.table, "name")

    def of[Fact: (Ids, Floats)](self, fact: Fact, named: Ids | pd.Series | pd.Index) -> Fact:
        """A fact of the things that some ids name, in the order of the ids; blank for an id that names none."""
        found: Fact = np.append(fact, "" if fact.dtype == object else np.nan)[codes_of(self.ids, named)]
        return found

    def beside(self, table: pd.DataFrame, *facts: str) -> pd.DataFrame:
        """A table that names the things in its column ``key``, with some facts of each in columns of their names."""
        return table.assign(**{name: self.of(getattr(self, name), table[self.key]) for name in facts})

    def text_of(self, fact: Ids, id: str) -> str:
        """A fact of one thing. Raises ``IndexError`` for an id that is not in the table."""
        return str(fact[self.ids == id][0])

    def by_id(self, fact: Ids | Floats | Bools) -> dict[str, Any]:
        """A fact by id."""
        return dict(zip(self.ids.tolist(), fact.tolist(), strict=True))


class OfferFacts(Facts):
    """Offers. ``provider`` is blank where nobody is named (the arrays of a town name the offer itself there)."""

    table, key = "offers", "offer_id"
    provider = _text("provider_id")
    department = _text("department_id")
    home = _text("home_space_id")
    duty = _text("duty")
    instrument = _text("instrument")  # how it is paid: grant, contract, own staff
    contract_end = _text("contract_end")  # ISO date
    notice_months = _number("notice_months")
    lead_months = _number("lead_months")  # from a decision until the offer may run or grow
    opening_cost = _number("opening_cost")  # EUR once
    closing_cost = _number("closing_cost")  # EUR once
    fixed_cost = _number("fixed_cost")  # EUR/year
    variable_unit_cost = _number("variable_unit_cost")  # EUR per capacity unit and year

    @property
    def committed_until(self) -> Ids:
        """The last year with a stated commitment, else the end of the contract; blank where nothing is committed."""
        held = numbers(self.case, "commitments", "min_capacity") > 0
        years = pd.Series(numbers(self.case, "commitments", "year")[held])
        last = years.groupby(ids(self.case, "commitments", "offer_id")[held]).max().reindex(self.ids)
        contract = np.where(offers_of(self.case).committed > 0, self.contract_end, "")
        return np.where(last.notna(), last.map("{:.0f}".format), contract)


class NeedFacts(Facts):
    """Needs. ``weight`` is that of the table; a scenario may name a set of others (``need_weights``)."""

    table, key = "needs", "need_id"
    name_en = _text("name_en")
    unit = _text("unit")
    target_group = _text("target_group")
    duty = _text("duty")
    weight = _number("weight")
    life_situation = _text("life_situation")
    participants = _number("participants")  # persons that one covered unit stands for


class SpaceFacts(Facts):
    """Spaces, of which a town may say more in columns of its own (an index of need)."""

    table, key = "spaces", "space_id"
    region = _text("region_id")
    population = _number("population")  # persons

    @property
    def figures(self) -> dict[str, Floats]:
        """All columns of numbers, whatever they count."""
        found = {str(name): one for name, one in self.case[self.table].items() if pd.api.types.is_numeric_dtype(one)}
        return {name: one.to_numpy(dtype=float) for name, one in found.items()}


class PotFacts(Facts):
    """Pots. ``amount`` is all that a pot holds; what of it may be spent on offers is ``Town.pot_amount``."""

    table, key = "pots", "pot_id"
    amount = _number("amount")  # EUR/year
    departments = _text("departments")  # a list of ids
    product = _text("budget_product")
    carry_over = _text("carry_over")  # in words (``allocate.inputs.carry_over``)
    pooled = _Column(marks, "pooled")


class FloorFacts(Facts):
    """Rows of floors, each of which may hold in several places (``allocate.town.places.Floors``)."""

    table, key = "floors", "floor_id"
    need = _text("need_id")
    kind = _text("kind")  # statutory, political or target
    basis = _text("basis")


def payments_today(case: Case) -> pd.DataFrame:
    """Who pays what today: ``pot_id``, ``offer_id``, ``amount_eur`` (EUR/year)."""
    pot, offer, amount = (case["baseline_funding"][name] for name in ("pot_id", "offer_id", "amount"))
    return pd.DataFrame({"pot_id": pot.to_numpy(), "offer_id": offer.to_numpy(), "amount_eur": amount.to_numpy()})


def payers_stated(case: Case) -> bool:
    """Whether anybody says of any offer which pots pay for it today."""
    return len(ids(case, "baseline_funding", "pot_id")) > 0
