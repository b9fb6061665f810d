"""The smallest town two groups can disagree about."""

from __future__ import annotations

from allocate.inputs.case import Case
from tests.strategies import case_of


def two_needs(**parameters: float) -> Case:
    """One space, two needs (demand 10 and 20), 1,000 EUR, two offers at 100 EUR a place: 10 places in all."""
    offers = [
        {"offer_id": o, "name": o, "unit_cost": 100, "max_capacity": 20, "home_space_id": "S", "department_id": "D"}
        for o in ("A", "B")
    ]
    return case_of(
        {
            "spaces": [{"space_id": "S", "name": "S"}],
            "needs": [{"need_id": n, "name": n, "unit": "persons", "weight": 1} for n in ("N1", "N2")],
            "demand": [{"space_id": "S", "need_id": n, "demand": d} for n, d in (("N1", 10), ("N2", 20))],
            "offers": offers,
            "effects": [{"offer_id": o, "need_id": n, "effect": 1} for o, n in (("A", "N1"), ("B", "N2"))],
            "pots": [{"pot_id": "P", "name": "P", "amount": 1000}],
            "parameters": [{"parameter": name, "value": value} for name, value in parameters.items()],
            "scenarios": [{"scenario_id": "X", "title": "X"}, {"scenario_id": "Q", "title": "Q", "evaluate": "yes"}],
        }
    )
