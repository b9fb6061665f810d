"""Small linear programs written by hand, as dense rows, for the tests of the solvers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from allocate.model.program import Family, Index, LinearProgram, column_order

INF = float("inf")


def program(
    cost: Sequence[float],
    upper: Sequence[float],
    rows: Sequence[tuple[float, Sequence[float], float]] = (),
    *,
    lower: Sequence[float] | None = None,
    integer: Sequence[int] = (),
    offset: float = 0.0,
    column_keys: Sequence[str] | None = None,
    row_keys: Sequence[str] | None = None,
) -> LinearProgram:
    """minimise cost @ x + offset, with ``low <= coefficients @ x <= high`` for every row of ``rows``."""
    count = len(cost)
    dense = np.array([coefficients for _, coefficients, _ in rows], dtype=float).reshape(len(rows), count)
    row, column = np.nonzero(dense)
    starts, ordered, values = column_order(column, row, dense[row, column], count)
    return LinearProgram(
        cost=np.array(cost, dtype=float),
        lower=np.zeros(count) if lower is None else np.array(lower, dtype=float),
        upper=np.array(upper, dtype=float),
        row_lower=np.array([low for low, _, _ in rows], dtype=float),
        row_upper=np.array([high for _, _, high in rows], dtype=float),
        starts=starts,
        rows=ordered,
        values=values,
        columns_index=_index("x", column_keys or [f"c{j}" for j in range(count)]),
        rows_index=_index("row", row_keys or [f"r{i}" for i in range(len(rows))]),
        integer=np.isin(np.arange(count), list(integer)),
        offset=offset,
    )


def _index(family: str, keys: Sequence[str]) -> Index:
    return Index((Family(family, 0, (np.array(keys, dtype=object),)),))


def knapsack(count: int, seed: int) -> LinearProgram:
    """A mixed-integer program that no solver finishes at once: strongly correlated knapsacks."""
    rng = np.random.default_rng(seed)
    weights = rng.integers(200, 1000, size=(8, count)).astype(float)
    worth = weights.mean(axis=0).round() + 100
    rows = [(-INF, weight.tolist(), float(weight.sum() // 2)) for weight in weights]
    return program((-worth).tolist(), [1] * count, rows, integer=range(count))
