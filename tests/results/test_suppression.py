"""Suppression: what else is withheld so that a small number does not follow."""

from __future__ import annotations

import numpy as np

from allocate.results.suppression import Sums


def test_a_number_that_follows_is_protected_by_one_of_its_own_sum() -> None:
    """Two sums of two cells each: 20 is protected by 30 beside it, not by the smaller numbers of the other sum."""
    sums = Sums(np.array([[3.0], [10.0], [20.0], [30.0]]), 5)
    sums.add(np.array([0, 1]))
    sums.add(np.array([2, 3]))
    hidden = np.array([False, False, True, False, False, False])
    size = np.array([3.0, 10.0, 20.0, 30.0, 13.0, 50.0])
    assert sums._protect(2, size, hidden)
    assert np.flatnonzero(hidden).tolist() == [2, 3]
    # Where its own sum has nothing left to withhold, the smallest number there is.
    assert sums._protect(2, size, hidden) and np.flatnonzero(hidden).tolist() == [2, 3, 5]
    assert sums._protect(2, size, hidden) and np.flatnonzero(hidden).tolist() == [0, 2, 3, 5]
