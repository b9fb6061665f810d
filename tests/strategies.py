"""Random small towns for property tests, and a way to read any town given as rows.

Towns are drawn so that today's provision is a feasible plan of every scenario (floors lie below what today covers,
today's payers are eligible and within their pots), unless a test asks for something else.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import strategies as st

from allocate.inputs.case import Case
from allocate.inputs.reading.package import read_tables
from allocate.inputs.scenario.variant import Variant, apply
from allocate.judge.rulebook import Rulebook
from allocate.results.allocation import Allocation
from allocate.session import Session
from allocate.town import build_provision
from allocate.town.build_town import build_town

type Rows = list[dict[str, object]]
type Tables = dict[str, Rows]

STANDARD_SCENARIOS: Rows = [
    {"scenario_id": "Q", "title": "Status quo", "evaluate": "yes"},
    {"scenario_id": "A", "title": "Pillars", "pooling": "silo"},
    {"scenario_id": "B", "title": "Pooled", "pooling": "integrated", "parent_id": "A"},
]


def write_town(folder: Path, tables: Mapping[str, Sequence[Mapping[str, object]]]) -> Path:
    """Write tables given as rows into a folder of CSV files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        if rows:
            pd.DataFrame(list(rows)).to_csv(folder / f"{name}.csv", index=False)
    return folder


def case_of(tables: Mapping[str, Sequence[Mapping[str, object]]], name: str = "town") -> Case:
    """Read tables given as rows, through files; checking, which has tests of its own, would take most of the time."""
    with tempfile.TemporaryDirectory() as folder:
        # Drawn towns are in order by the way they are drawn, and a check of each would double the time of the laws.
        return read_tables(write_town(Path(folder) / name, tables)).case._known(checked=True)


@dataclass(frozen=True)
class Sizes:
    """How many spaces, needs, offers and pots a drawn town may have (inclusive ranges)."""

    spaces: tuple[int, int] = (2, 3)
    needs: tuple[int, int] = (2, 3)
    offers: tuple[int, int] = (3, 6)
    pots: tuple[int, int] = (2, 3)


DEFAULT_SIZES = Sizes()


@st.composite
def town_tables(draw: st.DrawFn, sizes: Sizes = DEFAULT_SIZES) -> Tables:
    """Tables of a random small town (scenarios Q: status quo, A: pillars, B: pooled)."""
    spaces = [f"S{i}" for i in range(draw(st.integers(*sizes.spaces)))]
    needs = [f"N{i}" for i in range(draw(st.integers(*sizes.needs)))]
    pots = [f"P{i}" for i in range(draw(st.integers(*sizes.pots)))]
    departments = [f"D{i}" for i in range(len(pots))]
    offers, effects, reach, funding = [], [], [], []
    supply = {(s, n): 0.0 for s in spaces for n in needs}
    spent = dict.fromkeys(pots, 0.0)
    for i in range(draw(st.integers(*sizes.offers))):
        offer = f"O{i}"
        number = draw(st.integers(0, len(pots) - 1))
        baseline = draw(st.integers(0, 40))
        cost = draw(st.integers(2, 30)) * 50
        offers.append(
            {
                "offer_id": offer,
                "name": f"Offer {i}",
                "provider_id": f"PR{draw(st.integers(0, 2))}",
                "department_id": departments[number],
                "home_space_id": spaces[0],
                "unit_cost": cost,
                "max_capacity": baseline + draw(st.integers(5, 60)),
                "baseline_capacity": baseline,
                "committed_capacity": draw(st.integers(0, baseline // 2)),
                "fixed_cost": round(cost * baseline * 0.3),
                "variable_unit_cost": round(cost * 0.7, 2),
                "min_capacity_if_open": baseline // 4,
            }
        )
        spent[pots[number]] += cost * baseline
        if baseline:
            funding.append({"pot_id": pots[number], "offer_id": offer, "amount": cost * baseline})
        served = draw(st.lists(st.sampled_from(needs), min_size=1, max_size=2, unique=True))
        rates = {n: draw(st.sampled_from([1.0, 1.0, 0.5, 0.2])) for n in served}
        effects += [{"offer_id": offer, "need_id": n, "effect": rate} for n, rate in rates.items()]
        places = draw(st.lists(st.sampled_from(spaces), min_size=1, unique=True))
        used = _split(draw, baseline, len(places))
        for space, use in zip(places, used, strict=True):
            access = draw(st.sampled_from([1.0, 0.8, 0.5]))
            reach.append({"offer_id": offer, "space_id": space, "access": access, "baseline_capacity": use})
            for n, rate in rates.items():
                supply[space, n] += use * rate * access
    demand = [{"space_id": s, "need_id": n, "demand": draw(st.integers(0, 60))} for s in spaces for n in needs]
    return {
        "spaces": [
            {"space_id": s, "name": s, "region_id": f"R{i % 2}", "weight": draw(st.sampled_from([1.0, 1.0, 1.3]))}
            for i, s in enumerate(spaces)
        ],
        "needs": [
            {
                "need_id": n,
                "name": n,
                "unit": "persons",
                "weight": draw(st.integers(1, 10)),
                "wanted_reserve": draw(st.sampled_from([0.0, 0.1])),
            }
            for n in needs
        ],
        "demand": demand,
        "offers": offers,
        "effects": effects,
        "reach": reach,
        "pots": [
            {
                "pot_id": pot,
                "name": pot,
                "amount": spent[pot] + draw(st.integers(0, 10)) * 500 + 100,
                "departments": department,
                "pooled": draw(st.sampled_from(["yes", "yes", "no"])),
            }
            for pot, department in zip(pots, departments, strict=True)
        ],
        "baseline_funding": funding,
        "floors": _reachable_floors(draw, demand, supply),
        "segments": draw(st.sampled_from(_SEGMENTS)),
        "scenarios": STANDARD_SCENARIOS,
    }


_SEGMENTS: list[Rows] = [
    [],
    [
        {"segment": "1", "from": 0, "to": 0.4, "value": 1},
        {"segment": "2", "from": 0.4, "to": 0.7, "value": 0.6},
        {"segment": "3", "from": 0.7, "to": 1, "value": 0.3},
    ],
]


def _split(draw: st.DrawFn, total: int, parts: int) -> list[int]:
    """``total`` in ``parts`` whole numbers."""
    cuts = sorted(draw(st.integers(0, total)) for _ in range(parts - 1))
    return [after - before for before, after in zip([0, *cuts], [*cuts, total], strict=True)]


def _reachable_floors(draw: st.DrawFn, demand: Rows, supply: dict[tuple[str, str], float]) -> Rows:
    floors: Rows = []
    for row in demand:
        amount = float(str(row["demand"]))
        if amount <= 0 or draw(st.integers(0, 3)):
            continue
        covered = min(1.0, supply[str(row["space_id"]), str(row["need_id"])] / amount)
        floors.append(
            {
                "floor_id": f"F{len(floors)}",
                "scope": "space",
                "scope_id": row["space_id"],
                "need_id": row["need_id"],
                "min_coverage": round(covered * draw(st.sampled_from([0.5, 0.9])), 3),
                "kind": draw(st.sampled_from(["statutory", "political", "target"])),
            }
        )
    return floors


@st.composite
def towns(draw: st.DrawFn, sizes: Sizes = DEFAULT_SIZES) -> Case:
    """A random small town, read from its files."""
    return case_of(draw(town_tables(sizes)))


@st.composite
def scenario_towns(draw: st.DrawFn) -> Case:
    """A random town with a divisible, a pooled and an indivisible scenario (``I``)."""
    whole = {"scenario_id": "I", "title": "Whole offers", "indivisible": "yes"}
    return case_of({**draw(town_tables()), "scenarios": [*STANDARD_SCENARIOS, whole]})


def plan_with_offer(case: Case, scenario_id: str, offer_id: str, **cells: float) -> Allocation:
    """The plan of a town in which some cells of one offer are changed, in a session of its own."""
    variant = apply(case, scenario_id)
    offers = variant.case["offers"]
    own = offers["offer_id"] == offer_id
    changed = offers.assign(**{name: offers[name].where(~own, value) for name, value in cells.items()})
    session = Session(case)
    scenario = replace(variant.scenario, scenario_id="changed")
    return session.run(session.add(Variant(variant.case._unchecked(offers=changed), scenario, variant.changes)))


def plan_with_places(case: Case, scenario_id: str, offer_id: str, **capacities: float) -> Allocation:
    """The plan of a town in which some capacities of one offer are changed.

    What a doubled unit costs hangs on largest capacities; here it stays that of the town, so that both plans are
    measured by one ruler.
    """
    price = build_town(apply(case, scenario_id)).needs.price
    with pytest.MonkeyPatch.context() as held:
        held.setattr(build_provision, "prices", lambda *_: price)
        held.setattr(Rulebook, "price", property(lambda _: price))
        return plan_with_offer(case, scenario_id, offer_id, **capacities)
