"""Invented: towns of a Land that does not exist, the same for the same seed, to try things out and to measure.

All towns know the same needs; they differ in size, in deprivation and in what has grown. Today's provision keeps all
rules. One or two pots are the Land's: what a town gets of them has grown too, and follows its need only in part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.random import Generator

from allocate.inputs.case import Case
from allocate.plain import Record

NAME = "musterland"
POTS = ("LAND1", "LAND2")
# Need, English name, department, share of inhabitants, weight, least coverage (share of what is covered today).
_NEEDS = (
    ("N1", "Kinderbetreuung am Rand des Tages", "Day care at the margins of the day", "JUG", 0.020, 12, 0.8),
    ("N2", "Hilfen zur Erziehung", "Support for parents", "JUG", 0.012, 14, 0.9),
    ("N3", "Offene Jugendarbeit", "Open youth work", "JUG", 0.030, 8, 0.0),
    ("N4", "Schuldnerberatung", "Debt advice", "SOZ", 0.010, 9, 0.0),
    ("N5", "Wohnungslosenhilfe", "Help for homeless people", "SOZ", 0.004, 13, 0.8),
    ("N6", "Teilhabe im Alter", "Participation of older people", "SOZ", 0.035, 7, 0.0),
    ("N7", "Suchtberatung", "Addiction advice", "GES", 0.008, 10, 0.0),
    ("N8", "Frühe Hilfen", "Early support for families", "GES", 0.006, 11, 0.0),
)
_DEPARTMENTS = ("JUG", "SOZ", "GES")
# What one unit costs, in EUR a year, between these.
_COSTS = (400, 2400)


@dataclass(frozen=True, eq=False)
class InventedTown:
    """The tables of a town by name, as ``Case.from_frames`` takes them."""

    name: str
    tables: dict[str, pd.DataFrame]

    @property
    def town_name(self) -> str:
        """What the town is called."""
        return f"Musterstadt {self.name[1:]}"

    def case(self) -> Case:
        """The town as a checked case."""
        return Case.from_frames(self.name, **self.tables)


def invented_towns(count: int, seed: int = 1, pots: int = 1) -> list[InventedTown]:
    """So many towns, ``T001`` and on, with so many pots of the Land (1 or 2)."""
    width = max(3, len(str(count)))
    return [_town(f"T{at + 1:0{width}d}", np.random.default_rng([seed, at]), POTS[:pots]) for at in range(count)]


def _town(name: str, rng: Generator, land: tuple[str, ...]) -> InventedTown:
    people = float(np.clip(rng.lognormal(9.3, 0.8), 2500, 120_000).round())
    spaces = _spaces(rng, people)
    demand = _demand(rng, spaces)
    offers, effects, reach = _offers(rng, spaces, demand)
    pots, funding = _money(rng, offers, land, people)
    return InventedTown(
        name,
        {
            "spaces": spaces.drop(columns="deprived"),
            "needs": _needs(),
            "demand": demand,
            "offers": offers.drop(columns="need_id"),
            "effects": effects,
            "reach": reach,
            "pots": pots,
            "baseline_funding": funding,
            "floors": _floors(demand, offers, effects, reach),
            "parameters": pd.DataFrame({"parameter": ["town_name"], "value": [f"Musterstadt {name[1:]}"]}),
        },
    )


def _spaces(rng: Generator, people: float) -> pd.DataFrame:
    count = int(np.clip(round(people / 5000), 2, 12))
    share = rng.dirichlet(np.full(count, 6.0))
    deprived = np.clip(rng.normal(1.0, 0.25, count) * rng.normal(1.0, 0.15), 0.5, 1.8)
    ids = [f"S{at + 1:02d}" for at in range(count)]
    return pd.DataFrame(
        {
            "space_id": ids,
            "name": [f"Sozialraum {at + 1}" for at in range(count)],
            "population": np.maximum(200, (share * people).round()),
            "deprived": deprived,
        }
    )


def _needs() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "need_id": [need[0] for need in _NEEDS],
            "name": [need[1] for need in _NEEDS],
            "name_en": [need[2] for need in _NEEDS],
            "unit": "Personen/Jahr",
            "weight": [float(need[5]) for need in _NEEDS],
        }
    )


def _demand(rng: Generator, spaces: pd.DataFrame) -> pd.DataFrame:
    rate = np.array([need[4] for need in _NEEDS]) * rng.lognormal(0, 0.2, len(_NEEDS))
    people = (spaces["population"] * spaces["deprived"]).to_numpy()[:, None]
    amount = np.maximum(1, (people * rate * rng.lognormal(0, 0.2, (len(spaces), len(_NEEDS)))).round())
    return pd.DataFrame(
        {
            "space_id": np.repeat(spaces["space_id"].to_numpy(), len(_NEEDS)),
            "need_id": np.tile([need[0] for need in _NEEDS], len(spaces)),
            "demand": amount.ravel(),
        }
    )


def _offers(
    rng: Generator, spaces: pd.DataFrame, demand: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Two or three offers a need, each for some spaces; today they reach between a fifth and two thirds of it."""
    ids = spaces["space_id"].to_numpy()
    offers, effects, reach = [], [], []
    for number, (need, german, _, department, *_rest) in enumerate(_NEEDS):
        level = rng.uniform(0.2, 0.65)
        for part in range(int(rng.integers(2, 4))):
            offer = f"O{number + 1}{'abc'[part]}"
            chosen = np.sort(rng.choice(len(ids), max(1, round(len(ids) * rng.uniform(0.4, 1.0))), replace=False))
            needed = demand[demand["need_id"] == need].set_index("space_id")["demand"].loc[ids[chosen]].to_numpy()
            use = np.floor(needed * level * rng.uniform(0.2, 0.9, len(chosen)))
            capacity = float(use.sum())
            offers.append(
                {
                    "offer_id": offer,
                    "name": f"{german} {'ABC'[part]}",
                    "provider_id": f"PR{int(rng.integers(1, 6))}",
                    "department_id": department,
                    "home_space_id": ids[chosen[0]],
                    "unit_cost": float(rng.integers(_COSTS[0] // 20, _COSTS[1] // 20) * 20),
                    "max_capacity": float(np.ceil(max(5.0, capacity * rng.uniform(1.3, 2.5)))),
                    "baseline_capacity": capacity,
                    "committed_capacity": float(np.floor(capacity * rng.choice([0.0, 0.3, 0.6]))),
                    "need_id": need,
                }
            )
            effects.append({"offer_id": offer, "need_id": need, "effect": 1.0})
            if rng.random() < 0.4:
                other = _NEEDS[int(rng.integers(len(_NEEDS)))][0]
                if other != need:
                    effects.append({"offer_id": offer, "need_id": other, "effect": round(rng.uniform(0.1, 0.4), 2)})
            reach += [
                {
                    "offer_id": offer,
                    "space_id": ids[at],
                    "access": round(rng.uniform(0.7, 1.0), 2),
                    "baseline_capacity": own,
                }
                for at, own in zip(chosen, use, strict=True)
            ]
    return pd.DataFrame(offers), pd.DataFrame(effects), pd.DataFrame(reach)


def _money(
    rng: Generator, offers: pd.DataFrame, land: tuple[str, ...], people: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A pot for every department, and the Land's: for any offer, or for two departments, up to half of an offer."""
    cost = (offers["unit_cost"] * offers["baseline_capacity"]).to_numpy()
    rest = cost.copy()
    rows, funding = [], []
    lists = {"LAND1": "", "LAND2": "JUG;GES"}
    for pot in land:
        fits = offers["department_id"].isin(lists[pot].split(";") if lists[pot] else _DEPARTMENTS).to_numpy()
        given = np.where(fits & (rng.random(len(offers)) < 0.5), np.floor(0.4 * rest * rng.uniform(0.2, 1.0)), 0.0)
        rest -= given
        amount = float(np.ceil(max(given.sum(), people * rng.uniform(2.0, 9.0)) / 100) * 100)
        rows.append({"pot_id": pot, "amount": amount, "departments": lists[pot], "funder": "Land", "max_share": 0.5})
        funding += _paid(pot, offers, given)
    for department in _DEPARTMENTS:
        own = np.where(offers["department_id"] == department, rest, 0.0)
        amount = float(np.ceil(max(1000.0, own.sum() * 1.01) / 100) * 100)
        rows.append(
            {"pot_id": department, "amount": amount, "departments": department, "funder": "Stadt", "max_share": 1.0}
        )
        funding += _paid(department, offers, own)
    names = {"LAND1": "Landesprogramm Soziale Stadt", "LAND2": "Landesprogramm Aufwachsen"}
    table = pd.DataFrame(rows)
    table["name"] = [names.get(pot, f"Haushalt {pot}") for pot in table["pot_id"]]
    table["pooled"] = [pot not in land for pot in table["pot_id"]]
    return table, pd.DataFrame(funding, columns=["pot_id", "offer_id", "amount"])


def _paid(pot: str, offers: pd.DataFrame, amounts: np.ndarray) -> list[Record]:
    return [
        {"pot_id": pot, "offer_id": id, "amount": float(amount)}
        for id, amount in zip(offers["offer_id"], amounts, strict=True)
        if amount > 0
    ]


def _floors(demand: pd.DataFrame, offers: pd.DataFrame, effects: pd.DataFrame, reach: pd.DataFrame) -> pd.DataFrame:
    """What the town as a whole must cover of some needs: a little less than today."""
    own = reach.merge(offers[["offer_id", "need_id"]], on="offer_id").merge(effects, on=["offer_id", "need_id"])
    supply = (own["baseline_capacity"] * own["access"] * own["effect"]).groupby([own["space_id"], own["need_id"]]).sum()
    cells = demand.set_index(["space_id", "need_id"])["demand"]
    covered = supply.reindex(cells.index, fill_value=0.0).clip(upper=cells)
    share = (covered.groupby("need_id").sum() / cells.groupby("need_id").sum()).to_dict()
    rows = [
        {
            "floor_id": f"F{need[0]}",
            "scope": "all",
            "scope_id": "*",
            "need_id": need[0],
            "min_coverage": float(np.floor(share[need[0]] * need[6] * 100) / 100),
            "kind": "statutory",
        }
        for need in _NEEDS
        if need[6] > 0
    ]
    return pd.DataFrame(rows)
