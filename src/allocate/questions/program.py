"""Program: the mathematics of a scenario with the names of the town, for any solver and library."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from allocate.arguments import methods_checked
from allocate.errors import UsageError
from allocate.model.program import Family, Index, LinearProgram
from allocate.session import Session
from allocate.solve.naming import column_names
from allocate.solve.scaling import Scaled, scale
from allocate.solve.value import value_of, worth_of
from allocate.town.arrays import Floats, Ints


@methods_checked
@dataclass(frozen=True, eq=False, repr=False)
class Program:
    """The program of a scenario, always minimised.

    ``arrays`` holds it column by column; ``columns`` and ``rows`` name every number by its family and the ids of the
    town. The objective of planning is its negative. In euros and persons its coefficients lie below the tolerances of
    most solvers, which then stop short of the optimum; ``scaled`` ones do not: what a solver finds there is turned back
    by ``in_units``.
    """

    session: Session
    scenario_id: str
    arrays: LinearProgram
    factors: Scaled | None = None

    def __repr__(self) -> str:
        size = f"{self.arrays.row_count} rows, {self.arrays.column_count} columns, {len(self.arrays.values)} entries"
        return f"Program({self.scenario_id} of {self.session.case.name}: {size}{', scaled' if self.factors else ''})"

    @cached_property
    def columns(self) -> pd.MultiIndex:
        """Family and ids of every column (docs/model.md has the families)."""
        return _named(self.arrays.columns_index)

    @cached_property
    def rows(self) -> pd.MultiIndex:
        """Family and ids of every row."""
        return _named(self.arrays.rows_index)

    @property
    def duals(self) -> pd.Series:
        """What one unit more in the bound of each row is worth: change of the planning objective, more is better.

        They belong to the certified optimum and are in the units of the town, also where the program is scaled. At
        round budgets they are only one of several answers; ``Session.marginal`` re-solves instead. Raises
        ``UsageError`` where there is no plan (no-feasible-plan) or no duals (divisible-only).

        >>> float(session.program("pooled").duals["pot", "P1"]) >= 0
        True
        """
        if self.arrays.is_mixed_integer:
            raise UsageError("divisible-only", scenario=self.scenario_id)
        if self.session.variant(self.scenario_id).scenario.evaluate:
            raise UsageError("judges-only", scenario=self.scenario_id)
        if not self.session.run(self.scenario_id).has_plan:
            raise UsageError("no-feasible-plan", scenario=self.scenario_id)
        dual = self.session.optimum(self.scenario_id).row_dual
        if dual is None:
            raise UsageError("plan-not-optimal", scenario=self.scenario_id, status="limit")
        return pd.Series(worth_of(dual), self.rows, name="dual")

    def in_units(self, x: Floats) -> pd.Series:
        """What a solver found for this program, in the units of the town, by column."""
        found = self._point(x)
        return pd.Series(self.factors.unscale_x(found) if self.factors else found, self.columns, name="value")

    def objective(self, x: Floats) -> float:
        """The planning objective (more is better) of what a solver found for this program."""
        raw = self.arrays.objective(self._point(x))
        return value_of(raw / self.factors.objective if self.factors else raw)

    def _point(self, x: object) -> Floats:
        """Numbers, one for every column. Raises ``UsageError`` ``point-odd``."""
        try:
            found = np.asarray(x, dtype=np.float64)
        except (TypeError, ValueError):
            found = np.zeros(0)
        if found.shape != (self.arrays.column_count,) or np.isnan(found).any():
            raise UsageError("point-odd", place="x", count=self.arrays.column_count)
        return found

    def to_scipy(self) -> dict[str, Any]:
        """The arguments of ``scipy.optimize.milp``. Raises ``UsageError`` where scipy is not installed.

        >>> from scipy.optimize import milp
        >>> lp = session.program("pooled", scaled=True)
        >>> abs(lp.objective(milp(**lp.to_scipy()).x) - session.run("pooled").objective) < 1e-7
        True
        """
        _needs("scipy")
        optimize, sparse = import_module("scipy.optimize"), import_module("scipy.sparse")
        own = self.arrays
        shape = (own.row_count, own.column_count)
        matrix = sparse.csc_array((own.values, own.rows, own.starts), shape=shape)
        return {
            "c": own.cost,
            "integrality": own.integer.astype(int),
            "bounds": optimize.Bounds(own.lower, own.upper),
            "constraints": optimize.LinearConstraint(matrix, own.row_lower, own.row_upper),
        }

    def to_linopy(self) -> Any:
        """A ``linopy.Model`` with a variable for every family of columns, constraints for every family of rows.

        Raises ``UsageError`` where linopy is not installed.

        >>> lp = session.program("pooled")
        >>> inside = lp.to_linopy().matrices
        >>> bool(abs(abs(inside.A).sum() - abs(lp.arrays.values).sum()) < 1e-6)
        True
        >>> bool((inside.lb == lp.arrays.lower).all() and abs(inside.c - lp.arrays.cost).max() < 1e-15)
        True
        """
        _needs("linopy")
        linopy = import_module("linopy")
        own, model, names = self.arrays, linopy.Model(), column_names(self.arrays)
        labels = np.full(own.column_count, -1, dtype=np.int64)
        for family in own.columns_index.families:
            if len(family):
                part = family.slice
                coords = [pd.Index(names[part], name=family.name)]
                integer = bool(own.integer[part].any())
                added = model.add_variables(
                    own.lower[part], own.upper[part], coords=coords, name=family.name, integer=integer
                )
                labels[part] = added.labels.to_numpy()
        for family in own.rows_index.families:
            if len(family):
                _add_rows(model, own, family, labels)
        every, row = np.arange(own.column_count), np.zeros(own.column_count, dtype=np.int64)
        model.add_objective(_expression(model, "all", 1, labels[every], row, own.cost).sum())
        return model

    def to_lp(self, path: str | Path) -> Path:
        """Write the program as a CPLEX LP file; gives its path. Raises ``UsageError`` where that cannot be done."""
        _through_pulp().write_lp(self.arrays, Path(path))
        return Path(path)

    def to_mps(self, path: str | Path) -> Path:
        """Write the program as a free MPS file; gives its path. Raises ``UsageError`` where that cannot be done."""
        _through_pulp().write_mps(self.arrays, Path(path))
        return Path(path)


def program_of(session: Session, scenario_id: str, *, scaled: bool) -> Program:
    """The program of a scenario, in the units of the town or scaled."""
    own = session.compiled(scenario_id).program
    if not scaled:
        return Program(session, scenario_id, own)
    factors = scale(own)
    return Program(session, scenario_id, factors.program, factors)


def _named(index: Index) -> pd.MultiIndex:
    labels = list(index.labels())
    width = max((len(label) for label in labels), default=1)
    padded = [(*label, *[""] * (width - len(label))) for label in labels]
    return pd.MultiIndex.from_tuples(padded, names=["family", *(f"id_{part}" for part in range(1, width))])


def _through_pulp() -> ModuleType:
    """The gate to PuLP, which is imported only when a file is asked for, because it is slow to load."""
    return import_module("allocate.solve.via_pulp")


def _needs(package: str) -> None:
    if find_spec(package) is None:
        raise UsageError("extra-missing", extra="science")


def _add_rows(model: Any, own: LinearProgram, family: Family, labels: Ints) -> None:
    """The rows of a family as constraints, those with two different bounds twice."""
    inside = (own.rows >= family.start) & (own.rows < family.stop)
    row = own.rows[inside] - family.start
    lhs = _expression(model, family.name, len(family), labels[own.entry_columns[inside]], row, own.values[inside])
    low, high = own.row_lower[family.slice], own.row_upper[family.slice]
    equal = low == high
    for suffix, sign, bound, chosen in (
        ("", "=", low, equal),
        ("_min", ">=", low, np.isfinite(low) & ~equal),
        ("_max", "<=", high, np.isfinite(high) & ~equal),
    ):
        numbers = np.flatnonzero(chosen)
        if len(numbers):
            part = lhs.isel({f"{family.name}_row": numbers})
            model.add_constraints(part, sign, bound[numbers], name=f"{family.name}{suffix}")


def _expression(model: Any, name: str, rows: int, labels: Ints, row: Ints, values: Floats) -> Any:
    """Linear expressions of one family, a row of terms each, padded to the longest."""
    linopy, xarray = import_module("linopy"), import_module("xarray")
    order = np.argsort(row, kind="stable")
    count = np.bincount(row, minlength=rows)
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    place = np.arange(len(row)) - first[row[order]]
    wide = max(int(count.max(initial=0)), 1)
    terms = np.full((rows, wide), -1, dtype=np.int64)
    factors = np.full((rows, wide), np.nan)
    terms[row[order], place] = labels[order]
    factors[row[order], place] = values[order]
    dims = (f"{name}_row", "_term")
    data = {"coeffs": (dims, factors), "vars": (dims, terms)}
    return linopy.LinearExpression(xarray.Dataset(data, coords={dims[0]: np.arange(rows)}), model)
