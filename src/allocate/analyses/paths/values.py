"""Values of a path: what a little more or less money in a pot is worth in each of its years.

A pot that may carry money over can use a euro of one year in the next; another cannot, so that the same euro is worth
different amounts in different years. Every value is measured by solving the whole path again with that money.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from allocate.analyses.margins.marginal import PLACES_STEP, STEP
from allocate.analyses.remarks import Remark, said
from allocate.analyses.transition.horizon import Span, horizon, span_of
from allocate.analyses.transition.path_tables import pots_table
from allocate.analyses.transition.solve_path import Solved, solve
from allocate.bench.resolve import NOTHING
from allocate.errors import UsageError
from allocate.inputs.in_places import is_in_places
from allocate.language import euro
from allocate.model.path import family_of
from allocate.model.rules.pot import POT_ROWS
from allocate.results.columns import Columns
from allocate.results.told import Told
from allocate.session import Session
from allocate.solve.loaded import LoadedProgram
from allocate.solve.solution import Status

VALUE_COLUMNS = Columns(
    "year", "pot_id", "more_value", "less_value", "objective_gain", "objective_loss", "free_eur", "carry_on_eur",
    "amount_eur", "spent_eur",
)  # fmt: skip
_FILE = "paths/texts.csv"
# Gains closer than this, as a share, are the same.
SAME = 1e-4


@dataclass(frozen=True, eq=False, repr=False)
class PathValues(Told):
    """What ``step_eur`` more or less in every pot and year are worth (``pots``: ``VALUE_COLUMNS``).

    In objective points of the path, the mean of its years; ``more_value`` and ``less_value`` by the euro.
    ``objective_loss`` is NaN where the pot holds less than the step or no path is left without it.
    """

    JSON: ClassVar = ("scenario_id", "*span.ends", "objective", "step_eur", "messages", "pots")

    scenario_id: str
    span: Span
    step_eur: float
    objective: float
    pots: pd.DataFrame

    def messages(self, lang: str = "en") -> list[str]:
        """Where a step does most."""
        values = {**self.span.words, "step": euro(self.step_eur, lang)}
        remarks = [Remark(_FILE, "values", values)]
        useful = self.pots[self.pots["objective_gain"] > 0]
        if useful.empty:
            remarks.append(Remark(_FILE, "values.none", values))
        else:
            most = float(useful["objective_gain"].max())
            best = useful[useful["objective_gain"] >= most * (1 - SAME)]
            values |= {"pot": best["pot_id"].iloc[0], "year": str(best["year"].iloc[0]), "count": len(best) - 1}
            remarks.append(Remark(_FILE, "values.best" if len(best) == 1 else "values.alike", values))
        return said(tuple(remarks), lang)


def path_values(
    session: Session,
    scenario_id: str,
    years: tuple[int, int] | None,
    *,
    step_eur: float | None = None,
    decided: int | None = None,
    busy: Callable[[str], None] = lambda _year: None,
) -> PathValues:
    """The values of the pots of a scenario's path, year by year; the step is that of ``marginal``.

    Raises ``UsageError`` (``span_of``, path-divisible, path-judged, no-path, step-not-positive) and
    ``CertificateError``.
    """
    if step_eur is None:
        step_eur = PLACES_STEP if is_in_places(session.case) else STEP
    if not (step_eur > 0 and np.isfinite(step_eur)):
        raise UsageError("step-not-positive", step=f"{step_eur:g}")
    span = span_of(session.case, scenario_id, years, decided)
    ahead = horizon(session.case, scenario_id, span)
    solved = solve(ahead, session.limits)
    if solved is None:
        raise UsageError("no-path", scenario=scenario_id, year=span.years[-1])
    held = _Held(solved, LoadedProgram(solved.program, session.limits))
    rows = []
    for place, year in enumerate(span.years):
        busy(str(year))
        for pot, id in enumerate(solved.path.compiled[0].town.pots.tolist()):
            gain, loss = held.gain(place, pot, step_eur), held.gain(place, pot, -step_eur)
            rows.append(
                {
                    "year": year,
                    "pot_id": id,
                    "more_value": gain / step_eur,
                    "less_value": -loss / step_eur,
                    "objective_gain": gain,
                    "objective_loss": -loss,
                }
            )
    money = pots_table(ahead, solved)[["year", "pot_id", "amount_eur", "spent_eur", "carry_on_eur", "free_eur"]]
    table = pd.DataFrame(rows).merge(money, on=["year", "pot_id"])[list(VALUE_COLUMNS)]
    return PathValues(scenario_id, span, step_eur, solved.value, table)


class _Held:
    """The program of a path in the solver, asked again with other amounts."""

    def __init__(self, solved: Solved, loaded: LoadedProgram) -> None:
        self.path, self.loaded = solved.path, loaded
        self.program = solved.program
        self.best = loaded.solve().value

    def gain(self, place: int, pot: int, step: float) -> float:
        """How much better the path is with ``step`` EUR more in a pot in a year; NaN where there is none."""
        town, kept = self.path.compiled[place].town, self.path.links.kept
        if town.pot_amount[pot] + step < 0:
            return float("nan")
        rows = self._rows(POT_ROWS, place, pot)
        more = [(row, step) for row in rows]
        more += [(row, step * float(kept[pot])) for row in self._rows("carry", place, pot)]
        numbers = np.array([row for row, _ in more], dtype=np.int64)
        change = np.array([amount for _, amount in more])
        with self.loaded.what_if():
            upper = self.program.row_upper[numbers] + change
            self.loaded.change_row_bounds(numbers, self.program.row_lower[numbers], upper)
            columns = self._carried(place, pot)
            most = np.minimum(self.program.upper[columns] + max(step, 0.0), self.path.links.most_kept[pot])
            self.loaded.change_bounds(columns, self.program.lower[columns], most)
            found = self.loaded.solve()
        if found.status is not Status.OPTIMAL:
            return float("nan")
        worth = float(found.value - self.best)
        return worth if abs(worth) > NOTHING else 0.0

    def _rows(self, family: str, place: int, pot: int) -> list[int]:
        """The rows of a pot in a family of a year, which the path may lack."""
        name, index = family_of(self.path.years[place], family), self.program.rows_index
        if name not in index:
            return []
        own = np.flatnonzero(index[name].keys[0] == self.path.compiled[place].town.pots[pot])
        return [int(index[name].start + row) for row in own]

    def _carried(self, place: int, pot: int) -> np.ndarray:
        """The columns of what a pot carries out of this and the later years."""
        index, found = self.program.columns_index, []
        for later in range(place, len(self.path.years)):
            name = family_of(self.path.years[later], "carried")
            if name in index:
                own = np.flatnonzero(index[name].keys[0] == self.path.compiled[0].town.pots[pot])
                found += [int(index[name].start + number) for number in own]
        return np.array(found, dtype=np.int64)
