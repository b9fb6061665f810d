"""The ledger of a plan: what costs money and is used by nobody stands in no place and serves no need."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from allocate.results.ledger import _without_use


def test_what_nobody_uses_costs_money_nowhere() -> None:
    """A is paid and has no places, B has some, C costs nothing."""
    town = SimpleNamespace(offers=SimpleNamespace(ids=np.array(["A", "B", "C"], dtype=object)))
    found = _without_use(town, np.array([5.0, 7.0, 0.0]), np.array([0.0, 1.0, 0.0]))  # type: ignore[arg-type]
    (row,) = found.to_dict("records")
    assert (row["offer_id"], row["space_id"], row["need_id"], row["cost_eur"]) == ("A", "", "", 5.0)
    assert row["supply"] == row["covered"] == row["duplication"] == 0.0
