"""What is said of every offer, need, space, pot and floor: the one home of what is looked up and told.

What a program is made of stands in ``as_arrays``. A fact is an array in the order of its table, which is that of the
town's arrays; it is made when it is asked, and shared by all cases with the same column. What nobody stated is as the
dictionary says, blank or NaN in most columns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from allocate.inputs.case import Case
from allocate.inputs.columns import ids, marks, numbers
from allocate.town.arrays import Bools, Floats, Ids
from allocate.town.build_provision import codes_of, offers_of


class _Column[Array]:
    """A fact: the column of the table that is called so, read when it is asked."""

    def __init__(self, read: Callable[[Case, str, str], Array]) -> None:
        self.read = read

    def __set_name__(self, facts: type[Facts], name: str) -> None:
        self.name = name

    def __get__(self, facts: Facts, kind: type | None = None) -> Array:
        return self.read(facts.case, facts.table, self.name)


class Facts:
    """The things of one table; ``key`` is the column of their ids."""

    table = key = ""
    name = _Column(ids)  # what the town itself calls them

    def __init__(self, case: Case) -> None:
        self.case = case

    @property
    def ids(self) -> Ids:
        """The ids in the order of the table."""
        return ids(self.case, self.table, self.key)

    def of[Fact: (Ids, Floats)](self, fact: Fact, named: Ids | pd.Series | pd.Index) -> Fact:
        """A fact of the things that some ids name, in the order of the ids; blank for an id that names none."""
        found: Fact = np.append(fact, "" if fact.dtype == object else np.nan)[codes_of(self.ids, named)]
        return found

    def beside(self, table: pd.DataFrame, *facts: str) -> pd.DataFrame:
        """A table that names the things in its column ``key``, with some facts of each."""
        return table.assign(**{name: self.of(getattr(self, name), table[self.key]) for name in facts})

    def by_id(self, fact: Ids | Floats | Bools) -> dict[str, Any]:
        """A fact by id."""
        return dict(zip(self.ids.tolist(), fact.tolist(), strict=True))


class OfferFacts(Facts):
    """Offers, with what nobody stated left open, where the town's arrays have what the program reckons with.

    There an offer without a provider is its own, a fixed cost 0, and a variable cost the unit cost.
    """

    table, key = "offers", "offer_id"
    provider_id = _Column(ids)
    department_id = _Column(ids)
    home_space_id = _Column(ids)
    duty = _Column(ids)
    instrument = _Column(ids)  # grant, agreement, contract or own
    contract_end = _Column(ids)  # ISO date
    notice_months = _Column(numbers)
    lead_months = _Column(numbers)  # from a decision until the offer may run or grow
    opening_cost = _Column(numbers)  # EUR once
    closing_cost = _Column(numbers)  # EUR once
    fixed_cost = _Column(numbers)  # EUR/year
    variable_unit_cost = _Column(numbers)  # EUR per capacity unit and year

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
    name_en = _Column(ids)
    unit = _Column(ids)
    target_group = _Column(ids)
    duty = _Column(ids)
    weight = _Column(numbers)
    life_situation = _Column(ids)
    participants = _Column(numbers)  # persons that one covered unit stands for


class SpaceFacts(Facts):
    """Spaces, of which a town may say more in columns of its own (an index of need)."""

    table, key = "spaces", "space_id"
    region_id = _Column(ids)
    weight = _Column(numbers)  # how often a person counts
    population = _Column(numbers)  # persons

    @property
    def figures(self) -> dict[str, Floats]:
        """All columns of numbers, whatever they count."""
        table = self.case[self.table].select_dtypes(["number", "bool"])
        return {str(name): one.to_numpy(dtype=float) for name, one in table.items()}


class PotFacts(Facts):
    """Pots. ``amount`` is all that a pot holds; what of it may be spent on offers is ``Town.pot_amount``."""

    table, key = "pots", "pot_id"
    amount = _Column(numbers)  # EUR/year
    departments = _Column(ids)  # a list of ids
    budget_product = _Column(ids)
    carry_over = _Column(ids)  # in words (``allocate.inputs.carry_over``)
    pooled = _Column(marks)


class FloorFacts(Facts):
    """Rows of floors, each of which may hold in several places (``allocate.town.places.Floors``)."""

    table, key = "floors", "floor_id"
    need_id = _Column(ids)
    kind = _Column(ids)  # statutory, political or target
    basis = _Column(ids)


def payments_today(case: Case) -> pd.DataFrame:
    """Who pays what today: ``pot_id``, ``offer_id``, ``amount_eur`` (EUR/year)."""
    pot, offer, amount = (case["baseline_funding"][name] for name in ("pot_id", "offer_id", "amount"))
    return pd.DataFrame({"pot_id": pot.to_numpy(), "offer_id": offer.to_numpy(), "amount_eur": amount.to_numpy()})


def payers_stated(case: Case) -> bool:
    """Whether anybody says of any offer which pots pay for it today."""
    return len(ids(case, "baseline_funding", "pot_id")) > 0
