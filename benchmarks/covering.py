"""Maximal covering: which sites reach most people, as a town of whole offers and as the textbook writes it.

A site serves every area within its radius fully, so its offer opens whole or not at all and each area uses a fixed
share of it. The textbook needs one column a site and one an area; we are given the same question as a case.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import highspy
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from allocate.checking.opening import read_case
from allocate.inputs.case import Case
from allocate.model.program import column_order
from allocate.session import Session

SITE_COST = 1000.0


@dataclass(frozen=True)
class Covering:
    """People per area, which site reaches which area (pairs), and how many sites may open."""

    people: NDArray[np.float64]
    site: NDArray[np.int64]
    area: NDArray[np.int64]
    sites: int
    most: int

    @staticmethod
    def invented(sites: int, pairs: int, most: int, seed: int = 1) -> Covering:
        """Sites and as many areas at random in a square; each site reaches its nearest areas, ``pairs`` in all."""
        rng = np.random.default_rng(seed)
        places, centres = rng.random((sites, 2)), rng.random((sites, 2))
        distance = np.hypot(*(places[:, None, :] - centres[None, :, :]).transpose(2, 0, 1))
        radius = np.partition(distance.ravel(), pairs - 1)[pairs - 1]
        site, area = np.nonzero(distance <= radius)
        people = rng.integers(50, 3000, sites).astype(float)
        return Covering(people, site.astype(np.int64), area.astype(np.int64), sites, most)

    def case(self, folder: Path) -> Case:
        """The same question as a town, read from files like any other."""
        capacity = np.bincount(self.site, self.people[self.area], minlength=self.sites)
        offer = np.array([f"O{n}" for n in range(self.sites)], dtype=object)
        space = np.array([f"S{n}" for n in range(len(self.people))], dtype=object)
        used = np.flatnonzero(capacity > 0)
        share = self.people[self.area] / capacity[self.site]
        tables = {
            "spaces": {"space_id": space, "name": space},
            "needs": {"need_id": ["people"], "name": ["People reached"], "unit": ["persons"]},
            "demand": {"space_id": space, "need_id": "people", "demand": self.people},
            "offers": {
                "offer_id": offer[used],
                "name": offer[used],
                "unit_cost": SITE_COST / capacity[used],
                "max_capacity": capacity[used],
                "fixed_cost": SITE_COST,
                "variable_unit_cost": 0,
                "min_capacity_if_open": capacity[used],
            },
            "effects": {"offer_id": offer[used], "need_id": "people", "effect": 1},
            "reach": {
                "offer_id": offer[self.site],
                "space_id": space[self.area],
                "access": 1,
                "min_use_share": share,
                "max_use_share": share,
            },
            "pots": {"pot_id": ["sites"], "name": ["Money for sites"], "amount": [SITE_COST * self.most]},
            "parameters": {
                "parameter": ["equity_weight", "duplication_weight", "movement_weight"],
                "value": ["0", "0", "0"],
            },
            "scenarios": {"scenario_id": ["whole"], "title": ["Whole sites"], "indivisible": ["yes"]},
        }
        folder.mkdir(parents=True, exist_ok=True)
        for name, columns in tables.items():
            pd.DataFrame(columns).to_csv(folder / f"{name}.csv", index=False)
        return read_case(folder)

    def read(self) -> Case:
        """The town as it stands in memory, checked, when the others have their arrays."""
        with tempfile.TemporaryDirectory() as folder:
            return self.case(Path(folder))

    def as_town(self, case: Case) -> float:
        """People reached by the certified plan of our own program, proven to a millionth."""
        return float(Session(case).run("whole").coverage["covered"].sum())

    def save(self, path: Path) -> None:
        """The arrays in a file, for who does not share our packages."""
        np.savez(path, people=self.people, site=self.site, area=self.area, sites=self.sites, most=self.most)

    def textbook(self, seconds: float = 600) -> float:
        """People reached by the usual model on HiGHS with default options.

        max sum p[a] y[a];  y[a] <= sum of x over the sites that reach a;  sum x <= most;  x 0 or 1, 0 <= y <= 1
        """
        sites, areas = self.sites, len(self.people)
        rows = np.concatenate([self.area, np.arange(areas), np.full(sites, areas)])
        columns = np.concatenate([self.site, sites + np.arange(areas), np.arange(sites)])
        values = np.concatenate([np.ones(len(self.site)), -np.ones(areas), np.ones(sites)])
        starts, rows, values = column_order(columns, rows, values, sites + areas)
        solver = highspy.Highs()
        for name, value in (("output_flag", False), ("threads", 1), ("time_limit", seconds)):
            solver.setOptionValue(name, value)
        solver.passModel(
            sites + areas,
            areas + 1,
            len(values),
            int(highspy.MatrixFormat.kColwise),
            int(highspy.ObjSense.kMinimize),
            0.0,
            np.concatenate([np.zeros(sites), -self.people]),
            np.zeros(sites + areas),
            np.ones(sites + areas),
            np.append(np.zeros(areas), -np.inf),
            np.append(np.full(areas, np.inf), float(self.most)),
            starts[:-1].astype(np.int32),
            rows.astype(np.int32),
            values,
            np.repeat(np.array([1, 0], dtype=np.int32), [sites, areas]),
        )
        solver.run()
        return -float(solver.getInfo().objective_function_value)
