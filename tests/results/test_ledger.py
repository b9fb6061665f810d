"""The ledger of a plan: what costs money and is used by nobody stands in no place and serves no need."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from allocate.results.ledger import _part_of_pair, _without_use


def test_what_nobody_uses_costs_money_nowhere() -> None:
    """A is paid and has no places, B has some, C costs nothing."""
    town = SimpleNamespace(offers=SimpleNamespace(ids=np.array(["A", "B", "C"], dtype=object)))
    found = _without_use(town, np.array([5.0, 7.0, 0.0]), np.array([0.0, 1.0, 0.0]))  # type: ignore[arg-type]
    (row,) = found.to_dict("records")
    assert (row["offer_id"], row["space_id"], row["need_id"], row["cost_eur"]) == ("A", "", "", 5.0)
    assert row["supply"] == row["covered"] == row["duplication"] == 0.0


def test_what_one_unit_costs_is_parted_by_the_worth_of_what_it_supplies() -> None:
    """Nothing that the first pair supplies has a price: 3 of its 4 units; the second one's are worth 20 and 60 EUR."""
    town = SimpleNamespace(pairs=SimpleNamespace(offer=np.zeros(2)))
    pair, supply, price = np.array([0, 0, 1, 1]), np.array([3.0, 1.0, 2.0, 2.0]), np.array([0.0, 0.0, 10.0, 30.0])
    found = _part_of_pair(town, pair, supply, price)  # type: ignore[arg-type]
    assert found.tolist() == [0.75, 0.25, 0.25, 0.75]
