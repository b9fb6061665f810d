"""A day-care plan over ten years, solved by hand.

100 children need a place from 2026 to 2028, 120 from 2029 to 2031, then 90. The centre K has 60 places, the
container C 30 until the end of June 2028; the new centre N may have 60, eighteen months after the decision of January
2026, which is July 2027. Every place costs 10 EUR a year, setting up all of N 300 EUR once. The town has 1,000 EUR a
year; a grant of 400 EUR for N ends with 2030.

year   K   C   N   children  covered
2026   60  30  0   100       90    N is not open yet
2027   60  30  10  100       100   N may have 30 on the average of the year; 10 are 20 from July on: a third of 300 EUR
2028   60  15  25  100       100   C is there for half a year
2029   60  -   60  120       120   1,200 EUR and the rest of setting up, 175 EUR, of 1,400 EUR
2030   60  -   60  120       120
2031   60  -   40  120       100   without the grant 1,000 EUR pay for 100 places
2032   60  -   30  90        90    and so on to 2035

So the mean coverage is (0.9 + 1 + 1 + 1 + 1 + 100/120 + 4) / 10. Decided three months later, N opens in October 2027
and may have 15 places that year: nothing is lost. Decided six or twelve months later it has none in 2027: ten children.
"""

from __future__ import annotations

from tests.strategies import Tables

MEAN = (0.9 + 1 + 1 + 1 + 1 + 100 / 120 + 4) / 10
COVERED = [90, 100, 100, 120, 120, 100, 90, 90, 90, 90]
DAYCARE: Tables = {
    "spaces": [{"space_id": "S", "name": "S"}],
    "needs": [{"need_id": "U3", "name": "Krippe", "unit": "Plätze"}],
    "demand": [{"space_id": "S", "need_id": "U3", "demand": 100}],
    "demand_years": [
        {"space_id": "S", "need_id": "U3", "year": 2029, "demand": 120},
        {"space_id": "S", "need_id": "U3", "year": 2032, "demand": 90},
    ],
    "offers": [
        {"offer_id": "K", "name": "Kita", "unit_cost": 10, "max_capacity": 60, "baseline_capacity": 60},
        {"offer_id": "C", "name": "Container", "unit_cost": 10, "max_capacity": 30, "baseline_capacity": 30,
         "available_until": "2028-06-30"},
        {"offer_id": "N", "name": "Neubau", "unit_cost": 10, "max_capacity": 60, "lead_months": 18,
         "opening_cost": 300},
    ],
    "effects": [{"offer_id": id, "need_id": "U3", "effect": 1} for id in ("K", "C", "N")],
    "pots": [
        {"pot_id": "P", "name": "Stadt", "amount": 1000, "offers": ""},
        {"pot_id": "G", "name": "Land", "amount": 400, "offers": "N"},
    ],
    "pot_years": [{"pot_id": "G", "year": 2031, "amount": 0}],
    "parameters": [
        {"parameter": "plan_year", "value": 2026}, {"parameter": "equity_weight", "value": 0},
        {"parameter": "movement_weight", "value": 0}, {"parameter": "duplication_weight", "value": 0},
    ],
    "scenarios": [{"scenario_id": "plan", "title": "plan"}],
}  # fmt: skip
# The dear offer A is bound until the end of July 2028; the cheap one, B, covers twice as many children for the money.
BOUND: Tables = {
    **DAYCARE,
    "demand_years": [],
    "offers": [
        {"offer_id": "A", "name": "A", "unit_cost": 20, "max_capacity": 50, "baseline_capacity": 50,
         "committed_capacity": 50, "contract_end": "2028-07-31", "notice_months": 12},
        {"offer_id": "B", "name": "B", "unit_cost": 10, "max_capacity": 100, "baseline_capacity": 0},
    ],
    "effects": [{"offer_id": id, "need_id": "U3", "effect": 1} for id in ("A", "B")],
    "pots": [{"pot_id": "P", "name": "Stadt", "amount": 1000}],
    "pot_years": [],
    "parameters": [{"parameter": "plan_year", "value": 2027}, *DAYCARE["parameters"][1:]],
}  # fmt: skip
