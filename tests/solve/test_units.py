"""A grant list counts capacity in euros: the plan is the one that the same list gives in thousands of euros."""

from __future__ import annotations

import numpy as np
import pytest

from allocate.inputs.case import Case
from allocate.session import Session
from tests.strategies import Rows, Tables, case_of

SCENARIOS: Rows = [
    {"scenario_id": "silo", "title": "As decided", "pooling": "silo"},
    {"scenario_id": "pooled", "title": "Pooled", "pooling": "integrated"},
    {"scenario_id": "capped", "title": "Little moved", "pooling": "integrated", "max_moved": 40_000},
]


def grant_list(seed: int, unit: float) -> Case:
    """Grants from 5,000 to 150 million EUR in a few pots and spaces; a capacity unit is ``unit`` EUR."""
    rng = np.random.default_rng(seed)
    count, spaces, needs, pots = (int(rng.integers(*span)) for span in ((4, 40), (1, 5), (2, 9), (1, 6)))
    amount = np.round(np.exp(rng.uniform(np.log(5e3), np.log(1.5e8), count)))
    amount[:2] = 5e3, 1.5e8
    today = np.where(rng.random(count) < 0.7, amount, 0.0)
    most = np.round(np.where(rng.random(count) < 0.5, amount, amount * rng.uniform(1, 1.3, count)))
    bound = np.where(rng.random(count) < 0.2, today, 0.0)
    pot, need, space = (rng.integers(0, size, count) for size in (pots, needs, spaces))
    paid = np.bincount(pot, today, minlength=pots)
    demand = np.zeros((spaces, needs))
    np.add.at(demand, (space, need), np.round(amount * rng.uniform(0.5, 2, count)))
    tables: Tables = {
        "spaces": [{"space_id": f"S{s}", "name": f"S{s}"} for s in range(spaces)],
        "needs": [{"need_id": f"N{n}", "name": f"N{n}", "unit": "grants"} for n in range(needs)],
        "demand": [
            {"space_id": f"S{s}", "need_id": f"N{n}", "demand": demand[s, n] / unit}
            for s, n in zip(*np.nonzero(demand), strict=True)
        ],
        "offers": [
            {
                "offer_id": f"O{o}",
                "name": f"O{o}",
                "department_id": f"D{pot[o]}",
                "unit_cost": unit,
                "max_capacity": most[o] / unit,
                "baseline_capacity": today[o] / unit,
                "committed_capacity": bound[o] / unit,
            }
            for o in range(count)
        ],
        "effects": [{"offer_id": f"O{o}", "need_id": f"N{need[o]}", "effect": 1} for o in range(count)],
        "reach": [
            {"offer_id": f"O{o}", "space_id": f"S{space[o]}", "access": 1, "baseline_capacity": today[o] / unit}
            for o in range(count)
        ],
        "pots": [
            {"pot_id": f"P{p}", "name": f"P{p}", "amount": np.ceil(paid[p] * rng.choice([1, 1.02])), "pooled": "yes"}
            | {"departments": f"D{p}"}
            for p in range(pots)
        ],
        "baseline_funding": [
            {"pot_id": f"P{pot[o]}", "offer_id": f"O{o}", "amount": today[o]} for o in range(count) if today[o]
        ],
        "scenarios": SCENARIOS,
    }
    return case_of(tables)


@pytest.mark.parametrize("seed", range(6))
def test_list_in_euros_gives_the_plan_of_the_list_in_thousands(seed: int) -> None:
    in_euros, in_thousands = Session(grant_list(seed, 1.0)), Session(grant_list(seed, 1000.0))
    for scenario in in_euros.scenario_ids:
        one, other = in_euros.run(scenario), in_thousands.run(scenario)
        assert one.status == other.status == "optimal"
        assert one.certificate is not None
        assert one.certificate.verified
        assert one.certificate.gap <= 1e-9
        assert one.objective == pytest.approx(other.objective, abs=1e-9)
        for table, figure in (("offers", "cost_eur"), ("pots", "spent_eur")):
            # Cents of a budget of hundreds of millions.
            there = getattr(other, table)[figure].to_numpy()
            assert getattr(one, table)[figure].to_numpy() == pytest.approx(there, rel=1e-9, abs=0.05)
        worth = one.pots["marginal_value"].to_numpy()
        assert worth == pytest.approx(other.pots["marginal_value"].to_numpy(), rel=1e-6, abs=1e-15)
