"""Suppression: which numbers and sums of numbers to withhold so that no small one follows from the open ones.

Numbers are those of a table with margins: cells, sums over cells, and sums of sums. Each sum is an equation. A small
number is safe if the equations and all open numbers do not determine it. The rule is that of complementary cell
suppression (Willenborg and de Waal, Elements of Statistical Disclosure Control, 2001); exactness is judged from the row
space of the equations, restricted to what is withheld.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from allocate.town.arrays import Bools, Floats, Ints

# A leverage this near to one is one: the number is determined.
_DETERMINED = 1e-7
_ZERO = 1e-9


class Sums:
    """Numbers (rows) in several plans (columns), sums over them, and the equations between these.

    The first rows are the cells; ``add`` makes further ones.
    """

    def __init__(self, values: Floats, threshold: float) -> None:
        self.threshold = threshold
        self._values = list(values)
        self._always_open: set[int] = set()
        self._equations: list[tuple[int, Ints]] = []

    def add(self, cells: Ints, *, published: bool = False) -> int:
        """A number that is the sum of these cells; ``published``: it is never withheld. Returns its row."""
        self._values.append(np.sum([self._values[cell] for cell in cells], axis=0))
        row = len(self._values) - 1
        if published:
            self._always_open.add(row)
        self.equate(row, cells)
        return row

    def divide(self, label: np.ndarray) -> dict[str, int]:
        """The sum of the cells of each label: label -> row. Cells with a blank label make a group of their own."""
        return {str(name): self.add(np.flatnonzero(label == name)) for name in sorted(set(label.tolist()))}

    def equate(self, total: int, parts: Sequence[int] | Ints) -> None:
        """Say that a number is the sum of others."""
        self._equations.append((total, np.asarray(parts, dtype=np.intp)))

    def small(self) -> Bools:
        """Which numbers are those of fewer than ``threshold`` in some plan (none at all is not small)."""
        values = np.array(self._values)
        found: Bools = ((values > 0) & (values < self.threshold)).any(axis=1)
        found[list(self._always_open)] = False
        return found

    def withheld(self) -> Bools:
        """All numbers to withhold: the small ones and those that protect them."""
        values = np.array(self._values)
        size = np.where(values > 0, values, np.inf).min(axis=1)
        small = self.small()
        hidden = small.copy()
        while True:
            self._close(values, size, hidden)
            told = np.flatnonzero(self._determined(values, hidden) & small)
            if not any(self._protect(int(one), size, hidden) for one in told):
                return hidden

    def _close(self, values: Floats, size: Floats, hidden: Bools) -> None:
        """Withhold until no single equation tells what it withholds, or a remainder below the threshold."""
        changed = True
        while changed:
            changed = False
            for total, parts in self._equations:
                while self._tells(values, hidden, total, parts) and self._hide_one(total, parts, size, hidden):
                    changed = True

    def _tells(self, values: Floats, hidden: Bools, total: int, parts: Ints) -> bool:
        """Whether what is withheld of one equation follows from its open side in some plan."""
        inside = parts[hidden[parts]]
        if hidden[total]:
            # The sum of parts that are all open is known.
            return not len(inside)
        rest = values[inside]
        count = (rest > 0).sum(axis=0)
        remainder = rest.sum(axis=0)
        return bool(((count == 1) | ((count > 1) & (remainder < self.threshold))).any())

    def _hide_one(self, total: int, parts: Ints, size: Floats, hidden: Bools) -> bool:
        """Withhold the smallest open part, or the sum where none is left; False if nothing can be done."""
        choice = parts[~hidden[parts] & np.isfinite(size[parts])]
        choice = choice[~np.isin(choice, list(self._always_open))]
        if len(choice):
            hidden[choice[np.argmin(size[choice])]] = True
            return True
        if hidden[total] or total in self._always_open:
            return False
        hidden[total] = True
        return True

    def _determined(self, values: Floats, hidden: Bools) -> Bools:
        """Which withheld numbers follow, in some plan, from all open ones and all equations together.

        Where a plan has nothing to count that is taken to be known.
        """
        unknown = np.unique(hidden[:, None] & (values > 0), axis=1)
        found: Bools = np.any([self._told(one) for one in unknown.T], axis=0)
        return found

    def _told(self, unknown: Bools) -> Bools:
        """Which of the unknown numbers the equations determine.

        An unknown x_j is determined exactly if the unit vector e_j lies in the row space of the equations' unknown
        columns: its leverage there is one.
        """
        found = np.zeros(len(unknown), dtype=bool)
        columns = np.flatnonzero(unknown)
        place = np.full(len(unknown), -1)
        place[columns] = np.arange(len(columns))
        rows = np.zeros((len(self._equations), len(columns)))
        for number, (total, parts) in enumerate(self._equations):
            rows[number, place[parts[unknown[parts]]]] = 1.0
            if unknown[total]:
                rows[number, place[total]] = -1.0
        rows = rows[rows.any(axis=1)]
        if rows.size:
            length, vectors = np.linalg.eigh(rows @ rows.T)
            used = length > _ZERO * max(1.0, float(length.max()))
            leverage = ((vectors[:, used].T @ rows) ** 2 / length[used, None]).sum(axis=0)
            found[columns] = leverage > 1.0 - _DETERMINED
        return found

    def _protect(self, told: int, size: Floats, hidden: Bools) -> bool:
        """Withhold one more number: of a sum that holds ``told``, else the smallest there is; False if none is left."""
        for total, parts in self._equations:
            if (total == told or told in parts) and self._hide_one(total, parts, size, hidden):
                return True
        choice = np.flatnonzero(~hidden & np.isfinite(size))
        choice = choice[~np.isin(choice, list(self._always_open))]
        hidden[choice[np.argsort(size[choice])][:1]] = True
        return len(choice) > 0
